"""A child driven by hand: it says whatever a test wants it to say."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from federation.clock import ManualClock, to_us
from federation.identity.documents import Area, AssignmentDocument
from federation.identity.enrolment import hello_signature
from federation.identity.keys import Signer
from federation.identity.registry import MemoryRegistry, Registry
from federation.inbox.limits import LinkLimits
from federation.inbox.records import Arrival, Fault
from federation.inbox.services import Services
from federation.inbox.session import InboxSession
from federation.inbox.store import InboxStore, MemoryInboxStore
from federation.wire.frames import (
    GENESIS_HEAD,
    FrameHeader,
    SealedFrame,
    next_head,
    seal,
)
from federation.wire.payload import GapRecord, Payload
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb

START_OF_TIME = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BOOT = b"b" * 16


class Chain:
    """One stream as its child holds it: seals frames that continue each other."""

    def __init__(self, signer: Signer, stream: str = "vinh") -> None:
        self.signer = signer
        self.stream = stream
        self.epoch = 1
        self.sequence = 0
        self.head = GENESIS_HEAD

    def begin(self, epoch: int, head: bytes) -> None:
        """Go on in a granted epoch."""
        self.epoch, self.sequence, self.head = epoch, 0, head

    def seal(self) -> SealedFrame:
        """Return the next frame; it says that some old frames are gone."""
        payload = Payload(
            gaps=(
                GapRecord(epoch=1, first_sequence=1, last_sequence=1, reason="pruned"),
            )
        )
        frame = seal(
            self._header(), payload, sign=self.signer.sign, key_id=self.signer.key_id
        )
        return self._moved(frame)

    def seal_raw(self, **fields: object) -> SealedFrame:
        """Return the next frame with fields of its body as a test wants them."""
        payload = b""
        body = frame_pb2.FrameBody(
            protocol_version=1,
            stream=self.stream,
            epoch=self.epoch,
            sequence=self.sequence + 1,
            previous_head=self.head,
            payload_hash=hashlib.sha256(payload).digest(),
            codec=frame_pb2.CODEC_NONE,
        )
        for name, value in fields.items():
            setattr(body, name, value)
        if "payload" in fields and "payload_hash" not in fields:
            body.payload_hash = hashlib.sha256(body.payload).digest()
        raw = body.SerializeToString()
        return self._moved(
            SealedFrame(
                stream=self.stream,
                epoch=self.epoch,
                sequence=self.sequence + 1,
                previous_head=self.head,
                head=next_head(self.head, raw),
                body=raw,
                signature=self.signer.sign(raw),
                key_id=self.signer.key_id,
                row_count=body.row_count,
            )
        )

    def arrivals(self, count: int, *, fence: int = 1) -> list[Arrival]:
        """Return the next frames as a store is given them."""
        return [
            Arrival(frame=self.seal(), node="vinh", fence=fence) for _ in range(count)
        ]

    def bad_arrival(self, fault: Fault) -> Arrival:
        """Return the next frame as one that is to be set aside."""
        return Arrival(frame=self.seal(), node="vinh", fence=1, fault=fault)

    def _header(self) -> FrameHeader:
        return FrameHeader(
            stream=self.stream,
            epoch=self.epoch,
            sequence=self.sequence + 1,
            previous_head=self.head,
            sealed_at_us=0,
            boot_id=BOOT,
        )

    def _moved(self, frame: SealedFrame) -> SealedFrame:
        self.sequence, self.head = frame.sequence, frame.head
        return frame


@dataclasses.dataclass
class World:
    """A parent with node ``vinh``, and the link of a child to it."""

    parent: Signer
    node: Signer
    clock: ManualClock
    registry: Registry
    store: InboxStore
    services: Services
    session: InboxSession
    nonce: bytes = b""

    def say_open(self, **fields: object) -> pb.LinkRequest:
        opened = pb.Open(
            node="vinh",
            key_id=self.node.key_id,
            boot_id=BOOT,
            protocol_versions=[1],
            software_version="1.0",
            nonce=b"n" * 32,
            sent_at_us=to_us(self.clock.now()),
        )
        for name, value in fields.items():
            opened.ClearField(name)  # type: ignore[arg-type]
            if isinstance(value, list):
                getattr(opened, name).extend(value)
            else:
                setattr(opened, name, value)
        return pb.LinkRequest(open=opened)

    def say_hello(
        self,
        stream: str = "vinh",
        *,
        signer: Signer | None = None,
        nonce: bytes | None = None,
        fence: int = 1,
        assignment: AssignmentDocument | None = None,
    ) -> pb.LinkRequest:
        used = self.nonce if nonce is None else nonce
        return pb.LinkRequest(
            hello=pb.Hello(
                stream=stream,
                nonce=used,
                signature=hello_signature(
                    signer or self.node,
                    nonce=used,
                    node="vinh",
                    stream=stream,
                    boot_id=BOOT,
                ),
                fence=fence,
                assignment=assignment.message() if assignment else None,
            )
        )

    def say_epoch(
        self,
        common: pb.Position | None = None,
        *,
        stream: str = "vinh",
        highest_epoch: int = 0,
        nonce: bytes | None = None,
    ) -> pb.LinkRequest:
        return pb.LinkRequest(
            epoch_request=pb.EpochRequest(
                stream=stream,
                nonce=self.nonce if nonce is None else nonce,
                common=common,
                highest_epoch=highest_epoch,
            )
        )

    async def say(self, *requests: pb.LinkRequest) -> list[pb.LinkResponse]:
        return await self.session.take(requests)

    async def send(self, *frames: SealedFrame) -> list[pb.LinkResponse]:
        return await self.say(*(pb.LinkRequest(frame=f.message()) for f in frames))

    def relink(self) -> InboxSession:
        """Begin another link to the same parent."""
        self.session = InboxSession(self.services)
        return self.session

    async def open(self) -> pb.Challenge:
        (answer,) = await self.say(self.say_open())
        self.nonce = answer.challenge.nonce
        return answer.challenge

    async def begin(self, stream: str = "vinh") -> Chain:
        """Open, say hello, get an epoch; return the chain to send."""
        if not self.nonce or self.session.node == "":
            await self.open()
        await self.say(self.say_hello(stream))
        (answer,) = await self.say(self.say_epoch(stream=stream))
        chain = Chain(self.node, stream)
        chain.begin(answer.epoch_grant.start.epoch, answer.epoch_grant.start.head)
        return chain


async def make_world(
    *,
    registry: Registry | None = None,
    store: InboxStore | None = None,
    parent: Signer | None = None,
    streams: Sequence[str] = ("vinh", "17443"),
    limits: LinkLimits | None = None,
) -> World:
    """Return a parent whose node ``vinh`` has joined for two streams."""
    clock = ManualClock(START_OF_TIME)
    parent = parent or Signer.generate()
    node = Signer.generate()
    registry = registry or MemoryRegistry(signer=parent, clock=clock)
    store = store or MemoryInboxStore()
    services = Services(
        parent="nghe-an",
        signer=parent,
        registry=registry,
        store=store,
        clock=clock,
        limits=limits or LinkLimits(),
    )
    world = World(
        parent=parent,
        node=node,
        clock=clock,
        registry=registry,
        store=store,
        services=services,
        session=InboxSession(services),
    )
    await enroll(world, "vinh", node, streams)
    return world


async def enroll(
    world: World, node: str, signer: Signer, streams: Sequence[str]
) -> None:
    """Join a node with its streams, as an operator would."""
    token = await world.registry.create_token(
        node=node,
        areas=[Area(stream=stream, localities=(stream,)) for stream in streams],
        lifetime=timedelta(days=1),
    )
    await world.registry.enroll(
        node=node, token=token, public_key=signer.public_key, software_version="1"
    )


def kinds(answers: Sequence[pb.LinkResponse]) -> list[str]:
    """Return what each answer is, refusals by their code."""
    return [
        pb.RefusalCode.Name(each.refusal.code).removeprefix("REFUSAL_CODE_")
        if each.HasField("refusal")
        else str(each.WhichOneof("message"))
        for each in answers
    ]
