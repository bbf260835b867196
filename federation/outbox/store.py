"""What an outbox is: one protocol, one implementation on PostgreSQL, one in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from federation.errors import ErrorCode, FederationError
from federation.identity.documents import START, ChainPosition, open_receipt
from federation.identity.keys import Signer, Verifier
from federation.model.row import Row, Version
from federation.wire.frames import SealedFrame
from federation.wire.limits import FRAME_ROWS_MAX
from federation.wire.v1 import uplink_pb2 as pb

Wake = Callable[[str | None], None]

OLDEST_EVERY = 4
"""Every so many frames one takes the oldest pending rows instead of the newest."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OutboxLimits:
    """How much a frame takes, and how long one is kept."""

    frame_rows_max: int = FRAME_ROWS_MAX
    """Further rows wait for the next frame."""
    retain_after_ack: timedelta = timedelta(days=35)
    """An acknowledged frame is evidence for so long, then it goes."""
    quota_bytes: int = 4 * 1024**3
    """Above it acknowledged frames go early, the oldest first. Frames that the parent
    has not acknowledged always stay."""
    prune_frames_max: int = 10_000
    """Frames removed in one transaction; the rest goes at the next call."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Sealer:
    """Who seals: the node's key, and this start of its process."""

    signer: Signer
    boot_id: bytes


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StreamPositions:
    """Where a stream's chain stands on this side.

    ``start`` is the beginning of the present epoch, ``sealed`` the newest frame (or
    ``start``), ``acknowledged`` what the newest receipt covers.
    """

    stream: str
    start: ChainPosition = START
    sealed: ChainPosition = START
    acknowledged: ChainPosition = START
    highest_epoch: int = 0
    acknowledged_at: datetime | None = None
    receipt: pb.Receipt | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PendingRow:
    """A row to be sealed, with the contract its series was made under."""

    row: Row
    contract_hash: bytes


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StreamStats:
    """How much a stream still owes."""

    stream: str
    pending_rows: int
    oldest_pending_at: datetime | None
    frames: int
    frame_bytes: int
    positions: StreamPositions


class Outbox(Protocol):
    """Pending rows, sealed frames and receipts of this tier's streams.

    One sealer at a time works on a stream; a second one waits. Every call is one
    transaction, and may be repeated after an error that is ``retriable``.
    """

    async def add_stream(self, stream: str) -> None:
        """Make a stream known; one that is known stays as it is."""
        ...

    async def positions(self, stream: str) -> StreamPositions:
        """Return where a stream stands; ``START`` for one that never opened."""
        ...

    async def seal(self, stream: str) -> SealedFrame | None:
        """Seal the next frame, or return None when there is nothing to say.

        Nothing is sealed before the parent granted an epoch. A row that changes
        meanwhile stays pending. Rows without a contract wait for it.
        """
        ...

    async def frames_after(
        self, stream: str, position: ChainPosition, *, frames_max: int
    ) -> list[SealedFrame]:
        """Return stored frames of the present epoch after a position, in order."""
        ...

    async def can_resume(self, stream: str, cursor: ChainPosition) -> bool:
        """Return whether sending may go on after a cursor of the parent.

        True when the cursor is on the chain of the present epoch and every frame
        after it is still stored.
        """
        ...

    async def newest_common(
        self, stream: str, chain: Sequence[ChainPosition]
    ) -> ChainPosition:
        """Return the newest of the parent's positions that is on our chain as well.

        ``START`` when there is none: then everything is to be sent again.
        """
        ...

    async def acknowledge(
        self, stream: str, receipt: pb.Receipt, parent: Verifier
    ) -> ChainPosition:
        """Take in a receipt; return what is acknowledged now. It only moves forward.

        Raises:
            FederationError: ``WIRE``; another key signed it, it is about another
                stream, or about something that was never sealed. Nothing changed.
        """
        ...

    async def open_epoch(
        self, stream: str, grant: pb.EpochGrant, parent: Verifier
    ) -> StreamPositions:
        """Open the granted epoch: what was sealed after the common frame is pending.

        Raises:
            FederationError: ``WIRE``; the grant is not the parent's, is no new epoch,
                or names a common frame that we don't hold. Nothing changed.
        """
        ...

    async def prune(self) -> int:
        """Remove acknowledged frames that were kept long enough; return how many."""
        ...

    async def stats(self, stream: str) -> StreamStats:
        """Return how much is pending, sealed and acknowledged."""
        ...

    def watching(self, wake: Wake) -> AbstractAsyncContextManager[None]:
        """Call ``wake(stream)`` when values of a stream become pending, while open.

        None stands for any stream. A call may be missed (the database was restarted):
        who waits also polls.
        """
        ...


