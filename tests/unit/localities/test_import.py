"""Importing lists over each other."""

import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from federation.localities import APP
from federation.localities.areas import read_areas
from federation.localities.lists import OfficialList, read_list, shipped_list
from federation.localities.store import (
    announce_localities,
    changes,
    import_areas,
    import_list,
    load_graph,
)
from federation.model.locality import Locality
from federation.storage.pool import Pool, open_pool, transaction

NOW = datetime(2026, 7, 1, tzinfo=UTC)
REFORM = date(2025, 7, 1)
DATA = Path(os.environ.get("IOC_TEST_DATA", "../shared/data")) / "admin_units"


@pytest_asyncio.fixture(loop_scope="session")
async def pool(migrated_database: Any) -> AsyncIterator[Pool]:
    opened = await open_pool(await migrated_database([APP]), name="test")
    yield opened
    await opened.close()


def listed(*units: tuple[str, str], name: str = "new.json") -> OfficialList:
    wards = [{"Code": c, "FullName": n, "FullNameEn": n} for c, n in units]
    province = {"Code": "40", "FullName": "A", "FullNameEn": "A", "Wards": wards}
    return read_list(json.dumps([province]).encode(), name=name)


async def test_importing_again_changes_nothing(pool: Pool) -> None:
    async with transaction(pool) as connection:
        first = await import_list(connection, shipped_list(), changed_at=NOW)
        again = await import_list(connection, shipped_list(), changed_at=NOW)
    assert (first.added, first.unchanged) == (34 + 3321, 0)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.unchanged == 34 + 3321


async def test_a_newer_list_corrects_and_says_what(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await import_list(connection, listed(("1", "Cũ"), ("2", "B")), changed_at=NOW)
        newer = listed(("1", "Mới"), ("3", "C"))
        done = await import_list(connection, newer, changed_at=NOW)
        graph = await load_graph(connection)
        recorded = await changes(connection, 3)
    assert (done.added, done.changed, done.removed, done.unchanged) == (1, 1, 1, 1)
    assert [p.code for p in graph.parts("40", REFORM)] == ["1", "3"]
    assert {c.locality: (c.before is None, c.after is None) for c in recorded} == {
        "1@2025-07-01": (False, False),
        "2@2025-07-01": (False, True),
        "3@2025-07-01": (True, False),
    }
    assert {c.source for c in recorded} == {"new.json"}
    changed = next(c for c in recorded if c.locality == "1@2025-07-01")
    assert changed.before is not None
    assert changed.before["name_vi"] == "Cũ"


async def test_who_knows_better_wins_in_any_order(pool: Pool) -> None:
    areas = read_areas(
        Path("infra/demo/nghe-an/areas.toml").read_bytes(), name="areas.toml"
    )
    former = json.dumps(
        [
            {
                "Code": "40",
                "District": [{"Code": "412", "FullName": "V", "FullNameEn": "V"}],
            }
        ]
    ).encode()
    async with transaction(pool) as connection:
        await import_areas(connection, areas, source="areas.toml", changed_at=NOW)
        done = await import_list(
            connection, read_list(former, name="former.json"), changed_at=NOW
        )
        impostor = Locality(
            id="vinh", code="vinh", name_vi="x", name_en="x", level="area"
        )
        await announce_localities(connection, [impostor], stream="vinh", changed_at=NOW)
        graph = await load_graph(connection)
    assert done.unchanged == 1
    assert graph.get("412").valid_to == date(2024, 11, 30)  # type: ignore[union-attr]
    assert len(graph.members("vinh", date(2024, 1, 1))) == 1


@pytest.mark.data
async def test_the_real_lists_are_imported_fast(pool: Pool) -> None:
    if not DATA.exists():
        if "CI" in os.environ:
            pytest.fail(f"{DATA} is missing")
        pytest.skip(f"needs {DATA}")
    begin = time.monotonic()
    async with transaction(pool) as connection:
        await import_list(connection, shipped_list(), changed_at=NOW)
        for name in ("current_2026-07.json", "legacy_nghe_an_before_2025-07.json"):
            content = (DATA / name).read_bytes()
            await import_list(connection, read_list(content, name=name), changed_at=NOW)
        areas = Path("infra/demo/nghe-an/areas.toml").read_bytes()
        await import_areas(
            connection, read_areas(areas, name="a"), source="a", changed_at=NOW
        )
        graph = await load_graph(connection)
    assert time.monotonic() - begin < 10
    assert len(graph.parts("VN", REFORM, level="commune")) == 3321
    assert len(graph.parts("40", REFORM)) == 130
    assert len(graph.parts("40", date(2025, 6, 30))) == 20
    assert len(graph.parts("412@2024-12-01", date(2025, 6, 30))) == 33
