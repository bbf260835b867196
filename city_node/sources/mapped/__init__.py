"""Readers made of mappings: a table is understood by what its words mean.

A mapping (``mappings/*.toml`` of a subsystem) says how a table is told, what its
headings mean, which rows are places, what must fit together. The engine does the
rest, the same for all: ``loading`` reads mappings, ``finding`` finds tables and
``columns`` their meanings, ``reading`` goes row by row, ``figures`` and ``checks``
read and doubt, ``landing`` makes records, ``attaching`` adds an operator's tables. The
reference is docs/guide/mappings.md.
"""

from collections.abc import Mapping, Sequence

from city_node.sources.mapped.attaching import with_mappings
from city_node.sources.mapped.form import TableMapping
from city_node.sources.mapped.loading import load_mappings, parse_mapping
from city_node.sources.mapped.reader import MappedReader
from federation.model.indicator import Text

__all__ = [
    "MappedReader",
    "TableMapping",
    "load_mappings",
    "load_readers",
    "parse_mapping",
    "record_kinds",
    "with_mappings",
]


def load_readers(
    subsystem: str, mappings: Sequence[TableMapping], texts: Mapping[str, Text]
) -> tuple[MappedReader, ...]:
    """Return a reader for each name that mappings give; titles are ``reader.<name>``.

    Raises:
        KeyError: when a reader has no text.
    """
    names = dict.fromkeys(mapping.reader for mapping in mappings)
    return tuple(
        MappedReader(
            subsystem=subsystem,
            id=name,
            title=texts[f"reader.{name}"],
            mappings=[mapping for mapping in mappings if mapping.reader == name],
        )
        for name in names
    )


def record_kinds(mappings: Sequence[TableMapping]) -> dict[str, dict[str, str]]:
    """Return the fields of the records that mappings make, for pushes to be checked."""
    kinds: dict[str, dict[str, str]] = {}
    for mapping in mappings:
        kind = kinds.setdefault(
            mapping.record,
            {"locality": "code", mapping.period.field: "text", "unit": "text"},
        )
        if mapping.has_status:
            kind.setdefault("status", "text?")
        if mapping.has_breakdowns:
            kind.setdefault("breakdown", "text?")
        for rule in mapping.columns:
            if rule.period_field:
                kind.setdefault(rule.period_field, "text?")
        for name in mapping.fields:
            kind.setdefault(name, "decimal?")
    return kinds
