"""What a tier knows of indicators and names, through restarts and rollbacks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio

from federation.catalogue import APP
from federation.catalogue.store import Catalogue
from federation.model.indicator import MergeRule, Text
from federation.model.period import Calendar, Frequency, Window
from federation.model.row import SeriesKey
from federation.storage.pool import Pool, open_pool, transaction
from federation.wire.payload import AnnouncedSubsystem, Obligation, WithheldSeries
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
TEXT = Text(vi="Mưa", en="Rain")
PARKING = AnnouncedSubsystem(id="parking", name=TEXT, owner_agency="H41.SXD")
RAIN = an_indicator(
    "environment.rain",
    name=TEXT,
    unit="mm",
    scale=1,
    decimals=1,
    over_place=MergeRule.NONE,
    owner_agency="H41.SNNMT",
    dimensions=("station", "kind"),
    target=5,
)
RELABELLED = replace(RAIN, name=Text(vi="Lượng mưa", en="Rainfall"))
OTHER = replace(RAIN, scale=2)


@pytest_asyncio.fixture(loop_scope="session")
async def pool(migrated_database: Any) -> AsyncIterator[Pool]:
    opened = await open_pool(await migrated_database([APP]), name="test")
    yield opened
    await opened.close()


async def read_again(pool: Pool) -> Catalogue:
    catalogue = Catalogue()
    async with transaction(pool) as connection:
        await catalogue.refresh(connection)
    return catalogue


async def test_everything_comes_back_after_a_restart(pool: Pool) -> None:
    window = Window(
        frequency=Frequency.MONTH,
        start=1,
        first_day=date(1970, 1, 2),
        end_day=date(1970, 2, 1),
    )
    police = Calendar(
        id="police", name_vi="x", name_en="y", time_zone="UTC", windows=(window,)
    )
    owed = Obligation(indicator=RAIN.id, locality="412", agency="", from_day=3)
    key = SeriesKey(indicator=RAIN.id, locality="412", breakdown="station=a")
    withheld = WithheldSeries(key=key, ground="Luật 91/2025")
    catalogue = Catalogue()
    async with transaction(pool) as connection:
        await catalogue.put_indicators(connection, [RAIN], known_at=NOW)
        await catalogue.put_calendars(connection, [police], known_at=NOW)
        await catalogue.put_agencies(connection, {"H41.STC": TEXT})
        await catalogue.put_sources(connection, {"portal": TEXT})
        await catalogue.put_subsystems(connection, [PARKING])
        await catalogue.put_obligations(connection, "vinh", [owed])
        await catalogue.put_withheld(connection, "vinh", [withheld])
    for known in (catalogue, await read_again(pool)):
        assert known.indicators[RAIN.id].contract_hash == RAIN.contract_hash
        assert known.indicators[RAIN.id].target == 5
        assert known.calendars["police"] == police
        assert {"vn", "utc"} <= known.calendars.keys()
        assert (known.agencies["H41.STC"], known.sources["portal"]) == (TEXT, TEXT)
        assert known.subsystems["parking"] == PARKING
        assert "health" in known.subsystems
        assert known.obligations("vinh") == known.obligations() == {owed}
        assert known.withheld == {key: "Luật 91/2025"}


async def test_a_series_that_is_shared_again_is_withheld_no_more() -> None:
    catalogue = Catalogue()
    key = SeriesKey(indicator=RAIN.id, locality="412")
    withheld = WithheldSeries(key=key, ground="x")
    await catalogue.put_withheld(None, "vinh", [withheld])
    await catalogue.put_withheld(None, "vinh", [replace(withheld, ended=True)])
    assert catalogue.withheld == {}


async def test_an_obligation_announced_with_its_end_ends() -> None:
    catalogue = Catalogue()
    owed = Obligation(indicator=RAIN.id, locality="412", agency="", from_day=3)
    await catalogue.put_obligations(None, "vinh", [owed])
    await catalogue.put_obligations(None, "vinh", [replace(owed, to_day=9)])
    assert catalogue.obligations() == {replace(owed, to_day=9)}


async def test_putting_the_same_again_is_no_change(pool: Pool) -> None:
    catalogue = Catalogue()
    async with transaction(pool) as connection:
        assert await catalogue.put_indicators(connection, [RAIN], known_at=NOW)
        await catalogue.refresh(connection)
        assert not await catalogue.put_indicators(connection, [RAIN], known_at=NOW)
        version = "SELECT version FROM catalogue_version"
        assert await connection.fetchval(version) == 1


async def test_an_own_contract_always_replaces() -> None:
    catalogue = Catalogue()
    await catalogue.put_indicators(None, [RAIN], known_at=NOW)
    assert await catalogue.put_indicators(None, [OTHER], known_at=NOW) == [RAIN.id]
    assert catalogue.indicators[RAIN.id] == OTHER


async def test_of_two_announced_contracts_the_first_stands() -> None:
    catalogue = Catalogue()
    await catalogue.announce_indicators(None, [RAIN], known_at=NOW)
    assert not await catalogue.announce_indicators(None, [OTHER], known_at=NOW)
    assert catalogue.indicators[RAIN.id] == RAIN


async def test_a_higher_definition_version_replaces() -> None:
    catalogue = Catalogue()
    newer = replace(OTHER, definition_version=2)
    await catalogue.announce_indicators(None, [RAIN], known_at=NOW)
    await catalogue.announce_indicators(None, [newer], known_at=NOW)
    await catalogue.announce_indicators(None, [RELABELLED], known_at=NOW)
    assert catalogue.indicators[RAIN.id] == newer


async def test_names_of_an_equal_contract_may_change() -> None:
    catalogue = Catalogue()
    await catalogue.announce_indicators(None, [RAIN], known_at=NOW)
    await catalogue.announce_indicators(None, [RELABELLED], known_at=NOW)
    assert catalogue.indicators[RAIN.id].name == RELABELLED.name


async def test_an_undone_transaction_is_forgotten(pool: Pool) -> None:
    catalogue = Catalogue()
    connection = await pool.acquire()
    undone = connection.transaction()
    await undone.start()
    await catalogue.refresh(connection)
    await catalogue.put_indicators(connection, [RAIN], known_at=NOW)
    await undone.rollback()
    await catalogue.refresh(connection)
    assert catalogue.indicators == {}
    await pool.release(connection)


async def test_another_process_is_heard(pool: Pool) -> None:
    here, there = Catalogue(), Catalogue()
    async with transaction(pool) as connection:
        await here.refresh(connection)
        await there.put_indicators(connection, [RAIN], known_at=NOW)
        await here.refresh(connection)
    assert RAIN.id in here.indicators


async def test_a_statement_that_failed_leaves_nothing_that_seems_known(
    pool: Pool,
) -> None:
    """Else the contract would never be written, and every row of it set aside."""
    catalogue = Catalogue()
    async with transaction(pool) as connection:
        await catalogue.refresh(connection)

    class Lost:
        async def executemany(self, *_: Any) -> None:
            raise ConnectionResetError

    lost: Any = Lost()
    with pytest.raises(ConnectionResetError):
        await catalogue.announce_indicators(lost, [RAIN], known_at=NOW)
    async with transaction(pool) as connection:
        await catalogue.refresh(connection)
        await catalogue.announce_indicators(connection, [RAIN], known_at=NOW)
    assert list((await read_again(pool)).indicators) == [RAIN.id]
