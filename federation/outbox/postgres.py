"""The outbox in PostgreSQL.

A frame, the marks on its rows and the stream's head are one transaction. Whoever seals,
acknowledges or opens an epoch holds the stream's row; so several processes may try.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import asyncpg

from federation.catalogue.documents import read_calendar, read_indicator
from federation.clock import Clock
from federation.identity.documents import START, ChainPosition
from federation.identity.keys import Verifier
from federation.model.indicator import Indicator
from federation.model.period import CALENDARS, Calendar
from federation.model.row import Version
from federation.model.withholding import masked
from federation.outbox import statements as sql
from federation.outbox.announced import Announced, Announcement, Kind
from federation.outbox.announcer import Announcer
from federation.outbox.compose import (
    Composed,
    Material,
    completion_due,
    compose,
    wanted_of,
)
from federation.outbox.store import (
    OLDEST_EVERY,
    OutboxLimits,
    PendingRow,
    Sealer,
    StreamPositions,
    StreamStats,
    Wake,
    check_acknowledged,
    checked_grant,
    checked_receipt,
    nonsense,
    position_of,
    reissued_origin,
)
from federation.outbox.watching import watching
from federation.storage.pool import Pool, PooledConnection, transaction
from federation.warehouse.columns import row_of, series_key
from federation.wire.frames import GENESIS_HEAD, SealedFrame
from federation.wire.payload import WithheldSeries
from federation.wire.v1 import uplink_pb2 as pb


class PostgresOutbox:
    """Keeps ``Outbox``'s promises in the node's own database."""

    def __init__(
        self,
        pool: Pool,
        *,
        sealer: Sealer,
        clock: Clock,
        announcer: Announcer[PooledConnection],
        limits: OutboxLimits | None = None,
    ) -> None:
        self._pool = pool
        self._sealer = sealer
        self._clock = clock
        self._announcer = announcer
        self._limits = limits or OutboxLimits()
        self._announced: dict[str, tuple[ChainPosition, Announced]] = {}

    async def add_stream(self, stream: str) -> None:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="add stream") as connection:
            await connection.execute(sql.ADD_STREAM, stream, GENESIS_HEAD)

    async def positions(self, stream: str) -> StreamPositions:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="read stream") as connection:
            record = await connection.fetchrow(sql.POSITIONS, stream)
        return _positions(stream, record)

    async def seal(self, stream: str) -> SealedFrame | None:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="seal") as connection:
            positions = await _locked(connection, stream)
            if positions.sealed.epoch == 0:
                return None
            announced = await self._announced_on(connection, positions)
            records = await self._pending(connection, positions)
            rows = [_pending_row(record) for record in records]
            now = self._clock.now()
            composed = compose(
                positions,
                await self._material(connection, stream, rows, announced, now),
                announced,
                sealer=self._sealer,
                now=now,
            )
            if composed is None:
                return None
            await _keep(connection, composed, records, now)
        # What an epoch has announced changes only with its head.
        announced.add(composed.announcements)
        self._announced[stream] = (position_of(composed.frame), announced)
        return composed.frame

    async def _announced_on(
        self, connection: PooledConnection, positions: StreamPositions
    ) -> Announced:
        kept = self._announced.get(positions.stream)
        if kept is not None and kept[0] == positions.sealed:
            return kept[1]
        records = await connection.fetch(
            sql.ANNOUNCED, positions.stream, positions.sealed.epoch
        )
        announced = Announced(
            Announcement(
                kind=Kind(record["kind"]),
                key=record["key"],
                number=record["number"],
                fingerprint=record["fingerprint"],
            )
            for record in records
        )
        self._announced[positions.stream] = (positions.sealed, announced)
        return announced

    async def _pending(
        self, connection: PooledConnection, positions: StreamPositions
    ) -> list[asyncpg.Record]:
        oldest = (positions.sealed.sequence + 1) % OLDEST_EVERY == 0
        return await connection.fetch(
            sql.PENDING_OLDEST if oldest else sql.PENDING_NEWEST,
            positions.stream,
            self._limits.frame_rows_max,
        )

    async def _material(
        self,
        connection: PooledConnection,
        stream: str,
        rows: Sequence[PendingRow],
        announced: Announced,
        now: datetime,
    ) -> Material:
        withheld = [
            WithheldSeries(key=series_key(record), ground=record["withheld_ground"])
            for record in await connection.fetch(sql.WITHHELD, stream)
        ]
        indicators = {row.row.series.indicator for row in rows}
        indicators.update(item.key.indicator for item in withheld)
        indicators.update(announced.keys(Kind.INDICATOR))
        obligations = await self._announcer.obligations(connection, stream)
        indicators.update(one.indicator for one in obligations)
        contracts = await _contracts(connection, indicators)
        calendars = await _calendars(connection)
        wanted = wanted_of(rows, withheld)
        return Material(
            rows=rows,
            contracts=contracts,
            calendars=calendars,
            withheld=withheld,
            descriptions=await self._announcer.describe(connection, wanted),
            obligations=obligations,
            # Finding unconfirmed rows reads the table, so only when it matters.
            nothing_left=completion_due(contracts.values(), calendars, announced, now)
            and await _nothing_left(connection, stream, len(rows)),
        )

    async def frames_after(
        self, stream: str, position: ChainPosition, *, frames_max: int
    ) -> list[SealedFrame]:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="read frames") as connection:
            positions = _positions(
                stream, await connection.fetchrow(sql.POSITIONS, stream)
            )
            records = await connection.fetch(
                sql.FRAMES_AFTER,
                stream,
                positions.sealed.epoch,
                position.sequence,
                position.sequence + frames_max,
            )
        return [SealedFrame(**dict(record)) for record in records]

    async def can_resume(self, stream: str, cursor: ChainPosition) -> bool:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="find cursor") as connection:
            positions = _positions(
                stream, await connection.fetchrow(sql.POSITIONS, stream)
            )
            sealed = positions.sealed
            if cursor.epoch == 0 or cursor.epoch != sealed.epoch:
                return False
            if not await _held(connection, positions, [cursor]):
                return False
            stored = await connection.fetchval(
                sql.FRAME_COUNT, stream, sealed.epoch, cursor.sequence, sealed.sequence
            )
        return bool(stored == sealed.sequence - cursor.sequence)

    async def newest_common(
        self, stream: str, chain: Sequence[ChainPosition]
    ) -> ChainPosition:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="find common frame") as connection:
            positions = _positions(
                stream, await connection.fetchrow(sql.POSITIONS, stream)
            )
            held = await _held(connection, positions, chain)
        return max(held, default=START)

    async def acknowledge(
        self, stream: str, receipt: pb.Receipt, parent: Verifier
    ) -> ChainPosition:
        """See ``Outbox``."""
        covered = checked_receipt(stream, receipt, parent)
        async with transaction(self._pool, doing="acknowledge") as connection:
            positions = await _locked(connection, stream)
            held = bool(await _held(connection, positions, [covered]))
            check_acknowledged(positions, covered, held=held)
            before = positions.acknowledged
            if covered <= before:
                return before
            now = self._clock.now()
            await connection.execute(
                sql.ACKNOWLEDGE,
                stream,
                covered.epoch,
                covered.sequence,
                covered.head,
                now,
                receipt.SerializeToString(),
            )
            first = before.sequence if before.epoch == covered.epoch else 0
            await connection.execute(
                sql.FRAMES_ACKNOWLEDGED,
                stream,
                covered.epoch,
                first,
                covered.sequence,
                now,
            )
        return covered

    async def open_epoch(
        self, stream: str, grant: pb.EpochGrant, parent: Verifier
    ) -> StreamPositions:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="open epoch") as connection:
            positions = await _locked(connection, stream)
            start, common = checked_grant(positions, grant, parent)
            if not await _held(connection, positions, [common]):
                raise nonsense(stream, "an unknown common frame", "gói chung không có")
            place = (stream, common.epoch, common.sequence)
            # Only a sealer marks values as sealed, and we hold the stream's row.
            if await connection.fetchval(sql.SEALED_AFTER, *place):
                await connection.execute(sql.LOCK_VALUES)
                await connection.execute(sql.BACK_TO_PENDING, *place)
            now = self._clock.now()
            await connection.execute(
                sql.OPEN_EPOCH,
                stream,
                start.epoch,
                start.head,
                now,
                grant.receipt.SerializeToString(),
            )
            await connection.execute(
                sql.NOTE_EPOCH,
                stream,
                start.epoch,
                start.head,
                common.epoch,
                common.sequence,
                now,
            )
            await connection.execute(sql.FORGET_ANNOUNCED, stream)
            return _positions(stream, await connection.fetchrow(sql.POSITIONS, stream))

    async def prune(self) -> int:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="prune frames") as connection:
            status = await connection.execute(
                sql.PRUNE,
                self._clock.now() - self._limits.retain_after_ack,
                self._limits.quota_bytes,
                self._limits.prune_frames_max,
            )
        return int(status.rsplit(" ", 1)[1])

    async def stats(self, stream: str) -> StreamStats:
        """See ``Outbox``."""
        async with transaction(self._pool, doing="outbox stats") as connection:
            record = await connection.fetchrow(sql.POSITIONS, stream)
            counted = await connection.fetch(sql.STATS, stream)
        return StreamStats(
            stream=stream,
            positions=_positions(stream, record),
            **dict(counted[0]),
        )

    def watching(self, wake: Wake) -> AbstractAsyncContextManager[None]:
        """See ``Outbox``."""
        return watching(self._pool, wake)


async def _locked(connection: PooledConnection, stream: str) -> StreamPositions:
    return _positions(stream, await connection.fetchrow(sql.POSITIONS_LOCKED, stream))


def _positions(stream: str, record: asyncpg.Record | None) -> StreamPositions:
    if record is None:
        return StreamPositions(stream=stream)
    epoch = record["epoch"]
    receipt = record["receipt"]
    return StreamPositions(
        stream=stream,
        start=ChainPosition(epoch=epoch, sequence=0, head=record["start_head"]),
        sealed=ChainPosition(
            epoch=epoch, sequence=record["sequence"], head=record["head"]
        ),
        acknowledged=ChainPosition(
            epoch=record["acknowledged_epoch"],
            sequence=record["acknowledged_sequence"],
            head=record["acknowledged_head"],
        ),
        highest_epoch=record["highest_epoch"],
        acknowledged_at=record["acknowledged_at"],
        receipt=None if receipt is None else pb.Receipt.FromString(receipt),
    )


async def _held(
    connection: PooledConnection,
    positions: StreamPositions,
    asked: Sequence[ChainPosition],
) -> set[ChainPosition]:
    """Return the positions that are on our chain, of those asked for."""
    records = await connection.fetch(
        sql.FRAME_HEADS,
        positions.stream,
        [each.epoch for each in asked],
        [each.sequence for each in asked],
    )
    ours = {ChainPosition(**dict(record)) for record in records}
    ours |= {positions.start, positions.acknowledged, START}
    return ours & set(asked)


def _pending_row(record: asyncpg.Record) -> PendingRow:
    row = row_of(record)
    carrier = None
    if record["carrier_stream"]:
        carrier = Version(
            stream=record["carrier_stream"],
            epoch=record["carrier_epoch"],
            sequence=record["carrier_sequence"],
        )
    origin = reissued_origin(row, carrier)
    if origin != row.origin:
        row = dataclasses.replace(row, origin=origin)
    if record["withheld_ground"] is not None:
        row = masked(row)
    return PendingRow(row=row, contract_hash=record["contract_hash"])


async def _nothing_left(connection: PooledConnection, stream: str, taken: int) -> bool:
    pending = await connection.fetchval(sql.PENDING_COUNT, stream, taken + 1)
    if pending > taken:
        return False
    return not await connection.fetchval(sql.UNCONFIRMED, stream)


async def _keep(
    connection: PooledConnection,
    composed: Composed,
    records: Sequence[asyncpg.Record],
    now: datetime,
) -> None:
    frame = composed.frame
    new = composed.announcements
    await connection.execute(
        sql.ANNOUNCE,
        frame.stream,
        frame.epoch,
        [each.kind.value for each in new],
        [each.key for each in new],
        [each.number for each in new],
        [each.fingerprint for each in new],
    )
    taken = records[: len(composed.rows)]
    await connection.execute(
        sql.MARK_SEALED,
        [record["series_id"] for record in taken],
        [record["period_start"] for record in taken],
        frame.epoch,
        frame.sequence,
    )
    await connection.execute(
        sql.KEEP_FRAME,
        frame.stream,
        frame.epoch,
        frame.sequence,
        frame.previous_head,
        frame.head,
        frame.body,
        frame.signature,
        frame.key_id,
        frame.row_count,
        frame.size_bytes,
        now,
    )
    await connection.execute(sql.ADVANCE, frame.stream, frame.sequence, frame.head)


async def _contracts(
    connection: PooledConnection, ids: Iterable[str]
) -> dict[str, Indicator]:
    records = await connection.fetch(sql.CONTRACTS, sorted(ids))
    contracts = [_indicator(record["document"]) for record in records]
    return {each.id: each for each in contracts}


async def _calendars(connection: PooledConnection) -> dict[str, Calendar]:
    records = await connection.fetch(sql.CALENDARS)
    return CALENDARS | {
        record["id"]: _calendar(record["document"]) for record in records
    }


# The same few documents are read again with every frame.
_indicator = functools.lru_cache(maxsize=1024)(read_indicator)
_calendar = functools.lru_cache(maxsize=64)(read_calendar)
