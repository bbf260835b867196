"""The warehouse in memory, for simulations and tests: same promises, no disk.

It knows no transactions: what a call did stays done.
"""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from federation.model.period import Period
from federation.model.row import SeriesKey
from federation.model.status import NOT_GIVEN
from federation.warehouse.columns import same_value
from federation.warehouse.history import (
    THINNED,
    History,
    LostTime,
    Resolution,
    end_holding,
)
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
    Thinned,
    day_of_period,
    marks_rollup,
    newest_of_each,
    stays_here,
    supersedes,
)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class _PastContract:
    """The versions that series had under a contract which ended."""

    ended_at: datetime
    versions: dict[PageKey, list[Stored]]


class MemoryWarehouse:
    """Keeps ``Warehouse``'s promises in dictionaries. The handle is not used."""

    def __init__(self, stream_of: StreamOf = stays_here) -> None:
        """Route new series by ``stream_of``."""
        self._stream_of = stream_of
        self._series: dict[SeriesKey, StoredSeries] = {}
        self._current: dict[PageKey, Stored] = {}
        self._history: dict[PageKey, list[Stored]] = {}
        self._past: list[_PastContract] = []
        self._marks: dict[tuple[str, int], Mark] = {}
        self._until: dict[Resolution, datetime] = {}
        self._looked_until: dict[Resolution, datetime] = {}
        self._lost: list[LostTime] = []
        self._numbers = itertools.count(1)

    async def apply(
        self, handle: object, batch: Sequence[Incoming], *, known_at: datetime
    ) -> Applied:
        """Make rows current; see ``Warehouse.apply``."""
        changed = 0
        for incoming in newest_of_each(batch):
            self._know(incoming, known_at)
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
                known_at=max(known_at, held.known_at) if held else known_at,
                revision=next(self._numbers),
            )
            given = None if row.status in NOT_GIVEN else known_at
            self._current[key] = replace(
                stored,
                revision=0,
                first_known_at=held.first_known_at if held else known_at,
                first_given_at=(held.first_given_at if held else None) or given,
            )
            self._history.setdefault(key, []).insert(0, stored)
            changed += 1
            if marks_rollup(incoming):
                self._mark(key)
        return Applied(changed=changed, unchanged=len(batch) - changed)

    def _know(self, incoming: Incoming, known_at: datetime) -> None:
        key = incoming.row.series
        known = self._series.get(key)
        if known is not None and known.contract_hash == incoming.contract_hash:
            return
        if known is not None:
            for held in [held for held in self._current if held.series == key]:
                del self._current[held]
                self._mark(held)
            ended = [past for past in self._history if past.series == key]
            versions = {past: self._history.pop(past) for past in ended}
            if versions:
                self._past.append(_PastContract(ended_at=known_at, versions=versions))
        self._series[key] = StoredSeries(
            key=key,
            contract_hash=incoming.contract_hash,
            frequency=incoming.row.period.frequency,
            route=self._stream_of(key) if known is None else known.route,
        )

    def _mark(self, key: PageKey) -> None:
        self._mark_place(key.series.indicator, key.period_start)

    def _mark_place(self, indicator: str, period_start: int) -> None:
        self._marks[indicator, period_start] = Mark(
            indicator=indicator,
            period_start=period_start,
            number=next(self._numbers),
        )

    async def mark(self, handle: object, places: Collection[tuple[str, int]]) -> None:
        """Have indicators rolled up again; see ``Warehouse.mark``."""
        for indicator, period_start in sorted(places):
            self._mark_place(indicator, period_start)

    async def remark(self, handle: object, indicators: Collection[str]) -> int:
        """Have whole indicators rolled up again; see ``Warehouse.remark``."""
        places = {
            (key.series.indicator, key.period_start)
            for key in self._current
            if key.series.indicator in indicators
        }
        await self.mark(handle, places)
        return len(places)

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

    def _standing(self, as_of: datetime | None) -> dict[PageKey, Stored]:
        """Return the values that stood at a moment; None: those that stand."""
        if as_of is None:
            return self._current
        kept = self._versions(as_of)
        return {
            key: stored
            for key, versions in kept.items()
            for stored in itertools.islice(
                (version for version in versions if version.known_at <= as_of), 1
            )
        }

    def _versions(self, as_of: datetime | None) -> dict[PageKey, list[Stored]]:
        """Return the versions, newest first, of the contracts of a moment."""
        if as_of is None:
            return self._history
        kept = dict(self._history)
        # The contract that ended first after the moment was in force then.
        for past in reversed(self._past):
            if past.ended_at > as_of:
                series = {key.series for key in past.versions}
                kept = {k: v for k, v in kept.items() if k.series not in series}
                kept |= past.versions
        return kept

    def _found(
        self, standing: dict[PageKey, Stored], chosen: SeriesFilter, days: DayRange
    ) -> Iterable[PageKey]:
        return (
            key
            for key in sorted(standing)
            if chosen.takes(key.series)
            and days.takes(day_of_period(standing[key].row.period))
        )

    async def values(
        self,
        handle: object,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return values by series key and period, at most ``limit``."""
        standing = self._standing(as_of)
        found = (
            standing[key]
            for key in self._found(standing, chosen, days)
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
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the newest ``count`` values of each series, newest first in each."""
        standing = self._standing(as_of)
        newest = []
        for _, keys in itertools.groupby(
            self._found(standing, chosen, days), key=lambda key: key.series
        ):
            newest += [standing[key] for key in list(keys)[: -count - 1 : -1]]
        return newest

    async def versions(
        self,
        handle: object,
        key: SeriesKey,
        period: Period,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the versions of one value, the newest first."""
        place = PageKey(series=key, period_start=period.start)
        return [
            version
            for version in self._versions(as_of).get(place, ())
            if as_of is None or version.known_at <= as_of
        ]

    async def at(
        self,
        handle: object,
        indicator: str,
        period_start: int,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of an indicator in one period, all series."""
        standing = self._standing(as_of)
        return [
            standing[key]
            for key in sorted(standing)
            if key.series.indicator == indicator and key.period_start == period_start
        ]

    def _all_versions(self) -> Iterable[tuple[list[Stored], Stored]]:
        """Yield every version with the list of its value that holds it."""
        for kept in (*(past.versions for past in self._past), self._history):
            for versions in kept.values():
                yield from ((versions, version) for version in versions)

    async def history(self, handle: object) -> History:
        """Return what is still known of the past, and how finely."""
        return History(
            begins_at=min((v.known_at for _, v in self._all_versions()), default=None),
            hourly_until=self._until.get(Resolution.HOUR),
            daily_until=self._until.get(Resolution.DAY),
            lost=tuple(self._lost),
        )

    async def thin(
        self,
        handle: object,
        *,
        hourly_until: datetime,
        daily_until: datetime,
        limit: int,
    ) -> Thinned:
        """Take one batch of versions out of history; see ``Warehouse.thin``."""
        for resolution, until in zip(THINNED, (hourly_until, daily_until), strict=True):
            self._until[resolution] = max(self._until.get(resolution, until), until)
        left = [
            resolution
            for resolution in THINNED
            if self._looked_until.get(resolution, _NEVER) < self._until[resolution]
        ]
        if not left:
            return Thinned(looked=0, removed=0, more=False)
        resolution, until = left[0], self._until[left[0]]
        done = self._looked_until.get(resolution, _NEVER)
        looked = sorted(
            (item for item in self._all_versions() if done < item[1].known_at <= until),
            key=lambda item: item[1].known_at,
        )
        if len(looked) > limit:
            last = looked[limit - 1][1].known_at
            looked = [item for item in looked if item[1].known_at <= last]
            self._looked_until[resolution] = last
        else:
            self._looked_until[resolution] = until
        removed = [
            (versions, version)
            for versions, version in looked
            if any(
                version.revision < later.revision
                and later.known_at <= end_holding(version.known_at, resolution)
                for later in versions
            )
        ]
        for versions, version in removed:
            versions.remove(version)
        more = len(looked) >= limit or len(left) > 1
        return Thinned(looked=len(looked), removed=len(removed), more=more)

    async def lose(self, handle: object, time: LostTime) -> None:
        """Note that what was learned in a time is forgotten."""
        if time not in self._lost:
            self._lost.append(time)

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
