"""The warehouse on PostgreSQL: set-based statements on the caller's transaction."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from federation.model.period import Period
from federation.model.row import SeriesKey
from federation.storage.pool import Connection, PooledConnection
from federation.warehouse import statements
from federation.warehouse.columns import (
    Columns,
    series_key,
    stored_series,
    stored_value,
    value_columns,
)
from federation.warehouse.store import (
    ALWAYS,
    EVERYTHING,
    OUTBOX_CHANNEL,
    PAGE_ROWS_MAX,
    ROLLUP_CHANNEL,
    ROWS_PER_STATEMENT_MAX,
    Applied,
    DayRange,
    Incoming,
    Mark,
    PageKey,
    SeriesFilter,
    Stored,
    StoredSeries,
    StreamOf,
    day_of_period,
    newest_of_each,
    stays_here,
)

Transaction: TypeAlias = "Connection | PooledConnection"


class PostgresWarehouse:
    """Keeps ``Warehouse``'s promises in the tables of this package's migrations.

    Every call runs on a connection with an open transaction (read committed).
    """

    def __init__(self, stream_of: StreamOf = stays_here) -> None:
        """Route new series by ``stream_of``."""
        self._stream_of = stream_of

    async def apply(
        self, handle: Transaction, batch: Sequence[Incoming], *, known_at: datetime
    ) -> Applied:
        """Make rows current; see ``Warehouse.apply``."""
        rows = newest_of_each(batch)
        if not rows:
            return Applied(changed=0, unchanged=len(batch))
        marks: set[tuple[str, int]] = set()
        ids = await self._series_ids(handle, rows, marks)
        rows.sort(key=lambda row: (ids[row.row.series], row.row.period.start))
        changed, streams = 0, set()
        for first in range(0, len(rows), ROWS_PER_STATEMENT_MAX):
            part = rows[first : first + ROWS_PER_STATEMENT_MAX]
            for group in await handle.fetch(
                statements.APPLY, *_columns(part, ids), known_at
            ):
                changed += group["changed"]
                streams.add(group["stream"])
                if group["marks"]:
                    marks.add((group["indicator"], group["period_start"]))
        await self._mark(handle, marks)
        for stream in sorted(streams - {None}):
            await handle.execute("SELECT pg_notify($1, $2)", OUTBOX_CHANNEL, stream)
        return Applied(changed=changed, unchanged=len(batch) - changed)

    async def _series_ids(
        self,
        handle: Transaction,
        rows: Sequence[Incoming],
        marks: set[tuple[str, int]],
    ) -> dict[SeriesKey, int]:
        """Return the ids of all series of the rows, making those that are new."""
        wanted = {incoming.row.series: incoming for incoming in rows}
        found = await self._find(handle, wanted)
        missing = sorted(wanted.keys() - found.keys())
        if missing:
            routes = [self._stream_of(key) for key in missing]
            await handle.execute(
                statements.MAKE_SERIES,
                *_key_columns(missing),
                [wanted[key].contract_hash for key in missing],
                [int(wanted[key].row.period.frequency) for key in missing],
                [route.stream for route in routes],
                [route.withheld_ground for route in routes],
            )
            found |= await self._find(handle, missing)
        await self._change_contracts(handle, wanted, found, marks)
        return {key: record["id"] for key, record in found.items()}

    async def _find(
        self, handle: Transaction, keys: Iterable[SeriesKey]
    ) -> dict[SeriesKey, Any]:
        records = await handle.fetch(statements.FIND_SERIES, *_key_columns(keys))
        return {series_key(record): record for record in records}

    async def _change_contracts(
        self,
        handle: Transaction,
        wanted: dict[SeriesKey, Incoming],
        found: dict[SeriesKey, Any],
        marks: set[tuple[str, int]],
    ) -> None:
        other = [
            (found[key]["id"], incoming)
            for key, incoming in wanted.items()
            if found[key]["contract_hash"] != incoming.contract_hash
        ]
        if not other:
            return
        ids = [series_id for series_id, _ in other]
        await handle.execute(
            statements.CHANGE_CONTRACT,
            ids,
            [incoming.contract_hash for _, incoming in other],
            [int(incoming.row.period.frequency) for _, incoming in other],
        )
        for record in await handle.fetch(statements.DROP_VALUES, ids):
            marks.add((record["indicator"], record["period_start"]))

    async def _mark(self, handle: Transaction, marks: set[tuple[str, int]]) -> None:
        if not marks:
            return
        ordered = sorted(marks)
        await handle.execute(
            statements.MARK,
            [indicator for indicator, _ in ordered],
            [start for _, start in ordered],
        )
        await handle.execute("SELECT pg_notify($1, '')", ROLLUP_CHANNEL)

    async def reroute(self, handle: Transaction) -> int:
        """Ask again where each series goes; see ``Warehouse.reroute``."""
        moved = []
        for record in await handle.fetch("SELECT * FROM series ORDER BY id FOR UPDATE"):
            series = stored_series(record)
            route = self._stream_of(series.key)
            if route != series.route:
                moved.append((record["id"], route))
        if moved:
            ids = [series_id for series_id, _ in moved]
            await handle.execute(
                statements.REROUTE_SERIES,
                ids,
                [route.stream for _, route in moved],
                [route.withheld_ground for _, route in moved],
            )
            await handle.execute(statements.REROUTE_VALUES, ids)
        return len(moved)

    async def series(
        self, handle: Transaction, chosen: SeriesFilter = EVERYTHING
    ) -> list[StoredSeries]:
        """Return the known series in key order."""
        records = await handle.fetch(statements.ALL_SERIES, *_chosen(chosen))
        return [stored_series(record) for record in records]

    async def values(
        self,
        handle: Transaction,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
    ) -> list[Stored]:
        """Return current values by series key and period, at most ``limit``."""
        records = await handle.fetch(
            statements.VALUES,
            *_chosen(chosen),
            days.first,
            days.last,
            *_after(after),
            min(limit, PAGE_ROWS_MAX),
        )
        return [stored_value(record) for record in records]

    async def latest(
        self,
        handle: Transaction,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
    ) -> list[Stored]:
        """Return the newest ``count`` values of each series, newest first in each."""
        records = await handle.fetch(
            statements.LATEST, *_chosen(chosen), days.first, days.last, count
        )
        return [stored_value(record) for record in records]

    async def versions(
        self, handle: Transaction, key: SeriesKey, period: Period
    ) -> list[Stored]:
        """Return all versions of one value, newest (the current one) first."""
        records = await handle.fetch(
            statements.VERSIONS, *_key_values(key), period.start
        )
        return [stored_value(record) for record in records]

    async def at(
        self, handle: Transaction, indicator: str, period_start: int
    ) -> list[Stored]:
        """Return the current values of an indicator in one period, all series."""
        records = await handle.fetch(statements.AT, indicator, period_start)
        return [stored_value(record) for record in records]

    async def marks(self, handle: Transaction, limit: int) -> list[Mark]:
        """Return what must be rolled up, newest periods first."""
        return [_mark(record) for record in await handle.fetch(statements.MARKS, limit)]

    async def lock_marks(self, handle: Transaction, limit: int) -> list[Mark]:
        """Take what must be rolled up; see ``Warehouse.lock_marks``."""
        wanted = await self.marks(handle, limit)
        free = await handle.fetch(
            statements.LOCK_MARKS,
            [mark.indicator for mark in wanted],
            [mark.period_start for mark in wanted],
        )
        # A mark may have been removed between reading it and getting its lock.
        records = await handle.fetch(
            statements.MARKS_AGAIN,
            [record["indicator"] for record in free],
            [record["period_start"] for record in free],
        )
        return [_mark(record) for record in records]

    async def unmark(self, handle: Transaction, marks: Sequence[Mark]) -> int:
        """Remove marks that were not set anew since; return how many."""
        indicators = [mark.indicator for mark in marks]
        starts = [mark.period_start for mark in marks]
        await handle.execute(statements.UNMARK_LOCK, indicators, starts)
        status = await handle.execute(
            statements.UNMARK, indicators, starts, [mark.number for mark in marks]
        )
        return int(status.rsplit(" ", 1)[1])


def _mark(record: Columns) -> Mark:
    return Mark(
        indicator=record["indicator"],
        period_start=record["period_start"],
        number=record["mark"],
    )


def _columns(
    rows: Sequence[Incoming], ids: dict[SeriesKey, int]
) -> Iterable[tuple[Any, ...]]:
    return zip(
        *(
            (
                ids[incoming.row.series],
                incoming.row.period.start,
                *value_columns(incoming, day_of_period(incoming.row.period)),
            )
            for incoming in rows
        ),
        strict=True,
    )


def _key_values(key: SeriesKey) -> tuple[str, str, str, str, int]:
    return (key.indicator, key.locality, key.agency, key.breakdown, int(key.basis))


def _key_columns(keys: Iterable[SeriesKey]) -> list[tuple[Any, ...]]:
    columns = list(zip(*map(_key_values, keys), strict=True))
    return columns or list(itertools.repeat((), 5))


def _chosen(chosen: SeriesFilter) -> tuple[Any, ...]:
    named = (chosen.indicators, chosen.localities, chosen.agencies, chosen.breakdowns)
    basis = None if chosen.basis is None else int(chosen.basis)
    return (*(None if names is None else list(names) for names in named), basis)


def _after(after: PageKey | None) -> tuple[Any, ...]:
    if after is None:
        return (None,) * 6
    return (*_key_values(after.series), after.period_start)
