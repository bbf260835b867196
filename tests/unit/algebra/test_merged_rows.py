"""What a merged row says of its parts: coverage, counts, labels.

The laws of merging itself are in ``tests/contract/algebra``.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.integers import checked
from federation.algebra.merge import merge_over_place
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule
from federation.model.period import Frequency, period_of_day
from federation.model.row import INT64_MAX, INT64_MIN, Row, SeriesKey, State, base_row
from federation.model.status import NO_COUNTS, Counts, Provenance, Status
from tests.indicators import an_indicator

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


def indicator(rule: MergeRule) -> Indicator:
    measure = Measure.LAST if rule is MergeRule.LAST else Measure[rule.name]
    over_place = MergeRule.SUM if rule is MergeRule.LAST else rule
    return an_indicator("a.b", measure=measure, over_time=rule, over_place=over_place)


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


def test_a_sum_that_leaves_64_bits_is_an_error() -> None:
    assert checked(INT64_MAX, "x") == INT64_MAX
    assert checked(INT64_MIN, "x") == INT64_MIN
    for value in (INT64_MAX + 1, INT64_MIN - 1):
        with pytest.raises(FederationError) as caught:
            checked(value, "x")
        assert caught.value.code is ErrorCode.OVERFLOW
