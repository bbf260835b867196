"""One link, from ``Open`` to its end.

Three tasks share it: one reads, one says hello and sends frames, one keeps watch over
silence and deadlines. The first that fails ends the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets

from federation.clock import to_us
from federation.identity.enrolment import challenge_is_genuine, refused_by_parent
from federation.identity.signatures import NONCE_BYTES
from federation.outbox.store import nonsense
from federation.transports import Connection, TransportError, closed
from federation.uplink.answers import take
from federation.uplink.conversation import Conversation, now_s
from federation.uplink.lane import Phase
from federation.uplink.sending import send_all
from federation.wire.frames import PROTOCOL_VERSION
from federation.wire.v1 import uplink_pb2 as pb


class Link:
    """One connection's life; made for one use."""

    def __init__(self, connection: Connection, talk: Conversation) -> None:
        self._connection = connection
        self._talk = talk
        self._sending = asyncio.Lock()
        self._heartbeat_interval_s = talk.settings.heartbeat_interval_s
        self._heard_at_s = now_s()
        self._own_heartbeat_us = 0
        self._their_heartbeat_us = 0
        self._their_heartbeat_at_us = 0
        self.open = False
        """Whether the parent proved who it is, and the link stands."""
        self.clock_offset_us: int | None = None
        """Parent's clock minus ours, once measured."""

    async def run(self) -> None:
        """Hold the link until it ends, which it always does with an error.

        Raises:
            TransportError: It broke, fell silent, or the parent ended it.
            FederationError: The parent refused or answered nonsense, or the own
                database failed.
        """
        try:
            await self._shake_hands()
            self.open = True
            await self._hold()
        finally:
            self.open = False
            await self._connection.close()

    async def _hold(self) -> None:
        tasks = {
            asyncio.create_task(self._read()),
            asyncio.create_task(send_all(self._talk, self._send)),
            asyncio.create_task(self._keep_watch()),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            await self._say_goodbye()
            raise
        finally:
            for task in tasks:
                task.cancel()
            # Not ``gather``: it would leave one that is slow to end behind.
            await asyncio.wait(tasks)

    async def _send(self, message: pb.LinkRequest) -> None:
        """Send one message at a time: a call takes no two writes at once."""
        async with self._sending:
            await self._connection.send(message)

    async def _say_goodbye(self) -> None:
        goodbye = pb.LinkRequest(goodbye=pb.Goodbye(reason="shutdown"))
        with contextlib.suppress(TransportError, TimeoutError):
            async with asyncio.timeout(self._talk.settings.goodbye_timeout_s):
                await self._send(goodbye)

    async def _shake_hands(self) -> None:
        talk = self._talk
        opened = pb.Open(
            node=talk.node.id,
            key_id=talk.node.signer.key_id,
            boot_id=talk.node.boot_id,
            protocol_versions=[PROTOCOL_VERSION],
            software_version=talk.node.software_version,
            nonce=secrets.token_bytes(NONCE_BYTES),
            sent_at_us=self._now_us(),
        )
        try:
            async with asyncio.timeout(talk.settings.answer_timeout_s):
                await self._send(pb.LinkRequest(open=opened))
                response = await self._connection.receive()
        except TimeoutError as error:
            raise closed(talk.enrolment.parent, "no challenge") from error
        match response.WhichOneof("message"):
            case "challenge":
                self._take_challenge(opened, response.challenge)
            case "refusal":
                raise refused_by_parent(response.refusal)
            case "goodbye":
                raise closed(talk.enrolment.parent, response.goodbye.reason)
            case other:
                raise nonsense("", f"{other} before challenge", f"{other} quá sớm")

    def _take_challenge(self, opened: pb.Open, challenge: pb.Challenge) -> None:
        talk = self._talk
        if not challenge_is_genuine(talk.enrolment, opened, challenge):
            raise nonsense("", "its key is not the one we joined", "khóa không đúng")
        if (
            challenge.protocol_version != PROTOCOL_VERSION
            or len(challenge.nonce) != NONCE_BYTES
        ):
            raise nonsense("", "unknown protocol or nonce", "giao thức không biết")
        talk.nonce = challenge.nonce
        talk.credits.frames_max = challenge.credit.frames
        talk.credits.bytes_max = challenge.credit.bytes
        if challenge.heartbeat_interval_s:
            self._heartbeat_interval_s = challenge.heartbeat_interval_s
        self._heard_at_s = now_s()
        self._measure_clock(
            opened.sent_at_us, challenge.received_at_us, challenge.sent_at_us
        )

    async def _read(self) -> None:
        while True:
            response = await self._connection.receive()
            self._heard_at_s = now_s()
            if response.WhichOneof("message") == "heartbeat":
                self._take_heartbeat(response.heartbeat)
            else:
                await take(self._talk, response)

    def _take_heartbeat(self, heartbeat: pb.Heartbeat) -> None:
        self._their_heartbeat_us = heartbeat.sent_at_us
        self._their_heartbeat_at_us = self._now_us()
        if heartbeat.echo_sent_at_us == self._own_heartbeat_us != 0:
            self._measure_clock(
                heartbeat.echo_sent_at_us,
                heartbeat.echo_received_at_us,
                heartbeat.sent_at_us,
            )
        # A quiet link in good order has nothing to be acknowledged.
        if all(lane.in_step() for lane in self._talk.lanes.values()):
            self._talk.on_acknowledged()

    def _measure_clock(self, sent_us: int, received_us: int, answered_us: int) -> None:
        back_us = self._now_us()
        self.clock_offset_us = ((received_us - sent_us) + (answered_us - back_us)) // 2

    def _now_us(self) -> int:
        return to_us(self._talk.clock.now())

    async def _keep_watch(self) -> None:
        """Send heartbeats; end a link that is silent or leaves something unanswered."""
        settings, interval_s = self._talk.settings, self._heartbeat_interval_s
        tick_s = (
            min(
                interval_s,
                settings.answer_timeout_s,
                settings.acknowledgement_timeout_s,
            )
            / 4
        )
        beat_at_s = now_s()
        while True:
            if now_s() >= beat_at_s:
                beat_at_s = now_s() + interval_s
                await self._send_heartbeat()
            self._check_deadlines()
            await asyncio.sleep(tick_s)

    async def _send_heartbeat(self) -> None:
        self._own_heartbeat_us = self._now_us()
        heartbeat = pb.Heartbeat(
            sent_at_us=self._own_heartbeat_us,
            echo_sent_at_us=self._their_heartbeat_us,
            echo_received_at_us=self._their_heartbeat_at_us,
        )
        await self._send(pb.LinkRequest(heartbeat=heartbeat))

    def _check_deadlines(self) -> None:
        for reason in self._overdue():
            raise closed(self._talk.enrolment.parent, reason)

    def _overdue(self) -> list[str]:
        settings, now = self._talk.settings, now_s()
        silent_s = self._heartbeat_interval_s * settings.heartbeats_missed_max
        reasons = ["silent"] if now - self._heard_at_s > silent_s else []
        for lane in self._talk.lanes.values():
            if lane.answer_due_s is not None and now > lane.answer_due_s:
                reasons.append(f"no answer about {lane.stream}")
            sent_at_s = lane.oldest_sent_at_s()
            if (
                lane.phase is Phase.LIVE
                and sent_at_s is not None
                and now - sent_at_s > settings.acknowledgement_timeout_s
            ):
                reasons.append(f"no acknowledgement for {lane.stream}")
        return reasons
