from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from city_node.contract import Rejected
from city_node.subsystems.environment import SUBSYSTEM
from city_node.subsystems.environment.stations import station_code
from federation.model.status import Status
from tests.subsystems.localities import HOSTED, VINH, file_of
from tests.subsystems.summaries import Rows, read, records

HEADINGS = (
    "source,station_name,timestamp_utc,parameter,value,aqi_reported,unit,"
    "quality_flag,ingest_time"
)
NAME = "Nghe An Truong Thi, Vinh, Nghe An, Vietnam"
MIDNIGHT = datetime(2026, 5, 20, 17, tzinfo=UTC)


def reading(minutes, value="20.0", *, parameter="pm25", unit="µg/m³", **other):
    moment = (MIDNIGHT + timedelta(minutes=minutes)).isoformat(sep=" ")
    name = other.get("name", NAME)
    quality = other.get("quality", "valid")
    return f'aqiin,"{name}",{moment},{parameter},{value},70,{unit},{quality},{moment}'


def stations(*lines, encoding="utf-8"):
    return file_of("\n".join((HEADINGS, *lines, "")), encoding=encoding)


def rows_of(*lines):
    return Rows(SUBSYSTEM, records(read(SUBSYSTEM, stations(*lines), VINH)))


def day(hours: int) -> list[str]:
    return [reading(60 * hour + 7) for hour in range(hours)]


def value(given: Rows) -> Decimal | None:
    return given.value(
        "environment.pm25_24h", "vinh", "2026-05-21", "station=truong-thi"
    )


def test_an_hour_counts_once_however_often_its_sensor_reports():
    lines = [*day(24), reading(8, "50.0"), reading(9, "50.0")]
    # The first hour is (20 + 50 + 50) / 3 = 40; the day (40 + 23 · 20) / 24.
    assert value(rows_of(*lines)) == Decimal("20.833333")


def test_the_same_reading_exported_twice_is_one_reading():
    assert value(rows_of(*day(24), reading(8, "50.0"), reading(8, "50.0"))) == (
        value(rows_of(*day(24), reading(8, "50.0")))
    )


@pytest.mark.parametrize(("hours", "status"), [(17, "MISSING"), (18, "NORMAL")])
def test_a_day_needs_eighteen_valid_hours(hours, status):
    row = rows_of(*day(hours)).row(
        "environment.pm25_24h", "vinh", "2026-05-21", "station=truong-thi"
    )
    assert row.status is Status[status]


def test_an_invalid_reading_is_not_a_valid_hour():
    lines = [*day(17), reading(17 * 60, quality="invalid")]
    assert value(rows_of(*lines)) is None


def test_a_day_is_the_local_one():
    given = records(read(SUBSYSTEM, stations(reading(-1), reading(0)), VINH))
    (measured,) = (
        one for one in SUBSYSTEM.indicators if one.indicator.id.endswith("pm25_24h")
    )
    days = [
        made.period.text for record in given for made in measured.contribute(record)
    ]
    assert days == ["2026-05-20", "2026-05-21"]


def test_units_of_concentration_convert_and_others_are_refused():
    (record,) = records(
        read(SUBSYSTEM, stations(reading(0, "0.02", unit="mg/m3")), VINH)
    )
    (measured,) = (
        one for one in SUBSYSTEM.indicators if one.indicator.id.endswith("pm25_24h")
    )
    (made,) = measured.contribute(record)
    assert made.state.value == 20 * 10**6
    (item,) = read(SUBSYSTEM, stations(reading(0, unit="ppm")), VINH)
    assert isinstance(item, Rejected)


def test_parameters_whose_unit_cannot_be_right_are_skipped_with_the_reason():
    lines = [reading(0, parameter=name) for name in ("temp", "hum", "co", "pm10")]
    items = read(SUBSYSTEM, stations(*lines), VINH)
    assert [item.reason for item in items] == [
        *["unit-not-trustworthy"] * 3,
        "not-measured",
    ]


@pytest.mark.parametrize("wrong", ["-1", "99999", "cao"])
def test_an_impossible_reading_is_set_aside_and_its_neighbours_land(wrong):
    items = read(SUBSYSTEM, stations(reading(0), reading(60, wrong)), VINH)
    assert [type(item) for item in items if item.place.row == 3] == [Rejected]
    assert len(records(items)) == 1


def test_a_time_without_offset_is_refused():
    line = reading(0).replace("+00:00", "")
    (item,) = read(SUBSYSTEM, stations(line), VINH)
    assert isinstance(item, Rejected)


def test_stations_of_another_city_are_skipped():
    line = reading(0, name="Ha Dong, Ha Noi, Ha Noi, Vietnam")
    (item,) = read(SUBSYSTEM, stations(line), VINH)
    assert item.reason == "other-locality"
    (item,) = read(SUBSYSTEM, stations(reading(0)), HOSTED)
    assert item.reason == "other-locality"


@pytest.mark.parametrize(
    ("name", "rest", "code"),
    [
        ("Nghe An Truong Thi", " Vinh, Nghe An, Vietnam", "truong-thi"),
        ("Vinh", " Vinh, Nghe An, Vietnam", "vinh"),
        ("Trường Thi", " Vinh, Nghệ An, Việt Nam", "truong-thi"),
    ],
)
def test_a_station_is_named_without_its_province(name, rest, code):
    assert station_code(name, rest) == code
