"""Tables of the yearbook's family: places in rows, years and parts in headings."""

from dataclasses import replace

import pytest

from city_node.contract import NotUsed, Skipped
from federation.model.locality import Locality
from tests.subsystems.localities import (
    DEPARTMENTS,
    HOSTED,
    PLACES,
    VINH,
    context,
    file_of,
)
from tests.subsystems.sources.mapped_tables import (
    BEDS,
    GRADUATES,
    TURNOVER,
    fields_of,
    flags,
    items_of,
    merged,
    reader_of,
    refusals,
    with_formula,
)
from tests.subsystems.workbooks import workbook

TITLE = '"Number of patient beds by province (*) by Cities, provincies and Year"'
HEAD = (
    '"Cities, provincies";"2015 Total";"2015 Hospital";"2015 Regional polyclinic";'
    '"Pre. 2016 Total"'
)


def beds(*rows, head=HEAD, title=TITLE, **form):
    text = "\r\n".join((title, "", head, *rows, ""))
    return file_of(text, **form)


def test_a_heading_says_year_part_and_how_sure_its_figures_are():
    file = beds(' "Nghe An";5970;5505;465;6035', encoding="utf-8-sig")
    items = items_of(file, BEDS)
    assert fields_of(items, "beds") == {
        "2015": "5970",
        "2015:facility=hospital": "5505",
        "2015:facility=polyclinic": "465",
        "2016:provisional": "6035",
    }
    assert fields_of(items, "status")["2016:provisional"] == "provisional"
    assert not refusals(items)


def test_another_year_another_order_and_another_encoding_load_alike():
    file = beds(
        "12;Hà Nội;1;2;3",
        "27;Nghệ An;7010;465;7475",
        title="Số giường bệnh phân theo tỉnh",
        head="STT;Tỉnh, thành phố;2031 Bệnh viện;2031 Phòng khám;2031 Tổng số",
        encoding="utf-16",
    )
    items = items_of(file, BEDS)
    assert fields_of(items, "beds") == {
        "2031": "7475",
        "2031:facility=hospital": "7010",
        "2031:facility=polyclinic": "465",
    }


def test_years_merged_over_their_parts_are_stacked():
    file = workbook(
        trang=[
            ["Số giường bệnh"],
            [],
            ["Tỉnh", 2015, "", 2016, ""],
            ["", "Tổng số", "Bệnh viện", "Tổng số", "Bệnh viện"],
            ["Nghệ An", 10, 8, 12, 9],
        ]
    )
    given = merged(file, "B3:C3", "D3:E3")
    assert fields_of(items_of(given, BEDS), "beds") == {
        "2015": "10",
        "2015:facility=hospital": "8",
        "2016": "12",
        "2016:facility=hospital": "9",
    }


def test_an_exported_merge_is_filled_to_the_right_where_the_mapping_says_so():
    text = "Giường bệnh\n\n;2015;;2016;\nTỉnh;Tổng số;Bệnh viện;Tổng số;Bệnh viện\n"
    file = file_of(f"{text}Nghệ An;10;8;12;9\n")
    mapping = f"{BEDS}[headings]\nfill_right = true\n"
    assert fields_of(items_of(file, mapping), "beds")["2016:facility=hospital"] == "9"


def test_dots_are_missing_and_a_dash_is_none():
    items = items_of(beds("Nghe An;..;-;465;6035"), BEDS)
    said = fields_of(items, "beds")
    assert (said["2015"], said["2015:facility=hospital"]) == (None, "-")


def test_the_country_its_regions_and_other_provinces_are_skipped_and_counted():
    file = beds(
        ' "WHOLE COUNTRY";1;1;1;1',
        "North Central and Central coastal area;1;1;1;1",
        "Ha Noi;1;1;1;1",
        "Pupils in universities;1;..;1;1",
        "Nghe An;3;2;1;3",
    )
    reasons = [
        each.reason for each in items_of(file, BEDS) if isinstance(each, Skipped)
    ]
    assert reasons == ["control-total"] * 2 + ["other-locality"] * 2


