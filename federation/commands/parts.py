"""Settings and steps that programs with a database and a REST interface share."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from pydantic import Field, SecretStr

from federation.access.accounts import Passwords
from federation.access.sessions import Access
from federation.access.throttle import LoginThrottle
from federation.clock import Clock
from federation.commands.program import Level
from federation.storage.entities import EntityApp, open_entities

COMMAND_SESSION_LIFETIME = timedelta(minutes=2)
"""A command's own session; it also ends when the command does."""


class ApiSettings(Level):
    """Where the REST interface listens."""

    host: str = Field(default="127.0.0.1", description="Address REST listens on.")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port of REST; 0 takes a free one."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses whose X-Forwarded-For is believed, comma separated.",
    )

    def base_url(self) -> str:
        """Return where this machine reaches the interface."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}"


class DatabaseSettings(Level):
    """The program's database."""

    url: SecretStr = Field(
        description="postgresql://user:password@host:port/database; url_file works too."
    )
    connections_max: int = Field(
        default=8, ge=2, le=200, description="Connections the program may hold."
    )


@asynccontextmanager
async def local_session(
    *,
    database_url: str,
    apps: Sequence[EntityApp],
    tier: str,
    workspace: str,
    clock: Clock,
) -> AsyncIterator[str]:
    """Give the token of a short session, to whoever may use the database anyway."""
    async with open_entities(database_url, apps, connections_max=1):
        access = Access(
            tier=tier,
            workspace=workspace,
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
