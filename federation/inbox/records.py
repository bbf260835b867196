"""Values of the inbox: cursors, arrivals, stored frames, dead letters, links."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from federation.identity.documents import ChainPosition
from federation.wire.frames import GENESIS_HEAD, SealedFrame
from federation.wire.refusal import RefusalCode


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """What the parent holds of a stream: the truth of delivery."""

    stream: str
    epoch: int = 0
    sequence: int = 0
    head: bytes = GENESIS_HEAD
    highest_epoch: int = 0
    """No epoch up to this one is ever granted again."""
    fence: int = 0
    """Fence of the newest assignment that said hello; older ones are refused."""
    frame_count: int = 0
    """Frames on the chain, all epochs together."""
    committed_at: datetime | None = None
    """When the newest frame was committed; None before the first."""

    @property
    def position(self) -> ChainPosition:
        """Return the cursor as a position on the chain."""
        return ChainPosition(epoch=self.epoch, sequence=self.sequence, head=self.head)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Why a genuine frame, or a row of one, is set aside."""

    code: RefusalCode
    detail: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A genuine frame that waits for its commit."""

    frame: SealedFrame
    node: str
    fence: int
    fault: Fault | None = None
    """Set: the frame goes to the dead letters while its stream goes on."""

    @property
    def position(self) -> ChainPosition:
        """Return where the frame stands."""
        return ChainPosition(
            epoch=self.frame.epoch, sequence=self.frame.sequence, head=self.frame.head
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StoredFrame:
    """An entry of the frame log."""

    stream: str
    epoch: int
    sequence: int
    head: bytes
    body: bytes
    signature: bytes
    key_id: bytes
    node: str
    received_at: datetime
    set_aside: bool
    """True: a dead letter; whoever applies the log only steps over it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A frame, or one row of it, that was set aside."""

    stream: str
    epoch: int
    sequence: int
    code: RefusalCode
    detail: str = ""
    series: int | None = None
    """Series number and period of the row; None for the whole frame."""
    period_start: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UntoldLetter:
    """A dead letter that the child does not know of yet."""

    id: int
    head: bytes
    letter: DeadLetter


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class LinkState:
    """The newest link of a node."""

    node: str
    link_id: bytes
    boot_id: bytes
    software_version: str
    connected: bool
    opened_at: datetime
    heard_at: datetime
    clock_offset_us: int | None = None
    """Child's clock minus the parent's; None before it was measured."""
