"""Roles and databases of an embedded server, made when missing.

Least privilege: nobody but its own role may connect to a database, and that role owns
no other one, is no superuser and can't make roles or databases.
"""

from __future__ import annotations

import re

import asyncpg

from federation.storage.credentials import scram_verifier
from federation.storage.errors import storage_error

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
SETUP_LOCK = 4_711_001
"""The advisory lock under which roles and databases are made."""


def checked(name: str) -> str:
    """Return a name that is safe inside a statement, or refuse it."""
    if not NAME.fullmatch(name):
        raise storage_error(
            "name_refused",
            vi=f"Tên cơ sở dữ liệu {name!r} không hợp lệ: chỉ dùng chữ thường, chữ số "
            "và _, bắt đầu bằng chữ, tối đa 63 ký tự.",
            en=f"The database name {name!r} is not allowed: lower-case letters, digits "
            "and _, beginning with a letter, at most 63.",
        )
    return name


async def ensure_role(
    connection: asyncpg.Connection[asyncpg.Record], name: str, password: str
) -> None:
    """Make a role that can log in with the password, or give it that password."""
    verifier = scram_verifier(password)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", SETUP_LOCK)
        known = await connection.fetchval(
            "SELECT true FROM pg_roles WHERE rolname = $1", checked(name)
        )
        verb = "ALTER" if known else "CREATE"
        # Utility statements take no parameters; both parts are of a safe alphabet.
        await connection.execute(
            f'{verb} ROLE "{name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE '
            f"PASSWORD '{verifier}'"
        )


async def ensure_database(
    connection: asyncpg.Connection[asyncpg.Record],
    name: str,
    owner: str,
    *,
    template: str | None = None,
) -> None:
    """Make a database that only its owner may connect to, or leave it as it is."""
    statement = f'CREATE DATABASE "{checked(name)}" OWNER "{checked(owner)}"'
    if template is not None:
        statement += f' TEMPLATE "{checked(template)}"'
    # CREATE DATABASE can't run in a transaction, so the lock is the session's.
    await connection.execute("SELECT pg_advisory_lock($1)", SETUP_LOCK)
    try:
        for shared in ("postgres", "template1"):
            await connection.execute(f"REVOKE CONNECT ON DATABASE {shared} FROM PUBLIC")
        known = await connection.fetchval(
            "SELECT true FROM pg_database WHERE datname = $1", name
        )
        if not known:
            await connection.execute(statement)
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", SETUP_LOCK)
