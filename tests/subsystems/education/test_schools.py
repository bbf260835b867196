from decimal import Decimal

import pytest

from city_node.contract import Accepted, Rejected, Skipped
from city_node.subsystems.education import SUBSYSTEM
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL
from federation.model.status import Status
from tests.subsystems.localities import DEPARTMENTS, VINH
from tests.subsystems.summaries import Rows, read, records
from tests.subsystems.yearbook import yearbook

PUPILS = "education.pupils"
GRADUATION = "education.graduation_published"
PUPILS_TITLE = (
    "Number of pupils of general education as of 30 September by province(*) by "
    "Cities, provincies, Years and Items"
)
GRADUATION_TITLE = (
    "Percentage of graduates compared with total candidates upper secondary by Cities, "
    "provincies and Years"
)
LEVELS = ("Total", "Primary", "Lower secondary", "Upper secondary")
NUMBERS = ("514286", "248925", "175171", "90190")


def pupils(*rows, year="2016"):
    headings = [f"{year} {level}" for level in LEVELS]
    return read(SUBSYSTEM, yearbook(PUPILS_TITLE, headings, *rows), DEPARTMENTS)


def graduation(*rows, years=("2014-2015", "2015-2016"), context=DEPARTMENTS):
    return read(SUBSYSTEM, yearbook(GRADUATION_TITLE, list(years), *rows), context)


def test_pupils_of_a_september_belong_to_the_school_year_it_begins():
    given = Rows(SUBSYSTEM, records(pupils(("Nghe An", *NUMBERS))))
    assert given.value(PUPILS, "40", "2016-2017") == 514286
    assert given.row(PUPILS, "40", "2015-2016") is None
    for grade, number in zip(
        ("primary", "lower_secondary", "upper_secondary"), NUMBERS[1:], strict=True
    ):
        found = given.value(PUPILS, "40", "2016-2017", f"grade={grade}")
        assert found == Decimal(number)


def test_pupils_are_those_of_the_thirtieth_of_september():
    (measured,) = (each for each in SUBSYSTEM.indicators if each.indicator.id == PUPILS)
    for record in records(pupils(("Nghe An", *NUMBERS))):
        (made,) = measured.contribute(record)
        counted = made.phenomenon_time.astimezone(LOCAL.zone).date()
        assert counted.isoformat() == "2016-09-30"


def test_pupils_in_universities_are_of_no_province():
    row = ("Pupils in universities", "5555", "..", "..", "5555")
    items = pupils(row, ("Nghe An", *NUMBERS))
    assert len(records(items)) == len(LEVELS)
    assert sum(isinstance(item, Skipped) for item in items) == 1


def test_a_total_that_differs_from_its_levels_lands_and_is_doubted():
    items = pupils(("Nghe An", "514000", *NUMBERS[1:]))
    flags = [
        flag for item in items if isinstance(item, Accepted) for flag in item.flags
    ]
    assert [flag.code for flag in flags] == ["total-differs"]
    assert Rows(SUBSYSTEM, records(items)).value(PUPILS, "40", "2016-2017") == 514000


def test_a_rate_of_graduation_is_published_and_merges_with_nothing():
    given = Rows(SUBSYSTEM, records(graduation(("Nghe An", "96.54", "97.83"))))
    assert given.value(GRADUATION, "40", "2014-2015") == Decimal("96.54")
    assert given.value(GRADUATION, "40", "2015-2016") == Decimal("97.83")
    assert given.row(GRADUATION, "40", "2016-2017") is None
    with pytest.raises(FederationError) as caught:
        given.over(GRADUATION, "40", "2015")
    assert caught.value.code is ErrorCode.MERGE_REFUSED


@pytest.mark.parametrize("wrong", ["100.5", "-1"])
def test_a_rate_that_cannot_be_is_refused_and_its_neighbour_lands(wrong):
    items = graduation(("Nghe An", "96.54", wrong))
    (refused,) = (item for item in items if isinstance(item, Rejected))
    assert wrong in refused.text_vi
    given = Rows(SUBSYSTEM, records(items))
    assert given.value(GRADUATION, "40", "2014-2015") == Decimal("96.54")


def test_a_rate_that_is_not_known_is_missing():
    given = Rows(SUBSYSTEM, records(graduation(("Nghe An", "..", "0"))))
    assert given.row(GRADUATION, "40", "2014-2015").status is Status.MISSING
    assert given.row(GRADUATION, "40", "2015-2016").status is Status.ZERO


def test_the_two_tables_are_told_apart_by_their_titles():
    for items, kind in (
        (pupils(("Nghe An", *NUMBERS)), "pupils_of_school_year"),
        (graduation(("Nghe An", "96.54", "97.83")), "graduation_of_school_year"),
    ):
        assert {record.kind for record in records(items)} == {kind}


def test_a_city_takes_nothing_of_a_province():
    assert records(graduation(("Nghe An", "96.54", "97.83"), context=VINH)) == []