def test_a_node_of_a_city_takes_nothing_of_a_province():
    assert (
        fields_of(items_of(beds("Nghe An;3;2;1;3"), BEDS, context=VINH), "beds") == {}
    )


def test_a_total_that_differs_from_its_parts_lands_flagged():
    items = items_of(beds("Nghe An;5970;5505;400;6035"), BEDS)
    assert flags(items) == [("2015", "total-differs")]
    assert len(fields_of(items, "beds")) == 4


def test_parts_that_are_unknown_accuse_no_total():
    assert flags(items_of(beds("Nghe An;5970;5505;..;6035"), BEDS)) == []
    assert flags(items_of(beds("Nghe An;5000;5505;..;6035"), BEDS)) == [
        ("2015", "total-differs")
    ]


def test_a_wrong_cell_is_refused_with_its_column_and_its_neighbours_land():
    items = items_of(beds("Nghe An;năm nghìn;5505;465;6035"), BEDS)
    (refused,) = refusals(items)
    assert (refused.place.row, refused.place.column) == (4, "B")
    assert "năm nghìn" in refused.text_vi
    assert set(fields_of(items, "beds")) == {
        "2015:facility=hospital",
        "2015:facility=polyclinic",
        "2016:provisional",
    }


def test_what_cannot_be_below_zero_is_refused():
    (refused,) = refusals(items_of(beds("Nghe An;(5970);5505;465;6035"), BEDS))
    assert "-5970" in refused.text_en


def test_columns_without_a_meaning_are_told_with_their_cells():
    file = beds("Nghe An;3;2;1;3;77", head=f'{HEAD};"2015 Nurses"')
    (unused,) = (each for each in items_of(file, BEDS) if isinstance(each, NotUsed))
    assert (unused.place.row, unused.place.column) == (4, "F")
    assert "2015 Nurses" in unused.text_en


def test_two_columns_of_one_meaning_refuse_the_table():
    file = beds("Nghe An;3;2;1;3", head=HEAD.replace("Pre. 2016", "2015"))
    (refused,) = refusals(items_of(file, BEDS))
    assert refused.place.column == "B, E"


def test_footnotes_and_their_marks_are_no_figures():
    file = beds("Nghe An;3(*);2;1;3", "(*) Chỉ tính cơ sở thuộc Sở Y tế", "Nguồn: x")
    items = items_of(file, BEDS)
    assert fields_of(items, "beds")["2015"] == "3"
    assert not refusals(items)


def test_a_school_year_is_written_as_such_or_told_by_the_year_it_begins():
    text = (
        "Percentage of graduates\n\nProvince;2001-2002;2015-2016\nNghe An;95.96;97.8\n"
    )
    assert fields_of(items_of(file_of(text), GRADUATES), "percent") == {
        "2001-2002": "95.96",
        "2015-2016": "97.8",
    }
    one = file_of("Graduates\n\nProvince;2002;2003\nNghe An;95.96;97.8\n")
    assert set(fields_of(items_of(one, GRADUATES), "percent")) == {
        "2002-2003",
        "2003-2004",
    }


def test_a_percentage_over_a_hundred_is_refused_and_its_neighbour_lands():
    file = file_of("Graduates\n\nProvince;2001-2002;2002-2003\nNghe An;195.9;97.8\n")
    items = items_of(file, GRADUATES)
    (refused,) = refusals(items)
    assert "195.9" in refused.text_vi
    assert fields_of(items, "percent") == {"2002-2003": "97.8"}


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Doanh thu du lịch lữ hành", "tỷ đồng"),
        ("Doanh thu du lịch lữ hành (triệu đồng)", "triệu đồng"),
        ("Doanh thu du lịch. Đơn vị tính: Triệu đồng", "Triệu đồng"),
    ],
)
def test_the_unit_is_stated_or_the_default_of_the_mapping(title, unit):
    items = items_of(
        file_of(f"{title}\n\nTỉnh;2010;2012\nNghệ An;38,1;51,8\n"), TURNOVER
    )
    assert set(fields_of(items, "unit").values()) == {unit}
    assert fields_of(items, "turnover") == {"2010": "38.1", "2012": "51.8"}


