"""One real PostgreSQL per test run, and a fresh database for whoever asks.

The server is the product's own embedded one, in a temporary workspace; its data folder
goes when the run ends.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from federation.storage.embedded import EmbeddedPostgres
from federation.storage.entities import EntityApp
from federation.storage.migrations import migrate

DatabaseFactory = Callable[[Sequence[EntityApp]], Awaitable[str]]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def workspace_root() -> Iterator[Path]:
    """Give a short folder that an unprivileged server can enter."""
    with tempfile.TemporaryDirectory(prefix="ioc-") as name:
        root = Path(name)
        root.chmod(0o711)
        yield root


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server(workspace_root: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Give the run's server. Not durable: no test pulls the plug of the machine."""
    server = EmbeddedPostgres(
        workspace_root / "postgres",
        durable=False,
        settings={"shared_buffers": "256MB", "max_connections": "200"},
        state_folder=workspace_root / "state",
    )
    async with server:
        yield server


def new_name() -> str:
    """Return a database name nobody else has in this run."""
    return f"t{os.getpid()}_{next(_numbers)}"


async def drop_database(server: EmbeddedPostgres, url: str) -> None:
    """Drop a database, whoever is still connected to it."""
    name = url.rsplit("/", 1)[1]
    connection = await asyncpg.connect(server.admin_url())
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(postgres_server: EmbeddedPostgres) -> AsyncIterator[str]:
    """Give the address of an empty database, for one test."""
    url = await postgres_server.ensure_database(new_name())
    yield url
    await drop_database(postgres_server, url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_database_url(
    postgres_server: EmbeddedPostgres,
) -> AsyncIterator[str]:
    """Give the address of an empty database, for the tests of one file."""
    url = await postgres_server.ensure_database(new_name())
    yield url
    await drop_database(postgres_server, url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _templates() -> dict[tuple[EntityApp, ...], str]:
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def migrated_database(
    postgres_server: EmbeddedPostgres, _templates: dict[tuple[EntityApp, ...], str]
) -> AsyncIterator[DatabaseFactory]:
    """Give a function that makes a database with the schema of the given packages.

    The schema is migrated once per run and set of packages; then it is copied. So
    ``url = await migrated_database(APPS)`` takes some tens of milliseconds.
    """
    made: list[str] = []

    async def make(apps: Sequence[EntityApp]) -> str:
        key = tuple(apps)
        if key not in _templates:
            name = new_name()
            await migrate(await postgres_server.ensure_database(name), apps)
            _templates[key] = name
        url = await postgres_server.ensure_database(
            new_name(), template=_templates[key]
        )
        made.append(url)
        return url

    yield make
    for url in made:
        await drop_database(postgres_server, url)
