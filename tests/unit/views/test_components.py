"""A composite that lacks a component says which one."""

from dataclasses import replace
from datetime import UTC, datetime

from federation.clock import ManualClock
from federation.model.indicator import Basis, Component, Measure, MergeRule
from federation.model.row import Row
from federation.rollups.composites import composed
from federation.views.knowledge import Knowledge
from federation.views.overview import OverviewView
from federation.views.values import ValueQuery, ValueViews
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from tests.unit.views.world import (
    FINES,
    INVESTMENT,
    KNOWN_AT,
    indicator,
    knowledge,
    period,
    reading,
    row,
)

SCORE = indicator(
    "score",
    measure=Measure.COMPOSITE,
    over_time=MergeRule.COMPOSITE,
    over_place=MergeRule.COMPOSITE,
    composed_of=(
        Component(indicator=INVESTMENT.id, points=60, zero_at=0, full_at=1_000_000),
        Component(indicator=FINES.id, points=40, zero_at=100_000, full_at=0),
    ),
)
KNOWN = knowledge()
KNOWS: Knowledge = replace(KNOWN, indicators=KNOWN.indicators | {SCORE.id: SCORE})
MONTH = "2025-01"


async def holding(*parts: Row) -> MemoryWarehouse:
    """Return a warehouse with components and the composite of them."""
    warehouse = MemoryWarehouse()

    async def take(rows: list[Row]) -> None:
        incoming = [
            Incoming(
                row=one,
                contract_hash=KNOWS.indicators[one.series.indicator].contract_hash,
            )
            for one in rows
        ]
        await warehouse.apply(None, incoming, known_at=KNOWN_AT)

    await take(list(parts))
    found = {
        one.id: await warehouse.at(None, one.id, period(MONTH).start)
        for one in (INVESTMENT, FINES)
    }
    await take(composed(SCORE, KNOWS.indicators, found, [], period(MONTH)))
    return warehouse


FINED = row(FINES, MONTH, 25_000, basis=Basis.ROLLED_UP)


async def test_all_components_give_points_and_nothing_is_missing() -> None:
    views = ValueViews(await holding(row(INVESTMENT, MONTH, 500_000), FINED), reading)
    page = await views.page(ValueQuery(indicator=SCORE.id), KNOWS)
    (seen,) = page.items
    assert seen.row.state is not None
    # 30 of 60 and 30 of 40 points, with three decimals.
    assert seen.row.state.value == 60_000
    assert seen.missing == ()


async def test_the_missing_component_is_named_on_both_pages() -> None:
    warehouse = await holding(FINED)
    page = await ValueViews(warehouse, reading).page(
        ValueQuery(indicator=SCORE.id), KNOWS
    )
    (seen,) = page.items
    assert seen.row.state is None
    assert (seen.row.reported, seen.row.expected) == (1, 2)
    assert seen.missing == (INVESTMENT.id,)
    clock = ManualClock(datetime(2025, 2, 10, tzinfo=UTC))
    tiles = (
        await OverviewView(warehouse, reading, clock=clock).read("40", KNOWS)
    ).tiles
    (tile,) = (tile for tile in tiles if tile.indicator.id == SCORE.id)
    assert tile.value.missing == (INVESTMENT.id,)
