"""A tier with some years of daily values, their history and their totals."""

from __future__ import annotations

import random
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import federation.catalogue
import federation.coverage
import federation.warehouse
from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.localities.graph import LocalityGraph
from federation.model.locality import Locality, Member
from federation.model.period import Frequency, Period, day_number
from federation.model.row import Row, SeriesKey, State, Version, base_row
from federation.model.status import Provenance, Status
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.storage.pool import Pool, PooledConnection, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

APPS = (federation.warehouse.APP, federation.catalogue.APP, federation.coverage.APP)
PROVINCE, AREA, STREAM = "40", "vinh", "children"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
LAST_DAY = day_number(NOW.date()) - 2
FIRST_VALUE = 100


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Communes that report indicators each day, six of them an area of their own."""

    communes: int = 130
    indicators: int = 10
    area: int = 6

    @property
    def values_per_day(self) -> int:
        """Return the values of one day: reports, and totals of area and province."""
        return self.indicators * (self.communes + 2)


_COPY = """
INSERT INTO value SELECT series_id, $1::bigint - back, stream, $1::integer - back,
    state_value, state_second, state_detail, status, provenance, status_counts,
    provenance_counts, expected, reported, recorded_at_us, source, carrier_stream,
    carrier_epoch, carrier_sequence, origin_streams, origin_epoch, origin_sequence,
    flags, known_at, first_known_at, first_given_at, sealed_epoch, sealed_sequence
FROM value, generate_series(1, $2::integer) AS back
ORDER BY back DESC, series_id
"""
_COPY_HISTORY = """
INSERT INTO value_history OVERRIDING SYSTEM VALUE
SELECT series_id, $1::bigint - back, nextval('value_history_revision_seq'),
    state_value, state_second, state_detail, status, provenance, status_counts,
    provenance_counts, expected, reported, recorded_at_us, source, carrier_stream,
    carrier_epoch, carrier_sequence, origin_streams, origin_epoch, origin_sequence,
    flags, known_at
FROM value_history, generate_series(1, $2::integer) AS back
ORDER BY back DESC, series_id
"""


@dataclass
class StoredTier:
    """A tier on a database of its own, filled to a size."""

    pool: Pool
    shape: Shape
    days: int
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    warehouse: PostgresWarehouse = field(default_factory=PostgresWarehouse)
    catalogue: Catalogue = field(default_factory=Catalogue)
    changed: dict[tuple[str, str, int], int] = field(default_factory=dict)
    sequence: int = 0

    @property
    def row_count(self) -> int:
        """Return how many values are stored."""
        return self.days * self.shape.values_per_day

    def __post_init__(self) -> None:
        """Know the places and what is measured."""
        self.communes = [f"c{number:03d}" for number in range(self.shape.communes)]
        self.indicators = [
            an_indicator(f"bench.i{number}", frequency=Frequency.DAY)
            for number in range(self.shape.indicators)
        ]
        members = self.communes[: self.shape.area]
        scope = Scope(
            graph=LocalityGraph(
                [
                    _place(PROVINCE, "province"),
                    _place(AREA, "area", members),
                    *(_place(name, "commune") for name in self.communes),
                ]
            ),
            own_place=PROVINCE,
        )

        async def refresh(connection: PooledConnection) -> Scope:
            await self.catalogue.refresh(connection)
            return scope

        self.rollups = RollupWorker(
            warehouse=self.warehouse,
            catalogue=self.catalogue,
            expected=PostgresExpectedSets(),
            refresh=refresh,
            begin=self.begin,
            clock=self.clock,
        )

    def begin(self) -> AbstractAsyncContextManager[PooledConnection]:
        """Open a transaction."""
        return transaction(self.pool)

    async def fill(self) -> Self:
        """Report one day as children do; store the days before as copies of it."""
        async with self.begin() as connection:
            await self.catalogue.put_indicators(
                connection, self.indicators, known_at=NOW
            )
            await self.catalogue.put_obligations(
                connection,
                "",
                [
                    Obligation(indicator=one.id, locality=name, agency="", from_day=0)
                    for one in self.indicators
                    for name in self.communes
                ],
            )
        rows = [
            _row(one.id, name, LAST_DAY, FIRST_VALUE)
            for one in self.indicators
            for name in self.communes
        ]
        await self._apply(rows)
        await self.rollups.run_until_done()
        for statement in (_COPY, _COPY_HISTORY):
            await self.pool.execute(statement, LAST_DAY, self.days - 1, timeout=900)
        await self.pool.execute("VACUUM (ANALYZE)", timeout=900)
        return self

    async def change(self, chance: random.Random) -> None:
        """Change one value of one commune on any day, and roll it up."""
        indicator = chance.choice(self.indicators).id
        name = chance.choice(self.communes)
        day = LAST_DAY - chance.randrange(self.days)
        value = self.changed.get((indicator, name, day), FIRST_VALUE) + 1
        self.changed[indicator, name, day] = value
        self.clock.advance(timedelta(milliseconds=5))
        await self._apply([_row(indicator, name, day, value)])
        await self.rollups.run_until_done()

    async def _apply(self, rows: list[Row]) -> None:
        self.sequence += 1
        carrier = Version(stream=STREAM, epoch=1, sequence=self.sequence)
        contracts = {one.id: one.contract_hash for one in self.indicators}
        async with self.begin() as connection:
            await self.warehouse.apply(
                connection,
                [
                    Incoming(
                        row=row,
                        contract_hash=contracts[row.series.indicator],
                        carrier=carrier,
                    )
                    for row in rows
                ],
                known_at=self.clock.now(),
            )

    async def differences(self) -> list[str]:
        """Return every total that is not the sum of its parts, added up anew."""
        wrong = []
        stored = await self.pool.fetchval("SELECT count(*) FROM value")
        if stored != self.row_count:
            wrong.append(f"{stored} values stored, not {self.row_count}")
        touched = {(indicator, day) for indicator, _, day in self.changed}
        for indicator, day in sorted(touched):
            said = await self._totals(indicator, day)
            for place, parts in (
                (PROVINCE, self.communes),
                (AREA, self.communes[: self.shape.area]),
            ):
                meant = sum(
                    self.changed.get((indicator, name, day), FIRST_VALUE)
                    for name in parts
                )
                if said.get(place) != (meant, len(parts), len(parts)):
                    wrong.append(
                        f"{indicator} of {place} on day {day}: {said.get(place)}, "
                        f"not {meant} of {len(parts)}"
                    )
        return wrong

    async def _totals(self, indicator: str, day: int) -> dict[str, Any]:
        found = await self.pool.fetch(
            """SELECT locality, state_value, reported, expected
            FROM series JOIN value ON value.series_id = series.id
            WHERE indicator = $1 AND basis = 2 AND period_start = $2""",
            indicator,
            day,
        )
        return {
            one["locality"]: (one["state_value"], one["reported"], one["expected"])
            for one in found
        }


def _place(name: str, level: str, members: list[str] | None = None) -> Locality:
    return Locality(
        id=name,
        code=name,
        name_vi=name,
        name_en=name,
        level=level,
        parent="VN" if level == "province" else PROVINCE,
        members=tuple(Member(locality=one) for one in members or ()),
    )


def _row(indicator: str, name: str, day: int, value: int) -> Row:
    return base_row(
        series=SeriesKey(indicator=indicator, locality=name),
        period=Period(frequency=Frequency.DAY, start=day),
        state=State(value=value),
        status=Status.NORMAL,
        provenance=Provenance.FILE,
        recorded_at_us=1,
        source="bench",
    )
