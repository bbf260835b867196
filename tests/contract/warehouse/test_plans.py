"""Reads of the past go over indexes, however long the history is."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse import APP, statements
from tests.contract.warehouse.world import HASH, NOW

SERIES, DAYS, REVISIONS = 300, 400, 2
FIRST_DAY = 20_000
AS_OF = NOW + timedelta(hours=1)

_FILL = f"""
INSERT INTO series (indicator, locality, agency, breakdown, basis, contract_hash,
    frequency) SELECT 'i' || n % 10, 'l' || n, '', '', 1, $1, 2
FROM generate_series(1, {SERIES}) AS n;
"""
_VALUES = f"""
INSERT INTO value (series_id, period_start, period_day, state_value, status,
    provenance, expected, reported, recorded_at_us, known_at, first_known_at)
SELECT series.id, day, day, 1, 1, 2, 1, 1, 0, $1::timestamptz + interval '2 hours', $1
FROM series, generate_series({FIRST_DAY}, {FIRST_DAY + DAYS - 1}) AS day
"""
_HISTORY = f"""
INSERT INTO value_history (series_id, period_start, state_value, status, provenance,
    expected, reported, recorded_at_us, source, carrier_stream, carrier_epoch,
    carrier_sequence, origin_streams, origin_epoch, origin_sequence, flags, known_at)
SELECT series_id, period_start, revision, 1, 2, 1, 1, 0, '', '', 0, 0, '', 0, 0, 0,
    $1::timestamptz + revision * interval '1 hour'
FROM value, generate_series(1, {REVISIONS}) AS revision
"""


@pytest.fixture
async def pool(migrated_database: Any) -> Any:
    opened = await open_pool(await migrated_database([APP]), name="test")
    async with transaction(opened) as connection:
        await connection.execute(_FILL.replace("$1", f"'\\x{HASH.hex()}'::bytea"))
        await connection.execute(_VALUES, NOW)
        await connection.execute(_HISTORY, NOW)
    await opened.execute("ANALYZE")
    yield opened
    await opened.close()


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield how each table of a plan is read, and how many rows that gave."""
    if "Relation Name" in plan:
        rows = plan["Actual Rows"] * plan["Actual Loops"]
        yield plan["Relation Name"], plan["Node Type"], rows
    for part in plan.get("Plans", ()):
        yield from scans(part)


async def read_rows(pool: Pool, statement: str, *given: Any) -> dict[str, float]:
    """Return the rows a statement read of each big table; all over indexes."""
    async with transaction(pool) as connection:
        answer = await connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *given
        )
    found: dict[str, float] = {}
    for table, kind, rows in scans(json.loads(answer)[0]["Plan"]):
        if table in ("value", "value_history"):
            assert "Seq Scan" not in kind, (table, answer)
            found[table] = found.get(table, 0) + rows
    return found


EVERY = (None, None, None, None, None)
PAGE = (None, None, None, None, None, None)


async def test_a_page_reads_what_it_shows(pool: Pool) -> None:
    limit = 100
    named = (["i3"], None, None, None, None)
    for chosen in (EVERY, named):
        for after in (PAGE, ("i3", "l13", "", "", 1, FIRST_DAY + 20)):
            asked = (*chosen, None, None, *after, limit)
            read = await read_rows(pool, statements.VALUES, *asked)
            assert read["value"] <= 3 * limit
            read = await read_rows(pool, statements.VALUES_AS_OF, *asked, AS_OF)
            assert read["value"] <= 3 * limit
            assert read["value_history"] <= 3 * limit


async def test_a_range_of_days_is_a_range_of_the_index(pool: Pool) -> None:
    days = (FIRST_DAY + 100, FIRST_DAY + 102)
    asked = (["i3"], None, None, None, None, *days, *PAGE, 1000)
    read = await read_rows(pool, statements.VALUES_AS_OF, *asked, AS_OF)
    assert read["value"] == 3 * SERIES / 10
    assert read["value_history"] == 3 * SERIES / 10


async def test_the_newest_values_of_then_read_one_version_each(pool: Pool) -> None:
    asked = (*EVERY, None, None, 1, AS_OF)
    read = await read_rows(pool, statements.LATEST_AS_OF, *asked)
    assert read == {"value": SERIES, "value_history": SERIES}


async def test_one_period_of_then_reads_one_version_each(pool: Pool) -> None:
    read = await read_rows(pool, statements.AT_AS_OF, "i3", FIRST_DAY + 7, AS_OF)
    assert read == {"value": SERIES / 10, "value_history": SERIES / 10}


async def test_how_far_history_goes_is_read_at_its_end(pool: Pool) -> None:
    read = await read_rows(pool, statements.HISTORY)
    assert read["value_history"] == 1


async def test_a_batch_of_thinning_reads_its_batch(pool: Pool) -> None:
    begin, until = NOW, NOW + timedelta(days=3)
    async with transaction(pool) as connection:
        # As one that was not fed in two transactions only.
        await connection.execute(
            "UPDATE value_history SET known_at = known_at + interval '1 second' * "
            "(series_id * 400 + period_start - 20000) / 4000"
        )
    await pool.execute("ANALYZE value_history")
    given = (begin, until, 100, "hour", "Asia/Ho_Chi_Minh")
    read = await read_rows(pool, statements.THIN, *given)
    assert isinstance(until, datetime)
    assert read["value_history"] <= 5 * 100
