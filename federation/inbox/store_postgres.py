"""The inbox in the parent's database."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from federation.identity.documents import START, ChainPosition
from federation.inbox.judgement import Heads, Outcome, chain_ordinals, take_in
from federation.inbox.limits import CHAIN_NEAR
from federation.inbox.records import (
    Arrival,
    Cursor,
    DeadLetter,
    LinkState,
    StoredFrame,
    UntoldLetter,
)
from federation.inbox.store import by_stream, letters_of, next_epoch
from federation.storage.pool import Pool, PooledConnection, transaction
from federation.wire.frames import GENESIS_HEAD
from federation.wire.refusal import RefusalCode, wire_error

FRAME_COMMITTED = "frame_committed"
"""Channel that is notified, with the stream, by every commit of frames."""

_CURSOR_COLUMNS = (
    "stream, epoch, sequence, head, highest_epoch, fence, frame_count, committed_at"
)
_OPEN = f"""
INSERT INTO inbox_cursor (stream, head, fence) VALUES ($1, $2, $3)
ON CONFLICT (stream) DO UPDATE SET fence = greatest(inbox_cursor.fence, excluded.fence)
RETURNING {_CURSOR_COLUMNS}
"""  # noqa: S608 - constants only
_HELLO = """
INSERT INTO inbox_hello (stream, node, boot_id, fence, first_at, last_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (stream, node, boot_id) DO UPDATE
SET last_at = excluded.last_at, fence = excluded.fence, count = inbox_hello.count + 1
"""
# In the order of their names, so that two processes never wait for each other.
_LOCK = f"""
SELECT {_CURSOR_COLUMNS} FROM inbox_cursor WHERE stream = ANY ($1)
ORDER BY stream FOR UPDATE
"""  # noqa: S608 - constants only
_HEADS = """
SELECT l.stream, l.epoch, l.sequence, l.head FROM frame_log l
JOIN unnest($1::text[], $2::bigint[], $3::bigint[]) AS asked (stream, epoch, sequence)
USING (stream, epoch, sequence)
"""
_ADVANCE = """
UPDATE inbox_cursor c
SET sequence = n.to_sequence, head = n.to_head, frame_count = n.frame_count,
    committed_at = $7
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[],
    $6::bigint[])
    AS n (stream, epoch, from_sequence, to_sequence, to_head, frame_count)
WHERE c.stream = n.stream AND c.epoch = n.epoch AND c.sequence = n.from_sequence
"""
_LETTER = """
INSERT INTO dead_letter
    (stream, epoch, sequence, series, period_start, code, detail, found_at)
SELECT *, $8 FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[],
    $5::bigint[], $6::smallint[], $7::text[])
