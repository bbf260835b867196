"""Readers of the environment's sources; each is found by the columns of its file."""

from city_node.contract import FileReader, SourceInfo
from city_node.sources.mapped import load_readers
from city_node.subsystems.environment.records import MAPPINGS, SUBSYSTEM_ID
from city_node.subsystems.environment.simulate import SIMULATED_SOURCE
from city_node.subsystems.environment.stations import STATIONS_SOURCE, StationReader
from city_node.subsystems.environment.ward_air import WARD_AIR_SOURCE, WardAirReader
from city_node.subsystems.environment.weather import WEATHER_SOURCE, WeatherReader
from city_node.subsystems.environment.words import (
    ENVIRONMENT,
    STATISTICS_OFFICE,
    TEXTS,
)

# Pushed only: there is no file of it.
INSPECTION_SOURCE = SourceInfo(
    id="inspection", name=TEXTS["source.inspection"], publisher=ENVIRONMENT
)
WASTE_SOURCE = SourceInfo(
    id="annual_waste", name=TEXTS["source.annual_waste"], publisher=STATISTICS_OFFICE
)

SOURCES: tuple[SourceInfo, ...] = (
    WEATHER_SOURCE,
    STATIONS_SOURCE,
    WARD_AIR_SOURCE,
    WASTE_SOURCE,
    INSPECTION_SOURCE,
    SIMULATED_SOURCE,
)
READERS: tuple[FileReader, ...] = (
    WeatherReader(),
    StationReader(),
    WardAirReader(),
    *load_readers(SUBSYSTEM_ID, MAPPINGS, TEXTS),
)
