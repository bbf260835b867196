"""Stocks that are counted: how many intervals cover the end of a period.

An interval [from, to) covers a moment from ``from`` on and before ``to``. From the
first interval of a series on every period that ended has a value, zero where nothing
held: the source has spoken of the series, and what it did not name was not there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from city_node.contract import MeasuredIndicator
from city_node.observations.stored import KeptObservation
from city_node.summaries.summarise import gone
from federation.algebra.integers import checked
from federation.clock import to_us
from federation.model.period import CALENDARS, Period
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import NO_COUNTS, Counts, Provenance, Status


@dataclass(kw_only=True)
class _Holding:
    """What holds at a moment, as time goes on."""

    value: int = 0
    reports: Counter[tuple[Status, Provenance, str]] = field(default_factory=Counter)
    recorded_at_us: int = 0

    def change(self, kept: KeptObservation, sign: int) -> None:
        """Let an observation begin (1) or end (-1) to hold."""
        state = kept.observation.state
        self.value += sign * (0 if state is None else state.value)
        source = kept.record.source
        self.reports[(kept.observation.status, kept.provenance, source)] += sign
        self.recorded_at_us = max(self.recorded_at_us, kept.recorded_at_us)

    def told(self) -> list[tuple[Status, Provenance, str]]:
        """Return status, provenance and source of what holds."""
        return [report for report, count in self.reports.items() if count]


def stock_rows(
    measured: MeasuredIndicator,
    series: SeriesKey,
    periods: Iterable[Period],
    observations: Iterable[KeptObservation],
    *,
    first: KeptObservation | None,
    recorded_at_us: int,
) -> Iterator[Row]:
    """Yield the rows of periods of one series, in the order of time.

    Args:
        measured: The indicator.
        series: The series.
        periods: Periods that have ended.
        observations: Those of the series that hold at any of their ends; others do
            no harm.
        first: The observation that begins in the series' first period.
        recorded_at_us: When the last of the observations went, where none is left.
    """
    calendar = CALENDARS[measured.indicator.calendar]
    changes = _changes(observations)
    holding, done = _Holding(), 0
    for period in sorted(periods):
        end = period.ends_at(calendar)
        while done < len(changes) and changes[done][0] <= end:
            _, sign, kept = changes[done]
            holding.change(kept, sign)
            done += 1
        if first is None or period < first.observation.period:
            yield gone(series, period, recorded_at_us)
        else:
            yield _row(measured, series, period, to_us(end), holding, first)


def _changes(
    observations: Iterable[KeptObservation],
) -> Sequence[tuple[datetime, int, KeptObservation]]:
    changes: list[tuple[datetime, int, KeptObservation]] = []
    for kept in observations:
        changes.append((kept.observation.phenomenon_time, 1, kept))
        if kept.observation.phenomenon_end is not None:
            changes.append((kept.observation.phenomenon_end, -1, kept))
    return sorted(changes, key=lambda change: change[0])


def _row(
    measured: MeasuredIndicator,
    series: SeriesKey,
    period: Period,
    end_us: int,
    holding: _Holding,
    first: KeptObservation,
) -> Row:
    told = holding.told()
    if not told or not holding.value:
        nothing = (Status.ZERO, first.provenance, first.record.source)
        told = [nothing, *((Status.ZERO, how, source) for _, how, source in told)]
    counts = sum((Counts.one(status, how) for status, how, _ in told), NO_COUNTS)
    sources = {source for _, _, source in told}
    return base_row(
        series=series,
        period=period,
        state=State(value=checked(holding.value, measured.indicator.id), second=end_us),
        status=counts.leading_status,
        provenance=counts.leading_provenance,
        recorded_at_us=max(holding.recorded_at_us, end_us),
        source=sources.pop() if len(sources) == 1 else "",
    )
