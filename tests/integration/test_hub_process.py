"""Two hubs as real processes on a real database: one tier, and the tier above it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from federation.catalogue.store import Catalogue
from federation.model.indicator import Basis
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.pool import open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming
from province_hub.hub import APPS
from province_hub.passing import Passing
from tests.conftest import DatabaseFactory
from tests.unit.views.world import INVESTMENT, knowledge, row

NOW = datetime(2025, 2, 5, tzinfo=UTC)
PATIENCE_S = 60.0
PASSWORD = "correct horse battery"
ENVIRONMENT = {"IOC_LANGUAGE": "en", "NO_COLOR": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A hub as a process, with its files."""

    folder: Path
    tier: str
    level: str
    locality: str
    database_url: str
    parent: str = ""
    rest_port: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "hub.toml"

    @property
    def ticket(self) -> Path:
        return self.folder / "ticket"

    def write(self) -> None:
        self.folder.mkdir()
        (self.folder / "database.url").write_text(self.database_url + "\n")
        (self.folder / "password").write_text(PASSWORD + "\n")
        lines = [
            'workspace = "test"',
            f'data = "{self.folder / "data"}"',
            "[tier]",
            f'id = "{self.tier}"',
            f'level = "{self.level}"',
            'name_vi = "Cấp"',
            'name_en = "Tier"',
            f'locality = "{self.locality}"',
            "[database]",
            f'url_file = "{self.folder / "database.url"}"',
            "[api]",
            f"port = {self.rest_port}",
            "[uplinks]",
            f"port = {self.grpc_port}",
            "[administrator]",
            f'password_file = "{self.folder / "password"}"',
        ]
        if self.level == "nation":
            owed = self.folder / "owed.toml"
            owed.write_text(
                f'[[owed]]\nindicator = "{INVESTMENT.id}"\nlevel = "province"\n'
            )
            lines += ["[reporting]", f'obligations = ["{owed}"]']
        if self.parent:
            lines += [
                "[parent]",
                f'address = "{self.parent}"',
                f'token_file = "{self.ticket}"',
            ]
        self.config.write_text("\n".join(lines) + "\n")

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*PROGRAM, *arguments, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            env=os.environ | ENVIRONMENT,
        )

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                [*PROGRAM, "serve", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                env=os.environ | ENVIRONMENT,
            )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.running is not None
        self.running.send_signal(number)
        return self.running.wait(timeout=PATIENCE_S)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.rest_port}")

    async def ready(self) -> None:
        async def check() -> bool:
            assert self.running is not None
            assert self.running.poll() is None, self.log()
            try:
                async with self.client() as client:
                    return (await client.get("/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(check, self.log)

    @asynccontextmanager
    async def logged_in(self) -> AsyncIterator[httpx.AsyncClient]:
        async with self.client() as client:
            answer = await client.post(
                "/api/v1/session", json={"username": "admin", "password": PASSWORD}
            )
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            client.cookies.clear()
            yield client


PROGRAM = [sys.executable, "-c", "from province_hub.cli import main; main()"]


async def until(check: Callable[[], Awaitable[bool]], why: Callable[[], str]) -> None:
    """Return when a condition holds that only another process can bring about."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await check():
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(why())


@pytest_asyncio.fixture
async def hubs(
    migrated_database: DatabaseFactory, tmp_path: Path
) -> AsyncIterator[tuple[Process, Process]]:
    """Give the upper hub and the lower one, configured and not started."""
    upper = Process(
        folder=tmp_path / "upper",
        tier="vn",
        level="nation",
        locality="VN",
        database_url=await migrated_database(APPS),
    )
    lower = Process(
        folder=tmp_path / "lower",
        tier="nghe-an",
        level="province",
        locality="40",
        database_url=await migrated_database(APPS),
        parent=f"127.0.0.1:{upper.grpc_port}",
    )
    upper.write()
    lower.write()
    yield upper, lower
    for hub in (lower, upper):
        if hub.running is not None and hub.running.poll() is None:
            hub.running.kill()
            hub.running.wait()


async def given_values(hub: Process, november: int) -> None:
    """Put figures into a hub's warehouse as if its departments had sent them."""
    pool = await open_pool(hub.database_url, name="test")
    try:
        async with transaction(pool) as connection:
            catalogue = Catalogue()
            await catalogue.refresh(connection)
            contracts = [INVESTMENT]
            await catalogue.put_indicators(connection, contracts, known_at=NOW)
            await catalogue.put_agencies(connection, knowledge().agencies)
            rows = [
                row(INVESTMENT, "2024-11", november, agency="H41.STC"),
                row(INVESTMENT, "2024-12", 1_263_197, agency="H41.STC"),
            ]
            await PostgresWarehouse(Passing(hub.tier, catalogue)).apply(
                connection,
                [
                    Incoming(row=one, contract_hash=INVESTMENT.contract_hash)
                    for one in rows
                ],
                known_at=NOW,
            )
    finally:
        await pool.close()


async def values(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(
        "/api/v1/values", params={"indicator": INVESTMENT.id, "basis": "reported"}
    )
    if answer.status_code != 200:
        return {}
    return {item["period"]: item for item in answer.json()["items"]}


async def figures_arrive(
    above: httpx.AsyncClient, lower: Process, log: Callable[[], str]
) -> None:
    """Check a figure, its correction, and that both versions are kept."""

    async def arrived() -> bool:
        return (await values(above)).get("2024-11", {}).get("value") == "1213.000"

    await until(arrived, log)
    seen = (await values(above))["2024-11"]
    assert seen["provenance"] == "file"
    assert seen["locality"] == "40"
    assert seen["origin"]["stream"] == "nghe-an"
    await given_values(lower, 1_213_849)

    async def corrected() -> bool:
        return (await values(above))["2024-11"]["value"] == "1213.849"

    await until(corrected, log)
    versions = await above.get(
        "/api/v1/values/versions",
        params={
            "indicator": INVESTMENT.id,
            "locality": "40",
            "period": "2024-11",
            "basis": Basis.REPORTED.slug,
        },
    )
    told = [item["value"] for item in versions.json()["items"]]
    assert told == ["1213.849", "1213.000"]


async def tiers_are_in_step(
    above: httpx.AsyncClient, below: httpx.AsyncClient, log: Callable[[], str]
) -> None:
    """Check what both sides of the link say of it."""

    async def in_step() -> bool:
        [link] = (await below.get("/api/v1/links")).json()["items"]
        [child] = (await above.get("/api/v1/children")).json()["items"]
        return bool(
            link["state"] == "connected"
            and link["pending_rows"] == 0
            and link["acknowledged"] == link["sealed"] == child["projected"]
            and child["connected"]
        )

    await until(in_step, log)
    [child] = (await above.get("/api/v1/children")).json()["items"]
    assert (child["stream"], child["node"], child["dead_letters"]) == (
        "nghe-an",
        "nghe-an",
        0,
    )


async def overview_shows_coverage(above: httpx.AsyncClient) -> None:
    [tile] = (await above.get("/api/v1/overview")).json()["tiles"]
    assert (tile["locality"], tile["basis"]) == ("VN", "rolled_up")
    assert tile["value"]["value"] == "1263.197"
    coverage = tile["value"]["coverage"]
    assert (coverage["reported"], coverage["expected"]) == (1, 34)
    assert len(coverage["missing"]) == 20
    assert "40" not in coverage["missing"]


def commands_agree(upper: Process, lower: Process) -> None:
    status = upper.command("status", "--json")
    assert status.returncode == 0, status.stderr
    shown = json.loads(status.stdout)
    assert shown["ready"]
    assert shown["children"][0]["stream"] == "nghe-an"
    table = lower.command("status")
    assert table.returncode == 0
    assert "nghe-an" in table.stdout
    nodes = upper.command("nodes", "list", "--json")
    assert json.loads(nodes.stdout)[0]["streams"] == ["nghe-an"]
    doctor = lower.command("doctor", "--json")
    assert doctor.returncode == 0, doctor.stdout


async def test_figures_reach_the_upper_hub_and_every_route_answers(
    hubs: tuple[Process, Process],
) -> None:
    upper, lower = hubs

    def log() -> str:
        return lower.log() + upper.log()

    upper.start()
    await upper.ready()
    made = upper.command(
        "token", "create", "--node", "nghe-an", "--area", "nghe-an=40:parts",
        "--out", str(lower.ticket),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    await given_values(lower, 1_213_000)
    lower.start()
    await lower.ready()
    async with upper.logged_in() as above, lower.logged_in() as below:
        await figures_arrive(above, lower, log)
        for path in ("tier", "overview", "localities", "indicators", "links", "values"):
            for client in (above, below):
                answer = await client.get(f"/api/v1/{path}")
                assert answer.status_code == 200, answer.text
        await tiers_are_in_step(above, below, log)
        await overview_shows_coverage(above)
    commands_agree(upper, lower)
    assert (lower.stop(), upper.stop()) == (0, 0), log()


async def test_hub_that_lost_its_database_says_so_and_comes_back(
    hubs: tuple[Process, Process], postgres_server: EmbeddedPostgres
) -> None:
    upper, _ = hubs
    upper.start()
    await upper.ready()
    postgres_server.kill()
    async with upper.client() as client:
        answer = await client.get("/readyz", timeout=PATIENCE_S)
        assert answer.status_code == 503
        assert (await client.get("/livez")).status_code == 200
    await postgres_server.restart()
    await upper.ready()
    assert upper.stop() == 0, upper.log()


async def test_commands_say_what_is_wrong_and_what_to_do(
    hubs: tuple[Process, Process],
) -> None:
    upper, _ = hubs
    silent = upper.command("status")
    assert silent.returncode == 4
    assert "serve" in silent.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", upper.rest_port))
        taken.listen()
        serve = upper.command("serve")
        assert serve.returncode == 3
        assert "api.port" in serve.stderr
        doctor = upper.command("doctor")
        assert doctor.returncode == 1
        assert "ss -ltnp" in doctor.stdout
    unknown = upper.command("token", "create", "--node", "x", "--area", "x=99999")
    assert unknown.returncode == 5
    assert "99999" in unknown.stderr
    shown = upper.command("config", "show", "--sources", "--json")
    rows = {entry["name"]: entry for entry in json.loads(shown.stdout)}
    assert rows["database.url"]["value"] == "********"
    assert rows["tier.id"]["source"].endswith("hub.toml")
    upper.config.write_text("[tier]\n")
    wrong = upper.command("doctor")
    assert wrong.returncode == 1
    assert "Field required" in wrong.stdout


async def test_a_time_lost_in_a_restore_is_told_to_readers(
    hubs: tuple[Process, Process],
) -> None:
    upper, _ = hubs
    upper.start()
    await upper.ready()
    lost = ("--since", "2026-05-01T02:00:00+07:00", "--until")
    until = "2026-05-02T09:30:00+07:00"
    noted = upper.command("history", "lost", *lost, until, "--reason", "restored")
    assert noted.returncode == 0, noted.stderr
    wrong = upper.command("history", "lost", *lost, "2026-04-30T00:00:00")
    assert wrong.returncode != 0
    assert "--until" in wrong.stderr
    async with upper.logged_in() as client:
        answer = await client.get("/api/v1/values?as_of=2026-05-01T12:00:00Z")
        assert answer.status_code == 200, answer.text
        assert answer.json()["known_since"] == "2026-05-02T02:30:00+00:00"
    assert upper.stop() == 0


async def test_password_can_be_reset(hubs: tuple[Process, Process]) -> None:
    upper, _ = hubs
    upper.start()
    await upper.ready()
    async with upper.logged_in() as client:
        assert (await client.get("/api/v1/tier")).status_code == 200
        done = upper.command("admin", "reset-password")
        assert done.returncode == 0, done.stderr
        assert (await client.get("/api/v1/tier")).status_code == 401
        made = upper.folder / "data" / "administrator.password"
        answer = await client.post(
            "/api/v1/session",
            json={"username": "admin", "password": made.read_text().strip()},
        )
        assert answer.status_code == 201
    assert upper.stop() == 0
