"""Names that several files of this subsystem use."""

from city_node.subsystems.texts import load_texts

TEXTS = load_texts("city_node.subsystems.environment")

ENVIRONMENT = "H41.SNNMT"
"""Department of Agriculture and Environment of the province: owner of the subsystem."""

WEATHER_SERVICE = "KTTV"
"""Meteorological service: publishes what weather stations measured."""

AIR_AGGREGATOR = "AQIIN"
"""Aggregator of air quality stations."""

AIR_MODEL = "OPENWEATHER"
"""Publisher of modelled air quality."""

STATISTICS_OFFICE = "TKTW"
"""National statistics office: publishes the yearbook's tables."""
