"""The client that the guide prints works as printed."""

import asyncio
import re
import sys
from pathlib import Path

from federation.api.server import RestServer, listen
from federation.service import Service
from tests.conftest import DatabaseFactory
from tests.integration.test_rest import APPS, PASSWORD, open_world
from tests.unit.views.world import INVESTMENT

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
