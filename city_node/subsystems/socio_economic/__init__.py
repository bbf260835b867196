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

_ABOUT = {"locality": "code", "month": "text", "unit": "text"}
_INVESTMENT = {
    "estimate": "decimal?",
    "realised": "decimal?",
    "previous_month": "text?",
    "previous_realised": "decimal?",
    "year_to_date": "decimal?",
    "plan": "decimal?",
    "percent_of_plan": "decimal?",
    "year_on_year_index": "decimal?",
    "year_on_year_growth": "decimal?",
}
_CAPITAL = {
    "projects": "decimal?",
    "newly_registered": "decimal?",
    "adjusted": "decimal?",
}

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
    record_kinds={
        INVESTMENT_MONTH: _ABOUT | _INVESTMENT,
        FOREIGN_INVESTMENT: _ABOUT | _CAPITAL,
    },
)
