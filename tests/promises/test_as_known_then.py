"""As known then: any value, overview and total as a moment of the past knew it.

A year of reports goes through a node and its hub, each on a PostgreSQL database of its
own, on a clock that is moved by hand: late figures, corrections, deletions and returns,
estimates that are realised, the totals of them all, a link that is down for days, and
history thinned meanwhile. At the end many moments of the year are read and compared
with a list that forgot nothing.
"""

import random
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

import federation.catalogue
import federation.coverage
import federation.localities
import federation.warehouse
from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis
from federation.model.locality import Locality, Member
from federation.model.period import CALENDARS, Frequency, day_of, period_of_day
from federation.model.row import Row, SeriesKey, Version
from federation.model.status import Status
from federation.observability.metrics import Metrics
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.storage.pool import Pool, PooledConnection, open_pool, transaction
from federation.views.knowledge import Knowledge
from federation.views.overview import OverviewView
from federation.views.values import ValueQuery, ValueViews
from federation.views.window import WindowQuery, WindowView
from federation.warehouse.columns import row_of
from federation.warehouse.history import AsOf, Resolution
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming, page_key
from federation.warehouse.thinning import Retention, Thinner
from federation.wire.payload import Obligation
from tests.promises.replayed_year import (
    AREA,
    BEGIN,
    DAYS,
    FINES,
    FIRST_DAY,
    INDICATORS,
    INVESTMENT,
    ON_TIME,
    PROVINCE,
    WARDS,
    Truth,
    contract_of,
    year,
)

SEED = 20250101
APPS = (
    federation.warehouse.APP,
    federation.catalogue.APP,
    federation.coverage.APP,
    federation.localities.APP,
)
RETENTION = Retention(every_hour=timedelta(days=35))
MOMENTS = 40


def _place(name: str, level: str, parent: str, members: Any = ()) -> Locality:
    return Locality(
        id=name,
        code=name,
        name_vi=name,
        name_en=name,
        level=level,
        parent=parent,
        members=tuple(Member(locality=one) for one in members),
    )


GRAPH = LocalityGraph(
    [
        _place(PROVINCE, "province", "VN"),
        _place(AREA, "area", PROVINCE, WARDS),
        *(_place(ward, "commune", PROVINCE) for ward in WARDS),
    ]
)
OWED = [
    Obligation(indicator=one.id, locality=ward, agency="", from_day=0)
    for one in (FINES, ON_TIME)
    for ward in WARDS
] + [Obligation(indicator=INVESTMENT.id, locality=PROVINCE, agency="", from_day=0)]


class Tier:
    """A tier's warehouse, rollups, thinning and views, with the truth beside it."""

    def __init__(self, pool: Pool, clock: ManualClock, own_place: str | None) -> None:
        self.pool, self.clock, self.truth = pool, clock, Truth()
        self.catalogue = Catalogue()
        self.warehouse = PostgresWarehouse()
        self.scope = Scope(graph=GRAPH, own_place=own_place)
        self.rollups = RollupWorker(
            warehouse=self.warehouse,
            catalogue=self.catalogue,
            expected=PostgresExpectedSets(),
            refresh=self._refresh,
            begin=self._begin,
            clock=clock,
        )
        self.thinner = Thinner(
            warehouse=self.warehouse,
            begin=self._begin,
            clock=clock,
            metrics=Metrics(),
            retention=RETENTION,
        )
        self.values = ValueViews(self.warehouse, self._begin)
        self.windows = WindowView(self.warehouse, self._begin)
        self.overview = OverviewView(self.warehouse, self._begin, clock=clock)

    def _begin(self) -> AbstractAsyncContextManager[PooledConnection]:
        return transaction(self.pool)

    async def _refresh(self, connection: PooledConnection) -> Scope:
        await self.catalogue.refresh(connection)
        return self.scope

    async def open(self) -> "Tier":
        async with self._begin() as connection:
            await self.catalogue.put_indicators(connection, INDICATORS, known_at=BEGIN)
            await self.catalogue.put_obligations(connection, "", OWED)
        return self

    async def take(self, rows: list[Row], carrier: Version | None = None) -> list[Row]:
        """Take rows in and roll up; return all values that are new or changed."""
        now = self.clock.now()
        async with self._begin() as connection:
            await self.warehouse.apply(
                connection,
                [
                    Incoming(
                        row=row,
                        contract_hash=contract_of(row).contract_hash,
                        carrier=carrier,
                    )
                    for row in rows
                ],
                known_at=now,
            )
        for row in rows:
            self.truth.learn(now, row)
        await self.rollups.run_until_done()
        changed = await self.pool.fetch(
            """SELECT series.indicator, series.locality, series.agency,
                series.breakdown, series.basis, series.frequency, value.*
            FROM series JOIN value ON value.series_id = series.id
            WHERE value.known_at = $1""",
            now,
        )
        return [row_of(record) for record in changed]

    async def known(self, moment: datetime) -> tuple[AsOf, dict[Any, Row]]:
        """Return how a moment is answered, and all that was known then."""
        async with self._begin() as connection:
            as_of = (await self.warehouse.history(connection)).as_of(moment)
            found: dict[Any, Row] = {}
            after = None
            while True:
                page = await self.warehouse.values(
                    connection, after=after, limit=5_000, as_of=as_of.moment
                )
                found |= {(s.row.series, s.row.period): s.row for s in page}
                if len(page) < 5_000:
                    return as_of, found
                after = page_key(page[-1])

    @property
    def knowledge(self) -> Knowledge:
        return Knowledge(
            indicators=self.catalogue.indicators,
            agencies={},
            calendars=CALENDARS,
            places=GRAPH,
            owed=self.catalogue.owed,
            announced={},
            withheld={},
            expected=PostgresExpectedSets(),
        )


