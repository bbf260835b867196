"""The outbox in memory, for simulations and tests: same promises, no disk.

It keeps the values itself: ``change`` is what a warehouse's ``apply`` is to the real
one, and ``image``/``restore`` are a backup.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from federation.clock import Clock
from federation.identity.documents import START, ChainPosition
from federation.identity.keys import Verifier
from federation.model.indicator import Indicator
from federation.model.period import CALENDARS
from federation.model.row import Row, SeriesKey, Version
from federation.model.withholding import masked
from federation.outbox.announced import Announced
from federation.outbox.announcer import Announcer, FixedAnnouncer
from federation.outbox.compose import Composed, Material, compose, wanted_of
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
from federation.warehouse.store import day_of_period
from federation.wire.frames import SealedFrame
from federation.wire.payload import WithheldSeries
from federation.wire.v1 import uplink_pb2 as pb

_ValueKey = tuple[SeriesKey, int]


@dataclasses.dataclass(kw_only=True)
class _Value:
    stream: str
    row: Row
    contract_hash: bytes
    known_at: datetime
    sealed: tuple[int, int] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Kept:
    frame: SealedFrame
    sealed_at: datetime
    acknowledged_at: datetime | None = None


@dataclasses.dataclass(kw_only=True)
class _Disk:
    """Everything that a backup holds."""

    values: dict[_ValueKey, _Value] = dataclasses.field(default_factory=dict)
    contracts: dict[str, Indicator] = dataclasses.field(default_factory=dict)
    withheld: dict[str, dict[SeriesKey, str]] = dataclasses.field(default_factory=dict)
    streams: dict[str, StreamPositions] = dataclasses.field(default_factory=dict)
    announced: dict[str, Announced] = dataclasses.field(default_factory=dict)
    frames: dict[tuple[str, int, int], _Kept] = dataclasses.field(default_factory=dict)


class MemoryOutbox:
    """Keeps ``Outbox``'s promises in dictionaries."""

    def __init__(
        self,
        *,
        sealer: Sealer,
        clock: Clock,
        announcer: Announcer[None] | None = None,
        limits: OutboxLimits | None = None,
    ) -> None:
        self._sealer = sealer
        self._clock = clock
        self._announcer = announcer or FixedAnnouncer()
        self._limits = limits or OutboxLimits()
        self._disk = _Disk()
        self._watchers: list[Wake] = []

    def know(self, *contracts: Indicator) -> None:
        """Take in indicator contracts."""
        self._disk.contracts.update({each.id: each for each in contracts})

    def change(self, stream: str, *rows: Row, carrier: Version | None = None) -> None:
        """Make rows current and pending; an equal row changes nothing."""
        for row in rows:
            contract = self._disk.contracts[row.series.indicator]
            key = (row.series, row.period.start)
            sent = dataclasses.replace(row, origin=reissued_origin(row, carrier))
            held = self._disk.values.get(key)
            if held is not None and (held.stream, held.row) == (stream, sent):
                continue
            self._disk.values[key] = _Value(
                stream=stream,
                row=sent,
                contract_hash=contract.contract_hash,
                known_at=self._clock.now(),
            )
        for wake in self._watchers:
            wake(stream)

    def withhold(self, stream: str, key: SeriesKey, ground: str) -> None:
        """Send no number of a series from now on; the parent hears on what ground."""
        self._disk.withheld.setdefault(stream, {})[key] = ground
        self._again(key)

    def share(self, stream: str, key: SeriesKey) -> None:
        """Send the rows of a withheld series again, all of them."""
        self._disk.withheld.get(stream, {}).pop(key, None)
        self._again(key)

    def _again(self, key: SeriesKey) -> None:
        for (series, _), value in self._disk.values.items():
            if series == key:
                value.sealed = None

    def image(self) -> Any:
        """Return a backup."""
        return copy.deepcopy(self._disk)

    def restore(self, image: Any) -> None:
        """Go back to a backup."""
        self._disk = copy.deepcopy(image)

    async def add_stream(self, stream: str) -> None:
        """See ``Outbox``."""
        self._disk.streams.setdefault(stream, StreamPositions(stream=stream))

    async def positions(self, stream: str) -> StreamPositions:
        """See ``Outbox``."""
        return self._disk.streams.get(stream, StreamPositions(stream=stream))

    async def seal(self, stream: str) -> SealedFrame | None:
        """See ``Outbox``."""
        positions = await self.positions(stream)
        if positions.sealed.epoch == 0:
            return None
        chosen = self._chosen(stream, positions.sealed.sequence + 1)
        grounds = self._disk.withheld.get(stream, {})
        rows = [_pending_row(value, grounds) for value in chosen]
        withheld = [
            WithheldSeries(key=key, ground=ground)
            for key, ground in sorted(grounds.items())
        ]
        wanted = wanted_of(rows, withheld)
        material = Material(
            rows=rows,
            contracts=self._disk.contracts,
            calendars=CALENDARS,
            withheld=withheld,
            descriptions=await self._announcer.describe(None, wanted),
            obligations=await self._announcer.obligations(None, stream),
            nothing_left=len(rows) == len(self._pending(stream))
            and not any(value.row.unconfirmed for value in self._sent(stream)),
        )
        composed = compose(
            positions,
            material,
            self._disk.announced.setdefault(stream, Announced()),
            sealer=self._sealer,
            now=self._clock.now(),
        )
        if composed is None:
            return None
        self._keep(positions, composed, chosen)
        return composed.frame

    def _sent(self, stream: str) -> list[_Value]:
        """Return the values that travel on a stream."""
        return [v for v in self._disk.values.values() if v.stream == stream]

    def _pending(self, stream: str) -> list[_Value]:
        return [value for value in self._sent(stream) if value.sealed is None]

    def _chosen(self, stream: str, sequence: int) -> list[_Value]:
        pending = sorted(
            self._pending(stream),
            key=lambda value: (day_of_period(value.row.period), value.row.series),
            reverse=sequence % OLDEST_EVERY != 0,
        )
        return pending[: self._limits.frame_rows_max]

    def _keep(
        self, positions: StreamPositions, composed: Composed, chosen: list[_Value]
    ) -> None:
        frame = composed.frame
        # A value that changed meanwhile is another object, and stays pending.
        for value in chosen[: len(composed.rows)]:
            value.sealed = (frame.epoch, frame.sequence)
        self._disk.announced[frame.stream].add(composed.announcements)
        self._disk.frames[frame.stream, frame.epoch, frame.sequence] = _Kept(
            frame=frame, sealed_at=self._clock.now()
        )
        self._disk.streams[frame.stream] = dataclasses.replace(
            positions, sealed=position_of(frame)
        )

    async def frames_after(
        self, stream: str, position: ChainPosition, *, frames_max: int
    ) -> list[SealedFrame]:
        """See ``Outbox``."""
        positions = await self.positions(stream)
        epoch = positions.sealed.epoch
        first = position.sequence + 1
        last = min(positions.sealed.sequence, position.sequence + frames_max)
        kept = (
            self._disk.frames.get((stream, epoch, sequence))
            for sequence in range(first, last + 1)
        )
        return [each.frame for each in kept if each is not None]

    async def can_resume(self, stream: str, cursor: ChainPosition) -> bool:
        """See ``Outbox``."""
        positions = await self.positions(stream)
        if cursor.epoch == 0 or cursor.epoch != positions.sealed.epoch:
            return False
        return self._holds(positions, cursor) and all(
            (stream, cursor.epoch, sequence) in self._disk.frames
            for sequence in range(cursor.sequence + 1, positions.sealed.sequence + 1)
        )

    def _holds(self, positions: StreamPositions, position: ChainPosition) -> bool:
        if position in (positions.start, positions.acknowledged, START):
            return True
        kept = self._disk.frames.get(
            (positions.stream, position.epoch, position.sequence)
        )
        return kept is not None and kept.frame.head == position.head

    async def newest_common(
        self, stream: str, chain: Sequence[ChainPosition]
    ) -> ChainPosition:
        """See ``Outbox``."""
        positions = await self.positions(stream)
        held = (each for each in chain if self._holds(positions, each))
        return max(held, default=START)

    async def acknowledge(
        self, stream: str, receipt: pb.Receipt, parent: Verifier
    ) -> ChainPosition:
        """See ``Outbox``."""
        covered = checked_receipt(stream, receipt, parent)
        positions = await self.positions(stream)
        check_acknowledged(positions, covered, held=self._holds(positions, covered))
        if covered <= positions.acknowledged:
            return positions.acknowledged
        now = self._clock.now()
        for key, kept in self._disk.frames.items():
            if key[:2] == (stream, covered.epoch) and key[2] <= covered.sequence:
                self._disk.frames[key] = dataclasses.replace(
                    kept, acknowledged_at=kept.acknowledged_at or now
                )
        self._disk.streams[stream] = dataclasses.replace(
            positions, acknowledged=covered, acknowledged_at=now, receipt=receipt
        )
        return covered

    async def open_epoch(
        self, stream: str, grant: pb.EpochGrant, parent: Verifier
    ) -> StreamPositions:
        """See ``Outbox``."""
        positions = await self.positions(stream)
        start, common = checked_grant(positions, grant, parent)
        if not self._holds(positions, common):
            raise nonsense(stream, "an unknown common frame", "gói chung không có")
        for value in self._disk.values.values():
            if (
                value.stream == stream
                and value.sealed is not None
                and value.sealed > (common.epoch, common.sequence)
            ):
                value.sealed = None
        opened = StreamPositions(
            stream=stream,
            start=start,
            sealed=start,
            acknowledged=start,
            highest_epoch=start.epoch,
            acknowledged_at=self._clock.now(),
            receipt=grant.receipt,
        )
        self._disk.streams[stream] = opened
        self._disk.announced[stream] = Announced()
        return opened

    async def prune(self) -> int:
        """See ``Outbox``."""
        kept_until = self._clock.now() - self._limits.retain_after_ack
        spare = sum(kept.frame.size_bytes for kept in self._disk.frames.values())
        spare -= self._limits.quota_bytes
        removed = 0
        for key, kept in sorted(
            self._disk.frames.items(), key=lambda item: item[1].sealed_at
        ):
            done_at = kept.acknowledged_at
            if key[1] < self._disk.streams[key[0]].sealed.epoch:
                done_at = done_at or kept.sealed_at
            if done_at is not None and (done_at < kept_until or spare > 0):
                del self._disk.frames[key]
                spare -= kept.frame.size_bytes
                removed += 1
        return removed

    async def stats(self, stream: str) -> StreamStats:
        """See ``Outbox``."""
        pending = self._pending(stream)
        sizes = [
            kept.frame.size_bytes
            for key, kept in self._disk.frames.items()
            if key[0] == stream
        ]
        return StreamStats(
            stream=stream,
            pending_rows=len(pending),
            oldest_pending_at=min((each.known_at for each in pending), default=None),
            frames=len(sizes),
            frame_bytes=sum(sizes),
            positions=await self.positions(stream),
        )

    @asynccontextmanager
    async def watching(self, wake: Wake) -> AsyncIterator[None]:
        """See ``Outbox``."""
        self._watchers.append(wake)
        try:
            yield
        finally:
            self._watchers.remove(wake)


def _pending_row(value: _Value, withheld: Container[SeriesKey]) -> PendingRow:
    row = masked(value.row) if value.row.series in withheld else value.row
    return PendingRow(row=row, contract_hash=value.contract_hash)
