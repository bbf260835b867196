"""What a record comes to, checked by the rules that hold for every subsystem."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from city_node.contract import (
    MeasuredIndicator,
    Observation,
    ReadContext,
    Record,
    Subsystem,
)
from city_node.observations.stored import is_storable
from federation.algebra.value import decimal_value, exact_value
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Measure
from federation.model.locality import Locality
from federation.model.period import CALENDARS, Period, period_at
from federation.model.row import INT64_MAX, INT64_MIN, SIMULATED_FEED, State
from federation.model.status import Provenance

FUTURE_TOLERANCE = timedelta(days=1)
"""How far a source's clock may be ahead of ours; what is later is refused."""


AHEAD_MAX = timedelta(days=731)
"""How far ahead something may fall due; what is later is refused."""

INTERVAL_MAX = timedelta(days=7305)
"""A longer interval (20 years) is refused: it counts in each period it covers."""

YEAR_MIN = 1800
"""Earlier moments are refused: nobody reported then, and dates end near the year 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """The observations of a record, and the places it names that aren't this node's."""

    observations: tuple[Observation, ...]
    foreign: frozenset[str]

    @property
    def is_foreign(self) -> bool:
        """Return whether all that the record says is about other places."""
        return bool(self.foreign) and not self.observations


def contribution(
    subsystem: Subsystem, record: Record, context: ReadContext
) -> Contribution:
    """Return what a record comes to.

    Raises:
        FederationError: ``INPUT_ROW`` or ``OVERFLOW`` when the record says something
            that can't be; the texts say what.
    """
    _check_texts(record)
    if record.published_at is not None:
        _check_time(record.published_at, context.now, "published_at")
    found: dict[tuple[str, str], Observation] = {}
    foreign: set[str] = set()
    for measured, observation in _contributed(subsystem, record):
        checked = _checked(measured, record, observation, context)
        if checked.locality not in context.owned:
            foreign.add(checked.locality)
            continue
        if found.setdefault((checked.indicator, checked.key), checked) is not checked:
            raise _refused(
                f"Bản ghi cho hai quan sát cùng khóa “{checked.key}” của "
                f"{checked.indicator}; cần sửa phân hệ.",
                f"The record gives two observations of {checked.indicator} with the "
                f"key “{checked.key}”; the subsystem must be corrected.",
            )
    return Contribution(observations=tuple(found.values()), foreign=frozenset(foreign))


def _check_texts(record: Record) -> None:
    texts = (record.source_key, record.scope, *record.fields.values())
    if any(isinstance(text, str) and not is_storable(text) for text in texts):
        # The database keeps none; its refusal would take the neighbours along.
        raise _refused(
            "Bản ghi có ký tự rỗng (NUL) hoặc ký tự không trọn vẹn; hãy xuất lại từ "
            "nguồn.",
            "The record holds a NUL character or half of one; export it again from its "
            "source.",
        )


def _contributed(
    subsystem: Subsystem, record: Record
) -> Iterator[tuple[MeasuredIndicator, Observation]]:
    for measured in subsystem.indicators:
        if record.kind in measured.kinds:
            for observation in measured.contribute(record):
                yield measured, observation


def _checked(
    measured: MeasuredIndicator,
    record: Record,
    observation: Observation,
    context: ReadContext,
) -> Observation:
    _check_form(measured, observation)
    _check_state(measured, observation)
    if measured.counts_intervals or measured.counts_when_due:
        _check_ahead(measured, observation, context.now)
    else:
        _check_time(observation.phenomenon_time, context.now, "phenomenon_time")
        calendar = context.calendars[measured.indicator.calendar]
        _check_time(observation.period.begins_at(calendar), context.now, "period")
    if measured.counts_intervals:
        _check_interval(observation, context.now)
    observation = _of_its_day(observation, context)
    _check_locality(observation, context)
    return _marked(measured, record, observation)


def _check_form(measured: MeasuredIndicator, observation: Observation) -> None:
    indicator = measured.indicator
    if (
        observation.indicator != indicator.id
        or observation.period.frequency is not indicator.frequency
    ):
        raise _refused(
            f"Quan sát {observation.indicator} ({observation.period.text}) không khớp "
            f"chỉ tiêu {indicator.id}; cần sửa phân hệ.",
            f"The observation {observation.indicator} ({observation.period.text}) does "
            f"not fit the indicator {indicator.id}; the subsystem must be corrected.",
        )


def _check_state(measured: MeasuredIndicator, observation: Observation) -> None:
    indicator, state = measured.indicator, observation.state
    if observation.status.carries_state is (state is None):
        raise _refused(
            f"{indicator.id}: trạng thái “{observation.status.slug}” không đi cùng "
            "giá trị như vậy.",
            f"{indicator.id}: the status “{observation.status.slug}” and the value do "
            "not go together.",
        )
    if state is None:
        return
    for number in (state.value, state.second):
        if not INT64_MIN <= number <= INT64_MAX:
            raise FederationError(
                ErrorCode.OVERFLOW,
                f"{indicator.id}: số {number} vượt phạm vi; hãy kiểm tra đơn vị.",
                f"{indicator.id}: the number {number} is out of range; check the unit.",
            )
    weight = 0 if indicator.measure is Measure.LAST else state.second
    if weight < 0 or (state.value < 0 and not indicator.may_be_negative):
        raise _refused(
            f"{indicator.name.vi} không thể âm; hãy kiểm tra lại số liệu.",
            f"{indicator.name.en} can't be negative; check the figure.",
        )
    _check_maximum(measured, state)


def _check_maximum(measured: MeasuredIndicator, state: State) -> None:
    indicator = measured.indicator
    if indicator.maximum is None or measured.cumulative or state.detail:
        return
    value = exact_value(indicator, state)
    if value is not None and value * 10**indicator.scale > indicator.maximum:
        shown = decimal_value(indicator, state)
        most = Decimal(indicator.maximum).scaleb(-indicator.scale)
        raise _refused(
            f"{indicator.name.vi}: {_local(shown)} {indicator.unit_text.vi} vượt mức "
            f"cao nhất có thể là {_local(most)}; hãy kiểm tra số liệu và đơn vị.",
            f"{indicator.name.en}: {_plain(shown)} {indicator.unit_text.en} is more "
            f"than can be, {_plain(most)}; check the figure and its unit.",
        )


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():,f}"


def _local(number: Decimal | None) -> str:
    return _plain(number).translate(str.maketrans(",.", ".,"))


def _check_ahead(
    measured: MeasuredIndicator, observation: Observation, now: datetime
) -> None:
    """Refuse what begins to count at no possible moment, or not in its period."""
    begin = observation.phenomenon_time
    _check_time(min(begin, now) if begin.tzinfo else begin, now, "phenomenon_time")
    if begin > now + AHEAD_MAX:
        raise _refused(
            f"Hạn {begin.date().isoformat()} quá xa; hãy kiểm tra ngày, tháng, năm.",
            f"The due day {begin.date().isoformat()} is too far ahead; check day, "
            "month and year.",
        )
    indicator = measured.indicator
    calendar = CALENDARS[indicator.calendar]
    if observation.period != period_at(indicator.frequency, begin, calendar):
        raise _refused(
            f"{indicator.id}: kỳ {observation.period.text} không chứa thời điểm "
            f"{begin.isoformat()}; cần sửa phân hệ.",
            f"{indicator.id}: the period {observation.period.text} does not hold "
            f"{begin.isoformat()}; the subsystem must be corrected.",
        )


def _check_interval(observation: Observation, now: datetime) -> None:
    begin, end = observation.phenomenon_time, observation.phenomenon_end
    if observation.fact:
        raise _refused(
            f"{observation.indicator}: khoảng thời gian không gắn với “fact”; cần sửa "
            "phân hệ.",
            f"{observation.indicator}: an interval has no “fact”; the subsystem must "
            "be corrected.",
        )
    if end is not None and end != begin:
        _check_time(end, now, "phenomenon_end")
    if end is not None and end < begin:
        raise _refused(
            f"Thời điểm kết thúc {end.isoformat()} trước thời điểm bắt đầu "
            f"{begin.isoformat()}.",
            f"The end {end.isoformat()} is before the begin {begin.isoformat()}.",
        )
    if (now if end is None else end) - begin > INTERVAL_MAX:
        raise _refused(
            f"Khoảng thời gian từ {begin.date().isoformat()} dài quá "
            f"{INTERVAL_MAX.days} ngày; hãy kiểm tra ngày, tháng, năm.",
            f"The interval from {begin.date().isoformat()} is longer than "
            f"{INTERVAL_MAX.days} days; check day, month and year.",
        )


def _check_time(moment: datetime, now: datetime, what: str) -> None:
    if moment.tzinfo is None:
        raise _refused(
            f"Thời điểm {moment.isoformat()} ({what}) không có múi giờ.",
            f"The moment {moment.isoformat()} ({what}) has no time zone.",
        )
    if moment.year < YEAR_MIN:
        raise _refused(
            f"Năm {moment.year} ({what}) không thể đúng; hãy kiểm tra ngày, tháng, "
            "năm.",
            f"The year {moment.year} ({what}) can't be; check day, month and year.",
        )
    if moment > now + FUTURE_TOLERANCE:
        raise _refused(
            f"Ngày {moment.date().isoformat()} ở tương lai (hôm nay là "
            f"{now.date().isoformat()}); hãy kiểm tra ngày, tháng, năm.",
            f"The date {moment.date().isoformat()} is in the future (today is "
            f"{now.date().isoformat()}); check day, month and year.",
        )


def _of_its_day(observation: Observation, context: ReadContext) -> Observation:
    """Return an observation at whoever bore its code in its period.

    Codes are used again: one that comes without the day it began is told by the last
    day of the period.
    """
    code = observation.locality
    known = context.localities.get(code)
    if not code.isdecimal() or (known and _exists_in(known, observation.period)):
        return observation
    day = observation.period.end_day - timedelta(days=1)
    try:
        bearer = context.localities.resolve(code, day)
    except FederationError:
        # Nobody bore it then; it is refused by the name of whom it means by itself.
        return observation
    return replace(observation, locality=bearer.id)


def _check_locality(observation: Observation, context: ReadContext) -> None:
    locality = context.localities.get(observation.locality)
    if locality is None:
        raise _refused(
            f"Không có đơn vị “{observation.locality}” trong danh mục địa bàn.",
            f"The list of localities has no “{observation.locality}”.",
        )
    if not _exists_in(locality, observation.period):
        raise _refused(
            f"Đơn vị {locality.name_vi} ({locality.id}) không tồn tại trong kỳ "
            f"{observation.period.text}; hãy dùng mã đúng thời điểm.",
            f"{locality.name_en} ({locality.id}) does not exist in "
            f"{observation.period.text}; use the code of that time.",
        )


def _exists_in(locality: Locality, period: Period) -> bool:
    """Return whether a place exists on any day of a period."""
    return (locality.valid_from is None or locality.valid_from < period.end_day) and (
        locality.valid_to is None or period.first_day <= locality.valid_to
    )


def _marked(
    measured: MeasuredIndicator, record: Record, observation: Observation
) -> Observation:
    """Return the observation on the series where it may stand.

    What was generated stands apart, whatever a subsystem forgot to say.
    """
    breakdown = observation.breakdown
    simulated = record.provenance is Provenance.SIMULATED
    if simulated and breakdown in ("", SIMULATED_FEED):
        return replace(observation, breakdown=SIMULATED_FEED)
    dimension = breakdown.partition("=")[0]
    if simulated or (breakdown and dimension not in measured.indicator.dimensions):
        raise _refused(
            f"{measured.indicator.id}: không được tách theo “{breakdown}” với số liệu "
            f"“{record.provenance.slug}”.",
            f"{measured.indicator.id}: figures that are “{record.provenance.slug}” "
            f"can't be broken down by “{breakdown}”.",
        )
    return observation


def _refused(text_vi: str, text_en: str) -> FederationError:
    return FederationError(ErrorCode.INPUT_ROW, text_vi, text_en)
