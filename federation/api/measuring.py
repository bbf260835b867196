"""Metrics that nobody counts up: read now and then from where the truth is.

They are not read when somebody asks for ``/metrics``, which needs no log-in: asking
often costs the database nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from federation.api.requests import Parts
from federation.observability.metrics import (
    LINK_CONNECTED,
    LINK_REFUSED,
    OUTBOX_PENDING_ROWS,
    SILENT_OBLIGATIONS,
)

MEASURING_INTERVAL_S = 15.0
"""What is shown is at most this old."""

SILENCE_INTERVAL = timedelta(minutes=5)
"""Silence is counted over all that is owed, and changes with the hours."""

Measure = Callable[[], Awaitable[None]]


async def keep_measuring(
    parts: Parts,
    *,
    also: Sequence[Measure] = (),
    interval_s: float = MEASURING_INTERVAL_S,
) -> None:
    """Measure readiness and the streams to the parent until cancelled.

    Args:
        parts: What the application of the runtime stands on.
        also: A program's own measures.
        interval_s: Pause between two readings.

    Raises:
        StorageError: The database went away; run it again.
    """
    silence_at: datetime | None = None
    while True:
        # First, because it says which check fails when the others can't be read.
        await parts.probes.readiness()
        await _measure_links(parts)
        now = parts.clock.now()
        if silence_at is None or now >= silence_at:
            await _measure_silence(parts)
            silence_at = now + SILENCE_INTERVAL
        for measure in also:
            await measure()
        await asyncio.sleep(interval_s)


async def _measure_silence(parts: Parts) -> None:
    counts = await parts.obligations.silent_counts(await parts.knowledge())
    parts.metrics.forget(SILENT_OBLIGATIONS)
    for subsystem, count in counts.items():
        parts.metrics.gauge(SILENT_OBLIGATIONS, subsystem=subsystem).set(count)


async def _measure_links(parts: Parts) -> None:
    links, metrics = await parts.links(), parts.metrics
    # A stream may have gone to another node.
    for metric in (OUTBOX_PENDING_ROWS, LINK_CONNECTED, LINK_REFUSED):
        metrics.forget(metric)
    for link in links:
        stream = link.stream
        metrics.gauge(OUTBOX_PENDING_ROWS, stream=stream).set(link.pending_rows)
        metrics.gauge(LINK_CONNECTED, stream=stream).set(link.state == "connected")
        metrics.gauge(LINK_REFUSED, stream=stream).set(link.state == "refused")
