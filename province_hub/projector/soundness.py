"""Whether what a frame announces can be kept at all.

The codec has checked lengths and numbers of enumerations. What is left would stop the
projector at every try, so such a frame is set aside as a whole.
"""

import dataclasses
from collections.abc import Iterator
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation.model.indicator import Indicator
from federation.model.period import Calendar
from federation.wire.payload import Payload

DIGITS_MAX = 18
"""More decimal digits than a 64-bit integer has."""


def unsound(payload: Payload) -> str:
    """Return what of a frame's announcements can't be kept, or an empty text."""
    announced = (
        payload.indicators,
        payload.calendars,
        payload.agencies,
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
    for kind in announced:
        for item in kind:
            # PostgreSQL keeps no text with this character.
            if any("\0" in text for text in _texts(item)):
                return f"NUL in {type(item).__name__}"
    for indicator in payload.indicators:
        if wrong := _wrong_indicator(indicator):
            return wrong
    for calendar in payload.calendars:
        if wrong := _wrong_calendar(calendar):
            return wrong
    return ""


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
    return ""


def _wrong_calendar(calendar: Calendar) -> str:
    try:
        ZoneInfo(calendar.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"time zone {calendar.time_zone} of {calendar.id}"
    return ""
