"""A hub on its database: what its service and its commands both open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import federation.access
import federation.catalogue
import federation.coverage
import federation.identity
import federation.inbox
import federation.localities
import federation.outbox
import federation.warehouse
import province_hub.projector
from federation.clock import Clock
from federation.identity.keys import Signer, load_or_create_key
from federation.identity.registry_postgres import PostgresRegistry
from federation.localities.graph import LocalityGraph
from federation.localities.importing import import_places
from federation.storage.credentials import PRIVATE_FOLDER_MODE
from federation.storage.migrations import migrate
from federation.storage.pool import (
    Pool,
    PoolLimits,
    open_pool,
    transaction,
)
from federation.warehouse.remarking import mark_since
from province_hub.config import HubSettings

APPS = (
    federation.warehouse.APP,
    federation.catalogue.APP,
    federation.coverage.APP,
    federation.localities.APP,
    federation.access.APP,
    federation.identity.APP,
    federation.inbox.APP,
    federation.outbox.APP,
    province_hub.projector.APP,
)
"""Every package that keeps rows in a hub's database."""


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A hub that is open."""

    settings: HubSettings
    clock: Clock
    pool: Pool
    signer: Signer
    registry: PostgresRegistry
    places: LocalityGraph
    """As they were when it was opened."""

    @property
    def stream(self) -> str | None:
        """Return the hub's own stream; None where there is no parent."""
        return self.settings.tier.id if self.settings.parent.address else None


@asynccontextmanager
async def open_hub(settings: HubSettings, *, clock: Clock) -> AsyncIterator[Hub]:
    """Open a hub: its key, its database up to date, its places.

    A service and commands may have the same hub open at once.

    Raises:
        FederationError: The configuration names what is not there, or the database
            can't be used; the texts say which.
    """
    settings.data.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    signer = load_or_create_key(settings.key_file)
    url = settings.database_url
    await migrate(url, APPS)
    limits = PoolLimits(connections_max=settings.database.connections_max)
    pool = await open_pool(url, name="province-hub", limits=limits)
    try:
        async with transaction(pool, doing="import localities") as connection:
            imported = await import_places(
                connection,
                lists=settings.localities.files,
                areas=settings.localities.areas,
                changed_at=clock.now(),
            )
            if imported.affected_from is not None:
                await mark_since(connection, imported.affected_from)
        yield Hub(
            settings=settings,
            clock=clock,
            pool=pool,
            signer=signer,
            registry=PostgresRegistry(pool, signer=signer, clock=clock),
            places=imported.graph,
        )
    finally:
        await pool.close()