def position_of(frame: SealedFrame) -> ChainPosition:
    """Return the position of the chain after a frame."""
    return ChainPosition(epoch=frame.epoch, sequence=frame.sequence, head=frame.head)


def reissued_origin(row: Row, carrier: Version | None) -> Version | None:
    """Return the origin a row shows further up: the stream that brought it here.

    Its ``stream`` is the path the row took, the first issuer first: ``vinh``,
    ``17443/vinh``. The epoch and sequence are those at the first issuer.
    """
    if carrier is None:
        return None
    if row.origin is None:
        return carrier
    return Version(
        stream=f"{row.origin.stream}/{carrier.stream}",
        epoch=row.origin.epoch,
        sequence=row.origin.sequence,
    )


def checked_receipt(
    stream: str, receipt: pb.Receipt, parent: Verifier
) -> ChainPosition:
    """Return what a receipt covers.

    Raises:
        FederationError: ``WIRE`` when it is not the parent's, or of another stream.
    """
    document = open_receipt(receipt, parent)
    if document.stream != stream:
        raise nonsense(
            stream, "a receipt of another stream", "biên nhận của luồng khác"
        )
    return document.position


def check_acknowledged(
    positions: StreamPositions, covered: ChainPosition, *, held: bool
) -> None:
    """Check that a receipt speaks of something that was sealed.

    A receipt for an earlier epoch, or for frames that are gone, is old news.

    Raises:
        FederationError: ``WIRE``; it is ahead of what was sealed, or off our chain.
    """
    place = (covered.epoch, covered.sequence)
    acknowledged = (positions.acknowledged.epoch, positions.acknowledged.sequence)
    if place > (positions.sealed.epoch, positions.sealed.sequence):
        raise nonsense(
            positions.stream,
            f"{place} was never sealed",
            f"{place} chưa từng được đóng gói",
        )
    if place >= acknowledged and not held:
        raise nonsense(positions.stream, "a head off our chain", "khác chuỗi của nút")


def checked_grant(
    positions: StreamPositions, grant: pb.EpochGrant, parent: Verifier
) -> tuple[ChainPosition, ChainPosition]:
    """Return start and common frame of a grant.

    Raises:
        FederationError: ``WIRE`` when it does not open a new epoch of this stream.
    """
    start, common = ChainPosition.of(grant.start), ChainPosition.of(grant.common)
    stream = positions.stream
    signed = checked_receipt(stream, grant.receipt, parent)
    if grant.stream != stream or signed != start or start.sequence != 0:
        raise nonsense(stream, "an unsigned epoch", "kỳ không có chữ ký")
    if start.epoch <= positions.highest_epoch:
        raise nonsense(stream, "an epoch used before", "kỳ đã dùng")
    return start, common


def nonsense(stream: str, en: str, vi: str) -> FederationError:
    """Return the error of an answer that no sound parent gives."""
    return FederationError(
        ErrorCode.WIRE,
        f"Luồng {stream}: cấp trên trả lời không hợp lệ ({vi}). Không có gì được đánh "
        "dấu là đã nhận. Kiểm tra địa chỉ và phiên bản phần mềm của cấp trên.",
        f"Stream {stream}: the parent answered nonsense ({en}). Nothing was marked as "
        "received. Check the parent's address and the version of its software.",
        {"stream": stream},
    )
