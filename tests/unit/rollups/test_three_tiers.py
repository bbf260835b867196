"""Three tiers give the bits of one flat computation.

The same rows go two ways: through the tiers (each commune's row at its node, a rollup
at the node of the area and at the middle tier, the top over what the middle says), and
flat (all rows at the top, nothing rolled up below).
"""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.coverage.expected import MemoryExpectedSets
from federation.localities.graph import LocalityGraph
from federation.model.indicator import (
    Basis,
    Direction,
    Indicator,
    Measure,
    MergeRule,
    Text,
)
from federation.model.locality import Locality, Member
from federation.model.period import Frequency, period_of_day
from federation.model.row import (
    SIMULATED_FEED,
    Row,
    SeriesKey,
    State,
    Version,
    base_row,
)
from federation.model.status import Provenance, Status
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
TEXT = Text(vi="x", en="x")
VINH = ["v1", "v2", "v3"]
OTHERS = ["c1", "c2", "c3", "c4"]
FAR = ["d1", "d2"]
MEASURES = {
    MergeRule.SUM: Measure.SUM,
    MergeRule.RATIO: Measure.RATIO,
    MergeRule.WEIGHTED_MEAN: Measure.WEIGHTED_MEAN,
    MergeRule.MAX: Measure.MAX,
    MergeRule.MIN: Measure.MIN,
}


def place(name: str, level: str, parent: str, members: list[str] | None = None):
    return Locality(
        id=name,
        code=name,
        name_vi=name,
        name_en=name,
        level=level,
        parent=parent,
        members=tuple(Member(locality=m) for m in members or ()),
    )


GRAPH = LocalityGraph(
    [
        place("40", "province", "VN"),
        place("41", "province", "VN"),
        place("vinh", "area", "40", VINH),
        *(place(name, "commune", "40") for name in VINH + OTHERS),
        *(place(name, "commune", "41") for name in FAR),
    ]
)


OWED = frozenset(
    Obligation(
        indicator="environment.violations_found",
        locality=name,
        agency="",
        from_day=0,
    )
    for name in VINH + OTHERS + FAR
)


def indicator(rule: MergeRule = MergeRule.SUM, **changes: Any) -> Indicator:
    usual = {
        "measure": MEASURES.get(rule, Measure.PUBLISHED),
        "over_time": rule,
        "over_place": rule,
        "direction": Direction.DOWN,
    }
    return an_indicator(**(usual | changes))


class Tier:
    """A warehouse with its rollups and a stream upward."""

    def __init__(
        self,
        name: str,
        own_place: str | None,
        contract: Indicator,
        owed: frozenset[Obligation] | None = None,
    ) -> None:
        self.name, self.contract = name, contract
        self.warehouse = MemoryWarehouse()
        self.catalogue = Catalogue()
        self.catalogue._indicators[contract.id] = contract
        self.catalogue._obligations[""] = OWED if owed is None else owed
        self.scope = Scope(graph=GRAPH, own_place=own_place)
        self.sequence = 0
        self.rollups = RollupWorker(
            warehouse=self.warehouse,
            catalogue=self.catalogue,
            expected=MemoryExpectedSets(),
            refresh=self.refresh,
            begin=lambda: nullcontext(None),
            clock=ManualClock(NOW),
        )

    async def refresh(self, _handle: None) -> Scope:
        return self.scope

    async def take(self, rows: list[Row], carrier: str | None = None) -> None:
        self.sequence += 1
        version = carrier and Version(stream=carrier, epoch=1, sequence=self.sequence)
        hash_ = self.contract.contract_hash
        batch = [
            Incoming(row=row, contract_hash=hash_, carrier=version or None)
            for row in rows
        ]
        await self.warehouse.apply(None, batch, known_at=NOW)
        await self.rollups.run_until_done()

    async def rows(self) -> list[Row]:
        return [stored.row for stored in await self.warehouse.values(None)]

    async def total(self, locality: str, breakdown: str = "") -> Row | None:
        key = SeriesKey(
            indicator=self.contract.id,
            locality=locality,
            breakdown=breakdown,
            basis=Basis.ROLLED_UP,
        )
        return {row.series: row for row in await self.rows()}.get(key)


