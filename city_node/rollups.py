"""Keeps the totals of the node's own places up to date, so that a city sees its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg

from city_node.node import Node
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS, Pool, PooledConnection, transaction
from federation.warehouse.store import ROLLUP_CHANNEL

POLL_INTERVAL_S = 5.0
"""Look for marks although nobody told of any: a notification may get lost."""


async def keep_rolled_up(node: Node) -> None:
    """Roll up what is marked, whenever something is, until cancelled.

    Raises:
        StorageError: The database went away; run it again.
    """
    worker = worker_of(node)
    marked = asyncio.Event()
    try:
        async with _listening(node.pool, marked) as connection:
            while not connection.is_closed():
                marked.clear()
                await worker.run_until_done()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(marked.wait(), POLL_INTERVAL_S)
            raise asyncpg.InterfaceError("the listening connection is closed")
    except DRIVER_ERRORS as error:
        raise classify(error, doing="roll up") from error


@contextlib.asynccontextmanager
async def _listening(
    pool: Pool, marked: asyncio.Event
) -> AsyncIterator[PooledConnection]:
    """Hold a connection that sets the event for every mark."""

    def wake(*_: object) -> None:
        marked.set()

    async with pool.acquire() as connection:
        await connection.add_listener(ROLLUP_CHANNEL, wake)
        try:
            yield connection
        finally:
            if not connection.is_closed():
                await connection.remove_listener(ROLLUP_CHANNEL, wake)


def worker_of(node: Node) -> RollupWorker[PooledConnection]:
    """Return the worker that rolls up a node's places."""
    scope = Scope(graph=node.places, own_place=node.settings.tier.locality)

    async def refresh(connection: PooledConnection) -> Scope:
        await node.catalogue.refresh(connection)
        return scope

    return RollupWorker(
        warehouse=node.warehouse,
        catalogue=node.catalogue,
        refresh=refresh,
        begin=lambda: transaction(node.pool, doing="roll up"),
        clock=node.clock,
    )
