"""What a window of days promises."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule
from federation.model.period import (
    Calendar,
    Frequency,
    Window,
    day_number,
    parse_period,
)
from federation.model.row import State
from federation.model.status import Status
from federation.views.knowledge import Knowledge
from federation.views.window import WindowQuery, WindowView
from tests.unit.views import world
from tests.unit.views.world import AIR, INVESTMENT, KNOWN_AT, indicator, reading, row

DAILY = indicator("daily", frequency=Frequency.DAY)
WEEKLY = indicator("weekly", frequency=Frequency.WEEK)
BEDS = indicator(
    "beds",
    measure=Measure.LAST,
    over_time=MergeRule.LAST,
    over_place=MergeRule.SUM,
    frequency=Frequency.DAY,
)
STOCK = replace(BEDS, id="test.stock", over_time=MergeRule.NONE)
ON_TIME = indicator(
    "on_time",
    measure=Measure.RATIO,
    over_time=MergeRule.RATIO,
    over_place=MergeRule.RATIO,
    frequency=Frequency.DAY,
)
FIRES = indicator("fires", calendar="police")
POLICE = Calendar(
    id="police",
    name_vi="Công an",
    name_en="Police",
    time_zone="Asia/Ho_Chi_Minh",
    windows=tuple(
        Window(
            frequency=Frequency.MONTH,
            start=day_number(date(2025, month, 1)),
            first_day=date(2025, month - 1, 15) if month > 1 else date(2024, 12, 15),
            end_day=date(2025, month, 15),
        )
        for month in range(1, 13)
    ),
)
OWN = (DAILY, WEEKLY, BEDS, STOCK, ON_TIME, FIRES)


def knowledge() -> Knowledge:
    known = world.knowledge()
    return replace(
        known,
        indicators={**known.indicators, **{one.id: one for one in OWN}},
        calendars={**known.calendars, POLICE.id: POLICE},
    )


async def filled(*rows: Any) -> Any:
    warehouse = await world.filled()
    contracts = knowledge().indicators
    batch = [
        world.Incoming(
            row=one, contract_hash=contracts[one.series.indicator].contract_hash
        )
        for one in rows
    ]
    await warehouse.apply(None, batch, known_at=KNOWN_AT)
    return warehouse


def days(of: Indicator, first: str, values: list[int | None]) -> list[Any]:
    begin = date.fromisoformat(first)
    return [
        row(of, (begin + timedelta(days=number)).isoformat(), value)
        for number, value in enumerate(values)
    ]


async def window(warehouse: Any, of: Indicator, **asked: Any) -> Any:
    query = WindowQuery(indicator=of.id, **({"locality": "40"} | asked))
    return await WindowView(warehouse, reading).read(query, knowledge())


async def refused(of: Indicator, *rows: Any, **asked: Any) -> FederationError:
    with pytest.raises(FederationError) as caught:
        await window(await filled(*rows), of, **asked)
    return caught.value


async def test_days_make_any_window_with_its_coverage() -> None:
    warehouse = await filled(*days(DAILY, "2025-05-14", [1, 2, None, 4, 5, 6]))
    seen = await window(
        warehouse, DAILY, first=date(2025, 5, 15), last=date(2025, 5, 20)
    )
    (item,) = seen.items
    assert item.row.state == State(value=17)
    assert (item.row.reported, item.row.expected) == (4, 6)
    assert item.missing == ("2025-05-16", "2025-05-20")
    assert (seen.first, seen.last, seen.base_periods) == (
        date(2025, 5, 15),
        date(2025, 5, 20),
        6,
    )


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 999)), min_size=1, max_size=80),
    cuts=st.lists(st.integers(0, 79), max_size=3),
)
async def test_windows_side_by_side_add_up_to_the_whole(
    values: list[int | None], cuts: list[int]
) -> None:
    warehouse = await filled(*days(DAILY, "2025-01-20", values))
    begin, end = date(2025, 1, 20), date(2025, 1, 20) + timedelta(days=len(values))
    edges = [begin + timedelta(days=cut) for cut in cuts if 0 < cut < len(values)]
    edges = sorted({begin, *edges, end})

    async def read(first: date, after: date) -> tuple[int, int, int]:
        last = after - timedelta(days=1)
        (item,) = (await window(warehouse, DAILY, first=first, last=last)).items
        state = item.row.state
        value = 0 if state is None else state.value
        return value, item.row.reported, item.row.expected

    parts = [await read(a, b) for a, b in itertools.pairwise(edges)]
    whole = await read(begin, end)
    assert tuple(map(sum, zip(*parts, strict=True))) == whole
    assert whole[0] == sum(value for value in values if value is not None)


async def test_whole_months_make_quarters_and_years_but_no_part_of_a_month() -> None:
    warehouse = await filled(*world.months(2024, [1] * 12))

    async def value(first: date, last: date) -> int:
        (item,) = (await window(warehouse, INVESTMENT, first=first, last=last)).items
        return int(item.row.state.value)

    assert await value(date(2024, 2, 1), date(2024, 4, 30)) == 3
    assert await value(date(2024, 1, 1), date(2024, 12, 31)) == 12
    error = await refused(INVESTMENT, first=date(2024, 2, 1), last=date(2024, 4, 29))
    assert error.code is ErrorCode.MERGE_REFUSED
    # It says which whole months there are.
    assert "2024-04-30" in error.text_en


async def test_the_year_to_date_ends_with_its_period() -> None:
    warehouse = await filled(*world.months(2025, [1, 2, 4, 8]))
    seen = await window(warehouse, INVESTMENT, to_date=parse_period("2025-03"))
    (item,) = seen.items
    assert item.row.state == State(value=7)
    assert (seen.first, seen.last) == (date(2025, 1, 1), date(2025, 3, 31))


async def test_a_publishers_year_begins_with_its_own_window() -> None:
    months = [row(FIRES, f"2025-{month:02d}", month) for month in (1, 2, 3, 4)]
    warehouse = await filled(*months)
    seen = await window(warehouse, FIRES, to_date=parse_period("2025-03"))
    assert (seen.first, seen.last) == (date(2024, 12, 15), date(2025, 3, 14))
    assert seen.items[0].row.state == State(value=6)
    error = await refused(
        FIRES, *months, first=date(2025, 1, 1), last=date(2025, 1, 31)
    )
    assert error.code is ErrorCode.MERGE_REFUSED


async def test_weeks_make_no_months() -> None:
    error = await refused(WEEKLY, first=date(2025, 5, 1), last=date(2025, 5, 31))
    assert error.code is ErrorCode.MERGE_REFUSED


async def test_a_stock_is_what_it_was_at_the_end() -> None:
    warehouse = await filled(*days(BEDS, "2025-05-01", [10, 20, 30, None]))

    async def read(last: date) -> Any:
        (item,) = (
            await window(warehouse, BEDS, first=date(2025, 5, 1), last=last)
        ).items
        return item

    assert (await read(date(2025, 5, 3))).row.state == State(value=30)
    ended = await read(date(2025, 5, 4))
    assert ended.row.state is None
    assert ended.missing == ("2025-05-04",)


async def test_a_rate_is_merged_from_its_parts_not_averaged() -> None:
    one, two = (
        replace(row(ON_TIME, day, 1), state=State(value=part, second=whole))
        for day, part, whole in (("2025-05-01", 1, 1), ("2025-05-02", 10, 100))
    )
    warehouse = await filled(one, two)
    seen = await window(
        warehouse, ON_TIME, first=date(2025, 5, 1), last=date(2025, 5, 2)
    )
    assert seen.items[0].row.state == State(value=11, second=101)


@pytest.mark.parametrize("of", [AIR, STOCK])
async def test_what_must_not_be_merged_is_refused_with_why(of: Indicator) -> None:
    error = await refused(of, first=date(2025, 5, 1), last=date(2025, 5, 2))
    assert error.code is ErrorCode.MERGE_REFUSED
    assert of.id in error.text_en
    assert len(error.text_vi) > 40


async def test_a_window_of_the_past_is_what_was_known() -> None:
    warehouse = await filled(*days(DAILY, "2025-01-01", [1, 2]))
    late = world.Incoming(
        row=row(DAILY, "2025-01-03", 9), contract_hash=DAILY.contract_hash
    )
    await warehouse.apply(None, [late], known_at=KNOWN_AT + timedelta(days=1))
    asked: Any = {"first": date(2025, 1, 1), "last": date(2025, 1, 3)}
    then = await window(warehouse, DAILY, **asked, as_of=KNOWN_AT)
    assert then.items[0].row.state == State(value=3)
    assert then.as_of is not None
    now = await window(warehouse, DAILY, **asked)
    assert now.items[0].row.state == State(value=12)


async def test_what_is_deleted_leaves_and_estimates_stand_apart() -> None:
    warehouse = await filled(
        *days(DAILY, "2025-01-01", [1, 2]),
        row(DAILY, "2025-01-02", 70, breakdown="vintage=estimate"),
        row(DAILY, "2025-01-01", None, locality="38", status=Status.DELETED),
    )
    asked: Any = {"first": date(2025, 1, 1), "last": date(2025, 1, 2)}
    seen = await window(warehouse, DAILY, **asked, breakdown=None)
    assert [item.row.state for item in seen.items] == [State(value=3)]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"first": date(2025, 1, 1)},
        {"first": date(2025, 1, 2), "last": date(2025, 1, 1)},
        {"first": date(1700, 1, 2), "last": date(2025, 1, 1)},
    ],
)
async def test_days_that_are_no_window_are_refused(asked: dict[str, date]) -> None:
    error = await refused(DAILY, **asked)
    assert error.code is ErrorCode.INVALID_ARGUMENT
