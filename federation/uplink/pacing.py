"""How fast to go: credits, sealing ahead, and waiting after failures."""

from __future__ import annotations

import dataclasses
from collections import deque
from random import Random


class Credits:
    """How much may be sent and not yet acknowledged, all streams together.

    The parent sets the bounds. A single frame may always be in flight, or a frame
    larger than the bound would stop everything for ever.
    """

    def __init__(self, *, frames_max: int, bytes_max: int) -> None:
        self.frames_max = frames_max
        self.bytes_max = bytes_max
        self.frames = 0
        self.bytes = 0

    def fits(self, size_bytes: int) -> bool:
        """Return whether a frame may be sent now."""
        return self.frames == 0 or (
            self.frames < self.frames_max and self.bytes + size_bytes <= self.bytes_max
        )

    def take(self, size_bytes: int) -> None:
        """Count a frame as in flight."""
        self.frames += 1
        self.bytes += size_bytes

    def release(self, size_bytes: int) -> None:
        """Count a frame as no longer in flight."""
        self.frames -= 1
        self.bytes -= size_bytes


class SealAhead:
    """How many frames may be sealed ahead of the acknowledgement.

    As many as were acknowledged in the last second, and one more to find out whether
    more would go; so a live row waits behind about a second of backlog.
    """

    def __init__(self, frames_max: int) -> None:
        self._frames_max = frames_max
        self._acknowledged_at: deque[float] = deque(maxlen=frames_max)

    def note(self, frames: int, now_s: float) -> None:
        """Count acknowledged frames; times are of the event loop."""
        self._acknowledged_at.extend([now_s] * min(frames, self._frames_max))

    def frames(self, now_s: float) -> int:
        """Return the number of frames, at least 1."""
        recent = sum(1 for at in self._acknowledged_at if at > now_s - 1)
        return max(1, min(recent + 1, self._frames_max))


@dataclasses.dataclass(kw_only=True)
class Backoff:
    """Exponential waits with full jitter."""

    min_s: float
    max_s: float
    random: Random
    _failures: int = 0

    def next_s(self) -> float:
        """Return how long to wait after one more failure."""
        bound = min(self.max_s, self.min_s * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return self.random.uniform(0, bound)

    def reset(self) -> None:
        """Begin anew: the parent acknowledged something."""
        self._failures = 0
