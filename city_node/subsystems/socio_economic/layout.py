"""Finding a table of the monthly workbook: title, unit, headings, sections, rows.

A title stands above, the unit at the right edge, headings over several rows, sections
("Phân theo một số tỉnh, thành phố") as lines without numbers. Which column is which
follows from its stacked heading alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from city_node.sources.dates import first_of_month, month_in
from city_node.sources.headings import fold, holds, stacked, words
from city_node.sources.limits import HEADING_ROWS_MAX
from city_node.sources.tables import Cell, Grid, GridRow

INVESTMENT_TITLE = "von dau tu thuc hien tu nguon ngan sach nha nuoc"
FOREIGN_TITLE = "dau tu nuoc ngoai"

_UNIT = re.compile(r"(don vi( tinh)? )?((nghin|trieu|ty) )*(dong|usd|do la my)")
_TO_DATE = re.compile(
    r"tu 0?1/0?1(?:/\d{4})?\s*(?:-|den)\s*(\d{1,2})/(\d{1,2})/(\d{4})"
)
_KIND = r"(?:cong don |luy ke |uoc tinh |thuc hien |so bo )*"
_MONTHS_TO_DATE = re.compile(_KIND + r"(\d{1,2}) thang (?:dau )?(?:nam )?\d{4}")
_WHOLE_YEAR = re.compile(_KIND + r"(?:ca )?nam \d{4}")
_DECEMBER = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetTable:
    """A table of a sheet: its title, unit, heading of each column, and its rows."""

    grid: Grid
    title: str
    unit: str
    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]

    def province_rows(self) -> Iterator[tuple[GridRow, str, bool]]:
        """Yield rows with numbers, their label, and whether they are provinces."""
        provinces = False
        for row in self.rows:
            filled = _filled(row)
            if not filled or not isinstance(filled[0], str):
                continue
            label = filled[0].strip()
            if len(filled) == 1:
                heading = words(label)
                if holds(heading, "phan theo"):
                    provinces = holds(heading, "dia phuong") or holds(heading, "tinh")
                continue
            yield row, label, provinces

    @property
    def names_provinces(self) -> bool:
        """Return whether the table has a section of provinces."""
        return any(provinces for _, _, provinces in self.province_rows())


def find_table(grid: Grid, title: str) -> SheetTable | None:
    """Return the table whose title holds a phrase, or None."""
    lines = [_only_text(row) for row in grid.rows[:HEADING_ROWS_MAX]]
    for position, line in enumerate(lines):
        # A long title goes on in the line below.
        whole = " ".join([line, *lines[position + 1 : position + 2]])
        if line and (holds(words(line), title) or holds(words(whole), title)):
            return _table_below(grid, position, whole.strip())
    return None


def _table_below(grid: Grid, position: int, title: str) -> SheetTable:
    first = next(
        (
            number
            for number, row in enumerate(grid.rows)
            if number > position and _is_first_data_row(row)
        ),
        len(grid.rows),
    )
    above = [row.texts for row in grid.rows[position + 1 : first]]
    unit = next(
        (cell for row in above for cell in row if _UNIT.fullmatch(words(cell))), ""
    )
    headings = stacked(
        [
            ["" if _UNIT.fullmatch(words(cell)) else cell for cell in row]
            for row in above
            if len({cell for cell in row if cell}) > 1
        ]
    )
    return SheetTable(
        grid=grid,
        title=title,
        unit=unit,
        headings=tuple(headings),
        rows=grid.rows[first:],
    )


def _filled(row: GridRow) -> list[Cell]:
    return [cell for cell in row.cells if cell != ""]


def _only_text(row: GridRow) -> str:
    """Return the text of a row that has one (merged cells repeat it), else empty."""
    texts = {text for text in row.texts if text}
    return texts.pop() if len(texts) == 1 else ""


def _is_first_data_row(row: GridRow) -> bool:
    """Return whether a row is a label with nothing but numbers behind it."""
    filled = _filled(row)
    return (
        len(filled) > 1
        and isinstance(filled[0], str)
        and not any(
            isinstance(cell, str) and any(char.isalpha() for char in cell)
            for cell in filled[1:]
        )
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class InvestmentColumns:
    """Which column is which, and the month the table reports."""

    month: date
    columns: Mapping[str, int]
    previous_month: date | None


def investment_columns(table: SheetTable) -> InvestmentColumns | None:
    """Return the columns of an investment table, or None when it is not monthly."""
    columns: dict[str, int] = {}
    months: dict[str, date] = {}
    for column, heading in enumerate(table.headings):
        role = _role(heading)
        if role is None:
            continue
        # Of two rates the later one is year to date; the other is the month's own.
        columns[role] = column
        month = month_in(heading)
        if month is not None and role in ("estimate", "realised"):
            months[role] = month
    report = months.get("estimate") or months.get("realised")
    if report is None:
        return None
    previous = months.get("realised")
    if previous == report:
        previous = None
    elif previous is not None:
        columns["previous_realised"] = columns.pop("realised")
    to_date = columns.get("year_to_date")
    if to_date is not None and _months_to_date(table.headings[to_date]) != report.month:
        del columns["year_to_date"]
    return InvestmentColumns(month=report, columns=columns, previous_month=previous)


def _role(heading: str) -> str | None:
    against, plan = holds(heading, "so voi"), holds(heading, "ke hoach")
    if against:
        return "percent_of_plan" if plan else "year_on_year_index"
    if plan:
        return "plan"
    if _months_to_date(heading) is not None:
        return "year_to_date"
    if month_in(heading) is None:
        return None
    return "estimate" if holds(heading, "uoc tinh") else "realised"


def _months_to_date(heading: str) -> int | None:
    found = _MONTHS_TO_DATE.fullmatch(heading)
    if found:
        return int(found[1])
    return _DECEMBER if _WHOLE_YEAR.fullmatch(heading) else None


def month_to_date(title: str) -> date | None:
    """Return the month of "từ 01/01 - 31/12/2024" in a title, if it names one."""
    found = _TO_DATE.search(fold(title))
    return first_of_month(int(found[3]), int(found[2])) if found else None


def foreign_columns(table: SheetTable) -> dict[str, int]:
    """Return the columns of a foreign investment table."""
    columns: dict[str, int] = {}
    for column, heading in enumerate(table.headings):
        if holds(heading, "so du an"):
            columns["projects"] = column
        elif holds(heading, "cap moi"):
            columns["newly_registered"] = column
        elif holds(heading, "dieu chinh"):
            columns["adjusted"] = column
    return columns


def number_cell(row: GridRow, column: int | None) -> Cell:
    """Return the cell of a column, empty where there is none."""
    if column is None or column >= len(row.cells):
        return ""
    return row.cells[column]
