"""Citizen feedback: what people report on the spot, and whether it is answered in time.

Of a report is kept what it is about, where (the ward) and when it was received, due and
answered; nothing of who reported it or what they wrote.
"""

from datetime import date

from city_node.contract import Subsystem
from city_node.subsystems.citizen_feedback.indicators import INDICATORS
from city_node.subsystems.citizen_feedback.records import (
    QUIET_DAY,
    REPORT,
    SUBSYSTEM_ID,
)
from city_node.subsystems.citizen_feedback.sources import READERS, SOURCES
from city_node.subsystems.citizen_feedback.words import OFFICE, TEXTS
from federation.coverage.owed import OwedRule

SUBSYSTEM = Subsystem(
    id=SUBSYSTEM_ID,
    name=TEXTS["subsystem.name"],
    owner_agency=OFFICE,
    agencies={OFFICE: TEXTS["agency.office"]},
    sources=SOURCES,
    readers=READERS,
    indicators=INDICATORS,
    # Wards and communes take reports in since there are no districts any more.
    obligations=(
        OwedRule(
            indicators=tuple(one.indicator.id for one in INDICATORS),
            first=date(2025, 7, 1),
        ),
    ),
    record_kinds={
        REPORT: {
            "locality": "code",
            "category": "text",
            "received": "datetime",
            "due": "datetime",
            "answered": "text?",
            "duplicate_of": "text?",
        },
        QUIET_DAY: {"locality": "code", "day": "date"},
    },
)
