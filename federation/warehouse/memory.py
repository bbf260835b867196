"""The warehouse in memory, for simulations and tests: same promises, no disk.

It knows no transactions: what a call did stays done.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from federation.model.period import Period
from federation.model.row import SeriesKey
from federation.warehouse.columns import same_value
from federation.warehouse.store import (
    ALWAYS,
    EVERYTHING,
    PAGE_ROWS_MAX,
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
    marks_rollup,
    newest_of_each,
    stays_here,
    supersedes,
)


class MemoryWarehouse:
    """Keeps ``Warehouse``'s promises in dictionaries. The handle is not used."""

    def __init__(self, stream_of: StreamOf = stays_here) -> None:
        """Route new series by ``stream_of``."""
        self._stream_of = stream_of
        self._series: dict[SeriesKey, StoredSeries] = {}
        self._current: dict[PageKey, Stored] = {}
        self._history: dict[PageKey, list[Stored]] = {}
        self._marks: dict[tuple[str, int], Mark] = {}
        self._numbers = itertools.count(1)

    async def apply(
        self, handle: object, batch: Sequence[Incoming], *, known_at: datetime
    ) -> Applied:
        """Make rows current; see ``Warehouse.apply``."""
        changed = 0
        for incoming in newest_of_each(batch):
            self._know(incoming)
            row = incoming.row
            key = PageKey(series=row.series, period_start=row.period.start)
            held = self._current.get(key)
            if held is not None and (
                same_value(held.row, row)
                or not supersedes(incoming.carrier, held.carrier)
            ):
                continue
            stored = Stored(
                row=row,
                contract_hash=incoming.contract_hash,
                carrier=incoming.carrier,
                known_at=known_at,
                revision=next(self._numbers),
            )
            self._current[key] = replace(stored, revision=0)
            self._history.setdefault(key, []).insert(0, stored)
            changed += 1
            if marks_rollup(incoming):
                self._mark(key)
        return Applied(changed=changed, unchanged=len(batch) - changed)

    def _know(self, incoming: Incoming) -> None:
        key = incoming.row.series
        known = self._series.get(key)
        if known is not None and known.contract_hash == incoming.contract_hash:
            return
        if known is not None:
            for held in [held for held in self._current if held.series == key]:
                del self._current[held]
                self._mark(held)
            for past in [past for past in self._history if past.series == key]:
                del self._history[past]
        self._series[key] = StoredSeries(
            key=key,
            contract_hash=incoming.contract_hash,
            frequency=incoming.row.period.frequency,
            route=self._stream_of(key) if known is None else known.route,
        )

    def _mark(self, key: PageKey) -> None:
        place = (key.series.indicator, key.period_start)
        self._marks[place] = Mark(
            indicator=place[0], period_start=place[1], number=next(self._numbers)
        )

    async def reroute(self, handle: object) -> int:
        """Ask again where each series goes; see ``Warehouse.reroute``."""
        moved = 0
        for key, series in self._series.items():
            route = self._stream_of(key)
            if route != series.route:
                self._series[key] = replace(series, route=route)
                moved += 1
        return moved

    async def series(
        self, handle: object, chosen: SeriesFilter = EVERYTHING
    ) -> list[StoredSeries]:
        """Return the known series in key order."""
        return [self._series[key] for key in sorted(self._series) if chosen.takes(key)]

    def _found(self, chosen: SeriesFilter, days: DayRange) -> Iterable[PageKey]:
        return (
            key
            for key in sorted(self._current)
            if chosen.takes(key.series)
            and days.takes(day_of_period(self._current[key].row.period))
        )

    async def values(
        self,
        handle: object,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
    ) -> list[Stored]:
        """Return current values by series key and period, at most ``limit``."""
        found = (
            self._current[key]
            for key in self._found(chosen, days)
            if after is None or key > after
        )
        return list(itertools.islice(found, min(limit, PAGE_ROWS_MAX)))

    async def latest(
        self,
        handle: object,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
    ) -> list[Stored]:
        """Return the newest ``count`` values of each series, newest first in each."""
        newest = []
        for _, keys in itertools.groupby(
            self._found(chosen, days), key=lambda key: key.series
        ):
            newest += [self._current[key] for key in list(keys)[: -count - 1 : -1]]
        return newest

    async def versions(
        self, handle: object, key: SeriesKey, period: Period
    ) -> list[Stored]:
        """Return all versions of one value, newest (the current one) first."""
        place = PageKey(series=key, period_start=period.start)
        return list(self._history.get(place, ()))

    async def at(
        self, handle: object, indicator: str, period_start: int
    ) -> list[Stored]:
        """Return the current values of an indicator in one period, all series."""
        return [
            self._current[key]
            for key in sorted(self._current)
            if key.series.indicator == indicator and key.period_start == period_start
        ]

    async def marks(self, handle: object, limit: int) -> list[Mark]:
        """Return what must be rolled up, newest periods first."""
        order = sorted(
            self._marks.values(), key=lambda mark: (-mark.period_start, mark.number)
        )
        return order[:limit]

    async def lock_marks(self, handle: object, limit: int) -> list[Mark]:
        """Take what must be rolled up; see ``Warehouse.lock_marks``."""
        return await self.marks(handle, limit)

    async def unmark(self, handle: object, marks: Sequence[Mark]) -> int:
        """Remove marks that were not set anew since; return how many."""
        removed = 0
        for mark in marks:
            place = (mark.indicator, mark.period_start)
            held = self._marks.get(place)
            if held is not None and held.number == mark.number:
                del self._marks[place]
                removed += 1
        return removed
