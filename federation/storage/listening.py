"""Work that waits for notifications of the database, and looks by itself as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS, Pool, PooledConnection

Heard = Callable[[str | None], None]
"""Is given the text of a notification; None when the connection ends."""


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

    def heard(_text: str | None) -> None:
        woken.set()

    try:
        async with listening(pool, channel, heard) as connection:
            while not connection.is_closed():
                woken.clear()
                await work()
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), timeout=poll_interval_s)
            raise asyncpg.InterfaceError(f"nothing listens to {channel} any more")
    except DRIVER_ERRORS as error:
        raise classify(error, doing=f"listen to {channel}") from error


@asynccontextmanager
async def listening(
    pool: Pool, channel: str, heard: Heard
) -> AsyncIterator[PooledConnection]:
    """Tell of every notification, and of the connection's end, while open.

    It holds one connection of the pool.
    """

    def notified(_connection: object, _pid: int, _channel: str, text: object) -> None:
        heard(str(text))

    def ended(_connection: object) -> None:
        heard(None)

    async with pool.acquire() as connection:
        connection.add_termination_listener(ended)
        await connection.add_listener(channel, notified)
        try:
            yield connection
        finally:
            # A connection that is gone has left its listeners behind already.
            if not connection.is_closed():
                connection.remove_termination_listener(ended)
                await connection.remove_listener(channel, notified)
