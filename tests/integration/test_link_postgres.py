"""A node and its parent over gRPC, each with its own PostgreSQL database."""

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest_asyncio

import federation.catalogue
import federation.identity
import federation.inbox
import federation.outbox
import federation.warehouse
from federation.clock import SystemClock
from federation.identity.documents import Area
from federation.identity.enrolment import PostgresEnrolmentStore
from federation.identity.keys import Signer
from federation.identity.registry_postgres import PostgresRegistry
from federation.identity.tokens import JoinTicket
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.services import Services
from federation.inbox.store_postgres import PostgresInboxStore
from federation.outbox.postgres import PostgresOutbox
from federation.outbox.store import OutboxLimits, Sealer
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.migrations import migrate
from federation.storage.pool import Pool, PoolLimits, open_pool
from federation.transports.grpc_client import GrpcClientLimits, GrpcTransport
from federation.transports.grpc_server import UplinkServer, UplinkServerSettings
from federation.uplink.conversation import Node
from federation.uplink.uplink import Uplink
from federation.wire.frames import read_payload
from tests.contract.outbox.harness import ANNOUNCER, PostgresFeed
from tests.contract.outbox.samples import RAIN, SPENT, STREAM, rain
from tests.unit.uplink.world import SETTINGS, eventually

CHILD_APPS = (
    federation.catalogue.APP,
    federation.warehouse.APP,
    federation.outbox.APP,
    federation.identity.APP,
)
PARENT_APPS = (federation.identity.APP, federation.inbox.APP)
POOL = PoolLimits(connections_max=6, acquire_timeout_s=5.0, command_timeout_s=10.0)


@dataclasses.dataclass
class Parent:
    """What of a parent survives its process."""

    pool: Pool
    signer: Signer
    port: int = 0
    inbox: Inbox | None = None
    server: UplinkServer | None = None

    @property
    def registry(self) -> PostgresRegistry:
        return PostgresRegistry(self.pool, signer=self.signer, clock=SystemClock())

    @property
    def store(self) -> PostgresInboxStore:
        return PostgresInboxStore(self.pool)

    async def start(self) -> None:
        self.inbox = Inbox(
            Services(
                parent="nghe-an",
                signer=self.signer,
                registry=self.registry,
                store=self.store,
                clock=SystemClock(),
                limits=LinkLimits(heartbeat_interval_s=1),
            )
        )
        settings = UplinkServerSettings(
            address=f"127.0.0.1:{self.port}", stop_grace_s=0.0, reflection=False
        )
        self.server = UplinkServer(self.inbox, settings)
        self.port = await self.server.start()

    async def stop(self) -> None:
        assert self.server is not None
        await self.server.stop()

    async def values(self) -> dict[tuple[str, int], int]:
        """Return (locality, period) → value after applying the log in sequence."""
        numbers: dict[tuple[int, int], str] = {}
        held: dict[tuple[str, int], int] = {}
        last = (0, 0)
        for stored in await self.store.frames_after(STREAM, 0, 0, 10_000):
            assert (stored.epoch, stored.sequence) > last
            last = (stored.epoch, stored.sequence)
            payload = read_payload(stored.body)
            for series in payload.series:
                numbers[stored.epoch, series.number] = series.key.locality
            for row in payload.rows:
                assert row.state is not None
                locality = numbers[stored.epoch, row.series]
                held[locality, row.period.start] = row.state.value
        return held


@dataclasses.dataclass
class Child:
    """What of a node survives its process."""

    pool: Pool
    signer: Signer
    ticket: JoinTicket
    port: int
    feed: PostgresFeed
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        boot_id = secrets.token_bytes(16)
        self.outbox = PostgresOutbox(
            self.pool,
            sealer=Sealer(signer=self.signer, boot_id=boot_id),
            clock=SystemClock(),
            announcer=ANNOUNCER,
            limits=OutboxLimits(frame_rows_max=20),
        )
        uplink = Uplink(
            node=Node(
                id="vinh",
                signer=self.signer,
                boot_id=boot_id,
                software_version="0.1.0",
            ),
            transport=GrpcTransport(
                f"127.0.0.1:{self.port}",
                limits=GrpcClientLimits(connect_timeout_s=1.0, send_timeout_s=5.0),
            ),
            outbox=self.outbox,
            enrolments=PostgresEnrolmentStore(self.pool),
            read_ticket=lambda: self.ticket,
            clock=SystemClock(),
            settings=SETTINGS,
        )
        self.task = asyncio.create_task(uplink.run())

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait((self.task,))
        if not self.task.cancelled():
            self.task.result()


