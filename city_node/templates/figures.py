"""What a typed figure is as a record, and how it contributes to its indicator.

A typed figure states the whole of its series and period, by the agency that owes it:
it stands before what was counted or published, is never added to it, and can be taken
back, after which the others stand again.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from city_node.contract import RANK_WHOLE, Observation, Record
from city_node.sources.numbers import NONE_OCCURRED, scaled
from city_node.subsystems.statements import (
    begin_of,
    number_in,
    stated,
    text_in,
)
from city_node.templates.form import Mark, RowKey
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure
from federation.model.period import Calendar, Period, parse_period
from federation.model.row import State
from federation.model.status import Provenance, Status

TEMPLATE_FIGURE = "template_figure"
"""The kind of record that a row of a template is."""

WITHDRAWN = "withdrawn"
"""What the field ``value`` holds where the agency took its typed figure back."""

FIELDS = {
    "indicator": "text",
    "locality": "code",
    "agency": "text",
    "period": "text",
    "value": "text?",
    "denominator": "decimal?",
    "breakdown": "text?",
    "as_of": "date?",
    "note": "text?",
}

_MOMENT_BEFORE_END = timedelta(seconds=1)


def source_of(subsystem: str) -> str:
    """Return the id of the source of a subsystem's typed figures."""
    return f"{subsystem}-template"


def typed_record(
    mark: Mark,
    key: RowKey,
    *,
    value: str,
    denominator: str | None,
    as_of: date | None,
    note: str,
) -> Record:
    """Return the record of a row. Typing the same again gives the same record."""
    parts = (key.indicator, key.locality, mark.agency, key.breakdown, mark.period.text)
    return Record(
        subsystem=mark.subsystem,
        source=source_of(mark.subsystem),
        source_key="|".join(parts),
        kind=TEMPLATE_FIGURE,
        scope=f"template:{mark.agency}:{mark.period.text}",
        fields={
            "indicator": key.indicator,
            "locality": key.locality,
            "agency": mark.agency,
            "period": mark.period.text,
            "value": value,
            "denominator": denominator,
            "breakdown": key.breakdown or None,
            "as_of": None if as_of is None else as_of.isoformat(),
            "note": note or None,
        },
        provenance=Provenance.MANUAL,
    )


def typed_observations(
    indicator: Indicator,
    calendar: Calendar,
    agencies: Collection[str],
    record: Record,
) -> Iterator[Observation]:
    """Yield what a typed figure comes to for an indicator: nothing, or one fact.

    Raises:
        FederationError: ``INPUT_ROW`` for a figure that can't be, or that the agency
            does not owe.
    """
    fields = record.fields
    value = number_in(fields, "value")
    if fields["indicator"] != indicator.id or value == WITHDRAWN:
        return
    agency = text_in(fields, "agency")
    if agency not in agencies:
        raise not_owed(indicator, agency, agencies)
    period = _period(indicator, text_in(fields, "period"))
    state, status = _state(indicator, value, number_in(fields, "denominator"))
    locality = text_in(fields, "locality")
    breakdown = fields.get("breakdown") or ""
    begins_at, ends_at = _times(indicator, calendar, period, fields)
    yield Observation(
        indicator=indicator.id,
        locality=locality,
        period=period,
        state=state,
        status=status,
        phenomenon_time=begins_at,
        phenomenon_end=ends_at,
        agency=agency,
        breakdown=breakdown,
        fact=f"{indicator.id}:{locality}:{breakdown}:{period.text}",
        rank=RANK_WHOLE,
    )


def _state(
    indicator: Indicator, value: str | None, denominator: str | None
) -> tuple[State | None, Status]:
    if indicator.measure is not Measure.RATIO:
        return stated(value, scale=indicator.scale)
    if value is None or denominator is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"{indicator.name.vi}: cần cả tử số và mẫu số.",
            f"{indicator.name.en}: wants both the numerator and the denominator.",
            {"field": "denominator"},
        )
    if NONE_OCCURRED in (value, denominator):
        return State(value=0), Status.NO_ACTIVITY
    above, below = scaled(value, indicator.scale), scaled(denominator, indicator.scale)
    if below == 0 and above != 0:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"{indicator.name.vi}: mẫu số là 0 mà tử số khác 0.",
            f"{indicator.name.en}: the denominator is 0, the numerator is not.",
            {"field": "denominator"},
        )
    status = Status.ZERO if above == 0 and below != 0 else Status.NORMAL
    if below == 0:
        status = Status.NO_ACTIVITY
    return State(value=above, second=below), status


def _times(
    indicator: Indicator, calendar: Calendar, period: Period, fields: Any
) -> tuple[datetime, datetime | None]:
    """Return when the figure was true: of a stock a moment, else the whole period."""
    if indicator.measure is not Measure.LAST:
        return period.begins_at(calendar), period.ends_at(calendar)
    if fields.get("as_of") is None:
        return period.ends_at(calendar) - _MOMENT_BEFORE_END, None
    return begin_of(date.fromisoformat(fields["as_of"]), calendar), None


def _period(indicator: Indicator, text: str) -> Period:
    try:
        period = parse_period(text)
    except FederationError as error:
        raise FederationError(
            ErrorCode.INPUT_ROW, error.text_vi, error.text_en, {"field": "period"}
        ) from error
    if period.frequency is not indicator.frequency:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"“{indicator.name.vi}” không báo cáo theo kỳ {text}.",
            f"“{indicator.name.en}” is not reported for {text}.",
            {"field": "period"},
        )
    return period


def not_owed(
    indicator: Indicator, agency: str, agencies: Collection[str]
) -> FederationError:
    """Return the error for a figure that its agency does not owe."""
    owing = ", ".join(sorted(agencies))
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Cơ quan {agency} không có trách nhiệm báo cáo “{indicator.name.vi}”; chỉ "
        f"tiêu này do {owing} gửi.",
        f"The agency {agency} does not owe “{indicator.name.en}”; it is reported by "
        f"{owing}.",
        {"indicator": indicator.id, "agency": agency},
    )
