"""Workbooks as grids, behind limits that hold before anything is unpacked.

Office Open XML (ECMA-376) is read directly: only texts and numbers are wanted, and a
workbook from outside must never be able to end the process or take its memory, which
readers that build the whole rectangle of a sheet can't promise.

A merged cell's text stands in every column it covers (not in every row: a heading
over two rows would be read twice), so headings can be stacked column by column. Such
copies are marked, and so are formulas: their value is what the program that wrote the
workbook last worked out, and may be old or absent.
"""

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from city_node.contract import InputFile
from city_node.sources.decoding import unreadable
from city_node.sources.limits import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    ELEMENTS_MAX,
    FILE_BYTES_MAX,
    ROW_ELEMENTS_MAX,
    ROWS_MAX,
    SHEETS_MAX,
    UNPACKED_BYTES_MAX,
    WORKBOOK_CELLS_MAX,
    ZIP_ENTRIES_MAX,
    ZIP_RATIO_MAX,
)
from city_node.sources.tables import Cell, Grid, GridRow, over_limit
from city_node.sources.vietnamese_fonts import in_unicode
from federation.errors import FederationError

_ZIP_START = b"PK\x03\x04"
_COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SMALL_PART_BYTES = 100_000
_WORKBOOK_PART = "xl/workbook.xml"
_RELATIONS_PART = "xl/_rels/workbook.xml.rels"
_STRINGS_PART = "xl/sharedStrings.xml"
_PROLOG_BYTES = 4_096
_HELD = frozenset({"row", "si"})
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


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
        with zipfile.ZipFile(io.BytesIO(file.content)) as container:
            parts = _Parts(container)
            strings = _shared_strings(file.name, parts)
            spent = _Spent(file=file.name)
            for sheet, part in _visible_sheets(file.name, parts):
                yield _SheetReader(sheet, strings, spent).read(parts, part)
    except (
        ElementTree.ParseError,
        expat.ExpatError,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        ValueError,
    ) as error:
        raise _damaged(file.name) from error
    except _TooManyElementsError as error:
        raise over_limit(
            file.name, f"{error} phần tử XML", f"{error} XML elements"
        ) from error


class _TooManyElementsError(Exception):
    """A workbook, or a row of it, has more elements than its tables need."""


class _Parts:
    """The parts of a workbook, behind one limit for all of them."""

    def __init__(self, container: zipfile.ZipFile) -> None:
        self._container = container
        self._count = 0

    def has(self, part: str) -> bool:
        return part in self._container.namelist()

    def elements(self, part: str) -> Iterator[tuple[str, ElementTree.Element]]:
        """Yield the finished elements of a part by their name without namespace.

        An element goes when it was yielded, unless it is in a row or a text: whatever
        a part is filled with, it never stands in memory as a whole.
        """
        _check_prolog(self._container, part)
        opened: list[ElementTree.Element] = []
        held = 0
        with self._container.open(part) as stream:
            events = ElementTree.iterparse(stream, ("start", "end"))  # noqa: S314
            for event, element in events:
                if event == "start":
                    self._count += 1
                    opened.append(element)
                    held += held > 0 or _name(element) in _HELD
                    if self._count > ELEMENTS_MAX or held > ROW_ELEMENTS_MAX:
                        raise _TooManyElementsError(self._count)
                    continue
                opened.pop()
                yield _name(element), element
                if _name(element) in _HELD:
                    held = 0
                if not held:
                    element.clear()
                    if opened:
                        opened[-1].remove(element)


