"""Mappings of made-up tables, and files in the form of those of statistics offices."""

import io
import re
import zipfile
from collections.abc import Iterable

import openpyxl

from city_node.contract import (
    Accepted,
    InputFile,
    ReadContext,
    ReadItem,
    Rejected,
)
from city_node.sources.mapped import MappedReader, parse_mapping
from federation.model.indicator import Text
from tests.subsystems.localities import HOSTED

BEDS = """
table = "beds"
reader = "beds"
source = "yearbook"
record = "beds_of_year"
[title]
has_any = ["patient beds", "giường bệnh"]
[place]
level = "province"
[period]
frequency = "year"
from = "each_heading"
field = "year"
[[column]]
field = "beds"
is = ["Total", "Tổng số"]
negative = false
[[column]]
field = "beds"
hasnt = ["phục hồi"]
has_any = ["hospital", "bệnh viện"]
breakdown = { facility = "hospital" }
[[column]]
field = "beds"
has_any = ["polyclinic", "phòng khám"]
breakdown = { facility = "polyclinic" }
[[check]]
kind = "sum"
field = "beds"
dimension = "facility"
tolerance = "0"
"""
TURNOVER = """
table = "turnover"
reader = "turnover"
source = "yearbook"
record = "turnover_of_year"
[title]
has_any = ["turnover", "doanh thu"]
[place]
level = "province"
[period]
frequency = "year"
from = "each_heading"
[unit]
of = "vnd"
default = "tỷ đồng"
basis_vi = "Niên giám công bố bằng tỷ đồng."
basis_en = "The yearbook publishes it in billion dong."
[[column]]
field = "turnover"
is = ["", "turnover", "doanh thu"]
"""
GRADUATES = """
table = "graduates"
reader = "graduates"
source = "yearbook"
record = "graduates_of_year"
[title]
has_any = ["graduates", "tốt nghiệp"]
[place]
level = "province"
[period]
frequency = "school_year"
from = "each_heading"
field = "school_year"
[unit]
of = "percent"
default = "%"
basis_vi = "Tỷ lệ phần trăm."
basis_en = "Per cent."
[[column]]
field = "percent"
is = [""]
[[check]]
kind = "between"
field = "percent"
min = "0"
max = "100"
"""
WARDS = """
table = "visits"
reader = "visits"
source = "visits"
record = "visits_of_day"
layout = "list"
[place]
level = "commune"
by = "code"
headings = ["Mã phường", "Mã xã", "ward_code"]
[period]
frequency = "day"
from = "rows"
columns = { day = ["Ngày", "date"] }
[[column]]
field = "visits"
is = ["Số lượt", "visits"]
required = true
negative = false
"""


def reader_of(*mappings: str) -> MappedReader:
    return MappedReader(
        subsystem="sample",
        id="sample",
        title=Text(vi="bảng", en="table"),
        mappings=[parse_mapping("m.toml", text) for text in mappings],
    )


def items_of(
    file: InputFile, *mappings: str, context: ReadContext = HOSTED
) -> list[ReadItem]:
    return list(reader_of(*mappings).read(file, context))


def fields_of(items: Iterable[ReadItem], name: str) -> dict[str, str | None]:
    """Return a field of each record, by what its key says after place."""
    return {
        item.record.source_key.split(":", 2)[2]: item.record.fields.get(name)
        for item in items
        if isinstance(item, Accepted)
    }


def refusals(items: Iterable[ReadItem]) -> list[Rejected]:
    return [item for item in items if isinstance(item, Rejected)]


def flags(items: Iterable[ReadItem]) -> list[tuple[str, str]]:
    return [
        (item.record.source_key.split(":", 2)[2], flag.code)
        for item in items
        if isinstance(item, Accepted)
        for flag in item.flags
    ]


def with_formula(
    file: InputFile, cell: str, formula: str, *, stored: bool
) -> InputFile:
    """Make a formula of a number, with or without the result that a program stores."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(file.content)) as given,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            content = given.read(name)
            if "/worksheets/" in name:
                content = _formula(content.decode(), cell, formula, stored).encode()
            made.writestr(name, content)
    return InputFile(name=file.name, content=output.getvalue())


def merged(file: InputFile, *ranges: str) -> InputFile:
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    for each in ranges:
        book.worksheets[0].merge_cells(each)
    output = io.BytesIO()
    book.save(output)
    return InputFile(name=file.name, content=output.getvalue())


def _formula(xml: str, cell: str, formula: str, stored: bool) -> str:
    changed, count = re.subn(
        rf'(<c r="{cell}"[^>]*>)(<v[^>]*>[^<]*</v>)',
        rf"\g<1><f>{formula}</f>" + (r"\g<2>" if stored else ""),
        xml,
    )
    assert count == 1, cell
    return changed
