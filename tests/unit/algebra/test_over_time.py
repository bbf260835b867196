"""Longer periods and windows: which base periods, what coverage, whose last word."""

from dataclasses import replace
from datetime import date

import pytest

from federation.algebra.merge import Merged, merge_over_time, merge_window
from federation.algebra.value import exact_value
from federation.algebra.windows import PERIODS_MAX, base_periods, window_periods
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule
from federation.model.period import (
    LOCAL,
    Calendar,
    Frequency,
    Period,
    Window,
    day_number,
    parse_period,
    period_of_day,
)
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Counts, Provenance, Status
from tests.indicators import an_indicator

INTO = SeriesKey(indicator="a.b", locality="40")
MAY = parse_period("2026-05")
YEAR = parse_period("2024")
MONTHS = base_periods(Frequency.MONTH, YEAR)
SUM = an_indicator("a.b")
STOCK = an_indicator(
    "a.b",
    measure=Measure.LAST,
    over_time=MergeRule.LAST,
    frequency=Frequency.DAY,
)


def row(period: Period, value: int, second: int = 0, **changes: object) -> Row:
    made = base_row(
        series=INTO,
        period=period,
        state=State(value=value, second=second),
        status=Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=value,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def year(contract: Indicator, rows: list[Row]) -> Row:
    return merge_over_time(contract, rows, into=INTO, period=YEAR, periods=MONTHS)


def test_months_make_the_year_and_its_coverage_counts_reports() -> None:
    rows = [row(month, number) for number, month in enumerate(MONTHS, 1)]
    total = year(SUM, rows)
    assert (total.state, total.reported, total.expected) == (State(value=78), 12, 12)
    thin = [replace(each, expected=34) for each in rows[:11]]
    total = year(SUM, thin)
    assert (total.reported, total.expected) == (11, 12 * 34)
    nothing = year(SUM, [])
    assert (nothing.state, nothing.reported, nothing.expected) == (None, 0, 12)
    assert nothing.status is Status.MISSING


def test_where_nobody_knows_who_owed_a_month_nobody_knows_who_owed_the_year() -> None:
    rows = [row(month, 1) for month in MONTHS[:3]]
    rows[1] = replace(rows[1], expected=0, reported=0)
    total = year(SUM, rows)
    assert (total.state, total.reported, total.expected) == (State(value=3), 0, 0)


def test_the_state_at_the_end_is_that_of_the_last_day_or_missing() -> None:
    days = base_periods(Frequency.DAY, MAY)
    rows = [row(day, number, number) for number, day in enumerate(days, 1)]

    def beds(given: list[Row]) -> Merged:
        return merge_window(STOCK, given, periods=days)

    assert beds(rows).state == State(value=31, second=31)
    assert (beds(rows).reported, beds(rows).expected, beds(rows).missing) == (1, 1, ())
    early = beds(rows[:-1])
    assert (early.state, early.reported, early.expected) == (None, 0, 1)
    assert early.missing == (days[-1],)
    assert early.counts.leading_status is Status.MISSING
    # A total of 34 places brings its own n of N, and lacks as many where it is absent.
    of_places = [replace(each, expected=34, reported=20) for each in rows]
    assert (beds(of_places).reported, beds(of_places).expected) == (20, 34)
    assert (beds(of_places[:-1]).reported, beds(of_places[:-1]).expected) == (0, 34)
    withheld = base_row(
        series=INTO,
        period=days[-1],
        state=None,
        status=Status.WITHHELD,
        provenance=Provenance.FILE,
        recorded_at_us=1,
    )
    last = beds([*rows[:-1], withheld])
    assert (last.state, last.counts.leading_status) == (None, Status.WITHHELD)


@pytest.mark.parametrize("measure", [Measure.RATIO, Measure.WEIGHTED_MEAN])
def test_a_ratio_of_lasts_is_that_of_the_last_month(measure: Measure) -> None:
    contract = an_indicator(
        "a.b", measure=measure, over_time=MergeRule.LAST, over_place=MergeRule.NONE
    )
    rows = [row(month, number, 100) for number, month in enumerate(MONTHS, 1)]
    assert year(contract, rows).state == State(value=12, second=100)
    assert year(contract, rows[:-1]).state is None


def test_a_rate_against_a_plan_begins_anew_each_year_and_never_adds_the_plan() -> None:
    contract = an_indicator(
        "a.b",
        measure=Measure.RATIO,
        over_time=MergeRule.LAST,
        over_place=MergeRule.RATIO,
        unit="percent",
    )
    plans = [1_000] * 6 + [1_560] * 6
    # Each report states what was done since January, and the plan as it is then.
    done = [sum(range(10, 10 * month + 1, 10)) for month in range(1, 13)]
    months = [
        row(month, done[number], plans[number]) for number, month in enumerate(MONTHS)
    ]
    whole = year(contract, months).state
    assert whole == State(value=780, second=1_560)
    assert exact_value(contract, whole) == 50
    next_january = row(parse_period("2025-01"), 10, 1_000)
    assert exact_value(contract, next_january.state or State(value=0)) == 1
    # Without the last report the year's rate is not known; an earlier one is no answer.
    assert year(contract, months[:-1]).state is None


def test_a_year_of_deleted_months_is_missing_and_counts_so() -> None:
    gone = Counts.one(Status.DELETED, Provenance.FILE)
    rows = [row(month, 1, state=None, counts=gone) for month in MONTHS]
    total = year(SUM, rows)
    assert total.state is None
    assert total.counts == Counts.one(Status.MISSING, Provenance.AUTOMATIC)


def test_days_fill_months_and_weeks_fill_nothing() -> None:
    assert len(base_periods(Frequency.DAY, YEAR)) == 366
    quarter = period_of_day(Frequency.QUARTER, date(2024, 11, 5))
    texts = [period.text for period in base_periods(Frequency.MONTH, quarter)]
    assert texts == ["2024-10", "2024-11", "2024-12"]
    # Not even February 2021, which is four whole weeks.
    for base, longer in (
        (Frequency.WEEK, parse_period("2021-02")),
        (Frequency.MONTH, MAY),
        (Frequency.YEAR, parse_period("2024-2025")),
    ):
        with pytest.raises(FederationError) as caught:
            base_periods(base, longer)
        assert caught.value.code is ErrorCode.MERGE_REFUSED
        assert caught.value.where["reason"] == "periods-do-not-fill"


def test_hours_fill_the_days_of_their_calendar() -> None:
    day = parse_period("2026-05-21")
    hours = base_periods(Frequency.HOUR, day, LOCAL)
    assert len(hours) == 24
    assert (hours[0].text, hours[-1].text) == ("2026-05-20T17Z", "2026-05-21T16Z")


PUBLISHER = Calendar(
    id="police",
    name_vi="x",
    name_en="y",
    time_zone="Asia/Ho_Chi_Minh",
    windows=tuple(
        Window(
            frequency=Frequency.MONTH,
            start=day_number(date(2025, month, 1)),
            first_day=date(2025, month - 1, 26),
            end_day=date(2025, month, 26),
        )
        for month in range(2, 13)
    ),
)


def test_a_publisher_s_month_has_the_days_of_its_calendar() -> None:
    october = parse_period("2025-10")
    days = base_periods(Frequency.DAY, october, PUBLISHER)
    assert (days[0].text, days[-1].text) == ("2025-09-26", "2025-10-25")
    months = base_periods(Frequency.MONTH, parse_period("2025-Q4"), PUBLISHER)
    assert [month.text for month in months] == ["2025-10", "2025-11", "2025-12"]


def test_any_run_of_days_is_a_window_where_days_are_known() -> None:
    days = window_periods(Frequency.DAY, date(2025, 5, 15), date(2025, 6, 15))
    assert len(days) == 31
    months = window_periods(Frequency.MONTH, date(2025, 3, 1), date(2026, 1, 1))
    assert [month.text for month in months][:2] == ["2025-03", "2025-04"]
    weeks = window_periods(Frequency.WEEK, date(2025, 5, 12), date(2025, 5, 26))
    assert [week.text for week in weeks] == ["2025-W20", "2025-W21"]


def test_a_window_that_cuts_a_period_is_refused_with_the_nearest_whole_ones() -> None:
    with pytest.raises(FederationError) as caught:
        window_periods(Frequency.MONTH, date(2025, 3, 15), date(2025, 5, 2))
    assert caught.value.code is ErrorCode.MERGE_REFUSED
    assert caught.value.where["from"] == "2025-03-01"
    assert caught.value.where["to"] == "2025-05-31"
    assert "2025-05-31" in caught.value.text_vi


@pytest.mark.parametrize(
    ("base", "first", "end"),
    [
        (Frequency.DAY, date(2025, 3, 2), date(2025, 3, 2)),
        (Frequency.DAY, date(2025, 3, 2), date.min),
        (Frequency.YEAR, date(2025, 1, 1), date.max),
        (Frequency.HOUR, date(1950, 1, 1), date(2025, 1, 1)),
        (Frequency.DAY, date(1900, 1, 1), date(2200, 1, 1)),
    ],
)
def test_what_is_no_window_or_too_long_is_refused(
    base: Frequency, first: date, end: date
) -> None:
    assert PERIODS_MAX == 40_000
    with pytest.raises(FederationError) as caught:
        window_periods(base, first, end)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
