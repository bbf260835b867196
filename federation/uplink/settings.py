"""Times and limits of an uplink, and what happens at each."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class UplinkSettings:
    """Everything an operator may set; tests use short times."""

    backoff_min_s: float = 0.5
    """Upper bound of the first wait after a failure; it doubles with every further
    one. The wait itself is random between 0 and the bound (full jitter)."""
    backoff_max_s: float = 60.0
    """The bound grows no further. It starts anew only once the parent acknowledged."""
    refused_retry_interval_s: float = 300.0
    """Wait after a refusal that trying again would not change by itself. The state is
    ``refused`` until then: a person has to do something."""
    answer_timeout_s: float = 15.0
    """A challenge, welcome or epoch that has not come by then ends the link."""
    acknowledgement_timeout_s: float = 30.0
    """A frame without acknowledgement for so long ends the link; the next hello tells
    what arrived."""
    heartbeat_interval_s: float = 15.0
    """Own sign of life; a parent may ask for another interval in its challenge."""
    heartbeats_missed_max: int = 3
    """So many intervals without any message of the parent end the link."""
    frames_ahead_max: int = 16
    """Frames sealed and not acknowledged, for one stream; at the limit rows stay
    pending, so that a live row never waits behind a backlog."""
    linger_s: float = 0.02
    """Wait of an idle stream for more rows before it seals the first."""
    poll_interval_s: float = 5.0
    """Look for pending rows although nobody told of any: finished periods, and
    notifications that got lost."""
    resends_max: int = 3
    """A parent that asks for the same frame more often gets a new link instead."""
    prune_interval_s: float = 600.0
    """Wait between two removals of frames that were kept long enough."""
    goodbye_timeout_s: float = 1.0
    """A parent that can't be told goodbye by then is left without."""
