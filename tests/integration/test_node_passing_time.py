"""Figures that change as time goes on, and figures that come since January."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
import pytest_asyncio

import city_node.observations
import federation.warehouse
from city_node.contract import ReadContext, Record
from city_node.intake.doubts import CUMULATIVE_FELL
from city_node.intake.landing import Landing
from city_node.intake.report import Outcome
from city_node.observations.stored import RecordKey, key_of
from city_node.summaries import period_ends
from city_node.summaries.period_ends import PeriodEnds
from federation.algebra import distinct, histogram, top
from federation.clock import ManualClock
from federation.model.period import LOCAL, Frequency, Period, parse_period, period_at
from federation.model.row import Row, State
from federation.model.status import Provenance, Status
from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Route
from tests.conftest import DatabaseFactory
from tests.unit.node.repairs_sample import (
    CAUSES,
    MEASURED,
    SUBSYSTEM,
    WARD,
    reading,
    repair,
    to_date,
)
from tests.unit.node.sample import PLACES, Places, accepted, context

APPS = (federation.warehouse.APP, city_node.observations.APP)
OTHER_WARD = "16690@2025-07-01"
DAY = timedelta(days=1)


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    """Return an hour of a day of 2026 in local time."""
    return datetime(2026, month, day, hour, tzinfo=LOCAL.zone)


@dataclass
class Node:
    """A node's database and its clock."""

    pool: Pool
    warehouse: PostgresWarehouse
    clock: ManualClock
    landing: Landing
    ends: PeriodEnds
    records: dict[RecordKey, Record] = field(default_factory=dict)

    def context(self) -> ReadContext:
        return context(self.clock.now())

    async def land(self, *records: Record) -> list[Outcome]:
        self.records |= {key_of(record): record for record in records}
        return await self.landing.land(
            accepted(*records), self.context(), dry_run=False
        )

    async def delete(self, *records: Record) -> None:
        keys = [key_of(record) for record in records]
        for key in keys:
            self.records.pop(key, None)
        await self.landing.delete(keys, now=self.clock.now())

    async def pass_to(self, moment: datetime) -> int:
        self.clock.advance(moment - self.clock.now())
        return await self.ends.catch_up()

    async def rows(self, name: str) -> dict[tuple[str, str], Row]:
        async with transaction(self.pool) as connection:
            stored = await self.warehouse.values(connection)
        return {
            (each.row.series.locality, each.row.period.text): each.row
            for each in stored
            if each.row.series.indicator == f"repairs.{name}"
            and each.row.status is not Status.DELETED
        }

    async def values(self, name: str, locality: str = WARD) -> dict[str, int | None]:
        return {
            period: None if row.state is None else row.state.value
            for (place, period), row in (await self.rows(name)).items()
            if place == locality
        }


@pytest_asyncio.fixture
async def node(migrated_database: DatabaseFactory) -> AsyncIterator[Node]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    warehouse = PostgresWarehouse(lambda key: Route(stream="vinh"))
    clock = ManualClock(at(10))
    yield Node(
        pool=pool,
        warehouse=warehouse,
        clock=clock,
        landing=Landing(pool, warehouse, SUBSYSTEM, PLACES),
        ends=PeriodEnds(pool, warehouse, MEASURED, PLACES, clock),
    )
    await pool.close()


async def test_what_is_overdue_counts_at_each_end_of_day_that_it_covers(
    node: Node,
) -> None:
    await node.land(
        repair("a", at(5), at(8)), repair("b", at(6)), repair("early", at(7), at(4))
    )
    assert await node.values("open") == {
        "2026-03-05": 1,
        "2026-03-06": 2,
        "2026-03-07": 2,
        "2026-03-08": 1,
        "2026-03-09": 1,
    }


async def test_a_day_that_ends_has_its_stock_without_any_input(node: Node) -> None:
    await node.land(repair("b", at(9)))
    assert await node.pass_to(at(11, hour=1)) == 1
    assert await node.values("open") == {"2026-03-09": 1, "2026-03-10": 1}
    assert await node.pass_to(at(11, hour=2)) == 0


async def test_an_outage_of_days_is_made_up(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_ends, "PERIODS_PER_TRANSACTION_MAX", 1)
    await node.land(repair("b", at(9)), repair("c", at(9), locality=OTHER_WARD))
    assert await node.pass_to(at(14, hour=1)) == 8
    days = {f"2026-03-{day:02}": 1 for day in range(9, 14)}
    assert await node.values("open") == days
    assert await node.values("open", OTHER_WARD) == days


async def test_a_ward_that_is_given_up_counts_nothing_any_more(
    node: Node,
) -> None:
    ward = PLACES.get(WARD)
    assert ward is not None
    given_up = Places({WARD: replace(ward, valid_to=date(2026, 3, 10))})
    node.landing = Landing(node.pool, node.warehouse, SUBSYSTEM, given_up)
    node.ends = PeriodEnds(node.pool, node.warehouse, MEASURED, given_up, node.clock)
    await node.land(repair("b", at(9)))
    await node.pass_to(at(14, hour=1))
    assert await node.values("open") == {"2026-03-09": 1, "2026-03-10": 1}


