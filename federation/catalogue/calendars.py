"""An operator's file of reporting calendars (TOML).

::

    [[calendar]]
    id = "vn-crashes"
    name = { vi = "Lịch báo cáo tai nạn", en = "Calendar of crash reports" }
    time_zone = "Asia/Ho_Chi_Minh"           # may be left out

    [[calendar.rule]]                        # windows by rule, for some time
    frequency = "month"
    first_day = 26                           # 26 September - 25 October is October
    from = "2020-01"
    to = "2025-04"                           # may be left out

    [[calendar.window]]                      # one window; it goes before a rule's
    frequency = "school_year"
    period = "2025-2026"
    first = 2025-09-05
    last = 2026-05-31                        # included

A rule for months counts from a day of the month before; with 1 it is the civil month.
A rule for school years counts from a day of the year (``first_day = "09-05"``) to the
day before that of the next year.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation.errors import ErrorCode, FederationError
from federation.model.period import (
    CALENDARS,
    LOCAL,
    Calendar,
    Frequency,
    Period,
    Window,
    following,
    parse_period,
    preceding,
)

RULE_YEARS = 30
"""A rule without an end is written out for so many years from its begin."""

WINDOWS_MAX = 2_000
"""More windows in one calendar are refused: a frame announces all of them at once."""

FIRST_DAY_MAX = 28
"""Every month has this day."""

_ONE_DAY = timedelta(days=1)
_BY_SLUG = {frequency.slug: frequency for frequency in Frequency}


def calendars_of(paths: Sequence[Path]) -> tuple[Calendar, ...]:
    """Return the calendars of an operator's files; of one id the last file's.

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    found: dict[str, Calendar] = {}
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _wrong(str(path), error.strerror or str(error)) from error
        found |= {one.id: one for one in read_calendars(content, name=path.name)}
    return tuple(found.values())


def read_calendars(content: bytes, *, name: str) -> tuple[Calendar, ...]:
    """Return the calendars of a file.

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    try:
        document = tomllib.loads(content.decode())
        return tuple(_calendar(table) for table in document.get("calendar", ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(name, str(error)) from error
    except FederationError as error:
        raise _wrong(name, error.text_en, error.text_vi) from error


def _calendar(table: Mapping[str, Any]) -> Calendar:
    id_ = table["id"]
    if not isinstance(id_, str) or not id_ or id_ in CALENDARS:
        raise ValueError(f"id “{id_}” can't be that of a calendar")
    zone = table.get("time_zone", LOCAL.time_zone)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"time_zone “{zone}” is unknown") from error
    windows: dict[tuple[Frequency, int], Window] = {}
    for rule in table.get("rule", ()):
        windows |= {(one.frequency, one.start): one for one in _ruled(rule)}
    for one in (_window(window) for window in table.get("window", ())):
        windows[one.frequency, one.start] = one
    if len(windows) > WINDOWS_MAX:
        raise ValueError(f"{id_} has {len(windows)} windows, more than {WINDOWS_MAX}")
    ordered = sorted(windows.values(), key=lambda one: (one.frequency, one.first_day))
    _refuse_overlaps(id_, ordered)
    return Calendar(
        id=id_,
        name_vi=table["name"]["vi"],
        name_en=table["name"]["en"],
        time_zone=zone,
        windows=tuple(ordered),
    )


def _ruled(rule: Mapping[str, Any]) -> Iterator[Window]:
    frequency = _BY_SLUG[rule["frequency"]]
    first = _named(rule["from"], frequency)
    last = _named(rule["to"], frequency) if "to" in rule else None
    years_end = date(first.first_day.year + RULE_YEARS, 1, 1)
    period = first
    while period.first_day < years_end and (last is None or period <= last):
        begin = _begin(rule["first_day"], period)
        end = _begin(rule["first_day"], following(period))
        yield Window(
            frequency=frequency, start=period.start, first_day=begin, end_day=end
        )
        period = following(period)


def _begin(first_day: Any, period: Period) -> date:
    """Return the day on which a rule's period begins."""
    if period.frequency is Frequency.MONTH and isinstance(first_day, int):
        if not 1 <= first_day <= FIRST_DAY_MAX:
            raise ValueError(f"first_day {first_day} is not in 1..{FIRST_DAY_MAX}")
        month = period if first_day == 1 else preceding(period)
        return month.first_day.replace(day=first_day)
    if period.frequency is Frequency.SCHOOL_YEAR and isinstance(first_day, str):
        return date.fromisoformat(f"{period.first_day.year:04d}-{first_day}")
    raise ValueError(f"first_day “{first_day}” says nothing of {period.frequency.slug}")


def _window(table: Mapping[str, Any]) -> Window:
    frequency = _BY_SLUG[table["frequency"]]
    first, last = table["first"], table["last"]
    if not first <= last:
        raise ValueError(f"window {table['period']} ends before it begins")
    return Window(
        frequency=frequency,
        start=_named(table["period"], frequency).start,
        first_day=first,
        end_day=last + _ONE_DAY,
    )


def _named(text: str, frequency: Frequency) -> Period:
    period = parse_period(text)
    if period.frequency is not frequency or frequency is Frequency.HOUR:
        raise ValueError(f"“{text}” is no {frequency.slug} with windows")
    return period


def _refuse_overlaps(id_: str, ordered: Iterable[Window]) -> None:
    before: Window | None = None
    for window in ordered:
        if (
            before is not None
            and before.frequency is window.frequency
            and window.first_day < before.end_day
        ):
            raise ValueError(
                f"two windows of {id_} hold {window.first_day.isoformat()}"
            )
        before = window


def _wrong(name: str, why: str, why_vi: str = "") -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Tệp lịch báo cáo “{name}” sai: {why_vi or why}. Hãy sửa rồi chạy lại.",
        f"The file of calendars “{name}” is wrong: {why}. Correct it and start again.",
        {"file": name},
    )
