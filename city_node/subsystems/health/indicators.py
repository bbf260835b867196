"""What is measured of health care.

Beds are a stock: those there were when the year ended. They are of facilities under
the provincial department only, so they are not all beds in the province.
"""

from datetime import date

from city_node.contract import MeasuredIndicator
from city_node.subsystems.figures import figure
from city_node.subsystems.health.records import BEDS_OF_YEAR, FACILITIES, SUBSYSTEM_ID
from city_node.subsystems.health.words import HEALTH, TEXTS
from federation.coverage.owed import OwedRule
from federation.model.indicator import (
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
)
from federation.model.period import LOCAL, Frequency

_YEARBOOK_DEADLINE_HOURS = 181 * 24
"""The yearbook of a year comes out in the middle of the next one."""

BEDS = Indicator(
    id=f"{SUBSYSTEM_ID}.beds",
    subsystem=SUBSYSTEM_ID,
    name=TEXTS["indicator.beds.name"],
    short_name=TEXTS["indicator.beds.short_name"],
    definition=TEXTS["indicator.beds.definition"],
    unit="bed",
    unit_text=TEXTS["unit.bed"],
    scale=0,
    decimals=0,
    measure=Measure.LAST,
    over_time=MergeRule.LAST,
    over_place=MergeRule.SUM,
    frequency=Frequency.YEAR,
    calendar=LOCAL.id,
    level="province",
    owner_agency=HEALTH,
    deadline_hours=_YEARBOOK_DEADLINE_HOURS,
    direction=Direction.UP,
    dimensions=("facility",),
    dimension_codes=tuple(
        DimensionCode(dimension="facility", code=code, name=TEXTS[f"facility.{code}"])
        for code in FACILITIES
    ),
)

INDICATORS: tuple[MeasuredIndicator, ...] = (
    figure(BEDS, kind=BEDS_OF_YEAR, field="beds", agency=HEALTH),
)

OBLIGATIONS: tuple[OwedRule, ...] = (
    # The table ends with 2016: what is after it is owed by nobody.
    OwedRule(indicators=(BEDS.id,), first=date(2002, 1, 1), last=date(2016, 12, 31)),
)
