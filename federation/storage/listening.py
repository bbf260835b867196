"""Work that waits for notifications of the database, and looks by itself as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from federation.storage.pool import DRIVER_ERRORS, Pool, retried


async def work_when_notified(
    pool: Pool,
    channel: str,
    work: Callable[[], Awaitable[object]],
    *,
    poll_interval_s: float,
) -> None:
    """Call ``work`` at once, after every notification and every interval, for ever.

    It holds one connection. Notifications that come during the work lead to one more
    round. Runs until it is cancelled.

    Raises:
        StorageError: when the database stays away; whoever owns the task starts it
            again, and nothing is lost because it looks by itself first.
    """
    woken = asyncio.Event()
    async with _listening(pool, channel, woken):
        while True:
            woken.clear()
            await work()
            try:
                await asyncio.wait_for(woken.wait(), timeout=poll_interval_s)
            except TimeoutError:
                continue


@asynccontextmanager
async def _listening(
    pool: Pool, channel: str, woken: asyncio.Event
) -> AsyncIterator[None]:
    """Set the event for every notification while open.

    When the connection is lost the polling goes on and meets the fault of the
    database by itself.
    """

    def heard(*_: Any) -> None:
        woken.set()

    connection = await retried(pool.acquire, doing=f"listen to {channel}")
    try:
        await connection.add_listener(channel, heard)
        yield
    finally:
        try:
            if not connection.is_closed():
                await connection.remove_listener(channel, heard)
        except DRIVER_ERRORS:
            connection.terminate()
        await pool.release(connection)
