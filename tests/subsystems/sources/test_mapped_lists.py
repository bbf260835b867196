"""Lists (a line for each place and period), and how a mapping is loaded."""

from pathlib import Path

import pytest

from city_node.contract import Skipped
from city_node.sources.mapped import (
    load_mappings,
    parse_mapping,
    record_kinds,
    with_mappings,
)
from city_node.sources.understanding import Understanding, explain
from city_node.subsystems.socio_economic import SUBSYSTEM as SOCIO_ECONOMIC
from federation.errors import ErrorCode, FederationError
from tests.subsystems.localities import HOSTED, VINH, file_of
from tests.subsystems.sources.mapped_tables import (
    BEDS,
    TURNOVER,
    WARDS,
    fields_of,
    items_of,
    reader_of,
    refusals,
)
from tests.subsystems.summaries import read, records
from tests.subsystems.workbooks import workbook


def test_a_list_names_its_places_by_the_code_of_the_day():
    text = "Ngày,Mã phường,Số lượt\n21/05/2026,16681,12\n2026-05-21,17443,3\n"
    items = items_of(file_of(text), WARDS, context=VINH)
    assert fields_of(items, "visits") == {"2026-05-21": "12"}
    (other,) = (each for each in items if isinstance(each, Skipped))
    assert other.reason == "other-locality"


def test_a_code_of_another_time_is_refused_with_its_row():
    items = items_of(file_of("date,ward_code,visits\n2024-05-21,16681,12\n"), WARDS)
    (refused,) = refusals(items)
    assert refused.place.row == 2


def test_a_list_in_a_workbook_reads_the_same():
    file = workbook(a=[["Bảng kê"], ["Ngày", "Mã xã", "Số lượt"], [46163, "17443", 3]])
    assert fields_of(items_of(file, WARDS), "visits") == {"2026-05-21": "3"}


def test_a_line_without_a_period_is_refused_and_its_neighbours_land():
    text = "date,ward_code,visits\nhôm qua,17443,1\n2026-05-21,17443,3\n"
    items = items_of(file_of(text), WARDS)
    assert len(refusals(items)) == 1
    assert fields_of(items, "visits") == {"2026-05-21": "3"}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("table = ", "tabel = "), "table"),
        (('level = "province"', ""), "place.level"),
        (('frequency = "year"', 'frequency = "annual"'), "period.frequency"),
        (('from = "each_heading"', 'from = "rows"'), "period.from"),
        (("negative = false", "negative = 0"), "column[1].negative"),
        (("negative = false", "nonnegative = true"), "column[1].nonnegative"),
        (('tolerance = "0"', "tolerance = 0.5"), "check[1].tolerance"),
        (('kind = "sum"', 'kind = "product"'), "check[1].kind"),
        (('field = "beds"\ndimension', 'field = "bed"\ndimension'), "check “bed”"),
        (("[title]", '[unit]\nof = "furlong"\n[title]'), "unit.of"),
        (
            ("[title]", '[unit]\nof = "bed"\ndefault = "giường"\n[title]'),
            "unit.basis_vi",
        ),
        (("[title]", "[title"), "TOML"),
    ],
)
def test_a_mapping_that_cannot_be_says_which_key_of_which_file(change, key):
    text = BEDS.replace(*change, 1)
    with pytest.raises(FederationError) as caught:
        parse_mapping("beds.toml", text)
    assert caught.value.code is ErrorCode.CONFIGURATION
    assert "beds.toml" in caught.value.text_vi
    assert key in caught.value.text_en


def test_every_mapping_that_ships_loads_and_says_its_record_fields():
    mappings = load_mappings("city_node.subsystems.socio_economic")
    kinds = record_kinds(mappings)
    assert kinds["investment_month"]["estimate"] == "decimal?"
    assert kinds["investment_month"]["month"] == "text"
    assert record_kinds([parse_mapping("b", BEDS)])["beds_of_year"] == {
        "locality": "code",
        "year": "text",
        "unit": "text",
        "status": "text?",
        "breakdown": "text?",
        "beds": "decimal?",
    }


def explained(file, *mappings) -> Understanding:
    return explain(reader_of(*mappings), file, HOSTED)


