"""The two outboxes, behind one fixture."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import federation.catalogue
import federation.outbox
import federation.warehouse
from federation.outbox.store import OutboxLimits
from federation.storage.pool import PoolLimits, open_pool
from tests.conftest import DatabaseFactory
from tests.contract.outbox.harness import Harness, memory_harness, postgres_harness
from tests.contract.outbox.samples import RAIN, SPENT

APPS = (federation.catalogue.APP, federation.warehouse.APP, federation.outbox.APP)
LIMITS = OutboxLimits(frame_rows_max=10)


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def harness(
    request: pytest.FixtureRequest, migrated_database: DatabaseFactory
) -> AsyncIterator[Harness]:
    if request.param == "memory":
        made = memory_harness(LIMITS)
        await made.feed.know(RAIN, SPENT)
        yield made
        return
    url = await migrated_database(APPS)
    pool = await open_pool(url, name="test", limits=PoolLimits(connections_max=4))
    made = postgres_harness(pool, LIMITS)
    await made.feed.know(RAIN, SPENT)
    yield made
    await pool.close()
