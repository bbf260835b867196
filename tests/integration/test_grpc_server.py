"""A parent over real gRPC and a real PostgreSQL."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from federation.clock import SystemClock
from federation.errors import ErrorCode, FederationError
from federation.identity import APP as IDENTITY
from federation.identity.documents import Area
from federation.identity.enrolment import (
    MemoryEnrolmentStore,
    accept_enrolment,
    challenge_is_genuine,
    enrolment_request,
    hello_signature,
)
from federation.identity.keys import Signer
from federation.identity.registry_postgres import PostgresRegistry
from federation.identity.tokens import JoinTicket
from federation.inbox import APP as INBOX
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.services import Services
from federation.inbox.store_postgres import PostgresInboxStore
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.pool import open_pool, retried
from federation.transports import Connection, LinkClosedError
from federation.transports.grpc_client import LINK_METHOD, GrpcTransport
from federation.transports.grpc_server import (
    SERVICE,
    UplinkServer,
    UplinkServerSettings,
)
from federation.wire.v1 import uplink_pb2 as pb
from tests.conftest import DatabaseFactory
from tests.unit.inbox.child import BOOT, Chain, kinds


@dataclasses.dataclass
class Parent:
    """A parent that serves, and what a test needs to look at it."""

    inbox: Inbox
    server: UplinkServer
    services: Services
    node: Signer
    ticket: JoinTicket

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    async def receive(self, connection: Connection) -> pb.LinkResponse:
        async with asyncio.timeout(20):
            return await connection.receive()

    async def begin(self, connection: Connection) -> Chain:
        """Enrol if need be, say hello, get an epoch."""
        opened = pb.Open(
            node="vinh",
            key_id=self.node.key_id,
            boot_id=BOOT,
            protocol_versions=[1],
            nonce=b"n" * 32,
        )
        await connection.send(pb.LinkRequest(open=opened))
        nonce = (await self.receive(connection)).challenge.nonce
        hello = pb.Hello(
            stream="vinh",
            nonce=nonce,
            signature=hello_signature(
                self.node, nonce=nonce, node="vinh", stream="vinh", boot_id=BOOT
            ),
        )
        await connection.send(pb.LinkRequest(hello=hello))
        cursor = (await self.receive(connection)).welcome.cursor
        asked = pb.EpochRequest(stream="vinh", nonce=nonce, common=cursor)
        await connection.send(pb.LinkRequest(epoch_request=asked))
        start = (await self.receive(connection)).epoch_grant.start
        chain = Chain(self.node)
        chain.begin(start.epoch, start.head)
        return chain


def frame(chain: Chain) -> pb.LinkRequest:
    return pb.LinkRequest(frame=chain.seal().message())


async def keep_every_commit(url: str) -> None:
    """Let this database survive a kill of its server, unlike the others of the run."""
    connection = await asyncpg.connect(url)
    name = url.rsplit("/", 1)[1]
    await connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit TO on')
    await connection.close()


@pytest_asyncio.fixture
async def parent(migrated_database: DatabaseFactory) -> AsyncIterator[Parent]:
    url = await migrated_database([IDENTITY, INBOX])
    await keep_every_commit(url)
    pool = await open_pool(url, name="test")
    signer, node, clock = Signer.generate(), Signer.generate(), SystemClock()
    registry = PostgresRegistry(pool, signer=signer, clock=clock)
    services = Services(
        parent="nghe-an",
        signer=signer,
        registry=registry,
        store=PostgresInboxStore(pool),
        clock=clock,
        limits=LinkLimits(heartbeat_interval_s=1),
    )
    inbox = Inbox(services)
    server = UplinkServer(inbox, UplinkServerSettings(stop_grace_s=0.5))
    await server.start()
    token = await registry.create_token(
        node="vinh",
        areas=[Area(stream="vinh", localities=("vinh",), includes_parts=True)],
        lifetime=timedelta(days=1),
    )
    ticket = JoinTicket(token=token, node="vinh", parent_key_id=signer.key_id)
    yield Parent(
        inbox=inbox, server=server, services=services, node=node, ticket=ticket
    )
    inbox.close()
    await server.stop()
    await pool.close()


@pytest_asyncio.fixture
async def transport(parent: Parent) -> AsyncIterator[GrpcTransport]:
    transport = GrpcTransport(parent.address)
    request = enrolment_request(
        parent.node, node="vinh", ticket=parent.ticket, software_version="1"
    )
    answer = await transport.enroll(request)
    assert not answer.HasField("refusal")
    yield transport
    await transport.close()


@pytest_asyncio.fixture
async def connection(transport: GrpcTransport) -> AsyncIterator[Connection]:
    connection = await transport.connect()
    yield connection
    await connection.close()


async def test_a_node_joins_and_its_frames_land(
    parent: Parent, connection: Connection
) -> None:
    chain = await parent.begin(connection)
    for _ in range(20):
        await connection.send(frame(chain))
    cursor = pb.Position()
    while cursor.sequence < 20:
        answer = await parent.receive(connection)
        cursor = answer.acknowledgement.cursor or cursor
    assert cursor.head == chain.head
    stored = await parent.services.store.frames_after("vinh", 0, 0, 100)
    assert [each.sequence for each in stored] == list(range(1, 21))


async def test_a_token_works_once_over_the_network(
    parent: Parent, transport: GrpcTransport
) -> None:
    clock, store = SystemClock(), MemoryEnrolmentStore()
    again = enrolment_request(
        parent.node, node="vinh", ticket=parent.ticket, software_version="1"
    )
    enrolment = await accept_enrolment(
        await transport.enroll(again),
        node="vinh",
        ticket=parent.ticket,
        store=store,
        clock=clock,
    )
    assert enrolment.parent == "nghe-an"
    thief = enrolment_request(
        Signer.generate(), node="vinh", ticket=parent.ticket, software_version="1"
    )
    answer = await transport.enroll(thief)
    assert answer.refusal.code == pb.REFUSAL_CODE_TOKEN_USED

    connection = await transport.connect()
    opened = pb.Open(
        node="vinh",
        key_id=parent.node.key_id,
        boot_id=BOOT,
        protocol_versions=[1],
        nonce=b"n" * 32,
    )
    await connection.send(pb.LinkRequest(open=opened))
    challenge = (await parent.receive(connection)).challenge
    assert challenge_is_genuine(enrolment, opened, challenge)
    await connection.close()


async def test_health_and_reflection_answer(parent: Parent) -> None:
    status = health_pb2.HealthCheckResponse
    async with grpc.aio.insecure_channel(parent.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=SERVICE)
        assert (await health.Check(request)).status == status.SERVING
        await parent.server.set_serving(False)
        assert (await health.Check(request)).status == status.NOT_SERVING
        await parent.server.set_serving(True)

        reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
        question = reflection_pb2.ServerReflectionRequest(list_services="")
        call = reflection.ServerReflectionInfo(iter([question]))
        answers = [answer async for answer in call]
        names = {each.name for each in answers[0].list_services_response.service}
        assert SERVICE in names


async def test_bytes_that_are_no_message_are_refused_with_words(
    parent: Parent,
) -> None:
    async with grpc.aio.insecure_channel(parent.address) as channel:
        call = channel.stream_stream(LINK_METHOD)()
        await call.write(b"\xff\xff\xff")
        answer = pb.LinkResponse.FromString(await call.read())
        assert answer.refusal.code == pb.REFUSAL_CODE_HELLO_REQUIRED
        assert await call.read() is grpc.aio.EOF
        enroll = channel.unary_unary(f"/{SERVICE}/Enroll")
        answer = pb.EnrollResponse.FromString(await enroll(b"\xff\xff"))
        assert answer.refusal.code == pb.REFUSAL_CODE_MALFORMED


async def test_a_message_over_the_bound_ends_that_link_only(
    parent: Parent, connection: Connection
) -> None:
    chain = await parent.begin(connection)
    async with grpc.aio.insecure_channel(parent.address) as channel:
        call = channel.stream_stream(LINK_METHOD)()
        await call.write(bytes(5 * 1024 * 1024))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await connection.send(frame(chain))
    answer = await parent.receive(connection)
    assert answer.acknowledgement.cursor.sequence == 1


async def test_a_child_that_goes_is_seen_to_go(
    parent: Parent, transport: GrpcTransport
) -> None:
    connection = await transport.connect()
    await parent.begin(connection)
    assert parent.inbox.live_nodes == ["vinh"]
    await connection.close()
    async with asyncio.timeout(20):
        while (await parent.services.store.links())[0].connected:
            await asyncio.sleep(0.01)
    assert parent.inbox.live_nodes == []


async def test_a_parent_that_stops_says_goodbye_and_frees_its_port(
    parent: Parent, connection: Connection
) -> None:
    await parent.begin(connection)
    port = parent.server.port
    parent.inbox.close()
    await parent.server.stop()
    answers = []
    with pytest.raises(LinkClosedError):
        while True:
            answers.append(await parent.receive(connection))
    assert kinds(answers)[-1] == "goodbye"
    settings = UplinkServerSettings(address=f"127.0.0.1:{port}", stop_grace_s=0.1)
    again = UplinkServer(parent.inbox, settings)
    assert await again.start() == port
    with pytest.raises(FederationError) as refused:
        await UplinkServer(parent.inbox, settings).start()
    assert refused.value.code is ErrorCode.CONFIGURATION
    await again.stop()


async def test_nothing_is_acknowledged_without_the_database_and_the_link_survives(
    parent: Parent, connection: Connection, postgres_server: EmbeddedPostgres
) -> None:
    chain = await parent.begin(connection)
    await connection.send(frame(chain))
    while not (await parent.receive(connection)).HasField("acknowledgement"):
        pass
    postgres_server.kill()
    held = frame(chain)
    await connection.send(held)
    answer = pb.LinkResponse()
    while not answer.HasField("refusal"):
        answer = await parent.receive(connection)
        assert not answer.HasField("acknowledgement")
    assert answer.refusal.code == pb.REFUSAL_CODE_UNAVAILABLE
    assert answer.refusal.retry_after_ms > 0

    await postgres_server.restart()
    store = parent.services.store
    await retried(store.cursors, doing="wait")
    await connection.send(held)
    answer = pb.LinkResponse()
    while not answer.HasField("acknowledgement"):
        answer = await parent.receive(connection)
        if answer.HasField("refusal"):
            # A pooled connection of before may fail once more.
            await connection.send(held)
    assert answer.acknowledgement.cursor.sequence == 2
    assert len(await store.frames_after("vinh", 0, 0, 10)) == 2
