"""Which base periods make a longer period, or a run of days."""

from datetime import date, datetime, timedelta

from federation.algebra.refusals import periods_refused, window_refused
from federation.errors import ErrorCode, FederationError
from federation.model.period import (
    LOCAL,
    Calendar,
    Frequency,
    Period,
    day_begins,
    days_of,
    period_holding,
)

PERIODS_MAX = 40_000
"""A window of more base periods is refused: a hundred years of days, four of hours."""

# Longer periods that whole base periods can fill exactly. Weeks make no months, not
# even where the two happen to meet.
_FILLS = {
    Frequency.HOUR: (
        Frequency.DAY,
        Frequency.WEEK,
        Frequency.MONTH,
        Frequency.QUARTER,
        Frequency.YEAR,
        Frequency.SCHOOL_YEAR,
    ),
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
_OF_MONTHS = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
# Days outside are a mistake of whoever asks, and dates must not run out of years.
_FIRST_DAY = date(1900, 1, 1)
_END_DAY = date(2201, 1, 1)
_ONE_DAY = timedelta(days=1)
_HOUR_S = 3600


def fills(base: Frequency, longer: Frequency) -> bool:
    """Return whether periods of one frequency make those of a longer one."""
    return longer in _FILLS[base]


def base_periods(
    base: Frequency, longer: Period, calendar: Calendar | None = None
) -> list[Period]:
    """Return the base periods that fill a longer period, in order.

    Without a calendar both are civil.

    Raises:
        FederationError: ``MERGE_REFUSED`` when base periods do not fill it.
    """
    if not fills(base, longer.frequency):
        raise periods_refused(base, longer.frequency)
    own_windows = calendar is not None and calendar.windows_of(longer.frequency)
    if base in _OF_MONTHS and longer.frequency in _OF_MONTHS and not own_windows:
        # They are those of its name, also where windows are not published yet.
        calendar = None
    return window_periods(base, *days_of(longer, calendar), calendar)


def window_periods(
    base: Frequency, first_day: date, end_day: date, calendar: Calendar | None = None
) -> list[Period]:
    """Return the base periods that fill the days up to the one before ``end_day``.

    Raises:
        FederationError: ``MERGE_REFUSED`` when whole base periods do not fill them,
            with the nearest days they do; ``INVALID_ARGUMENT`` for days that end
            before they begin or lie outside 1900 to 2200, for more periods than
            ``PERIODS_MAX``, and for days that the calendar has no period for.
    """
    own = calendar or LOCAL
    if not _FIRST_DAY <= first_day < end_day <= _END_DAY:
        raise _not_a_window(first_day, end_day)
    if base is Frequency.HOUR:
        return _hours(day_begins(first_day, own), day_begins(end_day, own))
    periods = [period_holding(base, first_day, own)]
    begin, end = days_of(periods[0], own)
    while end < end_day and len(periods) <= PERIODS_MAX:
        periods.append(period_holding(base, end, own))
        end = days_of(periods[-1], own)[1]
    if len(periods) > PERIODS_MAX:
        raise _too_long(base)
    if (begin, end) != (first_day, end_day):
        raise window_refused(base, periods[0], periods[-1], begin, end - _ONE_DAY)
    return periods


def _hours(begin: datetime, end: datetime) -> list[Period]:
    # All zones the product knows of begin their days on a whole hour of UTC.
    first, last = (int(moment.timestamp()) // _HOUR_S for moment in (begin, end))
    if last - first > PERIODS_MAX:
        raise _too_long(Frequency.HOUR)
    return [
        Period(frequency=Frequency.HOUR, start=start) for start in range(first, last)
    ]


def _not_a_window(first_day: date, end_day: date) -> FederationError:
    last_day = end_day - _ONE_DAY if end_day > date.min else end_day
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"Khoảng từ {first_day.isoformat()} đến {last_day.isoformat()} không hợp lệ: "
        "ngày đầu phải trước ngày cuối, trong các năm 1900–2200.",
        f"The days from {first_day.isoformat()} to {last_day.isoformat()} are no "
        "window: the first must come before the last, within 1900–2200.",
        {"from": first_day.isoformat(), "to": last_day.isoformat()},
    )


def _too_long(base: Frequency) -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"Khoảng thời gian có hơn {PERIODS_MAX} kỳ “{base.slug}”. "
        "Hãy chọn khoảng ngắn hơn.",
        f"The window has more than {PERIODS_MAX} periods of “{base.slug}”. "
        "Choose a shorter one.",
        {"base": base.slug},
    )
