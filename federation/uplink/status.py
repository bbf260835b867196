"""What a person is shown of an uplink."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import StrEnum

from federation.model.indicator import Text


class StreamState(StrEnum):
    """How a stream stands with the parent."""

    CONNECTED = "connected"
    """Frames go and are acknowledged."""
    CONNECTING = "connecting"
    """Not now; it tries again by itself."""
    REFUSED = "refused"
    """The parent refused; a person has to do something."""
    STOPPED = "stopped"
    """The uplink does not run."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StreamStatus:
    """One stream towards the parent. ``parent`` is empty before the node joined."""

    stream: str
    parent: str
    state: StreamState
    epoch: int
    sealed: int
    acknowledged: int
    pending_rows: int
    oldest_pending_at: datetime | None
    last_acknowledged_at: datetime | None
    last_error: Text | None
    set_aside: int
    """Frames and rows that the parent put into its dead letters, since the start."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UplinkStatus:
    """The link and its streams."""

    state: StreamState
    parent: str
    connected_since: datetime | None
    clock_offset_s: float | None
    """Parent's clock minus ours, where it was measured."""
    last_error: Text | None
    streams: tuple[StreamStatus, ...]
