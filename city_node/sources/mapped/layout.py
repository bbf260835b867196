"""Finding tables in a grid: title, headings, rows; several may stand on one sheet.

A title is a line of one text; a unit stands alone at the right edge; headings go over
several rows; sections ("Phân theo một số tỉnh, thành phố") and footnotes are lines
without numbers. A table ends where the next one's title begins; a table that goes on
("Tiếp theo") has its title and headings again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from city_node.sources.headings import words
from city_node.sources.limits import HEADING_ROWS_MAX
from city_node.sources.mapped.form import Phrases
from city_node.sources.numbers import is_missing_mark
from city_node.sources.tables import Cell, Grid, GridRow, text_of

_YEAR_LIKE = re.compile(r"(?:19|20)\d{2}(?:\s*[-–/]\s*(?:19|20)?\d{2})?")
_ERROR_SIGN = "#"
"""How a workbook begins the result of a formula that went wrong: ``#REF!``."""

_TITLE_LINES_MAX = 3
_LABELS_SHARE_MIN = 0.1
"""Fewer labels of a table stand in a column by mistake."""

_UNIT_CHARACTERS_MAX = 40

IsPlace = Callable[[str], bool]
"""Tells whether a row's label names a place of this node."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnCell:
    """A filled cell that is not the copy of a merged one."""

    column: int
    cell: Cell

    @property
    def text(self) -> str:
        """Return the cell's trimmed text."""
        return text_of(self.cell)

    @property
    def is_worded(self) -> bool:
        """Return whether it holds letters that are no missing mark."""
        return (
            isinstance(self.cell, str)
            and any(character.isalpha() for character in self.cell)
            and not is_missing_mark(self.cell)
            and not self.cell.startswith(_ERROR_SIGN)
        )

    @property
    def is_figure(self) -> bool:
        """Return whether it looks like a number, or like the mark of a missing one."""
        return not self.is_worded and (
            is_missing_mark(self.cell) or any(char.isdecimal() for char in self.text)
        )

    @property
    def is_year(self) -> bool:
        """Return whether it looks like a year or a school year."""
        return _YEAR_LIKE.fullmatch(self.text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class DataRow:
    """A row of figures: its label, and the row itself."""

    row: GridRow
    label: str
    label_column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A row that is one text: a section, a footnote or a remark."""

    row: GridRow
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One table of a grid, as far as its looks tell.

    ``stated_unit`` is a short text that stands alone above the headings, at the right.
    """

    grid: Grid
    title: str
    title_row: int
    first_value_column: int
    stated_unit: str
    headings: dict[int, str]
    body: tuple[DataRow | Line, ...]


def own_cells(grid: Grid, row: GridRow) -> list[OwnCell]:
    """Return the filled cells of a row without the copies of merged ones."""
    return [
        OwnCell(column=column, cell=cell)
        for column, cell in enumerate(row.cells)
        if text_of(cell) != "" and (row.number, column) not in grid.copies
    ]


def find_blocks(
    grid: Grid, title: Phrases, is_place: IsPlace, *, fill_right: bool = False
) -> list[Block]:
    """Return the tables whose title fits; a title goes over up to three lines."""
    starts = list(_title_rows(grid, title))
    blocks = []
    for number, (begin, end, text) in enumerate(starts):
        last = starts[number + 1][0] if number + 1 < len(starts) else len(grid.rows)
        block = _block(grid, range(begin, last), end, text, is_place, fill_right)
        blocks.append(block)
    return blocks


def _title_rows(grid: Grid, title: Phrases) -> Iterator[tuple[int, int, str]]:
    """Yield where a title begins, the row behind it, and its text."""
    position = 0
    while position < len(grid.rows):
        found = _title_at(grid, position, title)
        if found is None:
            position += 1
            continue
        end, text = found
        yield position, end, text
        position = end


def _title_at(grid: Grid, position: int, title: Phrases) -> tuple[int, str] | None:
    """Return the row behind a title that begins here, and its text.

    Lines that follow without a gap, in the title's column, belong to it.
    """
    texts: list[str] = []
    fits = False
    before: tuple[int, int] | None = None
    for row in grid.rows[position : position + _TITLE_LINES_MAX]:
        line = _line(grid, row)
        if line is None or (
            before is not None
            and (row.number != before[0] + 1 or line.column != before[1])
        ):
            break
        before = (row.number, line.column)
        texts.append(line.text)
        fits = fits or title.fit(words(" ".join(texts)))
    whole = " ".join(texts)
    return (position + len(texts), whole) if fits and title.fit(words(whole)) else None


def _line(grid: Grid, row: GridRow) -> OwnCell | None:
    """Return the only filled cell of a row; most rows of a table end this at once."""
    found: OwnCell | None = None
    for column, cell in enumerate(row.cells):
        if cell == "" or (row.number, column) in grid.copies or text_of(cell) == "":
            continue
        if found is not None:
            return None
        found = OwnCell(column=column, cell=cell)
    return found if found is not None and found.is_worded else None


def _block(
    grid: Grid,
    span: range,
    end_of_title: int,
    title: str,
    is_place: IsPlace,
    fill_right: bool,
) -> Block:
    rows = grid.rows
    first = next(
        (
            number
            for number in range(end_of_title, span.stop)
            if data_row(grid, rows[number], is_place) is not None
        ),
        span.stop,
    )
    stop = _end_of_table(grid, range(first, span.stop), is_place)
    value_column = _first_value_column(grid, range(first, stop), is_place)
    above = rows[max(end_of_title, first - HEADING_ROWS_MAX) : first]
    unit, headings = _headings(grid, above, value_column, fill_right)
    return Block(
        grid=grid,
        title=title,
        title_row=rows[span.start].number,
        first_value_column=value_column,
        stated_unit=unit,
        headings=headings,
        body=tuple(_body(grid, range(first, stop), is_place)),
    )


def data_row(grid: Grid, row: GridRow, is_place: IsPlace) -> DataRow | None:
    """Return a row as one of figures, or None when it is none.

    A label with nothing but numbers behind it, or a place of this node with anything:
    one wrong cell doesn't make a heading of it.
    """
    cells = own_cells(grid, row)
    label = next((cell for cell in cells if cell.is_worded), None)
    # Before the label there may be a number of the row, and no more.
    if label is None or label not in cells[:2]:
        return None
    behind = [cell for cell in cells if cell.column > label.column]
    figures = all(cell.is_figure for cell in behind)
    years = all(cell.is_year for cell in behind)
    if behind and (is_place(label.text) or (figures and not years)):
        return DataRow(row=row, label=label.text, label_column=label.column)
    return None


def _end_of_table(grid: Grid, span: range, is_place: IsPlace) -> int:
    """Return where another table's headings begin, with the lines above them."""
    lines_from: int | None = None
    for number in span:
        row = grid.rows[number]
        cells = own_cells(grid, row)
        if data_row(grid, row, is_place) is not None:
            lines_from = None
        elif _is_heading(cells):
            return number if lines_from is None else lines_from
        elif len(cells) == 1 and lines_from is None:
            lines_from = number
    return span.stop


def _is_heading(cells: list[OwnCell]) -> bool:
    """Return whether cells are of a heading: several texts and no number but years."""
    return sum(cell.is_worded for cell in cells) > 1 and all(
        cell.is_worded or cell.is_year for cell in cells
    )


def _first_value_column(grid: Grid, span: range, is_place: IsPlace) -> int:
    """Return the column behind the labels: totals often stand left of the places."""
    counts: Counter[int] = Counter()
    for number in span:
        found = data_row(grid, grid.rows[number], is_place)
        if found is not None:
            counts[found.label_column] += 1
    enough = counts.total() * _LABELS_SHARE_MIN
    usual = [column for column, count in counts.items() if count >= enough]
    return max(usual, default=0) + 1


def _headings(
    grid: Grid, above: tuple[GridRow, ...], first: int, fill_right: bool
) -> tuple[str, dict[int, str]]:
    """Return the unit that stands alone, and the stacked heading of each column."""
    unit = ""
    heading_rows: list[GridRow] = []
    for row in above:
        cells = [cell for cell in own_cells(grid, row) if cell.column >= first]
        copied = any((row.number, column) in grid.copies for column in _columns(row))
        alone = len(own_cells(grid, row)) == 1 and len(cells) == 1 and not copied
        if alone and not heading_rows and _may_be_unit(cells[0]):
            unit = cells[0].text
        elif cells:
            heading_rows.append(row)
    if not heading_rows and unit:
        return "", _stack([row for row in above if row.text(first)], first, fill_right)
    return unit, _stack(heading_rows, first, fill_right)


def _columns(row: GridRow) -> range:
    return range(len(row.cells))


def _may_be_unit(cell: OwnCell) -> bool:
    return len(cell.text) <= _UNIT_CHARACTERS_MAX and not cell.is_year


def _stack(rows: list[GridRow], first: int, fill_right: bool) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for number, row in enumerate(rows):
        before = ""
        upper = fill_right and number + 1 < len(rows)
        width = max((len(each.cells) for each in rows), default=0)
        for column in range(first, width if upper else len(row.cells)):
            text = row.text(column) or (before if upper else "")
            before = text
            if text:
                texts.setdefault(column, []).append(text)
    return {column: " ".join(parts) for column, parts in sorted(texts.items())}


def _body(grid: Grid, span: range, is_place: IsPlace) -> Iterator[DataRow | Line]:
    for number in span:
        row = grid.rows[number]
        found = data_row(grid, row, is_place)
        if found is not None:
            yield found
            continue
        cells = own_cells(grid, row)
        if len(cells) >= 1 and cells[0].is_worded:
            yield Line(row=row, text=cells[0].text)
