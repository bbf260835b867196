"""Log-in, log-out, and whom a token belongs to."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from federation.access.accounts import (
    USERNAME,
    USERNAME_LENGTH_MAX,
    Passwords,
    no_such_account,
)
from federation.access.models import Account, AuditEntry, Session
from federation.access.throttle import LoginThrottle
from federation.clock import Clock
from federation.errors import ErrorCode, FederationError

TOKEN_BYTES = 32
SESSION_LIFETIME = timedelta(hours=12)
PASSWORD_LENGTH_MAX = 1024
"""Longer ones are refused before they are hashed."""

ADDRESS_LENGTH_MAX = 64
SESSIONS_MAX = 1000
"""For one account; at the limit the oldest session ends."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is asking. Answers may be cached only under ``scope``."""

    username: str
    role: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A new session; the token is told here and never again."""

    token: str
    expires_at: datetime
    actor: Actor


class Access:
    """Sessions of one tier.

    Promises: a token is stored as its digest only; an expired or ended session opens
    nothing; log-ins, log-outs and failures are in the audit trail. Does not promise
    that the audit trail can't be changed by who owns the database.
    """

    def __init__(
        self,
        *,
        tier: str,
        workspace: str,
        clock: Clock,
        passwords: Passwords,
        throttle: LoginThrottle,
        lifetime: timedelta = SESSION_LIFETIME,
    ) -> None:
        """Serve a tier; the models must be usable where the methods are awaited."""
        self._tier = tier
        self._workspace = workspace
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._lifetime = lifetime

    async def sign_in(self, username: str, password: str, *, address: str) -> SignedIn:
        """Return a new session for a right password.

        Raises:
            FederationError: ``UNAUTHENTICATED`` for a wrong name or password,
                ``TOO_MANY_REQUESTS`` with ``retry_after_s`` after too many of them.
        """
        # The database keeps no text with NUL; nobody has a name with one.
        username = username[:USERNAME_LENGTH_MAX].replace(
            "\0", "\N{REPLACEMENT CHARACTER}"
        )
        keys = (f"user:{username}", f"address:{address}")
        self._throttle.check(*keys)
        # Wrong until proved right: guesses made at once count while they are checked.
        self._throttle.failed(*keys)
        account = await Account.get_or_none(username=username)
        known = account.password_hash if account is not None else None
        fits = len(password) <= PASSWORD_LENGTH_MAX
        right = fits and await self._passwords.matches(known, password)
        if account is None or not right:
            await self._note("login_failed", username, address)
            raise FederationError(
                ErrorCode.UNAUTHENTICATED,
                "Sai tên đăng nhập hoặc mật khẩu.",
                "Wrong user name or password.",
            )
        self._throttle.succeeded(*keys)
        return await self._open(account, address)

    async def open_local(self, username: str = USERNAME) -> SignedIn:
        """Return a session for a command that may use the database anyway.

        Raises:
            FederationError: ``NOT_FOUND`` when there is no such account yet.
        """
        account = await Account.get_or_none(username=username)
        if account is None:
            raise no_such_account(username)
        return await self._open(account, "local")

    async def authenticate(self, token: str) -> Actor:
        """Return who a token belongs to.

        Raises:
            FederationError: ``UNAUTHENTICATED`` when nobody, or no longer.
        """
        session = await _session_of(token)
        if session is None or session.expires_at <= self._clock.now():
            raise FederationError(
                ErrorCode.UNAUTHENTICATED,
                "Phiên đăng nhập không còn hiệu lực. Hãy đăng nhập lại.",
                "The session is no longer valid. Log in again.",
            )
        return self._actor(session.account)

    async def sign_out(self, token: str, *, address: str) -> None:
        """End a session; harmless when it has ended."""
        session = await _session_of(token)
        if session is None:
            return
        async with in_transaction():
            await session.delete()
            await self._note("logout", session.account.username, address)

    async def _open(self, account: Account, address: str) -> SignedIn:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        expires_at = now + self._lifetime
        async with in_transaction():
            await Session.filter(expires_at__lte=now).delete()
            kept = Session.filter(account=account).order_by("-created_at")
            if surplus := await kept.offset(SESSIONS_MAX - 1):
                digests = [session.token_digest for session in surplus]
                await Session.filter(token_digest__in=digests).delete()
            await Session.create(
                token_digest=_digest(token),
                account=account,
                created_at=now,
                expires_at=expires_at,
                address=address[:ADDRESS_LENGTH_MAX],
            )
            await self._note("login", account.username, address)
        return SignedIn(token=token, expires_at=expires_at, actor=self._actor(account))

    def _actor(self, account: Account) -> Actor:
        # Everybody of a role sees the same here, so a cache may serve them alike.
        scope = f"{self._workspace}/{self._tier}/{account.role}"
        return Actor(username=account.username, role=account.role, scope=scope)

    async def _note(self, action: str, username: str, address: str) -> None:
        await AuditEntry.create(
            at=self._clock.now(),
            action=action,
            username=username,
            address=address[:ADDRESS_LENGTH_MAX],
        )


async def _session_of(token: str) -> Session | None:
    found = Session.get_or_none(token_digest=_digest(token))
    return await found.select_related("account")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
