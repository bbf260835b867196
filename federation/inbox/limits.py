"""Bounds and times of the parent's side, and what happens at them."""

from __future__ import annotations

import dataclasses

from federation.wire.limits import FRAME_BYTES_MAX

EPOCH_MAX = 2**62
"""A child that names a higher epoch is refused: counting on must stay possible."""

CHAIN_NEAR = 8
"""Positions of a welcome's chain that follow each other; the older ones double."""

SET_ASIDE_MAX = 200
"""Dead letters named in one acknowledgement; the others follow with the next."""

NAME_CHARACTERS_MAX = 200
"""Longer ids of nodes and streams are refused unread."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LinkLimits:
    """How much a child may have in flight, and how long it may be silent."""

    credit_frames: int = 16
    credit_bytes: int = 16 * 1024 * 1024
    """Told to the child. At twice as much the link ends: a child that starts again
    from the cursor may have its old and its new flight under way."""
    batch_frames_max: int = 32
    """Frames of one commit; the rest waits for the next."""
    messages_max: int = 256
    """Messages that wait; at the limit the transport is not read."""
    heartbeat_interval_s: int = 15
    dead_after_intervals: int = 3
    """A link that is silent for so many intervals ends."""
    hello_timeout_s: float = 15.0
    """A link without a genuine hello ends."""
    gap_patience_s: float = 5.0
    """The same gap is asked for again after this."""
    links_max: int = 2_000
    """One more link is refused as unavailable."""

    def __post_init__(self) -> None:
        """Refuse limits under which no frame could pass."""
        if self.credit_bytes < FRAME_BYTES_MAX or self.credit_frames < 1:
            raise ValueError("the credit must admit one frame of the largest size")
