"""Merging states and rows, along time and along place.

Source of the rules: the merge table of the indicator contract (one rule for each
axis). An average of averages, a stock summed over days and a merged published figure
are refused (``refusals``). Which base periods make a longer one says ``windows``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from federation.algebra import distinct, histogram, top
from federation.algebra.integers import checked
from federation.algebra.refusals import (
    check_over_place,
    check_over_time,
    states_refused,
)
from federation.model.indicator import Indicator, MergeRule
from federation.model.period import Period
from federation.model.row import Row, SeriesKey, State
from federation.model.status import NO_COUNTS, Counts, Provenance, Status

_ONE_MISSING = Counts.one(Status.MISSING, Provenance.AUTOMATIC)


def merge_all(rule: MergeRule, states: Sequence[State], what: str) -> State:
    """Return the state of one or more states together under a rule.

    The order and any grouping of them never change a bit of it. One alone is itself,
    whatever the rule.

    Raises:
        FederationError: ``MERGE_REFUSED`` for a rule that merges nothing,
            ``OVERFLOW`` when a sum leaves 64 bits.
    """
    if len(states) == 1:
        return states[0]
    match rule:
        case MergeRule.SUM:
            return State(
                value=checked(sum(state.value for state in states), what),
                second=max(state.second for state in states),
            )
        case MergeRule.RATIO | MergeRule.WEIGHTED_MEAN:
            return State(
                value=checked(sum(state.value for state in states), what),
                second=checked(sum(state.second for state in states), what),
            )
        case MergeRule.LAST:
            return max(states, key=lambda state: (state.second, state.value))
        case MergeRule.MAX:
            return max(states, key=lambda state: state.value)
        case MergeRule.MIN:
            return min(states, key=lambda state: state.value)
        case MergeRule.QUANTILES:
            return histogram.merge(states, what)
        case MergeRule.DISTINCT:
            return distinct.merge(states)
        case MergeRule.TOP:
            return top.merge(states, what)
        case _:
            raise states_refused(what, rule)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Rows merged over time, before they are given a period of their own.

    ``missing`` are the base periods that gave no state and would have entered it.
    """

    state: State | None
    counts: Counts
    expected: int
    reported: int
    recorded_at_us: int
    source: str
    unconfirmed: bool
    adjusted: bool
    missing: tuple[Period, ...] = ()


def merge_over_place(
    indicator: Indicator,
    rows: Sequence[Row],
    *,
    into: SeriesKey,
    period: Period,
    expected: int,
) -> Row:
    """Return the rows of several places in one period as one row of ``into``.

    ``expected`` is N: how many places owed a report. A row counts as reported when
    it carries a state. Deleted rows leave.

    Raises:
        FederationError: ``MERGE_REFUSED`` when the place rule merges nothing,
            ``OVERFLOW`` when a sum leaves 64 bits.
    """
    check_over_place(indicator)
    merged = _merge(indicator.id, indicator.over_place, rows)
    return _row(replace(merged, expected=expected), into, period)


def merge_over_time(
    indicator: Indicator,
    rows: Sequence[Row],
    *,
    into: SeriesKey,
    period: Period,
    periods: Sequence[Period],
) -> Row:
    """Return the rows of one series in base periods as a row of a longer period.

    Args:
        indicator: Whose time rule is followed.
        rows: At most one for each base period.
        into: The series.
        period: The longer period.
        periods: The base periods that fill it, in order.

    Raises:
        FederationError: as of ``merge_window``.
    """
    return _row(merge_window(indicator, rows, periods=periods), into, period)


def entering(indicator: Indicator, periods: Sequence[Period]) -> Sequence[Period]:
    """Return those of the base periods in order that a longer one is made from."""
    return periods[-1:] if indicator.over_time is MergeRule.LAST else periods


def merge_window(
    indicator: Indicator, rows: Sequence[Row], *, periods: Sequence[Period]
) -> Merged:
    """Return the rows of one series in a run of base periods together.

    The coverage counts reports: a total of places brings its own n of N for each base
    period, and a base period without a row lacks as many reports as the others owe. So
    a year of a total that 1 of 34 gave each month covers 12 of 408, not 12 of 12.
    Where nobody knows how many owed one of the rows, N of all is not known (0 of 0).
    Under the rule ``last`` the last base period alone speaks: it is the state at the
    end, and where it is missing, an earlier one is no answer.

    Raises:
        FederationError: ``MERGE_REFUSED`` when the time rule merges nothing,
            ``OVERFLOW`` when a sum leaves 64 bits.
    """
    check_over_time(indicator)
    wanted = entering(indicator, periods)
    owed = max((row.expected for row in rows), default=1) or 1
    inside = frozenset(wanted)
    given = [row for row in rows if row.period in inside]
    merged = _merge(indicator.id, indicator.over_time, given)
    standing = [row for row in given if row.status is not Status.DELETED]
    expected = sum(row.expected for row in standing)
    expected += (len(wanted) - len(standing)) * owed
    reported = sum(row.reported for row in standing)
    if any(row.expected == 0 and row.state is not None for row in standing):
        expected = reported = 0
    there = {row.period for row in given if row.state is not None}
    return replace(
        merged,
        counts=merged.counts if standing else _ONE_MISSING,
        expected=expected,
        reported=reported,
        missing=tuple(period for period in wanted if period not in there),
    )


def _merge(what: str, rule: MergeRule, rows: Sequence[Row]) -> Merged:
    standing = [row for row in rows if row.status is not Status.DELETED]
    states = [row.state for row in standing if row.state is not None]
    sources = {row.source for row in standing if row.state is not None}
    return Merged(
        state=merge_all(rule, states, what) if states else None,
        counts=merge_counts(row.counts for row in standing),
        expected=len(rows),
        reported=len(states),
        recorded_at_us=max((row.recorded_at_us for row in rows), default=0),
        source=sources.pop() if len(sources) == 1 else "",
        unconfirmed=any(row.unconfirmed for row in standing),
        adjusted=any(row.adjusted for row in standing),
    )


def _row(merged: Merged, into: SeriesKey, period: Period) -> Row:
    return Row(
        series=into,
        period=period,
        state=merged.state,
        counts=merged.counts,
        expected=merged.expected,
        reported=merged.reported,
        recorded_at_us=merged.recorded_at_us,
        source=merged.source,
        unconfirmed=merged.unconfirmed,
        adjusted=merged.adjusted,
    )


def merge_counts(parts: Iterable[Counts]) -> Counts:
    """Return how many contributors of each kind all have together."""
    return reduce(Counts.__add__, parts, NO_COUNTS)
