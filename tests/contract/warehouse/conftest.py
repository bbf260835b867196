"""Every test runs in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from federation.storage.pool import open_pool
from federation.warehouse import APP
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.postgres import PostgresWarehouse
from tests.contract.warehouse.world import World, route


@pytest_asyncio.fixture(params=["memory", "postgres"], loop_scope="session")
async def world(request: Any, migrated_database: Any) -> AsyncIterator[World]:
    if request.param == "memory":
        yield World(MemoryWarehouse(route))
        return
    pool = await open_pool(await migrated_database([APP]), name="test")
    yield World(PostgresWarehouse(route), pool)
    await pool.close()
