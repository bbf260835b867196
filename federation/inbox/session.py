"""The conversation of one link, without a transport, a queue or a task.

``take`` is given the child's messages and returns the parent's; ``tick`` is called once
in every heartbeat interval. All that is stored goes through the store and the registry,
so the same session runs over gRPC, over a broker and in a simulation.

Order of a link: Open → Challenge; for each stream Hello → Welcome (→ EpochRequest →
EpochGrant); then frames.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence

import structlog

from federation.clock import to_us
from federation.identity.documents import ChainPosition
from federation.identity.registry import ChildNode
from federation.identity.signatures import BOOT_ID_BYTES, NONCE_BYTES
from federation.inbox.frame_intake import FrameIntake
from federation.inbox.handshake import (
    assignment_of_hello,
    challenge,
    check_open,
    standing,
)
from federation.inbox.records import LinkState
from federation.inbox.services import (
    LinkRefusedError,
    OpenStream,
    Services,
    refuse,
    unavailable,
)
from federation.inbox.telling import Telling
from federation.storage.errors import StorageError
from federation.wire.refusal import RefusalCode, WireError, wire_error
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb

log = structlog.get_logger(__name__)


class InboxSession:
    """One link of one node; see the module."""

    def __init__(
        self,
        services: Services,
        *,
        joined: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin before the first message.

        Args:
            services: What the parent works with.
            joined: Called once, when the first genuine hello has told who this is.
        """
        self._services = services
        self._joined = joined
        self._opened = pb.Open()
        self._opened_at = services.clock.now()
        self._node: ChildNode | None = None
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._link_id = secrets.token_bytes(BOOT_ID_BYTES)
        self._streams: dict[str, OpenStream] = {}
        self._telling = Telling(services, self._streams)
        self._heard: pb.Heartbeat | None = None
        self._heard_at = self._opened_at
        self._clock_offset_us: int | None = None
        self.authenticated = False
        """True from the first genuine hello on."""
        self.closed = False
        """True when nothing more is to be taken: the transport ends the link."""

    @property
    def node(self) -> str:
        """Return the id the child gave; genuine once ``authenticated``."""
        return self._opened.node

    async def take(self, requests: Sequence[pb.LinkRequest]) -> list[pb.LinkResponse]:
        """Return the answers to some messages; frames in a row share a commit."""
        answers: list[pb.LinkResponse] = []
        frames: list[frame_pb2.Frame] = []
        try:
            for request in requests:
                if request.WhichOneof("message") == "frame":
                    frames.append(request.frame)
                    continue
                answers += await self._take_frames(frames)
                frames = []
                answers += await self._take_one(request)
                if self.closed:
                    return answers
            answers += await self._take_frames(frames)
        except LinkRefusedError as refused:
            answers.append(self._refuse_link(refused.error))
        except StorageError as error:
            answers.append(self._refuse_link(unavailable(error, node=self.node)))
        return answers

    async def tick(self) -> list[pb.LinkResponse]:
        """Return what is due once in a heartbeat interval."""
        if self._node is None:
            return []
        answers: list[pb.LinkResponse] = []
        try:
            await self._check_standing(self._node)
            answers += await self._telling.tell()
        except WireError as error:
            return [self._refuse_link(error)]
        except StorageError as error:
            unavailable(error, node=self.node)
        beat = pb.Heartbeat(sent_at_us=to_us(self._services.clock.now()))
        if self._heard:
            beat.echo_sent_at_us = self._heard.sent_at_us
            beat.echo_received_at_us = to_us(self._heard_at)
        self._telling.beat_sent(beat.sent_at_us)
        return [*answers, pb.LinkResponse(heartbeat=beat)]

    def goodbye(self, reason: str) -> pb.LinkResponse:
        """End the link on purpose: ``shutdown``, ``restart`` or ``superseded``."""
        self.closed = True
        return pb.LinkResponse(goodbye=pb.Goodbye(reason=reason))

    async def leave(self) -> None:
        """Note that the link ended."""
        if self.authenticated:
            try:
                await self._note(connected=False)
            except StorageError as error:
                unavailable(error, node=self.node)

    async def _take_one(self, request: pb.LinkRequest) -> list[pb.LinkResponse]:
        kind = request.WhichOneof("message")
        if kind == "open":
            return await self._open(request.open)
        if self._node is None:
            raise LinkRefusedError(wire_error(RefusalCode.HELLO_REQUIRED, "Open"))
        node = self._node
        if kind == "hello":
            hello = request.hello
            return await self._for_stream(
                hello.stream, lambda: self._hello(hello, node)
            )
        if kind == "epoch_request":
            asked = request.epoch_request
            return await self._for_stream(
                asked.stream, lambda: self._grant_epoch(asked)
            )
        if kind == "heartbeat":
            return await self._take_heartbeat(request.heartbeat)
        if kind == "goodbye":
            self.closed = True
            return []
        raise LinkRefusedError(wire_error(RefusalCode.MALFORMED, "LinkRequest"))

    async def _take_frames(
        self, frames: Sequence[frame_pb2.Frame]
    ) -> list[pb.LinkResponse]:
        if not frames:
            return []
        if self._node is None or not self.authenticated:
            raise LinkRefusedError(wire_error(RefusalCode.HELLO_REQUIRED))
        intake = FrameIntake(
            self._services, self._node, streams=self._streams, telling=self._telling
        )
        return await intake.take(frames)

    async def _for_stream(
        self, stream: str, answer: Callable[[], Awaitable[list[pb.LinkResponse]]]
    ) -> list[pb.LinkResponse]:
        """Answer for one stream; an error refuses that stream alone."""
        try:
            return await answer()
        except WireError as error:
            refused = error
        except StorageError as error:
            refused = unavailable(error, node=self.node)
        if stream in self._streams:
            self._streams[stream].stopped = True
        return [refuse(refused, node=self.node, stream=stream)]

    async def _open(self, opened: pb.Open) -> list[pb.LinkResponse]:
        received_at_us = to_us(self._services.clock.now())
        try:
            if self._node is not None:
                raise wire_error(RefusalCode.MALFORMED, "Open, Open")
            check_open(opened)
            self._opened = opened
            self._node = await standing(
                self._services, node=opened.node, key_id=opened.key_id
            )
        except WireError as error:
            raise LinkRefusedError(error) from error
        answer = challenge(
            self._services, opened, nonce=self._nonce, received_at_us=received_at_us
        )
        answer.sent_at_us = to_us(self._services.clock.now())
        return [pb.LinkResponse(challenge=answer)]

    async def _hello(self, hello: pb.Hello, node: ChildNode) -> list[pb.LinkResponse]:
        services, stream = self._services, hello.stream
        assignment = await assignment_of_hello(
            services, hello, opened=self._opened, node=node, nonce=self._nonce
        )
        cursor = await services.store.open_stream(
            stream,
            node=node.id,
            fence=assignment.fence,
            boot_id=self._opened.boot_id,
            now=services.clock.now(),
        )
        chain = await services.store.chain(stream)
        self._streams[stream] = OpenStream(assignment=assignment, cursor=cursor)
        if not self.authenticated:
            self.authenticated = True
            self._joined()
            await self._note(connected=True, begins=True)
        welcome = pb.Welcome(
            stream=stream,
            cursor=cursor.position.message(),
            assignment=assignment.message(),
            receipt=services.receipt(stream, cursor.position),
            chain=[each.message() for each in chain],
        )
        return [pb.LinkResponse(welcome=welcome)]

    async def _grant_epoch(self, asked: pb.EpochRequest) -> list[pb.LinkResponse]:
        opened = self._streams.get(asked.stream)
        if opened is None:
            raise wire_error(RefusalCode.HELLO_REQUIRED)
        if asked.nonce != self._nonce:
            raise wire_error(RefusalCode.NONCE_INVALID)
        common = ChainPosition.of(asked.common)
        cursor = await self._services.store.grant_epoch(
            asked.stream,
            fence=opened.assignment.fence,
            highest_epoch=asked.highest_epoch,
            common=common,
        )
        opened.cursor, opened.stopped, opened.gap_asked_at = cursor, False, None
        log.info(
            "epoch_granted",
            stream=asked.stream,
            epoch=cursor.epoch,
            common=(common.epoch, common.sequence),
        )
        grant = pb.EpochGrant(
            stream=asked.stream,
            start=cursor.position.message(),
            common=common.message(),
            receipt=self._services.receipt(asked.stream, cursor.position),
        )
        return [pb.LinkResponse(epoch_grant=grant)]

    async def _take_heartbeat(self, beat: pb.Heartbeat) -> list[pb.LinkResponse]:
        """Note that the child lives, and how far its clock is off.

        The offset, child minus parent, comes from the four times of two heartbeats.
        """
        self._heard, self._heard_at = beat, self._services.clock.now()
        if beat.echo_sent_at_us:
            there_us = beat.echo_received_at_us - beat.echo_sent_at_us
            back_us = beat.sent_at_us - to_us(self._heard_at)
            self._clock_offset_us = (there_us + back_us) // 2
        try:
            if self.authenticated and not await self._note(connected=True):
                # The node has a newer link to another process of this parent.
                return [self.goodbye("superseded")]
            await self._telling.beat_echoed(beat.echo_sent_at_us)
        except StorageError as error:
            unavailable(error, node=self.node)
        return []

    async def _check_standing(self, node: ChildNode) -> None:
        """Raise ``WireError`` when the node or a stream changed hands meanwhile."""
        await standing(self._services, node=node.id, key_id=node.key_id)
        newest = await self._services.registry.assignments() if self._streams else {}
        for stream in self._streams:
            now = newest.get(stream)
            if now is None or now.node != node.id:
                raise wire_error(RefusalCode.FENCED, stream)

    async def _note(self, *, connected: bool, begins: bool = False) -> bool:
        return await self._services.store.note_link(
            LinkState(
                node=self._opened.node,
                link_id=self._link_id,
                boot_id=self._opened.boot_id,
                software_version=self._opened.software_version,
                connected=connected,
                opened_at=self._opened_at,
                heard_at=self._services.clock.now(),
                clock_offset_us=self._clock_offset_us,
            ),
            begins=begins,
        )

    def _refuse_link(self, error: WireError) -> pb.LinkResponse:
        self.closed = True
        return refuse(error, node=self.node)
