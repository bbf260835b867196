"""What is measured of the environment, and how a statement contributes.

Nothing here merges over place but counted violations: a mean over stations or wards
would say nothing of the air anybody breathes, rain is not summed over places.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from city_node.contract import MeasuredIndicator, Observation, Record
from city_node.sources.headings import fold
from city_node.subsystems.environment.limits import within
from city_node.subsystems.environment.records import (
    STATION_HOUR,
    SUBSYSTEM_ID,
    VIOLATIONS_DAY,
    WARD_AIR_DAY,
    WEATHER_MONTH,
    count_in,
    day_of,
    hour_of,
    month_of,
)
from city_node.subsystems.environment.stations import CONCENTRATIONS, PM25
from city_node.subsystems.environment.ward_air import VALID_HOURS_MIN
from city_node.subsystems.environment.waste import WASTE, WASTE_OBLIGATIONS
from city_node.subsystems.environment.words import ENVIRONMENT, TEXTS
from city_node.subsystems.statements import (
    begin_of,
    breakdown_of,
    number_in,
    stated,
    text_in,
)
from federation.coverage.owed import OwedRule
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import (
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
    Text,
)
from federation.model.period import (
    LOCAL,
    UNIVERSAL,
    Frequency,
    Period,
    period_at,
    period_of_day,
)
from federation.model.row import State
from federation.model.status import Status

_UNITS: dict[str, Text] = {
    unit: TEXTS[f"unit.{unit}"]
    for unit in ("celsius", "millimetre", "percent", "ug_m3", "case")
}


_STATION_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def _indicator(name: str, unit: str, **rules: Any) -> Indicator:
    defaults: dict[str, Any] = {
        "calendar": LOCAL.id,
        "over_time": MergeRule.NONE,
        "over_place": MergeRule.NONE,
        "measure": Measure.PUBLISHED,
    }
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=_UNITS[unit],
        owner_agency=ENVIRONMENT,
        **(defaults | rules),
    )


def _weather(name: str, unit: str, **rules: Any) -> Indicator:
    return _indicator(
        name,
        unit,
        decimals=1,
        frequency=Frequency.MONTH,
        level="area",
        deadline_hours=10 * 24,
        **rules,
    )


# A published monthly mean comes without its days: it is merged with nothing.
TEMPERATURE = _weather("temperature", "celsius", scale=2, may_be_negative=True)
HUMIDITY = _weather("humidity", "percent", scale=1)
RAIN = _weather(
    "rain", "millimetre", scale=1, measure=Measure.SUM, over_time=MergeRule.SUM
)
# Stations whose names are known; another one is shown by its code.
STATIONS = ("truong-thi", "vinh")
PM25_24H = _indicator(
    "pm25_24h",
    "ug_m3",
    scale=6,
    decimals=1,
    measure=Measure.WEIGHTED_MEAN,
    over_time=MergeRule.WEIGHTED_MEAN,
    frequency=Frequency.DAY,
    level="area",
    dimensions=("station",),
    dimension_codes=tuple(
        DimensionCode(dimension="station", code=code, name=TEXTS[f"station.{code}"])
        for code in STATIONS
    ),
    deadline_hours=12,
    direction=Direction.DOWN,
    # QCVN 05:2023/BTNMT: 50 µg/m³ over 24 hours; 45 from 2026 on.
    target=45 * 10**6,
    watch_limit=50 * 10**6,
)
PM25_MODELLED = _indicator(
    "pm25_modelled",
    "ug_m3",
    scale=3,
    decimals=1,
    frequency=Frequency.DAY,
    calendar=UNIVERSAL.id,
    level="commune",
    deadline_hours=24,
    direction=Direction.DOWN,
)
VIOLATIONS_FOUND = _indicator(
    "violations_found",
    "case",
    scale=0,
    decimals=0,
    measure=Measure.SUM,
    over_time=MergeRule.SUM,
    over_place=MergeRule.SUM,
    frequency=Frequency.DAY,
    level="commune",
    deadline_hours=24,
    direction=Direction.DOWN,
)


def _month_observation(record: Record, indicator: Indicator, name: str) -> Observation:
    period = period_of_day(Frequency.MONTH, month_of(record))
    text = within(name, number_in(record.fields, name))
    state, status = stated(text, scale=indicator.scale)
    return Observation(
        indicator=indicator.id,
        locality=text_in(record.fields, "locality"),
        period=period,
        state=state,
        status=status,
        phenomenon_time=begin_of(period.first_day),
        phenomenon_end=begin_of(period.end_day),
        agency=ENVIRONMENT,
        breakdown=breakdown_of(record),
    )


def temperature_of(record: Record) -> Iterator[Observation]:
    """Yield the published mean temperature of a month."""
    yield _month_observation(record, TEMPERATURE, "temperature")


def rain_of(record: Record) -> Iterator[Observation]:
    """Yield the rain of a month."""
    yield _month_observation(record, RAIN, "rain")


def humidity_of(record: Record) -> Iterator[Observation]:
    """Yield the published mean relative humidity of a month."""
    yield _month_observation(record, HUMIDITY, "humidity")


def pm25_24h_of(record: Record) -> Iterator[Observation]:
    """Yield one valid hour of a station with weight 1, in the local day it began."""
    fields = record.fields
    if text_in(fields, "parameter") != PM25:
        return
    factor = CONCENTRATIONS.get(fold(text_in(fields, "unit")))
    if factor is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Đơn vị “{fields['unit']}” không phải nồng độ. Hãy ghi µg/m³.",
            f"The unit “{fields['unit']}” is no concentration. Write µg/m³.",
            {"field": "unit"},
        )
    hour = hour_of(record)
    readings = count_in(record, "readings", least=1)
    mean, status = stated(
        text_in(fields, "total"), scale=PM25_24H.scale, factor=factor / readings
    )
    if mean is None:
        return
    within(PM25, str(Decimal(mean.value).scaleb(-PM25_24H.scale)))
    yield Observation(
        indicator=PM25_24H.id,
        locality=text_in(fields, "locality"),
        period=period_at(Frequency.DAY, hour, LOCAL),
        state=State(value=mean.value, second=1),
        status=status,
        phenomenon_time=hour,
        phenomenon_end=hour + timedelta(hours=1),
        agency=ENVIRONMENT,
        breakdown=breakdown_of(record, f"station={_station_in(record)}"),
    )


def _station_in(record: Record) -> str:
    station = text_in(record.fields, "station")
    if not _STATION_CODE.fullmatch(station):
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Mã trạm “{station[:60]}” phải gồm chữ thường, số và gạch nối.",
            f"The station code “{station[:60]}” must be lower case letters, digits "
            "and hyphens.",
            {"field": "station"},
        )
    return station


def pm25_modelled_of(record: Record) -> Iterator[Observation]:
    """Yield a model's day for a ward: an estimate, or missing."""
    day = day_of(record)
    text = within(PM25, number_in(record.fields, "pm25"))
    state, status = stated(text, scale=PM25_MODELLED.scale, certain=Status.ESTIMATED)
    yield _day_observation(record, PM25_MODELLED, day, state, status)