def test_an_explanation_names_table_unit_columns_and_rows_before_anything_lands():
    file = workbook(
        doanhthu=[
            ["Doanh thu du lịch"],
            ["", "", "", "Triệu đồng"],
            ["Tỉnh", "Năm 2010", "Sơ bộ 2012", "Số cơ sở"],
            ["CẢ NƯỚC", 9, 9, 9],
            ["Hà Nội", 3, 4, 5],
            ["Nghệ An", 3, 4, 5],
        ],
        khac=[["Danh sách"], ["a", "b"]],
    )
    understood = explained(file, TURNOVER)
    first, second = understood.sheets
    (table,) = first.tables
    assert (table.mapping, table.row, table.unit) == ("turnover", 1, "Triệu đồng")
    assert [(c.letter, c.field, c.period, c.status) for c in table.columns] == [
        ("B", "turnover", "2010", ""),
        ("C", "turnover", "2012", "provisional"),
        ("D", "", "", ""),
    ]
    assert table.columns[2].reason is not None
    assert table.rows == {"control": 1, "other": 1, "owned": 1}
    assert (first.records, first.not_used, first.refused) == (2, 1, 0)
    assert second.tables == ()
    assert second.note is not None


def test_an_explanation_says_why_a_unit_is_assumed_and_a_table_refused():
    text = "Doanh thu\n\nTỉnh;2010;2012\nNghệ An;3;4\n"
    (sheet,) = explained(file_of(text), TURNOVER).sheets
    assert sheet.tables[0].unit_basis is not None
    twice = file_of(text.replace("2012", "2010"))
    (sheet,) = explained(twice, TURNOVER).sheets
    assert sheet.tables[0].refusal is not None
    assert [remark.refused for remark in sheet.remarks] == [True]


PROVINCIAL = """
table = "poverty_of_the_province"
reader = "poverty_of_the_province"
source = "statistics_annual_poverty"
record = "poverty_year"
[title]
has = ["kết quả rà soát hộ nghèo"]
[place]
level = "province"
[period]
frequency = "year"
from = "each_heading"
field = "year"
[unit]
of = "percent"
default = "%"
basis_vi = "Báo cáo ghi tỷ lệ phần trăm."
basis_en = "The report gives per cent."
[[column]]
field = "rate"
has = ["tỷ lệ"]
"""


def operated(tmp_path, text):
    folder = tmp_path / SOCIO_ECONOMIC.id
    folder.mkdir()
    (folder / "poverty.toml").write_text(text, encoding="utf-8")
    return with_mappings(SOCIO_ECONOMIC, tmp_path)


def test_a_folder_of_mappings_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FederationError, match="mapings") as refused:
        with_mappings(SOCIO_ECONOMIC, tmp_path / "mapings")
    assert refused.value.code is ErrorCode.CONFIGURATION


def test_an_operator_adds_a_table_without_code(tmp_path):
    file = file_of(
        "Kết quả rà soát hộ nghèo\n\nĐơn vị;Số hộ 2031;Tỷ lệ 2031\nNghệ An;9000;3,2\n"
    )
    assert not any(reader.recognises(file) for reader in SOCIO_ECONOMIC.readers)
    given = records(read(operated(tmp_path, PROVINCIAL), file, HOSTED))
    assert [(one.kind, one.fields["rate"]) for one in given] == [
        ("poverty_year", "3.2")
    ]


def test_an_operators_table_takes_the_place_of_one_that_ships(tmp_path):
    text = PROVINCIAL.replace("poverty_of_the_province", "poverty_year", 1)
    text = text.replace("poverty_of_the_province", "poverty_rate")
    changed = operated(tmp_path, text)
    assert [reader.id for reader in changed.readers] == [
        reader.id for reader in SOCIO_ECONOMIC.readers
    ]
    shipped = file_of("Poverty rate\n\nProvince;2015\nNghe An;12.3\n")
    assert not any(reader.recognises(shipped) for reader in changed.readers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('record = "poverty_year"', 'record = "poverty_month"'),
        ('field = "rate"', 'field = "quota"'),
        ('source = "statistics_annual_poverty"', 'source = "elsewhere"'),
    ],
)
def test_an_operator_measures_nothing_that_the_subsystem_does_not(tmp_path, old, new):
    with pytest.raises(FederationError) as caught:
        operated(tmp_path, PROVINCIAL.replace(old, new))
    assert caught.value.code is ErrorCode.CONFIGURATION
    assert "poverty.toml" in caught.value.text_en


def test_the_example_of_the_guide_reads_as_the_guide_says(tmp_path):
    guide = Path(__file__).parents[3] / "docs" / "guide" / "mappings.md"
    text = guide.read_text(encoding="utf-8")
    _, _, after = text.partition("```toml\n")
    table = "\n".join(
        line.strip() for line in text.splitlines() if line.startswith("    ")
    )
    _, _, table = table.partition("--explain\n")
    changed = operated(tmp_path, after.partition("```")[0])
    given = records(read(changed, file_of(table), HOSTED))
    assert [
        (one.fields["year"], one.fields["status"], one.fields["rate"]) for one in given
    ] == [("2024", "", "3.24"), ("2025", "provisional", "2.98")]
