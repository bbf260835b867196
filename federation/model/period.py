"""Periods and reporting calendars.

A period is known by its calendar, its frequency and an integer ``start``: hours
since 1970-01-01 UTC for hourly periods, else the number of days from 1970-01-01
to the first day of the civil period of that name. Publishers count from other days
than the civil calendar: October may be 26 September to 25 October. So the number names
a period, and which days it has is asked of the calendar (``days_of``,
``period_holding``). Periods of different calendars never merge.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from federation.errors import ErrorCode, FederationError

_DAY_ZERO = date(1970, 1, 1)
_ONE_DAY = timedelta(days=1)
_MONTHS_OF = {4: 1, 5: 3, 6: 12}


class Frequency(IntEnum):
    """Length of a period. Numbers are those of the wire."""

    HOUR = 1
    DAY = 2
    WEEK = 3
    MONTH = 4
    QUARTER = 5
    YEAR = 6
    SCHOOL_YEAR = 7

    @property
    def slug(self) -> str:
        """Return the name used in the API, for example ``month``."""
        return self.name.lower()


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - _DAY_ZERO).days


def day_of(number: int) -> date:
    """Return the day that is ``number`` days after 1970-01-01."""
    return _DAY_ZERO + timedelta(days=number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One dated period of a publisher's calendar, first day to the day after.

    ``start`` is that of the civil period whose name it bears.
    """

    frequency: Frequency
    start: int
    first_day: date
    end_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """A reporting calendar: where days begin and which days make a period.

    A frequency that has windows has no other periods than those. Quarters and years
    of a calendar with windows for months are those of their months.
    """

    id: str
    name_vi: str
    name_en: str
    time_zone: str
    windows: tuple[Window, ...] = field(default=())
    _by_key: Mapping[tuple[Frequency, int], Window] = field(
        init=False, repr=False, compare=False
    )
    _in_order: Mapping[Frequency, tuple[Window, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Index the windows by what they are called and by their days."""
        in_order: dict[Frequency, list[Window]] = {}
        for window in sorted(self.windows, key=lambda window: window.first_day):
            in_order.setdefault(window.frequency, []).append(window)
        by_key = {(one.frequency, one.start): one for one in self.windows}
        object.__setattr__(self, "_by_key", by_key)
        ordered = {frequency: tuple(found) for frequency, found in in_order.items()}
        object.__setattr__(self, "_in_order", ordered)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the calendar's days begin."""
        return ZoneInfo(self.time_zone)

    def windows_of(self, frequency: Frequency) -> tuple[Window, ...]:
        """Return the windows of a frequency in the order of their days."""
        return self._in_order.get(frequency, ())

    def window(self, frequency: Frequency, start: int) -> Window | None:
        """Return the window that bears a name, if the calendar has one."""
        return self._by_key.get((frequency, start))


LOCAL = Calendar(
    id="vn",
    name_vi="Lịch địa phương (giờ Việt Nam)",
    name_en="Local calendar (Vietnam time)",
    time_zone="Asia/Ho_Chi_Minh",
)
UNIVERSAL = Calendar(
    id="utc",
    name_vi="Lịch quốc tế (ngày UTC)",
    name_en="Universal calendar (UTC days)",
    time_zone="UTC",
)
CALENDARS = {calendar.id: calendar for calendar in (LOCAL, UNIVERSAL)}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Period:
    """A period of a frequency; its calendar is the indicator's."""

    frequency: Frequency
    start: int

    @property
    def first_day(self) -> date:
        """Return the civil first day (of an hour: its UTC day); see ``days_of``."""
        if self.frequency is Frequency.HOUR:
            return day_of(self.start // 24)
        return day_of(self.start)

    @property
    def end_day(self) -> date:
        """Return the civil day after the last one; of an hour, the day after it."""
        first = self.first_day
        match self.frequency:
            case Frequency.HOUR | Frequency.DAY:
                return first + timedelta(days=1)
            case Frequency.WEEK:
                return first + timedelta(days=7)
            case Frequency.SCHOOL_YEAR:
                return first.replace(year=first.year + 1)
            case _:
                months = first.month - 1 + _MONTHS_OF[self.frequency]
                return date(first.year + months // 12, months % 12 + 1, 1)

    def begins_at(self, calendar: Calendar) -> datetime:
        """Return the moment the period begins in its calendar, in UTC."""
        if self.frequency is Frequency.HOUR:
            return datetime.fromtimestamp(self.start * 3600, UTC)
        return day_begins(days_of(self, calendar)[0], calendar)

    def ends_at(self, calendar: Calendar) -> datetime:
        """Return the moment the period is over in its calendar, in UTC."""
        if self.frequency is Frequency.HOUR:
            return datetime.fromtimestamp((self.start + 1) * 3600, UTC)
        return day_begins(days_of(self, calendar)[1], calendar)

    @property
    def text(self) -> str:
        """Return the form used in the API, for example 2024-Q4, 2024-11 or 2024-W47."""
        first = self.first_day
        match self.frequency:
            case Frequency.YEAR:
                return f"{first.year:04d}"
            case Frequency.QUARTER:
                return f"{first.year:04d}-Q{(first.month + 2) // 3}"
            case Frequency.MONTH:
                return f"{first.year:04d}-{first.month:02d}"
            case Frequency.WEEK:
                year, week, _ = first.isocalendar()
                return f"{year:04d}-W{week:02d}"
            case Frequency.SCHOOL_YEAR:
                return f"{first.year:04d}-{first.year + 1:04d}"
            case Frequency.DAY:
                return first.isoformat()
            case Frequency.HOUR:
                return f"{first.isoformat()}T{self.start % 24:02d}Z"


def period_of_day(frequency: Frequency, day: date) -> Period:
    """Return the civil period of a frequency that holds a day.

    School years begin on 1 September (Decision 2045/QĐ-BGDĐT and its yearly
    successors set the opening in the first week of September); a calendar may date
    them otherwise. Hours can't be told from a day and raise ``FederationError``.
    """
    match frequency:
        case Frequency.DAY:
            first = day
        case Frequency.WEEK:
            first = day - timedelta(days=day.weekday())
        case Frequency.MONTH:
            first = day.replace(day=1)
        case Frequency.QUARTER:
            first = date(day.year, day.month - (day.month - 1) % 3, 1)
        case Frequency.YEAR:
            first = date(day.year, 1, 1)
        case Frequency.SCHOOL_YEAR:
            first = date(day.year if day.month >= 9 else day.year - 1, 9, 1)
        case Frequency.HOUR:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Không suy ra được giờ từ ngày {day.isoformat()}.",
                f"An hour cannot be told from the day {day.isoformat()}.",
            )
    return Period(frequency=frequency, start=day_number(first))


def day_begins(day: date, calendar: Calendar) -> datetime:
    """Return the moment a day begins in a calendar, in UTC."""
    local = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    return local.astimezone(UTC)


def days_of(period: Period, calendar: Calendar | None) -> tuple[date, date]:
    """Return the first day of a period and the day after its last, in its calendar.

    A period that a calendar with windows does not have keeps its civil days, so that
    what was written under an older edition of the calendar can still be read; whether
    it has it says ``has_period``. Without a calendar days are civil.
    """
    civil = (period.first_day, period.end_day)
    if calendar is None or not calendar.windows:
        return civil
    window = calendar.window(period.frequency, period.start)
    if window is not None:
        return window.first_day, window.end_day
    months = _windows_of_months(period, calendar)
    return (months[0].first_day, months[-1].end_day) if months else civil


def has_period(period: Period, calendar: Calendar) -> bool:
    """Return whether a calendar has a period of that frequency and name."""
    if period.frequency is Frequency.HOUR:
        return True
    if calendar.windows_of(period.frequency):
        return calendar.window(period.frequency, period.start) is not None
    if period_of_day(period.frequency, period.first_day) != period:
        return False
    return not _made_of_months(period.frequency, calendar) or bool(
        _windows_of_months(period, calendar)
    )


def period_holding(frequency: Frequency, day: date, calendar: Calendar) -> Period:
    """Return the period of a calendar that holds a day.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when none of the calendar's windows holds
            it, or for hours, which can't be told from a day.
    """
    windows = calendar.windows_of(frequency)
    if windows:
        place = bisect_right(windows, day, key=lambda window: window.first_day) - 1
        if place >= 0 and day < windows[place].end_day:
            return Period(frequency=frequency, start=windows[place].start)
        raise _no_window(day, calendar)
    if not _made_of_months(frequency, calendar):
        return period_of_day(frequency, day)
    month = period_holding(Frequency.MONTH, day, calendar)
    return period_of_day(frequency, month.first_day)


def _made_of_months(frequency: Frequency, calendar: Calendar) -> bool:
    return frequency in (Frequency.QUARTER, Frequency.YEAR) and bool(
        calendar.windows_of(Frequency.MONTH)
    )


def _windows_of_months(period: Period, calendar: Calendar) -> list[Window]:
    """Return the windows of the months of a quarter or year; none if one lacks."""
    if not _made_of_months(period.frequency, calendar):
        return []
    months, found = _MONTHS_OF[period.frequency], []
    day = period.first_day
    for _ in range(months):
        window = calendar.window(Frequency.MONTH, day_number(day))
        if window is None:
            return []
        found.append(window)
        day = period_of_day(Frequency.MONTH, day).end_day
    return found


def _no_window(day: date, calendar: Calendar) -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"Lịch báo cáo “{calendar.id}” không có kỳ nào chứa ngày {day.isoformat()}. "
        "Hãy bổ sung kỳ vào tệp lịch.",
        f"The reporting calendar “{calendar.id}” has no period that holds "
        f"{day.isoformat()}. Add it to the file of calendars.",
        {"calendar": calendar.id, "day": day.isoformat()},
    )


def year_to_date(through: Period, calendar: Calendar) -> tuple[date, date]:
    """Return the days from the begin of its calendar's year through a period.

    The first day and the day after the last. The year is that whose name the period
    bears: of a school year it is the school year itself.
    """
    first, end = days_of(through, calendar)
    if through.frequency is Frequency.SCHOOL_YEAR:
        return first, end
    # A week belongs to the year that has its Thursday (ISO 8601).
    named = through.first_day
    if through.frequency is Frequency.WEEK:
        named += timedelta(days=3)
    year = period_of_day(Frequency.YEAR, named)
    # Windows of later months may not be published yet; that of January says enough.
    january = calendar.window(Frequency.MONTH, year.start)
    begin = days_of(year, calendar)[0] if january is None else january.first_day
    return min(begin, first), end


def following(period: Period) -> Period:
    """Return the period right after one, by its name."""
    if period.frequency is Frequency.HOUR:
        return Period(frequency=period.frequency, start=period.start + 1)
    return period_of_day(period.frequency, period.end_day)


def next_in(period: Period, calendar: Calendar) -> Period:
    """Return the next period that a calendar has.

    Of a calendar with windows it is that of the next window, whatever lies between;
    after the last window it is the one that would follow by its name.
    """
    windows = calendar.windows_of(period.frequency)
    place = bisect_right(windows, period.start, key=lambda window: window.start)
    if place == len(windows):
        return following(period)
    return Period(frequency=period.frequency, start=windows[place].start)


def preceding(period: Period) -> Period:
    """Return the period right before one, by its name."""
    if period.frequency is Frequency.HOUR:
        return Period(frequency=period.frequency, start=period.start - 1)
    return period_of_day(period.frequency, period.first_day - _ONE_DAY)


def last_finished(frequency: Frequency, now: datetime, calendar: Calendar) -> Period:
    """Return the newest period of a calendar that ended at or before a moment.

    Of a calendar whose windows all lie ahead it is the period before the first one.
    """
    if frequency is Frequency.HOUR:
        return preceding(period_at(frequency, now, calendar))
    today = now.astimezone(calendar.zone).date()
    windows = calendar.windows_of(frequency)
    if windows:
        over = [window.start for window in windows if window.end_day <= today]
        if over:
            return Period(frequency=frequency, start=max(over))
        return preceding(Period(frequency=frequency, start=windows[0].start))
    # The days of a quarter may differ from those of the civil one of its name.
    period = following(period_of_day(frequency, today))
    while days_of(period, calendar)[1] > today:
        period = preceding(period)
    return period


def period_at(frequency: Frequency, moment: datetime, calendar: Calendar) -> Period:
    """Return the period of a frequency and calendar that holds a moment.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when the calendar has none that does.
    """
    if frequency is Frequency.HOUR:
        return Period(frequency=frequency, start=int(moment.timestamp() // 3600))
    day = moment.astimezone(calendar.zone).date()
    return period_holding(frequency, day, calendar)


def parse_period(text: str) -> Period:
    """Return the period written as ``Period.text`` writes it.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when the text has another form.
    """
    try:
        return _parse(text)
    except (ValueError, OverflowError) as error:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Kỳ “{text}” không đúng dạng. Hãy viết 2024, 2024-Q4, 2024-11, "
            "2024-W47, 2024-11-30 hoặc 2024-2025.",
            f"Period “{text}” has no known form. Write 2024, 2024-Q4, 2024-11, "
            "2024-W47, 2024-11-30 or 2024-2025.",
            {"period": text},
        ) from error


def _parse(text: str) -> Period:
    parts = text.split("-")
    if len(parts) == 3 and "T" in parts[2]:
        moment = datetime.strptime(text, "%Y-%m-%dT%HZ").replace(tzinfo=UTC)
        return period_at(Frequency.HOUR, moment, UNIVERSAL)
    if len(parts) == 3:
        return period_of_day(Frequency.DAY, date.fromisoformat(text))
    if len(parts) == 1:
        return period_of_day(Frequency.YEAR, date(int(text), 1, 1))
    year, rest = int(parts[0]), parts[1]
    if rest.startswith("Q"):
        return period_of_day(Frequency.QUARTER, date(year, int(rest[1:]) * 3, 1))
    if rest.startswith("W"):
        return period_of_day(
            Frequency.WEEK, date.fromisocalendar(year, int(rest[1:]), 1)
        )
    if len(rest) == 4:
        if int(rest) != year + 1:
            raise ValueError(text)
        return period_of_day(Frequency.SCHOOL_YEAR, date(year, 9, 1))
    return period_of_day(Frequency.MONTH, date(year, int(rest), 1))
