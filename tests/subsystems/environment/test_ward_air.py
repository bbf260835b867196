import pytest

from city_node.contract import Accepted, NotUsed, Rejected, Skipped
from city_node.sources.understanding import explain
from city_node.subsystems.environment import SUBSYSTEM
from federation.errors import ErrorCode, FederationError
from federation.model.status import Status
from tests.subsystems.localities import COMMUNES, HOSTED, VINH, file_of, ward_id
from tests.subsystems.summaries import Rows, read, records

MODELLED = "environment.pm25_modelled"
HEADINGS = (
    "date,province,ward_code,source,daily_avg_aqi_vn,pm25_daily_avg,pm10_daily_avg,"
    "co_daily_avg,no2_daily_avg,so2_daily_avg,o3_daily_avg,pm25_daily_max,hourly_count"
)


def ward(code, pm25="17.4825", *, day="2026-05-21", source="openweather", samples=144):
    return f"{day},Nghệ An,{code},{source},88.75,{pm25},1,2,3,4,5,{pm25},{samples}"


def wards(*lines, encoding="utf-8"):
    return file_of("\n".join((HEADINGS, *lines, "")), encoding=encoding)


def rows_of(*lines):
    return Rows(SUBSYSTEM, records(read(SUBSYSTEM, wards(*lines), HOSTED)))


def test_a_modelled_value_is_an_estimate_rounded_half_even_once():
    row = rows_of(ward("16903")).row(MODELLED, ward_id("16903"), "2026-05-21")
    assert (row.state.value, row.status) == (17482, Status.ESTIMATED)


def test_owned_wards_that_a_covered_day_leaves_out_are_missing():
    given = rows_of(ward("16903"), ward("17443", day="2026-05-20"))
    for code in COMMUNES:
        row = given.row(MODELLED, ward_id(code), "2026-05-21")
        assert (row.status is Status.MISSING) is (code != "16903")
    row = given.row(MODELLED, ward_id("17443"), "2026-05-20")
    assert row.status is Status.ESTIMATED


def test_a_day_of_seven_hours_is_missing():
    given = rows_of(ward("16903", samples=7 * 6), ward("16858", samples=18 * 6))
    row = given.row(MODELLED, ward_id("16903"), "2026-05-21")
    assert row.status is Status.MISSING
    row = given.row(MODELLED, ward_id("16858"), "2026-05-21")
    assert row.status is Status.ESTIMATED


def test_miscoded_rows_are_set_aside_and_do_not_hide_the_model():
    items = read(
        SUBSYSTEM, wards(ward("16903", "20.9", source="aqiin"), ward("16903")), HOSTED
    )
    (skipped,) = (item for item in items if isinstance(item, Skipped))
    assert (skipped.reason, skipped.place.row) == ("suspect-code", 2)
    given = Rows(SUBSYSTEM, records(items))
    assert given.row(MODELLED, ward_id("16903"), "2026-05-21").state.value == 17482


def test_a_source_that_nobody_declared_is_refused_by_row():
    items = read(SUBSYSTEM, wards(ward("16903", source="iqair"), ward("16858")), HOSTED)
    (rejected,) = (item for item in items if isinstance(item, Rejected))
    assert "iqair" in rejected.text_vi


def test_an_unknown_code_and_a_code_of_before_the_reform_are_refused_by_row():
    items = read(SUBSYSTEM, wards(ward("99999"), ward("16663"), ward("16903")), HOSTED)
    unknown, old = (item for item in items if isinstance(item, Rejected))
    assert (unknown.place.row, old.place.row) == (2, 3)
    assert "99999" in unknown.text_vi
    assert "2025-06-30" in old.text_vi
    assert ward_id("16903") in {record.fields["locality"] for record in records(items)}


def test_a_code_is_resolved_for_its_day():
    (item,) = (
        item
        for item in read(SUBSYSTEM, wards(ward("16903", day="2025-06-30")), HOSTED)
        if isinstance(item, Rejected)
    )
    assert "16903" in item.text_en


def test_wards_of_another_node_are_skipped_and_their_own_are_not_invented():
    items = read(SUBSYSTEM, wards(ward("16903")), VINH)
    assert [item.reason for item in items if isinstance(item, Skipped)] == [
        "other-locality"
    ]
    assert {record.fields["pm25"] for record in records(items)} == {None}
    assert len(records(items)) == 6


def test_a_refused_line_is_not_a_ward_left_out_and_a_cut_file_leaves_out_none():
    items = read(SUBSYSTEM, wards(ward("16903", "cao"), ward("16858")), HOSTED)
    stated = {record.fields["locality"] for record in records(items)}
    assert ward_id("16903") not in stated
    assert ward_id("17443") in stated
    text = "\n".join((HEADINGS, ward("16858"), ward("16903")[:30]))
    items = read(SUBSYSTEM, file_of(text), HOSTED)
    assert [record.fields["locality"] for record in records(items)] == [
        ward_id("16858")
    ]


def test_a_day_to_come_is_read_and_left_to_the_node_to_refuse():
    items = read(SUBSYSTEM, wards(ward("16903", day="2099-01-01")), HOSTED)
    assert {record.fields["day"] for record in records(items)} == {"2099-01-01"}


def test_a_file_of_unreadable_encoding_is_claimed_and_says_why():
    (reader,) = (one for one in SUBSYSTEM.readers if one.id == "ward_air_model")
    content = wards(ward("16903")).content.replace("ệ".encode(), b"\xff\x81")
    broken = type(file_of(""))(name="w.csv", content=content)
    assert reader.recognises(broken)
    with pytest.raises(FederationError) as caught:
        list(reader.read(broken, HOSTED))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE


def test_a_ward_left_out_is_inferred_and_a_ward_named_is_told():
    items = read(SUBSYSTEM, wards(ward("16903")), HOSTED)
    told = {
        each.record.fields["locality"]: each.inferred
        for each in items
        if isinstance(each, Accepted)
    }
    assert told == {ward_id(code): code != "16903" for code in COMMUNES}


def test_averaged_indices_and_what_has_no_indicator_are_counted_by_column():
    told = {
        item.place.column: (item.reason, item.count)
        for item in read(SUBSYSTEM, wards(ward("16903"), ward("16858")), HOSTED)
        if isinstance(item, NotUsed)
    }
    assert told["daily_avg_aqi_vn"] == ("averaged-index", 2)
    assert told["pm25_daily_max"] == ("repeats-another", 2)
    assert told["o3_daily_avg"] == ("no-indicator", 2)
    assert "pm25_daily_avg" not in told
    assert "province" not in told


def test_an_explanation_says_what_each_column_is_taken_for_or_why_not():
    (reader,) = (one for one in SUBSYSTEM.readers if one.id == "ward_air_model")
    (sheet,) = explain(reader, wards(ward("16903")), HOSTED).sheets
    (table,) = sheet.tables
    columns = {column.heading: column for column in table.columns}
    assert columns["pm25_daily_avg"].field
    assert columns["pm25_daily_avg"].letter == "F"
    for heading in ("daily_avg_aqi_vn", "pm10_daily_avg", "pm25_daily_max"):
        assert columns[heading].field == ""
        assert columns[heading].reason.vi
    assert "1459" in columns["daily_avg_aqi_vn"].reason.en
    assert (sheet.records, sheet.missing) == (len(COMMUNES), len(COMMUNES) - 1)
