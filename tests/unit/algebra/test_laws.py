"""Merging gives the same bits in any order and any grouping."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.merge import (
    base_periods,
    checked,
    merge_over_place,
    merge_over_time,
    merge_states,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, MergeRule, Text
from federation.model.period import Frequency, period_of_day
from federation.model.row import INT64_MAX, INT64_MIN, Row, SeriesKey, State, base_row
from federation.model.status import NO_COUNTS, Counts, Provenance, Status
from tests.indicators import an_indicator

TEXT = Text(vi="x", en="x")
RULES = [
    MergeRule.SUM,
    MergeRule.RATIO,
    MergeRule.WEIGHTED_MEAN,
    MergeRule.LAST,
    MergeRule.MAX,
    MergeRule.MIN,
]
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
INTO = SeriesKey(indicator="a.b", locality="40")

# Few values beside many, so that equal ones meet.
integers = st.integers(-3, 3) | st.integers(-(2**55), 2**55)


def states_of(rule: MergeRule) -> st.SearchStrategy[State]:
    """Return states as rows of the rule's measures hold them."""
    scalar = rule in (MergeRule.MAX, MergeRule.MIN)
    return st.builds(State, value=integers, second=st.just(0) if scalar else integers)


@st.composite
def some_states(draw: Any, least: int) -> tuple[MergeRule, list[State]]:
    rule = draw(st.sampled_from(RULES))
    return rule, draw(st.lists(states_of(rule), min_size=least, max_size=8))


def indicator(rule: MergeRule) -> Indicator:
    return an_indicator("a.b", over_time=rule, over_place=rule)


def fold(rule: MergeRule, states: list[State]) -> State:
    merged = states[0]
    for state in states[1:]:
        merged = merge_states(rule, merged, state, "x")
    return merged


