"""What is measured of tourism.

Turnover of travel agencies ("lữ hành") is a measure of its own: tours sold, wherever
they lead. It is never shown as tourism revenue or as receipts from visitors.
"""

from datetime import date

from city_node.contract import MeasuredIndicator
from city_node.subsystems.figures import figure
from city_node.subsystems.tourism.records import SUBSYSTEM_ID, TRAVEL_AGENCIES_OF_YEAR
from city_node.subsystems.tourism.words import TEXTS, TOURISM
from federation.coverage.owed import OwedRule
from federation.model.indicator import Direction, Indicator, Measure, MergeRule
from federation.model.period import LOCAL, Frequency

_YEARBOOK_DEADLINE_HOURS = 181 * 24
"""The yearbook of a year comes out in the middle of the next one."""

TRAVEL_AGENCY_TURNOVER = Indicator(
    id=f"{SUBSYSTEM_ID}.travel_agency_turnover",
    subsystem=SUBSYSTEM_ID,
    name=TEXTS["indicator.travel_agency_turnover.name"],
    short_name=TEXTS["indicator.travel_agency_turnover.short_name"],
    definition=TEXTS["indicator.travel_agency_turnover.definition"],
    unit="billion_vnd",
    unit_text=TEXTS["unit.billion_vnd"],
    scale=6,
    decimals=1,
    measure=Measure.SUM,
    over_time=MergeRule.SUM,
    over_place=MergeRule.SUM,
    frequency=Frequency.YEAR,
    calendar=LOCAL.id,
    level="province",
    owner_agency=TOURISM,
    deadline_hours=_YEARBOOK_DEADLINE_HOURS,
    direction=Direction.UP,
)

INDICATORS: tuple[MeasuredIndicator, ...] = (
    figure(
        TRAVEL_AGENCY_TURNOVER,
        kind=TRAVEL_AGENCIES_OF_YEAR,
        field="turnover",
        agency=TOURISM,
        unit="billion_vnd",
    ),
)

OBLIGATIONS: tuple[OwedRule, ...] = (
    # The table leaves out 2011 and ends with 2015: these years are owed by nobody.
    *(
        OwedRule(
            indicators=(TRAVEL_AGENCY_TURNOVER.id,),
            first=date(first, 1, 1),
            last=date(last, 12, 31),
        )
        for first, last in ((2010, 2010), (2012, 2015))
    ),
)
