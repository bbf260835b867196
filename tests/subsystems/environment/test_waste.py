from decimal import Decimal

from city_node.contract import Rejected
from city_node.subsystems.environment import SUBSYSTEM
from federation.model.status import Status
from tests.subsystems.localities import DEPARTMENTS, VINH
from tests.subsystems.summaries import Rows, read, records
from tests.subsystems.yearbook import yearbook

COLLECTED = "environment.waste_collected"
TREATED = "environment.waste_treated"
TITLE = (
    "Average collected solid waste treated per day by province by Cities, provincies, "
    "Year and Collected solid waste"
)
PARTS = (
    "Total of collected solid waste",
    "Total of collected solid waste treated in accordance with corresponding defined "
    "national criteria",
)


def items_of(*rows, years=("2015", "2016"), context=DEPARTMENTS):
    headings = [f"{year} {part}" for year in years for part in PARTS]
    return read(SUBSYSTEM, yearbook(TITLE, headings, *rows), context)


def test_the_rate_is_made_of_both_columns_of_one_table():
    given = Rows(SUBSYSTEM, records(items_of(("Nghe An", "640", "397", "392", "280"))))
    assert given.value(COLLECTED, "40", "2015") == 640
    assert given.value(COLLECTED, "40", "2016") == 392
    row = given.row(TREATED, "40", "2016")
    assert Decimal(row.state.value) / Decimal(row.state.second) == Decimal(280) / 392
    assert given.value(TREATED, "40", "2016") == Decimal("71.428571")


def test_what_was_treated_is_missing_without_making_the_rest_so():
    given = Rows(SUBSYSTEM, records(items_of(("Nghe An", "236", "..", "288", "74"))))
    assert given.value(COLLECTED, "40", "2015") == 236
    row = given.row(TREATED, "40", "2015")
    assert (row.state, row.status) == (None, Status.MISSING)


def test_more_treated_than_collected_is_refused_and_the_other_year_lands():
    items = items_of(("Nghe An", "640", "641", "392", "280"))
    (refused,) = (item for item in items if isinstance(item, Rejected))
    assert "641" in refused.text_vi
    given = Rows(SUBSYSTEM, records(items))
    assert given.value(COLLECTED, "40", "2016") == 392


def test_a_city_takes_nothing_of_a_province():
    assert records(items_of(("Nghe An", "1", "1", "1", "1"), context=VINH)) == []
