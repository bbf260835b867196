"""The figures that must arrive, read from the real files and by a second way.

The second way knows the cells: it opens the files with another library and takes the
values at fixed addresses. The readers must find the same by meaning.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cache

import openpyxl
import pytest

from city_node.contract import Accepted, ReadItem, Rejected, Skipped
from city_node.subsystems.environment import SUBSYSTEM as ENVIRONMENT
from city_node.subsystems.socio_economic import SUBSYSTEM as SOCIO_ECONOMIC
from federation.model.status import Provenance, Status
from tests.subsystems.localities import (
    COMMUNES,
    HOSTED,
    VINH,
    VINH_WARDS,
    context,
    ward_id,
)
from tests.subsystems.real_files import (
    DECEMBER,
    JANUARY,
    SERIES,
    STATIONS,
    WARDS,
    WEATHER,
    real_file,
    real_path,
    real_places,
)
from tests.subsystems.summaries import Rows, read, records

pytestmark = [
    pytest.mark.data,
    # The publisher's workbooks carry extensions the second library doesn't know.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]

REALISED = "socio_economic.investment_realised"
AGAINST_PLAN = "socio_economic.investment_against_plan"
AGAINST_PLAN_PUBLISHED = "socio_economic.investment_against_plan_published"
YEAR_ON_YEAR = "socio_economic.investment_year_on_year"
FDI_NEW = "socio_economic.fdi_new"
FDI_ADJUSTED = "socio_economic.fdi_adjusted"
MODELLED = "environment.pm25_modelled"
STATION = "environment.pm25_24h"


@cache
def said(name: str) -> tuple[ReadItem, ...]:
    return tuple(read(SOCIO_ECONOMIC, real_file(name), HOSTED))


@cache
def economy(*names: str) -> Rows:
    return Rows(
        SOCIO_ECONOMIC,
        [
            record
            for name in names or (DECEMBER, JANUARY, SERIES)
            for record in records(said(name))
        ],
    )


@cache
def wards() -> Rows:
    given = [
        record
        for node in (VINH, HOSTED)
        for record in records(read(ENVIRONMENT, real_file(WARDS), wide(node)))
    ]
    return Rows(ENVIRONMENT, given)


def wide(narrow):
    return context(*narrow.owned, places=real_places())


@cache
def vinh() -> Rows:
    return Rows(
        ENVIRONMENT,
        [
            record
            for name in (WEATHER, STATIONS)
            for record in records(read(ENVIRONMENT, real_file(name), VINH))
        ],
    )


@cache
def sheet(name: str, title: str) -> dict[str, object]:
    """Return the values of a sheet by address."""
    workbook = openpyxl.load_workbook(real_path(name), data_only=True, read_only=True)
    values = {
        found.coordinate: found.value
        for row in workbook[title].iter_rows()
        for found in row
        if found.value is not None
    }
    workbook.close()
    return values


def cell(name: str, title: str, address: str) -> Decimal:
    return Decimal(repr(sheet(name, title)[address]))


@cache
def lines(name: str) -> tuple[dict[str, str], ...]:
    with real_path(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def series_line(month: str) -> dict[str, str]:
    (line,) = (
        line
        for line in lines(SERIES)
        if (line["Phân Loại"], line["Month"]) == ("Nghệ An", month)
    )
    return line


def rounded(value: Fraction | Decimal | str, digits: int) -> Decimal:
    exact = Fraction(value)
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return quotient.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def test_realised_investment_of_november_beats_its_estimate_whatever_the_order():
    expected = Decimal("1213.849")
    assert cell(DECEMBER, "23. VĐT NSNN", "C36") == expected
    assert Decimal(series_line("2024-12")["Total-Pre-Month"]) == expected
    assert Decimal(series_line("2024-11")["Total-M"]) == expected
    for names in ((), (SERIES, DECEMBER), (DECEMBER, SERIES)):
        assert economy(*names).value(REALISED, "40", "2024-11") == expected
    row = economy().row(REALISED, "40", "2024-11")
    assert (row.status, row.provenance) == (Status.NORMAL, Provenance.FILE)


def test_the_estimate_of_november_remains_visible():
    assert Decimal(series_line("2024-11")["E-Total-M"]) == Decimal("1078.582")
    assert economy().ranked(REALISED, "40", "2024-11", 1) == {Decimal("1078.582")}


def test_december_is_an_estimate_that_nothing_confirms_yet():
    expected = Decimal("1263.197")
    assert cell(DECEMBER, "23. VĐT NSNN", "D36") == expected
    heading = " ".join(
        str(sheet(DECEMBER, "23. VĐT NSNN").get(f"D{row}", "")) for row in range(4, 8)
    )
    assert heading.split() == ["Ước", "tính", "tháng", "12", "năm", "2024"]
    line = series_line("2024-12")
    assert Decimal(line["E-Total-M"]) == Decimal(line["Total-M"]) == expected
    assert series_line("2025-01")["Total-Pre-Month"] == ""
    assert economy().value(REALISED, "40", "2024-12") == expected
    assert economy().row(REALISED, "40", "2024-12").status is Status.ESTIMATED


def test_january_is_realised_in_the_series_and_estimated_in_the_workbook():
    line = series_line("2025-01")
    assert Decimal(line["Total-M"]) == Decimal("572.512")
    assert Decimal(line["E-Total-M"]) == Decimal("568.718")
    assert cell(JANUARY, "11.vdt", "D39") == Decimal("568.718")
    assert economy().value(REALISED, "40", "2025-01") == Decimal("572.512")
    assert economy().row(REALISED, "40", "2025-01").status is Status.NORMAL
    assert economy().ranked(REALISED, "40", "2025-01", 1) == {Decimal("568.718")}
    assert economy(JANUARY).value(REALISED, "40", "2025-01") == Decimal("568.718")


def test_the_months_of_2024_make_the_published_year():
    published = cell(DECEMBER, "23. VĐT NSNN", "E36")
    assert published == Decimal(series_line("2024-12")["Total-YOY"])
    months = [f"2024-{number:02d}" for number in range(1, 13)]
    assert sum(Decimal(series_line(month)["Total-M"]) for month in months) == published
    assert economy().over(REALISED, "40", "2024") == published == Decimal("9786.754")


def test_the_rate_against_plan_is_of_one_report():
    plan = cell(JANUARY, "11.vdt", "C39")
    estimate = cell(JANUARY, "11.vdt", "D39")
    assert plan == Decimal("10003.954")
    rate = economy().value(AGAINST_PLAN, "40", "2025-01")
    assert rounded(rate, 3) == rounded(100 * estimate / plan, 3) == Decimal("5.685")
    assert rounded(cell(JANUARY, "11.vdt", "E39"), 3) == Decimal("5.685")
    # The December report states no plan: there is a published rate only.
    assert economy().row(AGAINST_PLAN, "40", "2024-12") is None
    assert economy().value(AGAINST_PLAN_PUBLISHED, "40", "2024-12") == rounded(
        cell(DECEMBER, "23. VĐT NSNN", "F36"), 3
    )


def test_the_published_trend_is_shown_and_the_contradicting_one_is_flagged():
    assert rounded(cell(JANUARY, "11.vdt", "F39"), 3) == Decimal("93.046")
    line = series_line("2025-01")
    assert 100 + rounded(line["YTD-YOY"], 3) == Decimal("93.046")
    assert rounded(line["M-YOY"], 2) == Decimal("7.09")
    assert economy().value(YEAR_ON_YEAR, "40", "2025-01") == Decimal("93.046")
    flagged = {
        item.place.row: flag
        for item in said(SERIES)
        if isinstance(item, Accepted)
        for flag in item.flags
    }
    assert {flag.code for flag in flagged.values()} == {"contradiction"}
    assert set(flagged) == {31, 2730}
    assert "7.09" in flagged[31].text_en


def test_foreign_investment_is_exact_and_missing_where_the_province_is_not_listed():
    new = cell(DECEMBER, "25. FDI", "D17")
    adjusted = cell(DECEMBER, "25. FDI", "E17")
    assert sheet(DECEMBER, "25. FDI")["B17"] == "Nghệ An"
    assert economy().value(FDI_NEW, "40", "2024-12") == new == Decimal("867.795243")
    assert economy().value(FDI_ADJUSTED, "40", "2024-12") == adjusted
    assert adjusted == Decimal("881.763390")
    assert "Nghệ An" not in sheet(JANUARY, "12.FDI").values()
    for indicator in (FDI_NEW, FDI_ADJUSTED):
        row = economy().row(indicator, "40", "2025-01")
        assert (row.state, row.status) == (None, Status.MISSING)
        assert (row.reported, row.expected) == (0, 1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, "11.377") for code in VINH_WARDS),
        ("16858", "26.360"),
        ("17254", "19.452"),
        ("17935", "12.944"),
        ("16903", "17.482"),
    ],
)
def test_modelled_air_of_each_ward(code, expected):
    (line,) = (
        line
        for line in lines(WARDS)
        if (line["ward_code"], line["date"], line["source"])
        == (code, "2026-05-21", "openweather")
    )
    assert rounded(line["pm25_daily_avg"], 3) == Decimal(expected)
    assert wards().value(MODELLED, ward_id(code), "2026-05-21") == Decimal(expected)
    assert wards().row(MODELLED, ward_id(code), "2026-05-21").status is Status.ESTIMATED


def test_the_commune_without_cover_is_missing_on_every_day():
    assert all(line["ward_code"] != "17443" for line in lines(WARDS))
    for day in range(14, 22):
        row = wards().row(MODELLED, ward_id("17443"), f"2026-05-{day}")
        assert (row.state, row.status) == (None, Status.MISSING)


def test_only_owned_wards_land_and_miscoded_rows_are_set_aside():
    items = read(ENVIRONMENT, real_file(WARDS), wide(HOSTED))
    assert not [item for item in items if isinstance(item, Rejected)]
    landed = {record.fields["locality"] for record in records(items)}
    assert landed == {ward_id(code) for code in COMMUNES}
    reasons = defaultdict(int)
    for item in items:
        if isinstance(item, Skipped):
            reasons[item.reason] += 1
    assert reasons == {"suspect-code": 8, "other-locality": 8 * (129 - 4)}
    assert sum(isinstance(item, Accepted) for item in items) == 8 * 5


@pytest.mark.parametrize(
    ("name", "station", "expected"),
    [("Nghe An Truong Thi", "truong-thi", "20.250"), ("Vinh", "vinh", "20.208")],
)
def test_stations_mean_of_hourly_means(name, station, expected):
    hours = defaultdict(list)
    for line in lines(STATIONS):
        if line["parameter"] == "pm25" and line["station_name"].startswith(f"{name},"):
            moment = datetime.fromisoformat(line["timestamp_utc"]).astimezone(UTC)
            local = moment.astimezone(timezone(timedelta(hours=7)))
            if local.date().isoformat() == "2026-05-21":
                hours[local.hour].append(Fraction(line["value"]))
    assert len(hours) == 24
    mean = sum(sum(values) / len(values) for values in hours.values()) / 24
    assert rounded(mean, 3) == Decimal(expected)
    value = vinh().value(STATION, "vinh", "2026-05-21", f"station={station}")
    assert rounded(value, 3) == Decimal(expected)


def test_a_day_of_seven_hours_is_missing():
    for station in ("truong-thi", "vinh"):
        row = vinh().row(STATION, "vinh", "2026-05-22", f"station={station}")
        assert (row.state, row.status) == (None, Status.MISSING)


def test_weather_of_december_2017_and_the_rain_of_the_year():
    line = lines(WEATHER)[-1]
    assert (line["year"], line["month"]) == ("2017", "12")
    for name, column, expected in (
        ("temperature", "Ta", "18.4"),
        ("rain", "Rf", "36.9"),
        ("humidity", "rH", "85"),
    ):
        assert Decimal(line[column]) == Decimal(expected)
        value = vinh().value(f"environment.{name}", "412", "2017-12")
        assert value == Decimal(expected)
    year = sum(Decimal(line["Rf"]) for line in lines(WEATHER) if line["year"] == "2017")
    assert vinh().over("environment.rain", "412", "2017") == year == Decimal("2334.7")
