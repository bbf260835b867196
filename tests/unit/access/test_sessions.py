"""What accounts and sessions promise, on a real database."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from federation.access import APP
from federation.access.accounts import (
    Passwords,
    PasswordSource,
    ensure_administrator,
    reset_password,
)
from federation.access.models import Account, AuditEntry, Session
from federation.access.sessions import Access
from federation.access.throttle import LoginThrottle, ThrottleLimits
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.storage.entities import open_entities
from federation.storage.migrations import missing_migrations
from tests.conftest import DatabaseFactory

PASSWORD = "correct horse battery"
# The cheapest hashes the library makes: tests check who matches, not how long.
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest_asyncio.fixture(autouse=True)
async def entities(migrated_database: DatabaseFactory) -> AsyncIterator[None]:
    async with open_entities(await migrated_database([APP]), [APP]):
        yield


def make_access(clock: ManualClock) -> Access:
    return Access(
        tier="nghe-an",
        workspace="w",
        clock=clock,
        passwords=PASSWORDS,
        throttle=LoginThrottle(
            clock=clock, limits=ThrottleLimits(free_failures=2, first_wait_s=5)
        ),
    )


async def given_administrator(clock: ManualClock, tmp_path: Path) -> None:
    source = PasswordSource(password=PASSWORD, generated_file=tmp_path / "unused")
    assert await ensure_administrator(source, passwords=PASSWORDS, clock=clock)


async def test_models_and_history_agree() -> None:
    assert await missing_migrations([APP]) == []


async def test_generated_password_is_in_a_private_file_and_works(
    clock: ManualClock, tmp_path: Path
) -> None:
    source = PasswordSource(generated_file=tmp_path / "new" / "password")
    assert await ensure_administrator(source, passwords=PASSWORDS, clock=clock)
    assert stat.S_IMODE(source.generated_file.stat().st_mode) == 0o600
    password = source.generated_file.read_text().strip()
    signed_in = await make_access(clock).sign_in("admin", password, address="a")
    assert signed_in.actor.scope == "w/nghe-an/administrator"
    assert password not in (await Account.get(username="admin")).password_hash


async def test_second_start_keeps_the_administrator(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    other = PasswordSource(password="another password", generated_file=tmp_path / "x")
    assert not await ensure_administrator(other, passwords=PASSWORDS, clock=clock)
    await make_access(clock).sign_in("admin", PASSWORD, address="a")


async def test_password_file_is_read_and_an_unreadable_one_is_named(
    clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    source = PasswordSource(password_file=file, generated_file=tmp_path / "unused")
    with pytest.raises(FederationError, match="password") as caught:
        await ensure_administrator(source, passwords=PASSWORDS, clock=clock)
    assert caught.value.code is ErrorCode.CONFIGURATION
    file.write_text(PASSWORD + "\n")
    assert await ensure_administrator(source, passwords=PASSWORDS, clock=clock)
    await make_access(clock).sign_in("admin", PASSWORD, address="a")


async def test_short_password_is_refused(clock: ManualClock, tmp_path: Path) -> None:
    source = PasswordSource(password="short", generated_file=tmp_path / "unused")
    with pytest.raises(FederationError, match="12"):
        await ensure_administrator(source, passwords=PASSWORDS, clock=clock)


async def test_only_the_digest_of_a_token_is_stored(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    signed_in = await make_access(clock).sign_in("admin", PASSWORD, address="a")
    rows = await Session.all().values()
    assert signed_in.token not in str(rows)
    with pytest.raises(FederationError):
        await make_access(clock).authenticate(rows[0]["token_digest"])


async def test_session_ends_after_its_lifetime(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    signed_in = await access.sign_in("admin", PASSWORD, address="a")
    clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert (await access.authenticate(signed_in.token)).role == "administrator"
    clock.advance(timedelta(seconds=1))
    with pytest.raises(FederationError) as caught:
        await access.authenticate(signed_in.token)
    assert caught.value.code is ErrorCode.UNAUTHENTICATED
    await access.sign_in("admin", PASSWORD, address="a")
    assert await Session.all().count() == 1


async def test_ended_session_opens_nothing(clock: ManualClock, tmp_path: Path) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    signed_in = await access.sign_in("admin", PASSWORD, address="a")
    await access.sign_out(signed_in.token, address="a")
    await access.sign_out(signed_in.token, address="a")
    with pytest.raises(FederationError):
        await access.authenticate(signed_in.token)


async def test_wrong_names_and_passwords_read_alike_and_then_wait(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    texts = set()
    for username, password in (("administrator", "x"), ("nobody", PASSWORD)):
        with pytest.raises(FederationError) as caught:
            await access.sign_in(username, password, address="a")
        texts.add(caught.value.text_en)
    assert len(texts) == 1
    with pytest.raises(FederationError):
        await access.sign_in("admin", "x" * 2000, address="a")
    with pytest.raises(FederationError) as caught:
        await access.sign_in("admin", PASSWORD, address="a")
    assert caught.value.code is ErrorCode.TOO_MANY_REQUESTS
    clock.advance(timedelta(seconds=6))
    await access.sign_in("admin", PASSWORD, address="a")


async def test_everything_is_in_the_audit_trail(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    with pytest.raises(FederationError):
        await access.sign_in("admin", "wrong", address="10.0.0.1")
    signed_in = await access.sign_in("admin", PASSWORD, address="10.0.0.2")
    await access.sign_out(signed_in.token, address="10.0.0.2")
    entries = await AuditEntry.all().order_by("id").values_list("action", "address")
    assert entries == [
        ("login_failed", "10.0.0.1"),
        ("login", "10.0.0.2"),
        ("logout", "10.0.0.2"),
    ]


async def test_reset_password_ends_every_session(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    signed_in = await access.sign_in("admin", PASSWORD, address="a")
    await reset_password("a new long password", passwords=PASSWORDS, clock=clock)
    with pytest.raises(FederationError):
        await access.authenticate(signed_in.token)
    with pytest.raises(FederationError):
        await access.sign_in("admin", PASSWORD, address="a")
    await access.sign_in("admin", "a new long password", address="a")


async def test_guesses_at_once_are_counted_while_they_are_checked(
    clock: ManualClock, tmp_path: Path
) -> None:
    await given_administrator(clock, tmp_path)
    access = make_access(clock)
    answers = await asyncio.gather(
        *(access.sign_in("admin", f"wrong {n}", address="a") for n in range(20)),
        return_exceptions=True,
    )
    codes = [each.code for each in answers if isinstance(each, FederationError)]
    assert codes.count(ErrorCode.UNAUTHENTICATED) == 3
    assert codes.count(ErrorCode.TOO_MANY_REQUESTS) == 17


async def test_a_name_the_database_cannot_keep_is_a_wrong_name(
    clock: ManualClock,
) -> None:
    with pytest.raises(FederationError) as caught:
        await make_access(clock).sign_in("a\0b", PASSWORD, address="a")
    assert caught.value.code is ErrorCode.UNAUTHENTICATED
