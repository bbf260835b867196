"""Whether a row may land, and as what. Pure, so the same row is judged alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from federation.identity.documents import Area
from federation.inbox.records import Fault
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator, Measure
from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    day_number,
    period_of_day,
)
from federation.model.row import INT64_MAX, Row, Version
from federation.wire.payload import AnnouncedSeries, WireRow
from federation.wire.refusal import RefusalCode
from province_hub.projector.announced import Announced

FREE_DIMENSIONS = frozenset({"feed", "vintage"})
"""Every indicator has these without declaring them."""

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 1, 1)
"""A period outside is a mistake of the sender."""

COUNT_MAX = 2**31 - 1
"""More contributors than the world has places to report from."""

_FIRST_NUMBER, _LAST_NUMBER = day_number(FIRST_DAY), day_number(LAST_DAY)
_ONE_DAY = timedelta(days=1)


def owns(
    graph: LocalityGraph, area: Area, locality: str, first: date, last: date
) -> bool:
    """Return whether an area speaks for a place on some of the days."""
    return any(
        own == locality
        or (area.includes_parts and graph.contains(own, locality, first, last))
        for own in area.localities
    )


@dataclass(kw_only=True)
class Judge:
    """Judges the rows of one stream under what is known now."""

    area: Area
    graph: LocalityGraph
    indicators: Mapping[str, Indicator]
    calendars: Mapping[str, Calendar]
    _places: dict[tuple[str, date, date], Fault | None] = field(default_factory=dict)

    def row_of(
        self, wire: WireRow, announced: Announced, carrier: Version
    ) -> tuple[Row, bytes] | Fault:
        """Return a row and its contract hash, or why it can't land."""
        series = announced.series.get(wire.series)
        if series is None:
            return Fault(code=RefusalCode.SERIES_UNDECLARED, detail=str(wire.series))
        fault = self._fault_of(wire, series)
        if fault is not None:
            return fault
        origin = announced.origins.get(wire.origin)
        source = announced.sources.get(wire.source, "")
        if (wire.origin and origin is None) or (wire.source and not source):
            return Fault(
                code=RefusalCode.SERIES_UNDECLARED,
                detail=f"source {wire.source}, origin {wire.origin}",
            )
        row = Row(
            series=series.key,
            period=wire.period,
            state=wire.state,
            counts=wire.counts,
            expected=wire.expected,
            reported=wire.reported,
            recorded_at_us=wire.recorded_at_us,
            source=source,
            origin=None
            if origin is None
            else Version(
                stream=origin,
                epoch=wire.origin_epoch,
                sequence=wire.origin_sequence,
            ),
            unconfirmed=wire.unconfirmed,
            adjusted=wire.adjusted,
        )
        return row, series.contract_hash

    def _fault_of(self, wire: WireRow, series: AnnouncedSeries) -> Fault | None:
        indicator = self.indicators.get(series.key.indicator)
        if indicator is None or indicator.contract_hash != series.contract_hash:
            return Fault(code=RefusalCode.CONTRACT_DIFFERS, detail=series.key.indicator)
        wrong = self._wrong(wire, series, indicator)
        if wrong:
            return Fault(
                code=RefusalCode.ROWS_INVALID,
                detail=f"{series.key.indicator} {series.key.locality}: {wrong}",
            )
        first, last = self._days(wire.period, indicator)
        place = (series.key.locality, first, last)
        if place not in self._places:
            self._places[place] = self._place_fault(*place)
        return self._places[place]

    def _wrong(
        self, wire: WireRow, series: AnnouncedSeries, indicator: Indicator
    ) -> str:
        if wire.measure is not indicator.measure:
            return f"measure {wire.measure.slug}, not {indicator.measure.slug}"
        if wire.period.frequency is not indicator.frequency:
            return f"frequency {wire.period.frequency.slug}"
        if not self._is_period(wire.period, indicator):
            return f"period start {wire.period.start}"
        dimension = series.key.breakdown.partition("=")[0]
        if dimension and dimension not in FREE_DIMENSIONS | {*indicator.dimensions}:
            return f"breakdown {series.key.breakdown}"
        if not 0 <= wire.reported <= wire.expected <= COUNT_MAX:
            return f"{wire.reported} of {wire.expected} reported"
        counts = wire.counts
        if max(sum(counts.statuses), sum(counts.provenances)) > COUNT_MAX:
            return "more contributors than can be"
        if (wire.state is None) is counts.leading_status.carries_state:
            return f"status {counts.leading_status.slug} and the value disagree"
        if max(wire.origin_epoch, wire.origin_sequence) > INT64_MAX:
            return "origin"
        return _wrong_state(wire, indicator)

    def _is_period(self, period: Period, indicator: Indicator) -> bool:
        hourly = period.frequency is Frequency.HOUR
        number = period.start // 24 if hourly else period.start
        if not _FIRST_NUMBER <= number <= _LAST_NUMBER:
            return False
        calendar = self.calendars.get(indicator.calendar)
        if calendar is None:
            return False
        own = [w for w in calendar.windows if w.frequency is period.frequency]
        if own:
            return any(window.start == period.start for window in own)
        return hourly or period_of_day(period.frequency, period.first_day) == period

    def _days(self, period: Period, indicator: Indicator) -> tuple[date, date]:
        for window in self.calendars[indicator.calendar].windows:
            if (window.frequency, window.start) == (period.frequency, period.start):
                return window.first_day, window.end_day - _ONE_DAY
        return period.first_day, period.end_day - _ONE_DAY

    def _place_fault(self, locality: str, first: date, last: date) -> Fault | None:
        place = self.graph.get(locality)
        if place is None or not owns(self.graph, self.area, locality, first, last):
            return Fault(
                code=RefusalCode.LOCALITY_NOT_OWNED,
                detail=f"{locality} {first.isoformat()}",
            )
        begins_after = place.valid_from is not None and place.valid_from > last
        ended_before = place.valid_to is not None and place.valid_to < first
        if begins_after or ended_before:
            return Fault(
                code=RefusalCode.ROWS_INVALID,
                detail=f"{locality} did not exist in {first.isoformat()}",
            )
        return None


def _wrong_state(wire: WireRow, indicator: Indicator) -> str:
    if wire.state is None:
        return ""
    quotient = indicator.measure in (Measure.RATIO, Measure.WEIGHTED_MEAN)
    if quotient and wire.state.second < 0:
        return "denominator below zero"
    if wire.state.value < 0 and not indicator.may_be_negative:
        return "value below zero"
    return ""
