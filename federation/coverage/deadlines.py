"""When a report is due, and whether it came in time.

The deadline counts from the period's end, as the indicator's calendar dates it; grace
counts from the deadline. A report within grace is in time; one that has not come by
the end of grace is overdue.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from federation.model.indicator import Indicator
from federation.model.period import Calendar, Period


class Timeliness(StrEnum):
    """Where a report stands against its deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    """It came after the end of grace."""
    NOT_YET_DUE = "not_yet_due"
    WITHIN_GRACE = "within_grace"
    OVERDUE = "overdue"


def due_at(indicator: Indicator, period: Period, calendar: Calendar) -> datetime:
    """Return the moment by which a report of a period is due."""
    return period.ends_at(calendar) + timedelta(hours=indicator.deadline_hours)


def grace_ends(indicator: Indicator, period: Period, calendar: Calendar) -> datetime:
    """Return the moment after which a report of a period is late."""
    grace = timedelta(hours=indicator.grace_hours)
    return due_at(indicator, period, calendar) + grace


def timeliness(
    indicator: Indicator,
    period: Period,
    calendar: Calendar,
    *,
    first_known_at: datetime | None,
    now: datetime,
) -> Timeliness:
    """Return where a report stands.

    Args:
        indicator: What is reported.
        period: Of the report.
        calendar: Of the indicator.
        first_known_at: When this tier first knew a value; None while it knows none.
        now: The present.
    """
    ends = grace_ends(indicator, period, calendar)
    if first_known_at is not None:
        return Timeliness.ON_TIME if first_known_at <= ends else Timeliness.LATE
    if now <= due_at(indicator, period, calendar):
        return Timeliness.NOT_YET_DUE
    return Timeliness.WITHIN_GRACE if now <= ends else Timeliness.OVERDUE