@dataclasses.dataclass
class Pair:
    """Both, with their servers."""

    parent: Parent
    child: Child
    parent_server: EmbeddedPostgres
    child_server: EmbeddedPostgres

    async def in_step(self, wanted: dict[tuple[str, int], int]) -> None:
        async def settled() -> bool:
            stats = await self.child.outbox.stats(STREAM)
            positions = stats.positions
            return (
                stats.pending_rows == 0
                and positions.sealed == positions.acknowledged
                and await self.parent.values() == wanted
            )

        await eventually(settled)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def servers(workspace_root: Path) -> AsyncIterator[list[EmbeddedPostgres]]:
    """Durable servers of this file alone: its tests kill them."""
    made = [
        EmbeddedPostgres(
            workspace_root / f"link_{side}", state_folder=workspace_root / f"ls_{side}"
        )
        for side in ("parent", "child")
    ]
    async with made[0], made[1]:
        yield made


@pytest_asyncio.fixture
async def pair(servers: list[EmbeddedPostgres]) -> AsyncIterator[Pair]:
    name = f"link_{secrets.token_hex(3)}"
    urls = [await server.ensure_database(name) for server in servers]
    await migrate(urls[0], PARENT_APPS)
    await migrate(urls[1], CHILD_APPS)
    pools = [await open_pool(url, name="test", limits=POOL) for url in urls]
    parent = Parent(pool=pools[0], signer=Signer.generate())
    await parent.start()
    token = await parent.registry.create_token(
        node="vinh",
        areas=[Area(stream=STREAM, localities=("vinh",), includes_parts=True)],
        lifetime=timedelta(days=1),
    )
    feed = PostgresFeed(pools[1], SystemClock())
    await feed.know(RAIN, SPENT)
    child = Child(
        pool=pools[1],
        signer=Signer.generate(),
        ticket=JoinTicket(token=token, node="vinh"),
        port=parent.port,
        feed=feed,
    )
    child.start()
    yield Pair(
        parent=parent,
        child=child,
        parent_server=servers[0],
        child_server=servers[1],
    )
    await child.stop()
    await parent.stop()
    for pool in pools:
        await pool.close()


def rows(base: int, count: int) -> list:
    return [rain(base + day, day) for day in range(1, count + 1)]


def values(changed: list) -> dict[tuple[str, int], int]:
    return {(row.series.locality, row.period.start): row.state.value for row in changed}


async def test_rows_reach_the_parents_log(pair: Pair) -> None:
    first = rows(0, 200)
    await pair.child.feed.change(STREAM, *first)
    await pair.in_step(values(first))
    second = rows(1_000, 50)
    await pair.child.feed.change(STREAM, *second)
    await pair.in_step(values(first) | values(second))


async def test_restarts_of_node_and_parent_in_the_middle_lose_nothing(
    pair: Pair,
) -> None:
    wanted: dict[tuple[str, int], int] = {}
    for turn in range(6):
        changed = rows(turn * 1_000, 150)
        await pair.child.feed.change(STREAM, *changed)
        wanted |= values(changed)
        if turn % 2:
            await pair.child.stop()
            pair.child.start()
        else:
            await pair.parent.stop()
            await pair.parent.start()
    await pair.in_step(wanted)


async def _answers(pool: Pool) -> None:
    async def answered() -> bool:
        try:
            await pool.fetchval("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    await eventually(answered)


async def test_it_goes_on_after_a_kill_of_either_database(pair: Pair) -> None:
    first = rows(0, 100)
    await pair.child.feed.change(STREAM, *first)
    await pair.in_step(values(first))
    for server, pool in (
        (pair.child_server, pair.child.pool),
        (pair.parent_server, pair.parent.pool),
    ):
        server.kill()
        await server.restart()
        await _answers(pool)
    second = rows(5_000, 100)
    await pair.child.feed.change(STREAM, *second)
    await pair.in_step(values(first) | values(second))
