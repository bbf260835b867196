from decimal import Decimal

import pytest

from city_node.contract import Rejected
from city_node.subsystems.tourism import SUBSYSTEM
from federation.model.status import Status
from tests.subsystems.localities import DEPARTMENTS, VINH
from tests.subsystems.summaries import Rows, read, records
from tests.subsystems.yearbook import yearbook

TURNOVER = "tourism.travel_agency_turnover"
TITLE = (
    "Turnover of travelling at current prices by province by Cities, provincies and "
    "Year"
)


def items_of(*rows, years=("2014", "2015"), title=TITLE, context=DEPARTMENTS):
    return read(SUBSYSTEM, yearbook(title, list(years), *rows), context)


def rows_of(*rows, **table):
    return Rows(SUBSYSTEM, records(items_of(*rows, **table)))


def test_turnover_is_in_billion_dong_where_the_file_names_no_unit():
    given = rows_of(("Nghe An", "48.8", "53.1"))
    assert given.value(TURNOVER, "40", "2014") == Decimal("48.8")
    assert given.value(TURNOVER, "40", "2015") == Decimal("53.1")


def test_a_unit_that_the_title_names_is_converted_exactly():
    title = f"{TITLE} (Triệu đồng)"
    given = rows_of(("Nghe An", "48800", "53100.5"), title=title)
    assert given.value(TURNOVER, "40", "2014") == Decimal("48.8")
    assert given.value(TURNOVER, "40", "2015") == Decimal("53.1005")


def test_a_preliminary_year_is_provisional():
    given = rows_of(("Nghe An", "48.8", "53.1"), years=("2015", "Pre. 2016"))
    assert given.row(TURNOVER, "40", "2015").status is Status.NORMAL
    assert given.row(TURNOVER, "40", "2016").status is Status.PROVISIONAL


def test_a_final_figure_replaces_the_preliminary_one_in_whatever_order():
    early = records(items_of(("Nghe An", "48.8", "53.1"), years=("2015", "Pre. 2016")))
    late = records(items_of(("Nghe An", "48.8", "54.0"), years=("2015", "2016")))
    for given in (early + late, late + early):
        row = Rows(SUBSYSTEM, given).row(TURNOVER, "40", "2016")
        assert (row.state.value, row.status) == (54 * 10**6, Status.NORMAL)


def test_a_year_that_no_column_names_is_nobodys_missing_figure():
    given = rows_of(("Nghe An", "38.1", "51.8"), years=("2010", "2012"))
    assert given.row(TURNOVER, "40", "2011") is None


@pytest.mark.parametrize("wrong", ["-4.0", "a lot"])
def test_an_impossible_turnover_is_refused_and_its_neighbour_lands(wrong):
    items = items_of(("Nghe An", "48.8", wrong))
    assert [item.place.row for item in items if isinstance(item, Rejected)] == [4]
    value = Rows(SUBSYSTEM, records(items)).value(TURNOVER, "40", "2014")
    assert value == Decimal("48.8")


def test_a_city_takes_nothing_of_a_province():
    assert records(items_of(("Nghe An", "48.8", "53.1"), context=VINH)) == []
