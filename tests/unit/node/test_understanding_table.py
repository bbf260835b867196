"""How a file is understood is told in the reader's language, and as JSON."""

import json

import pytest

from city_node.sources.understanding import explain
from city_node.subsystems.socio_economic import SUBSYSTEM
from city_node.understanding_table import print_understanding, understanding_value
from tests.subsystems.localities import HOSTED
from tests.subsystems.workbooks import mid_year_investment, workbook

(READER,) = (reader for reader in SUBSYSTEM.readers if reader.id == "monthly_tables")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Hiểu là", "2025-06", "Tỷ đồng", "chưa ghi gì", "không dùng")),
        ("en", ("Taken for", "2025-06", "Tỷ đồng", "nothing was", "not used")),
    ],
)
def test_a_person_reads_tables_columns_and_what_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setenv("IOC_LANGUAGE", language)
    rows = [
        [*row, "Ghi chú" if number == 4 else ""]
        for number, row in enumerate(mid_year_investment())
    ]
    file = workbook(bieu=rows, khac=[["Danh sách"], ["Nghệ An", 1]])
    print_understanding(explain(READER, file, HOSTED))
    said = capsys.readouterr().out
    for word in words:
        assert word in said
    for field in ("estimate", "previous_realised", "plan", "year_on_year_index"):
        assert field in said


def test_a_program_reads_the_same() -> None:
    file = workbook(bieu=mid_year_investment(estimate="sáu trăm"))
    value = understanding_value(explain(READER, file, HOSTED))
    told = json.loads(json.dumps(value))
    (sheet,) = told["sheets"]
    assert sheet["refused"] == 1
    assert "sáu trăm" in sheet["remarks"][0]["text"]["vi"]
    assert [c["field"] for c in sheet["tables"][0]["columns"]] == [
        "plan",
        "previous_realised",
        "estimate",
        "year_to_date",
        "percent_of_plan",
        "year_on_year_index",
    ]
