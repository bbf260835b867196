"""Indicators that a field of a record states: the same contribution for all tables.

Records that a mapping makes say place, period, unit, part and how sure they are; what
an indicator takes of them is one field, or one over another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from city_node.contract import MeasuredIndicator, Observation, Record
from city_node.sources.units import factor_to
from city_node.subsystems.statements import (
    RANK_ABSENT,
    RANK_ESTIMATE,
    RANK_STATED,
    begin_of,
    breakdown_of,
    number_in,
    stated,
    text_in,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure
from federation.model.period import CALENDARS, LOCAL, Period, parse_period
from federation.model.row import State
from federation.model.status import Provenance, Status

_STATUSES = {
    "": Status.NORMAL,
    "provisional": Status.PROVISIONAL,
    "estimated": Status.ESTIMATED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """How a record's field becomes an observation of an indicator.

    ``over`` is the field of a ratio's denominator. ``unit`` names the indicator's
    unit where the record states its own (``city_node.sources.units.TARGETS``);
    ``period_field`` is the record's field of its period. ``at`` is the day of a period
    on which a stock was counted, its last one unless it says another.
    """

    indicator: Indicator
    field: str
    agency: str
    over: str = ""
    unit: str = ""
    period_field: str = "period"
    at: Callable[[Period], date] | None = None

    def observe(self, record: Record) -> Iterator[Observation]:
        """Yield what a record says; nothing where it doesn't know the field.

        Raises:
            FederationError: ``INPUT_ROW`` for what can't be.
        """
        breakdown = record.fields.get("breakdown") or ""
        simulated = record.provenance is Provenance.SIMULATED
        if self.field not in record.fields or (simulated and breakdown):
            # Generated parts would share one series with their whole.
            return
        certain = _status(record)
        state, status = self._state(record, certain)
        locality = text_in(record.fields, "locality")
        period = _period(record, self.period_field)
        begin, end = self._held(period)
        calendar = CALENDARS.get(self.indicator.calendar, LOCAL)
        rank = RANK_STATED if certain is Status.NORMAL else RANK_ESTIMATE
        yield Observation(
            indicator=self.indicator.id,
            locality=locality,
            period=period,
            state=state,
            status=status,
            phenomenon_time=begin_of(begin, calendar),
            phenomenon_end=None if end is None else begin_of(end, calendar),
            agency=self.agency,
            breakdown=breakdown_of(record, str(breakdown)),
            fact=f"{self.indicator.id}:{locality}:{period.text}:{breakdown}",
            rank=RANK_ABSENT if state is None else rank,
        )

    def _held(self, period: Period) -> tuple[date, date | None]:
        """Return the days over which a figure holds; a stock has one day."""
        if self.at is not None:
            return self.at(period), None
        if self.indicator.measure is Measure.LAST:
            return period.end_day - timedelta(days=1), None
        return period.first_day, period.end_day

    def _state(self, record: Record, certain: Status) -> tuple[State | None, Status]:
        factor = Fraction(1)
        if self.unit:
            factor = factor_to(text_in(record.fields, "unit"), self.unit)
        scale = self.indicator.scale
        stated_text = number_in(record.fields, self.field)
        state, status = stated(stated_text, scale=scale, factor=factor, certain=certain)
        if not self.over or state is None:
            return state, status
        whole, _ = stated(
            number_in(record.fields, self.over), scale=scale, factor=factor
        )
        if whole is None or whole.value == 0:
            return None, Status.MISSING
        return State(value=state.value, second=whole.value), status


def figure(
    indicator: Indicator,
    *,
    kind: str,
    field: str,
    agency: str,
    over: str = "",
    unit: str = "",
    period_field: str = "period",
    cumulative: bool = False,
    jump_factor: int | None = None,
    at: Callable[[Period], date] | None = None,
) -> MeasuredIndicator:
    """Return an indicator that a field of a kind of records states.

    ``over`` makes it a ratio of two fields, ``unit`` converts from the record's unit,
    ``cumulative`` and ``jump_factor`` are those of ``MeasuredIndicator``, ``at`` is the
    day of a period on which a stock is counted.
    """
    taken = Figure(
        indicator=indicator,
        field=field,
        agency=agency,
        over=over,
        unit=unit,
        period_field=period_field,
        at=at,
    )
    measured = MeasuredIndicator(
        indicator=indicator,
        kinds=frozenset((kind,)),
        contribute=taken.observe,
        cumulative=cumulative,
    )
    if jump_factor is None:
        return measured
    return replace(measured, jump_factor=jump_factor)


def _status(record: Record) -> Status:
    said = record.fields.get("status") or ""
    if said not in _STATUSES:
        known = ", ".join(name for name in _STATUSES if name)
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Trạng thái “{said}” không có; hãy dùng: {known}, hoặc để trống.",
            f"There is no status “{said}”; use {known}, or leave it empty.",
            {"field": "status"},
        )
    return _STATUSES[said]


def _period(record: Record, name: str) -> Period:
    text = text_in(record.fields, name)
    try:
        return parse_period(text)
    except FederationError as error:
        raise FederationError(
            ErrorCode.INPUT_ROW, error.text_vi, error.text_en, {"field": name}
        ) from error