def report(name: str, state: State | None, status: Status, breakdown: str = "") -> Row:
    return base_row(
        series=SeriesKey(
            indicator="environment.violations_found", locality=name, breakdown=breakdown
        ),
        period=MAY,
        state=state,
        status=status,
        provenance=Provenance.SIMULATED if breakdown else Provenance.FILE,
        recorded_at_us=7,
        source="s",
    )


async def send(child: Tier, parent: Tier, *, detail: bool = True) -> None:
    rows = [
        row
        for row in await child.rows()
        if detail or row.series.basis is Basis.ROLLED_UP
    ]
    await parent.take(rows, carrier=child.name)


async def through_tiers(
    contract: Indicator, rows: list[Row], *, detail: bool = True
) -> tuple[Tier, Tier, Tier]:
    area = Tier("vinh", "vinh", contract)
    hosted = Tier("hosted", None, contract)
    middle = Tier("nghe-an", "40", contract)
    far = Tier("ha-tinh", "41", contract)
    top = Tier("nation", "VN", contract)
    await area.take([row for row in rows if row.series.locality in VINH])
    await hosted.take([row for row in rows if row.series.locality in OTHERS])
    await far.take([row for row in rows if row.series.locality in FAR])
    await send(area, middle, detail=detail)
    await send(hosted, middle)
    await send(middle, top, detail=detail)
    await send(far, top, detail=detail)
    return area, middle, top


async def flat(contract: Indicator, rows: list[Row]) -> Tier:
    top = Tier("flat", "VN", contract)
    await top.take(rows, carrier="all")
    return top


def said(row: Row | None) -> object:
    if row is None:
        return None
    return (row.state, row.counts, row.reported, row.expected, row.source)


integers = st.integers(min_value=-(2**40), max_value=2**40)
reports = st.builds(
    report,
    st.sampled_from(VINH + OTHERS + FAR),
    st.builds(State, value=integers, second=st.integers(0, 2**20)),
    st.sampled_from(list(Status)),
    st.sampled_from(["", SIMULATED_FEED]),
)


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(sorted(MEASURES)),
    rows=st.lists(reports, max_size=12, unique_by=lambda row: row.series),
    detail=st.booleans(),
)
async def test_three_tiers_are_one_flat_computation(
    rule: MergeRule, rows: list[Row], detail: bool
) -> None:
    contract = indicator(rule)
    area, middle, top = await through_tiers(contract, rows, detail=detail)
    once = await flat(contract, rows)
    for breakdown in ("", SIMULATED_FEED):
        total = await top.total("VN", breakdown)
        assert said(total) == said(await once.total("VN", breakdown))
        # Where a rollup travels it is the same at every tier that has it.
        for locality, source in (("vinh", area), ("40", middle)):
            here = await source.total(locality, breakdown)
            if here is not None:
                assert said(await top.total(locality, breakdown)) == said(here)
                assert said(await once.total(locality, breakdown)) in (None, said(here))


def three(value: int = 1) -> list[Row]:
    return [
        report(name, State(value=value), Status.NORMAL) for name in ("v1", "v2", "c1")
    ]


async def test_n_counts_every_commune_that_owes() -> None:
    area, middle, top = await through_tiers(indicator(), three())
    for tier, locality, expected, reported in (
        (area, "vinh", 3, 2),
        (middle, "vinh", 3, 2),
        (middle, "40", 7, 3),
        (top, "40", 7, 3),
        (top, "VN", 9, 3),
    ):
        row = await tier.total(locality)
        assert row is not None
        assert (row.expected, row.reported, row.state) == (
            expected,
            reported,
            State(value=reported),
        )


async def test_a_deleted_last_report_deletes_the_totals_of_all_tiers() -> None:
    one = [report("v1", State(value=5), Status.NORMAL)]
    area, middle, top = await through_tiers(indicator(), one)
    await area.take([report("v1", None, Status.DELETED)])
    await send(area, middle)
    await send(middle, top)
    for tier, locality in ((area, "vinh"), (middle, "40"), (top, "VN")):
        row = await tier.total(locality)
        assert row is not None
        assert row.status is Status.DELETED
        assert row.state is None