@given(some_states(1), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_bits(
    given_states: tuple[MergeRule, list[State]], random: Any
) -> None:
    rule, states = given_states
    shuffled = random.sample(states, len(states))
    assert fold(rule, states) == fold(rule, shuffled)


@given(some_states(2), st.integers(1, 7))
def test_any_grouping_gives_the_same_bits(
    given_states: tuple[MergeRule, list[State]], cut: int
) -> None:
    rule, states = given_states
    cut = min(cut, len(states) - 1)
    grouped = [fold(rule, states[:cut]), fold(rule, states[cut:])]
    assert fold(rule, states) == fold(rule, grouped)


statuses = st.sampled_from(list(Status))
provenances = st.sampled_from(list(Provenance))


@st.composite
def rows_of(draw: Any) -> tuple[Indicator, list[Row]]:
    rule = draw(st.sampled_from(RULES))
    rows = [
        base_row(
            series=replace(INTO, locality=str(number)),
            period=MAY,
            state=draw(states_of(rule)),
            status=draw(statuses),
            provenance=draw(provenances),
            recorded_at_us=draw(st.integers(0, 9)),
            source=draw(st.sampled_from(["a", "b"])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    return indicator(rule), rows


def merged(contract: Indicator, rows: list[Row]) -> Row:
    return merge_over_place(contract, rows, into=INTO, period=MAY, expected=len(rows))


@given(rows_of(), st.randoms(use_true_random=False))
def test_a_total_of_totals_is_the_total(
    given_rows: tuple[Indicator, list[Row]], random: Any
) -> None:
    contract, rows = given_rows
    groups: list[list[Row]] = [[], [], []]
    for row in random.sample(rows, len(rows)):
        random.choice(groups).append(row)
    parts = [merged(contract, group) for group in groups if group]
    flat, nested = merged(contract, rows), merged(contract, parts)
    assert nested.state == flat.state
    assert nested.counts == flat.counts
    assert sum(part.reported for part in parts) == flat.reported


@given(rows_of())
def test_contributors_with_a_state_are_those_that_reported(
    given_rows: tuple[Indicator, list[Row]],
) -> None:
    contract, rows = given_rows
    total = merged(contract, rows)
    assert total.counts.with_state == total.reported <= total.expected
    if total.reported:
        assert sum(total.counts.provenances) == total.reported
    assert (total.state is None) == (total.reported == 0)
    assert total.counts.statuses[Status.DELETED - 1] == 0


@given(rows_of())
def test_what_has_no_state_never_changes_the_value(
    given_rows: tuple[Indicator, list[Row]],
) -> None:
    contract, rows = given_rows
    with_state = [row for row in rows if row.state is not None]
    assert merged(contract, rows).state == merged(contract, with_state).state


@given(rows_of())
def test_one_simulated_part_labels_the_whole(
    given_rows: tuple[Indicator, list[Row]],
) -> None:
    contract, rows = given_rows
    standing = [row for row in rows if row.status is not Status.DELETED]
    # Where nobody gave a value, those who said so are the ones to label.
    told = [row for row in standing if row.state is not None] or standing
    simulated = any(row.provenance is Provenance.SIMULATED for row in told)
    total = merged(contract, rows)
    assert (total.provenance is Provenance.SIMULATED) == simulated


@given(st.lists(st.tuples(statuses, provenances), max_size=9))
def test_counts_add_up_in_any_order(pairs: list[tuple[Status, Provenance]]) -> None:
    counts = [Counts.one(*pair) for pair in pairs]
    assert sum(counts, NO_COUNTS) == sum(reversed(counts), NO_COUNTS)


def test_zero_counts_and_missing_does_not() -> None:
    def row(status: Status) -> Row:
        return base_row(
            series=INTO,
            period=MAY,
            state=State(value=0),
            status=status,
            provenance=Provenance.FILE,
            recorded_at_us=1,
        )

    contract = indicator(MergeRule.SUM)
    zero = merged(contract, [row(Status.ZERO), row(Status.NO_ACTIVITY)])
    assert (zero.state, zero.reported) == (State(value=0), 2)
    missing = merged(contract, [row(Status.MISSING), row(Status.WITHHELD)])
    assert (missing.state, missing.reported, missing.expected) == (None, 0, 2)


@pytest.mark.parametrize("rule", [MergeRule.NONE, MergeRule.COMPOSITE])
def test_what_must_not_merge_is_refused_with_the_reason(rule: MergeRule) -> None:
    for call in (
        lambda: merged(indicator(rule), []),
        lambda: merge_states(rule, State(value=1), State(value=2), "a.b"),
    ):
        with pytest.raises(FederationError) as caught:
            call()
        assert caught.value.code is ErrorCode.MERGE_REFUSED
        assert "a.b" in caught.value.text_vi
        assert rule.slug in caught.value.text_en


def test_a_sum_that_leaves_64_bits_is_an_error() -> None:
    assert checked(INT64_MAX, "x") == INT64_MAX
    assert checked(INT64_MIN, "x") == INT64_MIN
    for value in (INT64_MAX + 1, INT64_MIN - 1):
        with pytest.raises(FederationError) as caught:
            checked(value, "x")
        assert caught.value.code is ErrorCode.OVERFLOW


def test_days_fill_months_and_weeks_fill_nothing() -> None:
    year = period_of_day(Frequency.YEAR, date(2024, 1, 1))
    assert len(base_periods(Frequency.DAY, year)) == 366
    assert len(base_periods(Frequency.MONTH, year)) == 12
    quarter = period_of_day(Frequency.QUARTER, date(2024, 11, 5))
    texts = [period.text for period in base_periods(Frequency.MONTH, quarter)]
    assert texts == ["2024-10", "2024-11", "2024-12"]
    for base, longer in ((Frequency.WEEK, MAY), (Frequency.MONTH, MAY)):
        with pytest.raises(FederationError) as caught:
            base_periods(base, longer)
        assert caught.value.code is ErrorCode.MERGE_REFUSED


def test_months_make_the_year_over_time() -> None:
    contract = indicator(MergeRule.SUM)
    year = period_of_day(Frequency.YEAR, date(2024, 1, 1))
    rows = [
        base_row(
            series=INTO,
            period=month,
            state=State(value=number),
            status=Status.NORMAL,
            provenance=Provenance.FILE,
            recorded_at_us=number,
        )
        for number, month in enumerate(base_periods(Frequency.MONTH, year), 1)
    ]
    total = merge_over_time(contract, rows, period=year, expected=12)
    assert (total.state, total.reported, total.expected) == (State(value=78), 12, 12)
    thin = [replace(row, expected=34) for row in rows[:11]]
    total = merge_over_time(contract, thin, period=year, expected=12)
    assert (total.reported, total.expected) == (11, 12 * 34)
    with pytest.raises(FederationError):
        merge_over_time(contract, [], period=year, expected=12)
