"""What the pool and the classification of errors promise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from federation.errors import ErrorCode, FederationError
from federation.storage.embedded import EmbeddedPostgres
from federation.storage.errors import StorageError, classify, is_retriable
from federation.storage.pool import Pool, PoolLimits, check, open_pool, transaction

SHORT = PoolLimits(statement_timeout_s=0.1, start_patience_s=0.3, lock_timeout_s=0.05)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    made = await open_pool(database_url, name="sample", limits=SHORT)
    yield made
    await made.close()


async def test_block_is_committed_whole_or_not_at_all(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await connection.execute("CREATE TABLE fact (number integer PRIMARY KEY)")
        await connection.execute("INSERT INTO fact VALUES (1)")
    with pytest.raises(ZeroDivisionError):
        async with transaction(pool) as connection:
            await connection.execute("INSERT INTO fact VALUES (2)")
            raise ZeroDivisionError
    with pytest.raises(StorageError) as caught:
        async with transaction(pool) as connection:
            await connection.execute("INSERT INTO fact VALUES (3), (1)")
    assert not caught.value.retriable
    assert await pool.fetchval("SELECT array_agg(number) FROM fact") == [1]


async def test_slow_statement_is_ended_and_may_be_retried(pool: Pool) -> None:
    with pytest.raises(StorageError) as caught:
        async with transaction(pool) as connection:
            await connection.execute("SELECT pg_sleep(30)")
    assert caught.value.retriable
    await check(pool)


async def test_lost_connection_may_be_retried_and_the_pool_recovers(
    pool: Pool,
) -> None:
    with pytest.raises(StorageError) as caught:
        async with transaction(pool) as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            await pool.execute("SELECT pg_terminate_backend($1)", pid)
            await connection.fetchval("SELECT 1")
    assert caught.value.retriable
    await check(pool)


async def test_wrong_password_is_permanent(postgres_server: EmbeddedPostgres) -> None:
    url = f"postgresql://ioc_admin:wrong@127.0.0.1:{postgres_server.port}/postgres"
    with pytest.raises(StorageError) as caught:
        await open_pool(url, name="sample", limits=SHORT)
    assert not caught.value.retriable
    assert "wrong" not in str(caught.value)


async def test_absent_server_is_waited_for_then_told_as_retriable() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(StorageError) as caught:
        await open_pool(
            f"postgresql://a:b@127.0.0.1:{port}/d", name="sample", limits=SHORT
        )
    assert caught.value.code is ErrorCode.STORAGE_UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "retriable"),
    [
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.SerializationError("x"), True),
        (asyncpg.CannotConnectNowError("x"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.TooManyConnectionsError("x"), True),
        (asyncpg.LockNotAvailableError("x"), True),
        (asyncpg.ConnectionDoesNotExistError("x"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.UndefinedTableError("x"), False),
        (asyncpg.InvalidPasswordError("x"), False),
        (asyncpg.InterfaceError("cannot perform operation: wrong use"), False),
        (FederationError(ErrorCode.UNAVAILABLE, "x", "x"), True),
        (ValueError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_driver_errors_are_retriable_or_permanent(
    error: Exception, retriable: bool
) -> None:
    assert is_retriable(error) is retriable
    assert classify(error, doing="test").retriable is retriable
