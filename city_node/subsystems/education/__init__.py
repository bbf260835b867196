"""Education: pupils of general schools, and the rate of graduation.

Figures are of school years and about the province as a whole, as the statistics office
publishes them.
"""

from city_node.contract import Subsystem
from city_node.subsystems.education.indicators import INDICATORS, OBLIGATIONS
from city_node.subsystems.education.records import RECORD_KINDS, SUBSYSTEM_ID
from city_node.subsystems.education.sources import READERS, SOURCES
from city_node.subsystems.education.words import EDUCATION, STATISTICS_OFFICE, TEXTS

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=EDUCATION,
    agencies={
        EDUCATION: TEXTS["agency.education"],
        STATISTICS_OFFICE: TEXTS["agency.statistics_office"],
    },
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    record_kinds=RECORD_KINDS,
    obligations=OBLIGATIONS,
)
