"""Which period is the last that is over."""

from datetime import datetime, timedelta

from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    day_number,
    period_at,
    period_of_day,
)


def last_finished(frequency: Frequency, now: datetime, calendar: Calendar) -> Period:
    """Return the newest period of a calendar that ended at or before a moment."""
    if calendar.windows:
        windows = [w for w in calendar.windows if w.frequency is frequency]
        today = day_number(now.astimezone(calendar.zone).date())
        over = [w.start for w in windows if day_number(w.end_day) <= today]
        if over:
            return Period(frequency=frequency, start=max(over))
    current = period_at(frequency, now, calendar)
    if frequency is Frequency.HOUR:
        return Period(frequency=frequency, start=current.start - 1)
    return period_of_day(frequency, current.first_day - timedelta(days=1))
