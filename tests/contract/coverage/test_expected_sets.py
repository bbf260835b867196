"""What every keeper of expected sets promises, in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from federation import coverage
from federation.coverage.expected import (
    Expected,
    ExpectedSet,
    ExpectedSets,
    MemoryExpectedSets,
    Owing,
    expected_in,
    freeze,
)
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.localities.graph import LocalityGraph
from federation.model.locality import Locality
from federation.model.period import LOCAL, Frequency, Period, day_number, period_of_day
from federation.storage.pool import open_pool, transaction
from federation.wire.payload import Obligation
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
FOUND = an_indicator(level="commune")
APRIL = period_of_day(Frequency.MONTH, date(2026, 4, 1))
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
GRAPH = LocalityGraph(
    Locality(id=n, code=n, name_vi=n, name_en=n, level="commune", parent="VN")
    for n in "abc"
)


@dataclass(frozen=True)
class Kept:
    """A keeper with a transaction that is open."""

    sets: ExpectedSets[Any]
    handle: Any


@pytest_asyncio.fixture(loop_scope="session", params=["memory", "postgres"])
async def kept(
    request: pytest.FixtureRequest, migrated_database: Any
) -> AsyncIterator[Kept]:
    if request.param == "memory":
        yield Kept(MemoryExpectedSets(), None)
        return
    pool = await open_pool(await migrated_database([coverage.APP]), name="test")
    async with transaction(pool) as connection:
        yield Kept(PostgresExpectedSets(), connection)
    await pool.close()


def owed(*places: str, first: date = date(2020, 1, 1), last: date | None = None) -> Any:
    return [
        Obligation(
            indicator=FOUND.id,
            locality=one,
            agency="",
            from_day=day_number(first),
            to_day=None if last is None else day_number(last),
        )
        for one in places
    ]


def owing(*obligations: Obligation) -> Owing:
    return Owing(graph=GRAPH, obligations={FOUND.id: obligations})


async def frozen(
    kept: Kept, *obligations: Obligation, period: Period = APRIL
) -> frozenset[str]:
    wanted = [(FOUND, period, LOCAL)]
    found = await freeze(kept.sets, kept.handle, owing(*obligations), wanted, now=NOW)
    return found[FOUND.id, period].localities


async def test_what_is_over_keeps_who_was_expected(kept: Kept) -> None:
    assert await frozen(kept, *owed("a", "b")) == {"a", "b"}
    # Later somebody joins who says that they owed since 2020.
    assert await frozen(kept, *owed("a", "b", "c")) == {"a", "b"}
    read = await expected_in(
        kept.sets, kept.handle, owing(*owed("c")), [(FOUND, APRIL, LOCAL)]
    )
    assert read[FOUND.id, APRIL] == Expected(localities=frozenset("ab"))


async def test_what_is_not_over_moves_with_those_who_owe(kept: Kept) -> None:
    assert await frozen(kept, *owed("a"), period=MAY) == {"a"}
    assert await frozen(kept, *owed("a", "c"), period=MAY) == {"a", "c"}
    assert await kept.sets.revisions(kept.handle) == []


async def test_where_nobody_owed_those_who_turn_out_to_have_owed_count(
    kept: Kept,
) -> None:
    assert await frozen(kept) == frozenset()
    assert await frozen(kept, *owed("a")) == {"a"}
    newest = (await kept.sets.revisions(kept.handle))[0]
    assert (newest.revision, newest.by) == (2, "")


async def test_a_revision_by_hand_stands_even_where_it_names_nobody(kept: Kept) -> None:
    await frozen(kept, *owed("a", "b"))
    revised = ExpectedSet(
        indicator=FOUND.id,
        period=APRIL,
        localities=frozenset(),
        frozen_at=NOW + timedelta(days=1),
        revision=2,
        reason="Thông tư 12/2026",
        by="tran.an",
    )
    await kept.sets.add(kept.handle, [revised])
    assert await frozen(kept, *owed("a", "b")) == frozenset()
    read = await expected_in(kept.sets, kept.handle, owing(), [(FOUND, APRIL, LOCAL)])
    assert read[FOUND.id, APRIL] == Expected(localities=frozenset(), by_hand=True)
    history = await kept.sets.revisions(kept.handle, indicator=FOUND.id, period=APRIL)
    assert [(one.revision, one.by) for one in history] == [(2, "tran.an"), (1, "")]
    assert await kept.sets.revisions(kept.handle, by_hand=True) == [revised]
    # Nothing that was kept is ever changed.
    await kept.sets.add(kept.handle, [replace(revised, reason="x")])
    assert (await kept.sets.revisions(kept.handle, by_hand=True)) == [revised]


async def test_an_obligation_counts_in_the_periods_it_holds_at_the_end_of(
    kept: Kept,
) -> None:
    ended = owed("a", last=date(2026, 4, 29))
    to_the_end = owed("b", last=date(2026, 4, 30))
    late = owed("c", first=date(2026, 5, 1))
    assert await frozen(kept, *ended, *to_the_end, *late) == {"b"}


async def test_equal_sets_are_found_by_their_periods(kept: Kept) -> None:
    await frozen(kept, *owed("a"))
    march = period_of_day(Frequency.MONTH, date(2026, 3, 1))
    await frozen(kept, *owed("a"), period=march)
    keys = [(FOUND.id, APRIL), (FOUND.id, march), ("other", APRIL)]
    found = await kept.sets.current(kept.handle, keys)
    assert {key: one.localities for key, one in found.items()} == {
        (FOUND.id, APRIL): {"a"},
        (FOUND.id, march): {"a"},
    }
