"""What the guide prints to be sent to a tier works as printed."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from litestar import Litestar, Router

import city_node.observations
import federation.warehouse
from city_node.api.intake import intake_routes
from city_node.intake.ingest import Intake
from city_node.subsystems.environment import SUBSYSTEM
from federation.api.server import RestServer, listen
from federation.clock import ManualClock
from federation.service import Service
from federation.storage.pool import open_pool
from federation.warehouse.postgres import PostgresWarehouse
from tests.conftest import DatabaseFactory
from tests.integration.test_rest import APPS, PASSWORD, open_world
from tests.unit.node.sample import OWNED, PLACES
from tests.unit.views.world import INVESTMENT

NODE_APPS = (federation.warehouse.APP, city_node.observations.APP)
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "api.md"
ASKED = '"environment.rain", "limit": 500'


def program() -> str:
    found = re.search(r"```python\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert found
    assert ASKED in found[1]
    # Another indicator, and pages so short that the cursor is needed.
    return found[1].replace(ASKED, f'"{INVESTMENT.id}", "limit": 5')


async def test_the_client_of_the_guide_reads_all_pages(
    migrated_database: DatabaseFactory, tmp_path: Path
) -> None:
    client = tmp_path / "client.py"
    client.write_text(program(), encoding="utf-8")
    async with (
        open_world(await migrated_database(APPS), tmp_path) as world,
        Service("guide") as service,
    ):
        server = RestServer(world.app, listen("127.0.0.1", 0))
        service.run("rest", server.serve)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(client),
            f"http://127.0.0.1:{server.port}",
            PASSWORD,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        answered, failed = await process.communicate()
    assert process.returncode == 0, failed.decode()
    periods = [line.split()[1] for line in answered.decode().splitlines()]
    assert periods == [f"2024-{month:02d}" for month in range(1, 13)]


async def test_the_record_of_the_guide_lands_and_goes_by_its_key(
    migrated_database: DatabaseFactory,
) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    sent = re.search(r"8080(/\S+) --data '(\{.+?\n\})'\n(\{.+\})\n", guide, re.S)
    gone = re.search(r"-X DELETE .+?8080(/\S+)\n", guide, re.S)
    assert sent
    assert gone
    async with open_node_client(await migrated_database(NODE_APPS)) as client:
        landed = await client.post(sent[1], json=json.loads(sent[2]))
        assert (landed.status_code, landed.json()) == (200, json.loads(sent[3]))
        deleted = await client.delete(gone[1])
        assert deleted.json()["outcome"] == "deleted"


@asynccontextmanager
async def open_node_client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    pool = await open_pool(url, name="test")
    intake = Intake(
        pool=pool,
        warehouse=PostgresWarehouse(),
        subsystems={SUBSYSTEM.id: SUBSYSTEM},
        localities=PLACES,
        owned=OWNED,
        clock=ManualClock(datetime(2026, 11, 22, tzinfo=UTC)),
    )
    app = Litestar([Router("/api/v1", route_handlers=list(intake_routes(intake)))])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        yield client
    await pool.close()
