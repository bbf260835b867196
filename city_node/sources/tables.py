"""Grids of cells, and delimited text as one.

A grid keeps the row numbers that a person sees, so that every message can name the
place of what it speaks of.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice

from city_node.contract import InputFile, Place
from city_node.sources.decoding import decode, unreadable
from city_node.sources.headings import find_columns
from city_node.sources.limits import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    HEADING_ROWS_MAX,
    ROWS_MAX,
)
from federation.errors import ErrorCode, FederationError

Cell = str | int | float | bool | date | datetime | time | timedelta

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 50


def text_of(cell: Cell) -> str:
    """Return the trimmed text of a cell; whole numbers (years) without decimals."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


@dataclass(frozen=True, kw_only=True, slots=True)
class GridRow:
    """One row: its number as a person counts, and its cells."""

    number: int
    cells: tuple[Cell, ...]

    def text(self, column: int) -> str:
        """Return the trimmed text of a cell; empty where the row is shorter."""
        return text_of(self.cells[column]) if column < len(self.cells) else ""

    @property
    def texts(self) -> list[str]:
        """Return the trimmed texts of all cells."""
        return [text_of(cell) for cell in self.cells]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A rectangle of cells from one file or sheet.

    ``copies`` are the cells (row, column from 0) that repeat a merged cell's text;
    ``formulas`` those that are worked out, and whether their result is stored.
    """

    file: str
    sheet: str = ""
    rows: tuple[GridRow, ...]
    copies: frozenset[tuple[int, int]] = frozenset()
    formulas: Mapping[tuple[int, int], bool] = field(default_factory=dict)

    def place(self, row: int = 0, column: str = "") -> Place:
        """Return the place of a row of this grid."""
        return Place(file=self.file, sheet=self.sheet, row=row, column=column)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One row of a table with known columns."""

    place: Place
    cells: Mapping[str, Cell]
    complete: bool
    """False when the row ends before the last wanted column: a line cut off."""

    others: Mapping[str, Cell] = field(default_factory=dict)
    """The cells of the other columns by their headings."""

    def text(self, name: str) -> str:
        """Return the trimmed text of a column."""
        return text_of(self.cells[name])


def read_delimited(file: InputFile) -> Grid:
    """Return the grid of a delimited text file.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` for an unknown encoding, an open
            quotation (a file cut off), or a limit.
    """
    text = decode(file.name, file.content).text
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[GridRow] = []
    number = 1
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                rows.append(GridRow(number=number, cells=tuple(cells)))
            _within_limits(file.name, cells, len(rows))
            number = lines.line_num + 1
    except csv.Error as error:
        raise unreadable(
            file.name,
            f"dòng {number}: dấu ngoặc kép không khép lại hoặc ký tự lạ; tệp có thể "
            "bị cắt cụt. Hãy xuất lại tệp",
            f"line {number}: a quotation is not closed or a character is wrong; the "
            "file may be cut off. Export it again",
        ) from error
    return Grid(file=file.name, rows=tuple(rows))


def table_rows(
    grid: Grid, wanted: Mapping[str, Iterable[str]]
) -> Iterator[TableRow] | None:
    """Return the rows below the headings, or None when the headings are not there.

    ``wanted`` maps names to the headings they may stand under. The heading row is
    looked for among the first rows, so title lines above it don't matter.
    """
    found = find_headings(grid, wanted)
    return None if found is None else _below(grid, *found)


def find_headings(
    grid: Grid, wanted: Mapping[str, Iterable[str]]
) -> tuple[int, dict[str, int]] | None:
    """Return which row of a grid is the headings, and the column of each wanted one."""
    for position, row in enumerate(grid.rows[:HEADING_ROWS_MAX]):
        columns = find_columns(row.texts, wanted)
        if columns is not None:
            return position, columns
    return None


def table_of(
    file: InputFile, wanted: Mapping[str, Iterable[str]]
) -> Iterator[TableRow]:
    """Return the rows below the headings of a delimited file.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` when the file can't be read or a wanted
            column is absent.
    """
    rows = table_rows(read_delimited(file), wanted)
    if rows is None:
        names = ", ".join(next(iter(headings)) for headings in wanted.values())
        raise unreadable(
            file.name,
            f"thiếu cột. Cần các cột: {names}",
            f"columns are absent. Needed are: {names}",
        )
    return rows


def cut_off(place: Place) -> FederationError:
    """Return the error of a row that is not complete."""
    return FederationError(
        ErrorCode.INPUT_ROW,
        "Dòng bị cắt cụt: thiếu cột cuối. Hãy xuất lại tệp.",
        "The line is cut off: its last columns are absent. Export the file again.",
        {"row": place.row},
    )


def _below(grid: Grid, heading: int, columns: dict[str, int]) -> Iterator[TableRow]:
    last = max(columns.values())
    wanted = set(columns.values())
    others = {
        text: column
        for column, text in enumerate(grid.rows[heading].texts)
        if text and column not in wanted
    }
    for row in grid.rows[heading + 1 :]:
        yield TableRow(
            place=grid.place(row.number),
            cells=_picked(row, columns),
            complete=last < len(row.cells),
            others=_picked(row, others),
        )


def _picked(row: GridRow, columns: Mapping[str, int]) -> dict[str, Cell]:
    return {
        name: row.cells[column] if column < len(row.cells) else ""
        for name, column in columns.items()
    }


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts most of the first lines into equally many."""
    lines = list(islice(io.StringIO(text), _SAMPLE_LINES))
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(lines, delimiter=delimiter)
            widths = Counter(len(cells) for cells in rows)
        except csv.Error:
            continue  # told with its line when the whole text is read
        width, count = max(
            ((width, count) for width, count in widths.items() if width > 1),
            key=lambda pair: (pair[1], pair[0]),
            default=(0, 0),
        )
        if (count, width) > best_score:
            best, best_score = delimiter, (count, width)
    return best


def _within_limits(name: str, cells: list[str], rows: int) -> None:
    if rows > ROWS_MAX:
        raise over_limit(name, f"{ROWS_MAX} dòng", f"{ROWS_MAX} rows")
    if len(cells) > COLUMNS_MAX:
        raise over_limit(name, f"{COLUMNS_MAX} cột", f"{COLUMNS_MAX} columns")
    if any(len(cell) > CELL_CHARACTERS_MAX for cell in cells):
        raise over_limit(
            name,
            f"{CELL_CHARACTERS_MAX} ký tự trong một ô",
            f"{CELL_CHARACTERS_MAX} characters in one cell",
        )


def over_limit(name: str, limit_vi: str, limit_en: str) -> FederationError:
    """Return the error for a file that goes beyond a limit."""
    return unreadable(
        name,
        f"vượt giới hạn {limit_vi}. Hãy tách nhỏ tệp rồi gửi lại",
        f"goes beyond the limit of {limit_en}. Cut it into smaller files",
    )
