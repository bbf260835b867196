"""A reader made of mappings: it takes files whose tables have their titles or columns.

Workbooks and delimited text are the same to it: sheets of cells. A file that can't be
opened is claimed, so that reading it says why.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from city_node.contract import InputFile, NotUsed, ReadContext, ReadItem, Skipped
from city_node.sources.decoding import unreadable
from city_node.sources.mapped.columns import ColumnMeaning
from city_node.sources.mapped.figures import NO_INDICATOR
from city_node.sources.mapped.finding import (
    OtherTable,
    find_tables,
    wanted_of,
)
from city_node.sources.mapped.form import TableMapping
from city_node.sources.mapped.landing import in_order, missing
from city_node.sources.mapped.layout import own_cells
from city_node.sources.mapped.placing import OwnedPlaces
from city_node.sources.mapped.reading import TableReading
from city_node.sources.tables import Grid, read_delimited
from city_node.sources.understanding import (
    ColumnUnderstood,
    SheetUnderstood,
    TableUnderstood,
    Understanding,
)
from city_node.sources.workbook import looks_like_workbook, read_workbook
from federation.errors import FederationError
from federation.model.indicator import Text
from federation.model.period import Period

OTHER_TABLE = "other-table"
"""Reason of ``Skipped``: a table of a known title that lacks the columns."""

EMPTY_SHEET = "empty-sheet"
"""Reason of ``Skipped``: a sheet without any cell."""

_EMPTY = Text(vi="Trang tính trống.", en="The sheet is empty.")
_UNKNOWN = Text(
    vi="Không có bảng nào mà phân hệ này đọc.",
    en="There is no table that this subsystem reads.",
)


@dataclass(kw_only=True)
class _SheetRead:
    """What one sheet comes to: tables that are read, and those that aren't."""

    grid: Grid
    readings: list[TableReading]
    others: list[OtherTable]