def violations_of(record: Record) -> Iterator[Observation]:
    """Yield the violations found on a day; none found is a report of zero."""
    found = count_in(record, "found", least=0)
    status = Status.NORMAL if found else Status.ZERO
    yield _day_observation(
        record, VIOLATIONS_FOUND, day_of(record), State(value=found), status
    )


def _day_observation(
    record: Record,
    indicator: Indicator,
    day: date,
    state: State | None,
    status: Status,
) -> Observation:
    calendar = UNIVERSAL if indicator.calendar == UNIVERSAL.id else LOCAL
    period: Period = period_of_day(Frequency.DAY, day)
    return Observation(
        indicator=indicator.id,
        locality=text_in(record.fields, "locality"),
        period=period,
        state=state,
        status=status,
        phenomenon_time=period.begins_at(calendar),
        phenomenon_end=period.ends_at(calendar),
        agency=ENVIRONMENT,
        breakdown=breakdown_of(record),
    )


_WEATHER = frozenset((WEATHER_MONTH,))

INDICATORS: tuple[MeasuredIndicator, ...] = (
    MeasuredIndicator(indicator=TEMPERATURE, kinds=_WEATHER, contribute=temperature_of),
    MeasuredIndicator(
        indicator=RAIN,
        kinds=_WEATHER,
        contribute=rain_of,
        # A dry month after a wet one is weather, no other unit.
        jump_factor=0,
    ),
    MeasuredIndicator(indicator=HUMIDITY, kinds=_WEATHER, contribute=humidity_of),
    MeasuredIndicator(
        indicator=PM25_24H,
        kinds=frozenset((STATION_HOUR,)),
        contribute=pm25_24h_of,
        minimum_weight=VALID_HOURS_MIN,
    ),
    MeasuredIndicator(
        indicator=PM25_MODELLED,
        kinds=frozenset((WARD_AIR_DAY,)),
        contribute=pm25_modelled_of,
    ),
    MeasuredIndicator(
        indicator=VIOLATIONS_FOUND,
        kinds=frozenset((VIOLATIONS_DAY,)),
        contribute=violations_of,
    ),
    *WASTE,
)

OBLIGATIONS: tuple[OwedRule, ...] = (
    # The station's long record: of the unit it stood in, then of the area after it.
    *(
        OwedRule(
            indicators=(TEMPERATURE.id, RAIN.id, HUMIDITY.id),
            level=level,
            first=first,
        )
        for level, first in (
            ("district", date(1961, 1, 1)),
            ("area", date(2025, 7, 1)),
        )
    ),
    *WASTE_OBLIGATIONS,
)
