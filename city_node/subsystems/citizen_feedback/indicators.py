"""What is counted of citizens' reports, and how a report contributes.

A report counts where it was received and on that day; a duplicate is a report too but
no case of its own: it is neither due nor overdue. On time is judged of what fell due,
on the day it did. A report is overdue from its due time until it is answered.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from city_node.contract import MeasuredIndicator, Observation, Record
from city_node.subsystems.citizen_feedback.records import (
    QUIET_DAY,
    REPORT,
    SUBSYSTEM_ID,
    Case,
    case_of,
    quiet_day_of,
)
from city_node.subsystems.citizen_feedback.services import (
    CATEGORY_CODES,
    COUNTED_CODES,
    SERVICES,
)
from city_node.subsystems.citizen_feedback.words import OFFICE, TEXTS
from city_node.subsystems.statements import begin_of, breakdown_of, text_in
from federation.algebra import histogram, top
from federation.model.indicator import (
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
    Text,
)
from federation.model.period import LOCAL, Frequency, period_at
from federation.model.row import State
from federation.model.status import Status

_UNITS: dict[str, Text] = {
    unit: TEXTS[f"unit.{unit}"] for unit in ("report", "percent", "working_hour")
}
_HOURS_SCALE = 2
_RATE_SCALE = 2


def _indicator(
    name: str, unit: str, measure: Measure, rule: MergeRule, **rules: Any
) -> Indicator:
    defaults: dict[str, Any] = {
        "scale": 0,
        "decimals": 0,
        "over_time": rule,
        "over_place": rule,
        "frequency": Frequency.DAY,
        "deadline_hours": 12,
        "direction": Direction.NEUTRAL,
    }
    return Indicator(
        id=f"{SUBSYSTEM_ID}.{name}",
        subsystem=SUBSYSTEM_ID,
        name=TEXTS[f"indicator.{name}.name"],
        short_name=TEXTS[f"indicator.{name}.short_name"],
        definition=TEXTS[f"indicator.{name}.definition"],
        unit=unit,
        unit_text=_UNITS[unit],
        measure=measure,
        calendar=LOCAL.id,
        level="commune",
        owner_agency=OFFICE,
        **(defaults | rules),
    )


RECEIVED = _indicator("received", "report", Measure.SUM, MergeRule.SUM)
ANSWERED_ON_TIME = _indicator(
    "answered_on_time",
    "percent",
    Measure.RATIO,
    MergeRule.RATIO,
    scale=_RATE_SCALE,
    decimals=1,
    direction=Direction.UP,
    maximum=100 * 10**_RATE_SCALE,
)
TIME_TO_RESOLVE = _indicator(
    "time_to_resolve",
    "working_hour",
    Measure.QUANTILES,
    MergeRule.QUANTILES,
    scale=_HOURS_SCALE,
    decimals=1,
    frequency=Frequency.MONTH,
    direction=Direction.DOWN,
    deadline_hours=24,
)
OVERDUE_OPEN = _indicator(
    "overdue_open",
    "report",
    Measure.LAST,
    MergeRule.LAST,
    over_place=MergeRule.SUM,
    direction=Direction.DOWN,
)
BY_CATEGORY = _indicator(
    "by_category",
    "report",
    Measure.TOP,
    MergeRule.TOP,
    codes=COUNTED_CODES,
    dimension_codes=tuple(
        DimensionCode(dimension="category", code=code, name=TEXTS[f"category.{code}"])
        for code in CATEGORY_CODES
    ),
)


def received_of(record: Record) -> Iterator[Observation]:
    """Yield one report on the day it came; a quiet day is a report that none did."""
    yield _counted(record, RECEIVED, State(value=1), State(value=0))


def by_category_of(record: Record) -> Iterator[Observation]:
    """Yield what a report is about, on the day it came."""
    if record.kind == QUIET_DAY:
        codes: list[str] = []
    else:
        codes = [case_of(record).category]
    about = top.of_codes(codes, COUNTED_CODES)
    yield _counted(record, BY_CATEGORY, about, about)


def _counted(
    record: Record, indicator: Indicator, one: State, none: State
) -> Observation:
    if record.kind == QUIET_DAY:
        begin, state, status = begin_of(quiet_day_of(record)), none, Status.NO_ACTIVITY
        locality = text_in(record.fields, "locality")
    else:
        case = case_of(record)
        begin, state, status = case.received, one, Status.NORMAL
        locality = case.locality
    return _observation(record, indicator, locality, begin, state, status)


def answered_on_time_of(record: Record) -> Iterator[Observation]:
    """Yield whether a case was answered in time, counted from when it was due."""
    case = case_of(record)
    if not case.duplicate:
        kept = case.answered is not None and case.answered <= case.due
        state = State(value=int(kept), second=1)
        yield _of_case(record, ANSWERED_ON_TIME, case, case.due, state)


def overdue_open_of(record: Record) -> Iterator[Observation]:
    """Yield the time in which a case was overdue and not answered; mostly none."""
    case = case_of(record)
    if not case.duplicate:
        answered = case.answered
        yield _of_case(
            record,
            OVERDUE_OPEN,
            case,
            case.due,
            State(value=1),
            end=None if answered is None else max(case.due, answered),
        )


def time_to_resolve_of(record: Record) -> Iterator[Observation]:
    """Yield the working time until a case was answered, in the month it was."""
    case = case_of(record)
    if case.duplicate or case.answered is None:
        return
    minutes = SERVICES.working_time.minutes_between(case.received, case.answered)
    hours = round(minutes * 10**_HOURS_SCALE / 60)
    state = histogram.of_values([hours])
    yield _of_case(record, TIME_TO_RESOLVE, case, case.answered, state)


def _of_case(
    record: Record,
    indicator: Indicator,
    case: Case,
    begin: datetime,
    state: State,
    *,
    end: datetime | None = None,
) -> Observation:
    return _observation(
        record, indicator, case.locality, begin, state, Status.NORMAL, end=end
    )


def _observation(
    record: Record,
    indicator: Indicator,
    locality: str,
    begin: datetime,
    state: State,
    status: Status,
    *,
    end: datetime | None = None,
) -> Observation:
    return Observation(
        indicator=indicator.id,
        locality=locality,
        period=period_at(indicator.frequency, begin, LOCAL),
        state=state,
        status=status,
        phenomenon_time=begin,
        phenomenon_end=end,
        agency=OFFICE,
        breakdown=breakdown_of(record),
    )


def _measured(
    indicator: Indicator,
    contribute: Callable[[Record], Iterable[Observation]],
    *kinds: str,
    **how: Any,
) -> MeasuredIndicator:
    return MeasuredIndicator(
        indicator=indicator, kinds=frozenset(kinds), contribute=contribute, **how
    )


INDICATORS: tuple[MeasuredIndicator, ...] = (
    _measured(RECEIVED, received_of, REPORT, QUIET_DAY),
    _measured(ANSWERED_ON_TIME, answered_on_time_of, REPORT, counts_when_due=True),
    _measured(TIME_TO_RESOLVE, time_to_resolve_of, REPORT),
    _measured(OVERDUE_OPEN, overdue_open_of, REPORT, counts_intervals=True),
    _measured(BY_CATEGORY, by_category_of, REPORT, QUIET_DAY),
)
