"""What every transport promises."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from typing import Protocol

import grpc
import pytest
import pytest_asyncio

from federation.transports import (
    LinkClosedError,
    Transport,
    TransportError,
    read_response,
)
from federation.transports.grpc_client import (
    LINK_METHOD,
    GrpcClientLimits,
    GrpcTransport,
)
from federation.transports.grpc_server import UplinkServer, UplinkServerSettings
from federation.transports.memory import MemoryTransport
from federation.wire.limits import FRAME_BYTES_MAX
from federation.wire.refusal import RefusalCode, WireError
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb

FAST = GrpcClientLimits(connect_timeout_s=0.5, enroll_timeout_s=2.0)


class Echo:
    """A parent that answers each heartbeat, counts frames, and ends when told."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.frame_bytes: list[int] = []

    async def enroll(self, request: pb.EnrollRequest) -> pb.EnrollResponse:
        return pb.EnrollResponse(parent=f"parent of {request.node}")

    async def converse(
        self, requests: AsyncIterator[pb.LinkRequest]
    ) -> AsyncIterator[pb.LinkResponse]:
        try:
            async for request in requests:
                match request.WhichOneof("message"):
                    case "heartbeat":
                        sent = request.heartbeat.sent_at_us
                        beat = pb.Heartbeat(sent_at_us=sent)
                        yield pb.LinkResponse(heartbeat=beat)
                    case "frame":
                        self.frame_bytes.append(len(request.frame.body))
                        yield pb.LinkResponse(credit=pb.Credit(frames=1))
                    case "goodbye":
                        yield pb.LinkResponse(goodbye=pb.Goodbye(reason="last words"))
                        return
                    case "open":
                        raise RuntimeError("the parent broke")
        finally:
            self.ended.set()


class Side(Protocol):
    transport: Transport
    parent: Echo

    async def stop_parent(self) -> None: ...


class MemorySide:
    def __init__(self) -> None:
        self.parent = Echo()
        self.transport = MemoryTransport(self.parent)

    async def stop_parent(self) -> None:
        self.transport.parent = None
        await self.transport.cut()


class GrpcSide:
    def __init__(self, parent: Echo, server: UplinkServer, port: int) -> None:
        self.parent = parent
        self.transport = GrpcTransport(f"127.0.0.1:{port}", limits=FAST)
        self._server = server

    async def stop_parent(self) -> None:
        await self._server.stop()


