"""From what a record states to the state and status of an observation."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from city_node.contract import Record
from city_node.sources.numbers import NONE_OCCURRED, scaled
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL, Calendar
from federation.model.row import SIMULATED_FEED, State
from federation.model.status import Provenance, Status

# Which publication of one fact stands: see ``Observation.rank``.
RANK_ABSENT = 0
RANK_ESTIMATE = 1
RANK_STATED = 2


def stated(
    text: str | None,
    *,
    scale: int,
    factor: Fraction = Fraction(1),
    certain: Status = Status.NORMAL,
) -> tuple[State | None, Status]:
    """Return the state and status of a stated number.

    None is missing; ``NONE_OCCURRED`` is a report that there was none; a certain
    zero is a zero.

    Raises:
        FederationError: ``INPUT_ROW`` for what is no number.
    """
    if text is None:
        return None, Status.MISSING
    if text == NONE_OCCURRED:
        return State(value=0), Status.NO_ACTIVITY
    value = scaled(text, scale, factor)
    if value == 0 and certain is Status.NORMAL:
        return State(value=0), Status.ZERO
    return State(value=value), certain


def breakdown_of(record: Record, breakdown: str = "") -> str:
    """Return the breakdown of a record's observations: generated ones stand apart."""
    return SIMULATED_FEED if record.provenance is Provenance.SIMULATED else breakdown


def text_in(fields: Mapping[str, Any], name: str) -> str:
    """Return a field that must be a text.

    Raises:
        FederationError: ``INPUT_ROW`` when it is absent or no text.
    """
    text = fields.get(name)
    if not isinstance(text, str) or not text:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Thiếu trường “{name}” hoặc không phải văn bản.",
            f"The field “{name}” is absent or no text.",
            {"field": name},
        )
    return text


def number_in(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is a decimal as text, or None where absent.

    Raises:
        FederationError: ``INPUT_ROW`` for another type (a float has lost digits).
    """
    return None if fields.get(name) is None else text_in(fields, name)


def begin_of(day: date, calendar: Calendar = LOCAL) -> datetime:
    """Return the moment a day of a calendar begins."""
    return datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
