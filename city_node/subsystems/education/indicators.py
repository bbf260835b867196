"""What is measured of schools.

Pupils are a stock, counted on 30 September of a school year. The rate of graduation
comes without its parts, so it stays as published and is merged with nothing.
"""

from datetime import date
from typing import Any

from city_node.contract import MeasuredIndicator
from city_node.subsystems.education.records import (
    GRADES,
    GRADUATION_OF_SCHOOL_YEAR,
    PUPILS_OF_SCHOOL_YEAR,
    SUBSYSTEM_ID,
)
from city_node.subsystems.education.words import EDUCATION, TEXTS
from city_node.subsystems.figures import figure
from federation.coverage.owed import OwedRule
from federation.model.indicator import (
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
)
from federation.model.period import LOCAL, Frequency, Period

_YEARBOOK_DEADLINE_HOURS = 304 * 24
"""The yearbook with a school year comes out by the end of June after its last day."""

_PERCENT_SCALE = 2


def _indicator(name: str, unit: str, **rules: Any) -> Indicator:
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=TEXTS[f"unit.{unit}"],
        frequency=Frequency.SCHOOL_YEAR,
        calendar=LOCAL.id,
        level="province",
        owner_agency=EDUCATION,
        deadline_hours=_YEARBOOK_DEADLINE_HOURS,
        **rules,
    )


PUPILS = _indicator(
    "pupils",
    "pupil",
    scale=0,
    decimals=0,
    measure=Measure.LAST,
    over_time=MergeRule.LAST,
    over_place=MergeRule.SUM,
    dimensions=("grade",),
    dimension_codes=tuple(
        DimensionCode(dimension="grade", code=code, name=TEXTS[f"grade.{code}"])
        for code in GRADES
    ),
)
GRADUATION_PUBLISHED = _indicator(
    "graduation_published",
    "percent",
    scale=_PERCENT_SCALE,
    decimals=_PERCENT_SCALE,
    measure=Measure.PUBLISHED,
    over_time=MergeRule.NONE,
    over_place=MergeRule.NONE,
    direction=Direction.UP,
    maximum=100 * 10**_PERCENT_SCALE,
)


def _thirtieth_of_september(school_year: Period) -> date:
    return school_year.first_day.replace(month=9, day=30)


INDICATORS: tuple[MeasuredIndicator, ...] = (
    figure(
        PUPILS,
        kind=PUPILS_OF_SCHOOL_YEAR,
        field="pupils",
        agency=EDUCATION,
        at=_thirtieth_of_september,
    ),
    figure(
        GRADUATION_PUBLISHED,
        kind=GRADUATION_OF_SCHOOL_YEAR,
        field="percent",
        agency=EDUCATION,
    ),
)

OBLIGATIONS: tuple[OwedRule, ...] = (
    # The tables end with 2016: what is after them is owed by nobody.
    OwedRule(indicators=(PUPILS.id,), first=date(2002, 9, 1), last=date(2017, 8, 31)),
    OwedRule(
        indicators=(GRADUATION_PUBLISHED.id,),
        first=date(2001, 9, 1),
        last=date(2016, 8, 31),
    ),
)
