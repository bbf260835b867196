"""A ward leaves one area for another on a date, in the middle of its figures."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from federation.clock import ManualClock
from federation.model.indicator import Basis
from federation.model.period import Frequency
from federation.storage.embedded import EmbeddedPostgres
from tests.integration.tiers import Tier, Tiers
from tests.promises.records import VIOLATIONS, place, violations

LEFT, STAYS, OTHER = place("16681"), place("16690"), place("17443")
LAST, MOVES = date(2026, 3, 15), date(2026, 3, 16)
BEFORE = datetime(2026, 3, 15, 5, tzinfo=UTC)
AREAS = f"""
[[area]]
id = "a"
parent = "40"
name = {{ vi = "Khu vực A", en = "Area A" }}
members = [
    {{ locality = "{STAYS}" }},
    {{ locality = "{LEFT}", to = {LAST} }},
]

[[area]]
id = "b"
parent = "40"
name = {{ vi = "Khu vực B", en = "Area B" }}
members = [
    {{ locality = "{OTHER}" }},
    {{ locality = "{LEFT}", from = {MOVES} }},
]
"""
A = {"id": "a", "localities": ("a",), "includes_parts": True}
B = {"id": "b", "localities": ("b",), "includes_parts": True}
TENTH, SIXTEENTH = "2026-03-10", "2026-03-16"
FIRST = [
    violations("16681", TENTH, 100),
    violations("16690", TENTH, 20),
    violations("17443", TENTH, 3),
]
THEN = [
    violations("16681", SIXTEENTH, 700),
    violations("16690", SIXTEENTH, 50),
    violations("17443", SIXTEENTH, 6),
]


@pytest_asyncio.fixture(loop_scope="session")
async def tiers(
    postgres_server: EmbeddedPostgres, tmp_path: Path
) -> AsyncIterator[Tiers]:
    (tmp_path / "areas.toml").write_text(AREAS, encoding="utf-8")
    clock = ManualClock(BEFORE)
    async with Tiers.open(postgres_server, tmp_path, clock) as opened:
        areas = [tmp_path / "areas.toml"]
        nation = await opened.hub("viet-nam", "VN", areas=areas)
        await opened.hub("nghe-an", "40", areas=areas, parent=nation)
        yield opened


async def start(tiers: Tiers, id_: str, *speaks_for: Mapping[str, Any]) -> Tier:
    return await tiers.node(
        id_,
        "40",
        tiers.tiers["nghe-an"],
        areas=[tiers.folder / "areas.toml"],
        speaks_for=speaks_for,
    )


async def number(
    tier: Tier, locality: str, day: str, *, total: bool = False
) -> int | None:
    basis = Basis.ROLLED_UP if total else Basis.REPORTED
    seen = await tier.value(VIOLATIONS, locality, date.fromisoformat(day), basis)
    return None if seen is None or seen.row.state is None else seen.row.state.value


async def totals(tier: Tier) -> dict[tuple[str, str], int | None]:
    return {
        (locality, day): await number(tier, locality, day, total=True)
        for locality in ("a", "b", "40")
        for day in (TENTH, SIXTEENTH)
    }


async def check_everywhere(tiers: Tiers) -> None:
    """Each total holds whom it held at the time, nobody twice and nobody left out."""
    for id_ in ("nghe-an", "viet-nam"):
        tier = tiers.tiers[id_]
        wards = {
            (ward, day): await number(tier, ward, day)
            for ward in (LEFT, STAYS, OTHER)
            for day in (TENTH, SIXTEENTH)
        }
        assert wards == {
            (LEFT, TENTH): 100,
            (STAYS, TENTH): 20,
            (OTHER, TENTH): 3,
            (LEFT, SIXTEENTH): 700,
            (STAYS, SIXTEENTH): 50,
            (OTHER, SIXTEENTH): 6,
        }
        found = await totals(tier)
        assert (found["a", TENTH], found["40", TENTH]) == (120, 123)
        assert (found["b", SIXTEENTH], found["40", SIXTEENTH]) == (706, 756)
        # One ward alone is no total of an area; its own figure stands there.
        assert found["b", TENTH] in (None, 3)
        assert found["a", SIXTEENTH] in (None, 50)


async def test_on_one_node_it_goes_at_midnight_with_its_whole_history(
    tiers: Tiers,
) -> None:
    hosted = await start(tiers, "hosted", A, B)
    await hosted.push("environment", *FIRST)
    await tiers.settle()
    before = {key.locality: stream for key, stream in (await hosted.routes()).items()}
    assert (before[LEFT], before[STAYS], before[OTHER]) == ("a", "a", "b")
    nation = tiers.tiers["viet-nam"]
    assert (await totals(nation))["a", TENTH] == 120
    held = await nation.value(VIOLATIONS, LEFT, date.fromisoformat(TENTH))
    tiers.clock.advance(timedelta(hours=13))
    assert await hosted.routing.run_once() == 1
    assert (await hosted.routes())[_key(held)] == "b"
    await hosted.push("environment", *THEN)
    await tiers.settle()
    await check_everywhere(tiers)
    province = tiers.tiers["nghe-an"]
    moved = await province.value(VIOLATIONS, LEFT, date.fromisoformat(SIXTEENTH))
    assert moved is not None
    assert moved.carrier is not None
    assert moved.carrier.stream == "b"
    assert await province.set_aside() == await nation.set_aside() == []
    # A day of the time before is corrected by whoever has the ward now.
    await hosted.push("environment", violations("16681", "2026-03-11", 9))
    await tiers.settle()
    late = await province.value(VIOLATIONS, LEFT, date(2026, 3, 11))
    assert late is not None
    assert late.carrier is not None
    assert late.carrier.stream == "b"
    assert await number(nation, "a", "2026-03-11", total=True) == 9


def _key(seen: Any) -> Any:
    assert seen is not None
    return seen.row.series


async def test_between_nodes_the_old_one_keeps_its_word_on_its_own_time_only(
    tiers: Tiers,
) -> None:
    one = await start(tiers, "one", A)
    two = await start(tiers, "two", B)
    await one.push("environment", *FIRST[:2])
    await two.push("environment", FIRST[2])
    await tiers.settle()
    # The first node is away while the ward leaves, with a figure it has not told.
    await tiers.cut(one)
    await one.push("environment", violations("16681", "2026-03-12", 11))
    tiers.clock.advance(timedelta(hours=13))
    await two.push("environment", THEN[0], THEN[2])
    await tiers.settle()
    tiers.start_link(one)
    await one.push("environment", THEN[1], violations("16681", SIXTEENTH, 999))
    await tiers.settle()
    await check_everywhere(tiers)
    province, nation = tiers.tiers["nghe-an"], tiers.tiers["viet-nam"]
    ((stream, why),) = await province.set_aside()
    assert stream == "a"
    assert LEFT in why
    assert "belongs to b" in why
    assert await number(nation, LEFT, "2026-03-12") == 11
    # What the new node says of the time before stands from then on.
    await two.push("environment", violations("16681", TENTH, 101))
    await tiers.settle()
    await one.push(
        "environment", violations("16681", TENTH, 1000) | {"source_key": "x"}
    )
    await tiers.settle()
    assert await number(nation, LEFT, TENTH) == 101
    assert await number(nation, "40", TENTH, total=True) == 124
    assert len(await province.set_aside()) == 2


async def test_a_month_over_the_change_counts_it_once(tiers: Tiers) -> None:
    hosted = await start(tiers, "hosted", A, B)
    await hosted.push("environment", *FIRST)
    tiers.clock.advance(timedelta(hours=13))
    await hosted.push("environment", *THEN)
    await tiers.settle()
    nation = tiers.tiers["viet-nam"]
    found = await nation.values(VIOLATIONS, frequency=Frequency.MONTH, locality="40")
    (month,) = [seen for seen in found if seen.row.series.basis is Basis.ROLLED_UP]
    assert month.row.state is not None
    assert month.row.state.value == 123 + 756


@pytest.mark.parametrize("hour", [13, 24 * 40])
async def test_nothing_moves_before_its_day(tiers: Tiers, hour: int) -> None:
    hosted = await start(tiers, "hosted", A, B)
    await hosted.push("environment", *FIRST)
    await tiers.settle()
    assert await hosted.routing.run_once() == 0
    tiers.clock.advance(timedelta(hours=hour))
    assert await hosted.routing.run_once() == 1
    assert await hosted.routing.run_once() == 0
