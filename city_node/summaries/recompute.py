"""Recomputes the summaries that a batch made dirty, in the batch's transaction.

Two batches that touch one series may commit in any order: the second one waits for
the first at a lock on the series and then reads what both wrote. Locks are taken in
one fixed order, so batches don't wait for each other in a circle.
"""

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from city_node.contract import MeasuredIndicator
from city_node.observations import store, timed
from city_node.observations.stored import KeptObservation
from city_node.summaries.dirty import DirtyPeriod, previous_of_year
from city_node.summaries.stocks import stock_rows
from city_node.summaries.summarise import series_of, summarise, summarise_cumulative
from federation.clock import to_us
from federation.model.period import CALENDARS, Period
from federation.model.row import Row, SeriesKey
from federation.storage.pool import PooledConnection
from federation.warehouse.store import Applied, Incoming

SERIES_LOCK = 4_711_021
RECORD_LOCK = 4_711_022
"""Classes of advisory locks. A transaction takes those of records first."""

LOCK_BUCKETS = 1024
"""Locks that a transaction can hold at most in a class: the server's table is finite.

Two series in one bucket wait for each other without need, for the time of a batch.
"""


class ValueStore(Protocol):
    """The part of a warehouse that summaries are written to."""

    async def apply(
        self,
        handle: PooledConnection,
        batch: Sequence[Incoming],
        *,
        known_at: datetime,
    ) -> Applied:
        """Make rows current; see ``federation.warehouse``."""
        ...


async def lock(connection: PooledConnection, kind: int, names: Iterable[str]) -> None:
    """Hold the locks of some names until the transaction ends, in a fixed order."""
    buckets = sorted({zlib.crc32(name.encode()) % LOCK_BUCKETS for name in names})
    if buckets:
        await connection.execute(
            "SELECT pg_advisory_xact_lock($1, bucket) FROM unnest($2::int[]) AS bucket",
            kind,
            buckets,
        )


async def lock_series(
    connection: PooledConnection, series: Iterable[SeriesKey]
) -> None:
    """Hold the locks of some series; that of estimates shares the one of its series."""
    names = {f"{key.indicator}\x1f{key.locality}\x1f{key.agency}" for key in series}
    await lock(connection, SERIES_LOCK, names)


async def recompute(
    connection: PooledConnection,
    warehouse: ValueStore,
    measured: Mapping[str, MeasuredIndicator],
    dirty: Collection[DirtyPeriod],
    *,
    now: datetime,
) -> Applied:
    """Recompute summaries from the observations of this transaction and write them.

    Raises:
        FederationError: ``OVERFLOW`` when a state leaves 64 bits; the caller's
            transaction must not be committed.
    """
    if not dirty:
        return Applied(changed=0, unchanged=0)
    await lock_series(connection, (pair.series for pair in dirty))
    stocks = [each for each in dirty if _rules(measured, each).counts_intervals]
    observations = await store.of_periods(
        connection, _read_for(measured, set(dirty).difference(stocks))
    )
    ends = timed.spans_of((each.series, _end(measured, each)) for each in stocks)
    observations += await timed.holding_in(connection, ends)
    firsts = await timed.first_of(connection, ends)
    rows = summaries(measured, dirty, observations, firsts=firsts, now=now)
    incoming = [
        Incoming(
            row=row,
            contract_hash=measured[row.series.indicator].indicator.contract_hash,
        )
        for row in rows
    ]
    return await warehouse.apply(connection, incoming, known_at=now)


def summaries(
    measured: Mapping[str, MeasuredIndicator],
    dirty: Collection[DirtyPeriod],
    observations: Iterable[KeptObservation],
    *,
    firsts: Mapping[SeriesKey, KeptObservation],
    now: datetime,
) -> list[Row]:
    """Return the rows of dirty periods from what is kept for them, in key order.

    Args:
        measured: The indicators.
        dirty: What to recompute.
        observations: All that counts in any of it; others do no harm.
        firsts: Of stocks that are counted, where each series begins.
        now: Observations that are not due by then don't count yet.
    """
    kept_in = _grouped(measured, observations, now)
    rows: list[Row] = []
    stocks: dict[SeriesKey, list[Period]] = defaultdict(list)
    for pair in dirty:
        rules = _rules(measured, pair)
        if rules.counts_intervals:
            stocks[pair.series].append(pair.period)
        elif rules.cumulative:
            rows += _month(rules, pair, kept_in, now)
        else:
            rows.append(
                summarise(
                    rules,
                    kept_in.get((pair.series, pair.period), ()),
                    series=pair.series,
                    period=pair.period,
                    recorded_at_us=to_us(now),
                )
            )
    for series, periods in stocks.items():
        rows += stock_rows(
            measured[series.indicator],
            series,
            periods,
            kept_in.get((series, None), ()),
            first=firsts.get(series),
            recorded_at_us=to_us(now),
        )
    return sorted(rows, key=lambda row: (row.series, row.period))


_KeptIn = Mapping[tuple[SeriesKey, Period | None], Sequence[KeptObservation]]


def _grouped(
    measured: Mapping[str, MeasuredIndicator],
    observations: Iterable[KeptObservation],
    now: datetime,
) -> _KeptIn:
    """Return observations by what they count in; intervals by their series alone."""
    grouped: dict[tuple[SeriesKey, Period | None], list[KeptObservation]]
    grouped = defaultdict(list)
    for kept in observations:
        rules = measured[kept.observation.indicator]
        if rules.counts_intervals:
            grouped[kept.series, None].append(kept)
        elif not rules.counts_when_due or kept.observation.phenomenon_time <= now:
            for series in series_of(kept):
                grouped[series, kept.observation.period].append(kept)
    return grouped


def _month(
    rules: MeasuredIndicator, pair: DirtyPeriod, kept_in: _KeptIn, now: datetime
) -> Iterator[Row]:
    stated = kept_in.get((pair.series, pair.period), ())
    if pair.follows and not stated:
        return
    before = previous_of_year(pair.period)
    yield summarise_cumulative(
        rules,
        stated,
        kept_in.get((pair.series, before), ()),
        series=pair.series,
        period=pair.period,
        first_of_year=before is None,
        recorded_at_us=to_us(now),
    )


def _read_for(
    measured: Mapping[str, MeasuredIndicator], dirty: Iterable[DirtyPeriod]
) -> set[DirtyPeriod]:
    """Return what must be read for dirty periods: of a difference the month before."""
    wanted: set[DirtyPeriod] = set()
    for pair in dirty:
        wanted.add(pair)
        before = previous_of_year(pair.period)
        if _rules(measured, pair).cumulative and before is not None:
            wanted.add(DirtyPeriod(series=pair.series, period=before))
    return wanted


def _rules(
    measured: Mapping[str, MeasuredIndicator], pair: DirtyPeriod
) -> MeasuredIndicator:
    return measured[pair.series.indicator]


def _end(measured: Mapping[str, MeasuredIndicator], pair: DirtyPeriod) -> datetime:
    indicator = measured[pair.series.indicator].indicator
    return pair.period.ends_at(CALENDARS[indicator.calendar])
