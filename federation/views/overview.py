"""The first page of a tier: exceptions first, then what is well, then where."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from federation.algebra.value import decimal_value
from federation.clock import Clock
from federation.coverage.silence import is_answer
from federation.model.indicator import Indicator
from federation.model.locality import Locality
from federation.model.period import LOCAL, Period, day_number
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey
from federation.model.status import Status
from federation.views.absence import absent_in
from federation.views.components import components_missing
from federation.views.judgement import Freshness, freshness, year_before
from federation.views.knowledge import Knowledge
from federation.views.past import reads_of
from federation.views.selection import Scope, leading_series, scope_of, undivided
from federation.views.tiles import TREND_PERIODS, Tile, make_tile, with_absent
from federation.views.values import Reading
from federation.warehouse.history import AsOf
from federation.warehouse.store import (
    DayRange,
    Reads,
    SeriesFilter,
    Stored,
    Warehouse,
)

PLACE_COLUMNS_MAX = 8
"""Indicators in the table of places; those that most places have."""

YEAR_AGO_DAYS_MAX = 8
"""Different days a year before that are looked up; beyond them it reads unknown."""

Handle = TypeVar("Handle")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceLine:
    """One part of a place: how many series, how many of them silent, the newest."""

    place: Locality
    connected: bool
    series_count: int
    real_count: int
    simulated_count: int
    missing_count: int
    last_period: Period | None
    last_known_at: datetime | None
    values: Mapping[str, Decimal | None]
    statuses: Mapping[str, Status]


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """Everything the first page shows."""

    own: Locality
    generated_at: datetime
    as_of: AsOf | None
    tiles: tuple[Tile, ...]
    simulated_tiles: tuple[Tile, ...]
    places: tuple[PlaceLine, ...]
    place_columns: tuple[str, ...]
    place_count: int

    @property
    def not_connected_count(self) -> int:
        """Return how many parts nothing is known of."""
        return self.place_count - len(self.places)


class OverviewView(Generic[Handle]):
    """Reads the first page; five queries or so, however long the history is."""

    def __init__(
        self, warehouse: Warehouse[Handle], reading: Reading[Handle], *, clock: Clock
    ) -> None:
        """Read a warehouse through reads that ``reading`` opens."""
        self._warehouse = warehouse
        self._reading = reading
        self._clock = clock

    async def read(
        self, locality: str, knowledge: Knowledge, *, as_of: datetime | None = None
    ) -> Overview:
        """Return the first page of the tier at a locality.

        As of a moment it is the page that stood there then: what was known, how old it
        was, what was late. Names of places and indicators are today's.

        Raises:
            FederationError: ``NOT_FOUND`` when the locality is not known.
        """
        # Whole minutes: the same figures give the same bytes until the next one.
        generated_at = self._clock.now().replace(second=0, microsecond=0)
        async with self._reading() as handle:
            reads, answered = await reads_of(self._warehouse, handle, as_of)
            now = generated_at if answered is None else answered.moment
            today = now.astimezone(LOCAL.zone).date()
            scope = scope_of(knowledge.place(locality, today), knowledge.places, today)
            newest = await reads.latest(
                handle, SeriesFilter(localities=scope.localities)
            )
            known = [s for s in newest if _counts(s, knowledge)]
            standing = [s for s in known if s.row.status is not Status.DELETED]
            keys = [stored.row.series for stored in standing]
            keys += await _before_deletion(reads, handle, known)
            tiles, simulated = [
                await _tiles(reads, handle, chosen, knowledge, now)
                for chosen in (
                    leading_series(keys, scope, knowledge.indicators, simulated=kind)
                    for kind in (False, True)
                )
            ]
        columns = _columns(standing, scope)
        return Overview(
            own=scope.own,
            generated_at=generated_at,
            as_of=answered,
            tiles=tuple(tiles),
            simulated_tiles=tuple(simulated),
            places=tuple(_places(known, scope, knowledge, columns, now)),
            place_columns=columns,
            place_count=len(scope.parts),
        )


async def _tiles(
    reads: Reads[Handle],
    handle: Handle,
    keys: Sequence[SeriesKey],
    knowledge: Knowledge,
    now: datetime,
) -> list[Tile]:
    if not keys:
        return []
    histories: dict[SeriesKey, list[Stored]] = {key: [] for key in keys}
    found = await reads.latest(handle, _filter_of(keys), count=TREND_PERIODS + 1)
    for stored in found:
        if stored.row.series in histories:
            histories[stored.row.series].append(stored)
    past = await _year_ago(reads, handle, histories)
    tiles = []
    for key, history in histories.items():
        former = history and knowledge.former_contract(
            key.indicator, history[0].contract_hash
        )
        indicator = former or knowledge.indicator(key.indicator)
        tile = make_tile(
            indicator,
            knowledge.calendar(indicator),
            history,
            year_ago=past.get(key),
            now=now,
        )
        if tile is None:
            continue
        row = tile.value.row
        if indicator.composed_of:
            lacking = await components_missing(reads, handle, row, knowledge)
            tiles.append(replace(tile, value=replace(tile.value, missing=lacking)))
        else:
            absent = await absent_in(reads, handle, row, knowledge)
            tiles.append(with_absent(tile, absent))
    return sorted(tiles, key=lambda tile: tile.order)


async def _before_deletion(
    reads: Reads[Handle], handle: Handle, known: Sequence[Stored]
) -> list[SeriesKey]:
    """Return the series whose newest value was deleted and that have older ones."""
    deleted = {s.row.series for s in known if s.row.status is Status.DELETED}
    if not deleted:
        return []
    found = await reads.latest(
        handle, _filter_of(sorted(deleted)), count=TREND_PERIODS + 1
    )
    return sorted(
        {
            stored.row.series
            for stored in found
            if stored.row.series in deleted and stored.row.status is not Status.DELETED
        }
    )


async def _year_ago(
    reads: Reads[Handle],
    handle: Handle,
    histories: Mapping[SeriesKey, Sequence[Stored]],
) -> dict[SeriesKey, Row]:
    wanted: dict[SeriesKey, Period] = {}
    known: dict[tuple[SeriesKey, Period], Row] = {}
    for key, history in histories.items():
        known |= {(key, stored.row.period): stored.row for stored in history}
        shown = next((s for s in history if s.row.state is not None), None)
        if shown is not None:
            wanted[key] = year_before(shown.row.period)
    away: dict[int, list[SeriesKey]] = defaultdict(list)
    for key, period in wanted.items():
        if (key, period) not in known:
            away[day_number(period.first_day)].append(key)
    for day, keys in sorted(away.items())[-YEAR_AGO_DAYS_MAX:]:
        for stored in await reads.values(
            handle, _filter_of(keys), days=DayRange(first=day, last=day)
        ):
            known[(stored.row.series, stored.row.period)] = stored.row
    return {
        key: known[(key, period)]
        for key, period in wanted.items()
        if (key, period) in known
    }


def _counts(stored: Stored, knowledge: Knowledge) -> bool:
    series = stored.row.series
    return (
        series.breakdown != VINTAGE_ESTIMATE
        and series.indicator in knowledge.indicators
    )


def _filter_of(keys: Sequence[SeriesKey]) -> SeriesFilter:
    return SeriesFilter(
        indicators=frozenset(key.indicator for key in keys),
        localities=frozenset(key.locality for key in keys),
        breakdowns=frozenset(key.breakdown for key in keys),
    )


def _columns(standing: Sequence[Stored], scope: Scope) -> tuple[str, ...]:
    parts = {part.id for part in scope.parts}
    count = Counter(
        stored.row.series.indicator
        for stored in standing
        if stored.row.series.locality in parts
        and undivided(stored.row.series)
        and not stored.row.series.simulated
    )
    by_spread = sorted(count, key=lambda indicator: (-count[indicator], indicator))
    return tuple(sorted(by_spread[:PLACE_COLUMNS_MAX]))


def _places(
    known: Sequence[Stored],
    scope: Scope,
    knowledge: Knowledge,
    columns: Sequence[str],
    now: datetime,
) -> list[PlaceLine]:
    by_place: dict[str, list[Stored]] = defaultdict(list)
    for stored in known:
        by_place[stored.row.series.locality].append(stored)
    return [
        _place_line(part, by_place[part.id], knowledge, columns, now)
        for part in scope.parts
        if any(s.row.status is not Status.DELETED for s in by_place[part.id])
    ]


def _place_line(
    place: Locality,
    known: Sequence[Stored],
    knowledge: Knowledge,
    columns: Sequence[str],
    now: datetime,
) -> PlaceLine:
    found = [s for s in known if s.row.status is not Status.DELETED]
    measured = [stored for stored in known if not stored.row.series.simulated]
    real = [stored for stored in found if not stored.row.series.simulated]
    # Generated figures speak for a place only where nothing was measured.
    speaking = real or found
    given = [stored for stored in speaking if stored.row.state is not None]
    newest = max(given, key=lambda stored: stored.row.period.first_day, default=None)
    leading = {name: _leading_row(name, measured, knowledge) for name in columns}
    return PlaceLine(
        place=place,
        # Who says that a figure is withheld or was not collected is not silent.
        connected=any(
            _in_time(stored.row, knowledge, now)
            for stored in speaking
            if is_answer(stored.row)
        ),
        series_count=len(found),
        real_count=len(real),
        simulated_count=len(found) - len(real),
        missing_count=len(speaking) - len(given),
        last_period=newest.row.period if newest is not None else None,
        last_known_at=max((s.known_at for s in speaking), default=None),
        values={name: _value_of(name, row, knowledge) for name, row in leading.items()},
        statuses={name: row.status for name, row in leading.items() if row is not None},
    )


def _in_time(row: Row, knowledge: Knowledge, now: datetime) -> bool:
    indicator = knowledge.indicator(row.series.indicator)
    calendar = knowledge.calendar(indicator)
    return freshness(indicator, calendar, row.period, now) is Freshness.FRESH


def _leading_row(
    indicator_id: str, measured: Sequence[Stored], knowledge: Knowledge
) -> Row | None:
    indicator: Indicator = knowledge.indicator(indicator_id)
    rows = [
        stored.row
        for stored in measured
        if stored.row.series.indicator == indicator_id
        and undivided(stored.row.series)
        # The table is headed by today's contract; another one's figure has its unit.
        and stored.contract_hash == indicator.contract_hash
    ]
    rows.sort(key=lambda row: row.series.basis is not indicator.leading_basis)
    return rows[0] if rows else None


def _value_of(
    indicator_id: str, row: Row | None, knowledge: Knowledge
) -> Decimal | None:
    if row is None or row.state is None:
        return None
    return decimal_value(knowledge.indicator(indicator_id), row.state)
