from datetime import date
from decimal import Decimal

import pytest

from city_node.contract import Accepted, NotUsed, Rejected, Skipped
from city_node.subsystems.socio_economic import SUBSYSTEM
from federation.errors import ErrorCode, FederationError
from federation.model.status import Status
from tests.subsystems.localities import HOSTED, VINH, file_of
from tests.subsystems.summaries import Rows, read, records
from tests.subsystems.workbooks import (
    foreign_investment,
    mid_year_investment,
    workbook,
)

REALISED = "socio_economic.investment_realised"
FDI_ADJUSTED = "socio_economic.fdi_adjusted"
(TABLES,) = (reader for reader in SUBSYSTEM.readers if reader.id == "monthly_tables")


def rows_of(**sheets):
    return Rows(SUBSYSTEM, records(read(SUBSYSTEM, workbook(**sheets), HOSTED)))


def test_columns_are_found_by_their_headings_wherever_they_stand():
    given = rows_of(bieu=mid_year_investment())
    assert given.value(REALISED, "40", "2025-06") == Decimal("692.5")
    assert given.row(REALISED, "40", "2025-06").status is Status.ESTIMATED
    assert given.value(REALISED, "40", "2025-05") == Decimal("640.125")
    assert given.row(REALISED, "40", "2025-05").status is Status.NORMAL
    plan = given.row("socio_economic.investment_against_plan", "40", "2025-06")
    assert (plan.state.value, plan.state.second) == (3_100_500_000, 10_003_954_000)
    published = "socio_economic.investment_against_plan_published"
    assert given.value(published, "40", "2025-06") == Decimal("30.993")
    trend = "socio_economic.investment_year_on_year"
    assert given.value(trend, "40", "2025-06") == Decimal("97.250")


def test_sheet_names_and_file_names_mean_nothing():
    one = rows_of(**{"24. VĐT quý 2023": mid_year_investment()})
    assert one.value(REALISED, "40", "2025-06") == Decimal("692.5")


@pytest.mark.parametrize(
    "name", ["Nghe An", "TỈNH NGHỆ AN", " nghệ  an ", "Nghê\u0323 An"]
)
def test_a_province_is_found_by_its_name_in_any_writing(name):
    given = rows_of(bieu=mid_year_investment(name=name))
    assert given.value(REALISED, "40", "2025-06") == Decimal("692.5")


def test_units_convert_exactly():
    given = rows_of(bieu=mid_year_investment(unit="Đơn vị tính: Triệu đồng"))
    assert given.value(REALISED, "40", "2025-06") == Decimal("0.692500")


def test_a_table_of_unknown_unit_is_refused_whole():
    (item,) = read(SUBSYSTEM, workbook(bieu=mid_year_investment(unit="Mẫu")), HOSTED)
    assert isinstance(item, Rejected)
    assert item.place.sheet == "bieu"


def test_totals_ministries_and_other_provinces_are_skipped_and_counted():
    items = read(SUBSYSTEM, workbook(bieu=mid_year_investment()), HOSTED)
    skipped = [item.reason for item in items if isinstance(item, Skipped)]
    assert skipped == ["control-total"] * 3 + ["other-locality"]
    assert sum(isinstance(item, Accepted) for item in items) == 1


def test_a_node_of_another_area_takes_nothing():
    file = workbook(bieu=mid_year_investment(), fdi=foreign_investment())
    assert records(read(SUBSYSTEM, file, VINH)) == []


def test_a_province_that_the_table_does_not_list_is_missing():
    file = workbook(
        bieu=mid_year_investment(name="Huế"), fdi=foreign_investment(province="Huế")
    )
    given = Rows(SUBSYSTEM, records(read(SUBSYSTEM, file, HOSTED)))
    for indicator in (REALISED, "socio_economic.fdi_new", FDI_ADJUSTED):
        assert given.row(indicator, "40", "2025-06").status is Status.MISSING


def test_a_wrong_cell_sets_its_row_aside_and_nothing_is_called_missing():
    file = workbook(bieu=mid_year_investment(estimate="sáu trăm"))
    items = read(SUBSYSTEM, file, HOSTED)
    assert records(items) == []
    (rejected,) = (item for item in items if isinstance(item, Rejected))
    assert rejected.place.row == 16
    assert "sáu trăm" in rejected.text_vi


def test_adjusted_foreign_capital_may_fall():
    given = rows_of(fdi=foreign_investment())
    assert given.value("socio_economic.fdi_new", "40", "2025-06") == Decimal("100.25")
    assert given.value(FDI_ADJUSTED, "40", "2025-06") == Decimal("-12.5")


def test_a_dash_is_no_activity_and_dots_are_missing():
    given = rows_of(fdi=foreign_investment(adjusted="-"))
    row = given.row(FDI_ADJUSTED, "40", "2025-06")
    assert (row.state.value, row.status) == (0, Status.NO_ACTIVITY)
    given = rows_of(fdi=foreign_investment(adjusted=".."))
    assert given.row(FDI_ADJUSTED, "40", "2025-06").status is Status.MISSING


def test_a_title_without_its_days_sets_the_table_aside():
    title = "12. Đầu tư nước ngoài vào Việt Nam"
    (item,) = read(SUBSYSTEM, workbook(fdi=foreign_investment(title=title)), HOSTED)
    assert isinstance(item, Rejected)


def test_a_quarterly_table_of_the_same_title_is_not_taken_for_a_monthly_one():
    rows = mid_year_investment()
    rows[5] = ["", "", "năm", "quý I", "quý II", "6 tháng", "so với", "so với"]
    told, unused = read(SUBSYSTEM, workbook(bieu=rows), HOSTED)
    assert isinstance(told, Skipped)
    assert told.reason == "other-table"
    assert isinstance(unused, NotUsed)
    assert (unused.place.row, unused.count) == (16, 6)


def test_another_workbook_is_not_recognised_and_says_what_was_expected():
    file = workbook(bieu=[["Danh sách cán bộ"], ["", "Họ và tên", "Tuổi"], ["A", 40]])
    assert not TABLES.recognises(file)
    with pytest.raises(FederationError) as caught:
        list(TABLES.read(file, HOSTED))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "Vốn đầu tư thực hiện" in caught.value.text_vi


def test_a_workbook_that_cannot_be_opened_is_claimed_and_says_why():
    whole = workbook(bieu=mid_year_investment())
    cut = type(whole)(name=whole.name, content=whole.content[:900])
    assert TABLES.recognises(cut)
    with pytest.raises(FederationError, match="damaged or cut off"):
        list(TABLES.read(cut, HOSTED))


def test_a_table_of_text_is_not_taken_for_a_workbook():
    assert not TABLES.recognises(file_of("a,b\n1,2\n"))


def test_a_month_to_come_is_read_and_left_to_the_node_to_refuse():
    rows = [
        [2099 if cell == 2025 else cell for cell in row]
        for row in mid_year_investment()
    ]
    (record,) = records(read(SUBSYSTEM, workbook(bieu=rows), HOSTED))
    (measured,) = (one for one in SUBSYSTEM.indicators if one.indicator.id == REALISED)
    days = [made.period.first_day for made in measured.contribute(record)]
    assert max(days) == date(2099, 6, 1)
