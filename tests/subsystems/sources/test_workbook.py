import io
import re
import struct
import tracemalloc
import zipfile

import openpyxl
import pytest

from city_node.contract import InputFile
from city_node.sources import workbook as reading
from city_node.sources.workbook import read_workbook
from federation.errors import ErrorCode, FederationError
from tests.subsystems.workbooks import workbook_bytes

WHOLE = workbook_bytes({"Biểu 1": [["Tiêu đề"], ["", "Nghệ An", 1213.849]]})


def refusal(content: bytes) -> str:
    with pytest.raises(FederationError) as caught:
        list(read_workbook(InputFile(name="bieu.xlsx", content=content)))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert caught.value.text_vi.startswith("bieu.xlsx: ")
    return caught.value.text_en


def rewritten(part: str, change) -> bytes:
    """Return the workbook with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name,
                change(content) if name == part else content,
                zipfile.ZIP_DEFLATED,
            )
    return buffer.getvalue()


def test_cells_keep_their_row_numbers_and_digits():
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=WHOLE))
    assert (grid.sheet, grid.rows[1].number) == ("Biểu 1", 2)
    assert grid.rows[1].cells == ("", "Nghệ An", 1213.849)


def test_hidden_sheets_are_not_read():
    workbook = openpyxl.load_workbook(io.BytesIO(WHOLE))
    workbook.create_sheet("6NN").sheet_state = "hidden"
    buffer = io.BytesIO()
    workbook.save(buffer)
    grids = read_workbook(InputFile(name="bieu.xlsx", content=buffer.getvalue()))
    assert [grid.sheet for grid in grids] == ["Biểu 1"]


def test_a_heading_merged_over_columns_stands_in_each_of_them():
    workbook = openpyxl.Workbook()
    workbook.active.append(["", "So với cùng kỳ (%)", None, None])
    workbook.active.append(["", "Quý I", "Quý II", "Quý III"])
    workbook.active.merge_cells("B1:D1")
    buffer = io.BytesIO()
    workbook.save(buffer)
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=buffer.getvalue()))
    assert grid.rows[0].cells == ("", *["So với cùng kỳ (%)"] * 3)


@pytest.mark.parametrize("kept", [40, len(WHOLE) // 2, len(WHOLE) - 30])
def test_a_workbook_cut_off_is_refused(kept):
    assert "damaged or cut off" in refusal(WHOLE[:kept])


def test_a_workbook_with_one_wrong_byte_is_refused():
    position = WHOLE.index(b"xl/worksheets/sheet1.xml") + 60
    changed = WHOLE[:position] + bytes([WHOLE[position] ^ 0xFF]) + WHOLE[position + 1 :]
    assert "damaged or cut off" in refusal(changed)


def test_a_workbook_with_malformed_sheets_is_refused():
    content = rewritten("xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2])
    assert "damaged or cut off" in refusal(content)


def test_a_workbook_locked_by_a_password_says_so():
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    content = start + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    assert "password" in refusal(content)
    assert ".xls" in refusal(start + bytes(600))


def test_another_archive_is_no_workbook():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "xin chào")
    assert "not an Excel workbook" in refusal(buffer.getvalue())
    assert "not an Excel workbook" in refusal(b"%PDF-1.7")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    content = rewritten("xl/styles.xml", lambda part: part + b" " * 50_000_000)
    assert len(content) < 100_000
    assert "packing ratio" in refusal(content)


def test_a_part_that_lies_about_its_size_is_refused():
    content = rewritten("xl/styles.xml", lambda part: part + b" " * 90_000)
    size = struct.pack(
        "<L", zipfile.ZipFile(io.BytesIO(content)).getinfo("xl/styles.xml").file_size
    )
    assert "damaged or cut off" in refusal(content.replace(size, struct.pack("<L", 9)))


def test_one_stray_cell_far_off_is_refused_not_held_in_memory():
    def stray(part: bytes) -> bytes:
        row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return part.replace(b"</sheetData>", row)

    content = rewritten("xl/worksheets/sheet1.xml", stray)
    assert "a stray cell at row 1048576" in refusal(content)


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [
        ("FILE_BYTES_MAX", 100, "MiB"),
        ("ZIP_ENTRIES_MAX", 3, "3 parts"),
        ("UNPACKED_BYTES_MAX", 100, "unpacked"),
        ("SHEETS_MAX", 0, "0 sheets"),
        ("CELL_CHARACTERS_MAX", 3, "3 characters"),
    ],
)
def test_beyond_a_limit_a_workbook_is_refused(monkeypatch, limit, most, said):
    monkeypatch.setattr(reading, limit, most)
    assert said in refusal(WHOLE)


_SHEET = "xl/worksheets/sheet1.xml"


def test_a_document_type_is_refused_before_its_entities_grow():
    declared = b"<!DOCTYPE worksheet [<!ENTITY a 'aaaaaaaa'>]>"
    content = rewritten(
        _SHEET, lambda xml: xml.replace(b"<worksheet", declared + b"<worksheet", 1)
    )
    assert "damaged" in refusal(content)


def test_filling_between_the_rows_never_stands_in_memory(monkeypatch):
    monkeypatch.setattr(reading, "ZIP_RATIO_MAX", 10_000)
    filling = b"<a/>" * 200_000
    content = rewritten(
        _SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + filling, 1)
    )
    tracemalloc.start()
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grid.rows[-1].cells == ("", "Nghệ An", 1213.849)
    assert peak < 8 * 2**20


def of_rows(rows: bytes, *, after: bytes = b"") -> bytes:
    """Return the workbook with nothing but these rows in its sheet."""
    sheet = b"<worksheet><sheetData>" + rows + b"</sheetData>" + after + b"</worksheet>"
    return rewritten(_SHEET, lambda _: sheet)


def test_all_sheets_together_take_no_more_cells_than_a_workbook_may(monkeypatch):
    monkeypatch.setattr(reading, "WORKBOOK_CELLS_MAX", 15)
    assert len(list(read_workbook(InputFile(name="a.xlsx", content=WHOLE)))) == 1
    many = workbook_bytes({f"Biểu {n}": [["", "", "Nghệ An", 1.5]] for n in range(5)})
    assert "15 cells" in refusal(many)


def test_merged_cells_take_no_more_than_a_workbook_may(monkeypatch):
    monkeypatch.setattr(reading, "WORKBOOK_CELLS_MAX", 100)
    wide = b'<row r="1"><c r="A1"><v>1</v></c><c r="Z1"><v>1</v></c></row>'
    merges = b'<mergeCell ref="A1:Y1"/>' * 5
    assert "100 cells" in refusal(of_rows(wide, after=merges))


def test_a_title_merged_over_the_whole_sheet_hides_no_table():
    rows = (
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="2"><c r="C2"><v>2</v></c></row>'
    )
    content = of_rows(rows, after=b'<mergeCell ref="A1:XFD1"/>')
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=content))
    assert [row.cells for row in grid.rows] == [(1.0, 1.0, 1.0), ("", "", 2.0)]


def test_rows_without_cells_are_not_kept():
    rows = b"<row/>" * 5000 + b"<row><c><v>1</v></c></row>"
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=of_rows(rows)))
    assert [row.number for row in grid.rows] == [5001]


def test_one_sheet_named_again_and_again_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "SHEETS_MAX", 3)
    again = rewritten(
        "xl/workbook.xml",
        lambda xml: re.sub(rb"<sheet [^>]*/>", lambda one: one[0] * 4, xml),
    )
    assert "3 sheets" in refusal(again)


def test_an_empty_result_of_a_formula_is_none():
    rows = (
        b'<row r="1"><c r="A1"><f>1+1</f><v/></c><c r="B1"><f>2</f><v>2</v></c>'
        b'<c r="C1" t="str"><f>""</f><v></v></c></row>'
    )
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=of_rows(rows)))
    assert grid.formulas == {(1, 0): False, (1, 1): True, (1, 2): True}


def test_true_is_no_number():
    rows = b'<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>'
    (grid,) = read_workbook(InputFile(name="bieu.xlsx", content=of_rows(rows)))
    assert grid.rows[0].cells == ("TRUE", "FALSE")


def test_a_row_or_a_part_of_too_many_elements_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "ROW_ELEMENTS_MAX", 100)
    filling = b"<row>" + b"<a/>" * 200 + b"</row>"
    content = rewritten(
        _SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + filling, 1)
    )
    assert "elements" in refusal(content)
