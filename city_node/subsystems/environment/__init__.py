"""Environment: weather, air quality at stations, modelled air of wards, violations.

A station belongs to the area it stands in and is told apart by its breakdown; a
model's figure belongs to a ward and is always an estimate.
"""

from city_node.contract import Subsystem
from city_node.subsystems.environment.indicators import INDICATORS
from city_node.subsystems.environment.records import (
    STATION_HOUR,
    SUBSYSTEM_ID,
    VIOLATIONS_DAY,
    WARD_AIR_DAY,
    WEATHER_MONTH,
)
from city_node.subsystems.environment.sources import READERS, SOURCES
from city_node.subsystems.environment.words import (
    AIR_AGGREGATOR,
    AIR_MODEL,
    ENVIRONMENT,
    TEXTS,
    WEATHER_SERVICE,
)

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=ENVIRONMENT,
    agencies={
        ENVIRONMENT: TEXTS["agency.environment"],
        WEATHER_SERVICE: TEXTS["agency.weather_service"],
        AIR_AGGREGATOR: TEXTS["agency.air_aggregator"],
        AIR_MODEL: TEXTS["agency.air_model"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds={
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
    },
)
