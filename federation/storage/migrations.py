"""Bringing a database to the newest schema.

Each package keeps numbered migration modules (``0001_initial.py``, …) with the ORM's
operations for entities and ``RunSQL`` for hot tables, in one ordered history. All that
is missing runs in one transaction under an advisory lock. So two processes can start at
once, and a crash in the middle leaves the old schema, never half of the new one.
The price: an operation that can't run in a transaction (``CREATE INDEX CONCURRENTLY``)
can't be a migration.

A package adds itself like this::

    # somewhere/rows/__init__.py or models' home
    APP = EntityApp(
        label="places",
        models=("province.places.models",),
        migrations="province.places.migrations",
    )

    # province/places/migrations/0002_hot_table.py
    from tortoise import migrations
    from tortoise.migrations import operations as ops

    class Migration(migrations.Migration):
        dependencies = [("places", "0001_initial")]
        operations = [ops.RunSQL("CREATE TABLE …", reverse_sql="DROP TABLE …")]

``python -m federation.storage.write_migration APP_IMPORT`` writes the module for
changed models.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import structlog
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from federation.storage.entities import (
    CONNECTION_NAME,
    EntityApp,
    migration_config,
    orm_config,
)
from federation.storage.errors import StorageError, classify, storage_error
from federation.storage.pool import DRIVER_ERRORS, PoolLimits, retried

MIGRATION_LOCK = 4_711_002
"""The advisory lock of a database under which its schema changes."""

LOCK_WAIT_S = 300.0
"""How long another process may take for its migration before this one gives up."""

log = structlog.get_logger(__name__)


async def migrate(
    url: str, apps: Sequence[EntityApp], *, lock_wait_s: float = LOCK_WAIT_S
) -> list[str]:
    """Bring a database to the newest schema of the given packages.

    Args:
        url: The database's address; its role must own the database.
        apps: Every package that keeps rows in it. Packages may depend on each other's
            migrations, so a program always passes all of its own.
        lock_wait_s: How long to wait for another process that is migrating.

    Returns:
        What was applied, in order, as ``label.name``; empty when nothing was missing.

    Raises:
        StorageError: The database can't be reached (retriable), is newer than this
            program, or a migration failed and was undone (permanent).
    """
    await _wait_for(url)
    applied: list[str] = []

    def note(event: str, label: str, name: str) -> None:
        if event == "apply_done":
            applied.append(f"{label}.{name}")

    config = orm_config(url, apps, connections_max=1)
    async with TortoiseContext() as context:
        await context.init(config=config)
        try:
            async with in_transaction(CONNECTION_NAME) as client:
                await client.execute_script(
                    f"SET LOCAL lock_timeout = '{lock_wait_s:.0f}s';"
                    "SET LOCAL statement_timeout = 0;"
                    "SET LOCAL client_min_messages = warning;"
                    f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK});"
                )
                executor = MigrationExecutor(client, migration_config(apps))
                # Reading a missing history would end the transaction.
                await executor.recorder.ensure_schema(executor._schema_editor(False))
                await executor.loader.build_graph()
                _refuse_newer(executor, {app.label for app in apps})
                await executor.migrate(direction="forward", progress=note)
        except StorageError:
            raise
        except DRIVER_ERRORS as error:
            raise classify(error, doing=_doing(applied)) from error
        except (OperationalError, DBConnectionError) as error:
            raise classify(error.__cause__ or error, doing=_doing(applied)) from error
    if applied:
        log.info("schema_migrated", applied=applied)
    return applied


def _doing(applied: list[str]) -> str:
    return f"migration after {applied[-1]}" if applied else "migration"


async def _wait_for(url: str) -> None:
    async def answered() -> None:
        connection = await asyncpg.connect(url, timeout=10)
        await connection.close()

    await retried(answered, doing="migration", limits=PoolLimits())


def _refuse_newer(executor: MigrationExecutor, labels: set[str]) -> None:
    """Refuse a database that a later release of the program has already changed."""
    unknown = sorted(
        f"{key.app_label}.{key.name}"
        for key in executor.loader.applied_migrations
        if key.app_label in labels and key not in executor.loader.graph.nodes
    )
    if unknown:
        names = ", ".join(unknown)
        raise storage_error(
            "schema_newer",
            vi=f"Cơ sở dữ liệu mới hơn chương trình này (đã có: {names}). Cài phiên "
            "bản mới, hoặc khôi phục bản sao lưu từ trước khi nâng cấp.",
            en=f"The database is newer than this program (it has: {names}). Install "
            "the newer release, or restore the backup from before the upgrade.",
        )


async def missing_migrations(apps: Sequence[EntityApp]) -> list[str]:
    """Return the labels whose models changed and have no migration for it (tests)."""
    config = orm_config("postgresql://none@127.0.0.1/none", apps)
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            return []
        writers = await MigrationAutodetector(
            context.apps, migration_config(apps)
        ).changes()
    return [writer.app_label for writer in writers]