def _check_prolog(container: zipfile.ZipFile, part: str) -> None:
    """Raise ``ValueError`` for a document type: ECMA-376-2, 9.1 allows none.

    Entities declared in one could make gigabytes of text out of a small file.
    """
    parser = expat.ParserCreate()
    begun: list[str] = []

    def refuse(name: str, *_: object) -> None:
        raise ValueError(name)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: begun.append(name)
    with container.open(part) as stream:
        while not begun and (piece := stream.read(_PROLOG_BYTES)):
            parser.Parse(piece)


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _visible_sheets(file: str, parts: _Parts) -> list[tuple[str, str]]:
    targets = {
        element.attrib["Id"]: posixpath.normpath(
            posixpath.join("/xl", element.attrib["Target"])
        ).lstrip("/")
        for name, element in parts.elements(_RELATIONS_PART)
        if name == "Relationship" and element.attrib["Type"].endswith("/worksheet")
    }
    sheets = []
    for name, element in parts.elements(_WORKBOOK_PART):
        if name == "sheet" and element.get("state", "visible") == "visible":
            relation = next(
                value for key, value in element.attrib.items() if key.endswith("}id")
            )
            if relation in targets:
                sheets.append((element.attrib["name"], targets[relation]))
        if len(sheets) > SHEETS_MAX:
            raise _too_many_sheets(file)
    return sheets


def _shared_strings(name: str, parts: _Parts) -> list[str]:
    if not parts.has(_STRINGS_PART):
        return []
    strings = []
    for tag, element in parts.elements(_STRINGS_PART):
        if tag == "si":
            strings.append(_text(name, element))
    return strings


def _text(name: str, element: ElementTree.Element) -> str:
    """Return the text of a string and its runs; readings ("phonetic") are left out."""
    pieces = [
        piece.text or ""
        for run in element
        if _name(run) in ("t", "r")
        for piece in run.iter()
        if _name(piece) == "t"
    ]
    text = "".join(pieces)
    if len(text) > CELL_CHARACTERS_MAX:
        raise over_limit(
            name,
            f"{CELL_CHARACTERS_MAX} ký tự trong một ô",
            f"{CELL_CHARACTERS_MAX} characters in one cell",
        )
    return text


class _Spent:
    """How many cells the sheets of a workbook took until now."""

    def __init__(self, *, file: str) -> None:
        self.file = file
        self._cells = 0

    def take(self, cells: int) -> None:
        self._cells += cells
        if self._cells > WORKBOOK_CELLS_MAX:
            raise over_limit(
                self.file, f"{WORKBOOK_CELLS_MAX} ô", f"{WORKBOOK_CELLS_MAX} cells"
            )


