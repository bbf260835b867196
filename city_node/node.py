"""A node on its database: places, catalogue, warehouse, and the way in.

The service and the commands open the same node; both may be open at once.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import city_node.observations
import federation.access
import federation.catalogue
import federation.identity
import federation.localities
import federation.outbox
import federation.warehouse
from city_node.config import NodeSettings
from city_node.contract import MeasuredIndicator, Subsystem
from city_node.installed import find_subsystems
from city_node.intake.ingest import Intake
from city_node.sharing.streams import Streams
from federation.catalogue.store import Catalogue
from federation.clock import Clock
from federation.localities.graph import LocalityGraph
from federation.localities.importing import import_places
from federation.model.indicator import Text
from federation.storage.migrations import migrate
from federation.storage.pool import (
    Pool,
    PooledConnection,
    PoolLimits,
    open_pool,
    transaction,
)
from federation.warehouse.postgres import PostgresWarehouse

APPS = (
    federation.warehouse.APP,
    federation.catalogue.APP,
    federation.localities.APP,
    federation.access.APP,
    federation.identity.APP,
    federation.outbox.APP,
    city_node.observations.APP,
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


@asynccontextmanager
async def open_node(settings: NodeSettings, *, clock: Clock) -> AsyncIterator[Node]:
    """Open a node: bring its database up to date, and say what it measures.

    Raises:
        FederationError: The configuration names what is not there, or the database
            can't be used; the texts say which.
    """
    subsystems = find_subsystems(settings.subsystems)
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
        places = await import_places(
            connection,
            lists=settings.localities.files,
            areas=settings.localities.areas,
            changed_at=clock.now(),
        )
    streams = Streams(
        [area.area() for area in settings.areas],
        places,
        {each.indicator.id: each.indicator for each in measured},
    )
    warehouse = PostgresWarehouse(streams)
    intake = Intake(
        pool=pool,
        warehouse=warehouse,
        subsystems=subsystems,
        localities=places,
        owned=streams.localities,
        clock=clock,
    )
    for subsystem in await _read_otherwise(pool, catalogue, subsystems):
        await intake.derive(subsystem)
    # Only now: a start that was interrupted derives again.
    async with transaction(pool, doing="announce the catalogue") as connection:
        await _put_catalogue(connection, catalogue, subsystems, measured, clock)
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
    clock: Clock,
) -> None:
    await catalogue.refresh(connection)
    await catalogue.put_indicators(
        connection, [each.indicator for each in measured], known_at=clock.now()
    )
    agencies: dict[str, Text] = {}
    sources: dict[str, Text] = {}
    for subsystem in subsystems.values():
        agencies |= subsystem.agencies
        sources |= {source.id: source.name for source in subsystem.sources}
    await catalogue.put_agencies(connection, agencies)
    await catalogue.put_sources(connection, sources)
    await catalogue.put_subsystems(
        connection, {one.id: one.name for one in subsystems.values()}
    )
