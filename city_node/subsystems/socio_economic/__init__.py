"""Economy of the province: investment from the state budget, foreign investment.

Every figure is about a province as a whole and is reported by its departments; it is
never a figure of a city.
"""

from city_node.contract import Subsystem
from city_node.subsystems.socio_economic.indicators import INDICATORS
from city_node.subsystems.socio_economic.records import (
    FOREIGN_INVESTMENT,
    INVESTMENT_MONTH,
    SUBSYSTEM_ID,
)
from city_node.subsystems.socio_economic.sources import READERS, SOURCES
from city_node.subsystems.socio_economic.words import (
    FINANCE,
    STATISTICS_OFFICE,
    TEXTS,
)

_REQUIRED = {"locality": "code", "month": "text", "unit": "text"}

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
    record_kinds={INVESTMENT_MONTH: _REQUIRED, FOREIGN_INVESTMENT: _REQUIRED},
)