ON CONFLICT DO NOTHING
"""
_UNTOLD = """
SELECT d.*, l.head FROM dead_letter d
LEFT JOIN frame_log l USING (stream, epoch, sequence)
WHERE d.told_at IS NULL AND d.stream = ANY ($1) ORDER BY d.id LIMIT $2
"""
_LINK = """
INSERT INTO inbox_link (node, link_id, boot_id, software_version, connected, opened_at,
    heard_at, clock_offset_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (node) DO UPDATE SET link_id = excluded.link_id,
    boot_id = excluded.boot_id, software_version = excluded.software_version,
    connected = excluded.connected, opened_at = excluded.opened_at,
    heard_at = excluded.heard_at, clock_offset_us = excluded.clock_offset_us
WHERE $9 OR inbox_link.link_id = excluded.link_id
"""
_LOG_COLUMNS = (
    "stream",
    "epoch",
    "sequence",
    "ordinal",
    "head",
    "body",
    "signature",
    "key_id",
    "node",
    "received_at",
    "set_aside",
)


class PostgresInboxStore:
    """See ``InboxStore``."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open_stream(
        self, stream: str, *, node: str, fence: int, boot_id: bytes, now: datetime
    ) -> Cursor:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="open stream") as connection:
            rows = await connection.fetch(_OPEN, stream, GENESIS_HEAD, fence)
            cursor = _cursor(rows[0])
            if fence < cursor.fence:
                raise wire_error(RefusalCode.FENCED)
            await connection.execute(_HELLO, stream, node, boot_id, fence, now)
        return cursor

    async def chain(self, stream: str) -> list[ChainPosition]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read chain") as connection:
            count = await connection.fetchval(
                "SELECT frame_count FROM inbox_cursor WHERE stream = $1", stream
            )
            rows = await connection.fetch(
                "SELECT epoch, sequence, head FROM frame_log "
                "WHERE stream = $1 AND ordinal = ANY ($2) ORDER BY ordinal DESC",
                stream,
                chain_ordinals(count or 0, CHAIN_NEAR),
            )
        return [
            ChainPosition(
                epoch=row["epoch"], sequence=row["sequence"], head=row["head"]
            )
            for row in rows
        ]

    async def grant_epoch(
        self,
        stream: str,
        *,
        fence: int,
        highest_epoch: int,
        common: ChainPosition,
    ) -> Cursor:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="grant epoch") as connection:
            cursor = (await _lock(connection, [stream]))[stream]
            epoch = next_epoch(cursor, fence=fence, highest_epoch=highest_epoch)
            if common.head != await _head_at(connection, stream, common):
                raise wire_error(RefusalCode.CHAIN_BROKEN)
            await connection.execute(
                "UPDATE inbox_cursor SET epoch = $2, sequence = 0, highest_epoch = $2 "
                "WHERE stream = $1",
                stream,
                epoch,
            )
        return dataclasses.replace(cursor, epoch=epoch, sequence=0, highest_epoch=epoch)

    async def commit(
        self, arrivals: Sequence[Arrival], *, now: datetime
    ) -> dict[str, Outcome]:
        """See ``InboxStore``."""
        groups = by_stream(arrivals)
        async with transaction(self._pool, doing="commit frames") as connection:
            cursors = await _lock(connection, list(groups))
            heads = await _known_heads(connection, cursors, arrivals)
            outcomes = {
                stream: take_in(cursors[stream], group, heads.get(stream, {}), now=now)
                for stream, group in groups.items()
                if stream in cursors
            }
            moved = [each for each in outcomes.values() if each.stored]
            if moved:
                await _append(connection, moved, now)
        return outcomes

    async def frames_after(
        self, stream: str, epoch: int, sequence: int, limit: int
    ) -> list[StoredFrame]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read frames") as connection:
            rows = await connection.fetch(
                "SELECT stream, epoch, sequence, head, body, signature, key_id, node, "
                "received_at, set_aside FROM frame_log "
                "WHERE stream = $1 AND (epoch, sequence) > ($2, $3) "
                "ORDER BY epoch, sequence LIMIT $4",
                stream,
                epoch,
                sequence,
                limit,
            )
        return [StoredFrame(**dict(row)) for row in rows]

    async def cursors(self) -> list[Cursor]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read cursors") as connection:
            rows = await connection.fetch(
                f"SELECT {_CURSOR_COLUMNS} FROM inbox_cursor ORDER BY stream"  # noqa: S608
            )
        return [_cursor(row) for row in rows]

    async def set_aside(self, letters: Sequence[DeadLetter], *, now: datetime) -> None:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="set aside") as connection:
            await record_dead_letters(connection, letters, now=now)

    async def dead_letters(self, stream: str, limit: int) -> list[DeadLetter]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read dead letters") as connection:
            rows = await connection.fetch(
                "SELECT * FROM dead_letter WHERE stream = $1 ORDER BY id DESC LIMIT $2",
                stream,
                limit,
            )
        return [_letter(row) for row in rows]

    async def untold(self, streams: Sequence[str], limit: int) -> list[UntoldLetter]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read dead letters") as connection:
            rows = await connection.fetch(_UNTOLD, streams, limit)
        return [
            UntoldLetter(id=row["id"], head=row["head"] or b"", letter=_letter(row))
            for row in rows
        ]

    async def mark_told(self, ids: Sequence[int], *, now: datetime) -> None:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="mark told") as connection:
            await connection.execute(
                "UPDATE dead_letter SET told_at = $2 WHERE id = ANY ($1)", ids, now
            )

    async def note_link(self, state: LinkState, *, begins: bool = False) -> bool:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="note link") as connection:
            tag = await connection.execute(
                _LINK,
                state.node,
                state.link_id,
                state.boot_id,
                state.software_version,
                state.connected,
                state.opened_at,
                state.heard_at,
                state.clock_offset_us,
                begins,
            )
        return tag == "INSERT 0 1"

    async def links(self) -> list[LinkState]:
        """See ``InboxStore``."""
        async with transaction(self._pool, doing="read links") as connection:
            rows = await connection.fetch("SELECT * FROM inbox_link ORDER BY node")
        return [LinkState(**dict(row)) for row in rows]


