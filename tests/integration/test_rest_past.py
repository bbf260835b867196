"""The past and windows over REST, on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from federation.catalogue.store import Catalogue
from federation.storage.migrations import migrate
from federation.storage.pool import open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming
from tests.integration.test_rest import APPS, NOW, World, open_world
from tests.unit.views.world import INVESTMENT, row

LATER = NOW + timedelta(days=3)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def corrected(
    module_database_url: str, workspace_root: Path
) -> AsyncIterator[World]:
    """Give a tier that learned a correction and a new month three days later."""
    await migrate(module_database_url, APPS)
    async with open_world(module_database_url, workspace_root) as world:
        pool = await open_pool(module_database_url, name="test")
        async with transaction(pool) as connection:
            await Catalogue().refresh(connection)
            await PostgresWarehouse().apply(
                connection,
                [
                    Incoming(row=one, contract_hash=INVESTMENT.contract_hash)
                    for one in (
                        row(INVESTMENT, "2024-12", 12_500, agency="H41.STC"),
                        row(INVESTMENT, "2025-01", 1_000, agency="H41.STC"),
                    )
                ],
                known_at=LATER,
            )
        await pool.close()
        world.clock.advance(timedelta(days=10))
        world.token = await world.log_in()
        world.client.headers["Authorization"] = f"Bearer {world.token}"
        yield world


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def read(world: World, path: str) -> Any:
    answer = await world.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


SERIES = f"indicator={INVESTMENT.id}&locality=40"


async def test_values_and_revisions_are_those_of_the_moment(corrected: World) -> None:
    path = f"/values?{SERIES}&from=2024-12"
    then = await read(corrected, f"{path}&as_of={at(NOW)}")
    assert [item["value"] for item in then["items"]] == ["12.000"]
    assert (then["as_of"], then["resolution"], then["known_since"]) == (
        NOW.isoformat(),
        "exact",
        None,
    )
    now = await read(corrected, path)
    assert [item["value"] for item in now["items"]] == ["12.500", "1.000"]
    assert now["as_of"] is None
    versions = f"/values/versions?{SERIES}&period=2024-12"
    told = await read(corrected, versions)
    assert [item["value"] for item in told["items"]] == ["12.500", "12.000"]
    newest, oldest = told["items"]
    assert newest["superseded_at"] is None
    assert oldest["superseded_at"] == newest["known_at"] == LATER.isoformat()
    for item in told["items"]:
        assert {"agency", "carrier", "recorded_at", "source", "status"} <= item.keys()
    told = await read(corrected, f"{versions}&as_of={at(LATER)[:-2]}9Z")
    assert len(told["items"]) == 2
    told = await read(corrected, f"{versions}&as_of={at(NOW)}")
    assert [item["value"] for item in told["items"]] == ["12.000"]


async def test_the_first_page_is_that_of_the_moment(corrected: World) -> None:
    then = await read(corrected, f"/overview?as_of={at(NOW)}")
    assert then["tiles"][0]["value"]["period"] == "2024-12"
    assert (then["as_of"], then["resolution"]) == (NOW.isoformat(), "exact")
    now = await read(corrected, "/overview")
    assert now["tiles"][0]["value"]["period"] == "2025-01"
    before = await read(corrected, f"/overview?as_of={at(NOW - timedelta(days=9))}")
    assert before["tiles"] == []
    assert before["known_since"] == NOW.isoformat()


async def test_a_window_of_whole_months_and_its_past(corrected: World) -> None:
    path = f"/window?{SERIES}&from=2024-11-01&to=2025-01-31"
    now = await read(corrected, path)
    [item] = now["items"]
    assert (item["value"], item["frequency"]) == ("24.500", "window")
    assert item["period"] == "2024-11-01/2025-01-31"
    assert item["period_end"] == "2025-02-01T00:00:00+07:00"
    assert (now["base_frequency"], now["base_periods"]) == ("month", 3)
    [item] = (await read(corrected, f"{path}&as_of={at(NOW)}"))["items"]
    assert item["value"] == "23.000"
    assert item["coverage"]["missing"] == ["2025-01"]
    assert (item["coverage"]["reported"], item["coverage"]["expected"]) == (2, 3)


async def test_the_year_to_date_is_short_to_ask_for(corrected: World) -> None:
    seen = await read(corrected, f"/window?{SERIES}&year_to_date=2024-03")
    assert [item["value"] for item in seen["items"]] == ["6.000"]
    assert (seen["first_day"], seen["last_day"]) == ("2024-01-01", "2024-03-31")


@pytest.mark.parametrize(
    ("path", "status", "pointer"),
    [
        ("/values?as_of=2025-02-01T08:00:00", 400, "/query/as_of"),
        ("/overview?as_of=2045-02-01T08:00:00Z", 400, "/query/as_of"),
        ("/overview?as_of=0001-01-01T00:00:00%2B14:00", 400, "/query/as_of"),
        (f"/values?from={'9' * 40}", 400, "/query/from"),
        (f"/window?{SERIES}&from=2024-01-01&to=9999-12-31", 400, "/query/to"),
        (f"/window?{SERIES}", 400, "/query/from"),
        (f"/window?{SERIES}&from=2024-02-01&to=2024-01-01", 400, "/query/to"),
        (f"/window?{SERIES}&from=today&to=2024-01-01", 400, "/query/from"),
        (f"/window?{SERIES}&year_to_date=9999", 400, "/query/year_to_date"),
        (
            f"/window?{SERIES}&year_to_date=2024&from=2024-01-01",
            400,
            "/query/year_to_date",
        ),
        (f"/window?indicator={INVESTMENT.id}", 400, "/query/locality"),
        ("/window?locality=40", 400, "/query/indicator"),
        (f"/window?{SERIES}&from=2024-01-01&to=2024-01-15", 422, None),
    ],
)
async def test_what_can_not_be_answered_is_pointed_at(
    corrected: World, path: str, status: int, pointer: str | None
) -> None:
    answer = await corrected.get(path)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer
    assert problem["detail_vi"] != problem["detail_en"]


async def test_the_past_stays_the_same_bytes(corrected: World) -> None:
    path = f"/values?{SERIES}&as_of={at(NOW)}"
    first = await corrected.get(path)
    tag = first.headers["etag"]
    again = await corrected.get(path, **{"If-None-Match": tag})
    assert again.status_code == 304
