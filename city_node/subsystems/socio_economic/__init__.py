"""Economy of the province: public and foreign investment, industrial labour, poverty.

Every figure is about a province as a whole and is reported by its departments; it is
never a figure of a city.
"""

from city_node.contract import Subsystem
from city_node.sources.mapped import record_kinds
from city_node.subsystems.socio_economic.indicators import INDICATORS, OBLIGATIONS
from city_node.subsystems.socio_economic.records import SUBSYSTEM_ID
from city_node.subsystems.socio_economic.sources import MAPPINGS, READERS, SOURCES
from city_node.subsystems.socio_economic.words import (
    FINANCE,
    STATISTICS_OFFICE,
    TEXTS,
)

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=FINANCE,
    agencies={
        FINANCE: TEXTS["agency.finance"],
        STATISTICS_OFFICE: TEXTS["agency.statistics_office"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds=record_kinds(MAPPINGS),
    obligations=OBLIGATIONS,
)
