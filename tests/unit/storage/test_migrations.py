"""What ``migrate`` promises."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from federation.storage.entities import EntityApp, open_entities
from federation.storage.errors import StorageError
from federation.storage.migrations import migrate, missing_migrations
from tests.conftest import DatabaseFactory
from tests.unit.storage.places import APP
from tests.unit.storage.places.models import Place

BROKEN = EntityApp(
    label="places", models=APP.models, migrations="tests.unit.storage.places_broken"
)
HISTORY = ["places.0001_initial", "places.0002_reading"]


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT relname FROM pg_stat_user_tables")
    await connection.close()
    return {row["relname"] for row in rows}


async def test_brings_an_empty_database_to_the_newest_schema(database_url: str) -> None:
    assert await migrate(database_url, [APP]) == HISTORY
    assert {"place", "reading"} <= await tables(database_url)


async def test_second_run_changes_nothing(database_url: str) -> None:
    await migrate(database_url, [APP])
    assert await migrate(database_url, [APP]) == []


async def test_several_processes_at_once_apply_each_migration_once(
    database_url: str,
) -> None:
    runs = await asyncio.gather(*(migrate(database_url, [APP]) for _ in range(4)))
    assert sorted(runs) == [[], [], [], HISTORY]


async def test_failed_migration_leaves_the_schema_as_it_was(database_url: str) -> None:
    with pytest.raises(StorageError) as caught:
        await migrate(database_url, [BROKEN])
    assert not caught.value.retriable
    assert await tables(database_url) == set()
    assert await migrate(database_url, [APP]) == HISTORY


async def test_database_newer_than_the_program_is_refused(database_url: str) -> None:
    await migrate(database_url, [APP])
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        "VALUES ('places', '0099_tomorrow', now())"
    )
    await connection.close()
    with pytest.raises(StorageError, match=r"places\.0099_tomorrow"):
        await migrate(database_url, [APP])


async def test_models_and_history_agree() -> None:
    assert await missing_migrations([APP]) == []


async def test_entity_and_hot_table_live_together(
    migrated_database: DatabaseFactory,
) -> None:
    url = await migrated_database([APP])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    async with open_entities(url, [APP]):
        place = await Place.create(code="40", name="Nghệ An", since=since)
        assert (await Place.get(code="40")).name == "Nghệ An"
    connection = await asyncpg.connect(url)
    rows = [(place.id, since, 20), (place.id, datetime(2026, 1, 2, tzinfo=UTC), None)]
    await connection.copy_records_to_table("reading", records=rows)
    assert await connection.fetchval("SELECT count(*) FROM reading") == 2
    await connection.close()
