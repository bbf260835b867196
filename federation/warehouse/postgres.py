"""The warehouse on PostgreSQL: set-based statements on the caller's transaction."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from federation.model.period import LOCAL, Period
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
from federation.warehouse.history import THINNED, History, LostTime
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
    Thinned,
    day_of_period,
    newest_of_each,
    page_key,
    stays_here,
)

Transaction: TypeAlias = "Connection | PooledConnection"

BEFORE_HISTORY = datetime(1970, 1, 1, tzinfo=UTC)
"""No version was known before; thinning begins after it."""


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
        ids = await self._series_ids(handle, rows, marks, known_at)
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
        known_at: datetime,
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
        await self._change_contracts(handle, wanted, found, marks, known_at)
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
        known_at: datetime,
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
            known_at,
        )
        for record in await handle.fetch(statements.DROP_VALUES, ids):
            marks.add((record["indicator"], record["period_start"]))

    async def mark(
        self, handle: Transaction, places: Collection[tuple[str, int]]
    ) -> None:
        """Have indicators rolled up again; see ``Warehouse.mark``."""
        await self._mark(handle, set(places))

    async def remark(self, handle: Transaction, indicators: Collection[str]) -> int:
        """Have whole indicators rolled up again; see ``Warehouse.remark``."""
        records = await handle.fetch(statements.PERIODS_OF, sorted(indicators))
        places = {(record["indicator"], record["period_start"]) for record in records}
        await self._mark(handle, places)
        return len(places)

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
            for stream in sorted({r.stream for _, r in moved if r.stream is not None}):
                await handle.execute("SELECT pg_notify($1, $2)", OUTBOX_CHANNEL, stream)
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
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return values by series key and period, at most ``limit``."""
        limit = min(limit, PAGE_ROWS_MAX)
        asked = (*_chosen(chosen), days.first, days.last, *_after(after), limit)
        if as_of is None:
            records = await handle.fetch(statements.VALUES, *asked)
            return [stored_value(record) for record in records]
        records = await handle.fetch(statements.VALUES_AS_OF, *asked, as_of)
        past = await handle.fetch(statements.PAST_VALUES, *asked, as_of)
        found = [stored_value(record) for record in (*records, *past)]
        return sorted(found, key=page_key)[:limit] if past else found

    async def latest(
        self,
        handle: Transaction,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the newest ``count`` values of each series, newest first in each."""
        asked = (*_chosen(chosen), days.first, days.last, count)
        if as_of is None:
            records = await handle.fetch(statements.LATEST, *asked)
            return [stored_value(record) for record in records]
        records = await handle.fetch(statements.LATEST_AS_OF, *asked, as_of)
        past = await handle.fetch(statements.PAST_LATEST, *asked, as_of)
        found = [stored_value(record) for record in (*records, *past)]
        # Of a series either the one or the other has values, so a stable sort keeps
        # the newest first.
        return sorted(found, key=lambda stored: stored.row.series) if past else found

    async def versions(
        self,
        handle: Transaction,
        key: SeriesKey,
        period: Period,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the versions of one value, the newest first."""
        asked = (*_key_values(key), period.start, as_of)
        records = await handle.fetch(statements.VERSIONS, *asked)
        if as_of is not None and not records:
            records = await handle.fetch(statements.PAST_VERSIONS, *asked)
        return [stored_value(record) for record in records]

    async def at(
        self,
        handle: Transaction,
        indicator: str,
        period_start: int,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of an indicator in one period, all series."""
        asked = (indicator, period_start)
        if as_of is None:
            records = await handle.fetch(statements.AT, *asked)
            return [stored_value(record) for record in records]
        records = await handle.fetch(statements.AT_AS_OF, *asked, as_of)
        past = await handle.fetch(statements.PAST_AT, *asked, as_of)
        found = [stored_value(record) for record in (*records, *past)]
        return sorted(found, key=page_key) if past else found

    async def history(self, handle: Transaction) -> History:
        """Return what is still known of the past, and how finely."""
        record = await handle.fetchrow(statements.HISTORY)
        lost = await handle.fetch(statements.LOST)
        return History(
            **(dict(record) if record is not None else {}),
            lost=tuple(
                LostTime(
                    first=each["lost_from"],
                    last=each["lost_until"],
                    reason=each["reason"],
                )
                for each in lost
            ),
        )

    async def thin(
        self,
        handle: Transaction,
        *,
        hourly_until: datetime,
        daily_until: datetime,
        limit: int,
    ) -> Thinned:
        """Take one batch of versions out of history; see ``Warehouse.thin``."""
        for resolution, until in zip(THINNED, (hourly_until, daily_until), strict=True):
            await handle.execute(statements.THIN_UNTIL, resolution.value, until)
        left = await handle.fetch(statements.THIN_LEFT)
        if not left:
            return Thinned(looked=0, removed=0, more=False)
        first = left[0]
        batch = await handle.fetchrow(
            statements.THIN,
            first["done_until"] or BEFORE_HISTORY,
            first["until"],
            limit,
            first["resolution"],
            LOCAL.time_zone,
        )
        looked, removed = (batch["looked"], batch["removed"]) if batch else (0, 0)
        more = looked >= limit or len(left) > 1
        return Thinned(looked=looked, removed=removed, more=more)

    async def lose(self, handle: Transaction, time: LostTime) -> None:
        """Note that what was learned in a time is forgotten."""
        await handle.execute(statements.LOSE, time.first, time.last, time.reason)

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
