"""How a file was understood, as a person reads it at a terminal."""

import dataclasses
from typing import Any

from city_node.sources.understanding import (
    SheetUnderstood,
    TableUnderstood,
    Understanding,
)
from federation.commands import output
from federation.model.indicator import Text

_ROW_KINDS = {
    "owned": Text(vi="dòng của địa bàn này", en="rows of our places"),
    "other": Text(vi="dòng của nơi khác", en="rows of other places"),
    "control": Text(vi="dòng tổng hoặc không phải địa bàn", en="totals, no places"),
    "footnote": Text(vi="ghi chú", en="footnotes"),
    "line": Text(vi="dòng chữ", en="lines of text"),
    "refused": Text(vi="dòng không đọc được", en="rows that can't be read"),
}
_STATUSES = {
    "provisional": Text(vi="sơ bộ", en="provisional"),
    "estimated": Text(vi="ước tính", en="estimated"),
}


def print_understanding(understanding: Understanding) -> None:
    """Print sheets and tables, then each column of each table that is read."""
    title = understanding.title
    output.print_table(
        Text(
            vi=f"{understanding.file}: {title.vi} (chưa ghi gì)",
            en=f"{understanding.file}: {title.en} (nothing was written)",
        ),
        [
            Text(vi="Trang tính", en="Sheet"),
            Text(vi="Bảng", en="Table"),
            Text(vi="Kỳ", en="Period"),
            Text(vi="Đơn vị", en="Unit"),
            Text(vi="Hiểu là", en="Taken for"),
        ],
        [
            *(row for sheet in understanding.sheets for row in _sheet_rows(sheet)),
            *_other_sheets(understanding),
        ],
    )
    for sheet in understanding.sheets:
        for table in sheet.tables:
            if table.columns and table.refusal is None:
                _print_columns(sheet, table)
        _print_remarks(sheet)


def understanding_value(understanding: Understanding) -> dict[str, Any]:
    """Return an understanding as a value for JSON."""
    return dataclasses.asdict(understanding)


def _sheet_rows(sheet: SheetUnderstood) -> list[list[str]]:
    name = sheet.name or "–"
    if sheet.note is not None:
        return []
    if not sheet.tables:
        return [[name, "–", "–", "–", _gives(sheet)]]
    return [
        [
            name,
            f"{table.title or '–'} ({_row_word(table.row)})",
            table.period or "–",
            table.unit or "–",
            output.spoken(table.refusal) if table.refusal else _rows_of(table),
        ]
        for table in sheet.tables
    ]


def _other_sheets(understanding: Understanding) -> list[list[str]]:
    """Return one row for all sheets of which the same is to be said."""
    notes: dict[str, list[str]] = {}
    for sheet in understanding.sheets:
        if sheet.note is not None:
            notes.setdefault(output.spoken(sheet.note), []).append(sheet.name or "–")
    return [[", ".join(names), "–", "–", "–", note] for note, names in notes.items()]


def _row_word(row: int) -> str:
    return output.spoken(Text(vi=f"dòng {row}", en=f"row {row}"))


def _rows_of(table: TableUnderstood) -> str:
    said = [
        f"{count} {output.spoken(_ROW_KINDS[kind])}"
        for kind, count in table.rows.items()
        if kind in _ROW_KINDS
    ]
    return "; ".join(said) or "–"


def _gives(sheet: SheetUnderstood) -> str:
    skipped = sum(sheet.skipped.values())
    return output.spoken(
        Text(
            vi=f"{sheet.records} bản ghi, {skipped} dòng bỏ qua, {sheet.refused} dòng "
            "bị từ chối",
            en=f"{sheet.records} records, {skipped} rows skipped, {sheet.refused} "
            "refused",
        )
    )


def _print_columns(sheet: SheetUnderstood, table: TableUnderstood) -> None:
    where = f"{sheet.name} – " if sheet.name else ""
    output.print_table(
        Text(
            vi=f"{where}{table.mapping}: các cột",
            en=f"{where}{table.mapping}: columns",
        ),
        [
            Text(vi="Cột", en="Column"),
            Text(vi="Tiêu đề", en="Heading"),
            Text(vi="Hiểu là", en="Taken for"),
            Text(vi="Kỳ", en="Period"),
        ],
        [
            [
                column.letter,
                column.heading,
                _meaning(column.field, column.breakdown, column.status, column.reason),
                column.period or "–",
            ]
            for column in table.columns
        ],
    )
    if table.unit_basis is not None:
        basis = Text(
            vi=f"Bảng không ghi đơn vị; lấy {table.unit}: {table.unit_basis.vi}",
            en=f"The table states no unit; {table.unit} is taken: "
            f"{table.unit_basis.en}",
        )
        output.console().print(output.spoken(basis), markup=False)


def _meaning(field: str, breakdown: str, status: str, reason: Text | None) -> str:
    if not field:
        unused = Text(vi="không dùng", en="not used")
        why = f": {output.spoken(reason)}" if reason else ""
        return f"{output.spoken(unused)}{why}"
    said = [field, breakdown]
    if status in _STATUSES:
        said.append(output.spoken(_STATUSES[status]))
    return " · ".join(part for part in said if part)


def _print_remarks(sheet: SheetUnderstood) -> None:
    if not sheet.remarks:
        return
    where = sheet.name or "–"
    output.print_table(
        Text(vi=f"{where}: cần xem lại", en=f"{where}: to be looked at"),
        [
            Text(vi="Vị trí", en="Place"),
            Text(vi="Kết quả", en="Result"),
            Text(vi="Vì sao", en="Why"),
        ],
        [
            [
                remark.place,
                output.spoken(
                    Text(vi="từ chối", en="refused")
                    if remark.refused
                    else Text(vi="nạp, đánh dấu", en="lands, flagged")
                ),
                output.spoken(remark.text),
            ]
            for remark in sheet.remarks
        ],
    )
