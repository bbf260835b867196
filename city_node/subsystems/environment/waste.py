"""Solid waste: what is collected on an average day, and how much of it is treated.

Both come from one table and are tonnes a day of a whole province. The rate is made of
the two, so provinces merge into one by their tonnes and never by their percentages; a
year's tonnes a day make no longer period.
"""

from datetime import date
from typing import Any

from city_node.contract import MeasuredIndicator
from city_node.subsystems.environment.records import SUBSYSTEM_ID, WASTE_OF_YEAR
from city_node.subsystems.environment.words import ENVIRONMENT, TEXTS
from city_node.subsystems.figures import figure
from federation.coverage.owed import OwedRule
from federation.model.indicator import Direction, Indicator, Measure, MergeRule
from federation.model.period import LOCAL, Frequency

_YEARBOOK_DEADLINE_HOURS = 181 * 24
"""The yearbook of a year comes out in the middle of the next one."""

_TONNES_SCALE = 3


def _indicator(name: str, unit: str, **rules: Any) -> Indicator:
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=TEXTS[f"unit.{unit}"],
        scale=_TONNES_SCALE,
        over_time=MergeRule.NONE,
        frequency=Frequency.YEAR,
        calendar=LOCAL.id,
        level="province",
        owner_agency=ENVIRONMENT,
        deadline_hours=_YEARBOOK_DEADLINE_HOURS,
        **rules,
    )


WASTE_COLLECTED = _indicator(
    "waste_collected",
    "tonnes_per_day",
    decimals=0,
    measure=Measure.SUM,
    over_place=MergeRule.SUM,
)
WASTE_TREATED = _indicator(
    "waste_treated",
    "percent",
    decimals=1,
    measure=Measure.RATIO,
    over_place=MergeRule.RATIO,
    direction=Direction.UP,
    maximum=100 * 10**_TONNES_SCALE,
)

WASTE: tuple[MeasuredIndicator, ...] = (
    figure(
        WASTE_COLLECTED,
        kind=WASTE_OF_YEAR,
        field="collected",
        agency=ENVIRONMENT,
        unit="tonnes_per_day",
    ),
    figure(
        WASTE_TREATED,
        kind=WASTE_OF_YEAR,
        field="treated",
        over="collected",
        agency=ENVIRONMENT,
        unit="tonnes_per_day",
    ),
)

WASTE_OBLIGATIONS: tuple[OwedRule, ...] = (
    # The table has two years: others are owed by nobody.
    OwedRule(
        indicators=(WASTE_COLLECTED.id, WASTE_TREATED.id),
        first=date(2015, 1, 1),
        last=date(2016, 12, 31),
    ),
)
