"""Real codes that were used again, from what a source says to the nation."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

from federation.api.present import value_out
from federation.clock import ManualClock
from federation.localities.lists import without_marks
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.pool import transaction
from federation.views.knowing import StoredKnowledge
from federation.views.values import ValueQuery, ValueViews
from federation.warehouse.postgres import PostgresWarehouse
from tests.integration.tiers import Tier, Tiers
from tests.promises.records import VIOLATIONS, place, violations
from tests.unit.localities.test_successions import AREAS, LISTS

NOW = datetime(2026, 7, 2, tzinfo=UTC)
THEN, SINCE = "2025-05-10", "2025-07-10"
VINH = {"id": "vinh", "localities": ("vinh",), "includes_parts": True}


def reused_in_vinh() -> dict[str, tuple[str, str]]:
    """Return codes of Vinh's former wards that another ward bears today, as listed."""
    legacy, current = (json.loads(path.read_bytes()) for path in LISTS)
    then = {
        ward["Code"]: ward["FullName"]
        for top in legacy
        for district in top["District"]
        if district["Code"] == "412"
        for ward in district["Ward"]
    }
    now = {
        ward["Code"]: ward["FullName"]
        for top in current
        if top["Code"] == "40"
        for ward in top["Wards"]
    }
    return {
        code: (then[code], now[code])
        for code in then.keys() & now.keys()
        if without_marks(then[code]) != without_marks(now[code])
    }


@pytest_asyncio.fixture(loop_scope="session")
async def tiers(
    postgres_server: EmbeddedPostgres, tmp_path: Path
) -> AsyncIterator[Tiers]:
    async with Tiers.open(postgres_server, tmp_path, ManualClock(NOW)) as opened:
        nation = await opened.hub("viet-nam", "VN", areas=[AREAS])
        province = await opened.hub("nghe-an", "40", areas=[AREAS], parent=nation)
        files = {"areas": [str(AREAS)], "files": [str(path) for path in LISTS]}
        await opened.node(
            "vinh",
            "vinh",
            province,
            areas=[AREAS],
            speaks_for=[VINH],
            localities=files,
        )
        yield opened


def found_in(code: str, day: str, number: int) -> dict[str, Any]:
    """Return what a source says that gives a code and no more."""
    given = violations(code, day, number)
    return given | {"fields": given["fields"] | {"locality": code}}


async def read(tier: Tier, locality: str, today: date | None = None) -> dict[str, Any]:
    """Return what the API says of a code: name of the place, by day."""
    knowledge = await StoredKnowledge(tier.pool)()
    views = ValueViews(
        PostgresWarehouse(), lambda: transaction(tier.pool, doing="read")
    )
    page = await views.page(
        ValueQuery(indicator=VIOLATIONS, locality=locality, boundaries_of=today),
        knowledge,
    )
    told = [value_out(seen, knowledge) for seen in page.items]
    return {
        one.period: (knowledge.place_name(one.locality).vi, one.value) for one in told
    }


async def test_each_figure_keeps_the_name_of_who_bore_the_code(tiers: Tiers) -> None:
    reused = reused_in_vinh()
    assert reused["16681"] == ("Phường Quang Trung", "Phường Thành Vinh")
    assert len(reused) >= 4
    vinh = tiers.tiers["vinh"]
    for number, code in enumerate(sorted(reused), 1):
        await vinh.push(
            "environment",
            found_in(code, THEN, number),
            found_in(code, SINCE, 100 + number),
        )
    await tiers.settle()
    for tier in tiers.tiers.values():
        for number, code in enumerate(sorted(reused), 1):
            then, now = reused[code]
            assert await read(tier, code) == {
                THEN: (then, str(number)),
                SINCE: (now, str(100 + number)),
            }
    nation = tiers.tiers["viet-nam"]
    # In today's boundaries Quang Trung's figure is Thành Vinh's, and said to be.
    assert await read(nation, "16681", date(2026, 7, 2)) == {
        THEN: ("Phường Thành Vinh", str(1 + sorted(reused).index("16681"))),
        SINCE: ("Phường Thành Vinh", str(101 + sorted(reused).index("16681"))),
    }
    assert await nation.set_aside() == []
    assert place("16681") in {
        one.id for one in (await StoredKnowledge(nation.pool)()).places.all()
    }
