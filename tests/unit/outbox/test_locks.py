"""Sealing beside writers of the same rows."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest_asyncio

import federation.catalogue
import federation.outbox
import federation.warehouse
from federation.outbox.store import OutboxLimits
from federation.storage.pool import Pool, PoolLimits, open_pool
from federation.wire.frames import read_payload
from tests.conftest import DatabaseFactory
from tests.contract.outbox.harness import Harness, postgres_harness
from tests.contract.outbox.samples import RAIN, STREAM, rain

APPS = (federation.catalogue.APP, federation.warehouse.APP, federation.outbox.APP)
CHANGE = """
UPDATE value SET state_value = $2, sealed_epoch = NULL, sealed_sequence = NULL
WHERE period_day = (SELECT max(period_day) - $1::integer FROM value)
"""


@pytest_asyncio.fixture
async def pool(migrated_database: DatabaseFactory) -> AsyncIterator[Pool]:
    url = await migrated_database(APPS)
    pool = await open_pool(url, name="test", limits=PoolLimits(connections_max=6))
    yield pool
    await pool.close()


async def opened(pool: Pool) -> Harness:
    harness = postgres_harness(pool, OutboxLimits())
    await harness.feed.know(RAIN)
    await harness.opened()
    await harness.feed.change(STREAM, *(rain(day, day) for day in range(1, 6)))
    return harness


async def test_a_row_that_somebody_is_changing_is_left_for_the_next_frame(
    pool: Pool,
) -> None:
    harness = await opened(pool)
    async with pool.acquire() as writer:
        change = writer.transaction()
        await change.start()
        await writer.execute(CHANGE, 0, 77)
        async with asyncio.timeout(5):
            first = read_payload((await harness.sealed()).body)
        assert sorted(row.state.value for row in first.rows if row.state) == [
            2,
            3,
            4,
            5,
        ]
        assert first.complete_through == ()
        await change.commit()
    second = read_payload((await harness.sealed()).body)
    assert [row.state.value for row in second.rows if row.state] == [77]
    assert len(second.complete_through) == 1


async def test_a_row_that_changes_after_it_was_sealed_is_pending_again(
    pool: Pool,
) -> None:
    harness = await opened(pool)
    await harness.drained()
    await pool.execute(CHANGE, 3, 99)
    payloads = await harness.drained()
    assert [r.state.value for p in payloads for r in p.rows if r.state] == [99]


async def test_a_writer_sealers_and_new_epochs_do_not_deadlock(
    pool: Pool,
) -> None:
    harness = await opened(pool)

    async def write(*days: int) -> None:
        for value in range(20):
            async with pool.acquire() as writer, writer.transaction():
                for day in days:
                    await writer.execute(CHANGE, day, value * 10 + day)

    async def seal() -> None:
        for epoch in range(2, 12):
            await harness.drained()
            await harness.opened(epoch)

    async with asyncio.TaskGroup() as tasks, asyncio.timeout(60):
        tasks.create_task(write(4, 0, 3, 1, 2))
        tasks.create_task(seal())
    payloads = await harness.drained()
    last = {r.period.start: r.state.value for p in payloads for r in p.rows if r.state}
    stored = await pool.fetch("SELECT period_start, state_value FROM value")
    for record in stored:
        sent = last.get(record["period_start"], record["state_value"])
        assert sent == record["state_value"]
    assert (await harness.outbox.stats(STREAM)).pending_rows == 0


async def test_two_sealers_of_one_stream_make_one_chain(pool: Pool) -> None:
    harness = await opened(pool)
    other = harness.again()
    frames = []
    for value in range(10):
        await harness.feed.change(STREAM, *(rain(value, day) for day in range(1, 6)))
        found = await asyncio.gather(
            harness.outbox.seal(STREAM), other.seal(STREAM), other.seal(STREAM)
        )
        frames += [frame for frame in found if frame is not None]
    frames.sort(key=lambda frame: frame.sequence)
    assert [frame.sequence for frame in frames] == [*range(1, len(frames) + 1)]
    for before, after in itertools.pairwise(frames):
        assert after.previous_head == before.head
    numbers = [x.number for f in frames for x in read_payload(f.body).series]
    assert numbers == [1]
