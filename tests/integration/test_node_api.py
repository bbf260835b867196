"""Intake over REST."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, Router

import city_node.observations
import federation.warehouse
from city_node.api import schemas
from city_node.api.intake import intake_routes
from city_node.intake.ingest import Intake
from federation.api import problems
from federation.clock import ManualClock
from federation.errors import FederationError
from federation.storage.pool import open_pool
from federation.warehouse.postgres import PostgresWarehouse
from tests.conftest import DatabaseFactory
from tests.unit.node.sample import NOW, OWNED, PLACES, SUBSYSTEM

APPS = (federation.warehouse.APP, city_node.observations.APP)
FIELDS = {
    "measure": "sum",
    "locality": "16681@2025-07-01",
    "day": "2026-10-05",
    "value": "3",
}


def record(key: str, **changes: Any) -> dict[str, Any]:
    said = {"source": "office", "source_key": key, "kind": "figure", "fields": FIELDS}
    return said | changes


@pytest_asyncio.fixture
async def client(
    migrated_database: DatabaseFactory,
) -> AsyncIterator[httpx.AsyncClient]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    intake = Intake(
        pool=pool,
        warehouse=PostgresWarehouse(),
        subsystems={"sample": SUBSYSTEM},
        localities=PLACES,
        owned=OWNED,
        clock=ManualClock(NOW),
    )
    app = Litestar(
        [Router("/api/v1", route_handlers=list(intake_routes(intake)))],
        exception_handlers={FederationError: problems.of_federation_error},
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://node/api/v1"
    ) as client:
        yield client
    await pool.close()


async def test_a_push_repeated_changes_nothing(client: httpx.AsyncClient) -> None:
    first = await client.post("/records/sample", json=record("a"))
    again = await client.post("/records/sample", json=record("a"))
    other = await client.post(
        "/records/sample", json=record("a", fields=FIELDS | {"value": 4})
    )
    assert [each.status_code for each in (first, again, other)] == [200] * 3
    assert [each.json()["outcome"] for each in (first, again, other)] == [
        "landed",
        "unchanged",
        "changed",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (record("a", fields=FIELDS | {"value": "many"}), "value"),
        (record("a", fields=FIELDS | {"day": "2027-10-05"}), "2027-10-05"),
        (record("a", kind="unheard"), "kind"),
        (record("a", published_at="yesterday"), "published_at"),
    ],
)
async def test_a_wrong_push_says_what_is_wrong(
    client: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    answer = await client.post("/records/sample", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in answer.json()["detail_vi"]
    assert field in answer.json()["detail_en"]


async def test_neighbours_of_a_wrong_record_land(client: httpx.AsyncClient) -> None:
    pushed = [
        record("a"),
        {"source": "office"},
        record("c", fields=FIELDS | {"value": "many"}),
        record("d"),
        record("e", fields=FIELDS | {"locality": "17443@2025-07-01"}),
    ]
    answer = await client.post("/records/sample/bulk", json={"records": pushed})
    assert answer.status_code == 207
    assert [(each["row"], each["outcome"]) for each in answer.json()["records"]] == [
        (1, "landed"),
        (2, "rejected"),
        (3, "rejected"),
        (4, "landed"),
        (5, "skipped"),
    ]
    assert answer.json()["report"]["landed"] == 2


async def test_too_many_records_at_once_are_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = [record(str(n)) for n in range(schemas.BULK_RECORDS_MAX + 1)]
    answer = await client.post("/records/sample/bulk", json={"records": pushed})
    assert answer.status_code == 400
    runs = (await client.get("/ingests")).json()["items"]
    assert runs == []


async def test_a_deleted_record_is_gone_and_gone_once(
    client: httpx.AsyncClient,
) -> None:
    key = "vinh/2026-10/x:1"
    await client.post("/records/sample", json=record(key))
    first = await client.delete(f"/records/sample/office/{key}")
    again = await client.delete(f"/records/sample/office/{key}")
    assert (first.status_code, again.status_code) == (200, 404)
    assert first.json()["source_key"] == key


async def test_a_file_is_ingested_and_its_run_is_listed(
    client: httpx.AsyncClient,
) -> None:
    content = b'sample\n{"key": "a", "value": 2}\n! wrong\n'
    answer = await client.post(
        "/files/sample", files={"file": ("s.txt", content, "text/plain")}
    )
    assert answer.status_code == 207
    assert answer.json()["landed"] == 1
    assert answer.json()["rejected"][0]["place"]["row"] == 3
    runs = (await client.get("/ingests")).json()["items"]
    assert [each["report"] for each in runs] == [answer.json()]


async def test_a_dry_run_leaves_no_run(client: httpx.AsyncClient) -> None:
    content = b'sample\n{"key": "a", "value": 2}\n'
    answer = await client.post(
        "/files/sample",
        params={"dry_run": True, "complete": True},
        files={"file": ("s.txt", content, "text/plain")},
    )
    assert answer.status_code == 200
    assert answer.json()["landed"] == 1
    assert (await client.get("/ingests")).json()["items"] == []


async def test_an_unreadable_file_says_what_was_expected(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/files/sample", files={"file": ("x.jpg", b"\xff\xd8")})
    assert answer.status_code == 422
    assert answer.json()["code"] == "input-unreadable"
    assert "sample file" in answer.json()["detail_en"]


async def test_an_unknown_subsystem_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post("/records/other", json=record("a"))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        record("b\0d"),
        record("bad", scope="a\0b"),
        record("bad", fields=FIELDS | {"value": "3\0"}),
        record("bad", published_at="0001-01-01T00:00:00+14:00"),
    ],
)
async def test_neighbours_of_a_record_the_database_cannot_keep_land(
    client: httpx.AsyncClient, bad: dict[str, Any]
) -> None:
    answer = await client.post(
        "/records/sample/bulk", json={"records": [record("a"), bad, record("c")]}
    )
    assert answer.status_code == 207, answer.text
    outcomes = [each["outcome"] for each in answer.json()["records"]]
    assert outcomes == ["landed", "rejected", "landed"]
    assert (await client.post("/records/sample", json=bad)).status_code == 422
    assert (await client.get("/ingests")).status_code == 200


async def test_a_key_that_nothing_can_have_is_not_found(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.delete("/records/sample/office/a%00b")
    assert answer.status_code == 404


@pytest.mark.parametrize("number", ["0", "9" * 30])
async def test_a_run_that_can_not_be_is_not_found(
    client: httpx.AsyncClient, number: str
) -> None:
    assert (await client.get(f"/ingests/{number}")).status_code == 404


async def test_half_a_character_costs_its_record_and_not_its_neighbours(
    client: httpx.AsyncClient,
) -> None:
    content = b'sample\n{"key": "a", "value": 2}\n{"key": "b\\ud800", "value": 2}\n'
    answer = await client.post("/files/sample", files={"file": ("f.txt", content)})
    assert answer.status_code == 207, answer.text
    assert answer.json()["landed"] == 1
