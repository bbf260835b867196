"""Writes a template: as a workbook to type in, or as delimited text.

Both hold the same grid. In the workbook only the cells to type in are open, numbers
are checked while they are typed, and the column of keys is hidden. The lock has no
password: it keeps from slips, the reader trusts none of it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from city_node.templates.form import Shown, Template, TemplateRow
from city_node.templates.headings import (
    DENOMINATOR,
    HEADINGS,
    NOTE,
    NUMERATOR,
    VALUE,
    Heading,
)
from federation.model.indicator import Indicator, Measure
from federation.model.period import Period

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

CSV_DELIMITER = ";"
"""What spreadsheet programs set to Vietnamese expect, for the comma begins decimals."""

_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INSTRUCTIONS = (
    "Chỉ nhập vào các ô màu vàng. Để trống: chưa báo cáo. “0”: có theo dõi, bằng "
    "không. “-” hoặc “không phát sinh”: kỳ này không phát sinh. “xóa”: rút lại số đã "
    "gửi bằng mẫu. Số thập phân ghi dấu phẩy (12,5), không ghi dấu hàng nghìn.",
    "Type into the yellow cells only. Blank: not reported. “0”: watched, and zero. “-” "
    "or “no activity”: nothing occurred in this period. “delete”: takes back what was "
    "sent by template. Decimals after a comma (12,5), no separator of thousands.",
)
_MEANING_LENGTH_MAX = 255
_OPEN_FILL = PatternFill("solid", start_color="FFF8DC")
_CLOSED_FILL = PatternFill("solid", start_color="EFEFEF")
_HEADING_FILL = PatternFill("solid", start_color="1F4E79")
_THIN = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def as_csv(template: Template) -> bytes:
    """Return a template as delimited text, marked as UTF-8 for spreadsheets."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=CSV_DELIMITER, lineterminator="\r\n")
    # Equally many cells in each line, so that no program takes the lines apart.
    for cells in _grid(template):
        lines.writerow([*cells, *[""] * (len(HEADINGS) - len(cells))])
    return (_BYTE_ORDER_MARK + out.getvalue()).encode()


def as_workbook(template: Template) -> bytes:
    """Return a template as a workbook."""
    book = Workbook()
    sheet = book.active
    sheet.title = template.mark.period.text
    for cells in _grid(template):
        sheet.append(cells)
    first = sheet.max_row - len(template.rows) + 1
    _dress_title(sheet, first - 1)
    _dress_headings(sheet, first - 1)
    for number, row in enumerate(template.rows, start=first):
        _dress_row(sheet, number, row)
    for check in _checks(template.rows, first):
        sheet.add_data_validation(check)
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = sheet.cell(row=first, column=3)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.sort = False
    sheet.protection.autoFilter = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{first - 1}:{first - 1}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _grid(template: Template) -> Iterator[Sequence[str]]:
    """Yield the lines of a template: title, what it is for, headings, figures."""
    mark = template.mark
    days = _days((mark.period.first_day, mark.period.end_day))
    yield (
        mark.text,
        f"MẪU NHẬP SỐ LIỆU: {template.subsystem.vi} / "
        f"TEMPLATE: {template.subsystem.en}",
    )
    yield (
        "",
        f"Cơ quan / Agency: {template.agency.vi} / {template.agency.en} "
        f"({mark.agency})",
    )
    yield "", f"Kỳ / Period: {mark.period.text} ({days})"
    for instruction in _INSTRUCTIONS:
        yield "", instruction
    yield [heading.shown for heading in HEADINGS]
    for row in template.rows:
        yield _cells(row, mark.period)


def _cells(row: TemplateRow, period: Period) -> list[str]:
    indicator, place, part = row.indicator, row.locality, row.breakdown_name
    return [
        row.key.text,
        _plain(_named(row, period)),
        _plain(_both(indicator.unit_text.vi, indicator.unit_text.en)),
        _plain(f"{_both(place.name_vi, place.name_en)} ({place.code})"),
        "" if part is None else _plain(_both(part.vi, part.en)),
        _shown(row.previous),
        _shown(row.standing),
        "",
        "",
        "",
        "",
    ]


def _both(vi: str, en: str) -> str:
    return vi if vi == en else f"{vi} / {en}"


def _shown(shown: Shown | None) -> str:
    if shown is None:
        return ""
    return f"{shown.value} ({shown.period})" if shown.period else shown.value


def _named(row: TemplateRow, period: Period) -> str:
    """Return an indicator's name, with its days where they are not the civil ones."""
    name = f"{row.indicator.name.vi} / {row.indicator.name.en}"
    if row.days == (period.first_day, period.end_day):
        return name
    return f"{name} ({_days(row.days)})"


