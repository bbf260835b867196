"""Checks say what is wrong and what to do."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from federation.clock import ManualClock, SystemClock
from federation.commands import doctor
from federation.commands.tier import database


async def test_answering_database_with_the_same_clock_is_well(
    database_url: str,
) -> None:
    finding = await database(database_url, clock=SystemClock())()
    assert finding.ok, finding


async def test_clock_that_is_off_is_named(database_url: str) -> None:
    wrong = ManualClock(datetime(2020, 1, 1, tzinfo=UTC))
    finding = await database(database_url, clock=wrong)()
    assert (finding.name, finding.ok) == ("clock", False)
    assert finding.remedy is not None


async def test_silent_database_is_named() -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    finding = await database(url, clock=SystemClock())()
    assert not finding.ok
    assert finding.remedy is not None


async def test_port_of_a_stranger_is_named_and_a_free_one_is_well() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert not (await doctor.port("rest", "127.0.0.1", number)()).ok
    assert (await doctor.port("rest", "127.0.0.1", number)()).ok


async def test_secret_that_others_can_read_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    assert not (await doctor.private_file("key", secret)()).ok
    secret.write_text("x")
    secret.chmod(0o644)
    finding = await doctor.private_file("key", secret)()
    assert finding.remedy is not None
    assert "chmod 600" in finding.remedy.en
    secret.chmod(0o600)
    assert (await doctor.private_file("key", secret)()).ok


async def test_address_where_nothing_listens_is_named() -> None:
    for address in ("127.0.0.1:1", "no-port", "127.0.0.1:x"):
        assert not (await doctor.reachable("parent", address)()).ok


@pytest.mark.parametrize("name", ["missing", ""])
async def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    assert not (await doctor.readable("areas", tmp_path / name)()).ok
