"""Worker: the sending side of several nodes, with frames that were sealed before.

Each node has a link of its own that carries all its streams, keeps to the parent's
credits, and verifies every receipt.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from federation.clock import SystemClock
from federation.identity.documents import START
from federation.identity.enrolment import (
    Enrolment,
    MemoryEnrolmentStore,
    accept_enrolment,
    challenge_is_genuine,
    enrolment_request,
    hello_signature,
    refused_by_parent,
)
from federation.identity.keys import Signer, load_or_create_key
from federation.identity.signatures import BOOT_ID_BYTES, NONCE_BYTES
from federation.identity.tokens import JoinTicket
from federation.transports import Connection
from federation.transports.grpc_client import GrpcTransport
from federation.wire.frames import PROTOCOL_VERSION
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb
from tests.benchmarks.workers import Listen, Speak


class StoredFrame(msgspec.Struct):
    """A sealed frame between the processes of the benchmark."""

    stream: str
    sequence: int
    head: bytes
    body: bytes
    signature: bytes
    key_id: bytes

    @property
    def size_bytes(self) -> int:
        """Return the bytes it counts against the credit."""
        return len(self.body) + len(self.signature) + len(self.key_id)


class NodeLink:
    """One node's link: hello for every stream, then frames until all are receipted."""

    def __init__(
        self, node: str, signer: Signer, streams: dict[str, list[StoredFrame]]
    ) -> None:
        self.node = node
        self._signer = signer
        self._streams = streams
        self._boot_id = secrets.token_bytes(BOOT_ID_BYTES)
        self._in_flight: dict[str, deque[StoredFrame]] = {s: deque() for s in streams}
        self._frames = self._bytes = 0
        self._credit = pb.Credit()
        self._more = asyncio.Event()
        self._connection: Connection
        self._enrolment: Enrolment

    async def open(self, address: str, token: str) -> None:
        """Join, connect, and bring every stream to the start of its first epoch."""
        transport = GrpcTransport(address)
        ticket = JoinTicket(token=token)
        answer = await transport.enroll(
            enrolment_request(
                self._signer, node=self.node, ticket=ticket, software_version="bench"
            )
        )
        store = MemoryEnrolmentStore()
        self._enrolment = await accept_enrolment(
            answer, node=self.node, ticket=ticket, store=store, clock=SystemClock()
        )
        self._connection = await transport.connect()
        challenge = await self._challenge()
        self._credit = challenge.credit
        for stream, assignment in (await store.assignments()).items():
            hello = pb.Hello(
                stream=stream,
                nonce=challenge.nonce,
                signature=hello_signature(
                    self._signer,
                    nonce=challenge.nonce,
                    node=self.node,
                    stream=stream,
                    boot_id=self._boot_id,
                ),
                fence=assignment.fence,
                sealed=START.message(),
                assignment=assignment.message(),
            )
            await self._connection.send(pb.LinkRequest(hello=hello))
            welcome = (await self._answer("welcome")).welcome
            assert welcome.cursor.sequence == 0
            await self._begin_epoch(stream, challenge.nonce)

    async def _challenge(self) -> pb.Challenge:
        opened = pb.Open(
            node=self.node,
            key_id=self._signer.key_id,
            boot_id=self._boot_id,
            protocol_versions=[PROTOCOL_VERSION],
            software_version="bench",
            nonce=secrets.token_bytes(NONCE_BYTES),
            sent_at_us=time.time_ns() // 1000,
        )
        await self._connection.send(pb.LinkRequest(open=opened))
        challenge = (await self._answer("challenge")).challenge
        if not challenge_is_genuine(self._enrolment, opened, challenge):
            raise RuntimeError("the parent is not the one that was joined")
        return challenge

    async def _begin_epoch(self, stream: str, nonce: bytes) -> None:
        request = pb.EpochRequest(
            stream=stream, nonce=nonce, common=START.message(), highest_epoch=0
        )
        await self._connection.send(pb.LinkRequest(epoch_request=request))
        grant = (await self._answer("epoch_grant")).epoch_grant
        if grant.start.epoch != 1:
            raise RuntimeError(f"epoch {grant.start.epoch}: the database is not fresh")

    async def _answer(self, kind: str) -> pb.LinkResponse:
        """Return the next answer of a kind, taking in credits and signs of life."""
        while True:
            response = await self._connection.receive()
            got = response.WhichOneof("message")
            if got == "refusal":
                raise refused_by_parent(response.refusal)
            if got == "credit":
                self._credit = response.credit
                self._more.set()
            if got == kind:
                return response
            if got not in ("heartbeat", "credit"):
                raise RuntimeError(f"{got} instead of {kind}")

    async def transfer(self) -> None:
        """Send all frames and return when the parent's receipts cover all of them."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._send_all())
            both.create_task(self._receive_all())

    async def _send_all(self) -> None:
        for frame in _in_turn(self._streams):
            while not self._admits(frame):
                self._more.clear()
                await self._more.wait()
            self._in_flight[frame.stream].append(frame)
            self._frames += 1
            self._bytes += frame.size_bytes
            message = frame_pb2.Frame(
                body=frame.body, signature=frame.signature, key_id=frame.key_id
            )
            await self._connection.send(pb.LinkRequest(frame=message))

    def _admits(self, frame: StoredFrame) -> bool:
        return (
            self._frames < self._credit.frames
            and self._bytes + frame.size_bytes <= self._credit.bytes
        )

    async def _receive_all(self) -> None:
        open_streams = set(self._streams)
        while open_streams:
            told = (await self._answer("acknowledgement")).acknowledgement
            receipt = self._enrolment.open_receipt(told.receipt)
            if told.set_aside or receipt.stream != told.stream:
                raise RuntimeError(f"{told.stream}: a frame was set aside")
            self._release(told.stream, receipt.position.sequence)
            last = self._streams[told.stream][-1]
            if receipt.position.sequence == last.sequence:
                if receipt.position.head != last.head:
                    raise RuntimeError(f"{told.stream}: the receipt has another head")
                open_streams.discard(told.stream)

    def _release(self, stream: str, sequence: int) -> None:
        flight = self._in_flight[stream]
        while flight and flight[0].sequence <= sequence:
            self._frames -= 1
            self._bytes -= flight.popleft().size_bytes
        self._more.set()

    async def close(self) -> None:
        """End the link."""
        await self._connection.close()


def _in_turn(streams: dict[str, list[StoredFrame]]) -> Iterator[StoredFrame]:
    for frames in zip(*streams.values(), strict=True):
        yield from frames


async def main(plan: dict[str, Any], speak: Speak, listen: Listen) -> None:
    """Open all links, wait for the word, transfer, and say how long it took."""
    folder = Path(plan["folder"])
    frames = msgspec.msgpack.decode(
        (folder / "frames").read_bytes(), type=dict[str, list[StoredFrame]]
    )
    links = [
        NodeLink(
            node,
            load_or_create_key(folder / f"{node}.pem"),
            {stream: frames[stream][: plan["frames_per_stream"]] for stream in streams},
        )
        for node, streams in plan["nodes"].items()
    ]
    del frames
    for link in links:
        await link.open(f"127.0.0.1:{plan['port']}", plan["tokens"][link.node])
    speak({"ready": True})
    await listen()
    began = time.perf_counter()
    await asyncio.gather(*(link.transfer() for link in links))
    took_s = time.perf_counter() - began
    speak({"seconds": took_s})
    await listen()
    for link in links:
        await link.close()
