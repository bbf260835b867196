"""Keeps the totals of the node's own places up to date, so that a city sees its own."""

from city_node.node import Node
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.storage.listening import work_when_notified
from federation.storage.pool import PooledConnection, transaction
from federation.warehouse.store import ROLLUP_CHANNEL

POLL_INTERVAL_S = 5.0
"""Look for marks although nobody told of any: a notification may get lost."""


async def keep_rolled_up(node: Node) -> None:
    """Roll up what is marked, whenever something is, until cancelled.

    Raises:
        StorageError: The database went away; run it again.
    """
    await work_when_notified(
        node.pool,
        ROLLUP_CHANNEL,
        worker_of(node).run_until_done,
        poll_interval_s=POLL_INTERVAL_S,
    )


def worker_of(node: Node) -> RollupWorker[PooledConnection]:
    """Return the worker that rolls up a node's places.

    Its own place is rolled up only where the node speaks for all of its parts.
    """
    place = node.settings.tier.locality
    whole = node.streams.speaks_for_whole(place)
    scope = Scope(graph=node.places, own_place=place if whole else None)

    async def refresh(connection: PooledConnection) -> Scope:
        await node.catalogue.refresh(connection)
        return scope

    return RollupWorker(
        warehouse=node.warehouse,
        catalogue=node.catalogue,
        expected=PostgresExpectedSets(),
        refresh=refresh,
        begin=lambda: transaction(node.pool, doing="roll up"),
        clock=node.clock,
    )
