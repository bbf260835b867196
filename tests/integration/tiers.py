"""Nodes and hubs in one process, each on a database of its own, on a clock of a test.

What runs in the background of a program runs here when ``settle`` is called, until
nothing is left to do: so a test moves the clock over midnight without waiting for it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from city_node.config import NodeSettings
from city_node.contract import Accepted, Place
from city_node.intake.pushed import PushedRecord, to_record
from city_node.intake.report import OutcomeKind
from city_node.node import Node, open_node
from city_node.rollups import worker_of
from federation.clock import ManualClock
from federation.identity.documents import Area
from federation.identity.enrolment import PostgresEnrolmentStore
from federation.identity.keys import load_or_create_key
from federation.identity.tokens import JoinTicket
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.services import Services
from federation.inbox.store_postgres import PostgresInboxStore
from federation.model.indicator import Basis
from federation.model.period import Frequency, period_of_day
from federation.model.row import SeriesKey
from federation.outbox.announcer import Announcer, TableAnnouncer
from federation.outbox.postgres import PostgresOutbox
from federation.outbox.store import Sealer
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.pool import Pool, PooledConnection, transaction
from federation.transports import Transport
from federation.transports.memory import MemoryTransport
from federation.uplink.conversation import Node as LinkNode
from federation.uplink.uplink import Uplink
from federation.views.knowing import StoredKnowledge
from federation.views.values import ValueQuery, ValueSeen, ValueViews
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.rerouting import DailyRouting
from province_hub.announcing import NewestNames
from province_hub.config import HubSettings
from province_hub.hub import Hub, open_hub
from province_hub.runtime import projector_of, reroute, rollups_of
from tests.conftest import new_name
from tests.unit.uplink.world import SETTINGS, eventually

ROUNDS_MAX = 20


@dataclass
class Link:
    """A tier's way up."""

    outbox: PostgresOutbox
    uplink: Uplink
    streams: Sequence[str]
    task: asyncio.Task[None] | None = None

    async def is_still(self) -> bool:
        for stream in self.streams:
            stats = await self.outbox.stats(stream)
            positions = stats.positions
            if stats.pending_rows or positions.sealed != positions.acknowledged:
                return False
        return True


@dataclass
class Tier:
    """A node or a hub that runs."""

    id: str
    pool: Pool
    opened: Node | Hub
    routing: DailyRouting
    work: Sequence[Callable[[], Awaitable[int]]]
    inbox: Inbox | None = None
    link: Link | None = None

    @property
    def node(self) -> Node:
        assert isinstance(self.opened, Node)
        return self.opened

    async def push(self, subsystem: str, *records: Mapping[str, Any]) -> None:
        """Land records as sources push them."""
        chosen = self.node.intake.subsystem(subsystem)
        for each in records:
            pushed = PushedRecord(**each)
            accepted = Accepted(record=to_record(chosen, pushed), place=Place(file=""))
            outcome = await self.node.intake.land_one(subsystem, accepted)
            assert outcome.kind in (OutcomeKind.LANDED, OutcomeKind.CHANGED), outcome

    async def values(self, indicator: str, **asked: Any) -> list[ValueSeen]:
        knowledge = await StoredKnowledge(self.pool)()
        if indicator not in knowledge.indicators:
            return []
        views = ValueViews(
            PostgresWarehouse(), lambda: transaction(self.pool, doing="read")
        )
        query = ValueQuery(indicator=indicator, limit=1000, **asked)
        return list((await views.page(query, knowledge)).items)

    async def value(
        self,
        indicator: str,
        locality: str,
        day: date,
        basis: Basis = Basis.REPORTED,
        frequency: Frequency = Frequency.DAY,
    ) -> ValueSeen | None:
        period = period_of_day(frequency, day)
        found = [
            seen
            for seen in await self.values(indicator, basis=basis, breakdown="")
            if seen.row.series.locality == locality and seen.row.period == period
        ]
        assert len(found) <= 1
        return found[0] if found else None

    async def routes(self) -> dict[SeriesKey, str | None]:
        async with transaction(self.pool) as connection:
            found = await PostgresWarehouse().series(connection)
        return {each.key: each.route.stream for each in found}

    async def set_aside(self) -> list[tuple[str, str]]:
        records = await self.pool.fetch("SELECT stream, detail FROM dead_letter")
        return [(record["stream"], record["detail"]) for record in records]


