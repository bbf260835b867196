"""A node on its database: places, catalogue, warehouse, and the way in.

The service and the commands open the same node; both may be open at once.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import city_node.feeding
import city_node.observations
import federation.access
import federation.catalogue
import federation.coverage
import federation.identity
import federation.localities
import federation.outbox
import federation.warehouse
from city_node.config import NodeSettings
from city_node.contract import MeasuredIndicator, Subsystem
from city_node.installed import find_subsystems
from city_node.intake.ingest import Intake
from city_node.sharing.streams import Streams
from city_node.templates.making import Templates
from federation.catalogue.calendars import calendars_of
from federation.catalogue.store import Catalogue
from federation.clock import Clock
from federation.coverage.owed import Realm, obligations_of, rules_of, with_defaults
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.localities.importing import import_places
from federation.model.indicator import Text
from federation.model.period import CALENDARS, LOCAL, Calendar
from federation.storage.migrations import migrate
from federation.storage.pool import (
    Pool,
    PooledConnection,
    PoolLimits,
    open_pool,
    transaction,
)
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.remarking import mark_since
from federation.wire.payload import AnnouncedSubsystem, Obligation

APPS = (
    federation.warehouse.APP,
    federation.catalogue.APP,
    federation.coverage.APP,
    federation.localities.APP,
    federation.access.APP,
    federation.identity.APP,
    federation.outbox.APP,
    city_node.observations.APP,
    city_node.feeding.APP,
)
"""Every package that keeps rows in a node's database."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node that is open."""

    settings: NodeSettings
    clock: Clock
    pool: Pool
    places: LocalityGraph
    subsystems: Mapping[str, Subsystem]
    catalogue: Catalogue
    streams: Streams
    warehouse: PostgresWarehouse
    intake: Intake

    @property
    def templates(self) -> Templates:
        """Return the templates that its agencies may ask for."""
        speaks_for = self.streams.localities
        return Templates(
            pool=self.pool,
            warehouse=self.warehouse,
            subsystems=self.subsystems,
            localities=[each for each in self.places.all() if each.id in speaks_for],
            places=self.places,
            clock=self.clock,
        )

    async def reroute(self) -> int:
        """Ask again where each series goes today; return how many go elsewhere."""
        async with transaction(self.pool, doing="reroute") as connection:
            return await self.warehouse.reroute(connection)


@asynccontextmanager
async def open_node(settings: NodeSettings, *, clock: Clock) -> AsyncIterator[Node]:
    """Open a node: bring its database up to date, and say what it measures.

    Raises:
        FederationError: The configuration names what is not there, or the database
            can't be used; the texts say which.
    """
    subsystems = find_subsystems(
        settings.subsystems,
        rules_of(settings.reporting.obligations),
        settings.mappings,
    )
    url = settings.database_url
    await migrate(url, APPS)
    limits = PoolLimits(connections_max=settings.database.connections_max)
    pool = await open_pool(url, name="city-node", limits=limits)
    try:
        yield await _opened(settings, clock, pool, subsystems)
    finally:
        await pool.close()


async def _opened(
    settings: NodeSettings,
    clock: Clock,
    pool: Pool,
    subsystems: Mapping[str, Subsystem],
) -> Node:
    measured = [each for one in subsystems.values() for each in one.indicators]
    catalogue = Catalogue()
    async with transaction(pool, doing="import localities") as connection:
        imported = await import_places(
            connection,
            lists=settings.localities.files,
            areas=settings.localities.areas,
            changed_at=clock.now(),
        )
        if imported.affected_from is not None:
            await mark_since(connection, imported.affected_from)
    places = imported.graph
    streams = Streams(
        [area.area() for area in settings.areas],
        places,
        {each.indicator.id: each.indicator for each in measured},
        sharing=settings.sharing_rules,
        clock=clock,
    )
    warehouse = PostgresWarehouse(streams)
    intake = Intake(
        pool=pool,
        warehouse=warehouse,
        subsystems=subsystems,
        localities=places,
        owned=streams.localities,
        clock=clock,
        calendars=CALENDARS | {one.id: one for one in _calendars(subsystems, settings)},
    )
    for subsystem in await _read_otherwise(pool, catalogue, subsystems):
        await intake.derive(subsystem)
    # Only now: a start that was interrupted derives again.
    async with transaction(pool, doing="announce the catalogue") as connection:
        changed = await _put_catalogue(
            connection, catalogue, subsystems, measured, settings, clock
        )
        changed |= await _declare(
            connection, catalogue, subsystems, settings, places, clock
        )
        await warehouse.remark(connection, changed)
        await warehouse.reroute(connection)
    return Node(
        settings=settings,
        clock=clock,
        pool=pool,
        places=places,
        subsystems=subsystems,
        catalogue=catalogue,
        streams=streams,
        warehouse=warehouse,
        intake=intake,
    )


