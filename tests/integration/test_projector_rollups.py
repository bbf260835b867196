"""From a child's frame to the total, on one database, while two workers run."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest_asyncio

from federation import catalogue as catalogue_package
from federation import coverage, localities, warehouse
from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.localities.lists import shipped_list
from federation.localities.store import CurrentGraph, import_list
from federation.model.indicator import Basis, Text
from federation.model.period import Frequency, period_of_day
from federation.model.row import SeriesKey, State, Version, base_row
from federation.model.status import Counts, Provenance, Status
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.storage.listening import work_when_notified
from federation.storage.pool import Pool, PooledConnection, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import (
    ROLLUP_CHANNEL,
    Incoming,
    SeriesFilter,
    Stored,
)
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
APPS = [warehouse.APP, catalogue_package.APP, coverage.APP, localities.APP]
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
TEXT = Text(vi="x", en="x")
FOUND = an_indicator()


@pytest_asyncio.fixture(loop_scope="session")
async def pool(migrated_database: Any) -> AsyncIterator[Pool]:
    opened = await open_pool(await migrated_database(APPS), name="test")
    async with transaction(opened) as connection:
        await import_list(connection, shipped_list(), changed_at=NOW)
        await Catalogue().put_indicators(connection, [FOUND], known_at=NOW)
        owed = [
            Obligation(indicator=FOUND.id, locality=place.id, agency="", from_day=0)
            for place in (await CurrentGraph().refresh(connection)).all()
            if place.level == "commune" and place.parent == "40"
        ]
        await Catalogue().put_obligations(connection, "", owed)
    yield opened
    await opened.close()


def worker(pool: Pool) -> RollupWorker[PooledConnection]:
    catalogue, places = Catalogue(), CurrentGraph()

    async def refresh(connection: PooledConnection) -> Scope:
        await catalogue.refresh(connection)
        return Scope(graph=await places.refresh(connection), own_place="40")

    return RollupWorker(
        warehouse=PostgresWarehouse(),
        catalogue=catalogue,
        expected=PostgresExpectedSets(),
        refresh=refresh,
        begin=lambda: transaction(pool, doing="roll up"),
        clock=ManualClock(NOW),
    )


async def keep_rolled_up(pool: Pool) -> None:
    rolling = worker(pool)
    await work_when_notified(
        pool, ROLLUP_CHANNEL, rolling.run_until_done, poll_interval_s=0.5
    )


def reported(code: str, value: int, sequence: int = 1) -> Incoming:
    row = base_row(
        series=SeriesKey(indicator=FOUND.id, locality=f"{code}@2025-07-01"),
        period=MAY,
        state=State(value=value),
        status=Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=1,
    )
    carrier = Version(stream=code, epoch=1, sequence=sequence)
    return Incoming(row=row, contract_hash=FOUND.contract_hash, carrier=carrier)


async def apply(pool: Pool, *batch: Incoming) -> None:
    async with transaction(pool) as connection:
        await PostgresWarehouse().apply(connection, batch, known_at=NOW)


async def total(pool: Pool) -> Stored | None:
    chosen = SeriesFilter(localities=["40"], basis=Basis.ROLLED_UP)
    async with transaction(pool) as connection:
        found = await PostgresWarehouse().values(connection, chosen)
    return found[0] if found else None


async def test_eleven_of_the_communes_report(pool: Pool) -> None:
    codes = ["16681", "16690", "16702", "16708", "16732", "17920"]
    codes += ["17443", "16903", "16858", "17254", "17935"]
    await apply(pool, *(reported(code, 2) for code in codes))
    assert await worker(pool).run_until_done() == 1
    stored = await total(pool)
    assert stored is not None
    assert stored.row.state == State(value=22)
    assert (stored.row.reported, stored.row.expected) == (11, 130)
    assert stored.carrier is None


async def test_writers_and_workers_together_end_at_the_true_total(pool: Pool) -> None:
    """Whatever the order, no change is left out of the total and none is in twice."""
    codes = ["16681", "16690", "16702", "17443"]

    async def write(code: str) -> None:
        for sequence in range(1, 26):
            await apply(pool, reported(code, sequence * 10, sequence))

    running = [asyncio.create_task(keep_rolled_up(pool)) for _ in range(2)]
    await asyncio.gather(*(write(code) for code in codes))
    async with asyncio.timeout(30):
        while True:
            stored = await total(pool)
            if stored is not None and stored.row.state == State(value=1000):
                break
            await asyncio.sleep(0.02)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert await worker(pool).run_until_done() <= 1
    stored = await total(pool)
    assert stored is not None
    assert stored.row.state == State(value=1000)
    async with transaction(pool) as connection:
        assert await connection.fetchval("SELECT count(*) FROM rollup_mark") == 0


async def test_a_change_during_the_rollup_is_rolled_up_again(pool: Pool) -> None:
    await apply(pool, reported("16681", 1))
    slow: Any = worker(pool)
    computed = slow._computed

    async def interrupted(*args: Any) -> Any:
        rows = await computed(*args)
        slow._computed = computed
        await apply(pool, reported("16681", 5, 2))
        return rows

    slow._computed = interrupted
    assert await slow.run_until_done() == 2
    stored = await total(pool)
    assert stored is not None
    assert stored.row.state == State(value=5)


async def test_an_indicator_nobody_announced_leaves_no_mark(pool: Pool) -> None:
    strange = reported("16681", 1)
    key = replace(strange.row.series, indicator="unknown.one")
    await apply(pool, replace(strange, row=replace(strange.row, series=key)))
    assert await worker(pool).run_until_done() == 1
    assert await worker(pool).run_until_done() == 0


async def test_more_contributors_than_can_be_counted_stop_no_other_total(
    pool: Pool,
) -> None:
    endless = Counts(statuses=(2**31 - 1,) + (0,) * 9, provenances=(1, 0, 0, 0))
    batch = [reported("16681", 1), reported("16690", 2)]
    await apply(
        pool,
        *(replace(one, row=replace(one.row, counts=endless)) for one in batch),
    )
    assert await worker(pool).run_until_done() == 1
    stored = await total(pool)
    assert stored is not None
    assert (stored.row.state, stored.row.status) == (None, Status.MISSING)
