"""Good or bad, fresh or stale, better or worse: pure functions of values and time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from federation.algebra.value import decimal_value, exact_value
from federation.coverage.deadlines import grace_ends
from federation.model.indicator import Direction, Indicator
from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    has_period,
    next_in,
    period_of_day,
)
from federation.model.row import State


class Judgement(StrEnum):
    """What a value means against its target."""

    OK = "ok"
    WATCH = "watch"
    BAD = "bad"
    UNJUDGED = "unjudged"
    NONE = "none"


class Freshness(StrEnum):
    """Whether a series keeps its calendar."""

    FRESH = "fresh"
    STALE = "stale"
    SILENT = "silent"


def judge(indicator: Indicator, state: State | None) -> Judgement:
    """Return the judgement of a state.

    Between target and watch limit is ``watch``, beyond the limit ``bad``. Without a
    limit nothing is worse than ``watch``; without a target, or where no direction is
    good, nothing is judged.
    """
    exact = exact_value(indicator, state) if state is not None else None
    if exact is None:
        return Judgement.NONE
    if indicator.target is None or indicator.direction is Direction.NEUTRAL:
        return Judgement.UNJUDGED
    sign = 1 if indicator.direction is Direction.UP else -1
    scale = 10**indicator.scale
    if sign * (exact - Fraction(indicator.target, scale)) >= 0:
        return Judgement.OK
    if indicator.watch_limit is None:
        return Judgement.WATCH
    within = sign * (exact - Fraction(indicator.watch_limit, scale)) >= 0
    return Judgement.WATCH if within else Judgement.BAD


def freshness(
    indicator: Indicator, calendar: Calendar, last: Period | None, now: datetime
) -> Freshness:
    """Return whether the report after the last one is overdue, grace included.

    ``last`` is the last period with a value; None where nothing was ever reported.
    """
    if last is None:
        return Freshness.SILENT
    next_one = next_in(last, calendar)
    if not has_period(next_one, calendar):
        # The calendar has no window for it (yet): nothing more can be due.
        return Freshness.FRESH
    due = grace_ends(indicator, next_one, calendar)
    return Freshness.STALE if now > due else Freshness.FRESH


def year_before(period: Period) -> Period:
    """Return the same period of the year before; 52 weeks for weeks and hours."""
    first = period.first_day
    match period.frequency:
        case Frequency.HOUR:
            return Period(frequency=period.frequency, start=period.start - 52 * 7 * 24)
        case Frequency.WEEK:
            return period_of_day(period.frequency, first - timedelta(weeks=52))
        case _:
            # 29 February is compared with 28 February.
            day = min(first.day, 28) if first.month == 2 else first.day
            return period_of_day(
                period.frequency, first.replace(year=first.year - 1, day=day)
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A value beside another one; None where either is absent."""

    previous: Decimal | None
    year_ago: Decimal | None
    change: Decimal | None


def compare(
    indicator: Indicator,
    current: State | None,
    previous: State | None,
    year_ago: State | None,
) -> Comparison:
    """Return a value beside its predecessors; ``change`` is to the previous one."""
    now, before, past = (
        decimal_value(indicator, state) if state is not None else None
        for state in (current, previous, year_ago)
    )
    change = now - before if now is not None and before is not None else None
    return Comparison(previous=before, year_ago=past, change=change)
