from decimal import Decimal

import pytest

from city_node.contract import Accepted, NotUsed, Rejected, Skipped
from city_node.subsystems.environment import SUBSYSTEM
from federation.errors import ErrorCode, FederationError
from federation.model.status import Status
from tests.subsystems.localities import HOSTED, VINH, file_of
from tests.subsystems.summaries import Rows, read, records

RAIN = "environment.rain"
HEADINGS = "year,month,station,Ta,Tx,Tm,Rf,aH,rH,Sh"


def year(number: int, rain: str = "10.5") -> list[str]:
    return [
        f"{number},{month},Vinh,18.405,20.6,16.85,{rain},20.6,85.0,43.9"
        for month in range(1, 13)
    ]


def weather(*lines: str, encoding: str = "utf-8"):
    return file_of("\n".join((HEADINGS, *lines, "")), encoding=encoding)


def test_rain_sums_over_the_year_and_means_do_not():
    given = Rows(SUBSYSTEM, records(read(SUBSYSTEM, weather(*year(2017)), VINH)))
    assert given.over(RAIN, "412", "2017") == Decimal("126.0")
    with pytest.raises(FederationError) as caught:
        given.over("environment.temperature", "412", "2017")
    assert caught.value.code is ErrorCode.MERGE_REFUSED


def test_a_place_is_the_one_that_held_in_the_month():
    lines = year(2024)[-2:] + year(2025)[5:7]
    given = records(read(SUBSYSTEM, weather(*lines), VINH))
    assert [
        (record.fields["month"], record.fields["locality"]) for record in given
    ] == [
        ("2024-11", "412"),
        ("2024-12", "412@2024-12-01"),
        ("2025-06", "412@2024-12-01"),
        ("2025-07", "vinh"),
    ]


def test_temperature_is_rounded_half_even_once():
    given = Rows(SUBSYSTEM, records(read(SUBSYSTEM, weather(*year(2017)), VINH)))
    assert given.value("environment.temperature", "412", "2017-12") == Decimal("18.40")


def test_a_month_without_rain_is_a_zero_and_without_a_figure_missing():
    lines = year(2016, rain="0.0")[:1] + year(2017, rain="..")[:1]
    given = Rows(SUBSYSTEM, records(read(SUBSYSTEM, weather(*lines), VINH)))
    assert given.row(RAIN, "412", "2016-01").status is Status.ZERO
    assert given.row(RAIN, "412", "2017-01").status is Status.MISSING


def test_an_impossible_figure_is_set_aside_and_its_neighbours_land():
    lines = year(2017)
    lines[3] = lines[3].replace("18.405", "184.05")
    lines[4] = "2017,13,Vinh,18,20,16,1,20,85,40"
    items = read(SUBSYSTEM, weather(*lines), VINH)
    assert [item.place.row for item in items if isinstance(item, Rejected)] == [5, 6]
    assert sum(isinstance(item, Accepted) for item in items) == 10


def test_another_station_and_another_node_are_skipped():
    (item,) = read(SUBSYSTEM, weather("2017,1,Huế,1,1,1,1,1,1,1"), VINH)
    assert isinstance(item, Skipped)
    items = read(SUBSYSTEM, weather(*year(2017)), HOSTED)
    assert {item.reason for item in items} == {"other-locality"}


def test_columns_that_are_not_used_are_told_with_their_reason():
    told = {
        item.place.column: (item.reason, item.count)
        for item in read(SUBSYSTEM, weather(*year(2017)), VINH)
        if isinstance(item, NotUsed)
    }
    assert told == {
        "Tx": ("meaning-unsure", 12),
        "Tm": ("meaning-unsure", 12),
        "aH": ("repeats-another", 12),
        "Sh": ("no-indicator", 12),
    }


def test_a_removed_month_leaves_the_report_of_its_year():
    whole = records(read(SUBSYSTEM, weather(*year(2017)), VINH))
    fewer = records(read(SUBSYSTEM, weather(*year(2017)[:-1]), VINH))
    assert {record.scope for record in whole} == {record.scope for record in fewer}
    gone = {record.source_key for record in whole} - {
        record.source_key for record in fewer
    }
    assert gone == {"vinh:2017-12"}


def test_utf_16_reads_the_same():
    assert len(records(read(SUBSYSTEM, weather(*year(2017), encoding="utf-16"), VINH)))
