"""What is measured of a province's economy, and how a statement contributes.

Realised investment is one fact with two publications: the estimate of the month's
own report, then the realised figure of a later one. A rate against the plan is made
only where numerator and plan come from one report; what arrives as a percentage
stays published and never enters a merge.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from city_node.contract import MeasuredIndicator, Observation, Record
from city_node.sources.dates import read_month
from city_node.sources.numbers import NONE_OCCURRED
from city_node.sources.units import factor_to
from city_node.subsystems.figures import figure
from city_node.subsystems.socio_economic.foreign_capital import (
    FOREIGN_CAPITAL,
    FOREIGN_OBLIGATIONS,
)
from city_node.subsystems.socio_economic.living import LIVING, LIVING_OBLIGATIONS
from city_node.subsystems.socio_economic.records import (
    FOREIGN_INVESTMENT,
    INVESTMENT_MONTH,
    SUBSYSTEM_ID,
    investment_month,
    month_of,
)
from city_node.subsystems.socio_economic.words import FINANCE, TEXTS
from city_node.subsystems.statements import (
    RANK_ABSENT,
    RANK_ESTIMATE,
    RANK_STATED,
    begin_of,
    breakdown_of,
    stated,
)
from federation.coverage.owed import OwedRule
from federation.model.indicator import Direction, Indicator, Measure, MergeRule, Text
from federation.model.period import LOCAL, Frequency, period_of_day
from federation.model.row import State
from federation.model.status import Status

MONEY_SCALE = 6
"""Thousands of VND in billions, and single USD in millions."""

RATE_SCALE = 3

_REPORT_DEADLINE_HOURS = 35 * 24
"""Realised figures come with the next month's report, five weeks on at the latest."""


def _indicator(name: str, unit: str, **rules: Any) -> Indicator:
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=_UNITS[unit],
        frequency=Frequency.MONTH,
        calendar=LOCAL.id,
        level="province",
        owner_agency=FINANCE,
        deadline_hours=_REPORT_DEADLINE_HOURS,
        **rules,
    )


def _published(name: str, unit: str, *, scale: int, **rules: Any) -> Indicator:
    return _indicator(
        name,
        unit,
        scale=scale,
        measure=Measure.PUBLISHED,
        over_time=MergeRule.NONE,
        over_place=MergeRule.NONE,
        **rules,
    )


_UNITS: dict[str, Text] = {
    unit: TEXTS[f"unit.{unit}"] for unit in ("billion_vnd", "million_usd", "percent")
}

INVESTMENT_REALISED = _indicator(
    "investment_realised",
    "billion_vnd",
    scale=MONEY_SCALE,
    decimals=3,
    measure=Measure.SUM,
    over_time=MergeRule.SUM,
    over_place=MergeRule.SUM,
    direction=Direction.UP,
)
INVESTMENT_AGAINST_PLAN = _indicator(
    "investment_against_plan",
    "percent",
    scale=MONEY_SCALE,
    decimals=3,
    measure=Measure.RATIO,
    # Of a year's months the last one says how far the year's plan is done.
    over_time=MergeRule.LAST,
    over_place=MergeRule.RATIO,
    direction=Direction.UP,
)
INVESTMENT_AGAINST_PLAN_PUBLISHED = _published(
    "investment_against_plan_published",
    "percent",
    scale=RATE_SCALE,
    decimals=3,
    direction=Direction.UP,
)
INVESTMENT_YEAR_ON_YEAR = _published(
    "investment_year_on_year",
    "percent",
    scale=RATE_SCALE,
    decimals=3,
    direction=Direction.UP,
)
FDI_NEW = _published(
    "fdi_new", "million_usd", scale=MONEY_SCALE, decimals=3, direction=Direction.UP
)
FDI_ADJUSTED = _published(
    "fdi_adjusted",
    "million_usd",
    scale=MONEY_SCALE,
    decimals=3,
    may_be_negative=True,
)


def _observation(
    record: Record,
    indicator: Indicator,
    month: date,
    state_and_status: tuple[State | None, Status],
    *,
    rank: int,
    key: str = "",
) -> Observation:
    state, status = state_and_status
    period = period_of_day(Frequency.MONTH, month)
    return Observation(
        indicator=indicator.id,
        locality=str(record.fields["locality"]),
        period=period,
        state=state,
        status=status,
        phenomenon_time=begin_of(period.first_day),
        phenomenon_end=begin_of(period.end_day),
        agency=FINANCE,
        breakdown=breakdown_of(record),
        key=key,
        fact=f"{indicator.id}:{record.fields['locality']}:{period.text}",
        rank=rank if state is not None else RANK_ABSENT,
    )


