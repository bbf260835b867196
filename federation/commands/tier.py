"""What the commands of a node and of a hub share: they reach the database.

The dashboard has no database, so ``program`` and ``doctor`` must not import this.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg

from federation import __version__
from federation.access.accounts import Passwords, PasswordSource
from federation.access.sessions import Access
from federation.access.throttle import LoginThrottle
from federation.api.schemas import TextOut, TierOut
from federation.clock import Clock, SystemClock
from federation.commands import doctor
from federation.commands.doctor import (
    ANSWER_TIMEOUT_S,
    Check,
    Finding,
    unwell,
    well,
)
from federation.commands.status import StatusPage
from federation.commands.tier_settings import TierProgramSettings
from federation.errors import FederationError
from federation.identity.tokens import read_ticket
from federation.model.indicator import Text
from federation.storage.entities import EntityApp, open_entities
from federation.storage.pool import DRIVER_ERRORS

CLOCK_DIFFERENCE_MAX = timedelta(seconds=2)
COMMAND_SESSION_LIFETIME = timedelta(minutes=2)
"""A command's own session; it also ends when the command does."""

LINKS_PAGE = StatusPage(
    path="/api/v1/links",
    title=Text(vi="Đường lên cấp trên", en="Links to the parent"),
    columns=(
        ("stream", Text(vi="Luồng", en="Stream")),
        ("parent", Text(vi="Cấp trên", en="Parent")),
        ("state", Text(vi="Trạng thái", en="State")),
        ("epoch", Text(vi="Đời", en="Epoch")),
        ("sealed", Text(vi="Đã đóng gói", en="Sealed")),
        ("acknowledged", Text(vi="Đã xác nhận", en="Acknowledged")),
        ("pending_rows", Text(vi="Chờ gửi", en="Pending")),
    ),
    below=(("last_error", Text(vi="Lỗi gần nhất", en="Last error")),),
)


def tier_checks(settings: TierProgramSettings) -> list[Check]:
    """Return what ``doctor`` looks at, whatever the tier."""
    api, localities, reporting = settings.api, settings.localities, settings.reporting
    live_url = f"{api.base_url()}/livez"
    checks = [
        doctor.folder("data", settings.data),
        database(settings.database_url, clock=SystemClock()),
        doctor.port("rest", api.host, api.port, live_url=live_url),
    ]
    if settings.key_file.exists():
        checks.append(doctor.private_file("key", settings.key_file))
    checks += [
        doctor.readable("localities", path)
        for path in (*localities.files, *localities.areas)
    ]
    checks += [
        doctor.readable("reporting", path)
        for path in (*reporting.calendars, *reporting.obligations)
    ]
    if settings.parent.address:
        checks.append(doctor.reachable("parent", settings.parent.address))
        checks.append(joined(settings.database_url, settings.parent.token_file))
    return checks


def joined(url: str, token_file: Path | None) -> Check:
    """Check that the tier has joined its parent, or holds a token to do so.

    Whether the parent takes the token shows only when the program runs: ``status``.
    """

    async def check() -> Finding:
        parent = await _parent_of(url)
        if parent:
            return well("joined", f"Đã tham gia {parent}.", f"Joined {parent}.")
        try:
            if token_file is None:
                raise FileNotFoundError("parent.token_file")
            read_ticket(token_file.read_text(encoding="utf-8"))
        except (OSError, ValueError, FederationError) as error:
            why = (
                Text(vi=error.text_vi, en=error.text_en)
                if isinstance(error, FederationError)
                else Text(vi=str(error), en=str(error))
            )
            return unwell(
                "joined",
                Text(
                    vi=f"Chưa tham gia cấp trên, chưa có mã dùng được: {why.vi}",
                    en=f"Not joined to the parent, and no usable token: {why.en}",
                ),
                Text(
                    vi="Xin cấp trên mã tham gia (token create --out) và ghi tên tệp "
                    "vào parent.token_file.",
                    en="Ask the parent for a token file (token create --out) and name "
                    "it in parent.token_file.",
                ),
            )
        return well(
            "joined",
            "Có mã tham gia; sẽ tham gia khi chạy.",
            "Holds a join token; it joins when it runs.",
        )

    return check


async def _parent_of(url: str) -> str | None:
    """Return the parent that was joined; None before, and where nobody answers."""
    try:
        connection = await asyncpg.connect(url, timeout=ANSWER_TIMEOUT_S)
    except DRIVER_ERRORS:
        # The check of the database says so.
        return None
    try:
        found = await connection.fetchval("SELECT parent FROM enrolment")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return None if found is None else str(found)


def database(url: str, *, clock: Clock) -> Check:
    """Check that the database answers and that its clock agrees with ours."""

    async def check() -> Finding:
        try:
            connection = await asyncpg.connect(url, timeout=ANSWER_TIMEOUT_S)
            try:
                before = clock.now()
                there = await connection.fetchval("SELECT clock_timestamp()")
                version = await connection.fetchval("SHOW server_version")
            finally:
                await connection.close()
        except DRIVER_ERRORS as error:
            return unwell(
                "database",
                Text(
                    vi=f"Cơ sở dữ liệu không trả lời: {error}",
                    en=f"The database does not answer: {error}",
                ),
                Text(
                    vi="Kiểm tra PostgreSQL đang chạy, địa chỉ và mật khẩu trong "
                    "database.url.",
                    en="Check that PostgreSQL runs, and the address and password in "
                    "database.url.",
                ),
            )
        difference = abs(there - before)
        if difference > CLOCK_DIFFERENCE_MAX:
            seconds = f"{difference.total_seconds():.1f}"
            return unwell(
                "clock",
                Text(
                    vi=f"Đồng hồ máy này lệch {seconds} giây so với cơ sở dữ liệu.",
                    en=f"This machine's clock is {seconds} s off the database's.",
                ),
                Text(
                    vi="Bật đồng bộ thời gian (chrony hoặc systemd-timesyncd).",
                    en="Turn on time synchronisation (chrony or systemd-timesyncd).",
                ),
            )
        return well(
            "database",
            f"PostgreSQL {version} trả lời, đồng hồ khớp.",
            f"PostgreSQL {version} answers, the clocks agree.",
        )

    return check


@asynccontextmanager
async def tier_session(
    settings: TierProgramSettings, apps: Sequence[EntityApp]
) -> AsyncIterator[str]:
    """Give the token of a short session, to whoever may use the database anyway."""
    clock = SystemClock()
    async with open_entities(settings.database_url, apps, connections_max=1):
        access = Access(
            tier=settings.tier.id,
            workspace=settings.workspace,
            clock=clock,
            passwords=Passwords(),
            throttle=LoginThrottle(clock=clock),
            lifetime=COMMAND_SESSION_LIFETIME,
        )
        signed_in = await access.open_local()
        try:
            yield signed_in.token
        finally:
            await access.sign_out(signed_in.token, address="local")


def first_password(settings: TierProgramSettings) -> PasswordSource:
    """Return where the administrator's first password comes from."""
    given = settings.administrator.password.get_secret_value()
    return PasswordSource(password=given or None, generated_file=settings.password_file)


def tier_out(settings: TierProgramSettings) -> TierOut:
    """Return who this is, as REST says it."""
    tier = settings.tier
    return TierOut(
        id=tier.id,
        level=tier.level,
        name=TextOut(vi=tier.name_vi, en=tier.name_en),
        locality=tier.locality,
        workspace=settings.workspace,
        version=__version__,
        parent=settings.parent.address or None,
    )
