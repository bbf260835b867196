"""Finds the mark of a template in a file, wherever it stands."""

from collections.abc import Iterator

from city_node.contract import InputFile
from city_node.sources.decoding import unreadable
from city_node.sources.limits import HEADING_ROWS_MAX
from city_node.sources.tables import Grid, read_delimited
from city_node.sources.workbook import looks_like_workbook, read_workbook
from city_node.templates.form import Mark, mark_in

TEMPLATE_BYTES_MAX = 4 * 1024 * 1024
"""A larger file is no template; nobody types that much."""


def first_mark(file: InputFile) -> Mark | None:
    """Return what a file says it is the template of; None where it is none.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` for a file that can't be opened,
            ``INVALID_ARGUMENT`` for a mark whose period can't be.
    """
    return next((mark for mark, _ in _marked_sheets(file)), None)


def marked_sheet(file: InputFile) -> tuple[Mark, Grid] | None:
    """Return the mark of a template and its sheet; None where it is none.

    People add sheets of their own to it. A second one that is a template too is
    refused: one of them would be passed over.

    Raises:
        FederationError: as ``first_mark``, and for two sheets with a mark.
    """
    found: tuple[Mark, Grid] | None = None
    for mark, grid in _marked_sheets(file):
        if found is not None:
            first = found[1].sheet
            raise unreadable(
                file.name,
                f"hai trang tính “{first}” và “{grid.sheet}” đều là mẫu nhập số liệu. "
                "Hãy gửi mỗi mẫu trong một tệp",
                f"the sheets “{first}” and “{grid.sheet}” are both templates. Send "
                "each in a file of its own",
            )
        found = mark, grid
    return found


def _marked_sheets(file: InputFile) -> Iterator[tuple[Mark, Grid]]:
    if len(file.content) > TEMPLATE_BYTES_MAX:
        return
    workbook = looks_like_workbook(file)
    for grid in read_workbook(file) if workbook else [_delimited(file)]:
        mark = _mark_on(grid)
        if mark is not None:
            yield mark, grid


def _mark_on(grid: Grid) -> Mark | None:
    for row in grid.rows[:HEADING_ROWS_MAX]:
        for cell in row.cells:
            mark = mark_in(cell) if isinstance(cell, str) else None
            if mark is not None:
                return mark
    return None


def _delimited(file: InputFile) -> Grid:
    if b"ioc-template/" not in file.content.replace(b"\0", b""):
        return Grid(file=file.name, rows=())
    return read_delimited(file)
