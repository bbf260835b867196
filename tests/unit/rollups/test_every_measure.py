"""Whatever the measure and the order of arrival: tiers, and a recomputation, agree.

Reports come one by one, corrected and deleted between, and tiers hear of each other at
any moment. In the end every tier holds the bits of one flat computation over the last
reports, and those of a computation from nothing.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.algebra import distinct, histogram, top
from federation.model.indicator import Basis, Component, Indicator, Measure, MergeRule
from federation.model.period import preceding
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from federation.warehouse.store import Incoming
from tests.indicators import an_indicator
from tests.unit.rollups.test_three_tiers import (
    FAR,
    MAY,
    NOW,
    OTHERS,
    OWED,
    VINH,
    Tier,
    indicator,
    report,
    said,
    three,
)

CODES = ("road", "waste", "noise")
whole = st.integers(min_value=0, max_value=2**40)
pairs = st.builds(State, value=whole, second=st.integers(0, 2**20))
STATES: dict[Measure, st.SearchStrategy[State]] = {
    Measure.SUM: st.builds(State, value=st.integers(-(2**40), 2**40)),
    Measure.LAST: st.builds(State, value=whole, second=st.just(7)),
    Measure.RATIO: pairs,
    Measure.WEIGHTED_MEAN: pairs,
    Measure.MAX: st.builds(State, value=whole),
    Measure.MIN: st.builds(State, value=whole),
    Measure.QUANTILES: st.lists(whole, max_size=5).map(histogram.of_values),
    Measure.DISTINCT: st.lists(st.text(min_size=1), max_size=5).map(distinct.of_keys),
    Measure.TOP: st.lists(st.sampled_from([*CODES, "x"]), max_size=5).map(
        lambda codes: top.of_codes(codes, CODES)
    ),
}
PLACE_RULE = {Measure.LAST: MergeRule.SUM}


def contract_of(measure: Measure) -> Indicator:
    over_time = MergeRule[measure.name]
    return indicator(
        measure=measure,
        over_time=over_time,
        over_place=PLACE_RULE.get(measure, over_time),
        codes=CODES if measure is Measure.TOP else (),
        may_be_negative=True,
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[Measure, list[tuple[str, Row]]]:
    """Draw a measure and what happens: reports, and links that catch up."""
    measure = draw(st.sampled_from(sorted(STATES)))
    reports = st.builds(
        report,
        st.sampled_from(VINH + OTHERS + FAR),
        STATES[measure],
        st.sampled_from(list(Status)),
    )
    steps = st.tuples(st.sampled_from(["", "area", "hosted", "middle", "far"]), reports)
    return measure, draw(st.lists(steps, min_size=1, max_size=14))


async def copied(child: Tier, parent: Tier) -> None:
    """Have a parent hold what a child holds now."""
    await parent.take(await child.rows(), carrier=child.name)


@settings(max_examples=120, deadline=None)
@given(histories())
async def test_any_order_of_arrival_ends_at_one_flat_computation(
    history: tuple[Measure, list[tuple[str, Row]]],
) -> None:
    measure, steps = history
    contract = contract_of(measure)
    area, hosted = Tier("vinh", "vinh", contract), Tier("hosted", None, contract)
    middle, far = Tier("nghe-an", "40", contract), Tier("ha-tinh", "41", contract)
    top_tier = Tier("nation", "VN", contract)
    at = {**dict.fromkeys(VINH, area), **dict.fromkeys(OTHERS, hosted)}
    last: dict[SeriesKey, Row] = {}
    up = [(area, middle), (hosted, middle), (middle, top_tier), (far, top_tier)]
    links = dict(zip(["area", "hosted", "middle", "far"], up, strict=True))
    for link, row in steps:
        last[row.series] = row
        await at.get(row.series.locality, far).take([row])
        if link:
            await copied(*links[link])
    for child, parent in up:
        await copied(child, parent)
    once = Tier("flat", "VN", contract)
    await once.take(list(last.values()), carrier="all")
    for place, tier in (("VN", top_tier), ("40", middle), ("vinh", area)):
        total, flat = await tier.total(place), await once.total(place)
        if place == "VN":
            assert _shown(total) == _shown(flat)
        # What grew step by step is what a computation from nothing gives.
        anew = Tier(tier.name, tier.scope.own_place, contract)
        rows = [row for row in await tier.rows() if row.series.basis is Basis.REPORTED]
        await anew.take(rows, carrier="all")
        assert _shown(await anew.total(place)) == _shown(total)


def _shown(row: Row | None) -> Any:
    """Return what a row says; one that was deleted is like one that never was."""
    return None if row is None or row.status is Status.DELETED else said(row)


async def test_coverage_is_never_over_all_and_unknown_where_nobody_owes() -> None:
    rows = [*three(), report("c2", State(value=1), Status.NORMAL)]
    only = frozenset(one for one in OWED if one.locality in ("v1", "c3"))
    some, none = (Tier("40", "40", indicator(), owed) for owed in (only, frozenset()))
    for tier in (some, none):
        await tier.take(rows)
    owed, unowed = await some.total("40"), await none.total("40")
    assert owed is not None
    assert unowed is not None
    # Four reported, two owed, one of those two reported.
    assert (owed.state, owed.reported, owed.expected) == (State(value=4), 1, 2)
    assert (unowed.state, unowed.reported, unowed.expected) == (State(value=4), 0, 0)
    assert unowed.counts.with_state == 4


async def test_a_total_is_made_again_when_who_owes_or_leads_changes() -> None:
    contract = indicator(owner_agency="H41.B")
    tier = Tier("40", "40", contract)
    two = [
        base_row(
            series=SeriesKey(indicator=contract.id, locality="v1", agency=agency),
            period=MAY,
            state=State(value=value),
            status=Status.NORMAL,
            provenance=Provenance.FILE,
            recorded_at_us=1,
        )
        for agency, value in (("H41.A", 5), ("H41.B", 7))
    ]
    await tier.take(two)
    assert said(await tier.total("40"))[0] == State(value=7)  # type: ignore[index]
    moved = indicator(owner_agency="H41.A")
    changed = await tier.catalogue.put_indicators(None, [moved], known_at=NOW)
    assert await tier.warehouse.remark(None, changed) == 1
    await tier.rollups.run_until_done()
    assert said(await tier.total("40"))[0] == State(value=5)  # type: ignore[index]


async def test_what_must_not_be_merged_makes_no_row_at_all() -> None:
    rule = MergeRule.NONE
    tier = Tier("40", "40", indicator(rule, measure=Measure.PUBLISHED))
    await tier.take(three())
    assert await tier.total("40") is None


def composite(**changes: Any) -> Indicator:
    parts = tuple(
        Component(indicator=name, points=50, zero_at=0, full_at=10)
        for name in ("a.speed", "a.rating")
    )
    return an_indicator(
        "a.score",
        measure=Measure.COMPOSITE,
        over_time=MergeRule.COMPOSITE,
        over_place=MergeRule.COMPOSITE,
        composed_of=parts,
        **changes,
    )


async def test_a_composite_follows_its_components_and_names_who_lacks() -> None:
    score = composite()
    parts = [an_indicator(part.indicator) for part in score.composed_of]
    tier = Tier("40", "40", score)
    await tier.catalogue.put_indicators(None, parts, known_at=NOW)

    async def take(of: Indicator, locality: str, value: int | None) -> None:
        row = base_row(
            series=SeriesKey(indicator=of.id, locality=locality),
            period=MAY,
            state=None if value is None else State(value=value),
            status=Status.MISSING if value is None else Status.NORMAL,
            provenance=Provenance.FILE,
            recorded_at_us=1,
        )
        batch = [Incoming(row=row, contract_hash=of.contract_hash)]
        await tier.warehouse.apply(None, batch, known_at=NOW)
        await tier.rollups.run_until_done()

    speed, rating = parts
    await take(speed, "v1", 10)
    lacking = await tier.total("v1")
    assert lacking is not None
    assert (lacking.state, lacking.status) == (None, Status.MISSING)
    assert (lacking.reported, lacking.expected) == (1, 2)
    await take(rating, "v1", 5)
    assert said(await tier.total("v1"))[0] == State(value=75)  # type: ignore[index]
    # Of the whole place it is made of the components' totals, not of scores.
    await take(speed, "v2", 0)
    assert said(await tier.total("40"))[0] == State(value=75)  # type: ignore[index]
    await take(rating, "v1", None)
    gone = await tier.total("v1")
    assert gone is not None
    assert gone.state is None


async def test_a_period_is_frozen_at_its_end_though_nobody_reported() -> None:
    tier = Tier("40", "40", indicator(), frozenset())
    april = preceding(MAY)
    frozen = tier.rollups._expected
    # Nobody owes, as it seems: N is unknown, and nothing is held fast.
    await tier.rollups.run_until_done()
    assert await frozen.current(None, [(tier.contract.id, april)]) == {}
    await tier.catalogue.put_obligations(None, "vinh", OWED)
    await tier.rollups.run_until_done()
    held = await frozen.current(None, [(tier.contract.id, april)])
    assert len(held[tier.contract.id, april].localities) == len(OWED)
    # What is owed from now on, or ended since, is no matter of April any more.
    await tier.catalogue.declare_obligations(
        None, {"vinh": []}, today=date(2026, 4, 20)
    )
    await tier.rollups.run_until_done()
    late = replace(report("v1", State(value=1), Status.NORMAL), period=april)
    await tier.take([late])
    total = await tier.total("40")
    assert total is not None
    assert (total.period, total.reported, total.expected) == (april, 1, 7)
