"""Work that waits for notifications of the database, and looks by itself as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS, Pool, PooledConnection


async def work_when_notified(
    pool: Pool,
    channel: str,
    work: Callable[[], Awaitable[object]],
    *,
    poll_interval_s: float,
) -> None:
    """Call ``work`` at once, after every notification and every interval, for ever.

    It holds one connection of the pool. A notification that comes during the work
    leads to one more round. Runs until it is cancelled.

    Raises:
        StorageError: The database went away; run it again. Nothing is lost, because
            it looks by itself first.
    """
    woken = asyncio.Event()
    try:
        async with _listening(pool, channel, woken) as connection:
            while not connection.is_closed():
                woken.clear()
                await work()
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), timeout=poll_interval_s)
            raise asyncpg.InterfaceError(f"nothing listens to {channel} any more")
    except DRIVER_ERRORS as error:
        raise classify(error, doing=f"listen to {channel}") from error


@asynccontextmanager
async def _listening(
    pool: Pool, channel: str, woken: asyncio.Event
) -> AsyncIterator[PooledConnection]:
    """Set the event for every notification, and when the connection ends."""

    def wake(*_: object) -> None:
        woken.set()

    async with pool.acquire() as connection:
        connection.add_termination_listener(wake)
        await connection.add_listener(channel, wake)
        try:
            yield connection
        finally:
            connection.remove_termination_listener(wake)
            if not connection.is_closed():
                await connection.remove_listener(channel, wake)
