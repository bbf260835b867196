"""Periods and reporting calendars.

A period is known by its calendar, its frequency and an integer ``start``: hours
since 1970-01-01 UTC for hourly periods, else the number of days from 1970-01-01
to the period's first day in the calendar. Periods of different calendars never
merge.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from federation.errors import ErrorCode, FederationError

_DAY_ZERO = date(1970, 1, 1)
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
    """One dated period of a publisher's calendar, first day to the day after."""

    frequency: Frequency
    start: int
    first_day: date
    end_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """A reporting calendar: where days begin and which days make a period."""

    id: str
    name_vi: str
    name_en: str
    time_zone: str
    windows: tuple[Window, ...] = field(default=())

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the calendar's days begin."""
        return ZoneInfo(self.time_zone)


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
        """Return the first day (of an hour: its UTC day)."""
        if self.frequency is Frequency.HOUR:
            return day_of(self.start // 24)
        return day_of(self.start)

    @property
    def end_day(self) -> date:
        """Return the day after the last one; of an hour, the day after it."""
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
        """Return the moment the period begins, in UTC."""
        if self.frequency is Frequency.HOUR:
            return datetime.fromtimestamp(self.start * 3600, UTC)
        first = self.first_day
        local = datetime(first.year, first.month, first.day, tzinfo=calendar.zone)
        return local.astimezone(UTC)

    def ends_at(self, calendar: Calendar) -> datetime:
        """Return the moment the period is over, in UTC."""
        if self.frequency is Frequency.HOUR:
            return datetime.fromtimestamp((self.start + 1) * 3600, UTC)
        end = self.end_day
        local = datetime(end.year, end.month, end.day, tzinfo=calendar.zone)
        return local.astimezone(UTC)

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
    successors set the opening in the first week of September). Hours can't be
    told from a day and raise ``FederationError``.
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


def period_at(frequency: Frequency, moment: datetime, calendar: Calendar) -> Period:
    """Return the period of a frequency and calendar that holds a moment."""
    if frequency is Frequency.HOUR:
        return Period(frequency=frequency, start=int(moment.timestamp() // 3600))
    return period_of_day(frequency, moment.astimezone(calendar.zone).date())


def parse_period(text: str) -> Period:
    """Return the period written as ``Period.text`` writes it.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when the text has another form.
    """
    try:
        return _parse(text)
    except ValueError as error:
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
