"""The ORM for entity rows: which models a program has, and a context to use them in.

A program lists its ``EntityApp`` rows once; ``migrate`` brings the database to their
newest schema and ``open_entities`` makes the models usable. The context is carried by
``contextvars``: tasks started inside it see it, and two runtimes in one process don't
see each other's.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tortoise.context import TortoiseContext

CONNECTION_NAME = "default"
POSTGRES_PORT = 5432


@dataclasses.dataclass(frozen=True, kw_only=True)
class EntityApp:
    """The models and migrations one package brings."""

    label: str
    """Short and unique in a program; part of the migration history, never changes."""
    models: tuple[str, ...]
    """Modules with the models; empty for a package with hot tables only."""
    migrations: str
    """The package with the numbered migration modules."""


def credentials(url: str) -> dict[str, Any]:
    """Return a database address as the ORM wants it."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {
        "host": query.get("host", parts.hostname),
        "port": int(query.get("port", parts.port or POSTGRES_PORT)),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
    }
    if "sslmode" in query:
        found["ssl"] = query["sslmode"]
    return found


def orm_config(
    url: str, apps: Sequence[EntityApp], *, connections_max: int = 5
) -> dict[str, Any]:
    """Return the ORM's configuration for a database and the packages that use it."""
    pool = {"minsize": 1, "maxsize": connections_max, "command_timeout": 75.0}
    return {
        "connections": {
            CONNECTION_NAME: {
                "engine": "tortoise.backends.asyncpg",
                "credentials": credentials(url) | pool,
            }
        },
        # The ORM refuses an app without models; the migrations know it all the same.
        "apps": {
            "history": {
                "models": ["federation.storage.history"],
                "default_connection": CONNECTION_NAME,
            }
        }
        | migration_config([app for app in apps if app.models]),
        "use_tz": True,
        "timezone": "UTC",
    }


def migration_config(apps: Sequence[EntityApp]) -> dict[str, dict[str, Any]]:
    """Return what the migrations need to know of each package."""
    return {
        app.label: {
            "models": list(app.models),
            "migrations": app.migrations,
            "default_connection": CONNECTION_NAME,
        }
        for app in apps
    }


@contextlib.asynccontextmanager
async def open_entities(
    url: str, apps: Sequence[EntityApp], *, connections_max: int = 5
) -> AsyncIterator[TortoiseContext]:
    """Make the models of ``apps`` usable inside the block, on their own small pool."""
    async with TortoiseContext() as context:
        await context.init(
            config=orm_config(url, apps, connections_max=connections_max)
        )
        yield context