class _SheetReader:
    """Reads one sheet: only rows and cells that are there, in their places."""

    def __init__(self, sheet: str, strings: list[str], spent: _Spent) -> None:
        self._file = spent.file
        self._sheet = sheet
        self._strings = strings
        self._spent = spent
        self._rows: dict[int, list[Cell]] = {}
        self._copies: set[tuple[int, int]] = set()
        self._formulas: dict[tuple[int, int], bool] = {}
        self._number = 0
        self._width = 0

    def read(self, parts: _Parts, part: str) -> Grid:
        for name, element in parts.elements(part):
            if name == "row":
                self._add_row(element)
            elif name == "mergeCell":
                self._spread(element.attrib["ref"])
        self._read_old_fonts()
        return Grid(
            file=self._file,
            sheet=self._sheet,
            rows=tuple(
                GridRow(number=number, cells=tuple(cells))
                for number, cells in sorted(self._rows.items())
            ),
            copies=frozenset(self._copies),
            formulas=self._formulas,
        )

    def _read_old_fonts(self) -> None:
        """Put what was typed with an old Vietnamese font into Unicode."""
        texts = {
            cell: ""
            for cells in self._rows.values()
            for cell in cells
            if isinstance(cell, str) and not cell.isascii()
        }
        meant = dict(zip(texts, in_unicode(list(texts)), strict=True))
        if all(text == read for text, read in meant.items()):
            return
        for cells in self._rows.values():
            cells[:] = [
                meant.get(cell, cell) if isinstance(cell, str) else cell
                for cell in cells
            ]

    def _add_row(self, element: ElementTree.Element) -> None:
        self._number = int(element.get("r", self._number + 1))
        cells: list[Cell] = []
        for child in element:
            if _name(child) != "c":
                continue
            column = len(cells)
            if "r" in child.attrib:
                column, _ = _position(child.attrib["r"])
            self._check_span(self._number, column + 1)
            cells += [""] * (column + 1 - len(cells))
            cells[column] = self._value(child)
            parts = {_name(part): part.text for part in child}
            if "f" in parts:
                # Programs that work nothing out write an empty result.
                said = parts.get("v") or ("v" in parts and child.get("t") == "str")
                self._formulas[(self._number, column)] = bool(said)
        self._spent.take(len(cells))
        self._width = max(self._width, len(cells))
        if cells:
            self._rows[self._number] = cells

    def _check_span(self, row: int, column: int) -> None:
        if not 0 < row <= ROWS_MAX or column > COLUMNS_MAX:
            raise over_limit(
                self._file,
                f"{ROWS_MAX} dòng × {COLUMNS_MAX} cột (có ô lạc ở dòng {row}, cột "
                f"{column})",
                f"{ROWS_MAX} rows × {COLUMNS_MAX} columns (a stray cell at row {row}, "
                f"column {column})",
            )

    def _value(self, cell: ElementTree.Element) -> Cell:
        kind, text = cell.get("t", "n"), ""
        for child in cell:
            if _name(child) == "is":
                return _text(self._file, child)
            if _name(child) == "v":
                text = child.text or ""
        if kind == "s" and text:
            index = int(text)
            if index < 0:
                raise IndexError(text)
            return self._strings[index]
        if kind == "b":  # no number, though stored as one
            return "TRUE" if text == "1" else "FALSE"
        if kind != "n" or not text:
            return text
        number = float(text)
        return number if math.isfinite(number) else text

    def _spread(self, reference: str) -> None:
        """Repeat a merged cell's text in the other columns of its row.

        Columns that no row has a cell in stay empty: titles are merged far beyond.
        """
        first, _, last = reference.partition(":")
        left, top = _position(first)
        right, bottom = _position(last or first)
        right = min(right, self._width - 1)
        cells = self._rows.get(top)
        if cells is None or bottom != top or left >= len(cells):
            return
        # Also where no cell is new: covering one row again and again takes time.
        self._spent.take(max(right - left, 0))
        cells += [""] * (right + 1 - len(cells))
        for column in range(left + 1, right + 1):
            if cells[column] == "" and cells[left] != "":
                cells[column] = cells[left]
                self._copies.add((top, column))


def _position(reference: str) -> tuple[int, int]:
    """Return column (from 0) and row (from 1) of a reference like ``C36``."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(found[2])


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
            parts = container.namelist()
            if _WORKBOOK_PART not in parts or _RELATIONS_PART not in parts:
                raise unreadable(
                    file.name,
                    "tệp nén nhưng không phải bảng tính Excel. Hãy gửi tệp .xlsx",
                    "an archive, but not an Excel workbook. Send the .xlsx file",
                )
            if sum("/worksheets/" in part for part in parts) > SHEETS_MAX:
                raise _too_many_sheets(file.name)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(file.name) from error
    except RuntimeError as error:  # how zipfile says that a part is encrypted
        raise _locked(file.name) from error


def _too_many_sheets(name: str) -> FederationError:
    return over_limit(name, f"{SHEETS_MAX} trang tính", f"{SHEETS_MAX} sheets")


def _check_sizes(name: str, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > ZIP_ENTRIES_MAX:
        raise over_limit(name, f"{ZIP_ENTRIES_MAX} phần", f"{ZIP_ENTRIES_MAX} parts")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        size = f"{UNPACKED_BYTES_MAX // 2**20} MiB"
        raise over_limit(name, f"{size} sau khi giải nén", f"{size} unpacked")
    for part in parts:
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(name)  # no spreadsheet program packs otherwise
        packed = max(part.compress_size, 1)
        if part.file_size > max(_SMALL_PART_BYTES, packed * ZIP_RATIO_MAX):
            raise over_limit(
                name,
                f"tỷ lệ nén {ZIP_RATIO_MAX} lần (nghi là “bom nén”)",
                f"a packing ratio of {ZIP_RATIO_MAX} (maybe a “zip bomb”)",
            )


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
