"""The administrator of a tier, made at the first start."""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from federation.access.models import Account, AuditEntry, Session
from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.storage.credentials import PRIVATE_FOLDER_MODE, write_private

ADMINISTRATOR = "administrator"
"""The one role of now."""

USERNAME = "admin"
"""The name of its account."""

PASSWORD_LENGTH_MIN = 12
GENERATED_PASSWORD_BYTES = 15
USERNAME_LENGTH_MAX = 64


@dataclass(frozen=True, kw_only=True)
class PasswordSource:
    """Where the first password comes from; generated into a file when not given."""

    password: str | None = None
    password_file: Path | None = None
    generated_file: Path
    """Written with mode 0600 when a password had to be made."""


class Passwords:
    """Argon2 hashes, made and checked off the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Use the library's current parameters unless a test passes cheaper ones."""
        self._hasher = hasher or PasswordHasher()
        # Checked for unknown users, so that they take as long as known ones.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return the hash of a password.

        Raises:
            FederationError: ``INVALID_ARGUMENT`` when the password is too short.
        """
        if len(password) < PASSWORD_LENGTH_MIN:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Mật khẩu cần ít nhất {PASSWORD_LENGTH_MIN} ký tự.",
                f"A password needs at least {PASSWORD_LENGTH_MIN} characters.",
                {"pointer": "/body/password"},
            )
        return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether a password has this hash; None takes as long and is False."""

        def verify() -> bool:
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
            return password_hash is not None

        return await asyncio.to_thread(verify)


async def ensure_administrator(
    source: PasswordSource,
    *,
    passwords: Passwords,
    clock: Clock,
    username: str = USERNAME,
) -> bool:
    """Make the administrator when there is none; tell whether one was made.

    Raises:
        FederationError: ``CONFIGURATION`` when the password file can't be read,
            ``INVALID_ARGUMENT`` when the password is too short.
    """
    if await Account.exists():
        return False
    now = clock.now()
    password_hash = await passwords.hash(_first_password(source))
    _, made = await Account.get_or_create(
        {
            "password_hash": password_hash,
            "role": ADMINISTRATOR,
            "created_at": now,
            "changed_at": now,
        },
        username=username,
    )
    return made


async def reset_password(
    password: str, *, passwords: Passwords, clock: Clock, username: str = USERNAME
) -> None:
    """Give the administrator another password; every session of theirs ends.

    Raises:
        FederationError: ``NOT_FOUND`` when there is no such account.
    """
    account = await Account.get_or_none(username=username)
    if account is None:
        raise no_such_account(username)
    account.password_hash = await passwords.hash(password)
    account.changed_at = clock.now()
    await account.save()
    await Session.filter(account=account).delete()
    await AuditEntry.create(
        at=clock.now(), action="password_reset", username=username, address="local"
    )


def no_such_account(username: str) -> FederationError:
    """Return the error for an account that is not there."""
    return FederationError(
        ErrorCode.NOT_FOUND,
        f"Không có tài khoản “{username}”. Tài khoản được tạo khi dịch vụ chạy "
        "lần đầu (serve).",
        f"There is no account “{username}”. It is made when the service first "
        "runs (serve).",
        {"username": username},
    )


def generated_password() -> str:
    """Return a password nobody can guess."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)


def _first_password(source: PasswordSource) -> str:
    if source.password_file is not None:
        try:
            return source.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise FederationError(
                ErrorCode.CONFIGURATION,
                f"Không đọc được tệp mật khẩu {source.password_file}: {error}. "
                "Hãy sửa quyền đọc hoặc đường dẫn trong cấu hình.",
                f"The password file {source.password_file} can't be read: {error}. "
                "Fix its permissions or the path in the configuration.",
                {"file": str(source.password_file)},
            ) from error
    if source.password is not None:
        return source.password
    if source.generated_file.exists():
        # An earlier first start stopped between the file and the account.
        return source.generated_file.read_text(encoding="utf-8").strip()
    password = generated_password()
    source.generated_file.parent.mkdir(
        mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True
    )
    write_private(source.generated_file, password + "\n")
    return password
