"""Workbooks as grids, behind limits that hold before anything is unpacked.

A merged cell's text stands in every column it covers (not in every row: a heading
over two rows would be read twice), so headings can be stacked column by column.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from city_node.contract import InputFile
from city_node.sources.decoding import unreadable
from city_node.sources.limits import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    ROWS_MAX,
    SHEET_CELLS_MAX,
    SHEETS_MAX,
    UNPACKED_BYTES_MAX,
    ZIP_ENTRIES_MAX,
    ZIP_RATIO_MAX,
)
from city_node.sources.tables import Cell, Grid, GridRow, over_limit
from federation.errors import FederationError

_ZIP_START = b"PK\x03\x04"
_COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SMALL_PART_BYTES = 100_000
_CELL_REFERENCE = re.compile(rb"""[\s<]r\s*=\s*["']([A-Z]{1,4})(\d{1,9})["']""")


def looks_like_workbook(file: InputFile) -> bool:
    """Return whether a file begins as a workbook of any age does."""
    return file.content.startswith((_ZIP_START, _COMPOUND_START))


def read_workbook(file: InputFile) -> Iterator[Grid]:
    """Yield the visible sheets of a workbook in their order.

    Raises:
        FederationError: ``INPUT_UNREADABLE`` for a workbook that is cut off, locked
            by a password, of the old binary kind, no workbook, or over a limit.
    """
    _check_container(file)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        visible = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
            and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        for name in visible:
            yield _grid(file.name, workbook.get_sheet_by_name(name))
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(file.name) from error


def _grid(name: str, sheet: CalamineSheet) -> Grid:
    cells = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top < len(cells) and bottom == top:
            row = cells[top]
            for column in range(left + 1, min(right + 1, len(row))):
                if row[column] == "":
                    row[column] = row[left]
    return Grid(
        file=name,
        sheet=sheet.name,
        rows=tuple(
            GridRow(number=number, cells=tuple(_cell(name, cell) for cell in row))
            for number, row in enumerate(cells, start=1)
        ),
    )


def _cell(name: str, cell: Cell) -> Cell:
    if isinstance(cell, str) and len(cell) > CELL_CHARACTERS_MAX:
        raise over_limit(
            name,
            f"{CELL_CHARACTERS_MAX} ký tự trong một ô",
            f"{CELL_CHARACTERS_MAX} characters in one cell",
        )
    return cell


def _check_container(file: InputFile) -> None:
    """Raise unless the container is whole, small enough and a workbook's."""
    if len(file.content) > FILE_BYTES_MAX:
        size = f"{FILE_BYTES_MAX // 2**20} MiB"
        raise over_limit(file.name, size, size)
    if file.content.startswith(_COMPOUND_START):
        raise _old_or_locked(file)
    if not file.content.startswith(_ZIP_START):
        raise unreadable(
            file.name,
            "không phải bảng tính Excel (.xlsx). Hãy gửi đúng tệp .xlsx",
            "not an Excel workbook (.xlsx). Send the .xlsx file",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as container:
            _check_sizes(file.name, container.infolist())
            # Reads every part in small pieces: declared sizes and checksums hold.
            if container.testzip() is not None:
                raise _damaged(file.name)
            names = set(container.namelist())
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise unreadable(
                    file.name,
                    "tệp nén nhưng không phải bảng tính Excel. Hãy gửi tệp .xlsx",
                    "an archive, but not an Excel workbook. Send the .xlsx file",
                )
            _check_spans(file.name, container)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(file.name) from error
    except RuntimeError as error:  # how zipfile says that a part is encrypted
        raise _locked(file.name) from error


def _check_sizes(name: str, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > ZIP_ENTRIES_MAX:
        raise over_limit(name, f"{ZIP_ENTRIES_MAX} phần", f"{ZIP_ENTRIES_MAX} parts")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        size = f"{UNPACKED_BYTES_MAX // 2**20} MiB"
        raise over_limit(name, f"{size} sau khi giải nén", f"{size} unpacked")
    for part in parts:
        packed = max(part.compress_size, 1)
        if part.file_size > max(_SMALL_PART_BYTES, packed * ZIP_RATIO_MAX):
            raise over_limit(
                name,
                f"tỷ lệ nén {ZIP_RATIO_MAX} lần (nghi là “bom nén”)",
                f"a packing ratio of {ZIP_RATIO_MAX} (maybe a “zip bomb”)",
            )


def _check_spans(name: str, container: zipfile.ZipFile) -> None:
    """Raise where a sheet spans a rectangle too large to be held in memory.

    A stray cell at the far corner of a sheet costs the file a few bytes and its
    reader a rectangle of billions of cells.
    """
    parts = container.namelist()
    if sum("/worksheets/" in part for part in parts) > SHEETS_MAX:
        raise over_limit(name, f"{SHEETS_MAX} trang tính", f"{SHEETS_MAX} sheets")
    # Any part may be a sheet: which ones are is said by another part.
    for part in parts:
        height = width = 1
        for column, row in _CELL_REFERENCE.findall(container.read(part)):
            height = max(height, int(row))
            width = max(width, _column_number(column))
        if height > ROWS_MAX or width > COLUMNS_MAX or height * width > SHEET_CELLS_MAX:
            raise over_limit(
                name,
                f"kích thước trang tính ({height} dòng × {width} cột; có thể có ô lạc)",
                f"the size of a sheet ({height} rows × {width} columns; maybe a stray "
                "cell)",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _old_or_locked(file: InputFile) -> FederationError:
    if _ENCRYPTED_STREAM in file.content:
        return _locked(file.name)
    return unreadable(
        file.name,
        "bảng tính kiểu cũ (.xls). Hãy mở và lưu lại thành .xlsx",
        "a workbook of the old kind (.xls). Open it and save it as .xlsx",
    )


def _locked(name: str) -> FederationError:
    return unreadable(
        name,
        "bảng tính có mật khẩu. Hãy gỡ mật khẩu rồi gửi lại",
        "the workbook is locked by a password. Remove it and send again",
    )


def _damaged(name: str) -> FederationError:
    return unreadable(
        name,
        "bảng tính hỏng hoặc bị cắt cụt. Hãy tải lại tệp từ nơi phát hành",
        "the workbook is damaged or cut off. Fetch it again from its publisher",
    )
