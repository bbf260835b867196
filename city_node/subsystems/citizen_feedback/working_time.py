"""Working time: declared hours of declared weekdays, without declared days off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_LOOKED_MAX = 3_700
"""Days that are walked through at most; what is longer counts no further."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingTime:
    """When an office works; ``weekdays`` count from Monday, 1."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    spans: tuple[tuple[time, time], ...]
    yearly_holidays: frozenset[str] = frozenset()
    holidays: frozenset[date] = frozenset()

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """Return the moment when so much working time has gone by.

        What comes outside working time begins to count with the next working hour.
        """
        left, end = length, moment
        for begin, end in self._working(moment):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return end

    def minutes_between(self, begin: datetime, end: datetime) -> int:
        """Return the whole working minutes from one moment to another."""
        worked = timedelta()
        for opens, closes in self._working(begin):
            if opens >= end:
                break
            worked += min(closes, end) - opens
        return worked // timedelta(minutes=1)

    def _working(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans of working time from a moment on."""
        start = moment.astimezone(self.zone)
        for offset in range(DAYS_LOOKED_MAX):
            day = start.date() + timedelta(days=offset)
            if not self._works_on(day):
                continue
            for opens, closes in self.spans:
                begin = datetime.combine(day, opens, self.zone)
                end = datetime.combine(day, closes, self.zone)
                if end > start:
                    yield max(begin, start), end

    def _works_on(self, day: date) -> bool:
        return (
            day.isoweekday() in self.weekdays
            and f"{day:%m-%d}" not in self.yearly_holidays
            and day not in self.holidays
        )