async def test_missing_is_not_zero() -> None:
    rows = [
        report("v1", None, Status.MISSING),
        report("v2", State(value=0), Status.ZERO),
        report("c1", None, Status.WITHHELD),
    ]
    _, _, top = await through_tiers(indicator(), rows)
    row = await top.total("VN")
    assert row is not None
    assert (row.state, row.reported, row.expected) == (State(value=0), 1, 9)
    assert row.counts.statuses[Status.MISSING - 1] == 1
    assert row.counts.statuses[Status.WITHHELD - 1] == 1


async def test_simulated_never_enters_a_real_total() -> None:
    rows = [*three(), report("c2", State(value=99), Status.NORMAL, SIMULATED_FEED)]
    _, _, top = await through_tiers(indicator(), rows)
    real, simulated = await top.total("VN"), await top.total("VN", SIMULATED_FEED)
    assert real is not None
    assert simulated is not None
    assert (real.state, real.provenance) == (State(value=3), Provenance.FILE)
    assert simulated.state == State(value=99)
    assert simulated.provenance is Provenance.SIMULATED


@pytest.mark.parametrize("rule", [MergeRule.NONE, MergeRule.COMPOSITE])
async def test_what_does_not_merge_over_place_has_no_total(rule: MergeRule) -> None:
    _, _, top = await through_tiers(indicator(rule), three())
    assert await top.total("VN") is None
    assert await top.warehouse.marks(None, 10) == []


async def test_another_contract_counts_as_missing() -> None:
    contract, newer = indicator(), indicator(scale=2)
    tier = Tier("40", "40", contract)
    await tier.take(three())
    other = report("c2", State(value=500), Status.NORMAL)
    batch = [Incoming(row=other, contract_hash=newer.contract_hash)]
    await tier.warehouse.apply(None, batch, known_at=NOW)
    await tier.rollups.run_until_done()
    row = await tier.total("40")
    assert row is not None
    assert (row.state, row.reported, row.expected) == (State(value=3), 3, 7)


async def test_two_agencies_of_one_place_are_not_added() -> None:
    contract = indicator(owner_agency="H41.B")
    tier = Tier("40", "40", contract)
    rows = [
        replace(row, series=replace(row.series, agency=agency), state=State(value=n))
        for n, agency in enumerate(("H41.A", "H41.B"), 10)
        for row in three()[:1]
    ]
    await tier.take(rows)
    row = await tier.total("40")
    assert row is not None
    assert (row.state, row.reported) == (State(value=11), 1)


@pytest.mark.parametrize(
    ("leading", "value", "n"), [(Basis.REPORTED, 100, 7), (Basis.ROLLED_UP, 3, 3)]
)
async def test_a_report_and_a_rollup_are_never_added(
    leading: Basis, value: int, n: int
) -> None:
    contract = indicator(leading_basis=leading)
    middle = Tier("40", "40", contract)
    own = report("40", State(value=100), Status.NORMAL)
    await middle.take([*three(), own])
    assert said(await middle.total("40"))[0] == State(value=3)  # type: ignore[index]
    top = Tier("VN", "VN", contract)
    await send(middle, top)
    row = await top.total("VN")
    assert row is not None
    assert (row.state, row.reported, row.expected) == (State(value=value), n, 9)


async def test_a_total_that_leaves_64_bits_is_missing_not_wrong() -> None:
    rows = [report(n, State(value=2**62), Status.NORMAL) for n in ("v1", "v2", "v3")]
    tier = Tier("vinh", "vinh", indicator())
    await tier.take(rows)
    row = await tier.total("vinh")
    assert row is not None
    assert (row.state, row.status, row.expected) == (None, Status.MISSING, 3)


async def test_rolling_up_again_writes_nothing() -> None:
    tier = Tier("40", "40", indicator())
    await tier.take(three())
    key = (await tier.total("40")).series  # type: ignore[union-attr]
    tier.warehouse._mark(next(iter(tier.warehouse._current)))
    assert await tier.rollups.run_until_done() == 1
    assert len(await tier.warehouse.versions(None, key, MAY)) == 1
