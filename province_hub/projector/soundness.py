"""Whether what a frame announces can be kept at all.

The codec has checked lengths and numbers of enumerations. What is left would stop the
projector at every try, so such a frame is set aside as a whole.
"""

import dataclasses
from collections.abc import Iterator
from enum import Enum
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation.algebra.soundness import wrong_contract
from federation.model.indicator import Indicator
from federation.model.period import Calendar
from federation.model.row import SeriesKey
from federation.wire.payload import CompleteThrough, Payload

DIGITS_MAX = 18
"""More decimal digits than a 64-bit integer has."""

ID_BYTES_MAX = 400
"""Longer ids, codes and breakdowns: the database could not index five of them."""

DEADLINE_HOURS_MAX = 20 * 366 * 24
"""A report that is due later than this is a mistake, and no date."""

_INDEXED = ("id", "code", "parent", "indicator", "locality", "agency", "calendar")


def unsound(payload: Payload) -> str:
    """Return what of a frame's announcements can't be kept, or an empty text."""
    announced = (
        payload.indicators,
        payload.calendars,
        payload.agencies,
        payload.subsystems,
        payload.localities,
        payload.obligations,
        payload.sources,
        payload.origins,
        payload.series,
        payload.withheld,
        payload.complete_through,
        payload.losses,
        payload.gaps,
    )
    texts = (_wrong_text(item) for kind in announced for item in kind)
    indicators = map(_wrong_indicator, payload.indicators)
    calendars = map(_wrong_calendar, payload.calendars)
    progress = map(_wrong_progress, payload.complete_through)
    return next(filter(None, chain(texts, indicators, calendars, progress)), "")


def _wrong_text(item: Any) -> str:
    # PostgreSQL keeps no text with this character.
    if any("\0" in text for text in _texts(item)):
        return f"NUL in {type(item).__name__}"
    if any(len(text.encode()) > ID_BYTES_MAX for text in _indexed(item)):
        return f"id of {type(item).__name__}"
    return ""


def _indexed(item: Any) -> Iterator[str]:
    """Yield the texts of an announcement that stand in an index."""
    for name in _INDEXED:
        text = getattr(item, name, "")
        if isinstance(text, str):
            yield text
    key = getattr(item, "key", None)
    if isinstance(key, SeriesKey):
        yield from (key.indicator, key.locality, key.agency, key.breakdown)


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, tuple):
        for part in item:
            yield from _texts(part)
    elif dataclasses.is_dataclass(item) and not isinstance(item, Enum):
        for each in dataclasses.fields(item):
            yield from _texts(getattr(item, each.name))


def _wrong_indicator(indicator: Indicator) -> str:
    if not indicator.id or indicator.scale > DIGITS_MAX:
        return f"scale {indicator.scale} of {indicator.id}"
    if indicator.decimals > DIGITS_MAX:
        return f"decimals {indicator.decimals} of {indicator.id}"
    if indicator.deadline_hours > DEADLINE_HOURS_MAX:
        return f"deadline {indicator.deadline_hours} of {indicator.id}"
    if indicator.grace_hours > DEADLINE_HOURS_MAX:
        return f"grace {indicator.grace_hours} of {indicator.id}"
    reason = wrong_contract(indicator)
    return f"{reason} of {indicator.id}" if reason else ""


def _wrong_calendar(calendar: Calendar) -> str:
    try:
        ZoneInfo(calendar.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"time zone {calendar.time_zone} of {calendar.id}"
    if any(window.first_day >= window.end_day for window in calendar.windows):
        return f"window of {calendar.id}"
    return ""


def _wrong_progress(one: CompleteThrough) -> str:
    try:
        sound = one.period.first_day < one.period.end_day
    except (OverflowError, ValueError):
        sound = False
    return "" if sound else f"complete_through {one.period.start} of {one.calendar}"
