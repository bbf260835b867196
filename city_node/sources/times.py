"""What time a heading or a title speaks of, and how sure its figures are.

"Ước tính tháng 12 năm 2024", "6 tháng đầu năm 2025", "từ 01/01 - 31/12/2024",
"Pre. 2016", "2001-2002": the first expression is what a heading is about; those after
"so với" are what it is compared to. A time may lack its year ("6 tháng so với cùng
kỳ"): then it says only which part of a year it is.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from city_node.sources.headings import fold, words
from federation.model.period import Frequency, Period, period_of_day

_DECEMBER = 12
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_ENGLISH_MONTHS = (
    "jan(?:uary)?",
    "feb(?:ruary)?",
    "mar(?:ch)?",
    "apr(?:il)?",
    "may",
    "june?",
    "july?",
    "aug(?:ust)?",
    "sept?(?:ember)?",
    "oct(?:ober)?",
    "nov(?:ember)?",
    "dec(?:ember)?",
)
_SUMMED = r"(?:cong don|luy ke|tinh chung)"


class Span(StrEnum):
    """How long a time is that a heading names."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"
    TO_DATE = "to_date"
    UNSAID = "unsaid"


_FREQUENCIES = {
    Span.DAY: (Frequency.DAY, Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR),
    Span.MONTH: (Frequency.MONTH,),
    Span.QUARTER: (Frequency.QUARTER,),
    # The value of a year to date is told by its last month.
    Span.YEAR: (Frequency.YEAR, Frequency.MONTH),
    Span.TO_DATE: (Frequency.YEAR, Frequency.MONTH),
    Span.SCHOOL_YEAR: (),
    Span.UNSAID: (),
}

_PATTERNS: tuple[tuple[Span, str], ...] = (
    (
        Span.TO_DATE,
        r"tu (?:ngay )?0?1/0?1(?:/\d{4})?\s*(?:-|–|den)\s*(?:het )?(?:ngay )?"
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}",
    ),
    (
        Span.TO_DATE,
        rf"{_SUMMED} (?:tu dau nam )?den (?:het )?(?:ngay )?"
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}",
    ),
    (
        Span.TO_DATE,
        r"(?:tu )?dau nam den (?:het |cuoi )?thang (?P<month>\d{1,2})"
        rf"(?: nam |/| ){_YEAR}",
    ),
    (
        Span.TO_DATE,
        rf"(?P<month>\d{{1,2}}) thang(?: dau)?(?: cua)?(?: nam)?(?: {_YEAR})?\b",
    ),
    (
        Span.TO_DATE,
        rf"(?:first )?(?P<month>\d{{1,2}}) months(?: of)?(?: {_YEAR})?\b",
    ),
    (Span.TO_DATE, rf"{_SUMMED}(?: ca)?(?: nam)? {_YEAR}\b"),
    (Span.DAY, rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}\b"),
    (
        Span.DAY,
        rf"ngay (?P<day>\d{{1,2}}) thang (?P<month>\d{{1,2}}) nam {_YEAR}\b",
    ),
    (
        Span.MONTH,
        rf"thang (?P<month>\d{{1,2}})\b(?:(?: nam | ?/ ?|-| ){_YEAR}\b)?",
    ),
    (Span.MONTH, rf"\b(?P<month>\d{{1,2}})/{_YEAR}\b"),
    (Span.MONTH, rf"\b{_YEAR}-(?P<month>0[1-9]|1[0-2])\b(?!\d)"),
    *(
        (Span.MONTH, rf"\b(?:{name})\.? (?P<month_{number}>){_YEAR}\b")
        for number, name in enumerate(_ENGLISH_MONTHS, start=1)
    ),
    (
        Span.QUARTER,
        rf"quy (?P<quarter>iv|i{{1,3}}|[1-4])\b(?:(?: nam | ?/ ?|-| ){_YEAR}\b)?",
    ),
    (Span.QUARTER, rf"\bq(?P<quarter>[1-4])(?: |/|-){_YEAR}\b"),
    (Span.SCHOOL_YEAR, rf"(?:nam hoc )?\b{_YEAR} ?[-–/] ?(?P<next>(?:19|20)\d{{2}})\b"),
    (Span.YEAR, rf"(?:ca )?(?:nam )?\b{_YEAR}\b"),
)
_COMPILED = tuple((span, re.compile(pattern)) for span, pattern in _PATTERNS)

