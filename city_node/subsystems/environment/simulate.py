"""Generated figures of the environment, for a demonstration.

Seasons are those of the Vinh station's long record: hot dry winds in June and July,
rain in September and October, haze in winter. Each figure is a function of (seed,
place, time) alone, so a later run repeats it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from city_node.contract import Record, SourceInfo
from city_node.subsystems.draws import days_between, months_between, share
from city_node.subsystems.environment.records import (
    Statement,
    StationHour,
    ViolationsDay,
    WardAirDay,
    WeatherMonth,
    record_of,
)
from city_node.subsystems.environment.words import ENVIRONMENT, TEXTS
from city_node.subsystems.statements import begin_of
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.status import Provenance

SIMULATED_SOURCE = SourceInfo(
    id="simulated_environment", name=TEXTS["source.simulated"], publisher=ENVIRONMENT
)
# By month from January: mean °C, mm of rain, % humidity, µg/m³ of PM2.5.
_TEMPERATURE = (18, 19, 21, 25, 28, 30, 30, 29, 27, 25, 22, 19)
_RAIN = (52, 44, 47, 64, 140, 110, 115, 230, 460, 520, 180, 68)
_HUMIDITY = (89, 91, 91, 88, 82, 75, 74, 80, 86, 87, 87, 86)
_PM25 = (38, 34, 30, 24, 18, 14, 12, 13, 16, 22, 29, 36)
_VIOLATIONS_MOST = 4
_MODEL = "simulated"


def simulate(
    localities: Sequence[Locality], since: date, until: datetime, seed: int
) -> Iterator[Record]:
    """Yield figures for communes and areas, from a day on, of times that are over.

    Communes have violations and modelled air; areas of several localities have
    weather and one station.
    """
    today = until.astimezone(LOCAL.zone).date()
    for locality in localities:
        if locality.level == "commune":
            yield from _commune(locality, since, until, seed)
        elif locality.level == "area" and _is_several(locality, today):
            for month in months_between(since, today):
                yield _weather(locality, month, seed)
            yield from _station(locality, since, until, seed)


def _is_several(area: Locality, day: date) -> bool:
    return sum(member.holds_on(day) for member in area.members) > 1


def _commune(
    locality: Locality, since: date, until: datetime, seed: int
) -> Iterator[Record]:
    for day in days_between(since, until.astimezone(LOCAL.zone).date()):
        if locality.holds_on(day):
            chance = share(seed, "violations", locality.id, day)
            # Most days have none; few have several.
            found = int(chance**4 * (_VIOLATIONS_MOST + 1))
            yield _simulated(
                ViolationsDay(locality=locality.id, day=day.isoformat(), found=found)
            )
    for day in days_between(since, until.astimezone(UTC).date()):
        if locality.holds_on(day):
            chance = share(seed, "ward-air", locality.parent, day)
            mean = _PM25[day.month - 1] * (Decimal("0.6") + chance)
            yield _simulated(
                WardAirDay(
                    locality=locality.id,
                    day=day.isoformat(),
                    model=_MODEL,
                    pm25=f"{mean:.3f}",
                )
            )


def _weather(area: Locality, month: date, seed: int) -> Record:
    def around(normal: int, name: str, spread: Decimal) -> Decimal:
        return normal + spread * (2 * share(seed, name, area.id, month) - 1)

    number = month.month - 1
    rain = _RAIN[number]
    return _simulated(
        WeatherMonth(
            locality=area.id,
            station=_MODEL,
            month=f"{month:%Y-%m}",
            temperature=f"{around(_TEMPERATURE[number], 'ta', Decimal('1.5')):.1f}",
            rain=f"{around(rain, 'rain', Decimal(rain) * 7 / 10):.1f}",
            humidity=f"{around(_HUMIDITY[number], 'rh', Decimal(4)):.0f}",
        )
    )


def _station(
    area: Locality, since: date, until: datetime, seed: int
) -> Iterator[Record]:
    hour = begin_of(since).astimezone(UTC)
    while hour + timedelta(hours=1) <= until:
        local = hour.astimezone(LOCAL.zone)
        # Traffic in the morning and evening, still air at night.
        peak = Decimal("1.25") if local.hour in (6, 7, 8, 17, 18, 19) else Decimal(1)
        day = share(seed, "station-day", area.id, local.date())
        chance = share(seed, "station-hour", area.id, hour)
        mean = _PM25[local.month - 1] * peak * (Decimal("0.5") + day + chance / 5)
        yield _simulated(
            StationHour(
                locality=area.id,
                station=_MODEL,
                parameter="pm25",
                hour=hour.isoformat(),
                total=f"{mean:.1f}",
                readings=1,
                unit="µg/m³",
            )
        )
        hour += timedelta(hours=1)


def _simulated(statement: Statement) -> Record:
    return record_of(
        statement,
        source=SIMULATED_SOURCE.id,
        provenance=Provenance.SIMULATED,
    )