@dataclass
class Tiers:
    """Some tiers on one clock."""

    server: EmbeddedPostgres
    folder: Path
    clock: ManualClock
    tiers: dict[str, Tier] = field(default_factory=dict)
    transports: Callable[[Inbox], Awaitable[Transport]] | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, server: EmbeddedPostgres, folder: Path, clock: ManualClock, **changes: Any
    ) -> AsyncIterator["Tiers"]:
        tiers = cls(server=server, folder=folder, clock=clock, **changes)
        try:
            yield tiers
        finally:
            for tier in list(tiers.tiers):
                await tiers.stop(tier)
            await tiers._stack.aclose()

    async def _settings(
        self, id_: str, locality: str, areas: Sequence[Path]
    ) -> dict[str, Any]:
        url = await self.server.ensure_database(f"tier_{new_name()}")
        return {
            "data": self.folder / id_,
            "tier": {
                "id": id_,
                "level": "province",
                "name_vi": id_,
                "name_en": id_,
                "locality": locality,
            },
            "database": {"url": url},
            "localities": {"areas": [str(path) for path in areas]},
        }

    async def hub(
        self,
        id_: str,
        locality: str,
        *,
        areas: Sequence[Path] = (),
        parent: Tier | None = None,
        **settings: Any,
    ) -> Tier:
        """Start a hub; ``parent`` gives it a way up for all that is in its place."""
        given = await self._settings(id_, locality, areas) | settings
        if parent is not None:
            given["parent"] = {"address": "relay:1"}
        hub = await self._stack.enter_async_context(
            open_hub(HubSettings(**given), clock=self.clock)
        )
        projector, rollups = projector_of(hub), rollups_of(hub)

        async def reroute_hub() -> int:
            return await reroute(hub)

        tier = Tier(
            id=id_,
            pool=hub.pool,
            opened=hub,
            routing=DailyRouting(reroute_hub, clock=self.clock),
            work=[projector.run_until_done, rollups.run_until_done],
            inbox=Inbox(
                Services(
                    parent=id_,
                    signer=hub.signer,
                    registry=hub.registry,
                    store=PostgresInboxStore(hub.pool),
                    clock=self.clock,
                    limits=LinkLimits(heartbeat_interval_s=1),
                )
            ),
        )
        self.tiers[id_] = tier
        if parent is not None:
            own = Area(stream=id_, localities=(locality,), includes_parts=True)
            await self._join(tier, parent, [own], NewestNames())
        return tier

    async def node(
        self,
        id_: str,
        locality: str,
        parent: Tier,
        *,
        areas: Sequence[Path],
        speaks_for: Sequence[Mapping[str, Any]],
        subsystems: Sequence[str] = ("environment",),
        **settings: Any,
    ) -> Tier:
        """Start a node that speaks for areas."""
        given = await self._settings(id_, locality, areas) | settings
        given |= {"areas": list(speaks_for), "subsystems": list(subsystems)}
        node = await self._stack.enter_async_context(
            open_node(NodeSettings(**given), clock=self.clock)
        )
        tier = Tier(
            id=id_,
            pool=node.pool,
            opened=node,
            routing=DailyRouting(node.reroute, clock=self.clock),
            work=[worker_of(node).run_until_done],
        )
        self.tiers[id_] = tier
        places = {place.id: place for place in node.places.all()}
        announcer = TableAnnouncer(localities=lambda: places)
        own = [each.area() for each in node.settings.areas]
        await self._join(tier, parent, own, announcer)
        return tier

    async def _join(
        self,
        tier: Tier,
        parent: Tier,
        areas: Sequence[Area],
        announcer: Announcer[PooledConnection],
    ) -> None:
        assert isinstance(parent.opened, Hub)
        assert parent.inbox is not None
        token = await parent.opened.registry.create_token(
            node=tier.id, areas=list(areas), lifetime=timedelta(days=1)
        )
        signer = load_or_create_key(self.folder / tier.id / "link.key")
        boot_id = secrets.token_bytes(16)
        outbox = PostgresOutbox(
            tier.pool,
            sealer=Sealer(signer=signer, boot_id=boot_id),
            clock=self.clock,
            announcer=announcer,
        )
        transport: Transport = MemoryTransport(parent.inbox)
        if self.transports is not None:
            transport = await self.transports(parent.inbox)
        uplink = Uplink(
            node=LinkNode(
                id=tier.id, signer=signer, boot_id=boot_id, software_version="0.1.0"
            ),
            transport=transport,
            outbox=outbox,
            enrolments=PostgresEnrolmentStore(tier.pool),
            read_ticket=lambda: JoinTicket(token=token, node=tier.id),
            clock=self.clock,
            settings=SETTINGS,
        )
        link = Link(outbox=outbox, uplink=uplink, streams=[a.stream for a in areas])
        tier.link = link
        self.start_link(tier)

    def start_link(self, tier: Tier) -> None:
        """Have a tier send what it has."""
        assert tier.link is not None
        tier.link.task = asyncio.create_task(tier.link.uplink.run())

    async def cut(self, tier: Tier) -> None:
        """Let a tier send nothing more until its link starts again."""
        link = tier.link
        if link is not None and link.task is not None:
            link.task.cancel()
            await asyncio.wait((link.task,))
            link.task = None

    async def stop(self, id_: str) -> None:
        tier = self.tiers.pop(id_)
        await self.cut(tier)
        if tier.inbox is not None:
            tier.inbox.close()

    async def settle(self) -> None:
        """Let every tier do what is to do, until all is told everywhere."""
        for _ in range(ROUNDS_MAX):
            done = 0
            for tier in self.tiers.values():
                done += await tier.routing.run_once()
                for work in tier.work:
                    done += await work()
                link = tier.link
                if link is not None and link.task is not None:
                    if link.task.done():
                        link.task.result()
                    await eventually(link.is_still)
            if not done:
                return
        raise AssertionError("the tiers never come to rest")