def _days(days: tuple[date, date]) -> str:
    last = date.fromordinal(days[1].toordinal() - 1)
    return f"{days[0]:%d/%m/%Y}–{last:%d/%m/%Y}"


def _plain(text: str) -> str:
    """Return a name that no spreadsheet takes for a formula, nor fails to hold."""
    shown = "".join(char if char.isprintable() else " " for char in text).strip()
    return f"'{shown}" if shown.startswith(_FORMULA_BEGINS) else shown


def _dress_title(sheet: Worksheet, heading_row: int) -> None:
    last = get_column_letter(len(HEADINGS))
    for row in range(1, heading_row):
        sheet.merge_cells(f"B{row}:{last}{row}")
        cell = sheet.cell(row=row, column=2)
        cell.alignment = _WRAPPED
        cell.font = Font(bold=row == 1, size=14 if row == 1 else 11)
        if row > heading_row - 1 - len(_INSTRUCTIONS):
            sheet.row_dimensions[row].height = 34


def _dress_headings(sheet: Worksheet, row: int) -> None:
    for position, heading in enumerate(HEADINGS, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = heading.width
        cell = sheet.cell(row=row, column=position)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _HEADING_FILL
        cell.alignment = _WRAPPED
        cell.border = _BORDER


def _dress_row(sheet: Worksheet, number: int, row: TemplateRow) -> None:
    opened = _open_columns(row.indicator)
    for position, heading in enumerate(HEADINGS, start=1):
        cell = sheet.cell(row=number, column=position)
        cell.border = _BORDER
        cell.alignment = _WRAPPED
        if heading in opened:
            cell.fill = _OPEN_FILL
            cell.protection = Protection(locked=False)
        elif heading.typed:
            cell.fill = _CLOSED_FILL
        if heading in opened and heading is not NOTE:
            cell.number_format = _number_format(row.indicator)
            cell.alignment = Alignment(horizontal="right", vertical="top")


def _open_columns(indicator: Indicator) -> tuple[Heading, ...]:
    if indicator.measure is Measure.RATIO:
        return NUMERATOR, DENOMINATOR, NOTE
    return VALUE, NOTE


def _number_format(indicator: Indicator) -> str:
    return "#,##0" + ("." + "#" * indicator.scale if indicator.scale else "")


def _checks(rows: Sequence[TemplateRow], first: int) -> Iterator[DataValidation]:
    """Yield what checks the cells to type in, one for each run of equal ones.

    A formula names the first cell of its run; a spreadsheet moves it along.
    """
    for position, heading in enumerate(HEADINGS, start=1):
        if not heading.typed or heading is NOTE:
            continue
        letter = get_column_letter(position)
        numbered = enumerate(rows, start=first)
        for bounds, run in groupby(numbered, key=partial(_bounds_at, heading)):
            numbers = [number for number, _ in run]
            if bounds is not None:
                check = _check(f"{letter}{numbers[0]}", *bounds)
                check.add(f"{letter}{numbers[0]}:{letter}{numbers[-1]}")
                yield check


def _bounds_at(
    heading: Heading, numbered: tuple[int, TemplateRow]
) -> tuple[str, str] | None:
    indicator = numbered[1].indicator
    return _bounds(indicator) if heading in _open_columns(indicator) else None


def _bounds(indicator: Indicator) -> tuple[str, str]:
    least = "" if indicator.may_be_negative else "0"
    maximum = indicator.maximum
    if maximum is None or indicator.measure is Measure.RATIO:
        return least, ""
    return least, str(maximum / 10**indicator.scale)


def _check(coordinate: str, least: str, greatest: str) -> DataValidation:
    number = [f"ISNUMBER({coordinate})"]
    number += [f"{coordinate}>={least}"] if least else []
    number += [f"{coordinate}<={greatest}"] if greatest else []
    words = (f'{coordinate}="{word}"' for word in ("-", "không phát sinh", "xóa"))
    english = (f'{coordinate}="{word}"' for word in ("no activity", "delete"))
    range_vi = f" Từ {least or '…'} đến {greatest or '…'}." if least or greatest else ""
    return DataValidation(
        type="custom",
        formula1=f"OR(AND({','.join(number)}),{','.join((*words, *english))})",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Số liệu / Figure",
        error=(
            f"Nhập số, “-” (không phát sinh) hoặc để trống.{range_vi} / A number, “-” "
            "(nothing occurred), or blank."
        )[:_MEANING_LENGTH_MAX],
    )
