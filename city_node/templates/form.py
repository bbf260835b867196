"""What a template is: the figures that an agency owes for a period, one a row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from city_node.contract import LocalityLookup, MeasuredIndicator, Subsystem
from city_node.templates.owing import owes_for, owing_agencies
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, Text
from federation.model.locality import Locality
from federation.model.period import (
    CALENDARS,
    LOCAL,
    Calendar,
    Frequency,
    Period,
    days_of,
    parse_period,
)

FORM = "ioc-template/1"
"""Begins the mark by which a template is known; the number is that of its form."""

ROWS_MAX = 20_000
"""A template with more rows is refused; ask for one locality at a time."""

YEARS = (1900, 2200)
"""The first and the last year that a template may be for."""

TYPED_MEASURES = frozenset(
    (
        Measure.SUM,
        Measure.LAST,
        Measure.PUBLISHED,
        Measure.RATIO,
        Measure.MAX,
        Measure.MIN,
    )
)
"""What one or two numbers state. The others are made from many records."""

TYPED_FREQUENCIES = frozenset(Frequency) - {Frequency.HOUR}
"""Nobody types hours."""

_HASH_DIGITS = 12
_MARK = re.compile(
    r"ioc-template/(?P<form>\d{1,4}) (?P<subsystem>[a-z0-9_]+) "
    r"(?P<agency>[0-9A-Z.]+) (?P<period>[0-9A-Z-]+) (?P<made_on>\d{4}-\d\d-\d\d)"
)
_KEY = re.compile(
    r"(?P<indicator>[a-z0-9_.]+)\|(?P<locality>[^|\s]+)\|(?P<breakdown>[^|\s]*)"
    rf"\|(?P<contract>[0-9a-f]{{{_HASH_DIGITS}}})"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a template says of itself, in a cell that is not shown."""

    subsystem: str
    agency: str
    period: Period
    made_on: date
    form: str = FORM

    @property
    def text(self) -> str:
        """Return the mark as it stands in the cell."""
        return " ".join(
            (
                self.form,
                self.subsystem,
                self.agency,
                self.period.text,
                self.made_on.isoformat(),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RowKey:
    """Which figure a row is about, and under which definition it was asked for."""

    indicator: str
    locality: str
    breakdown: str
    contract: str

    @property
    def text(self) -> str:
        """Return the key as it stands in the row."""
        return "|".join((self.indicator, self.locality, self.breakdown, self.contract))


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A figure that is shown beside the one to type: as text, with its period."""

    value: str
    period: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateRow:
    """One figure to type.

    ``days`` are the first of its period and the one after the last, in the calendar
    of its indicator.
    """

    indicator: Indicator
    locality: Locality
    days: tuple[date, date]
    breakdown: str = ""
    breakdown_name: Text | None = None
    previous: Shown | None = None
    standing: Shown | None = None

    @property
    def key(self) -> RowKey:
        """Return the key that the row carries."""
        return RowKey(
            indicator=self.indicator.id,
            locality=self.locality.id,
            breakdown=self.breakdown,
            contract=contract_of(self.indicator),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A sheet to type in."""

    mark: Mark
    subsystem: Text
    agency: Text
    rows: Sequence[TemplateRow]

    @property
    def file_stem(self) -> str:
        """Return the name of its file, without an ending."""
        mark = self.mark
        return f"{mark.subsystem}_{mark.agency}_{mark.period.text}"


def contract_of(indicator: Indicator) -> str:
    """Return the part of the contract hash by which a row knows its definition."""
    return indicator.contract_hash.hex()[:_HASH_DIGITS]


def mark_in(text: str) -> Mark | None:
    """Return the mark that a cell holds.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for a period that can't be.
    """
    found = _MARK.fullmatch(text.strip())
    if found is None:
        return None
    try:
        made_on = date.fromisoformat(found["made_on"])
    except ValueError:
        return None
    return Mark(
        subsystem=found["subsystem"],
        agency=found["agency"],
        period=period_of(found["period"]),
        made_on=made_on,
        form=f"ioc-template/{found['form']}",
    )


def period_of(text: str) -> Period:
    """Return the period that is written so.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` for what is none, or none that anybody
            reports for.
    """
    period = parse_period(text)
    if not YEARS[0] <= period.first_day.year <= YEARS[1]:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Kỳ {text} không thể có số liệu; hãy chọn năm từ {YEARS[0]} đến "
            f"{YEARS[1]}.",
            f"Nobody reports for {text}; choose a year from {YEARS[0]} to {YEARS[1]}.",
            {"pointer": "/query/period"},
        )
    return period


def key_in(text: str) -> RowKey | None:
    """Return the key that a cell holds."""
    found = _KEY.fullmatch(text.strip())
    return None if found is None else RowKey(**found.groupdict())


def can_be_typed(measured: MeasuredIndicator) -> bool:
    """Return whether one or two typed numbers state a period of an indicator.

    What is counted from cases, or told apart from what came together since January,
    can't be stated beside them.
    """
    return (
        measured.indicator.measure in TYPED_MEASURES
        and measured.indicator.frequency in TYPED_FREQUENCIES
        and not measured.counts_intervals
        and not measured.cumulative
    )


def calendar_of(subsystem: Subsystem, indicator: Indicator) -> Calendar:
    """Return the calendar of an indicator: known to all, or the subsystem's own."""
    own = {calendar.id: calendar for calendar in subsystem.calendars}
    return own.get(indicator.calendar) or CALENDARS.get(indicator.calendar, LOCAL)


def typed_indicators(
    subsystem: Subsystem, agency: str, frequency: Frequency | None = None
) -> list[Indicator]:
    """Return the indicators that an agency may type, in the subsystem's order."""
    return [
        measured.indicator
        for measured in subsystem.indicators
        if can_be_typed(measured)
        and agency in owing_agencies(subsystem, measured.indicator)
        and frequency in (None, measured.indicator.frequency)
    ]


def template_of(
    subsystem: Subsystem,
    agency: str,
    period: Period,
    localities: Iterable[Locality],
    places: LocalityLookup,
    *,
    made_on: date,
    shown: Mapping[tuple[str, str, str], tuple[Shown | None, Shown | None]],
) -> Template:
    """Return the template of an agency for a period.

    Args:
        subsystem: Whose indicators.
        agency: Who owes them.
        period: The period; only indicators of its frequency are in.
        localities: Of which places; those of an indicator's level that exist in the
            period, and for which the agency owes it, get a row.
        places: Finds the places around those.
        made_on: The day it is made.
        shown: The figure before and the one that stands, by indicator, locality and
            breakdown.

    Raises:
        FederationError: ``NOT_FOUND`` where the agency owes nothing of the kind,
            ``TOO_LARGE`` for too many rows.
    """
    indicators = typed_indicators(subsystem, agency, period.frequency)
    in_order = sorted(localities, key=lambda place: (place.code, place.id))
    rows = [
        _with_shown(row, shown)
        for indicator in indicators
        for place in in_order
        for days in [days_of(period, calendar_of(subsystem, indicator))]
        if asks_of(indicator, place, days)
        and owes_for(subsystem, indicator, agency, place, places)
        for row in _rows(indicator, place, days)
    ]
    if not rows:
        raise owes_nothing(subsystem, agency, period)
    if len(rows) > ROWS_MAX:
        raise FederationError(
            ErrorCode.TOO_LARGE,
            f"Mẫu có {len(rows)} dòng, quá {ROWS_MAX}. Hãy chọn từng địa bàn.",
            f"The template has {len(rows)} rows, more than {ROWS_MAX}. Choose one "
            "locality at a time.",
        )
    return Template(
        mark=Mark(
            subsystem=subsystem.id, agency=agency, period=period, made_on=made_on
        ),
        subsystem=subsystem.name,
        agency=subsystem.agencies.get(agency, Text(vi=agency, en=agency)),
        rows=rows,
    )


def asks_of(indicator: Indicator, place: Locality, days: tuple[date, date]) -> bool:
    """Return whether a template asks for an indicator of a place in a period."""
    first, end = days
    return (
        place.level == indicator.level
        and (place.valid_from is None or place.valid_from < end)
        and (place.valid_to is None or first <= place.valid_to)
    )


def parts_of(indicator: Indicator) -> Mapping[str, Text | None]:
    """Return the breakdowns that a template asks for; the whole is the empty one."""
    named = {
        f"{part.dimension}={part.code}": part.name
        for part in indicator.dimension_codes
        if part.dimension in indicator.dimensions
    }
    return {"": None, **named}


def _rows(
    indicator: Indicator, place: Locality, days: tuple[date, date]
) -> list[TemplateRow]:
    """Return the row of the whole, and one for each part that has a name."""
    return [
        TemplateRow(
            indicator=indicator,
            locality=place,
            days=days,
            breakdown=breakdown,
            breakdown_name=name,
        )
        for breakdown, name in parts_of(indicator).items()
    ]


def _with_shown(
    row: TemplateRow,
    shown: Mapping[tuple[str, str, str], tuple[Shown | None, Shown | None]],
) -> TemplateRow:
    previous, standing = shown.get(
        (row.indicator.id, row.locality.id, row.breakdown), (None, None)
    )
    return replace(row, previous=previous, standing=standing)


def owes_nothing(subsystem: Subsystem, agency: str, period: Period) -> FederationError:
    """Return the error for an agency that owes nothing for a period."""
    owners = sorted(
        {
            f"{agency} ({measured.indicator.frequency.slug})"
            for measured in subsystem.indicators
            if can_be_typed(measured)
            for agency in owing_agencies(subsystem, measured.indicator)
        }
    )
    have = ", ".join(owners) or "–"
    return FederationError(
        ErrorCode.NOT_FOUND,
        f"Cơ quan {agency} không có chỉ tiêu nào của phân hệ {subsystem.name.vi} phải "
        f"nhập cho kỳ {period.text} tại địa bàn này. Có thể nhập: {have}.",
        f"The agency {agency} owes no indicator of {subsystem.name.en} for "
        f"{period.text} at these places. May be typed: {have}.",
        {"subsystem": subsystem.id, "agency": agency, "period": period.text},
    )
