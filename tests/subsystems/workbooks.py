"""Workbooks of the statistics office's form, written for the tests."""

import io
from collections.abc import Sequence

import openpyxl

from city_node.contract import InputFile

PROVINCES = "Phân theo một số tỉnh, thành phố"


def workbook_bytes(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def workbook(
    name: str = "bieu.xlsx", **sheets: Sequence[Sequence[object]]
) -> InputFile:
    return InputFile(name=name, content=workbook_bytes(sheets))


def mid_year_investment(
    *, name: str = "Nghệ An", estimate: object = 692.5, unit: str = "Tỷ đồng"
) -> list[list[object]]:
    """A June table: other columns, other order, one more heading row than December."""
    return [
        ["", "9. Vốn đầu tư thực hiện từ nguồn"],
        ["", "ngân sách Nhà nước"],
        [],
        ["", "", "", "", "", "", "", unit],
        ["", "", "Kế hoạch", "Thực hiện", "Ước tính", "Cộng dồn", "6 tháng", "6 tháng"],
        ["", "", "năm", "tháng 5", "tháng 6", "6 tháng", "so với", "so với"],
        ["", "", 2025, "năm", "năm", "năm", "kế hoạch", "cùng kỳ"],
        ["", "", "", 2025, 2025, 2025, "năm (%)", "năm trước (%)"],
        [],
        ["TỔNG SỐ", "", 900, 80, 90, 400, 44.4, 101.5],
        ["", "Trung ương", 100, 8, 9, 40, 40, 99],
        ["", "Trong đó:"],
        ["", "Bộ Y tế", 10, 1, 1, 4, 40, 88.5],
        ["", PROVINCES],
        ["", "Hà Nội", 104.5, 51, 62, 300.25, 49.5, 129.5],
        ["", name, 10003.954, 640.125, estimate, 3100.5, 30.993, 97.25],
    ]


def foreign_investment(
    *,
    title: str = "12. Đầu tư nước ngoài vào Việt Nam được cấp phép từ 01/01- 20/6/2025",
    province: str = "Nghệ An",
    adjusted: object = -12.5,
) -> list[list[object]]:
    return [
        [title],
        [],
        ["", "", "", "", "Triệu USD"],
        ["", "", "Số dự án", "Vốn đăng ký", "Vốn đăng ký"],
        ["", "", "(Dự án)", "cấp mới", "điều chỉnh"],
        [],
        ["TỔNG SỐ", "", 282, 1286.835, 2725.091],
        ["Phân theo một số địa phương"],
        ["", "Đồng Nai", 13, 270.161903, 628.5],
        ["", province, 4, 100.25, adjusted],
        ["Phân theo một số nước và vùng lãnh thổ"],
        ["", "Nghệ An", 99, 999, 999],
    ]