@pytest.fixture
async def tiers(migrated_database: Any) -> AsyncIterator[tuple[Tier, Tier]]:
    clock = ManualClock(BEGIN)
    pools = [
        await open_pool(await migrated_database(APPS), name=name)
        for name in ("node", "hub")
    ]
    node = Tier(pools[0], clock, None)
    hub = Tier(pools[1], clock, PROVINCE)
    yield await node.open(), await hub.open()
    for pool in pools:
        await pool.close()


async def replay(node: Tier, hub: Tier) -> int:
    """Drive the year; return how many versions were thinned."""
    chance, clock = random.Random(SEED), node.clock
    pending: dict[Any, Row] = {}
    sequence, removed, down_until = 0, 0, BEGIN
    for moment, events in groupby(year(SEED), key=lambda event: event.moment):
        clock.advance(moment - clock.now())
        for row in await node.take([event.row for event in events]):
            pending[row.series, row.period] = row
        if moment < down_until:
            continue
        if chance.random() < 0.04:
            down_until = moment + timedelta(days=chance.choice((0.5, 2, 6)))
            continue
        clock.advance(timedelta(seconds=40))
        sequence += 1
        carrier = Version(stream=AREA, epoch=1, sequence=sequence)
        await hub.take(list(pending.values()), carrier)
        pending.clear()
        if chance.random() < 0.03:
            removed += await node.thinner.run_until_done()
            removed += await hub.thinner.run_until_done()
    return removed


def said(row: Row) -> tuple[int | None, int, str]:
    value = (None, 0) if row.state is None else (row.state.value, row.state.second)
    return (*value, row.status.slug)


async def check_values(tier: Tier, moment: datetime) -> tuple[AsOf, int]:
    """Compare all that a moment knew, totals too; return how many reads that was."""
    as_of, found = await tier.known(moment)
    truth = tier.truth.as_of(as_of.moment)
    reported = {key: said(row) for key, row in found.items() if key in truth}
    assert reported == truth
    made_here = {key: row for key, row in found.items() if key not in truth}
    own = PROVINCE if tier.scope.own_place else AREA
    totals = tier.truth.totals(truth, own)
    of_investment = {key for key in made_here if key[0].indicator == INVESTMENT.id}
    assert made_here.keys() - of_investment == totals.keys()
    for key, (value, second, given) in totals.items():
        row = made_here[key]
        assert (row.state is None) == (value is None), (as_of, row)
        if row.state is not None:
            assert (row.state.value, row.state.second) == (value, second), (as_of, row)
            assert (row.reported, row.expected) == (given, len(WARDS))
        else:
            assert row.status is Status.DELETED
    return as_of, len(found)


async def check_overview(tier: Tier, moment: datetime) -> int:
    """Compare the tiles of a moment's first page with its newest figures."""
    place = PROVINCE if tier.scope.own_place else AREA
    page = await tier.overview.read(place, tier.knowledge, as_of=moment)
    assert page.as_of is not None
    _, found = await tier.known(page.as_of.moment)
    shown = {tile.indicator.id: tile.value.row for tile in page.tiles}
    newest: dict[str, Row] = {}
    for (key, period), row in found.items():
        leads = key.locality == place and key.basis is (
            Basis.REPORTED if key.indicator == INVESTMENT.id else Basis.ROLLED_UP
        )
        held = newest.get(key.indicator)
        later = held is None or held.period.start < period.start
        if leads and later and not key.breakdown and row.state is not None:
            newest[key.indicator] = row
    assert shown == newest
    return len(shown)


