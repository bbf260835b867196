"""The REST interface on a real database: who gets in, what is answered, and how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from litestar import Litestar

import federation.access
import federation.catalogue
import federation.localities
import federation.warehouse
from federation.access.accounts import Passwords, PasswordSource, ensure_administrator
from federation.api.app import create_app
from federation.api.assemble import assemble
from federation.api.requests import write_cursor
from federation.api.schemas import LinkOut, TextOut, TierOut
from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.localities.store import import_areas
from federation.observability.metrics import Metrics
from federation.storage.entities import open_entities
from federation.storage.migrations import migrate
from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming, stays_here
from tests.conftest import DatabaseFactory
from tests.unit.views.world import AIR, INVESTMENT, PLACES, WARDS, knowledge, row

APPS = (
    federation.access.APP,
    federation.catalogue.APP,
    federation.localities.APP,
    federation.warehouse.APP,
)
PASSWORD = "correct horse battery"
NOW = datetime(2025, 2, 5, 3, 4, tzinfo=UTC)
TIER = TierOut(
    id="nghe-an",
    level="province",
    name=TextOut(vi="Tỉnh Nghệ An", en="Nghe An"),
    locality="40",
    workspace="w",
    version="0.1.0",
    parent=None,
)
ROWS = [
    *(
        row(INVESTMENT, f"2024-{n:02d}", n * 1000, agency="H41.STC")
        for n in range(1, 13)
    ),
    row(AIR, "2025-07-21", 11_377, locality=WARDS[0]),
]


@dataclass
class World:
    """A tier that answers, and what a test moves."""

    app: Litestar
    client: httpx.AsyncClient
    clock: ManualClock
    token: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(f"/api/v1{path}", headers=headers)

    async def log_in(self) -> str:
        answer = await self.client.post(
            "/api/v1/session", json={"username": "admin", "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        # Tests choose between cookie and bearer themselves.
        self.client.cookies.clear()
        return token


@asynccontextmanager
async def closing(pool: Pool) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await pool.close()


@asynccontextmanager
async def open_world(url: str, folder: Path) -> AsyncIterator[World]:
    clock = ManualClock(NOW)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    pool = await open_pool(url, name="test")
    warehouse = PostgresWarehouse(stays_here)
    contracts = knowledge().indicators
    async with transaction(pool) as connection:
        await import_areas(connection, PLACES.all(), source="test", changed_at=NOW)
        await Catalogue().put_indicators(connection, contracts.values(), known_at=NOW)
        incoming = [
            Incoming(row=r, contract_hash=contracts[r.series.indicator].contract_hash)
            for r in ROWS
        ]
        await warehouse.apply(connection, incoming, known_at=NOW)

    async def links() -> list[LinkOut]:
        return []

    async with open_entities(url, APPS, connections_max=2), closing(pool):
        source = PasswordSource(password=PASSWORD, generated_file=folder / "unused")
        await ensure_administrator(source, passwords=passwords, clock=clock)
        parts = assemble(
            tier=TIER,
            pool=pool,
            warehouse=warehouse,
            links=links,
            metrics=Metrics(),
            clock=clock,
            passwords=passwords,
        )
        app = create_app(parts)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://tier"
        ) as client:
            yield World(app=app, client=client, clock=clock)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_world(
    module_database_url: str, workspace_root: Path
) -> AsyncIterator[World]:
    """Give the tier that tests read; logged in once."""
    await migrate(module_database_url, APPS)
    async with open_world(module_database_url, workspace_root) as world:
        world.token = await world.log_in()
        yield world


@pytest.fixture
def anonymous(shared_world: World) -> World:
    shared_world.client.headers.pop("Authorization", None)
    return shared_world


@pytest.fixture
def reader(shared_world: World) -> World:
    shared_world.client.headers["Authorization"] = f"Bearer {shared_world.token}"
    return shared_world


@pytest_asyncio.fixture
async def fresh(
    migrated_database: DatabaseFactory, tmp_path: Path
) -> AsyncIterator[World]:
    """Give a tier for tests of sessions."""
    async with open_world(await migrated_database(APPS), tmp_path) as world:
        yield world


READS = (
    "/tier",
    "/overview",
    "/links",
    "/indicators",
    f"/indicators/{INVESTMENT.id}",
    "/localities",
    "/localities/40",
    "/values",
    f"/values/versions?indicator={INVESTMENT.id}&locality=40&period=2024-11",
    f"/window?indicator={INVESTMENT.id}&locality=40&year_to_date=2024-11",
    f"/overview?as_of={NOW.strftime('%Y-%m-%dT%H:%M:%SZ')}",
)


@pytest.mark.parametrize("path", READS)
async def test_nothing_is_read_without_a_log_in(anonymous: World, path: str) -> None:
    answer = await anonymous.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", READS)
async def test_every_read_answers_and_is_not_sent_twice(
    reader: World, path: str
) -> None:
    first = await reader.get(path)
    assert first.status_code == 200, first.text
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    again = await reader.get(path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


async def test_cookie_is_for_this_tier_and_for_no_script(fresh: World) -> None:
    answer = await fresh.client.post(
        "/api/v1/session", json={"username": "admin", "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("ioc_w_nghe-an=")
    for flag in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert flag.lower() in cookie.lower()
    assert (await fresh.get("/tier")).status_code == 200
    ended = await fresh.client.delete("/api/v1/session")
    assert ended.status_code == 204
    assert (await fresh.get("/tier")).status_code == 401


async def test_session_ends_with_log_out_and_with_time(fresh: World) -> None:
    first, second = await fresh.log_in(), await fresh.log_in()
    bearer = {"Authorization": f"Bearer {first}"}
    assert (await fresh.get("/tier", **bearer)).status_code == 200
    assert (
        await fresh.client.delete("/api/v1/session", headers=bearer)
    ).status_code == 204
    assert (await fresh.get("/tier", **bearer)).status_code == 401
    other = {"Authorization": f"Bearer {second}"}
    assert (await fresh.get("/tier", **other)).status_code == 200
    fresh.clock.advance(timedelta(hours=13))
    assert (await fresh.get("/tier", **other)).status_code == 401


async def test_wrong_passwords_are_slowed_down(fresh: World) -> None:
    statuses = []
    for _ in range(7):
        answer = await fresh.client.post(
            "/api/v1/session", json={"username": "admin", "password": "wrong"}
        )
        statuses.append(answer.status_code)
    assert statuses == [401] * 6 + [429]
    assert int(answer.headers["retry-after"]) >= 1


async def test_problem_speaks_the_readers_language_and_both(reader: World) -> None:
    path = f"/values?indicator={AIR.id}&frequency=month"
    english = await reader.get(path, **{"Accept-Language": "en-GB,en;q=0.9,vi;q=0.1"})
    assert english.status_code == 422
    assert english.headers["content-language"] == "en"
    problem = english.json()
    assert problem["code"] == "merge-refused"
    assert problem["type"].endswith("merge-refused")
    assert problem["detail"] == problem["detail_en"] != problem["detail_vi"]
    vietnamese = await reader.get(path)
    assert vietnamese.headers["content-language"] == "vi"
    assert vietnamese.json()["title"] == "Không được phép gộp"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "/query/from"),
        ("basis=guessed", "/query/basis"),
        ("limit=0", "/query/limit"),
        ("limit=many", "/query/limit"),
        ("cursor=%F0", "/query/cursor"),
        ("cursor=e30", "/query/cursor"),
        ("frequency=year", "/query/indicator"),
    ],
)
async def test_wrong_parameter_is_pointed_at(
    reader: World, query: str, pointer: str
) -> None:
    answer = await reader.get(f"/values?{query}")
    assert answer.status_code == 400, answer.text
    assert [field["pointer"] for field in answer.json()["errors"]] == [pointer]


async def test_wrong_body_is_pointed_at(anonymous: World) -> None:
    answer = await anonymous.client.post("/api/v1/session", json={"username": "admin"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/body")


async def test_unknown_path_and_method_are_problems_with_safe_headers(
    anonymous: World,
) -> None:
    for answer, status in (
        (await anonymous.client.get("/nowhere"), 404),
        (await anonymous.client.put("/api/v1/session"), 405),
    ):
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_too_large_a_body_is_refused(anonymous: World) -> None:
    body = {"username": "admin", "password": "x" * 20_000}
    answer = await anonymous.client.post("/api/v1/session", json=body)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-large"


async def test_values_page_by_cursor_with_exact_numbers(reader: World) -> None:
    seen, cursor = [], ""
    while True:
        answer = await reader.get(f"/values?indicator={INVESTMENT.id}&limit=5{cursor}")
        page = answer.json()
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [item["period"] for item in seen] == [f"2024-{n:02d}" for n in range(1, 13)]
    last = seen[-1]
    assert last["value"] == "12.000"
    assert last["period_start"] == "2024-12-01T00:00:00+07:00"
    assert last["period_end"] == "2025-01-01T00:00:00+07:00"
    assert last["agency"] == "H41.STC"
    assert last["coverage"] == {
        "reported": 1,
        "expected": 1,
        "missing_count": 0,
        "missing": [],
        "absent": [],
        "withheld_count": 0,
    }


async def test_year_is_merged_from_months(reader: World) -> None:
    answer = await reader.get(f"/values?indicator={INVESTMENT.id}&frequency=year")
    [year] = answer.json()["items"]
    assert (year["period"], year["value"]) == ("2024", "78.000")
    assert year["coverage"]["reported"] == year["coverage"]["expected"] == 12


async def test_version_of_a_series_needs_no_agency_when_only_one_fits(
    reader: World,
) -> None:
    path = f"/values/versions?indicator={INVESTMENT.id}&locality=40&period=2024-11"
    [version] = (await reader.get(path)).json()["items"]
    assert version["value"] == "11.000"


async def test_overview_has_tiles_and_places(reader: World) -> None:
    page = (await reader.get("/overview")).json()
    [tile] = page["tiles"]
    assert tile["value"]["value"] == "12.000"
    assert tile["judgement"] == "bad"
    assert tile["previous"] == "11.000"
    assert tile["change"] == "1.000"
    assert page["simulated_tiles"] == []
    assert page["indicators"][INVESTMENT.id]["unit"] == "billion_vnd"


async def test_locality_by_code_is_that_of_the_day(reader: World) -> None:
    old = await reader.get("/localities/16681?on=2025-01-01")
    new = await reader.get("/localities/16681?on=2025-07-01")
    assert [old.json()["id"], new.json()["id"]] == ["16681", WARDS[0]]
    assert (await reader.get("/localities/00000")).status_code == 404


async def test_probes_metrics_and_schema_need_no_log_in(anonymous: World) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/schema/openapi.json", "/schema"):
        answer = await anonymous.client.get(path)
        assert answer.status_code == 200, path
    text = (await anonymous.client.get("/metrics")).text
    assert 'ioc_http_requests_total{method="GET",route="/livez",status="200"}' in text


async def test_every_operation_is_named_and_explained(anonymous: World) -> None:
    document = (await anonymous.client.get("/schema/openapi.json")).json()
    operations = [
        operation for path in document["paths"].values() for operation in path.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert {"listValues", "getOverview", "createSession"} <= set(names)
    for operation in operations:
        assert operation["summary"], operation
    values = document["paths"]["/api/v1/values"]["get"]
    problem = values["responses"]["422"]["content"]["application/problem+json"]
    assert problem["examples"]
    assert values["responses"]["200"]["content"]["application/json"]["examples"]
    assert {p["name"] for p in values["parameters"]} >= {"from", "to", "indicator"}


@pytest.mark.parametrize(
    "query",
    [
        "to=9999",
        "to=9999-12-31",
        "from=0001",
        "frequency=school_year&indicator=socio_economic.investment_realised&from=0001",
        "frequency=year&indicator=socio_economic.investment_realised&to=9999-11",
        "agency=%00",
        "breakdown=%00",
        "cursor=" + write_cursor(["a\0", "", "", "", 1, 1]),
        "cursor=" + write_cursor(["a", "", "", "", 1, 2**63]),
        "cursor=" + write_cursor(["a", "", "", "", 1, -(2**63) - 1]),
    ],
)
async def test_no_query_is_a_fault_of_the_program(reader: World, query: str) -> None:
    answer = await reader.get(f"/values?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/query/")


async def test_any_tag_fits_what_is_there(reader: World) -> None:
    answer = await reader.get("/tier", **{"If-None-Match": "*"})
    assert (answer.status_code, answer.content) == (304, b"")
