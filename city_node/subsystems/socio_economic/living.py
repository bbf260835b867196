"""Work and poverty: an index and a rate that the statistics office publishes.

Each comes without its parts, so it stays as published and is merged with nothing.
"""

from datetime import date
from typing import Any

from city_node.contract import MeasuredIndicator
from city_node.subsystems.figures import figure
from city_node.subsystems.socio_economic.records import (
    INDUSTRIAL_LABOUR,
    POVERTY,
    SUBSYSTEM_ID,
)
from city_node.subsystems.socio_economic.words import FINANCE, TEXTS
from federation.coverage.owed import OwedRule
from federation.model.indicator import (
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
)
from federation.model.period import LOCAL, Frequency

BASES = ("month_before", "year_before")
"""What an index of labour is compared with: codes of a breakdown, 100 is equal."""

_SCALE = 2
_YEARBOOK_DEADLINE_HOURS = 181 * 24
"""The yearbook of a year comes out in the middle of the next one."""

_REPORT_DEADLINE_HOURS = 10 * 24
"""The workbook of a month is out in its first week."""


def _published(name: str, unit: str, **rules: Any) -> Indicator:
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=TEXTS[f"unit.{unit}"],
        scale=_SCALE,
        measure=Measure.PUBLISHED,
        over_time=MergeRule.NONE,
        over_place=MergeRule.NONE,
        calendar=LOCAL.id,
        level="province",
        owner_agency=FINANCE,
        **rules,
    )


INDUSTRIAL_LABOUR_INDEX = _published(
    "industrial_labour_index",
    "percent",
    decimals=_SCALE,
    frequency=Frequency.MONTH,
    deadline_hours=_REPORT_DEADLINE_HOURS,
    direction=Direction.UP,
    dimensions=("base",),
    dimension_codes=tuple(
        DimensionCode(dimension="base", code=code, name=TEXTS[f"base.{code}"])
        for code in BASES
    ),
)
POVERTY_PUBLISHED = _published(
    "poverty_published",
    "percent",
    decimals=1,
    frequency=Frequency.YEAR,
    deadline_hours=_YEARBOOK_DEADLINE_HOURS,
    direction=Direction.DOWN,
    maximum=100 * 10**_SCALE,
)

LIVING: tuple[MeasuredIndicator, ...] = (
    figure(
        INDUSTRIAL_LABOUR_INDEX,
        kind=INDUSTRIAL_LABOUR,
        field="index",
        agency=FINANCE,
        period_field="month",
    ),
    figure(
        POVERTY_PUBLISHED,
        kind=POVERTY,
        field="rate",
        agency=FINANCE,
        period_field="year",
    ),
)

LIVING_OBLIGATIONS: tuple[OwedRule, ...] = tuple(
    # The survey was held every other year, then every year; the table ends with 2016.
    OwedRule(
        indicators=(POVERTY_PUBLISHED.id,),
        first=date(first, 1, 1),
        last=date(last, 12, 31),
    )
    for first, last in ((2006, 2006), (2008, 2008), (2010, 2010), (2012, 2016))
)
