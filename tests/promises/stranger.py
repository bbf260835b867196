"""A child that speaks the real protocol and keeps to none of its rules."""

import asyncio
import dataclasses
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from federation.identity.enrolment import enrolment_request, hello_signature
from federation.identity.keys import Signer
from federation.identity.tokens import read_ticket
from federation.transports import Connection
from federation.transports.grpc_client import GrpcTransport
from federation.wire.frames import GENESIS_HEAD, FrameHeader, SealedFrame, seal
from federation.wire.payload import Payload
from federation.wire.v1 import uplink_pb2 as pb

ANSWER_TIMEOUT_S = 20.0


@dataclasses.dataclass(kw_only=True)
class Stranger:
    """Somebody with a key, who may or may not have been let in."""

    address: str
    node: str
    signer: Signer = dataclasses.field(default_factory=Signer.generate)

    async def enrol(self, token_file: Path) -> pb.EnrollResponse:
        """Show a join token."""
        ticket = read_ticket(token_file.read_text(encoding="utf-8"))
        request = enrolment_request(
            self.signer, node=self.node, ticket=ticket, software_version="stranger"
        )
        return await GrpcTransport(self.address).enroll(request)

    @asynccontextmanager
    async def link(self) -> AsyncIterator["Link"]:
        """Open a link; the parent's challenge or refusal is in ``answer``."""
        connection = await GrpcTransport(self.address).connect()
        link = Link(connection=connection, stranger=self)
        try:
            opened = pb.Open(
                node=self.node,
                key_id=self.signer.key_id,
                boot_id=link.boot_id,
                protocol_versions=[1],
                software_version="stranger",
                nonce=secrets.token_bytes(32),
                sent_at_us=time.time_ns() // 1000,
            )
            await connection.send(pb.LinkRequest(open=opened))
            link.answer = await link.next()
            link.nonce = link.answer.challenge.nonce
            yield link
        finally:
            await connection.close()


@dataclasses.dataclass(kw_only=True)
class Link:
    """An open link of a stranger."""

    connection: Connection
    stranger: Stranger
    boot_id: bytes = dataclasses.field(default_factory=lambda: secrets.token_bytes(16))
    nonce: bytes = b""
    answer: pb.LinkResponse = dataclasses.field(default_factory=pb.LinkResponse)
    epoch: int = 0
    sequence: int = 0
    head: bytes = GENESIS_HEAD

    async def next(self, *kinds: str) -> pb.LinkResponse:
        """Return the next message of some kinds, or of any but heartbeats."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while True:
                answer = await self.connection.receive()
                kind = answer.WhichOneof("message")
                if kind in kinds or (not kinds and kind not in ("heartbeat", "credit")):
                    return answer

    async def hello(self, stream: str, *, nonce: bytes = b"") -> pb.LinkResponse:
        """Say hello for a stream; return the welcome or the refusal."""
        nonce = nonce or self.nonce
        said = pb.Hello(
            stream=stream,
            nonce=nonce,
            signature=hello_signature(
                self.stranger.signer,
                nonce=nonce,
                node=self.stranger.node,
                stream=stream,
                boot_id=self.boot_id,
            ),
        )
        await self.connection.send(pb.LinkRequest(hello=said))
        return await self.next("welcome", "refusal")

    async def begin(self, stream: str) -> None:
        """Say hello and open a new epoch."""
        cursor = (await self.hello(stream)).welcome.cursor
        asked = pb.EpochRequest(stream=stream, nonce=self.nonce, common=cursor)
        await self.connection.send(pb.LinkRequest(epoch_request=asked))
        start = (await self.next("epoch_grant")).epoch_grant.start
        self.epoch, self.sequence, self.head = start.epoch, 0, start.head

    def seal(self, stream: str, payload: Payload) -> SealedFrame:
        """Return the next frame of a stream; the next one follows it when sent."""
        header = FrameHeader(
            stream=stream,
            epoch=self.epoch,
            sequence=self.sequence + 1,
            previous_head=self.head,
            sealed_at_us=time.time_ns() // 1000,
            boot_id=self.boot_id,
        )
        signer = self.stranger.signer
        return seal(header, payload, sign=signer.sign, key_id=signer.key_id)

    async def send(self, frame: SealedFrame, *, signature: bytes = b"") -> None:
        """Send a frame, with another signature than its own if so wished."""
        message = frame.message()
        if signature:
            message.signature = signature
        else:
            self.sequence, self.head = frame.sequence, frame.head
        await self.connection.send(pb.LinkRequest(frame=message))
