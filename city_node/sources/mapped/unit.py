"""The unit of a table: from its corner, its title or its headings, or a default."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from city_node.sources.mapped.columns import ColumnMeaning
from city_node.sources.mapped.form import TableMapping
from city_node.sources.units import (
    IN_PARENTHESES,
    UNITS,
    between,
    is_any_unit,
    is_unit,
)
from federation.errors import ErrorCode, FederationError

_AFTER_LABEL = re.compile(
    r"(?:đơn vị(?: tính)?|đvt|units?)\s*:\s*([^;.()]{1,40})", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitFound:
    """A table's unit as written, whether it was only assumed, and what converts to it.

    ``factors`` are those of columns whose heading states another unit of the family.
    """

    text: str = ""
    is_default: bool = False
    factors: dict[int, Fraction] = field(default_factory=dict)


def find_unit(
    mapping: TableMapping,
    stated: str,
    title: str,
    columns: tuple[ColumnMeaning, ...],
) -> UnitFound:
    """Return the unit of a table.

    Raises:
        FederationError: ``INPUT_ROW`` where one is stated that isn't of the family, or
            none is stated and none may be assumed.
    """
    rule = mapping.unit
    if rule is None:
        return UnitFound()
    own = {
        meaning.column: unit
        for meaning in columns
        if meaning.rule is not None and not meaning.rule.unit
        for unit in _units_in(meaning.heading, rule.family)
    }
    text = _stated(stated, rule.family) or next(_units_in(title, rule.family), "")
    if not text and own:
        text = next(iter(own.values()))
    if not text:
        for said in filter(None, (stated, *_labelled(title))):
            # One that nobody understands is never taken for the usual one.
            if not is_any_unit(said):
                raise _unknown(said, rule.family)
    if not text and not rule.default:
        raise _unknown(stated, rule.family)
    factors = {
        column: factor
        for column, unit in own.items()
        if (factor := between(unit, text, rule.family)) != 1
    }
    return UnitFound(text=text or rule.default, is_default=not text, factors=factors)


def _stated(text: str, family: str) -> str:
    return text.strip(" ()") if is_unit(text, family) else ""


def _units_in(text: str, family: str) -> Iterator[str]:
    for pattern in (_AFTER_LABEL, IN_PARENTHESES):
        for found in pattern.finditer(text):
            if is_unit(found[1], family):
                yield found[1].strip()


def _labelled(text: str) -> list[str]:
    return [found[1].strip() for found in _AFTER_LABEL.finditer(text)]


def _unknown(stated: str, family: str) -> FederationError:
    known = ", ".join(UNITS[family])
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Không nhận ra đơn vị tính “{stated}”. Hãy ghi một trong: {known}.",
        f"The unit “{stated}” is not known here. Use one of: {known}.",
        {"unit": stated},
    )
