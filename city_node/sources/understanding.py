"""How a file was understood, before anything of it lands.

For a person who must decide whether to feed it: which tables were found on which
sheets, what each column means or why it is not used, what the rows are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from city_node.contract import (
    Accepted,
    FileReader,
    InputFile,
    NotUsed,
    ReadContext,
    ReadItem,
    Rejected,
    Skipped,
)
from federation.model.indicator import Text

REASONS_LISTED_MAX = 20
"""More refused rows or doubts of a sheet are counted and not listed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnUnderstood:
    """A column: where it stands, what its heading says, what it is taken for.

    ``field`` is empty where the column is not used; ``reason`` says why.
    """

    letter: str
    heading: str
    field: str = ""
    period: str = ""
    breakdown: str = ""
    status: str = ""
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableUnderstood:
    """A table: ``mapping`` reads it, unless ``refusal`` says why it is not read.

    ``rows`` counts what rows were taken for: ``owned``, ``other``, ``control``,
    ``footnote``, ``line``, ``refused``. ``unit_basis`` says why a unit is assumed
    that the table doesn't state.
    """

    mapping: str
    title: str
    row: int
    period: str = ""
    unit: str = ""
    unit_basis: Text | None = None
    decimals: str = ""
    columns: tuple[ColumnUnderstood, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    refusal: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A refused row or a doubt, with its place as a person reads it."""

    place: str
    text: Text
    refused: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetUnderstood:
    """A sheet (delimited text has one, without a name): its tables, and what it gives.

    ``records`` would land, ``missing`` of them say that a place is left out.
    """

    name: str
    tables: tuple[TableUnderstood, ...]
    records: int
    missing: int
    flagged: int
    refused: int
    skipped: Mapping[str, int]
    not_used: int
    remarks: tuple[Remark, ...]
    note: Text | None = None

    @classmethod
    def of(
        cls,
        *,
        name: str,
        tables: Sequence[TableUnderstood],
        items: Iterable[ReadItem],
        note: Text | None = None,
    ) -> "SheetUnderstood":
        """Return a sheet with what its reader yields counted."""
        counts: Counter[str] = Counter()
        skipped: Counter[str] = Counter()
        remarks: list[Remark] = []
        for item in items:
            match item:
                case Accepted():
                    counts["records"] += 1
                    counts["missing"] += item.inferred
                    counts["flagged"] += bool(item.flags)
                    remarks += [
                        Remark(
                            place=str(flag.place or item.place),
                            text=Text(vi=flag.text_vi, en=flag.text_en),
                            refused=False,
                        )
                        for flag in item.flags
                    ]
                case Rejected():
                    counts["refused"] += 1
                    remarks.append(
                        Remark(
                            place=str(item.place),
                            text=Text(vi=item.text_vi, en=item.text_en),
                            refused=True,
                        )
                    )
                case Skipped():
                    skipped[item.reason] += 1
                case NotUsed():
                    counts["not_used"] += item.count
        return cls(
            name=name,
            tables=tuple(tables),
            records=counts["records"],
            missing=counts["missing"],
            flagged=counts["flagged"],
            refused=counts["refused"],
            skipped=dict(sorted(skipped.items())),
            not_used=counts["not_used"],
            remarks=tuple(remarks[:REASONS_LISTED_MAX]),
            note=note,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """How a reader understands a file."""

    file: str
    reader: str
    title: Text
    sheets: tuple[SheetUnderstood, ...]


@runtime_checkable
class ExplainingReader(Protocol):
    """A reader that says how it understands a file, column by column."""

    def explain(self, file: InputFile, context: ReadContext) -> Understanding:
        """Return how the file is understood; nothing lands.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be opened.
        """
        ...


def explain(reader: FileReader, file: InputFile, context: ReadContext) -> Understanding:
    """Return how a reader understands a file; of other readers, what they'd yield.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when the file can't be read.
    """
    if isinstance(reader, ExplainingReader):
        return reader.explain(file, context)
    by_sheet: dict[str, list[ReadItem]] = {}
    for item in reader.read(file, context):
        by_sheet.setdefault(item.place.sheet, []).append(item)
    return Understanding(
        file=file.name,
        reader=reader.id,
        title=reader.title,
        sheets=tuple(
            SheetUnderstood.of(name=name, tables=(), items=items)
            for name, items in by_sheet.items()
        ),
    )
