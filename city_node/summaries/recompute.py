"""Recomputes the summaries that a batch made dirty, in the batch's transaction.

Two batches that touch one series may commit in any order: the second one waits for
the first at a lock on the series and then reads what both wrote. Locks are taken in
one fixed order, so batches don't wait for each other in a circle.
"""

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from city_node.contract import MeasuredIndicator
from city_node.observations import store
from city_node.observations.stored import KeptObservation
from city_node.summaries.summarise import series_of, summarise
from federation.clock import to_us
from federation.model.period import Period
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


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DirtyPeriod:
    """A series and period whose observations changed."""

    series: SeriesKey
    period: Period


def dirty_periods(changed: Iterable[KeptObservation]) -> set[DirtyPeriod]:
    """Return what must be recomputed when observations came, went or changed."""
    return {
        DirtyPeriod(series=series, period=kept.observation.period)
        for kept in changed
        for series in series_of(kept)
    }


async def lock(connection: PooledConnection, kind: int, names: Iterable[str]) -> None:
    """Hold the locks of some names until the transaction ends, in a fixed order."""
    buckets = sorted({zlib.crc32(name.encode()) % LOCK_BUCKETS for name in names})
    if buckets:
        await connection.execute(
            "SELECT pg_advisory_xact_lock($1, bucket) FROM unnest($2::int[]) AS bucket",
            kind,
            buckets,
        )


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
    await lock(connection, SERIES_LOCK, ("\x1f".join(_name(d)) for d in dirty))
    observations = await store.of_periods(connection, dirty)
    rows = summaries(measured, dirty, observations, now=now)
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
    now: datetime,
) -> list[Row]:
    """Return the rows of dirty periods from what is kept for them, in key order."""
    grouped: dict[DirtyPeriod, list[KeptObservation]] = defaultdict(list)
    for kept in observations:
        for series in series_of(kept):
            period = kept.observation.period
            grouped[DirtyPeriod(series=series, period=period)].append(kept)
    return [
        summarise(
            measured[pair.series.indicator],
            grouped.get(pair, ()),
            series=pair.series,
            period=pair.period,
            recorded_at_us=to_us(now),
        )
        for pair in sorted(dirty)
    ]


def _name(dirty: DirtyPeriod) -> tuple[str, str, str]:
    # The series of estimates shares its lock with the one it belongs to.
    return (dirty.series.indicator, dirty.series.locality, dirty.series.agency)
