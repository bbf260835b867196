"""One series as a leader sees it: the last value, its meaning, age and way here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from federation.algebra.value import decimal_value
from federation.coverage.absence import Absent
from federation.model.indicator import Indicator
from federation.model.period import Calendar, Period, preceding
from federation.model.row import Row
from federation.model.status import Status
from federation.views.absence import names_of
from federation.views.judgement import (
    Comparison,
    Freshness,
    Judgement,
    compare,
    freshness,
    judge,
)
from federation.views.values import ValueSeen
from federation.warehouse.store import Stored

TREND_PERIODS = 24

_FRESHNESS_RANK = {Freshness.SILENT: 0, Freshness.STALE: 1, Freshness.FRESH: 2}
_JUDGEMENT_RANK = {
    Judgement.NONE: 0,
    Judgement.BAD: 1,
    Judgement.WATCH: 2,
    Judgement.UNJUDGED: 3,
    Judgement.OK: 4,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendValue:
    """One period of a trend."""

    period: Period
    value: Decimal | None
    status: Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One series: its last value and what to think of it."""

    indicator: Indicator
    value: ValueSeen
    judgement: Judgement
    freshness: Freshness
    age_s: int
    comparison: Comparison
    last_missing: Period | None
    trend: tuple[TrendValue, ...]

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """Return the key that puts exceptions first."""
        series = self.value.row.series
        return (
            _FRESHNESS_RANK[self.freshness],
            _JUDGEMENT_RANK[self.judgement],
            series.indicator,
            series.locality,
            series.breakdown,
        )


def last_with_state(newest_first: Sequence[Stored]) -> Stored | None:
    """Return the newest of some values that has a state."""
    return next((item for item in newest_first if item.row.state is not None), None)


def make_tile(
    indicator: Indicator,
    calendar: Calendar,
    newest_first: Sequence[Stored],
    *,
    year_ago: Row | None,
    now: datetime,
) -> Tile | None:
    """Return the tile of a series, or None when all its values were deleted.

    Args:
        indicator: Of the series.
        calendar: Of the indicator.
        newest_first: The series' newest values.
        year_ago: The value of the year before the last one, where it is known.
        now: The present.
    """
    standing = [s for s in newest_first if s.row.status is not Status.DELETED]
    if not standing:
        return None
    reported = last_with_state(standing)
    shown = reported or standing[0]
    by_period = {stored.row.period: stored.row for stored in newest_first}
    before = by_period.get(preceding(shown.row.period))
    return Tile(
        indicator=indicator,
        value=ValueSeen(
            row=shown.row,
            known_at=shown.known_at,
            carrier=shown.carrier,
            indicator=indicator,
            first_known_at=shown.first_known_at,
            first_given_at=shown.first_given_at,
        ),
        judgement=judge(indicator, shown.row.state),
        freshness=freshness(
            indicator, calendar, reported.row.period if reported else None, now
        ),
        age_s=max(0, int((now - shown.row.period.ends_at(calendar)).total_seconds())),
        comparison=compare(
            indicator,
            shown.row.state,
            before.state if before is not None else None,
            year_ago.state if year_ago is not None else None,
        ),
        last_missing=_missing_after(shown, standing),
        trend=_trend(indicator, by_period, newest_first[0].row.period),
    )


def with_absent(tile: Tile, absent: tuple[Absent, ...]) -> Tile:
    """Return a tile whose value names who is missing in it, and why."""
    value = replace(tile.value, missing=names_of(absent), absent=absent)
    return replace(tile, value=value)


def _missing_after(shown: Stored, standing: Sequence[Stored]) -> Period | None:
    """Return the newest period after the shown one that was owed and is absent."""
    for stored in standing:
        if stored.row.period.start <= shown.row.period.start:
            return None
        if stored.row.status is Status.MISSING:
            return stored.row.period
    return None


def _trend(
    indicator: Indicator, by_period: dict[Period, Row], last: Period
) -> tuple[TrendValue, ...]:
    """Return the periods up to the last, without a gap, from the first one known."""
    first = min(by_period)
    points: list[TrendValue] = []
    period = last
    while len(points) < TREND_PERIODS and period.start >= first.start:
        row = by_period.get(period)
        state = row.state if row is not None else None
        points.append(
            TrendValue(
                period=period,
                value=decimal_value(indicator, state) if state is not None else None,
                status=row.status if row is not None else Status.MISSING,
            )
        )
        period = preceding(period)
    return tuple(reversed(points))
