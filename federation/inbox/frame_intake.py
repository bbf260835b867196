"""From the bytes of frames to their acknowledgement.

What fails before the signature is verified is refused and leaves nothing but a log
line. What fails after it is genuine and bad: it goes to the dead letters with its
reason, and its stream goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from federation.identity.registry import ChildNode
from federation.inbox.judgement import Outcome, Verdict
from federation.inbox.records import Arrival, Fault
from federation.inbox.services import (
    LinkRefusedError,
    OpenStream,
    Services,
    refuse,
    unavailable,
)
from federation.inbox.telling import Telling
from federation.storage.errors import StorageError
from federation.wire.frames import check_payload, read_header, verify_frame
from federation.wire.refusal import RefusalCode, WireError, wire_error
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb

_REFUSED_FOR = {
    Verdict.STALE: RefusalCode.EPOCH_STALE,
    Verdict.BROKEN: RefusalCode.CHAIN_BROKEN,
    Verdict.FENCED: RefusalCode.FENCED,
}


class FrameIntake:
    """Takes in the frames of one node's link."""

    def __init__(
        self,
        services: Services,
        node: ChildNode,
        *,
        streams: Mapping[str, OpenStream],
        telling: Telling,
    ) -> None:
        """Begin for a node; ``streams`` is the link's own view of its hellos."""
        self._services = services
        self._node = node
        self._verify = node.verifier.verify
        self._streams = streams
        self._telling = telling

    async def take(self, frames: Sequence[frame_pb2.Frame]) -> list[pb.LinkResponse]:
        """Return the answers to frames; all that are good share one commit.

        Raises:
            LinkRefusedError: A frame that nothing is known of, not even its stream.
        """
        answers: list[pb.LinkResponse] = []
        arrivals: list[Arrival] = []
        for frame in frames:
            try:
                arrival = self._arrival(frame)
            except WireError as error:
                answers.append(self._refuse(error))
            else:
                arrivals += [arrival] if arrival else []
            # Unpacking a big frame takes milliseconds; other links wait for their turn.
            await asyncio.sleep(0)
        return answers + await self._commit(arrivals)

    def _arrival(self, message: frame_pb2.Frame) -> Arrival | None:
        """Return a genuine frame; None when its stream is stopped.

        Raises:
            WireError: Nothing of the frame may be kept; ``where`` names the stream
                as far as it can be known.
        """
        if message.key_id != self._node.key_id:
            stream = read_header(message.body).stream
            raise wire_error(RefusalCode.KEY_UNKNOWN, stream=stream)
        genuine = verify_frame(
            message.body, message.signature, message.key_id, verify=self._verify
        )
        frame = genuine.frame
        opened = self._streams.get(frame.stream)
        if opened is None:
            raise wire_error(RefusalCode.HELLO_REQUIRED, stream=frame.stream)
        if opened.stopped:
            return None
        fault = None
        try:
            check_payload(genuine)
        except WireError as error:
            fault = Fault(code=error.refusal, detail=error.text_en)
        return Arrival(
            frame=frame,
            node=self._node.id,
            fence=opened.assignment.fence,
            fault=fault,
        )

    def _refuse(self, error: WireError) -> pb.LinkResponse:
        stream = str(error.where.get("stream", ""))
        if not stream:
            raise LinkRefusedError(error)
        if opened := self._streams.get(stream):
            opened.stopped = True
        return refuse(error, node=self._node.id, stream=stream)

    async def _commit(self, arrivals: Sequence[Arrival]) -> list[pb.LinkResponse]:
        if not arrivals:
            return []
        store, now = self._services.store, self._services.clock.now()
        try:
            try:
                outcomes = await store.commit(arrivals, now=now)
            except StorageError:
                # The commit may have happened. Trying again reads the cursor first,
                # and what landed is then a duplicate, acknowledged as such.
                outcomes = await store.commit(arrivals, now=now)
        except StorageError as error:
            told = unavailable(error, node=self._node.id)
            streams = sorted({each.frame.stream for each in arrivals})
            return [refuse(told, node=self._node.id, stream=each) for each in streams]
        answers = [
            answer
            for stream, outcome in outcomes.items()
            for answer in self._answers(self._streams[stream], outcome)
        ]
        if any(arrival.fault for arrival in arrivals):
            answers += await self._tell()
        return answers

    async def _tell(self) -> list[pb.LinkResponse]:
        try:
            return await self._telling.tell()
        except StorageError as error:
            # The frames are committed; what was set aside is told by the next tick.
            unavailable(error, node=self._node.id)
            return []

    def _answers(self, opened: OpenStream, outcome: Outcome) -> list[pb.LinkResponse]:
        opened.cursor = outcome.cursor
        answers: list[pb.LinkResponse] = []
        if outcome.acknowledged:
            opened.gap_asked_at = None
            answers.append(self._services.acknowledgement(outcome.cursor))
        if outcome.stopped_by is Verdict.AHEAD:
            answers += self._ask_for_gap(opened)
        elif outcome.stopped_by and outcome.stopped_at:
            opened.stopped = True
            answers.append(
                refuse(
                    wire_error(_REFUSED_FOR[outcome.stopped_by]),
                    node=self._node.id,
                    stream=outcome.cursor.stream,
                    position=outcome.stopped_at.position,
                )
            )
        return answers

    def _ask_for_gap(self, opened: OpenStream) -> list[pb.LinkResponse]:
        """Ask once for a gap: all that is under way behind it shows the same gap."""
        now = self._services.clock.now()
        patience = timedelta(seconds=self._services.limits.gap_patience_s)
        if opened.gap_asked_at and now - opened.gap_asked_at < patience:
            return []
        opened.gap_asked_at = now
        cursor = opened.cursor
        return [
            pb.LinkResponse(
                need_from=pb.NeedFrom(
                    stream=cursor.stream, cursor=cursor.position.message()
                )
            )
        ]
