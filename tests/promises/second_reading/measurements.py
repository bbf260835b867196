"""What stations and models say about Vinh and the wards, cell by cell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

from tests.promises.second_reading.cells import (
    Cell,
    Fate,
    Figure,
    lines_of,
    number_in,
    status_of,
)

VIETNAM = timezone(timedelta(hours=7))
VALID_HOURS_MIN = 18
WARD_AIR = "environment.pm25_modelled"
STATION_AIR = "environment.pm25_24h"
NO_INDICATOR = "no indicator"

_WEATHER = {
    "Ta": ("environment.temperature", 2),
    "Rf": ("environment.rain", 1),
    "rH": ("environment.humidity", 1),
}
_WEATHER_UNUSED = {
    "Tx": "mean of daily extremes, or extreme: not said",
    "Tm": "mean of daily extremes, or extreme: not said",
    "aH": "repeats Tx in 2016 and 2017",
    "Sh": NO_INDICATOR,
}


def weather(data: Path) -> Iterator[Cell]:
    """Yield the cells of the station's months; Vinh was unit 412 in all of them."""
    path = data / "weather" / "vinh_monthly_1961_2017.csv"
    for at, line in enumerate(lines_of(path), 2):
        for column, text in line.items():
            place, figures = f"row {at}, {column}", ()
            fate, reason = Fate.KEY, ""
            if column in _WEATHER_UNUSED:
                fate, reason = Fate.NOT_USED, _WEATHER_UNUSED[column]
            elif column in _WEATHER:
                indicator, digits = _WEATHER[column]
                fate, number = Fate.LANDED, number_in(text)
                figures = (
                    Figure(
                        indicator=indicator,
                        locality="412",
                        period=f"{line['year']}-{int(line['month']):02d}",
                        number=number,
                        status=status_of(number, "normal"),
                        digits=digits,
                    ),
                )
            yield Cell(
                file=path.name,
                place=place,
                text=text,
                fate=fate,
                reason=reason,
                figures=figures,
            )


_STATIONS = {"Nghe An Truong Thi": "truong-thi", "Vinh": "vinh"}
_UNTRUSTED = {"temp", "hum", "co", "no2", "o3", "so2"}


def _station_days(
    lines: Iterable[dict[str, str]],
) -> dict[tuple[str, str], Fraction | None]:
    """Return the mean of the hourly means of each station's local day."""
    hours: dict[tuple[str, str], dict[int, list[Fraction]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for line in lines:
        if line["parameter"] == "pm25":
            day, hour = _local(line)
            hours[_station(line), day][hour].append(Fraction(line["value"]))
    return {
        key: sum(sum(values) / len(values) for values in found.values()) / len(found)
        if len(found) >= VALID_HOURS_MIN
        else None
        for key, found in hours.items()
    }


def _local(line: dict[str, str]) -> tuple[str, int]:
    moment = datetime.fromisoformat(line["timestamp_utc"]).astimezone(VIETNAM)
    return moment.date().isoformat(), moment.hour


def _station(line: dict[str, str]) -> str:
    return _STATIONS[line["station_name"].split(",")[0]]


def stations(data: Path) -> Iterator[Cell]:
    """Yield the cells of the stations' readings; each is part of its day's mean."""
    path = data / "air_traffic" / "vinh_station_measurements_to_2026-05-21.csv"
    lines = lines_of(path)
    days = _station_days(lines)
    for at, line in enumerate(lines, 2):
        for column, text in line.items():
            fate, reason, figures = Fate.KEY, "", ()
            if column == "aqi_reported":
                fate, reason = Fate.REFUSED, "an index of the source, of no parameter"
            elif column == "value" and line["parameter"] in _UNTRUSTED:
                fate, reason = Fate.REFUSED, "the unit is not its own"
            elif column == "value" and line["parameter"] != "pm25":
                fate, reason = Fate.NOT_USED, NO_INDICATOR
            elif column == "value":
                day, station = _local(line)[0], _station(line)
                mean = days[station, day]
                figures = (
                    Figure(
                        indicator=STATION_AIR,
                        locality="vinh",
                        period=day,
                        number=mean,
                        breakdown=f"station={station}",
                        status=status_of(mean, "normal"),
                        digits=3,
                    ),
                )
                fate = Fate.LANDED
                if mean is None:
                    fate, reason = Fate.NOT_USED, "its day has fewer than 18 hours"
            yield Cell(
                file=path.name,
                place=f"row {at}, {column}",
                text=text,
                fate=fate,
                reason=reason,
                figures=figures,
            )


_WARD_KEYS = {
    *("date", "province", "ward_code", "region_3", "region_8", "source"),
    *("dominant_pollutant_us", "dominant_pollutant_vn", "hourly_count"),
    *("ingest_time", "raw_loaded_at", "raw_sync_run_id", "raw_sync_started_at"),
}


def wards(data: Path, ids: Mapping[str, str]) -> Iterator[Cell]:
    """Yield the cells of the wards' days; ``ids`` are localities by code."""
    path = data / "air_traffic" / "nghe_an_daily_by_ward_to_2026-05-21.csv"
    for at, line in enumerate(lines_of(path), 2):
        enough = int(line["hourly_count"]) >= VALID_HOURS_MIN * 6
        for column, text in line.items():
            fate, reason, figures = Fate.NOT_USED, NO_INDICATOR, ()
            if column in _WARD_KEYS:
                fate, reason = Fate.KEY, ""
            elif line["source"] == "aqiin":
                fate, reason = Fate.REFUSED, "miscoded: the ward is not the stations'"
            elif "aqi" in column:
                fate, reason = Fate.REFUSED, "an index can't be averaged"
            elif column.endswith("_max"):
                reason = "equals the average in every row"
            elif column == "pm25_daily_avg":
                fate, reason = Fate.LANDED, ""
                number = Fraction(text) if enough else None
                figures = (
                    Figure(
                        indicator=WARD_AIR,
                        locality=ids[line["ward_code"]],
                        period=line["date"],
                        number=number,
                        status=status_of(number, "estimated"),
                        digits=3,
                    ),
                )
            yield Cell(
                file=path.name,
                place=f"row {at}, {column}",
                text=text,
                fate=fate,
                reason=reason,
                figures=figures,
            )


_CONGESTION_KEYS = {
    *("datetime_hour", "date", "province", "ward_code", "region_3", "region_8"),
    *("source_mix", "confidence_level", "last_traffic_ingested_at"),
    "last_ingested_at",
}


def congestion(data: Path) -> Iterator[Cell]:
    """Yield the cells of the modelled congestion: no subsystem takes it yet."""
    path = data / "air_traffic" / "nghe_an_congestion_hourly_first_half.csv"
    for at, line in enumerate(lines_of(path), 2):
        for column, text in line.items():
            key = column in _CONGESTION_KEYS
            yield Cell(
                file=path.name,
                place=f"row {at}, {column}",
                text=text,
                fate=Fate.KEY if key else Fate.NOT_USED,
                reason="" if key else "traffic: no subsystem yet",
            )