async def record_dead_letters(
    connection: PooledConnection, letters: Sequence[DeadLetter], *, now: datetime
) -> None:
    """Keep dead letters in the caller's transaction; the child is told of each.

    One that is kept already is not kept twice, so work that is done again is harmless.
    """
    await connection.execute(
        _LETTER,
        [each.stream for each in letters],
        [each.epoch for each in letters],
        [each.sequence for each in letters],
        [each.series for each in letters],
        [each.period_start for each in letters],
        [int(each.code) for each in letters],
        [each.detail for each in letters],
        now,
    )


async def _lock(connection: PooledConnection, streams: list[str]) -> dict[str, Cursor]:
    rows = await connection.fetch(_LOCK, streams)
    return {row["stream"]: _cursor(row) for row in rows}


async def _known_heads(
    connection: PooledConnection,
    cursors: Mapping[str, Cursor],
    arrivals: Sequence[Arrival],
) -> dict[str, Heads]:
    """Return the stored heads of frames that seem to be sent again."""
    again = [
        each.frame
        for each in arrivals
        if (cursor := cursors.get(each.frame.stream))
        and each.frame.epoch == cursor.epoch
        and each.frame.sequence <= cursor.sequence
    ]
    if not again:
        return {}
    rows = await connection.fetch(
        _HEADS,
        [frame.stream for frame in again],
        [frame.epoch for frame in again],
        [frame.sequence for frame in again],
    )
    heads: dict[str, dict[tuple[int, int], bytes]] = {}
    for row in rows:
        own = heads.setdefault(row["stream"], {})
        own[row["epoch"], row["sequence"]] = row["head"]
    return dict(heads)


async def _append(
    connection: PooledConnection, moved: Sequence[Outcome], now: datetime
) -> None:
    await connection.copy_records_to_table(
        "frame_log",
        columns=_LOG_COLUMNS,
        records=[
            _log_record(arrival, ordinal, now)
            for outcome in moved
            for ordinal, arrival in enumerate(
                outcome.stored, outcome.cursor.frame_count - len(outcome.stored) + 1
            )
        ],
    )
    streams = [each.cursor.stream for each in moved]
    await connection.execute(
        _ADVANCE,
        streams,
        [each.cursor.epoch for each in moved],
        [each.stored[0].frame.sequence - 1 for each in moved],
        [each.cursor.sequence for each in moved],
        [each.cursor.head for each in moved],
        [each.cursor.frame_count for each in moved],
        now,
    )
    letters = [letter for each in moved for letter in letters_of(each)]
    if letters:
        await record_dead_letters(connection, letters, now=now)
    await connection.execute(
        "SELECT pg_notify($1, stream) FROM unnest($2::text[]) AS stream",
        FRAME_COMMITTED,
        streams,
    )


def _log_record(arrival: Arrival, ordinal: int, now: datetime) -> tuple[object, ...]:
    frame = arrival.frame
    return (
        frame.stream,
        frame.epoch,
        frame.sequence,
        ordinal,
        frame.head,
        frame.body,
        frame.signature,
        frame.key_id,
        arrival.node,
        now,
        arrival.fault is not None,
    )


async def _head_at(
    connection: PooledConnection, stream: str, common: ChainPosition
) -> bytes | None:
    """Return the head the chain has at a position, None where it has none."""
    if common == START:
        return GENESIS_HEAD
    if common.sequence:
        head: bytes | None = await connection.fetchval(
            "SELECT head FROM frame_log "
            "WHERE stream = $1 AND epoch = $2 AND sequence = $3",
            stream,
            common.epoch,
            common.sequence,
        )
        return head
    before: bytes | None = await connection.fetchval(
        "SELECT head FROM frame_log WHERE stream = $1 AND epoch < $2 "
        "ORDER BY epoch DESC, sequence DESC LIMIT 1",
        stream,
        common.epoch,
    )
    return GENESIS_HEAD if before is None else before


def _cursor(row: asyncpg.Record) -> Cursor:
    return Cursor(**dict(row))


def _letter(row: asyncpg.Record) -> DeadLetter:
    return DeadLetter(
        stream=row["stream"],
        epoch=row["epoch"],
        sequence=row["sequence"],
        code=RefusalCode(row["code"]),
        detail=row["detail"],
        series=row["series"],
        period_start=row["period_start"],
    )
