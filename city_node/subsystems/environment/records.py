"""What stations, models and inspectors say about the environment.

Numbers are decimal texts, None where nothing was stated. Times are ISO 8601.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from city_node.contract import Record
from city_node.sources.dates import read_day, read_moment, read_month
from city_node.sources.mapped import load_mappings, record_kinds
from city_node.subsystems.statements import text_in
from federation.errors import ErrorCode, FederationError
from federation.model.status import Provenance

SUBSYSTEM_ID = "environment"
WEATHER_MONTH = "weather_month"
STATION_HOUR = "station_hour"
WARD_AIR_DAY = "ward_air_day"
VIOLATIONS_DAY = "violations_day"
WASTE_OF_YEAR = "waste_of_year"

MAPPINGS = load_mappings("city_node.subsystems.environment")
RECORD_KINDS: Mapping[str, Mapping[str, str]] = {
    WEATHER_MONTH: {
        "locality": "code",
        "station": "text",
        "month": "text",
        "temperature": "decimal?",
        "rain": "decimal?",
        "humidity": "decimal?",
    },
    STATION_HOUR: {
        "locality": "code",
        "station": "text",
        "parameter": "text",
        "hour": "datetime",
        "total": "decimal",
        "readings": "integer",
        "unit": "text",
    },
    WARD_AIR_DAY: {
        "locality": "code",
        "day": "date",
        "model": "text",
        "pm25": "decimal?",
    },
    VIOLATIONS_DAY: {"locality": "code", "day": "date", "found": "integer"},
    **record_kinds(MAPPINGS),
}

_COUNT_MAX = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class WeatherMonth:
    """A weather station's month: mean °C, sum of rain in mm, mean humidity in %."""

    locality: str
    station: str
    month: str
    temperature: str | None
    rain: str | None
    humidity: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StationHour:
    """All readings of one parameter at one station in one hour, in UTC.

    Sensors report unevenly, so an hour is their mean: ``total`` over ``readings``.
    """

    locality: str
    station: str
    parameter: str
    hour: str
    total: str
    readings: int
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WardAirDay:
    """A model's mean of PM2.5 for a ward and UTC day, in µg/m³.

    ``pm25`` is None where the model does not cover the ward or most of the day.
    """

    locality: str
    day: str
    model: str
    pm25: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ViolationsDay:
    """Violations of environmental law that inspectors found in a commune on a day."""

    locality: str
    day: str
    found: int


Statement = WeatherMonth | StationHour | WardAirDay | ViolationsDay


def record_of(
    statement: Statement, *, source: str, provenance: Provenance, scope: str = ""
) -> Record:
    """Return a statement as a record with the key its source knows it by.

    Without a ``scope`` it is a report of its own, that nothing else replaces.
    """
    kind, key = _identity(statement)
    return Record(
        subsystem=SUBSYSTEM_ID,
        source=source,
        source_key=key,
        kind=kind,
        scope=scope or f"{kind}:{key}",
        fields=asdict(statement),
        provenance=provenance,
    )


def _identity(statement: Statement) -> tuple[str, str]:
    match statement:
        case WeatherMonth(station=station, month=month):
            return WEATHER_MONTH, f"{station}:{month}"
        case StationHour(station=station, parameter=parameter, hour=hour):
            return STATION_HOUR, f"{station}:{parameter}:{hour}"
        case WardAirDay(model=model, locality=locality, day=day):
            return WARD_AIR_DAY, f"{model}:{locality}:{day}"
        case ViolationsDay(locality=locality, day=day):
            return VIOLATIONS_DAY, f"{locality}:{day}"


def month_of(record: Record) -> date:
    """Return the first day of a record's month, or raise ``INPUT_ROW``."""
    return read_month(text_in(record.fields, "month"))


def day_of(record: Record) -> date:
    """Return a record's day, or raise ``INPUT_ROW``."""
    return read_day(text_in(record.fields, "day"))


def hour_of(record: Record) -> datetime:
    """Return the begin of a record's hour in UTC, or raise ``INPUT_ROW``."""
    moment = read_moment(text_in(record.fields, "hour"))
    return moment.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def count_in(record: Record, name: str, *, least: int) -> int:
    """Return a field that is a count of at least ``least``, or raise ``INPUT_ROW``."""
    count: Any = record.fields.get(name)
    if type(count) is not int or not least <= count <= _COUNT_MAX:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Trường “{name}” phải là số nguyên từ {least} đến {_COUNT_MAX}.",
            f"The field “{name}” must be a whole number from {least} to {_COUNT_MAX}.",
            {"field": name},
        )
    return count
