"""Silence is a state: who owes, said nothing in time, and since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from federation.coverage.deadlines import due_at, grace_ends
from federation.coverage.windows import last_day
from federation.model.indicator import Indicator
from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    day_begins,
    day_number,
    day_of,
    has_period,
    next_in,
    period_at,
    period_of_day,
)
from federation.model.row import SIMULATED_FEED, Row
from federation.model.status import Status
from federation.wire.payload import Obligation

FIRST_DAY = date(1900, 1, 1)
"""What is owed from ever on is looked at from this day."""

_SAID = frozenset({Status.WITHHELD, Status.SUPPRESSED, Status.NOT_COLLECTED})


class Standing(StrEnum):
    """Where an obligation stands."""

    FRESH = "fresh"
    """Everything that is over was reported."""
    DUE = "due"
    """A period is over and its report awaited, within the deadline."""
    WITHIN_GRACE = "within_grace"
    OVERDUE = "overdue"
    """Silent: deadline and grace are over."""
    NOT_CONNECTED = "not_connected"
    """No node speaks for the place, and nothing was ever reported for it."""
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """Where an obligation stands, and what it waits for.

    ``awaited`` is the first period owed after the last reported one; ``since`` the
    moment its report was due, once that has passed.
    """

    standing: Standing
    last: Period | None
    awaited: Period | None = None
    due_at: datetime | None = None
    since: datetime | None = None


def last_said(rows: Iterable[Row], agency: str) -> Period | None:
    """Return the last period that rows of a place say something of, for an agency.

    That a figure is withheld or not collected is an answer, that it is missing is not.
    Generated figures answer nothing.
    """
    said = [
        row.period
        for row in rows
        if row.series.breakdown != SIMULATED_FEED
        and (not agency or row.series.agency in ("", agency))
        and is_answer(row)
    ]
    return max(said, default=None)


def is_answer(row: Row) -> bool:
    """Return whether a row says something; see ``last_said``."""
    return row.state is not None or row.status in _SAID


def silence_of(
    indicator: Indicator,
    calendar: Calendar,
    obligation: Obligation,
    *,
    last: Period | None,
    connected: bool,
    now: datetime,
) -> Silence:
    """Return where an obligation stands.

    Args:
        indicator: What is owed.
        calendar: Of the indicator.
        obligation: Who owes it, from when to when.
        last: The last period that was reported; None where none ever was.
        connected: Whether a node speaks for the place, or anything was reported.
        now: The present.
    """
    today = now.astimezone(calendar.zone).date()
    if obligation.to_day is not None and day_of(obligation.to_day) < today:
        return Silence(standing=Standing.ENDED, last=last)
    if not connected:
        return Silence(standing=Standing.NOT_CONNECTED, last=last)
    awaited = _awaited(indicator, calendar, obligation, last)
    if awaited is None or not has_period(awaited, calendar):
        return Silence(standing=Standing.FRESH, last=last)
    due = due_at(indicator, awaited, calendar)
    if now < awaited.ends_at(calendar):
        standing = Standing.FRESH
    elif now <= due:
        standing = Standing.DUE
    elif now <= grace_ends(indicator, awaited, calendar):
        standing = Standing.WITHIN_GRACE
    else:
        standing = Standing.OVERDUE
    since = due if standing in (Standing.WITHIN_GRACE, Standing.OVERDUE) else None
    return Silence(
        standing=standing, last=last, awaited=awaited, due_at=due, since=since
    )


def _awaited(
    indicator: Indicator,
    calendar: Calendar,
    obligation: Obligation,
    last: Period | None,
) -> Period | None:
    """Return the first period that is owed after the last one reported."""
    begin = max(day_of(obligation.from_day), FIRST_DAY)
    first = _first_owed(indicator, calendar, begin)
    awaited = first if last is None else max(first, next_in(last, calendar))
    if indicator.frequency is Frequency.HOUR:
        return awaited
    ends = day_number(last_day(awaited, calendar))
    ended = obligation.to_day is not None and ends > obligation.to_day
    return None if ended else awaited


def _first_owed(indicator: Indicator, calendar: Calendar, begin: date) -> Period:
    if indicator.frequency is Frequency.HOUR:
        return period_at(Frequency.HOUR, day_begins(begin, calendar), calendar)
    windows: Sequence[Period] = [
        Period(frequency=window.frequency, start=window.start)
        for window in calendar.windows_of(indicator.frequency)
        if window.end_day > begin
    ]
    return windows[0] if windows else period_of_day(indicator.frequency, begin)