def realised_of(record: Record) -> Iterator[Observation]:
    """Yield what a line says of the month's realised investment.

    A line that says nothing of its own month is one missing observation.
    """
    line = investment_month(record)
    factor = factor_to(line.unit, "billion_vnd")
    month = month_of(record)

    def made(text: str | None, certain: Status) -> tuple[State | None, Status]:
        return stated(text, scale=MONEY_SCALE, factor=factor, certain=certain)

    if line.estimate is not None or line.realised is None:
        yield _observation(
            record,
            INVESTMENT_REALISED,
            month,
            made(line.estimate, Status.ESTIMATED),
            rank=RANK_ESTIMATE,
            key="estimate",
        )
    if line.realised is not None:
        yield _observation(
            record,
            INVESTMENT_REALISED,
            month,
            made(line.realised, Status.NORMAL),
            rank=RANK_STATED,
            key="realised",
        )
    if line.previous_realised is not None and line.previous_month is not None:
        yield _observation(
            record,
            INVESTMENT_REALISED,
            read_month(line.previous_month),
            made(line.previous_realised, Status.NORMAL),
            rank=RANK_STATED,
            key="previous",
        )


def against_plan_of(record: Record) -> Iterator[Observation]:
    """Yield the year to date over the year's plan, both of one report."""
    line = investment_month(record)
    if None in (line.plan, line.year_to_date) or NONE_OCCURRED in (
        line.plan,
        line.year_to_date,
    ):
        return
    factor = factor_to(line.unit, "billion_vnd")
    plan, _ = stated(line.plan, scale=MONEY_SCALE, factor=factor)
    to_date, _ = stated(line.year_to_date, scale=MONEY_SCALE, factor=factor)
    if plan is None or to_date is None:
        return
    yield _observation(
        record,
        INVESTMENT_AGAINST_PLAN,
        month_of(record),
        # The last month of the year to date is that report's estimate.
        (State(value=to_date.value, second=plan.value), Status.ESTIMATED),
        rank=RANK_STATED,
    )


def against_plan_published_of(record: Record) -> Iterator[Observation]:
    """Yield the percentage of plan as it was published."""
    line = investment_month(record)
    yield _observation(
        record,
        INVESTMENT_AGAINST_PLAN_PUBLISHED,
        month_of(record),
        stated(line.percent_of_plan, scale=RATE_SCALE, certain=Status.ESTIMATED),
        rank=RANK_STATED,
    )


def year_on_year_of(record: Record) -> Iterator[Observation]:
    """Yield the published index of the year to date."""
    line = investment_month(record)
    yield _observation(
        record,
        INVESTMENT_YEAR_ON_YEAR,
        month_of(record),
        stated(line.year_on_year_index, scale=RATE_SCALE, certain=Status.ESTIMATED),
        rank=RANK_STATED,
    )


_INVESTMENT = frozenset((INVESTMENT_MONTH,))

INDICATORS: tuple[MeasuredIndicator, ...] = (
    *(
        MeasuredIndicator(indicator=indicator, kinds=_INVESTMENT, contribute=contribute)
        for indicator, contribute in (
            (INVESTMENT_REALISED, realised_of),
            (INVESTMENT_AGAINST_PLAN, against_plan_of),
            (INVESTMENT_AGAINST_PLAN_PUBLISHED, against_plan_published_of),
            (INVESTMENT_YEAR_ON_YEAR, year_on_year_of),
        )
    ),
    *(
        figure(
            indicator,
            kind=FOREIGN_INVESTMENT,
            field=field,
            agency=FINANCE,
            unit="million_usd",
            period_field="month",
        )
        for indicator, field in (
            (FDI_NEW, "newly_registered"),
            (FDI_ADJUSTED, "adjusted"),
        )
    ),
    *FOREIGN_CAPITAL,
    *LIVING,
)

OBLIGATIONS: tuple[OwedRule, ...] = (*FOREIGN_OBLIGATIONS, *LIVING_OBLIGATIONS)