_STATUS_WORDS = {
    "provisional": ("so bo", "pre", "prel", "preliminary", "provisional"),
    "estimated": ("uoc tinh", "uoc", "est", "estimate", "estimated", "estimates"),
    "normal": ("thuc hien", "chinh thuc", "realised", "realized", "official", "actual"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSaid:
    """A time as a heading names it; ``month`` is the last of those to date."""

    span: Span
    year: int | None = None
    month: int | None = None
    quarter: int | None = None
    day: int | None = None

    def period(
        self, frequency: Frequency, *, school_year_begins: bool = True
    ) -> Period | None:
        """Return the period of a frequency that this is, or None where it is none.

        A day, or the last day of a time to date, is in its period; a year to date is
        told by its last month. A school year said by one year begins in it, or ends.
        """
        if self.year is None:
            return None
        if frequency is Frequency.SCHOOL_YEAR:
            return self._school_year(school_year_begins=school_year_begins)
        first = self._first_day(frequency)
        return None if first is None else period_of_day(frequency, first)

    def _school_year(self, *, school_year_begins: bool) -> Period | None:
        if self.year is None or self.span not in (Span.SCHOOL_YEAR, Span.YEAR):
            return None
        ends = self.span is Span.YEAR and not school_year_begins
        return period_of_day(
            Frequency.SCHOOL_YEAR, date(self.year - 1 if ends else self.year, 9, 1)
        )

    def _first_day(self, frequency: Frequency) -> date | None:
        if self.year is None or frequency not in _FREQUENCIES[self.span]:
            return None
        if self.span is Span.TO_DATE and frequency is Frequency.YEAR:
            return date(self.year, 1, 1) if self.months_to_date == _DECEMBER else None
        month = self.months_to_date or self.month or 3 * (self.quarter or 1)
        day = self.day if self.span is Span.DAY else 1
        try:
            return date(self.year, month, day or 1)
        except ValueError:
            return None

    @property
    def months_to_date(self) -> int | None:
        """Return how many months from January on this is, if it is that."""
        if self.span is Span.YEAR:
            return _DECEMBER
        return (self.month or _DECEMBER) if self.span is Span.TO_DATE else None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadingSaid:
    """A heading taken apart: its words, its times, its status and what is left."""

    text: str
    words: str
    times: tuple[TimeSaid, ...]
    status: str
    rest: str

    @property
    def time(self) -> TimeSaid:
        """Return the time that the heading is about."""
        return self.times[0] if self.times else TimeSaid(span=Span.UNSAID)


def heading_said(text: str) -> HeadingSaid:
    """Return what a heading says of time and status, and the words beside that."""
    folded = fold(text)
    found: list[tuple[int, TimeSaid]] = []
    for span, pattern in _COMPILED:
        for match in pattern.finditer(folded):
            said = _time(span, match)
            if said is not None:
                found.append((match.start(), said))
                blank = " " * (match.end() - match.start())
                folded = folded[: match.start()] + blank + folded[match.end() :]
    status, rest = _status(words(folded))
    return HeadingSaid(
        text=" ".join(text.split()),
        words=words(text),
        times=tuple(said for _, said in sorted(found, key=lambda pair: pair[0])),
        status=status,
        rest=rest,
    )


def _time(span: Span, match: re.Match[str]) -> TimeSaid | None:
    groups = match.groupdict()
    year = int(groups["year"]) if groups.get("year") else None
    if groups.get("next") and year is not None and int(groups["next"]) != year + 1:
        return None
    month = int(groups["month"]) if groups.get("month") else None
    for name, text in groups.items():
        if name.startswith("month_") and text is not None:
            month = int(name.removeprefix("month_"))
    if month is not None and month not in range(1, 13):
        return None
    return TimeSaid(
        span=span,
        year=year,
        month=month,
        quarter=_QUARTERS[groups["quarter"]] if groups.get("quarter") else None,
        day=int(groups["day"]) if groups.get("day") else None,
    )


def _status(text: str) -> tuple[str, str]:
    status = ""
    rest = f" {text} "
    for name, phrases in _STATUS_WORDS.items():
        for phrase in phrases:
            if f" {phrase} " in rest:
                status = status or name
                rest = rest.replace(f" {phrase} ", " ")
    return status, " ".join(rest.split())
