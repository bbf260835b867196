"""The reading half of an application, the same at every tier with a warehouse."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from federation.access.accounts import Passwords
from federation.access.sessions import Access
from federation.access.throttle import LoginThrottle
from federation.api.requests import Parts
from federation.api.schemas import LinkOut, TierOut
from federation.clock import Clock
from federation.observability.metrics import Metrics
from federation.observability.probes import Probes
from federation.storage.pool import Pool, PooledConnection, check, transaction
from federation.views.knowing import StoredKnowledge
from federation.views.obligations import ObligationViews
from federation.views.overview import OverviewView
from federation.views.values import ValueViews
from federation.views.window import WindowView
from federation.warehouse.postgres import PostgresWarehouse

Links = Callable[[], Awaitable[list[LinkOut]]]


def assemble(
    *,
    tier: TierOut,
    pool: Pool,
    warehouse: PostgresWarehouse,
    links: Links,
    metrics: Metrics,
    clock: Clock,
    passwords: Passwords,
) -> Parts:
    """Return what the routes stand on; the database becomes a readiness check."""

    def reading() -> AbstractAsyncContextManager[PooledConnection]:
        # One snapshot: a page and what stands beside it never disagree.
        return transaction(
            pool, doing="read", isolation="repeatable_read", readonly=True
        )

    async def database() -> str | None:
        await check(pool)
        return None

    probes = Probes(metrics=metrics)
    probes.add_ready("database", database)
    return Parts(
        tier=tier,
        access=Access(
            tier=tier.id,
            workspace=tier.workspace,
            clock=clock,
            passwords=passwords,
            throttle=LoginThrottle(clock=clock),
        ),
        knowledge=StoredKnowledge(pool),
        values=ValueViews(warehouse, reading),
        windows=WindowView(warehouse, reading),
        overview=OverviewView(warehouse, reading, clock=clock),
        obligations=ObligationViews(warehouse, reading, clock=clock),
        links=links,
        probes=probes,
        metrics=metrics,
        clock=clock,
    )
