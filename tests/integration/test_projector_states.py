"""A parent reads no state that can't be, and learns the names of subsystems."""

from dataclasses import replace

import pytest

from federation.algebra import distinct, histogram, tally, top
from federation.catalogue.store import Catalogue
from federation.catalogue.subsystems import SUBSYSTEM_NAMES
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.row import SeriesKey, State
from federation.wire.payload import AnnouncedSeries, AnnouncedSubsystem, Payload
from federation.wire.refusal import RefusalCode
from tests.contract.algebra.test_states import BROKEN_SKETCHES
from tests.indicators import an_indicator
from tests.integration.test_projector import WARD, Hub, hub, transaction, wire

__all__ = ["hub"]

OTHER_WARD = "16690@2025-07-01"
CODES = ("road", "waste")
SKETCHED = {
    Measure.DISTINCT: (
        MergeRule.DISTINCT,
        distinct.of_keys(["10.0.0.1", "10.0.0.2"]),
        BROKEN_SKETCHES["another seed"],
    ),
    Measure.QUANTILES: (
        MergeRule.QUANTILES,
        histogram.of_values([5, 90_000]),
        tally.pack({histogram.BUCKET_MAX + 1: 1}),
    ),
    Measure.TOP: (
        MergeRule.TOP,
        top.of_codes(["road", "x"], CODES),
        tally.pack({len(CODES) + 1: 1}),
    ),
}


def contract(measure: Measure) -> Indicator:
    rule = SKETCHED[measure][0]
    return an_indicator(
        "environment.counted",
        measure=measure,
        over_time=rule,
        over_place=rule,
        codes=CODES if measure is Measure.TOP else (),
    )


def payload(indicator: Indicator, **states: bytes) -> Payload:
    """Return a frame with a state of each place, given as bytes."""
    return Payload(
        indicators=(indicator,),
        series=tuple(
            AnnouncedSeries(
                number=number,
                key=SeriesKey(indicator=indicator.id, locality=locality),
                contract_hash=indicator.contract_hash,
            )
            for number, locality in enumerate(states, 1)
        ),
        rows=tuple(
            wire(
                number,
                measure=indicator.measure,
                state=State(value=0, detail=detail),
            )
            for number, detail in enumerate(states.values(), 1)
        ),
    )


@pytest.mark.parametrize("measure", SKETCHED)
async def test_a_broken_state_is_set_aside_and_its_neighbour_lands(
    hub: Hub, measure: Measure
) -> None:
    _, good, broken = SKETCHED[measure]
    states = {WARD: broken, OTHER_WARD: good.detail}
    await hub.commit(payload(contract(measure), **states))
    await hub.projector().run_until_done()
    (stored,) = await hub.values()
    assert (stored.row.series.locality, stored.row.state) == (OTHER_WARD, good)
    (letter,) = await hub.letters()
    assert letter.code is RefusalCode.ROWS_INVALID
    assert WARD in letter.detail


async def test_a_contract_that_would_not_stay_small_is_set_aside(hub: Hub) -> None:
    codes = tuple(f"c{number}" for number in range(top.CODES_MAX + 1))
    wide = replace(contract(Measure.TOP), codes=codes)
    await hub.commit(Payload(indicators=(wide,)))
    await hub.projector().run_until_done()
    (letter,) = await hub.letters()
    assert letter.code is RefusalCode.ROWS_INVALID


async def test_a_subsystem_that_nobody_knew_is_learned_by_name(hub: Hub) -> None:
    parking = AnnouncedSubsystem(
        id="parking", name=Text(vi="Bãi đỗ xe", en="Parking"), owner_agency="H41.SXD"
    )
    renamed = AnnouncedSubsystem(
        id="health", name=Text(vi="Khác", en="Other"), owner_agency="H41.SYT"
    )
    await hub.commit(Payload(subsystems=(parking, renamed)))
    await hub.projector().run_until_done()
    catalogue = Catalogue()
    async with transaction(hub.pool) as connection:
        await catalogue.refresh(connection)
    assert catalogue.subsystems["parking"] == parking
    # The twelve are named alike everywhere.
    health = catalogue.subsystems["health"]
    assert (health.name, health.owner_agency) == (SUBSYSTEM_NAMES["health"], "H41.SYT")