async def test_nothing_overdue_is_zero_and_not_missing(node: Node) -> None:
    await node.land(
        repair("a", at(5), at(4)),
        repair("s", at(5), at(4), locality=OTHER_WARD, provenance=Provenance.SIMULATED),
    )
    rows = await node.rows("open")
    row = rows[WARD, "2026-03-05"]
    assert row.state is not None
    assert (row.state.value, row.status, row.reported) == (0, Status.ZERO, 1)
    assert row.provenance is Provenance.FILE
    assert rows[OTHER_WARD, "2026-03-09"].provenance is Provenance.SIMULATED


async def test_what_is_due_on_friday_counts_from_then_on(node: Node) -> None:
    await node.land(repair("a", at(12)), repair("b", at(12, hour=18), at(10, hour=9)))
    assert await node.rows("on_time") == {}
    await node.pass_to(at(12, hour=13))
    row = (await node.rows("on_time"))[WARD, "2026-03-12"]
    assert row.state == State(value=0, second=1)
    await node.pass_to(at(12, hour=19))
    row = (await node.rows("on_time"))[WARD, "2026-03-12"]
    assert row.state == State(value=1, second=2)


async def test_a_due_time_put_off_no_longer_counts(node: Node) -> None:
    await node.land(repair("a", at(9)))
    assert await node.values("on_time") == {"2026-03-09": 0}
    await node.land(repair("a", at(20)))
    assert await node.values("on_time") == {}
    assert await node.values("open") == {}


def open_at(records: Sequence[Record], end: datetime) -> int:
    """Count what is overdue at a moment, record by record."""
    return sum(
        datetime.fromisoformat(each.fields["due"]) <= end
        and (
            each.fields["fixed"] is None
            or datetime.fromisoformat(each.fields["fixed"]) > end
        )
        for each in records
    )


def stocks(records: Sequence[Record], now: datetime) -> dict[str, int]:
    """Return the stock of each day that ended, from the first due day on."""
    if not records:
        return {}
    days: dict[str, int] = {}
    day: Period = min(
        period_at(Frequency.DAY, datetime.fromisoformat(each.fields["due"]), LOCAL)
        for each in records
    )
    while (end := day.ends_at(LOCAL)) <= now:
        days[day.text] = open_at(records, end)
        day = period_at(Frequency.DAY, end, LOCAL)
    return days


def on_time(records: Sequence[Record], now: datetime) -> dict[str, tuple[int, int]]:
    """Return how many were on time of those due, by day."""
    days: dict[str, tuple[int, int]] = {}
    for each in records:
        due = datetime.fromisoformat(each.fields["due"])
        fixed = each.fields["fixed"]
        if due <= now:
            text = period_at(Frequency.DAY, due, LOCAL).text
            kept = fixed is not None and datetime.fromisoformat(fixed) <= due
            before = days.get(text, (0, 0))
            days[text] = (before[0] + kept, before[1] + 1)
    return days


