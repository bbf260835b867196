"""Merging states and rows, along time and along place.

Source of the rules: the merge table of the indicator contract (one rule for each
axis). An average of averages, a stock summed over days and a merged published
figure are refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, MergeRule
from federation.model.period import Frequency, Period, period_of_day
from federation.model.row import INT64_MAX, INT64_MIN, Row, SeriesKey, State
from federation.model.status import NO_COUNTS, Counts, Status


def checked(value: int, what: str) -> int:
    """Return a value that fits in 64 bits, or raise ``OVERFLOW``."""
    if INT64_MIN <= value <= INT64_MAX:
        return value
    raise FederationError(
        ErrorCode.OVERFLOW,
        f"Kết quả gộp của {what} vượt phạm vi số nguyên 64 bit.",
        f"The merged state of {what} does not fit in 64 bits.",
        {"what": what},
    )


def merge_states(rule: MergeRule, left: State, right: State, what: str) -> State:
    """Return the state of both together under a rule.

    Raises:
        FederationError: ``MERGE_REFUSED`` for a rule that merges nothing,
            ``OVERFLOW`` when a sum leaves 64 bits.
    """
    match rule:
        case MergeRule.SUM:
            return State(
                value=checked(left.value + right.value, what),
                second=max(left.second, right.second),
            )
        case MergeRule.RATIO | MergeRule.WEIGHTED_MEAN:
            return State(
                value=checked(left.value + right.value, what),
                second=checked(left.second + right.second, what),
            )
        case MergeRule.LAST:
            return max(left, right, key=lambda state: (state.second, state.value))
        case MergeRule.MAX:
            return max(left, right, key=lambda state: state.value)
        case MergeRule.MIN:
            return min(left, right, key=lambda state: state.value)
        case _:
            raise refused(what, rule)


def refused(what: str, rule: MergeRule) -> FederationError:
    """Return the error that says why something must not be merged."""
    return FederationError(
        ErrorCode.MERGE_REFUSED,
        f"{what}: quy tắc gộp là “{rule.slug}”, không được cộng hay lấy trung bình.",
        f"{what}: the merge rule is “{rule.slug}”; it must not be summed or averaged.",
        {"indicator": what, "rule": rule.slug},
    )


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
        FederationError: ``MERGE_REFUSED`` when the place rule is ``none``.
    """
    return _merge(indicator, indicator.over_place, rows, into, period, expected)


def merge_over_time(
    indicator: Indicator, rows: Sequence[Row], *, period: Period, expected: int
) -> Row:
    """Return the rows of one series in several base periods as one longer period.

    ``expected`` is the number of base periods the longer one has. The coverage
    counts reports: a total of places brings its own n of N for each base period, and
    a base period without a row lacks as many reports as the others owe. So a year of
    a total that 1 of 34 gave each month covers 12 of 408, not 12 of 12.

    Raises:
        FederationError: ``MERGE_REFUSED`` when the time rule is ``none``;
            ``INVALID_ARGUMENT`` when there are no rows.
    """
    if not rows:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Không có kỳ nào để gộp cho {indicator.id}.",
            f"There are no periods to merge for {indicator.id}.",
            {"indicator": indicator.id},
        )
    merged = _merge(
        indicator, indicator.over_time, rows, rows[0].series, period, expected
    )
    owed = max(1, *(row.expected for row in rows))
    standing = sum(1 for row in rows if row.status is not Status.DELETED)
    return replace(
        merged,
        expected=sum(row.expected for row in rows) + (expected - standing) * owed,
        reported=sum(row.reported for row in rows),
    )


def _merge(
    indicator: Indicator,
    rule: MergeRule,
    rows: Sequence[Row],
    into: SeriesKey,
    period: Period,
    expected: int,
) -> Row:
    if rule in (MergeRule.NONE, MergeRule.COMPOSITE):
        raise refused(indicator.id, rule)
    standing = [row for row in rows if row.status is not Status.DELETED]
    states = [row.state for row in standing if row.state is not None]
    sources = {row.source for row in standing if row.state is not None}
    return Row(
        series=into,
        period=period,
        state=_merge_all(rule, states, indicator.id),
        counts=_counts(row.counts for row in standing),
        expected=expected,
        reported=len(states),
        recorded_at_us=max((row.recorded_at_us for row in rows), default=0),
        source=sources.pop() if len(sources) == 1 else "",
        unconfirmed=any(row.unconfirmed for row in standing),
        adjusted=any(row.adjusted for row in standing),
    )


def _merge_all(rule: MergeRule, states: list[State], what: str) -> State | None:
    if not states:
        return None
    return reduce(lambda left, right: merge_states(rule, left, right, what), states)


def _counts(parts: Iterable[Counts]) -> Counts:
    return reduce(Counts.__add__, parts, NO_COUNTS)


# Longer periods that whole base periods can fill exactly. Weeks make no months.
_FILLS = {
    Frequency.HOUR: (),
    Frequency.DAY: (
        Frequency.WEEK,
        Frequency.MONTH,
        Frequency.QUARTER,
        Frequency.YEAR,
        Frequency.SCHOOL_YEAR,
    ),
    Frequency.WEEK: (),
    Frequency.MONTH: (Frequency.QUARTER, Frequency.YEAR, Frequency.SCHOOL_YEAR),
    Frequency.QUARTER: (Frequency.YEAR,),
    Frequency.YEAR: (),
    Frequency.SCHOOL_YEAR: (),
}


def base_periods(base: Frequency, longer: Period) -> list[Period]:
    """Return the base periods that fill a longer period, in order.

    Raises:
        FederationError: ``MERGE_REFUSED`` when base periods do not fill it.
    """
    if longer.frequency not in _FILLS[base]:
        raise FederationError(
            ErrorCode.MERGE_REFUSED,
            f"Không ghép được kỳ “{longer.frequency.slug}” từ kỳ “{base.slug}”.",
            f"Periods of “{base.slug}” do not make a “{longer.frequency.slug}”.",
            {"frequency": longer.frequency.slug, "base": base.slug},
        )
    periods = []
    day = longer.first_day
    while day < longer.end_day:
        period = period_of_day(base, day)
        periods.append(period)
        day = period.end_day
    return periods