async def check_window(tier: Tier, moment: datetime, chance: random.Random) -> int:
    """Compare any run of days as a moment knew it."""
    first = FIRST_DAY + timedelta(days=chance.randrange(DAYS - 60))
    last = first + timedelta(days=chance.randrange(60))
    seen = await tier.windows.read(
        WindowQuery(
            indicator=FINES.id,
            locality=chance.choice(WARDS),
            first=first,
            last=last,
            as_of=moment,
        ),
        tier.knowledge,
    )
    assert seen.as_of is not None
    truth = tier.truth.as_of(seen.as_of.moment)
    for item in seen.items:
        given = [
            value
            for (key, period), (value, _, _) in truth.items()
            if key == item.row.series
            and first <= day_of(period.start) <= last
            and value is not None
        ]
        state = item.row.state
        assert (None if state is None else state.value) == (
            sum(given) if given else None
        )
        assert item.row.reported == len(given)
        assert item.row.expected == (last - first).days + 1
    return len(seen.items)


async def check_versions(tier: Tier, moment: datetime, chance: random.Random) -> int:
    """Compare the revisions until an exactly known moment; each says who and when."""
    truth = [told for told in tier.truth.told if told[0] <= moment]
    _, key, period, _ = chance.choice(truth)
    page = await tier.values.versions(
        ValueQuery(
            indicator=key.indicator,
            locality=key.locality,
            agency=key.agency,
            breakdown=key.breakdown,
            basis=key.basis,
            first=day_of(period.start),
            last=day_of(period.start),
            as_of=moment,
        ),
        period,
        tier.knowledge,
    )
    told = [(at, said) for at, one, of, said in truth if (one, of) == (key, period)]
    newest = page.items[0]
    assert said(newest.row) == told[-1][1]
    assert newest.superseded_at is None
    # Thinned or not: each version that is left was told at that moment.
    own = [item for item in page.items if item.row.series == key]
    for item in own:
        assert (item.known_at, said(item.row)) in told
        assert item.row.source == "office"
    since = moment - RETENTION.every_version
    exact = {at for at, _ in told if at > max(since, tier.clock.now() - timedelta(2))}
    assert exact <= {item.known_at for item in own}
    return len(page.items)


@pytest.mark.timeout(600)  # half a minute alone, more beside others
async def test_every_read_of_the_past_is_the_truth_of_then(
    tiers: tuple[Tier, Tier], record_property: Any
) -> None:
    node, hub = tiers
    began = time.monotonic()
    removed = await replay(node, hub)
    driven_s = time.monotonic() - began
    chance = random.Random(SEED)
    now = node.clock.now()
    reads, resolutions = 0, set()
    for tier in tiers:
        for number in range(MOMENTS):
            # Every part of the year, and the last two days closely.
            back = (now - BEGIN) * chance.random()
            if number % 5 == 0:
                back = timedelta(hours=47) * chance.random()
            moment = now - back
            as_of, compared = await check_values(tier, moment)
            resolutions.add(as_of.resolution)
            reads += compared
            reads += await check_overview(tier, moment)
            reads += await check_window(tier, moment, chance)
            reads += await check_versions(tier, as_of.moment, chance)
    took_s = time.monotonic() - began
    record_property("reads_compared", reads)
    print(
        f"as known then: {reads} reads compared at {2 * MOMENTS} moments, {removed} "
        f"versions thinned, {len(node.truth.told)} and {len(hub.truth.told)} told; "
        f"driven in {driven_s:.1f} s, all in {took_s:.1f} s"
    )
    assert reads > 10_000
    assert removed > 50
    assert resolutions == set(Resolution)


async def test_a_month_of_the_past_is_merged_as_it_stood(
    tiers: tuple[Tier, Tier],
) -> None:
    node, _ = tiers
    for event in year(SEED)[:900]:
        node.clock.advance(max(timedelta(0), event.moment - node.clock.now()))
        await node.take([event.row])
        if event.moment > BEGIN + timedelta(days=60):
            break
    for days in (20, 33, 40, 58):
        moment = BEGIN + timedelta(days=days)
        page = await node.values.page(
            ValueQuery(
                indicator=FINES.id,
                locality=WARDS[0],
                frequency=Frequency.MONTH,
                first=FIRST_DAY,
                last=date(2025, 1, 31),
                as_of=moment,
            ),
            node.knowledge,
        )
        (item,) = page.items
        assert item.row.period == period_of_day(Frequency.MONTH, FIRST_DAY)
        truth = node.truth.as_of(moment)
        key = SeriesKey(indicator=FINES.id, locality=WARDS[0])
        given = [
            value
            for (one, period), (value, _, _) in truth.items()
            if one == key and day_of(period.start).month == 1 and value is not None
        ]
        assert item.row.state is not None
        assert item.row.state.value == sum(given)
        assert (item.row.reported, item.row.expected) == (len(given), 31)
