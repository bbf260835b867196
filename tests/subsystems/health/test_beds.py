from decimal import Decimal

import pytest

from city_node.contract import Accepted, Rejected, Skipped
from city_node.subsystems.health import SUBSYSTEM
from federation.errors import FederationError
from federation.model.status import Status
from tests.subsystems.localities import DEPARTMENTS, VINH
from tests.subsystems.summaries import Rows, read, records
from tests.subsystems.yearbook import yearbook

BEDS = "health.beds"
TITLE = (
    "Number of patient beds under provincial departments of health by province (*) by "
    "Cities, provincies, Year and Health establishments"
)
PARTS = (
    "Total",
    "Hospital",
    "Regional polyclinic",
    "Sanatorium and rehabilitation hospital",
    "Medical service unit",
)
NUMBERS = ("9210", "6490", "90", "200", "2430")


def table(*rows, years=("2016",), **form):
    headings = [f"{year} {part}" for year in years for part in PARTS]
    return yearbook(TITLE, headings, *rows, **form)


def items_of(*rows, context=DEPARTMENTS, **form):
    return read(SUBSYSTEM, table(*rows, **form), context)


def rows_of(*rows, **form):
    return Rows(SUBSYSTEM, records(items_of(*rows, **form)))


def test_the_total_and_its_parts_land_side_by_side():
    given = rows_of(("Nghe An", *NUMBERS))
    assert given.value(BEDS, "40", "2016") == 9210
    for code, number in zip(
        ("hospital", "polyclinic", "sanatorium", "medical_service_unit"),
        NUMBERS[1:],
        strict=True,
    ):
        assert given.value(BEDS, "40", "2016", f"facility={code}") == Decimal(number)


@pytest.mark.parametrize("name", ["Nghe An", " Nghệ An", "NGHỆ AN", "Tỉnh Nghệ An"])
def test_a_province_is_known_by_its_name_in_any_writing(name):
    assert rows_of((name, *NUMBERS)).value(BEDS, "40", "2016") == 9210


def test_other_provinces_and_totals_of_the_country_are_skipped_and_counted():
    items = items_of(
        (" WHOLE COUNTRY", *NUMBERS),
        ("Red River Delta", *NUMBERS),
        ("Ha Noi", *NUMBERS),
        ("Nghe An", *NUMBERS),
    )
    assert len(records(items)) == len(PARTS)
    reasons = [item.reason for item in items if isinstance(item, Skipped)]
    assert sorted(reasons) == ["control-total", "control-total", "other-locality"]


def test_a_city_takes_nothing_of_a_province():
    items = items_of(("Nghe An", *NUMBERS), context=VINH)
    assert records(items) == []


def test_a_total_that_differs_from_its_parts_lands_and_is_doubted():
    items = items_of(("Nghe An", "9211", *NUMBERS[1:]))
    (flag,) = (
        flag for item in items if isinstance(item, Accepted) for flag in item.flags
    )
    assert flag.code == "total-differs"
    assert "9211" in flag.text_vi
    assert "9210" in flag.text_en
    assert Rows(SUBSYSTEM, records(items)).value(BEDS, "40", "2016") == 9211


def test_dots_are_missing_a_dash_is_none_and_a_zero_is_zero():
    given = rows_of(("Nghe An", "9210", "..", "-", "0", "2430"))
    for code, status in (
        ("hospital", Status.MISSING),
        ("polyclinic", Status.NO_ACTIVITY),
        ("sanatorium", Status.ZERO),
    ):
        row = given.row(BEDS, "40", "2016", f"facility={code}")
        assert row.status is status


def test_columns_in_another_order_and_years_to_come_are_read_as_well():
    years = ("2031", "2030")
    headings = [f"{year} {part}" for part in reversed(PARTS) for year in years]
    numbers = tuple(str(number) for number in range(1, 11))
    file = yearbook(TITLE, headings, ("Nghe An", *numbers))
    given = Rows(SUBSYSTEM, records(read(SUBSYSTEM, file, DEPARTMENTS)))
    assert given.value(BEDS, "40", "2031") == 9
    assert given.value(BEDS, "40", "2030") == 10
    assert given.value(BEDS, "40", "2030", "facility=hospital") == 8


@pytest.mark.parametrize(
    "form",
    [
        {"encoding": "utf-16"},
        {"encoding": "cp1258", "delimiter": ","},
        {"delimiter": "\t"},
    ],
)
def test_encoding_and_delimiter_do_not_matter(form):
    assert rows_of(("Nghe An", *NUMBERS), **form).value(BEDS, "40", "2016") == 9210


@pytest.mark.parametrize("wrong", ["many", "-3", "9210 beds"])
def test_an_impossible_number_is_refused_in_its_place_and_its_neighbours_land(wrong):
    years = ("2015", "2016")
    items = items_of(("Nghe An", *NUMBERS, wrong, *NUMBERS[1:]), years=years)
    assert [item.place.row for item in items if isinstance(item, Rejected)]
    given = Rows(SUBSYSTEM, records(items))
    assert given.value(BEDS, "40", "2015") == 9210


def test_another_table_of_the_family_is_not_taken_for_beds():
    file = yearbook("Number of doctors by province", ["2016"], ("Nghe An", "2000"))
    (reader,) = SUBSYSTEM.readers
    try:
        taken = reader.recognises(file) and records(reader.read(file, DEPARTMENTS))
    except FederationError:
        taken = []
    assert not taken
