"""Readers of the environment's sources; each is found by the columns of its file."""

from city_node.contract import FileReader, SourceInfo
from city_node.subsystems.environment.simulate import SIMULATED_SOURCE
from city_node.subsystems.environment.stations import STATIONS_SOURCE, StationReader
from city_node.subsystems.environment.ward_air import WARD_AIR_SOURCE, WardAirReader
from city_node.subsystems.environment.weather import WEATHER_SOURCE, WeatherReader
from city_node.subsystems.environment.words import ENVIRONMENT, TEXTS

# Pushed only: there is no file of it.
INSPECTION_SOURCE = SourceInfo(
    id="inspection", name=TEXTS["source.inspection"], publisher=ENVIRONMENT
)

SOURCES: tuple[SourceInfo, ...] = (
    WEATHER_SOURCE,
    STATIONS_SOURCE,
    WARD_AIR_SOURCE,
    INSPECTION_SOURCE,
    SIMULATED_SOURCE,
)
READERS: tuple[FileReader, ...] = (WeatherReader(), StationReader(), WardAirReader())
