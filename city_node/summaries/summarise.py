"""The pure function from the observations of a series and period to its row.

Facts that several publications speak of count once: the highest rank stands (realised
before estimate), then what was published last. The order of feeding never matters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from city_node.contract import RANK_WHOLE, MeasuredIndicator
from city_node.observations.stored import KeptObservation
from city_node.summaries.cumulative import difference
from federation.algebra.merge import merge_all
from federation.clock import to_us
from federation.model.indicator import Measure, MergeRule
from federation.model.period import Period
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey, State, base_row
from federation.model.status import NO_COUNTS, Counts, Provenance, Status

ESTIMATE_RANK = 1
"""The rank of "ước tính" among the publications of a fact; "thực hiện" is above it."""

# How the facts of one period make one state. A published figure is never merged: the
# best of its publications stands.
_RULES = {
    Measure.SUM: MergeRule.SUM,
    Measure.LAST: MergeRule.LAST,
    Measure.RATIO: MergeRule.RATIO,
    Measure.WEIGHTED_MEAN: MergeRule.WEIGHTED_MEAN,
    Measure.MAX: MergeRule.MAX,
    Measure.MIN: MergeRule.MIN,
    Measure.QUANTILES: MergeRule.QUANTILES,
    Measure.DISTINCT: MergeRule.DISTINCT,
    Measure.TOP: MergeRule.TOP,
    Measure.PUBLISHED: MergeRule.NONE,
}
SUMMARISED_MEASURES = frozenset(_RULES)


def is_estimate(kept: KeptObservation) -> bool:
    """Return whether an observation also stands as the estimate of its fact.

    Only in the series without a breakdown: a series has one dimension at most.
    """
    observation = kept.observation
    return (
        observation.rank == ESTIMATE_RANK
        and observation.fact != ""
        and observation.breakdown == ""
    )


def series_of(kept: KeptObservation) -> tuple[SeriesKey, ...]:
    """Return the series an observation counts in: its own, and that of estimates."""
    series = kept.series
    if is_estimate(kept):
        return (series, replace(series, breakdown=VINTAGE_ESTIMATE))
    return (series,)


def summarise(
    measured: MeasuredIndicator,
    observations: Iterable[KeptObservation],
    *,
    series: SeriesKey,
    period: Period,
    recorded_at_us: int,
) -> Row:
    """Return the row of a series and period.

    Args:
        measured: The indicator and its rules.
        observations: All that is kept for the series and period.
        series: The series; that of estimates is given their observations only.
        period: The period.
        recorded_at_us: When the last of the observations went, where none is left.

    Raises:
        FederationError: ``OVERFLOW`` when the state leaves 64 bits.
    """
    standing = _standing(observations)
    if measured.indicator.measure is Measure.PUBLISHED and standing:
        standing = [max(standing, key=_precedence)]
    if not standing:
        return gone(series, period, recorded_at_us)
    state = _state(measured, standing)
    counts = reduce(Counts.__add__, map(_counts, standing), NO_COUNTS)
    return _row(series, period, state, counts, standing)


def summarise_cumulative(
    measured: MeasuredIndicator,
    observations: Iterable[KeptObservation],
    before: Iterable[KeptObservation],
    *,
    series: SeriesKey,
    period: Period,
    first_of_year: bool,
    recorded_at_us: int,
) -> Row:
    """Return the row of a month of an indicator whose input is cumulative.

    Of several statements of one month the best stands (realised before estimate, then
    the one published last). ``before`` is what is kept for the month before; the other
    arguments are those of ``summarise``.

    Raises:
        FederationError: ``OVERFLOW`` when the difference leaves 64 bits.
    """
    stated = max(observations, key=_precedence, default=None)
    if stated is None:
        return gone(series, period, recorded_at_us)
    earlier = None if first_of_year else max(before, key=_precedence, default=None)
    state, counts = difference(
        measured.indicator, stated, earlier, first_of_year=first_of_year
    )
    told = [stated] if earlier is None else [stated, earlier]
    return _row(series, period, state, counts, told)


def gone(series: SeriesKey, period: Period, recorded_at_us: int) -> Row:
    """Return the row of a series and period that nothing is kept for any more."""
    return base_row(
        series=series,
        period=period,
        state=None,
        status=Status.DELETED,
        provenance=Provenance.AUTOMATIC,
        recorded_at_us=recorded_at_us,
    )


def _row(
    series: SeriesKey,
    period: Period,
    state: State | None,
    counts: Counts,
    standing: Sequence[KeptObservation],
) -> Row:
    status = counts.leading_status
    if state is None and status.carries_state:
        status = Status.MISSING
    sources = {kept.record.source for kept in standing}
    return base_row(
        series=series,
        period=period,
        state=state,
        status=status,
        provenance=counts.leading_provenance,
        recorded_at_us=max(kept.recorded_at_us for kept in standing),
        source=sources.pop() if len(sources) == 1 else "",
    )


def _standing(observations: Iterable[KeptObservation]) -> list[KeptObservation]:
    """Return one observation for each fact, in an order that feeding does not set.

    Where somebody stated the whole, the parts are not added to it.
    """
    everything = list(observations)
    whole = [kept for kept in everything if kept.observation.rank >= RANK_WHOLE]
    best: dict[object, KeptObservation] = {}
    for kept in whole or everything:
        fact = kept.observation.fact or kept.identity
        other = best.get(fact)
        if other is None or _precedence(kept) > _precedence(other):
            best[fact] = kept
    return sorted(best.values(), key=_precedence)


def _precedence(kept: KeptObservation) -> tuple[int, int, tuple[str, str, str]]:
    published = kept.published_at
    record, _, key = kept.identity
    return (
        kept.observation.rank,
        # A publication that tells its day is newer than one that doesn't.
        -(2**63) if published is None else to_us(published),
        (record.source, record.source_key, key),
    )


def _counts(kept: KeptObservation) -> Counts:
    return Counts.one(kept.observation.status, kept.provenance)


def _state(
    measured: MeasuredIndicator, standing: Sequence[KeptObservation]
) -> State | None:
    indicator = measured.indicator
    rule = _RULES[indicator.measure]
    dated = (_dated(measured, kept) for kept in standing)
    states = [state for state in dated if state is not None]
    merged = merge_all(rule, states, indicator.id) if states else None
    if merged is None or indicator.measure is not Measure.WEIGHTED_MEAN:
        return merged
    # A mean over nothing is no value, whatever weight is asked for.
    return merged if merged.second >= max(1, measured.minimum_weight) else None


def _dated(measured: MeasuredIndicator, kept: KeptObservation) -> State | None:
    """Return an observation's state; a stock's carries the moment it was true."""
    state = kept.observation.state
    if state is None or measured.indicator.measure is not Measure.LAST:
        return state
    return replace(state, second=to_us(kept.observation.phenomenon_time))