@pytest_asyncio.fixture(params=["memory", "grpc"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if request.param == "memory":
        memory = MemorySide()
        yield memory
        await memory.transport.close()
        return
    parent = Echo()
    settings = UplinkServerSettings(stop_grace_s=0.1, reflection=False)
    server = UplinkServer(parent, settings)
    grpc_side = GrpcSide(parent, server, await server.start())
    yield grpc_side
    await grpc_side.transport.close()
    await server.stop()


def beat(number: int) -> pb.LinkRequest:
    return pb.LinkRequest(heartbeat=pb.Heartbeat(sent_at_us=number))


GOODBYE = pb.LinkRequest(goodbye=pb.Goodbye(reason="shutdown"))


async def test_a_node_can_ask_to_be_known(side: Side) -> None:
    answer = await side.transport.enroll(pb.EnrollRequest(node="vinh"))
    assert answer.parent == "parent of vinh"


async def test_messages_come_whole_and_in_order(side: Side) -> None:
    connection = await side.transport.connect()
    for number in range(1, 51):
        await connection.send(beat(number))
    answers = [await connection.receive() for _ in range(50)]
    assert [answer.heartbeat.sent_at_us for answer in answers] == [*range(1, 51)]
    await connection.close()


async def test_the_largest_frame_passes(side: Side) -> None:
    connection = await side.transport.connect()
    frame = frame_pb2.Frame(body=b"x" * FRAME_BYTES_MAX, signature=b"s" * 64)
    await connection.send(pb.LinkRequest(frame=frame))
    assert (await connection.receive()).WhichOneof("message") == "credit"
    assert side.parent.frame_bytes == [FRAME_BYTES_MAX]
    await connection.close()


async def test_links_do_not_hear_each_other(side: Side) -> None:
    one, other = await side.transport.connect(), await side.transport.connect()
    await one.send(beat(1))
    await other.send(beat(2))
    assert (await other.receive()).heartbeat.sent_at_us == 2
    assert (await one.receive()).heartbeat.sent_at_us == 1
    await one.close()
    await other.send(beat(3))
    assert (await other.receive()).heartbeat.sent_at_us == 3
    await other.close()


async def test_the_parents_last_words_come_before_the_end(side: Side) -> None:
    connection = await side.transport.connect()
    await connection.send(GOODBYE)
    assert (await connection.receive()).goodbye.reason == "last words"
    for _ in range(2):
        with pytest.raises(LinkClosedError):
            await connection.receive()
    with pytest.raises(TransportError):
        while True:
            await connection.send(beat(1))
    await connection.close()


async def test_a_parent_that_breaks_ends_the_link(side: Side) -> None:
    connection = await side.transport.connect()
    await connection.send(pb.LinkRequest(open=pb.Open(node="vinh")))
    with pytest.raises(LinkClosedError) as raised:
        await connection.receive()
    assert raised.value.retriable
    await connection.close()


async def test_closing_ends_the_parents_side_and_may_be_repeated(side: Side) -> None:
    connection = await side.transport.connect()
    await connection.send(beat(1))
    await connection.receive()
    reader = asyncio.create_task(connection.receive())
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait((reader,))
    assert reader.cancelled()
    await connection.close()
    await connection.close()
    async with asyncio.timeout(5):
        await side.parent.ended.wait()


async def test_a_parent_that_goes_away_ends_open_links(side: Side) -> None:
    connection = await side.transport.connect()
    await connection.send(beat(1))
    await connection.receive()
    reader = asyncio.create_task(connection.receive())
    await asyncio.sleep(0)
    await side.stop_parent()
    with pytest.raises(LinkClosedError):
        await reader
    await connection.close()


async def test_an_absent_parent_is_told_as_retriable(side: Side) -> None:
    await side.stop_parent()
    with pytest.raises(TransportError) as raised:
        await side.transport.connect()
    assert raised.value.retriable
    with pytest.raises(TransportError):
        await side.transport.enroll(pb.EnrollRequest(node="vinh"))


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b""])
def test_bytes_that_are_no_answer_are_malformed(data: bytes) -> None:
    with pytest.raises(WireError) as raised:
        read_response(data)
    assert raised.value.refusal is RefusalCode.MALFORMED


async def test_a_grpc_server_that_answers_nonsense_is_told_as_malformed() -> None:
    async def link(requests: AsyncIterator[bytes], _: object) -> AsyncIterator[bytes]:
        async for _request in requests:
            yield b"\xff\xff"

    server = grpc.aio.server()
    service, method = LINK_METHOD.strip("/").split("/")
    handler = grpc.stream_stream_rpc_method_handler(link)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    connection = await GrpcTransport(f"127.0.0.1:{port}", limits=FAST).connect()
    await connection.send(beat(1))
    with pytest.raises(WireError):
        await connection.receive()
    await connection.close()
    await server.stop(None)


async def test_grpc_links_leave_no_socket_behind() -> None:
    parent = Echo()
    server = UplinkServer(parent, UplinkServerSettings(reflection=False))
    transport = GrpcTransport(f"127.0.0.1:{await server.start()}", limits=FAST)

    async def link() -> None:
        connection = await transport.connect()
        await connection.send(beat(1))
        await connection.receive()
        reader = asyncio.create_task(connection.receive())
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait((reader,))
        await connection.close()

    def open_files() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    for _ in range(3):
        await link()
    before = open_files()
    for _ in range(20):
        await link()
    async with asyncio.timeout(10):
        while open_files() > before + 2:
            await asyncio.sleep(0.05)
    await server.stop()
