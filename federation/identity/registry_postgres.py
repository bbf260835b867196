"""The registry in the parent's database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from federation.clock import Clock
from federation.identity.documents import (
    Area,
    AssignmentDocument,
    sign_assignment,
    stored_assignment,
)
from federation.identity.keys import Signer, key_id_of
from federation.identity.registry import (
    FENCE_MAX,
    ChildNode,
    JoinToken,
    check_token,
    check_token_areas,
    still_assigned,
)
from federation.identity.tokens import new_token, token_hash
from federation.storage.pool import Pool, PooledConnection, transaction

_NEWEST = """
SELECT DISTINCT ON (stream) body, signature, key_id FROM assignment
WHERE $1::text[] IS NULL OR stream = ANY ($1)
ORDER BY stream, fence DESC
"""
_ADOPT = """
INSERT INTO assignment (stream, fence, node, signed_at, body, signature, key_id)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_ENROLL = """
INSERT INTO child_node (id, public_key, enrolled_at, software_version)
VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key,
    enrolled_at = excluded.enrolled_at, software_version = excluded.software_version,
    quarantined_at = NULL
"""


class PostgresRegistry:
    """See ``Registry``; every change is one transaction."""

    def __init__(self, pool: Pool, *, signer: Signer, clock: Clock) -> None:
        self._pool = pool
        self._signer = signer
        self._clock = clock

    async def create_token(
        self, *, node: str, areas: Sequence[Area], lifetime: timedelta
    ) -> str:
        """See ``Registry``."""
        check_token_areas(node, areas)
        token, now = new_token(), self._clock.now()
        async with transaction(self._pool, doing="create token") as connection:
            await connection.execute(
                "INSERT INTO join_token (hash, node, areas, created_at, expires_at) "
                "VALUES ($1, $2, $3, $4, $5)",
                token_hash(token),
                node,
                _areas_to_text(areas),
                now,
                now + lifetime,
            )
        return token

    async def tokens(self) -> list[JoinToken]:
        """See ``Registry``."""
        async with transaction(self._pool, doing="list tokens") as connection:
            rows = await connection.fetch(
                "SELECT * FROM join_token ORDER BY created_at DESC, hash"
            )
        return [_token(row) for row in rows]

    async def enroll(
        self, *, node: str, token: str, public_key: bytes, software_version: str
    ) -> list[AssignmentDocument]:
        """See ``Registry``."""
        now, key_id = self._clock.now(), key_id_of(public_key)
        async with transaction(self._pool, doing="enroll") as connection:
            row = await connection.fetchrow(
                "SELECT * FROM join_token WHERE hash = $1 FOR UPDATE",
                token_hash(token),
            )
            kept = _token(row) if row else None
            if check_token(kept, node=node, key_id=key_id, now=now) and kept:
                await connection.execute(
                    "UPDATE join_token SET used_by_key_id = $2, used_at = $3 "
                    "WHERE hash = $1",
                    kept.hash,
                    key_id,
                    now,
                )
                await connection.execute(
                    _ENROLL, node, public_key, now, software_version
                )
                await self._assign(connection, kept, now)
            streams = [area.stream for area in kept.areas] if kept else []
            newest = await connection.fetch(_NEWEST, streams)
        return still_assigned([_document(each) for each in newest], node)

    async def _assign(
        self, connection: PooledConnection, token: JoinToken, now: datetime
    ) -> None:
        # Two enrolments at once may name the same stream; readers are not held up.
        await connection.execute("LOCK TABLE assignment IN SHARE ROW EXCLUSIVE MODE")
        for area in token.areas:
            highest = await connection.fetchval(
                "SELECT coalesce(max(fence), 0) FROM assignment WHERE stream = $1",
                area.stream,
            )
            document = sign_assignment(
                self._signer,
                area=area,
                node=token.node,
                fence=highest + 1,
                signed_at=now,
            )
            await connection.execute(_ADOPT, *_assignment_columns(document))

    async def node(self, node: str) -> ChildNode | None:
        """See ``Registry``."""
        async with transaction(self._pool, doing="read node") as connection:
            row = await connection.fetchrow(
                "SELECT * FROM child_node WHERE id = $1", node
            )
        return _node(row) if row else None

    async def nodes(self) -> list[ChildNode]:
        """See ``Registry``."""
        async with transaction(self._pool, doing="list nodes") as connection:
            rows = await connection.fetch("SELECT * FROM child_node ORDER BY id")
        return [_node(row) for row in rows]

    async def assignment(self, stream: str) -> AssignmentDocument | None:
        """See ``Registry``."""
        return (await self._newest([stream])).get(stream)

    async def assignments(self) -> dict[str, AssignmentDocument]:
        """See ``Registry``."""
        return await self._newest(None)

    async def _newest(self, streams: list[str] | None) -> dict[str, AssignmentDocument]:
        async with transaction(self._pool, doing="read assignments") as connection:
            rows = await connection.fetch(_NEWEST, streams)
        return {each.stream: each for each in map(_document, rows)}

    async def was_assigned(self, stream: str, node: str) -> bool:
        """See ``Registry``."""
        async with transaction(self._pool, doing="read assignments") as connection:
            return bool(
                await connection.fetchval(
                    "SELECT EXISTS (SELECT FROM assignment "
                    "WHERE stream = $1 AND node = $2)",
                    stream,
                    node,
                )
            )

    async def adopt(self, assignment: AssignmentDocument) -> None:
        """See ``Registry``."""
        if assignment.fence > FENCE_MAX:
            return
        async with transaction(self._pool, doing="adopt assignment") as connection:
            await connection.execute(_ADOPT, *_assignment_columns(assignment))

    async def quarantine(self, node: str) -> None:
        """See ``Registry``."""
        await self._mark(node, self._clock.now())

    async def release(self, node: str) -> None:
        """See ``Registry``."""
        await self._mark(node, None)

    async def _mark(self, node: str, quarantined_at: datetime | None) -> None:
        async with transaction(self._pool, doing="quarantine") as connection:
            await connection.execute(
                "UPDATE child_node SET quarantined_at = $2 WHERE id = $1",
                node,
                quarantined_at,
            )


def _document(row: asyncpg.Record) -> AssignmentDocument:
    return stored_assignment(row["body"], row["signature"], row["key_id"])


def _assignment_columns(document: AssignmentDocument) -> tuple[object, ...]:
    return (
        document.stream,
        document.fence,
        document.node,
        document.signed_at,
        document.body,
        document.signature,
        document.key_id,
    )


def _areas_to_text(areas: Sequence[Area]) -> str:
    return json.dumps(
        [
            {
                "stream": area.stream,
                "localities": area.localities,
                "includes_parts": area.includes_parts,
            }
            for area in areas
        ]
    )


def _areas_from_text(text: str) -> tuple[Area, ...]:
    return tuple(
        Area(
            stream=each["stream"],
            localities=tuple(each["localities"]),
            includes_parts=each["includes_parts"],
        )
        for each in json.loads(text)
    )


def _token(row: asyncpg.Record) -> JoinToken:
    return JoinToken(
        hash=row["hash"],
        node=row["node"],
        areas=_areas_from_text(row["areas"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_by_key_id=row["used_by_key_id"],
        used_at=row["used_at"],
    )


def _node(row: asyncpg.Record) -> ChildNode:
    return ChildNode(
        id=row["id"],
        public_key=row["public_key"],
        enrolled_at=row["enrolled_at"],
        software_version=row["software_version"],
        quarantined_at=row["quarantined_at"],
    )
