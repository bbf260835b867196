"""What every warehouse promises about the past, in memory and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from federation.model.period import Frequency, period_of_day
from federation.model.row import SeriesKey
from federation.model.status import Status
from federation.warehouse.history import LostTime, Resolution
from federation.warehouse.store import ALWAYS, DayRange, PageKey, SeriesFilter
from tests.contract.warehouse.world import (
    JULY,
    NOW,
    OTHER_HASH,
    RAIN,
    World,
    carried,
    rain,
)

JUNE = period_of_day(Frequency.MONTH, date(2017, 6, 1))
HOUR = timedelta(hours=1)
WARDS = [replace(RAIN, locality=code) for code in ("16681", "16690")]


def moment(hours: float) -> datetime:
    return NOW + hours * HOUR


async def known(world: World, at: datetime, **named: Any) -> dict[Any, Any]:
    """Return what a moment knew, by place and period."""
    found = await world.read("values", **named, as_of=at)
    return {
        (s.row.series.locality, s.row.period.text): (
            s.row.state.value if s.row.state else s.row.status.slug
        )
        for s in found
    }


async def test_a_moment_knows_the_last_version_until_then(world: World) -> None:
    await world.apply(rain(1), at=moment(0))
    await world.apply(rain(2), rain(7, period=JUNE), at=moment(1))
    await world.apply(rain(3), at=moment(2))
    assert await known(world, moment(0) - timedelta(microseconds=1)) == {}
    assert await known(world, moment(0)) == {("412", "2017-07"): 1}
    assert await known(world, moment(1.5)) == {
        ("412", "2017-06"): 7,
        ("412", "2017-07"): 2,
    }
    assert await known(world, moment(9)) == {
        ("412", "2017-06"): 7,
        ("412", "2017-07"): 3,
    }


async def test_what_was_deleted_later_was_there_before(world: World) -> None:
    await world.apply(rain(1), at=moment(0))
    await world.apply(rain(None, status=Status.DELETED), at=moment(1))
    await world.apply(rain(4), at=moment(2))
    seen = [(await known(world, moment(h)))["412", "2017-07"] for h in (0, 1, 2)]
    assert seen == [1, "deleted", 4]


async def test_the_newest_values_are_those_of_the_moment(world: World) -> None:
    months = [period_of_day(Frequency.MONTH, date(2017, m, 1)) for m in range(1, 7)]
    for hours, month in enumerate(months):
        await world.apply(rain(hours, period=month), at=moment(hours))
    await world.apply(rain(50, period=months[1]), at=moment(10))
    found = await world.read("latest", count=2, as_of=moment(2.5))
    assert [s.row.state.value for s in found] == [2, 1]
    found = await world.read(
        "latest", days=DayRange(last=months[1].start), as_of=moment(20)
    )
    assert [s.row.state.value for s in found] == [50]


async def test_one_period_of_all_series_is_known_as_it_was(world: World) -> None:
    first, second = WARDS
    await world.apply(rain(1, key=first), at=moment(0))
    await world.apply(rain(2, key=second), rain(5, key=first), at=moment(1))

    async def found(hours: float) -> list[Any]:
        at = await world.read("at", RAIN.indicator, JULY.start, as_of=moment(hours))
        return [(s.row.series.locality, s.row.state.value) for s in at]

    assert await found(0.5) == [("16681", 1)]
    assert await found(1) == [("16681", 5), ("16690", 2)]


async def test_versions_end_at_the_moment(world: World) -> None:
    for hours in range(3):
        await world.apply(rain(hours, carrier=carried(hours + 1)), at=moment(hours))
    found = await world.read("versions", RAIN, JULY, as_of=moment(1))
    assert [(s.row.state.value, s.carrier.sequence) for s in found] == [(1, 2), (0, 1)]
    assert await world.read("versions", RAIN, JULY, as_of=moment(-1)) == []


async def test_a_former_contract_gives_its_values_of_then(world: World) -> None:
    august = period_of_day(Frequency.MONTH, date(2017, 8, 1))
    await world.apply(rain(1), rain(2, period=JUNE), at=moment(0))
    await world.apply(rain(3), at=moment(1))
    await world.apply(rain(30, contract_hash=OTHER_HASH), at=moment(2))
    await world.apply(rain(8, period=august), at=moment(3))
    both = {("412", "2017-06"): 2, ("412", "2017-07"): 3}
    assert await known(world, moment(1)) == both
    assert await known(world, moment(1), limit=1) == {("412", "2017-06"): 2}
    assert await known(world, moment(2)) == {("412", "2017-07"): 30}
    assert await known(world, moment(3)) == {("412", "2017-08"): 8}
    (stored,) = await world.read("at", RAIN.indicator, JULY.start, as_of=moment(2))
    assert stored.contract_hash == OTHER_HASH
    (stored,) = await world.read("latest", as_of=moment(1))
    assert (stored.row.state.value, stored.contract_hash) == (3, rain().contract_hash)
    found = await world.read("versions", RAIN, JULY, as_of=moment(1))
    assert [s.row.state.value for s in found] == [3, 1]
    after = PageKey(series=RAIN, period_start=JUNE.start)
    assert await known(world, moment(1), after=after) == {("412", "2017-07"): 3}


async def test_a_clock_that_went_back_makes_no_version_older(world: World) -> None:
    await world.apply(rain(1), at=moment(1))
    await world.apply(rain(2), at=moment(0))
    assert (await known(world, moment(1)))["412", "2017-07"] == 2
    assert await known(world, moment(0.5)) == {}


async def test_pages_of_the_past_hold_each_value_once(world: World) -> None:
    months = [period_of_day(Frequency.MONTH, date(2017, m, 1)) for m in (1, 2, 3)]
    keys = [*WARDS, RAIN]
    await world.apply(*(rain(1, key=k, period=p) for k in keys for p in months))
    await world.apply(*(rain(2, key=k) for k in keys), at=moment(1))
    seen: list[PageKey] = []
    while True:
        after = seen[-1] if seen else None
        page = await world.read("values", after=after, limit=4, as_of=moment(0))
        if not page:
            break
        seen += [
            PageKey(series=s.row.series, period_start=s.row.period.start) for s in page
        ]
    wanted = [PageKey(series=k, period_start=p.start) for k in keys for p in months]
    assert seen == sorted(wanted)


async def test_filters_hold_in_the_past_too(world: World) -> None:
    hour = period_of_day(Frequency.DAY, date(2017, 7, 1)).start * 24 + 23
    wind = SeriesKey(indicator="environment.wind", locality="412")
    hourly = replace(JULY, frequency=Frequency.HOUR, start=hour)
    await world.apply(rain(1), rain(2, key=wind, period=hourly), rain(3, key=WARDS[0]))
    await world.apply(rain(9), rain(9, key=wind, period=hourly), at=moment(5))

    async def found(days: DayRange = ALWAYS, **named: Any) -> list[int]:
        chosen = SeriesFilter(**named)
        values = await world.read("values", chosen, days=days, as_of=moment(1))
        return [s.row.state.value for s in values]

    assert await found(localities=["412"]) == [1, 2]
    assert await found(indicators=["environment.wind"]) == [2]
    day = DayRange(first=JULY.start, last=JULY.start)
    assert await found(day) == [3, 1, 2]
    assert await found(DayRange(first=JULY.start + 1)) == []
    assert await found(DayRange(last=JULY.start - 1)) == []


async def thin(world: World, hourly: datetime, daily: datetime, limit: int = 3) -> int:
    removed = 0
    while True:
        done = await world.read(
            "thin", hourly_until=hourly, daily_until=daily, limit=limit
        )
        removed += done.removed
        if not done.more:
            return removed


async def test_of_an_hour_the_last_version_stays(world: World) -> None:
    minutes = (5, 20, 60, 61, 125, 130)
    for value, minute in enumerate(minutes):
        await world.apply(rain(value), at=NOW + timedelta(minutes=minute))
    assert await thin(world, moment(2), moment(-48)) == 2
    versions = await world.read("versions", RAIN, JULY)
    assert [s.row.state.value for s in versions] == [5, 4, 3, 2]
    for hours, value in ((1, 2), (2, 3), (3, 5)):
        assert (await known(world, moment(hours)))["412", "2017-07"] == value
    assert await thin(world, moment(2), moment(-48)) == 0


async def test_of_a_day_the_last_version_stays(world: World) -> None:
    midnight = datetime(2026, 5, 22, 17, tzinfo=UTC)  # midnight in Vietnam
    for value, hours in enumerate((-3, -1, 0, 2, 20, 23)):
        await world.apply(rain(value), at=midnight + hours * HOUR)
    day = timedelta(days=1)
    await thin(world, midnight + day, midnight + day)
    versions = await world.read("versions", RAIN, JULY)
    assert [s.row.state.value for s in versions] == [5, 2]
    assert (await known(world, midnight))["412", "2017-07"] == 2


async def test_the_current_value_is_never_thinned(world: World) -> None:
    await world.apply(rain(1), rain(2, key=WARDS[0]), at=moment(0))
    await world.apply(rain(3), at=moment(0.1))
    assert await thin(world, moment(24 * 90), moment(24 * 90)) == 1
    assert await known(world, moment(24 * 90)) == {
        ("16681", "2017-07"): 2,
        ("412", "2017-07"): 3,
    }


async def test_history_says_how_finely_it_is_known(world: World) -> None:
    assert (await world.read("history")).begins_at is None
    await world.apply(rain(1), at=moment(0))
    daily = datetime(2026, 5, 24, 17, tzinfo=UTC)
    await thin(world, moment(100), daily)
    await thin(world, moment(50), daily - timedelta(days=1))
    await world.read(
        "lose", LostTime(first=moment(120), last=moment(130), reason="backup")
    )
    history = await world.read("history")
    assert (history.begins_at, history.hourly_until) == (NOW, moment(100))
    assert history.daily_until == daily
    exact = history.as_of(moment(100.5))
    assert (exact.resolution, exact.moment) == (Resolution.EXACT, moment(100.5))
    hourly = history.as_of(moment(99.5))
    assert (hourly.resolution, hourly.moment) == (Resolution.HOUR, moment(99))
    by_day = history.as_of(daily - HOUR)
    assert (by_day.resolution, by_day.moment) == (
        Resolution.DAY,
        daily - timedelta(days=1),
    )
    assert history.as_of(moment(125)).known_since == moment(130)
    assert history.as_of(moment(-1)).known_since == NOW
    assert history.as_of(moment(140)).known_since is None


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_a_batch_is_bounded_and_goes_on_where_it_ended(
    world: World, limit: int
) -> None:
    for minute in range(5):
        await world.apply(rain(minute), at=NOW + timedelta(minutes=minute))
    first = await world.read(
        "thin", hourly_until=moment(1), daily_until=moment(-48), limit=limit
    )
    assert first.looked == min(limit, 5)
    await thin(world, moment(1), moment(-48), limit)
    assert len(await world.read("versions", RAIN, JULY)) == 2
