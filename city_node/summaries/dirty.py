"""Which series and periods must be recomputed when observations change or time passes.

A plain observation counts in its own period. One that counts when it is due does so
once that moment has passed. An interval counts at every end of a period that it covers.
What is stated since January counts in its own month and is taken off the next one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from city_node.contract import LocalityLookup, MeasuredIndicator
from city_node.observations.stored import KeptObservation
from city_node.summaries.summarise import series_of
from federation.model.indicator import Indicator
from federation.model.period import CALENDARS, Period, following, period_at, preceding
from federation.model.row import SeriesKey

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DirtyPeriod:
    """A series and period to recompute.

    ``follows``: only what goes before it changed, so where it states nothing itself
    there is nothing to recompute.
    """

    series: SeriesKey
    period: Period
    follows: bool = field(default=False, compare=False)


def dirty_periods(
    changed: Iterable[KeptObservation],
    measured: Mapping[str, MeasuredIndicator],
    *,
    now: datetime,
) -> set[DirtyPeriod]:
    """Return what must be recomputed when observations came, went or changed.

    Observations of an indicator that is no longer measured leave their summaries.
    """
    found: dict[DirtyPeriod, DirtyPeriod] = {}
    for kept in changed:
        rules = measured.get(kept.observation.indicator)
        if rules is None:
            continue
        for pair in _counts_in(kept, rules, now):
            if not (pair.follows and pair in found):
                found[pair] = pair
    return set(found.values())


def _counts_in(
    kept: KeptObservation, rules: MeasuredIndicator, now: datetime
) -> Iterator[DirtyPeriod]:
    observation = kept.observation
    period = observation.period
    if rules.counts_intervals:
        until = observation.phenomenon_end
        last = now if until is None else min(now, until - _TICK)
        first = observation.phenomenon_time
        for ended in periods_ending(rules.indicator, first, last):
            yield DirtyPeriod(series=kept.series, period=ended)
    elif rules.counts_when_due:
        if observation.phenomenon_time <= now:
            yield DirtyPeriod(series=kept.series, period=period)
    elif rules.cumulative:
        yield DirtyPeriod(series=kept.series, period=period)
        following = next_of_year(period)
        if following is not None:
            yield DirtyPeriod(series=kept.series, period=following, follows=True)
    else:
        for series in series_of(kept):
            yield DirtyPeriod(series=series, period=period)


def periods_ending(
    indicator: Indicator, first: datetime, last: datetime
) -> Iterator[Period]:
    """Yield the periods of an indicator that end from ``first`` to ``last``, both in.

    In the order of time.
    """
    if last < first:
        return
    calendar = CALENDARS[indicator.calendar]
    # The period that ends at ``first`` holds the moment before.
    period = period_at(indicator.frequency, first - _TICK, calendar)
    while (end := period.ends_at(calendar)) <= last:
        if end >= first:
            yield period
        period = period_at(indicator.frequency, end, calendar)


def begun_periods(
    indicator: Indicator,
    before: KeptObservation | None,
    after: KeptObservation | None,
    *,
    now: datetime,
) -> Iterator[Period]:
    """Yield the ended periods that a counted stock has now and had not, or no more.

    ``before`` and ``after`` are the observations in which its series began and begins.
    """
    calendar = CALENDARS[indicator.calendar]
    begins = sorted(
        each.observation.period.ends_at(calendar)
        for each in (before, after)
        if each is not None
    )
    if begins:
        last = min(now, begins[1] - _TICK) if len(begins) == 2 else now
        yield from periods_ending(indicator, begins[0], last)


def while_standing(
    pairs: Iterable[DirtyPeriod], places: LocalityLookup
) -> set[DirtyPeriod]:
    """Leave out periods that begin after their place is no more.

    Time goes on for a counted stock; a ward that was given up counts nothing any more.
    """
    return {pair for pair in pairs if not _is_no_more(pair, places)}


def _is_no_more(pair: DirtyPeriod, places: LocalityLookup) -> bool:
    place = places.get(pair.series.locality)
    last = place.valid_to if place is not None else None
    return last is not None and pair.period.first_day > last


def next_of_year(period: Period) -> Period | None:
    """Return the period after one, or None where another year begins."""
    after = following(period)
    return after if after.first_day.year == period.first_day.year else None


def previous_of_year(period: Period) -> Period | None:
    """Return the period before one, or None where it is the first of its year."""
    before = preceding(period)
    return before if before.first_day.year == period.first_day.year else None
