"""The whole node: alone, and with a parent that does not answer."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from city_node import installed
from city_node.config import NodeSettings
from city_node.node import APPS, Node, open_node
from city_node.rollups import keep_rolled_up
from city_node.runtime import application, uplink_of
from federation.access.accounts import (
    Passwords,
    PasswordSource,
    ensure_administrator,
)
from federation.clock import SystemClock
from federation.observability.metrics import Metrics
from federation.service import Service
from federation.settings import load
from federation.storage.entities import open_entities
from tests.conftest import DatabaseFactory
from tests.unit.node.sample import SUBSYSTEM

ROOT = Path(__file__).parents[2]
PASSWORD = "a long password for tests"
WARDS = ("16681", "16690", "16702", "16708", "16732", "17920")
MEMBERS = ", ".join(
    f'{{ locality = "{code}@2025-07-01", from = 2025-07-01 }}' for code in WARDS
)
AREAS = f"""
[[area]]
id = "vinh"
parent = "40"
name = {{ vi = "Khu vực Vinh", en = "Vinh area" }}
members = [{MEMBERS}]
"""
CONFIG = """
workspace = "test"
data = "{folder}/data"
subsystems = ["{subsystem}"]
[tier]
id = "vinh"
name_vi = "Vinh"
name_en = "Vinh"
locality = "vinh"
[[areas]]
id = "vinh"
localities = ["vinh"]
includes_parts = true
[database]
url = "{url}"
[api]
port = {port}
[localities]
areas = ["{folder}/areas.toml"]
[administrator]
password = "{password}"
[parent]
address = "{parent}"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_config(
    folder: Path, url: str, *, subsystem: str, parent: str = "", port: int = 0
) -> Path:
    (folder / "areas.toml").write_text(AREAS)
    path = folder / "node.toml"
    path.write_text(
        CONFIG.format(
            folder=folder,
            url=url,
            subsystem=subsystem,
            parent=parent,
            port=port,
            password=PASSWORD,
        )
    )
    return path


@dataclass
class Running:
    """A node that runs, and a browser of somebody who is signed in."""

    node: Node
    client: httpx.AsyncClient

    async def push(self, key: str, ward: str, value: int) -> httpx.Response:
        fields = {
            "measure": "sum",
            "locality": f"{ward}@2025-07-01",
            "day": "2026-10-05",
            "value": value,
        }
        record = {
            "source": "office",
            "source_key": key,
            "kind": "figure",
            "fields": fields,
        }
        return await self.client.post("/api/v1/records/sample", json=record)

    async def values(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.client.get("/api/v1/values", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest_asyncio.fixture
async def running(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    migrated_database: DatabaseFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Running]:
    monkeypatch.setattr(installed, "_find", lambda name: SUBSYSTEM)
    url = await migrated_database(APPS)
    away = getattr(request, "param", "") == "parent away"
    parent = f"127.0.0.1:{free_port()}" if away else ""
    config = write_config(tmp_path, url, subsystem="sample", parent=parent)
    settings = load(NodeSettings, toml=config).values
    settings.data.mkdir()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(open_node(settings, clock=SystemClock()))
        await stack.enter_async_context(open_entities(url, APPS))
        service = await stack.enter_async_context(Service("test", metrics=metrics))
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64))
        source = PasswordSource(
            password=PASSWORD, generated_file=settings.password_file
        )
        await ensure_administrator(source, passwords=passwords, clock=node.clock)
        uplink = uplink_of(node)
        app = application(node, service, uplink, passwords, metrics)
        service.run("rollups", lambda: keep_rolled_up(node))
        if uplink is not None:
            service.run("uplink", uplink.run)
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://node"
            )
        )
        yield Running(node=node, client=client)


@pytest_asyncio.fixture
async def signed_in(running: Running) -> Running:
    answer = await running.client.post(
        "/api/v1/session", json={"username": "admin", "password": PASSWORD}
    )
    running.client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return running


@pytest.mark.parametrize("running", ["no parent", "parent away"], indirect=True)
async def test_a_city_works_alone(signed_in: Running) -> None:
    for row, ward in enumerate(WARDS[:4], start=1):
        assert (await signed_in.push(f"k{row}", ward, row)).status_code == 200
    assert (await signed_in.client.get("/readyz")).status_code == 200
    reported = await signed_in.values(indicator="sample.sum", basis="reported")
    assert [value["value"] for value in reported] == ["1", "2", "3", "4"]
    async with asyncio.timeout(20):
        while not (rolled := await signed_in.values(basis="rolled_up")):
            await asyncio.sleep(0.05)
    assert rolled[0]["locality"] == "vinh"
    assert rolled[0]["coverage"]["expected"] == len(WARDS)
    overview = await signed_in.client.get("/api/v1/overview")
    assert overview.status_code == 200