@pytest.mark.parametrize("seed", range(5))
async def test_any_story_of_repairs_equals_counting_them_one_by_one(
    node: Node, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(30):
        move = chance.random()
        if move < 0.3:
            await node.pass_to(
                node.clock.now() + timedelta(hours=chance.randrange(1, 60))
            )
        elif move < 0.4 and node.records:
            await node.delete(chance.choice(list(node.records.values())))
        else:
            now = node.clock.now()
            await node.land(
                *{
                    key: random_repair(chance, key, now)
                    for key in (f"k{chance.randrange(12)}" for _ in range(4))
                }.values()
            )
        if move < 0.3:
            await assert_counted(node)
    await node.pass_to(node.clock.now() + DAY)
    await assert_counted(node)


def random_repair(chance: random.Random, key: str, now: datetime) -> Record:
    due = now + timedelta(hours=chance.randrange(-200, 100))
    ago = timedelta(hours=chance.randrange(0, 150))
    return repair(
        key,
        due,
        chance.choice((None, now - ago)),
        locality=chance.choice((WARD, OTHER_WARD)),
    )


async def assert_counted(node: Node) -> None:
    now = node.clock.now()
    opened, kept = await node.rows("open"), await node.rows("on_time")
    for ward in (WARD, OTHER_WARD):
        of_ward = [
            each for each in node.records.values() if each.fields["locality"] == ward
        ]
        assert {
            period: row.state and row.state.value
            for (place, period), row in opened.items()
            if place == ward
        } == stocks(of_ward, now)
        assert {
            period: row.state and (row.state.value, row.state.second)
            for (place, period), row in kept.items()
            if place == ward
        } == on_time(of_ward, now)


async def test_months_are_differences_and_january_is_itself(node: Node) -> None:
    await node.land(to_date(1, 10), to_date(2, 25), to_date(3, 25))
    assert await node.values("cost") == {
        "2026-01": 10,
        "2026-02": 15,
        "2026-03": 0,
    }
    rows = await node.rows("cost")
    assert rows[WARD, "2026-03"].status is Status.ZERO


async def test_a_month_after_an_unknown_one_is_missing(node: Node) -> None:
    await node.land(to_date(1, 10), to_date(3, 25))
    assert await node.values("cost") == {"2026-01": 10, "2026-03": None}
    rows = await node.rows("cost")
    assert rows[WARD, "2026-03"].status is Status.MISSING
    await node.land(to_date(2, 20))
    assert await node.values("cost") == {"2026-01": 10, "2026-02": 10, "2026-03": 5}
    await node.delete(to_date(2, 20))
    assert await node.values("cost") == {"2026-01": 10, "2026-03": None}


async def test_a_year_begins_anew(node: Node) -> None:
    await node.land(to_date(12, 90, year=2025), to_date(1, 4), to_date(2, 6))
    assert await node.values("cost") == {"2025-12": None, "2026-01": 4, "2026-02": 2}


async def test_a_corrected_month_makes_the_next_one_anew(node: Node) -> None:
    await node.land(to_date(1, 10), to_date(2, 25))
    await node.land(to_date(1, 20))
    assert await node.values("cost") == {"2026-01": 20, "2026-02": 5}


async def test_realised_beats_estimate_whatever_comes_first(node: Node) -> None:
    estimate = to_date(1, 11, rank=1, status="ESTIMATED")
    await node.land(to_date(1, 10), to_date(2, 25))
    await node.land(estimate)
    assert await node.values("cost") == {"2026-01": 10, "2026-02": 15}
    await node.delete(to_date(1, 10))
    rows = await node.rows("cost")
    assert rows[WARD, "2026-02"].state == State(value=14)
    assert rows[WARD, "2026-02"].status is Status.ESTIMATED


async def test_a_total_that_falls_leaves_the_month_missing_and_is_flagged(
    node: Node,
) -> None:
    (january, february) = await node.land(to_date(1, 30), to_date(2, 25))
    assert {flag.code for flag in february.flags} == {CUMULATIVE_FELL}
    assert {flag.code for flag in january.flags} == {CUMULATIVE_FELL}
    assert await node.values("cost") == {"2026-01": 30, "2026-02": None}
    (corrected,) = await node.land(to_date(1, 20))
    assert corrected.flags == ()
    assert await node.values("cost") == {"2026-01": 20, "2026-02": 5}


async def test_a_total_may_fall_where_the_indicator_says_so(node: Node) -> None:
    outcomes = await node.land(
        to_date(1, 30, name="balance"), to_date(2, 25, name="balance")
    )
    assert [each.flags for each in outcomes] == [(), ()]
    assert await node.values("balance") == {"2026-01": 30, "2026-02": -5}


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_statements_gives_the_same_differences(
    node: Node, seed: int
) -> None:
    chance = random.Random(seed)
    stands: dict[int, int | None] = {}
    for _ in range(20):
        month, value = chance.randrange(1, 4), chance.choice((None, 5, 9, 12, 20))
        if chance.random() < 0.25:
            await node.delete(to_date(month, 0))
            stands.pop(month, None)
        else:
            await node.land(to_date(month, value))
            stands[month] = value
        assert await node.values("cost") == {
            f"2026-{month:02}": difference(stands, month) for month in stands
        }


def difference(stands: dict[int, int | None], month: int) -> int | None:
    value, before = stands[month], stands.get(month - 1)
    if month == 1 or value is None:
        return value
    return None if before is None or before > value else value - before


async def test_sketches_of_a_month_are_those_of_all_its_readings(node: Node) -> None:
    day = date(2026, 2, 3)
    readings = [
        reading(f"{n}", n * 7, f"device-{n % 5}", ("rain", "age", "flood")[n % 3], day)
        for n in range(12)
    ]
    for each in readings:
        await node.land(each)
    await node.delete(readings[11])
    left = readings[:11]
    month = parse_period("2026-02")
    assert (await node.rows("minutes"))[WARD, month.text].state == histogram.of_values(
        each.fields["value"] for each in left
    )
    assert (await node.rows("devices"))[WARD, month.text].state == distinct.of_keys(
        each.fields["device"] for each in left
    )
    assert (await node.rows("causes"))[WARD, month.text].state == top.of_codes(
        [each.fields["cause"] for each in left], CAUSES
    )


async def test_deriving_again_changes_nothing(node: Node) -> None:
    await node.land(repair("a", at(5), at(8)), repair("b", at(6)), to_date(1, 10))
    await node.land(to_date(2, 25))
    async with transaction(node.pool) as connection:
        before = await node.warehouse.values(connection)
    await node.landing.derive(list(node.records.values()), node.context())
    async with transaction(node.pool) as connection:
        assert await node.warehouse.values(connection) == before
