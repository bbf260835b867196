"""Waiting for notifications."""

import asyncio

import pytest

from federation.storage.errors import StorageError
from federation.storage.listening import work_when_notified
from federation.storage.pool import open_pool


async def test_it_works_at_once_and_after_each_notification(database_url: str) -> None:
    pool = await open_pool(database_url, name="test")
    rounds: asyncio.Queue[None] = asyncio.Queue()

    async def work() -> None:
        rounds.put_nowait(None)

    task = asyncio.create_task(
        work_when_notified(pool, "news", work, poll_interval_s=60)
    )
    async with asyncio.timeout(10):
        await rounds.get()
        for _ in range(3):
            await pool.execute("NOTIFY news")
            await rounds.get()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await pool.close()


async def test_a_lost_connection_ends_it_with_a_retriable_error(
    database_url: str,
) -> None:
    pool = await open_pool(database_url, name="test")
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()

    task = asyncio.create_task(
        work_when_notified(pool, "news", work, poll_interval_s=60)
    )
    async with asyncio.timeout(10):
        await begun.wait()
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(StorageError) as caught:
            await task
    assert caught.value.retriable
    await pool.close()