async def test_nothing_is_open_without_a_log_in(running: Running) -> None:
    client = running.client
    assert (await running.push("k", WARDS[0], 1)).status_code == 401
    for path in ("ingests", "values", "links", "feeds", "templates"):
        assert (await client.get(f"/api/v1/{path}")).status_code == 401
    answer = await client.delete("/api/v1/records/sample/office/k")
    assert answer.status_code == 401
    files = {"file": ("s.txt", b"sample\n")}
    answer = await client.post("/api/v1/files/sample", files=files)
    assert answer.status_code == 401


async def test_every_route_of_intake_is_documented(running: Running) -> None:
    schema = (await running.client.get("/schema/openapi.json")).json()
    routes = {
        (path, method)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "intake" in operation.get("tags", ())
    }
    assert routes == {
        ("/api/v1/records/{subsystem}", "post"),
        ("/api/v1/records/{subsystem}/bulk", "post"),
        ("/api/v1/records/{subsystem}/{source}/{source_key}", "delete"),
        ("/api/v1/files/{subsystem}", "post"),
        ("/api/v1/ingests", "get"),
        ("/api/v1/ingests/{run}", "get"),
        ("/api/v1/feeds", "get"),
        ("/api/v1/templates", "get"),
        ("/api/v1/templates/{subsystem}", "get"),
        ("/api/v1/templates/{subsystem}", "post"),
    }


async def run_command(*arguments: str) -> tuple[int, str, str]:
    """Run ``city-node`` as a process; return its exit code and what it printed."""
    process = await start_command(*arguments)
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def start_command(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from city_node.cli import main; main()",
        *arguments,
        cwd=ROOT,
        env=os.environ | {"LANG": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


WEATHER = """year,month,station,Ta,Tx,Tm,Rf,aH,rH,Sh
1961,1,Vinh,17.0,20.4,14.5,43.9,16.9,86.0,87.9
"""
OLD_VINH = """
[[place]]
id = "412"
level = "district"
parent = "40"
name = { vi = "Thành phố Vinh", en = "Vinh City" }
valid_to = 2024-11-30
"""


async def test_the_commands_keep_their_exit_codes(
    tmp_path: Path, database_url: str
) -> None:
    port = free_port()
    config = write_config(tmp_path, database_url, subsystem="environment", port=port)
    member = '{ locality = "412", to = 2024-11-30 }, '
    areas = AREAS.replace("members = [", f"members = [{member}") + OLD_VINH
    (tmp_path / "areas.toml").write_text(areas)
    good, mixed, photo = (tmp_path / name for name in ("w.csv", "m.csv", "p.jpg"))
    good.write_text(WEATHER)
    mixed.write_text(WEATHER + "2039,1,Vinh,17.0,20.4,14.5,43.9,16.9,86.0,87.9\n")
    photo.write_bytes(b"\xff\xd8")
    where = ("--config", str(config))
    code, _, said = await run_command("ingest", "environment", str(good), *where)
    assert code == 0, said
    code, out, said = await run_command(
        "ingest", "environment", str(mixed), *where, "--explain", "--json"
    )
    assert code == 0, said
    assert [each["records"] for each in json.loads(out)["sheets"]] == [2]
    code, out, _ = await run_command(
        "ingest", "environment", str(mixed), *where, "--json"
    )
    report = json.loads(out)
    assert code == 1
    assert (report["unchanged"], report["rejected_count"]) == (1, 1)
    assert report["rejected"][0]["place"]["row"] == 3
    code, _, said = await run_command("ingest", "environment", str(photo), *where)
    assert code == 2
    assert "p.jpg" in said


async def test_serve_answers_and_ends_in_order(
    tmp_path: Path, database_url: str
) -> None:
    port = free_port()
    config = write_config(tmp_path, database_url, subsystem="environment", port=port)
    process = await start_command("serve", "--config", str(config))
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while True:
                try:
                    answer = await client.get(f"http://127.0.0.1:{port}/readyz")
                    break
                except httpx.TransportError:
                    assert process.returncode is None
                    await asyncio.sleep(0.1)
        assert answer.status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"},
    ],
)
async def test_another_page_changes_nothing_with_the_cookie_of_a_browser(
    signed_in: Running, sent: dict[str, str]
) -> None:
    client = signed_in.client
    token = client.headers.pop("authorization").split()[1]
    name = (await client.get("/schema/openapi.json")).json()["components"][
        "securitySchemes"
    ]["cookie"]["name"]
    cookie = {"Cookie": f"{name}={token}"}
    path = "/api/v1/records/sample/bulk"
    body = b'{"records":[]}'
    refused = await client.post(path, content=body, headers=cookie | sent)
    assert refused.status_code == 403, refused.text
    own = await client.post(
        path, content=body, headers=cookie | {"Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 200, own.text