def test_a_unit_in_a_corner_counts_and_an_unknown_one_is_refused():
    for corner, refused in (("Triệu đồng", 0), ("Nghìn tấn", 1)):
        rows = [
            ["Doanh thu"],
            ["", "", corner],
            ["Tỉnh", 2010, 2012],
            ["Nghệ An", 3, 4],
        ]
        items = items_of(workbook(trang=rows), TURNOVER)
        assert len(refusals(items)) == refused
        assert set(fields_of(items, "unit").values()) <= {corner}


def test_a_column_of_another_unit_of_the_family_is_converted_exactly():
    text = "Doanh thu\n\nTỉnh;2010 (tỷ đồng);2012 (triệu đồng)\nNghệ An;38.1;51800\n"
    items = items_of(file_of(text), TURNOVER)
    assert fields_of(items, "turnover") == {"2010": "38.1", "2012": "51.8"}


def test_the_result_of_a_formula_lands_flagged_and_one_without_is_refused():
    rows = [["Doanh thu"], [], ["Tỉnh", 2010, 2012], ["Nghệ An", 3, 4]]
    file = workbook(trang=rows)
    stored = items_of(with_formula(file, "B4", "1+2", stored=True), TURNOVER)
    assert flags(stored) == [("2010", "formula")]
    assert fields_of(stored, "turnover") == {"2010": "3", "2012": "4"}
    without = items_of(with_formula(file, "B4", "1+2", stored=False), TURNOVER)
    (refused,) = refusals(without)
    assert (refused.place.row, refused.place.column) == (4, "B")
    assert fields_of(without, "turnover") == {"2012": "4"}


def test_a_formula_that_went_wrong_is_refused_with_what_it_says():
    rows = [["Doanh thu"], [], ["Tỉnh", 2010, 2012], ["Nghệ An", "#REF!", 4]]
    (refused,) = refusals(items_of(workbook(trang=rows), TURNOVER))
    assert "#REF!" in refused.text_vi


def test_a_table_ends_where_the_next_one_begins():
    rows = [
        ["1. Doanh thu"],
        [],
        ["Tỉnh", 2010, 2012],
        ["Nghệ An", 3, 4],
        ["2. Số khách"],
        ["Tỉnh", "Năm 2010", "Năm 2012"],
        ["Nghệ An", 300, 400],
    ]
    items = items_of(workbook(trang=rows), TURNOVER)
    assert fields_of(items, "turnover") == {"2010": "3", "2012": "4"}


def test_a_table_that_goes_on_has_its_own_headings():
    rows = [
        ["1. Doanh thu"],
        ["Tỉnh", 2010, 2012],
        ["Hà Nội", 3, 4],
        ["1. (Tiếp theo) Doanh thu"],
        ["Tỉnh", 2012, 2010],
        ["Nghệ An", 40, 30],
    ]
    items = items_of(workbook(trang=rows), TURNOVER)
    assert fields_of(items, "turnover") == {"2010": "30", "2012": "40"}


def test_an_empty_sheet_is_named_and_an_unknown_one_told_where_it_is_about_us():
    file = workbook(
        doanhthu=[["Doanh thu"], ["Tỉnh", 2010, 2012], ["Nghệ An", 3, 4]],
        trong=[],
        khac=[["Lượt khách"], ["Hà Nội", 1, 2], ["Nghệ An", 5, 6]],
    )
    items = items_of(file, TURNOVER)
    (empty,) = (
        each
        for each in items
        if isinstance(each, Skipped) and each.reason == "empty-sheet"
    )
    assert empty.place.sheet == "trong"
    (unused,) = (each for each in items if isinstance(each, NotUsed))
    assert (unused.place.sheet, unused.place.row, unused.count) == ("khac", 3, 2)


