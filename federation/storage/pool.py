"""Connections for the hot path: COPY and set-based SQL through asyncpg.

A pool waits for a database that is not there yet, gives every statement a time limit,
and never keeps a transaction open behind a client that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, TypeAlias, TypeVar

import asyncpg
import structlog

from federation.storage.errors import StorageError, classify, is_retriable

# The driver's classes are generic for the type checker only, hence the quotes.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
PooledConnection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Answer = TypeVar("Answer")
Isolation = Literal["read_committed", "repeatable_read", "serializable"]

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""What the driver may raise; everything else is a fault of the program."""

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """How many connections, and how long anything may take."""

    connections_min: int = 1
    connections_max: int = 8
    """At the limit, ``acquire`` waits ``acquire_timeout_s`` and then fails."""
    acquire_timeout_s: float = 30.0
    statement_timeout_s: float = 60.0
    """PostgreSQL cancels a statement after it."""
    command_timeout_s: float = 75.0
    """The driver gives up after it, when the server itself is silent."""
    lock_timeout_s: float = 20.0
    start_patience_s: float = 60.0
    """How long to try for a database that does not answer yet."""
    retry_interval_s: float = 0.1
    retry_interval_max_s: float = 3.0


DEFAULT_LIMITS = PoolLimits()


async def open_pool(
    url: str, *, name: str, limits: PoolLimits = DEFAULT_LIMITS
) -> Pool:
    """Open a pool, waiting for the database while it is only unavailable.

    Args:
        url: ``postgresql://user:password@host:port/database``.
        name: Shown as ``application_name`` in ``pg_stat_activity``.
        limits: Sizes and times.

    Raises:
        StorageError: The database refused (permanent: password, no such database) or
            stayed away for ``start_patience_s`` (retriable).
    """
    settings = {
        "application_name": name,
        "timezone": "UTC",
        "statement_timeout": f"{limits.statement_timeout_s * 1000:.0f}",
        "lock_timeout": f"{limits.lock_timeout_s * 1000:.0f}",
        "idle_in_transaction_session_timeout": "300000",
    }

    async def opened() -> Pool:
        pool = asyncpg.create_pool(
            url,
            min_size=limits.connections_min,
            max_size=limits.connections_max,
            command_timeout=limits.command_timeout_s,
            timeout=limits.acquire_timeout_s,
            server_settings=settings,
        )
        try:
            return await pool
        except BaseException:
            pool.terminate()
            raise

    return await retried(opened, doing=f"open pool {name}", limits=limits)


async def retried(
    call: Callable[[], Awaitable[Answer]],
    *,
    doing: str,
    limits: PoolLimits = DEFAULT_LIMITS,
) -> Answer:
    """Return what a call returns, repeating it while its error is retriable.

    Only for work that may be repeated whole, such as one transaction.

    Raises:
        StorageError: The error is permanent, or ``start_patience_s`` is over.
    """
    deadline = time.monotonic() + limits.start_patience_s
    interval_s = limits.retry_interval_s
    told = False
    while True:
        try:
            answer = await call()
        except (*DRIVER_ERRORS, StorageError) as error:
            if not is_retriable(error) or time.monotonic() > deadline:
                if isinstance(error, StorageError):
                    raise
                raise classify(error, doing=doing) from error
            if not told:
                log.warning("database_waited_for", doing=doing, why=str(error))
                told = True
            await asyncio.sleep(interval_s)
            interval_s = min(interval_s * 2, limits.retry_interval_max_s)
        else:
            if told:
                log.info("database_answers_again", doing=doing)
            return answer


@contextlib.asynccontextmanager
async def transaction(
    pool: Pool,
    *,
    doing: str = "transaction",
    isolation: Isolation = "read_committed",
    readonly: bool = False,
) -> AsyncIterator[PooledConnection]:
    """Give a connection inside a transaction: committed on leaving, undone on error.

    Raises:
        StorageError: For an error of the driver; ``retriable`` says whether the whole
            block may be repeated. After a lost connection a commit may still have
            happened: what is repeated must be safe to repeat.
    """
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation=isolation, readonly=readonly),
        ):
            yield connection
    except DRIVER_ERRORS as error:
        raise classify(error, doing=doing) from error


async def check(pool: Pool) -> None:
    """Return when the database answers; raise ``StorageError`` when it does not."""
    try:
        await pool.fetchval("SELECT 1", timeout=5)
    except DRIVER_ERRORS as error:
        raise classify(error, doing="check") from error
