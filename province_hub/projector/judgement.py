"""Whether a row may land, and as what. Pure, so the same row is judged alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from federation.algebra.soundness import wrong_state
from federation.inbox.records import Fault
from federation.localities.graph import LocalityGraph
from federation.localities.ownership import Ownership
from federation.model.indicator import Indicator
from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    day_number,
    days_of,
    has_period,
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A row that may land, and the hash of its contract.

    ``owner`` is set where the place has gone to another stream since: what the former
    one says of its own time lands as long as the new one said nothing of that period.
    """

    row: Row
    contract_hash: bytes
    owner: str | None = None


@dataclass(kw_only=True)
class Judge:
    """Judges the rows of one stream under what is known now.

    ``day`` is when the frame was received: whose a place is, is asked for that day, so
    that the same frame is judged alike whenever it is applied.
    """

    stream: str
    day: date
    ownership: Ownership
    graph: LocalityGraph
    indicators: Mapping[str, Indicator]
    calendars: Mapping[str, Calendar]
    _places: dict[tuple[str, date, date], Fault | str | None] = field(
        default_factory=dict
    )

    def row_of(
        self, wire: WireRow, announced: Announced, carrier: Version
    ) -> Accepted | Fault:
        """Return a row that may land, or why it can't."""
        series = announced.series.get(wire.series)
        if series is None:
            return Fault(code=RefusalCode.SERIES_UNDECLARED, detail=str(wire.series))
        owner = self._owner_or_fault(wire, series)
        if isinstance(owner, Fault):
            return owner
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
        return Accepted(row=row, contract_hash=series.contract_hash, owner=owner)

    def _owner_or_fault(
        self, wire: WireRow, series: AnnouncedSeries
    ) -> Fault | str | None:
        """Return why a row can't land, or who owns its place where it isn't ours."""
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
            self._places[place] = self._place(*place)
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
        return "" if wire.state is None else wrong_state(indicator, wire.state)

    def _is_period(self, period: Period, indicator: Indicator) -> bool:
        hourly = period.frequency is Frequency.HOUR
        number = period.start // 24 if hourly else period.start
        if not _FIRST_NUMBER <= number <= _LAST_NUMBER:
            return False
        calendar = self.calendars.get(indicator.calendar)
        return calendar is not None and has_period(period, calendar)

    def _days(self, period: Period, indicator: Indicator) -> tuple[date, date]:
        first, end = days_of(period, self.calendars[indicator.calendar])
        return first, end - _ONE_DAY

    def _place(self, locality: str, first: date, last: date) -> Fault | str | None:
        place = self.graph.get(locality)
        owner = None if place is None else self.ownership.owner(locality, self.day)
        former = owner not in (None, self.stream)
        if (
            place is None
            or owner is None
            or (former and not self._had(locality, first, last))
        ):
            belongs = "" if owner is None else f", belongs to {owner}"
            return Fault(
                code=RefusalCode.LOCALITY_NOT_OWNED,
                detail=f"{locality} {first.isoformat()}{belongs}",
            )
        begins_after = place.valid_from is not None and place.valid_from > last
        ended_before = place.valid_to is not None and place.valid_to < first
        if begins_after or ended_before:
            return Fault(
                code=RefusalCode.ROWS_INVALID,
                detail=f"{locality} did not exist in {first.isoformat()}",
            )
        return owner if former else None

    def _had(self, locality: str, first: date, last: date) -> bool:
        """Return whether the place was this stream's then, and is no more."""
        return any(
            claim.stream == self.stream
            and claim.last < self.day
            and claim.overlaps(first, last)
            for claim in self.ownership.claims(locality)
        )
