"""Environment: weather, air at stations, modelled air of wards, waste, violations.

A station belongs to the area it stands in and is told apart by its breakdown; a
model's figure belongs to a ward and is always an estimate.
"""

from city_node.contract import Subsystem
from city_node.subsystems.environment.indicators import INDICATORS, OBLIGATIONS
from city_node.subsystems.environment.records import RECORD_KINDS, SUBSYSTEM_ID
from city_node.subsystems.environment.sources import READERS, SOURCES
from city_node.subsystems.environment.words import (
    AIR_AGGREGATOR,
    AIR_MODEL,
    ENVIRONMENT,
    STATISTICS_OFFICE,
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
        STATISTICS_OFFICE: TEXTS["agency.statistics_office"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds=RECORD_KINDS,
    obligations=OBLIGATIONS,
)