class MappedReader:
    """Reads the tables of some mappings; a place that a table leaves out is missing.

    It promises to say of every row of a table what became of it, and of every cell
    about an owned place. It doesn't promise to understand what no mapping describes.
    """

    def __init__(
        self,
        *,
        subsystem: str,
        id: str,  # noqa: A002
        title: Text,
        mappings: Sequence[TableMapping],
    ) -> None:
        """Read with the mappings in their order; the first that fits takes a table."""
        self.id = id
        self.title = title
        self._subsystem = subsystem
        self._mappings = tuple(mappings)

    def with_mappings(self, mappings: Sequence[TableMapping]) -> "MappedReader":
        """Return a reader with mappings before its own; one of a table replaces it."""
        tables = {mapping.table for mapping in mappings}
        kept = [mapping for mapping in self._mappings if mapping.table not in tables]
        return MappedReader(
            subsystem=self._subsystem,
            id=self.id,
            title=self.title,
            mappings=[*mappings, *kept],
        )

    def recognises(self, file: InputFile) -> bool:
        """Return whether a file has one of the tables, or can't be opened at all."""
        try:
            return any(
                True
                for grid in grids(file)
                for mapping in self._mappings
                for _ in find_tables(mapping, grid, _nowhere)
            )
        except FederationError:
            return True

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield what the file says about the owned places, oldest period first.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be opened or has
                none of the tables.
        """
        items: list[ReadItem] = []
        found = False
        for grid in grids(file):
            sheet = self._sheet(grid, context)
            found = found or bool(sheet.readings or sheet.others)
            items += self._read_sheet(sheet, context)
        if not found:
            raise self._no_table(file)
        yield from in_order(items)

    def explain(self, file: InputFile, context: ReadContext) -> Understanding:
        """Return how the file is understood; nothing lands.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file can't be opened.
        """
        sheets = []
        for grid in grids(file):
            sheet = self._sheet(grid, context)
            items = list(self._read_sheet(sheet, context))
            sheets.append(_sheet_understood(sheet, items))
        return Understanding(
            file=file.name, reader=self.id, title=self.title, sheets=tuple(sheets)
        )

    def _sheet(self, grid: Grid, context: ReadContext) -> _SheetRead:
        """Return the tables of a grid, each with the first mapping that fits it."""
        taken: dict[int, TableReading] = {}
        others: dict[int, OtherTable] = {}
        for mapping in self._mappings:
            places = OwnedPlaces(mapping.place, context)
            for found in find_tables(mapping, grid, places.is_owned):
                if isinstance(found, OtherTable):
                    others.setdefault(found.title_row, found)
                elif found.title_row not in taken:
                    taken[found.title_row] = TableReading(
                        subsystem=self._subsystem, found=found, places=places
                    )
        return _SheetRead(
            grid=grid,
            readings=[taken[row] for row in sorted(taken)],
            others=[others[row] for row in sorted(others) if row not in taken],
        )

    def _read_sheet(self, sheet: _SheetRead, context: ReadContext) -> list[ReadItem]:
        items: list[ReadItem] = []
        before: TableReading | None = None
        for reading in sheet.readings:
            if before is not None and reading.found.goes_on:
                reading.in_places = before.in_places
                reading.named_section = before.named_section
            items += reading.read()
            if reading.found.keys:
                items += reading.left_out()
            before = reading
        items += self._left_out(sheet)
        for other in sheet.others:
            items.append(_other_table(other))
            items += self._about_ours(sheet.grid, context, after=other.title_row)
        if not (sheet.readings or sheet.others):
            items += self._unknown_sheet(sheet.grid, context)
        return items

    def _left_out(self, sheet: _SheetRead) -> Iterator[ReadItem]:
        """Yield what is missing of owned places that no part of a table names."""
        tables: dict[tuple[str, Period], list[TableReading]] = {}
        for reading in sheet.readings:
            period = reading.found.columns.period
            if period is not None and reading.found.refusal is None:
                tables.setdefault((reading.found.mapping.table, period), []).append(
                    reading
                )
        for (_, period), readings in tables.items():
            first = readings[0]
            rule = first.found.mapping.place
            seen = not rule.sections or any(each.named_section for each in readings)
            if not (rule.not_listed_is_missing and seen):
                continue
            if not all(each.whole for each in readings):
                continue
            listed = {name for each in readings for name in each.listed.get(period, ())}
            for locality in first.places.expected(period):
                if locality.id not in listed:
                    place = sheet.grid.place(first.found.title_row)
                    yield from missing(
                        self._subsystem, first.found, locality, period, place
                    )

    def _unknown_sheet(self, grid: Grid, context: ReadContext) -> Iterator[ReadItem]:
        if not any(own_cells(grid, row) for row in grid.rows):
            yield Skipped(
                place=grid.place(),
                reason=EMPTY_SHEET,
                text_vi=_EMPTY.vi,
                text_en=_EMPTY.en,
            )
            return
        yield from self._about_ours(grid, context)

    def _about_ours(
        self, grid: Grid, context: ReadContext, *, after: int = 0
    ) -> Iterator[NotUsed]:
        """Yield the figures about owned places in what no mapping reads."""
        places = [OwnedPlaces(each.place, context) for each in self._mappings]
        for row in grid.rows:
            cells = own_cells(grid, row)
            named = any(
                cell.is_worded and each.is_owned(cell.text)
                for cell in cells
                for each in places
            )
            figures = sum(not cell.is_worded for cell in cells)
            if row.number > after and named and figures:
                yield NotUsed(
                    place=grid.place(row.number),
                    reason=NO_INDICATOR,
                    text_vi=_UNKNOWN.vi,
                    text_en=_UNKNOWN.en,
                    count=figures,
                )

    def _no_table(self, file: InputFile) -> FederationError:
        wanted = [wanted_of(mapping) for mapping in self._mappings]
        vi = "; ".join(each.vi for each in wanted)
        en = "; ".join(each.en for each in wanted)
        return unreadable(
            file.name,
            f"thiếu bảng hoặc cột. Cần: {vi}. Hãy gửi đúng tệp",
            f"its tables or columns are absent. Needed: {en}. Send that file",
        )


def grids(file: InputFile) -> Iterable[Grid]:
    """Return the sheets of a file; delimited text is one.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when the file can't be opened.
    """
    return read_workbook(file) if looks_like_workbook(file) else [read_delimited(file)]


def _nowhere(_: str) -> bool:
    return False


def _other_table(other: OtherTable) -> Skipped:
    return Skipped(
        place=other.grid.place(other.title_row),
        reason=OTHER_TABLE,
        text_vi=f"Bảng “{other.title}” không có các cột hoặc kỳ mà chỉ tiêu dùng (ví "
        "dụ bảng theo quý): không dùng.",
        text_en=f"The table “{other.title}” lacks the columns or periods that "
        "indicators take (it may be quarterly): not used.",
    )


def _sheet_understood(sheet: _SheetRead, items: list[ReadItem]) -> SheetUnderstood:
    tables = [_table_understood(reading) for reading in sheet.readings]
    tables += [
        TableUnderstood(
            mapping="",
            title=other.title,
            row=other.title_row,
            refusal=Text(
                vi=_other_table(other).text_vi, en=_other_table(other).text_en
            ),
        )
        for other in sheet.others
    ]
    empty = any(
        isinstance(item, Skipped) and item.reason == EMPTY_SHEET for item in items
    )
    note = None if tables else (_EMPTY if empty else _UNKNOWN)
    return SheetUnderstood.of(
        name=sheet.grid.sheet, tables=tables, items=items, note=note
    )


def _table_understood(reading: TableReading) -> TableUnderstood:
    found = reading.found
    rule, unit, refusal = found.mapping.unit, found.unit, found.refusal
    period = found.columns.period
    return TableUnderstood(
        mapping=found.mapping.table,
        title=found.title,
        row=found.title_row,
        period=period.text if period else "",
        unit=unit.text,
        unit_basis=rule.basis if rule is not None and unit.is_default else None,
        decimals=found.form.value,
        columns=tuple(_column_understood(each) for each in found.columns.columns),
        rows=dict(sorted(reading.rows.counts.items())),
        refusal=Text(vi=refusal.text_vi, en=refusal.text_en) if refusal else None,
    )


def _column_understood(meaning: ColumnMeaning) -> ColumnUnderstood:
    rule = meaning.rule
    return ColumnUnderstood(
        letter=meaning.letter,
        heading=meaning.heading,
        field=rule.field if rule else "",
        period=meaning.period.text if rule and meaning.period else "",
        breakdown=rule.breakdown if rule else "",
        status=meaning.status if rule else "",
        reason=meaning.unused,
    )
