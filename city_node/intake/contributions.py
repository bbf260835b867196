"""What a record comes to, checked by the rules that hold for every subsystem."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from city_node.contract import (
    MeasuredIndicator,
    Observation,
    ReadContext,
    Record,
    Subsystem,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Measure
from federation.model.locality import Locality
from federation.model.period import CALENDARS, Period
from federation.model.row import INT64_MAX, INT64_MIN, SIMULATED_FEED
from federation.model.status import Provenance

FUTURE_TOLERANCE = timedelta(days=1)
"""How far a source's clock may be ahead of ours; what is later is refused."""


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
    if any(isinstance(text, str) and "\0" in text for text in texts):
        # The database keeps none; its refusal would take the neighbours along.
        raise _refused(
            "Bản ghi có ký tự rỗng (NUL); hãy xuất lại từ nguồn.",
            "The record holds a NUL character; export it again from its source.",
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
    _check_time(observation.phenomenon_time, context.now, "phenomenon_time")
    calendar = CALENDARS[measured.indicator.calendar]
    _check_time(observation.period.begins_at(calendar), context.now, "period")
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
