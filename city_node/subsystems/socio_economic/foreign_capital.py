"""Foreign investment by the month, and projects: made of what is published to date.

The tables count from 1 January. A month is the difference to the month before, made
only where that one is known; January stands for itself.
"""

from datetime import date
from typing import Any

from city_node.contract import MeasuredIndicator
from city_node.subsystems.figures import figure
from city_node.subsystems.socio_economic.records import (
    FOREIGN_INVESTMENT,
    SUBSYSTEM_ID,
)
from city_node.subsystems.socio_economic.words import FINANCE, TEXTS
from federation.coverage.owed import OwedRule
from federation.model.indicator import Direction, Indicator, Measure, MergeRule
from federation.model.period import LOCAL, Frequency

_MONEY_SCALE = 6
_REPORT_DEADLINE_HOURS = 35 * 24
"""As late as the realised figures of the same workbook."""


def _monthly(name: str, unit: str, **rules: Any) -> Indicator:
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=TEXTS[f"unit.{unit}"],
        frequency=Frequency.MONTH,
        calendar=LOCAL.id,
        level="province",
        owner_agency=FINANCE,
        deadline_hours=_REPORT_DEADLINE_HOURS,
        **rules,
    )


def _of_the_month(name: str, **rules: Any) -> Indicator:
    return _monthly(
        name,
        "million_usd",
        scale=_MONEY_SCALE,
        decimals=3,
        measure=Measure.SUM,
        over_time=MergeRule.SUM,
        over_place=MergeRule.SUM,
        # A project that was counted may be taken back.
        may_be_negative=True,
        **rules,
    )


FDI_NEW_MONTH = _of_the_month("fdi_new_month", direction=Direction.UP)
FDI_ADJUSTED_MONTH = _of_the_month("fdi_adjusted_month")
FDI_PROJECTS_NEW = _monthly(
    "fdi_projects_new",
    "project",
    scale=0,
    decimals=0,
    measure=Measure.PUBLISHED,
    over_time=MergeRule.NONE,
    over_place=MergeRule.NONE,
    direction=Direction.UP,
)


def _to_date(indicator: Indicator, field: str) -> MeasuredIndicator:
    return figure(
        indicator,
        kind=FOREIGN_INVESTMENT,
        field=field,
        agency=FINANCE,
        unit="million_usd",
        period_field="month",
        cumulative=True,
        # One large project makes a month many times another one.
        jump_factor=0,
    )


FOREIGN_CAPITAL: tuple[MeasuredIndicator, ...] = (
    _to_date(FDI_NEW_MONTH, "newly_registered"),
    _to_date(FDI_ADJUSTED_MONTH, "adjusted"),
    figure(
        FDI_PROJECTS_NEW,
        kind=FOREIGN_INVESTMENT,
        field="projects",
        agency=FINANCE,
        period_field="month",
    ),
)

FOREIGN_OBLIGATIONS: tuple[OwedRule, ...] = (
    OwedRule(
        indicators=(
            f"{SUBSYSTEM_ID}.fdi_new",
            f"{SUBSYSTEM_ID}.fdi_adjusted",
            FDI_PROJECTS_NEW.id,
        ),
        first=date(2024, 12, 1),
    ),
    # The first month whose month before is in the tables.
    OwedRule(
        indicators=(FDI_NEW_MONTH.id, FDI_ADJUSTED_MONTH.id), first=date(2025, 1, 1)
    ),
)
