"""Whatever is thinned whenever: ends of hours, then of days, are read as they were.

A plain list of all that was ever learned stands beside the warehouse and answers every
read from the beginning.
"""

import random
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.clock import ManualClock
from federation.model.status import Status
from federation.observability.metrics import HISTORY_REMOVED, Metrics
from federation.storage.pool import transaction
from federation.warehouse import thinning
from federation.warehouse.history import Resolution, end_at_or_before
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import SeriesFilter
from federation.warehouse.thinning import Retention, Thinner
from tests.contract.warehouse.world import HASH, JULY, OTHER_HASH, RAIN, World, rain

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = [replace(RAIN, locality=name) for name in ("16681", "16690", "412")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EXACT_FOR = timedelta(hours=48)


@dataclass
class Learned:
    """All that was ever learned, by series: moment, contract, what it said."""

    said: list[tuple[datetime, Any, bytes, Any]] = field(default_factory=list)

    def as_of(self, moment: datetime) -> dict[str, Any]:
        known: dict[Any, tuple[bytes, Any]] = {}
        for at, key, contract, value in self.said:
            if at <= moment:
                known[key] = (contract, value)
        return {key.locality: value for key, (_, value) in known.items()}


class Replayed:
    """A warehouse and a plain list that learn the same, with history thinned."""

    def __init__(self, world: World, every_hour: timedelta) -> None:
        self.world, self.learned = world, Learned()
        self.clock = ManualClock(BEGIN)
        self.metrics = Metrics()
        self.thinner: Thinner[Any] = Thinner(
            warehouse=world.warehouse,
            begin=lambda: (
                nullcontext() if world.pool is None else transaction(world.pool)
            ),
            clock=self.clock,
            metrics=self.metrics,
            retention=Retention(every_hour=every_hour),
        )
        self.contract = HASH

    async def learn(self, key: Any, value: int | None) -> None:
        status = Status.DELETED if value is None else Status.NORMAL
        row = rain(value, key=key, status=status, contract_hash=self.contract)
        await self.world.apply(row, at=self.clock.now())
        said = value if value is not None else "deleted"
        self.learned.said.append((self.clock.now(), key, self.contract, said))

    async def read(self, moment: datetime) -> dict[str, Any]:
        async with self.world.begin() as handle:
            history = await self.world.warehouse.history(handle)
            found = await self.world.warehouse.values(
                handle,
                SeriesFilter(indicators=[RAIN.indicator]),
                as_of=history.as_of(moment).moment,
            )
        return {
            s.row.series.locality: s.row.state.value if s.row.state else "deleted"
            for s in found
        }

    async def check(self, moment: datetime) -> None:
        """Compare a read with the truth of the moment that the answer is of."""
        async with self.world.begin() as handle:
            history = await self.world.warehouse.history(handle)
        answered = history.as_of(moment)
        assert await self.read(moment) == self.learned.as_of(answered.moment)
        now = self.clock.now()
        if moment > now - EXACT_FOR:
            assert answered.resolution is Resolution.EXACT
        if moment > now - self.thinner._retention.every_hour:
            assert answered.resolution is not Resolution.DAY
        assert end_at_or_before(moment, answered.resolution) == answered.moment


steps = st.lists(
    st.tuples(
        st.integers(0, 60 * 30),  # minutes later
        st.sampled_from(PLACES),
        st.one_of(st.none(), st.integers(0, 4)),
        st.booleans(),  # thinned now
        st.integers(0, 60 * 24 * 12),  # minutes back to a moment that is read
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(steps=steps, every_hour=st.sampled_from([3, 6]), batch=st.integers(1, 9))
async def test_thinned_history_answers_ends_of_hours_and_days_as_the_truth_does(
    steps: list[Any], every_hour: int, batch: int
) -> None:
    replayed = Replayed(World(MemoryWarehouse()), every_hour * DAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "VERSIONS_PER_BATCH", batch)
        for minutes, key, value, thins, back in steps:
            replayed.clock.advance(timedelta(minutes=minutes))
            await replayed.learn(key, value)
            if thins:
                await replayed.thinner.run_until_done()
            now = replayed.clock.now()
            await replayed.check(now)
            await replayed.check(now - timedelta(minutes=back))


@pytest.mark.parametrize("seed", range(4))
async def test_every_warehouse_is_thinned_without_a_false_answer(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    replayed = Replayed(world, 3 * DAY)
    for number in range(150):
        # Many revisions within hours, hours within days, and quiet days.
        replayed.clock.advance(chance.choice((1, 7, 50, 200, 1500)) * HOUR / 30)
        await replayed.learn(chance.choice(PLACES), chance.choice((None, 0, 1, 2, 3)))
        if chance.random() < 0.1:
            await replayed.thinner.run_once()
        if chance.random() < 0.05:
            await replayed.thinner.run_until_done()
        if number % 10 == 0:
            await replayed.check(replayed.clock.now() - chance.random() * 12 * DAY)
            await replayed.check(replayed.clock.now() - chance.random() * EXACT_FOR)
    before = [len(await world.read("versions", key, JULY)) for key in PLACES]
    replayed.clock.advance(30 * DAY)
    removed = await replayed.thinner.run_until_done()
    left = [len(await world.read("versions", key, JULY)) for key in PLACES]
    assert sum(before) - sum(left) == removed
    assert await replayed.thinner.run_until_done() == 0
    for back in range(40 * 4):
        await replayed.check(replayed.clock.now() - back * 6 * HOUR)
    name = HISTORY_REMOVED.name
    assert replayed.metrics.registry.get_sample_value(name) > 10


async def test_a_contract_that_ended_is_thinned_like_the_others(world: World) -> None:
    replayed = Replayed(world, 3 * DAY)
    key = PLACES[0]
    for value in range(6):
        await replayed.learn(key, value)
        replayed.clock.advance(timedelta(minutes=25))
    replayed.contract = OTHER_HASH
    for value in range(6, 9):
        await replayed.learn(key, value)
        replayed.clock.advance(timedelta(minutes=25))
    replayed.clock.advance(10 * DAY)
    assert await replayed.thinner.run_until_done() > 0
    for hours in range(24 * 3):
        await replayed.check(BEGIN + hours * HOUR)
