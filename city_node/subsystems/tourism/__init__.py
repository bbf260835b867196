"""Tourism: what travel agencies turn over.

Figures are yearly and about the province as a whole, as the statistics office
publishes them. They are neither tourism revenue nor receipts from visitors.
"""

from city_node.contract import Subsystem
from city_node.subsystems.tourism.indicators import INDICATORS, OBLIGATIONS
from city_node.subsystems.tourism.records import RECORD_KINDS, SUBSYSTEM_ID
from city_node.subsystems.tourism.sources import READERS, SOURCES
from city_node.subsystems.tourism.words import STATISTICS_OFFICE, TEXTS, TOURISM

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=TOURISM,
    agencies={
        TOURISM: TEXTS["agency.tourism"],
        STATISTICS_OFFICE: TEXTS["agency.statistics_office"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds=RECORD_KINDS,
    obligations=OBLIGATIONS,
)