def test_a_table_without_a_row_of_figures_is_refused():
    rows = [["Doanh thu"], ["Tỉnh", "Năm 2010", "Năm 2012"], ["Nghệ An"]]
    (refused,) = refusals(items_of(workbook(trang=rows), TURNOVER))
    assert refused.place.sheet == "trang"


def test_two_owned_places_of_one_name_need_their_kind():
    wards = (
        Locality(
            id="1@x", code="1", name_vi="Phường Hòa", name_en="x", level="province"
        ),
        Locality(id="2@x", code="2", name_vi="Xã Hòa", name_en="y", level="province"),
    )
    twice = context("1@x", "2@x", places=(*PLACES, *wards))
    text = "Doanh thu\n\nTỉnh;2010;2012\n{};3;4\n"
    (refused,) = refusals(
        items_of(file_of(text.format("Hòa")), TURNOVER, context=twice)
    )
    assert "(1, 2)" in refused.text_vi
    whole = items_of(file_of(text.format("Xã Hòa")), TURNOVER, context=twice)
    assert list(fields_of(whole, "turnover")) == ["2010", "2012"]


def test_tables_are_told_apart_by_their_titles_alone():
    turnover = file_of("Turnover of travelling\n\nProvince;2010\nNghe An;38.1\n")
    other = file_of("Poverty rate\n\nProvince;2010\nNghe An;38.1\n")
    assert reader_of(TURNOVER).recognises(turnover)
    assert not reader_of(TURNOVER).recognises(other)


def test_places_of_the_hosted_areas_are_not_asked_for_a_province():
    narrow = replace(HOSTED, owned=DEPARTMENTS.owned)
    assert fields_of(items_of(beds("Nghe An;3;2;1;3"), BEDS, context=narrow), "beds")


@pytest.mark.parametrize(
    ("place", "beds_read"), [("Nghệ An", "5970"), ("Nghe An", "5.97")]
)
def test_a_decimal_sign_that_nothing_tells_is_guessed_by_language_and_flagged(
    place, beds_read
):
    items = items_of(beds(f"{place};5.970;..;..;.."), BEDS)
    assert fields_of(items, "beds")["2015"] == beds_read
    assert ("2015", "number-form") in flags(items)


def test_one_number_that_can_be_read_one_way_only_tells_the_form_of_all():
    items = items_of(beds("Nghe An;5.970;..;..;..", "Ha Noi;1.234.567;1;1;1"), BEDS)
    assert fields_of(items, "beds")["2015"] == "5970"
    assert flags(items) == []


@pytest.mark.parametrize(
    ("title", "province", "total"),
    [
        ("Sè gi\u00ad\u00eang b\u00d6nh", "NghÖ An", "Tæng sè"),
        ("Soá giöôøng beänh", "Ngheä An", "Toång soá"),
    ],
)
def test_a_workbook_typed_with_an_old_font_is_read(title, province, total):
    rows = [[title], ["TØnh", f"2015 {total}", f"2016 {total}"], [province, 3, 4]]
    items = items_of(workbook(trang=rows), BEDS)
    assert fields_of(items, "beds") == {"2015": "3", "2016": "4"}


def test_a_workbook_of_another_language_is_left_as_it_is():
    rows = [["Patient beds, São João"], ["x", "2015 Total"], ["Nghe An", 3]]
    assert fields_of(items_of(workbook(trang=rows), BEDS), "beds") == {"2015": "3"}


@pytest.mark.parametrize(
    "said", ["Đơn vị: con trâu", "ĐVT: nghìn con", "Unit: bananas by province"]
)
def test_a_unit_that_nobody_understands_is_refused_and_not_assumed(said):
    text = f'"Turnover of travelling - {said}"\n\n"Cities";"2015"\n"Nghe An";38.1\n'
    (told,) = refusals(items_of(file_of(text), TURNOVER))
    assert said.partition(": ")[2] in told.text_vi


def test_a_line_that_is_cut_off_is_refused_and_says_nothing_missing():
    items = items_of(beds('"Nghe An";5970;55'), BEDS)
    (told,) = refusals(items)
    assert "cut off" in told.text_en
    assert not fields_of(items, "beds")
