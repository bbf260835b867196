"""What became of former places."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from federation.errors import ErrorCode, FederationError
from federation.localities import APP
from federation.localities.differences import first_day_affected
from federation.localities.importing import import_places
from federation.localities.lists import read_list, shipped_list
from federation.localities.store import changes, import_list
from federation.localities.successions import (
    ELSEWHERE,
    read_successions,
    shipped_successions,
    table_of_conversion,
)
from federation.model.locality import Locality, Member
from federation.storage.pool import Pool, open_pool, transaction
from federation.views.former_places import Why, past_of
from tests.unit.localities.test_import import DATA

NOW = datetime(2026, 7, 1, tzinfo=UTC)
LATER = datetime(2026, 8, 1, tzinfo=UTC)
TODAY = date(2026, 11, 22)
AREAS = Path("infra/demo/nghe-an/areas.toml")
LISTS = (
    DATA / "legacy_nghe_an_before_2025-07.json",
    DATA / "current_2026-07.json",
)
THANH_VINH = "16681@2025-07-01"


@pytest_asyncio.fixture(loop_scope="session")
async def pool(migrated_database: Any) -> AsyncIterator[Pool]:
    opened = await open_pool(await migrated_database([APP]), name="test")
    yield opened
    await opened.close()


async def test_real_wards_of_vinh_lead_to_the_wards_of_today(pool: Pool) -> None:
    async with transaction(pool) as connection:
        done = await import_places(
            connection, lists=LISTS, areas=[AREAS], changed_at=NOW
        )
        first = await changes(connection, 20_000)
        again = await import_places(
            connection, lists=LISTS, areas=[AREAS], changed_at=LATER
        )
        second = await changes(connection, 20_000)
    graph = done.graph
    # 16681 was Quang Trung, and is Thành Vinh.
    old, new = graph.get("16681"), graph.get(THANH_VINH)
    assert old is not None
    assert new is not None
    assert (old.name_vi, new.name_vi) == ("Phường Quang Trung", "Phường Thành Vinh")
    past = past_of(graph, new, TODAY)
    assert past.whole == {"16663", "16669", "16672", "16678", "16681", "18013"}
    assert {id_: why for id_, (why, _) in past.divided.items()} == {
        "412": Why.DIVIDED,
        "412@2024-12-01": Why.DIVIDED,
        "413": Why.DIVIDED,
    }
    area = graph.get("vinh")
    assert area is not None
    whole = past_of(graph, area, TODAY)
    assert {"412", "412@2024-12-01", "413"} <= whole.whole
    assert len([id_ for id_ in whole.whole if len(id_) == 5]) == 33
    # Who said so is recorded, and saying it again is no news.
    told = [one for one in first if one.locality == "16663"]
    assert told[0].source == "areas.toml"
    assert told[0].after is not None
    assert told[0].after["successors"] == [THANH_VINH]
    assert again.affected_from is None
    assert second == first


async def test_the_newer_list_differs_and_every_difference_is_recorded(
    pool: Pool,
) -> None:
    newer = read_list(LISTS[1].read_bytes(), name=LISTS[1].name)
    shipped = {one.id: one for one in shipped_list().localities}
    listed = {one.id: one for one in newer.localities}
    async with transaction(pool) as connection:
        await import_list(connection, shipped_list(), changed_at=NOW)
        done = await import_list(connection, newer, changed_at=LATER)
        recorded = await changes(connection, 1_000)
    news = [one for one in recorded if one.changed_at == LATER]
    assert {one.source for one in news} == {newer.source}
    assert {one.locality for one in news if one.before is None} == (
        listed.keys() - shipped.keys()
    )
    assert {one.locality for one in news if one.after is None} == (
        shipped.keys() - listed.keys()
    )
    differing = {
        id_ for id_ in shipped.keys() & listed.keys() if shipped[id_] != listed[id_]
    }
    said_otherwise = {o.locality for o in news if o.before and o.after}
    assert said_otherwise == differing
    assert (done.added, done.removed) == (115, 115)
    # In Vietnamese: a code that went, or another name under the same code.
    renamed = [i for i in differing if shipped[i].name_vi != listed[i].name_vi]
    assert len(renamed) + done.removed >= 300


@dataclass(frozen=True)
class Old:
    code: int
    is_partly_merged: bool


@dataclass(frozen=True)
class New:
    code: int


@dataclass(frozen=True)
class Entry:
    old_ward: Old
    new_wards: tuple[New, ...]


def test_a_table_of_conversion_tells_whole_from_part() -> None:
    entries = [
        Entry(Old(16663, is_partly_merged=False), (New(16681),)),
        Entry(Old(16, is_partly_merged=True), (New(4), New(8))),
        Entry(Old(17, is_partly_merged=True), (New(4),)),
    ]
    assert table_of_conversion(entries) == {
        "16663": [THANH_VINH],
        "00016": ["00004@2025-07-01", "00008@2025-07-01"],
        "00017": ["00004@2025-07-01", ELSEWHERE],
    }


def test_the_installed_package_tells_all_or_nothing() -> None:
    told = shipped_successions()
    assert told == {} or told["16663"] == [THANH_VINH]


@pytest.mark.parametrize(
    "content", ["[[succession]]\nof = ['1']", "[[succession]]\ninto = 3", "x ="]
)
def test_a_file_that_is_wrong_is_named(content: str) -> None:
    with pytest.raises(FederationError) as caught:
        read_successions(content.encode(), name="areas.toml")
    assert caught.value.code is ErrorCode.CONFIGURATION
    assert "areas.toml" in caught.value.text_vi


def area(*members: Member, name: str = "A") -> Locality:
    return Locality(
        id="a", code="a", name_vi=name, name_en=name, level="area", members=members
    )


MARCH = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("before", "after", "day"),
    [
        (area(), area(name="B"), None),
        (None, area(), None),
        (area(), area(Member(locality="w", valid_from=MARCH)), MARCH),
        (
            area(Member(locality="w")),
            area(Member(locality="w", valid_to=date(2026, 3, 15))),
            MARCH,
        ),
        (area(Member(locality="w")), None, date.min),
    ],
)
def test_totals_differ_from_the_first_day_on_which_members_do(
    before: Locality | None, after: Locality | None, day: date | None
) -> None:
    assert first_day_affected(before, after) == day
