"""What every warehouse promises, in memory and on PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from federation.model.indicator import Basis
from federation.model.period import Frequency, period_of_day
from federation.model.row import Row, SeriesKey, State, Version
from federation.model.status import Counts, Provenance, Status
from federation.warehouse.store import (
    ALWAYS,
    DayRange,
    Incoming,
    PageKey,
    Route,
    SeriesFilter,
)
from tests.contract.warehouse.world import (
    HASH,
    JULY,
    NOW,
    OTHER_HASH,
    RAIN,
    World,
    carried,
    rain,
)


async def test_a_row_comes_back_as_it_was(world: World) -> None:
    counts = Counts.one(Status.NORMAL, Provenance.FILE) + Counts.one(
        Status.MISSING, Provenance.MANUAL
    )
    row = Row(
        series=replace(RAIN, basis=Basis.ROLLED_UP, breakdown="feed=simulated"),
        period=JULY,
        state=State(value=-5, second=2**62, detail=b"\x00\x01"),
        counts=counts,
        expected=6,
        reported=1,
        recorded_at_us=77,
        source="s",
        origin=Version(stream="17443/vinh", epoch=2, sequence=9),
        unconfirmed=True,
        adjusted=True,
    )
    await world.apply(Incoming(row=row, contract_hash=HASH, carrier=carried(3)))
    (stored,) = await world.read("values")
    assert stored.row == row
    assert stored.carrier == carried(3)
    assert (stored.known_at, stored.contract_hash) == (NOW, HASH)
    assert stored.sealed is None


@pytest.mark.parametrize("status", list(Status))
async def test_every_status_travels(world: World, status: Status) -> None:
    await world.apply(rain(0, status=status))
    row = await world.one()
    assert row.status is status
    assert (row.state is not None) is status.carries_state


async def test_a_value_was_given_when_it_first_said_more_than_missing(
    world: World,
) -> None:
    async def given() -> object:
        (stored,) = await world.read("values")
        return stored.first_known_at, stored.first_given_at

    day = timedelta(days=1)
    await world.apply(rain(None, status=Status.MISSING))
    assert await given() == (NOW, None)
    await world.apply(rain(5), at=NOW + day)
    assert await given() == (NOW, NOW + day)
    # A correction later, or a deletion and the figure again, are no later report.
    await world.apply(rain(None, status=Status.DELETED), at=NOW + 2 * day)
    await world.apply(rain(6), at=NOW + 3 * day)
    assert await given() == (NOW, NOW + day)


async def test_an_equal_row_writes_nothing(world: World) -> None:
    assert await world.apply(rain()) == (1, 0)
    marks = await world.read("marks", 10)
    later = replace(rain(), row=replace(rain().row, recorded_at_us=99))
    assert await world.apply(later, at=NOW + timedelta(days=1)) == (0, 1)
    assert len(await world.read("versions", RAIN, JULY)) == 1
    assert [m.number for m in await world.read("marks", 10)] == [
        m.number for m in marks
    ]


async def test_a_correction_keeps_the_earlier_version(world: World) -> None:
    await world.apply(rain(369))
    await world.apply(rain(370), at=NOW + timedelta(hours=1))
    versions = await world.read("versions", RAIN, JULY)
    assert [v.row.state.value for v in versions] == [370, 369]
    assert [v.known_at for v in versions] == [NOW + timedelta(hours=1), NOW]
    assert (await world.one()).state == State(value=370)


async def test_an_older_frame_of_the_stream_changes_nothing(world: World) -> None:
    await world.apply(rain(2, carrier=carried(5)))
    assert await world.apply(rain(1, carrier=carried(4))) == (0, 1)
    assert await world.apply(rain(3, carrier=carried(1, epoch=2))) == (1, 0)
    assert (await world.one()).state == State(value=3)


async def test_another_stream_may_take_a_series_over(world: World) -> None:
    await world.apply(rain(2, carrier=carried(500)))
    assert await world.apply(rain(1, carrier=carried(1, stream="16681"))) == (1, 0)


async def test_of_several_versions_in_one_call_the_last_stands(world: World) -> None:
    first, second = rain(1, carrier=carried(1)), rain(2, carrier=carried(2))
    assert await world.apply(first, second) == (1, 1)
    assert (await world.one()).state == State(value=2)
    assert await world.apply(replace(second, row=rain(3).row), first) == (1, 1)
    assert (await world.one()).state == State(value=3)


async def test_inputs_mark_and_results_do_not(world: World) -> None:
    result = replace(RAIN, basis=Basis.ROLLED_UP)
    await world.apply(rain(key=result))
    assert await world.read("marks", 10) == []
    await world.apply(rain(4, key=result, carrier=carried(1)))
    (mark,) = await world.read("marks", 10)
    assert (mark.indicator, mark.period_start) == (RAIN.indicator, JULY.start)


async def test_a_mark_set_anew_is_not_removed(world: World) -> None:
    await world.apply(rain(1))
    seen = await world.read("marks", 10)
    await world.apply(rain(2))
    assert await world.read("unmark", seen) == 0
    assert await world.read("unmark", await world.read("marks", 10)) == 1
    assert await world.read("marks", 10) == []


async def test_another_contract_starts_the_series_anew(world: World) -> None:
    june = period_of_day(Frequency.MONTH, date(2017, 6, 1))
    await world.apply(rain(1), rain(2, period=june))
    await world.read("unmark", await world.read("marks", 10))
    await world.apply(rain(10, contract_hash=OTHER_HASH))
    (stored,) = await world.read("values")
    assert (stored.row.state, stored.contract_hash) == (State(value=10), OTHER_HASH)
    assert len(await world.read("versions", RAIN, JULY)) == 1
    assert await world.read("versions", RAIN, june) == []
    marked = {m.period_start for m in await world.read("marks", 10)}
    assert marked == {JULY.start, june.start}


async def test_two_contracts_in_one_call_never_mix(world: World) -> None:
    august = period_of_day(Frequency.MONTH, date(2017, 8, 1))
    await world.apply(rain(1, period=august), rain(10, contract_hash=OTHER_HASH))
    (stored,) = await world.read("values")
    assert (stored.row.period, stored.contract_hash) == (JULY, OTHER_HASH)


async def test_one_worker_takes_a_mark(world: World) -> None:
    await world.apply(rain())
    async with world.begin() as first:
        (mark,) = await world.warehouse.lock_marks(first, 10)
        if world.pool is not None:
            async with world.begin() as second:
                assert await world.warehouse.lock_marks(second, 10) == []
        assert await world.warehouse.unmark(first, [mark]) == 1
    assert await world.read("lock_marks", 10) == []


async def test_pages_hold_each_value_once(world: World) -> None:
    keys = [replace(RAIN, locality=name) for name in ("412", "16681", "vinh", "40")]
    months = [period_of_day(Frequency.MONTH, date(2017, m, 1)) for m in (1, 2, 3)]
    await world.apply(*(rain(1, key=k, period=p) for k in keys for p in months))
    seen: list[PageKey] = []
    while True:
        page = await world.read("values", after=seen[-1] if seen else None, limit=5)
        if not page:
            break
        seen += [
            PageKey(series=s.row.series, period_start=s.row.period.start) for s in page
        ]
    expected = [PageKey(series=k, period_start=p.start) for k in keys for p in months]
    assert seen == sorted(expected)


async def test_filters_hold_together(world: World) -> None:
    station = replace(RAIN, breakdown="station=a", agency="H41.STC")
    year = period_of_day(Frequency.YEAR, date(2017, 1, 1))
    wind = replace(RAIN, indicator="environment.wind")
    await world.apply(rain(), rain(key=station), rain(key=wind, period=year))

    async def found(days: DayRange = ALWAYS, **named: Any) -> list[SeriesKey]:
        values = await world.read("values", SeriesFilter(**named), days=days)
        return [stored.row.series for stored in values]

    assert await found() == [RAIN, station, wind]
    assert await found(breakdowns=[""]) == [RAIN, wind]
    assert await found(agencies=["H41.STC"]) == [station]
    assert await found(indicators=[]) == []
    assert await found(localities=["40"]) == []
    assert await found(basis=Basis.ROLLED_UP) == []
    assert await found(DayRange(first=JULY.start), indicators=["environment.rain"]) == [
        RAIN,
        station,
    ]
    assert await found(DayRange(last=JULY.start - 1)) == [wind]


async def test_the_latest_values_come_newest_first(world: World) -> None:
    months = [period_of_day(Frequency.MONTH, date(2017, m, 1)) for m in (1, 2, 3)]
    other = replace(RAIN, locality="40")
    await world.apply(
        *(rain(i, period=p) for i, p in enumerate(months)),
        rain(9, key=other, period=months[0]),
    )
    values = await world.read("latest", count=2)
    assert [(s.row.series.locality, s.row.state.value) for s in values] == [
        ("40", 9),
        ("412", 2),
        ("412", 1),
    ]
    (newest,) = await world.read(
        "latest", SeriesFilter(localities=["412"]), days=DayRange(last=months[1].start)
    )
    assert newest.row.period == months[1]


async def test_series_know_where_they_go(world: World) -> None:
    secret = replace(RAIN, indicator="secret")
    await world.apply(rain(), rain(key=secret), rain(key=replace(RAIN, locality="VN")))
    routes = {s.key: s.route for s in await world.read("series")}
    assert routes[RAIN] == Route(stream="vinh")
    assert routes[secret].withheld_ground == "Luật 91/2025"
    assert routes[replace(RAIN, locality="VN")] == Route()
    world.warehouse._stream_of = lambda key: Route(stream="other")
    assert await world.read("reroute") == 3
    assert {s.route.stream for s in await world.read("series")} == {"other"}
    assert await world.read("reroute") == 0


async def test_all_series_of_one_period(world: World) -> None:
    june = period_of_day(Frequency.MONTH, date(2017, 6, 1))
    wards = [replace(RAIN, locality=code) for code in ("16690", "16681")]
    await world.apply(*(rain(key=k) for k in wards), rain(period=june))
    found = await world.read("at", RAIN.indicator, JULY.start)
    assert [s.row.series.locality for s in found] == ["16681", "16690"]
