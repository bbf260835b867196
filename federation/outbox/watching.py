"""Listening for values that became pending, through restarts of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from federation.outbox.store import Wake
from federation.storage.listening import listening
from federation.storage.pool import DRIVER_ERRORS, Pool
from federation.warehouse.store import OUTBOX_CHANNEL

LISTEN_AGAIN_S = 1.0
"""Wait before listening again after the connection was lost."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def watching(pool: Pool, wake: Wake) -> AsyncIterator[None]:
    """Call ``wake`` for every notification while open; it holds one connection."""
    task = asyncio.create_task(_watch(pool, wake))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def _watch(pool: Pool, wake: Wake) -> None:
    told = False
    while True:
        try:
            await _listen(pool, wake)
        except DRIVER_ERRORS as error:
            if not told:
                log.warning("outbox_listener_lost", why=repr(error))
            told = True
        await asyncio.sleep(LISTEN_AGAIN_S)


async def _listen(pool: Pool, wake: Wake) -> None:
    """Return when the connection is gone."""
    gone = asyncio.Event()

    def heard(stream: str | None) -> None:
        if stream is None:
            gone.set()
        else:
            wake(stream)

    async with listening(pool, OUTBOX_CHANNEL, heard):
        # What was committed before now told nobody.
        wake(None)
        await gone.wait()
