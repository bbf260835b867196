"""Health: patient beds of the facilities that the province's department runs.

Figures are yearly and about the province as a whole, as the statistics office
publishes them.
"""

from city_node.contract import Subsystem
from city_node.subsystems.health.indicators import INDICATORS, OBLIGATIONS
from city_node.subsystems.health.records import RECORD_KINDS, SUBSYSTEM_ID
from city_node.subsystems.health.sources import READERS, SOURCES
from city_node.subsystems.health.words import HEALTH, STATISTICS_OFFICE, TEXTS

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=HEALTH,
    agencies={
        HEALTH: TEXTS["agency.health"],
        STATISTICS_OFFICE: TEXTS["agency.statistics_office"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds=RECORD_KINDS,
    obligations=OBLIGATIONS,
)
