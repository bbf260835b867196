"""The day on which a period's places are looked at."""

from datetime import date, timedelta

from federation.model.period import Calendar, Period, days_of

_ONE_DAY = timedelta(days=1)


def last_day(period: Period, calendar: Calendar | None) -> date:
    """Return the last day of a period, as its calendar says."""
    return days_of(period, calendar)[1] - _ONE_DAY
