"""The metrics of the children's streams."""

from collections.abc import Awaitable, Callable, Sequence

from federation.observability.metrics import (
    CHILD_CONNECTED,
    DEAD_LETTERS,
    INBOX_HIGH_WATERMARK,
    INBOX_LAST_COMMIT,
    PROJECTOR_LAG_FRAMES,
    Metrics,
)
from province_hub.children.standing import Standing

Standings = Callable[[], Awaitable[Sequence[Standing]]]
_GAUGES = (
    CHILD_CONNECTED,
    INBOX_HIGH_WATERMARK,
    INBOX_LAST_COMMIT,
    PROJECTOR_LAG_FRAMES,
)


class ChildMeasures:
    """Sets the metrics of all streams that this tier takes in."""

    def __init__(self, standings: Standings, metrics: Metrics) -> None:
        """Measure what ``standings`` reads, into the metrics of one runtime."""
        self._standings = standings
        self._metrics = metrics
        self._dead_letters: dict[str, int] = {}

    async def measure(self) -> None:
        """Read all streams and set their metrics.

        Raises:
            StorageError: The database does not answer.
        """
        found = await self._standings()
        # A stream may have gone to another parent.
        for metric in _GAUGES:
            self._metrics.forget(metric)
        for one in found:
            self._measure_one(one)

    def _measure_one(self, one: Standing) -> None:
        metrics, stream = self._metrics, one.assignment.stream
        connected = one.link is not None and one.link.connected
        metrics.gauge(CHILD_CONNECTED, stream=stream).set(connected)
        received = one.cursor.sequence if one.cursor is not None else 0
        metrics.gauge(INBOX_HIGH_WATERMARK, stream=stream).set(received)
        lag = max(0, received - one.projected)
        metrics.gauge(PROJECTOR_LAG_FRAMES, stream=stream).set(lag)
        if one.committed_at is not None:
            committed_s = one.committed_at.timestamp()
            metrics.gauge(INBOX_LAST_COMMIT, stream=stream).set(committed_s)
        # The database holds the whole number, a counter is counted up.
        before = self._dead_letters.get(stream, 0)
        more = max(0, one.dead_letters - before)
        metrics.counter(DEAD_LETTERS, stream=stream).inc(more)
        self._dead_letters[stream] = max(before, one.dead_letters)