async def _read_otherwise(
    pool: Pool, catalogue: Catalogue, subsystems: Mapping[str, Subsystem]
) -> list[str]:
    """Return the subsystems whose indicators another release announced otherwise."""
    async with transaction(pool, doing="read the catalogue") as connection:
        await catalogue.refresh(connection)
    known = catalogue.indicators
    return [
        name
        for name, subsystem in subsystems.items()
        if any(
            known[each.indicator.id] != each.indicator
            for each in subsystem.indicators
            if each.indicator.id in known
        )
    ]


async def _put_catalogue(
    connection: PooledConnection,
    catalogue: Catalogue,
    subsystems: Mapping[str, Subsystem],
    measured: list[MeasuredIndicator],
    settings: NodeSettings,
    clock: Clock,
) -> set[str]:
    """Make known what the node measures; return indicators to roll up again."""
    await catalogue.refresh(connection)
    changed = {
        *await catalogue.put_indicators(
            connection, [each.indicator for each in measured], known_at=clock.now()
        )
    }
    calendars = _calendars(subsystems, settings)
    changed |= {
        *await catalogue.put_calendars(connection, calendars, known_at=clock.now())
    }
    _require_calendars(catalogue, measured)
    agencies: dict[str, Text] = {}
    sources: dict[str, Text] = {}
    for subsystem in subsystems.values():
        agencies |= subsystem.agencies
        sources |= {source.id: source.name for source in subsystem.sources}
    await catalogue.put_agencies(connection, agencies)
    await catalogue.put_sources(connection, sources)
    await catalogue.put_subsystems(
        connection,
        [
            AnnouncedSubsystem(id=one.id, name=one.name, owner_agency=one.owner_agency)
            for one in subsystems.values()
        ],
    )
    return changed


def _calendars(
    subsystems: Mapping[str, Subsystem], settings: NodeSettings
) -> list[Calendar]:
    """Return the calendars of the subsystems and those that the operator declares."""
    own = [one for each in subsystems.values() for one in each.calendars]
    return [*own, *calendars_of(settings.reporting.calendars)]


def _require_calendars(
    catalogue: Catalogue, measured: Sequence[MeasuredIndicator]
) -> None:
    for each in measured:
        if each.indicator.calendar not in catalogue.calendars:
            raise FederationError(
                ErrorCode.CONFIGURATION,
                f"Chỉ tiêu {each.indicator.id} dùng lịch báo cáo "
                f"“{each.indicator.calendar}” chưa khai báo. Hãy thêm lịch vào "
                "reporting.calendars.",
                f"The indicator {each.indicator.id} uses the calendar "
                f"“{each.indicator.calendar}”, which nobody declares. Add it to "
                "reporting.calendars.",
                {"calendar": each.indicator.calendar},
            )


async def _declare(
    connection: PooledConnection,
    catalogue: Catalogue,
    subsystems: Mapping[str, Subsystem],
    settings: NodeSettings,
    places: LocalityGraph,
    clock: Clock,
) -> set[str]:
    """Say what each area owes; return the indicators for which that changed."""
    contracts = {
        each.indicator.id: each.indicator
        for one in subsystems.values()
        for each in one.indicators
    }
    rules = with_defaults(
        contracts.values(),
        [rule for one in subsystems.values() for rule in one.obligations],
        rules_of(settings.reporting.obligations),
    )
    declared: dict[str, list[Obligation]] = {
        stream: [] for stream in catalogue.owing_streams
    }
    for area in settings.areas:
        realm = Realm(localities=area.localities, parts=area.includes_parts)
        declared[area.id] = obligations_of(rules, contracts, places, realm)
    today = clock.now().astimezone(LOCAL.zone).date()
    return {*await catalogue.declare_obligations(connection, declared, today=today)}
