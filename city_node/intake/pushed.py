"""Records as a source pushes them, checked like those of a file.

Which fields a kind must have, and of which type, is said by its subsystem. A number,
code or text may be null: missing is a value. "-" in a number says that there was none
to report. A type that ends in `?` may be left out, which says the same as null. A field
that the kind doesn't name is refused, for it is mostly misspelt.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from city_node.contract import Record, Subsystem
from city_node.sources.numbers import NONE_OCCURRED
from federation.errors import ErrorCode, FederationError
from federation.model.status import Provenance

TEXT_LENGTH_MAX = 1000
"""Longer text in a field is refused."""

KEY_LENGTH_MAX = 300

OPTIONAL = "?"
"""Ends the type of a field that may be left out."""

PUSHED_PROVENANCES = {
    "automatic": Provenance.AUTOMATIC,
    "manual": Provenance.MANUAL,
    "simulated": Provenance.SIMULATED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PushedRecord:
    """What a source sends."""

    source: str
    source_key: str
    kind: str
    fields: Mapping[str, Any]
    scope: str = ""
    provenance: str = "automatic"
    published_at: datetime | None = None


def to_record(subsystem: Subsystem, pushed: PushedRecord) -> Record:
    """Return a pushed record as its subsystem takes it.

    Raises:
        FederationError: ``INPUT_ROW``; what is wrong, and in which field.
    """
    sources = [source.id for source in subsystem.sources]
    _one_of("source", pushed.source, sources)
    _one_of("kind", pushed.kind, list(subsystem.record_kinds))
    _one_of("provenance", pushed.provenance, list(PUSHED_PROVENANCES))
    if not 0 < len(pushed.source_key) <= KEY_LENGTH_MAX:
        raise _wrong("source_key", f"1–{KEY_LENGTH_MAX}", pushed.source_key[:20])
    if len(pushed.scope) > KEY_LENGTH_MAX:
        raise _wrong("scope", f"0–{KEY_LENGTH_MAX}", pushed.scope[:20])
    kind = subsystem.record_kinds[pushed.kind]
    if missing := required_of(kind) - pushed.fields.keys():
        raise _fields("thiếu", "missing", missing)
    if unknown := pushed.fields.keys() - kind.keys():
        raise _fields("không có tên", "unknown", unknown)
    fields = {
        name: _typed(name, pushed.fields.get(name), wanted.removesuffix(OPTIONAL))
        for name, wanted in kind.items()
    }
    return Record(
        subsystem=subsystem.id,
        source=pushed.source,
        source_key=pushed.source_key,
        kind=pushed.kind,
        scope=pushed.scope,
        fields=fields,
        provenance=PUSHED_PROVENANCES[pushed.provenance],
        published_at=pushed.published_at,
    )


def required_of(kind: Mapping[str, str]) -> set[str]:
    """Return the fields that a record of a kind may not leave out."""
    return {name for name, wanted in kind.items() if not wanted.endswith(OPTIONAL)}


def _decimal(value: Any) -> str:
    if value == NONE_OCCURRED:
        return NONE_OCCURRED
    # A JSON number keeps its digits: the shortest text that reads back as it.
    text = value.strip() if isinstance(value, str) else repr(value)
    if isinstance(value, bool) or not Decimal(text).is_finite():
        raise ValueError(text)
    return text


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX:
        raise TypeError(value)
    return value


def _date(value: Any) -> str:
    return date.fromisoformat(_text(value)).isoformat()


def _datetime(value: Any) -> str:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.isoformat()


def _code(value: Any) -> str:
    if not re.fullmatch(r"[\w.@:/-]{1,64}", _text(value)):
        raise ValueError(value)
    return str(value)


FIELD_TYPES: dict[str, Callable[[Any], Any]] = {
    "decimal": _decimal,
    "integer": _integer,
    "text": _text,
    "date": _date,
    "datetime": _datetime,
    "code": _code,
}
_EXAMPLES = {
    "decimal": "12.5",
    "integer": "12",
    "text": f"≤ {TEXT_LENGTH_MAX}",
    "date": "2026-11-22",
    "datetime": "2026-11-22T08:00:00+07:00",
    "code": "16681",
}
_NULLABLE = frozenset({"decimal", "integer", "code", "text"})


def _typed(name: str, value: Any, wanted: str) -> Any:
    if value is None and wanted in _NULLABLE:
        return None
    try:
        return FIELD_TYPES[wanted](value)
    except (TypeError, ValueError, InvalidOperation) as error:
        shown = f"{wanted}, {_EXAMPLES[wanted]}"
        raise _wrong(f"fields.{name}", shown, str(value)[:40]) from error


def _one_of(name: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise _wrong(name, " | ".join(sorted(known)), value)


def _wrong(name: str, wanted: str, given: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Trường “{name}” là “{given}”; cần: {wanted}.",
        f"The field “{name}” is “{given}”; wanted: {wanted}.",
        {"field": name},
    )


def _fields(vi: str, en: str, names: set[str]) -> FederationError:
    listed = ", ".join(sorted(names))
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Trường {vi}: {listed}.",
        f"Fields {en}: {listed}.",
        {"field": listed},
    )
