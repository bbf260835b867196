"""The uplink of a node: joins its parent, connects, and tries again after failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random, SystemRandom

import structlog

from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.identity.enrolment import (
    Enrolment,
    EnrolmentStore,
    accept_enrolment,
    enrolment_request,
)
from federation.identity.tokens import JoinTicket
from federation.model.indicator import Text
from federation.outbox.store import Outbox, StreamStats
from federation.transports import Transport
from federation.uplink.conversation import Conversation, Node, lanes_of
from federation.uplink.lane import Lane, Phase
from federation.uplink.link import Link
from federation.uplink.pacing import Backoff, Credits
from federation.uplink.settings import UplinkSettings
from federation.uplink.status import StreamState, StreamStatus, UplinkStatus

ReadTicket = Callable[[], JoinTicket | None]

log = structlog.get_logger(__name__)


class Uplink:
    """Keeps a node in step with its parent for as long as ``run`` runs.

    The promise: whatever breaks — link, parent, either database, this process — it
    goes on by itself once that is whole again, and what it reports as acknowledged is
    committed at the parent.

    Args:
        node: Who we are.
        transport: The way to the parent.
        outbox: What is to be sent.
        enrolments: What is known of the parent.
        read_ticket: Gives the join ticket, or None where there is none (any more).
            Asked at every start, so that a new token can bring new areas.
        clock: Wall clock.
        settings: Times and limits.
        random: For the jitter of waits.
    """

    def __init__(
        self,
        *,
        node: Node,
        transport: Transport,
        outbox: Outbox,
        enrolments: EnrolmentStore,
        read_ticket: ReadTicket,
        clock: Clock,
        settings: UplinkSettings | None = None,
        random: Random | None = None,
    ) -> None:
        self._node = node
        self._transport = transport
        self._outbox = outbox
        self._enrolments = enrolments
        self._read_ticket = read_ticket
        self._clock = clock
        self._settings = settings or UplinkSettings()
        self._random = random or SystemRandom()
        self._backoff = Backoff(
            min_s=self._settings.backoff_min_s,
            max_s=self._settings.backoff_max_s,
            random=self._random,
        )
        self._ticket_shown = False
        self._running = False
        self._link: Link | None = None
        self._talk: Conversation | None = None
        self._connected_since: datetime | None = None
        self._error: FederationError | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        self._running = True
        try:
            async with self._outbox.watching(self._wake), asyncio.TaskGroup() as tasks:
                tasks.create_task(self._stay_connected())
                tasks.create_task(self._prune())
        finally:
            self._running = False
            await self._transport.close()

    def _wake(self, stream: str | None) -> None:
        if self._talk is not None:
            self._talk.wake(stream)

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._hold_link()
            except FederationError as error:
                wait_s = self._wait_after(error)
                self._tell(error, wait_s)
            await asyncio.sleep(wait_s)

    async def _hold_link(self) -> None:
        """Connect once and stay until the link ends, which it does with an error."""
        enrolment = await self._joined()
        assignments = {
            stream: each
            for stream, each in (await self._enrolments.assignments()).items()
            if each.node == self._node.id
        }
        for stream in assignments:
            await self._outbox.add_stream(stream)
        connection = await self._transport.connect()
        credits_ = Credits(frames_max=1, bytes_max=0)
        self._talk = Conversation(
            node=self._node,
            enrolment=enrolment,
            parent=enrolment.verifier,
            enrolments=self._enrolments,
            assignments=assignments,
            outbox=self._outbox,
            clock=self._clock,
            settings=self._settings,
            credits=credits_,
            lanes=lanes_of(sorted(assignments), self._settings, credits_, self._random),
            on_acknowledged=self._acknowledged,
        )
        self._link = Link(connection, self._talk)
        self._connected_since = self._clock.now()
        try:
            await self._link.run()
        finally:
            self._link = None
            self._connected_since = None

    async def _joined(self) -> Enrolment:
        """Return the parent; join it first where that was not done.

        A ticket is shown once at every start: it may name a new area.
        """
        enrolment = await self._enrolments.load()
        if enrolment is not None and self._ticket_shown:
            return enrolment
        try:
            ticket = self._read_ticket()
        except FederationError as error:
            if enrolment is None:
                raise
            # What was joined stays joined, whatever became of the file.
            log.warning("uplink_ticket_unreadable", why=error.text_en)
            return enrolment
        if ticket is None:
            if enrolment is None:
                raise _no_ticket(self._node.id)
            return enrolment
        request = enrolment_request(
            self._node.signer,
            node=self._node.id,
            ticket=ticket,
            software_version=self._node.software_version,
        )
        response = await self._transport.enroll(request)
        try:
            joined = await accept_enrolment(
                response,
                node=self._node.id,
                ticket=ticket,
                store=self._enrolments,
                clock=self._clock,
            )
        except FederationError as error:
            if enrolment is None or error.retriable:
                raise
            # An old ticket does not undo what it once brought.
            log.info("uplink_ticket_not_taken", why=error.text_en)
            joined = enrolment
        self._ticket_shown = True
        return joined

    def _acknowledged(self) -> None:
        self._backoff.reset()
        if self._error is not None:
            log.info("uplink_restored", node=self._node.id)
        self._error = None

    def _wait_after(self, error: FederationError) -> float:
        if error.code is ErrorCode.CONFIGURATION:
            return self._settings.poll_interval_s
        if error.code is not ErrorCode.REFUSED_BY_PARENT:
            return self._backoff.next_s()
        if error.retry_after_s is None:
            return self._settings.refused_retry_interval_s
        return max(error.retry_after_s, self._backoff.next_s())

    def _tell(self, error: FederationError, wait_s: float) -> None:
        """Log a loss once, not again at every try."""
        if self._error is None or self._error.code is not error.code:
            log.warning(
                "uplink_lost",
                node=self._node.id,
                code=error.code.value,
                why=error.text_en,
                wait_s=round(wait_s, 3),
            )
        self._error = error

    async def _prune(self) -> None:
        while True:
            try:
                removed = await self._outbox.prune()
            except FederationError as error:
                if not error.retriable:
                    raise
                removed = 0
            if removed:
                log.info("outbox_pruned", frames=removed)
            await asyncio.sleep(self._settings.prune_interval_s)

    async def status(self) -> UplinkStatus:
        """Return what a person is shown.

        Raises:
            StorageError: The own database does not answer.
        """
        enrolment = await self._enrolments.load()
        parent = "" if enrolment is None else enrolment.parent
        streams = [
            self._stream_status(parent, await self._outbox.stats(stream))
            for stream, each in sorted((await self._enrolments.assignments()).items())
            if each.node == self._node.id
        ]
        offset_us = None if self._link is None else self._link.clock_offset_us
        return UplinkStatus(
            state=self._state(),
            parent=parent,
            connected_since=self._connected_since,
            clock_offset_s=None if offset_us is None else offset_us / 1e6,
            last_error=_text(self._error),
            streams=tuple(streams),
        )

    def _state(self) -> StreamState:
        if not self._running:
            return StreamState.STOPPED
        if self._link is not None and self._link.open:
            return StreamState.CONNECTED
        if self._error is not None and self._error.code in _FOR_A_PERSON:
            return StreamState.REFUSED
        return StreamState.CONNECTING

    def _stream_status(self, parent: str, stats: StreamStats) -> StreamStatus:
        positions = stats.positions
        lane = None if self._talk is None else self._talk.lanes.get(stats.stream)
        error = (None if lane is None else lane.error) or self._error
        acknowledged = positions.acknowledged.sequence
        if lane is not None and self._link is not None and lane.phase is Phase.LIVE:
            # A restored parent may hold less than it once acknowledged.
            acknowledged = lane.cursor.sequence
            # Why the link was down before is no news once the parent welcomed us.
            error = lane.error
        return StreamStatus(
            stream=stats.stream,
            parent=parent,
            state=self._lane_state(lane),
            epoch=positions.sealed.epoch,
            sealed=positions.sealed.sequence,
            acknowledged=acknowledged,
            pending_rows=stats.pending_rows,
            oldest_pending_at=stats.oldest_pending_at,
            last_acknowledged_at=positions.acknowledged_at,
            last_error=_text(error),
            set_aside=0 if lane is None else lane.set_aside,
        )

    def _lane_state(self, lane: Lane | None) -> StreamState:
        state = self._state()
        if state is not StreamState.CONNECTED or lane is None:
            return state
        if lane.refused:
            return StreamState.REFUSED
        return state if lane.phase is Phase.LIVE else StreamState.CONNECTING


_FOR_A_PERSON = {ErrorCode.REFUSED_BY_PARENT, ErrorCode.CONFIGURATION}


def _text(error: FederationError | None) -> Text | None:
    return None if error is None else Text(vi=error.text_vi, en=error.text_en)


def _no_ticket(node: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Nút {node} chưa tham gia cấp trên và không có mã tham gia. Xin mã ở cấp trên "
        "và đặt tệp mã vào đường dẫn parent.token_file trong cấu hình.",
        f"Node {node} has not joined a parent and has no join token. Ask the parent "
        "for one and put its file where parent.token_file of the configuration says.",
        {"node": node},
    )
