"""Every metric of the product: its name, kind, labels and meaning. Nowhere else.

To add one: add a constant below, of base units (seconds, bytes), ``_total`` for
counters, and few label values. Use it through a runtime's ``Metrics``::

    metrics.counter(TASK_FAILURES, task="uplink").inc()
"""

from __future__ import annotations

import dataclasses
import time
from enum import StrEnum

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Kind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = SECONDS_BUCKETS
    """Upper bounds of a histogram."""


METRICS: list[Metric] = []
"""All of them, in the order of this file; the documentation is checked against it."""


def _add(
    name: str,
    kind: Kind,
    meaning: str,
    labels: tuple[str, ...] = (),
    buckets: tuple[float, ...] = SECONDS_BUCKETS,
) -> Metric:
    metric = Metric(
        name=name, kind=kind, meaning=meaning, labels=labels, buckets=buckets
    )
    METRICS.append(metric)
    return metric


# ---- the process

BUILD_INFO = _add(
    "ioc_build_info",
    Kind.GAUGE,
    "Always 1; its labels say which program and release this is.",
    ("program", "version"),
)
UPTIME = _add(
    "ioc_uptime_seconds", Kind.GAUGE, "Seconds since this runtime was started."
)
TASK_FAILURES = _add(
    "ioc_task_failures_total",
    Kind.COUNTER,
    "Failures of a background task that was then started again.",
    ("task",),
)
PROBE_OK = _add(
    "ioc_probe_ok",
    Kind.GAUGE,
    "1 when the named readiness check passed at its last run, else 0.",
    ("check",),
)

# ---- the REST interface

HTTP_REQUESTS = _add(
    "ioc_http_requests_total",
    Kind.COUNTER,
    "Answered requests by method, route (not path) and status.",
    ("method", "route", "status"),
)
HTTP_SECONDS = _add(
    "ioc_http_request_seconds",
    Kind.HISTOGRAM,
    "How long a request took until its answer was sent.",
    ("method", "route"),
)

# ---- the history of values

HISTORY_REMOVED = _add(
    "ioc_history_removed_versions_total",
    Kind.COUNTER,
    "Versions that were taken out of history because a later one of the same hour or "
    "day stays.",
)
HISTORY_EXACT_SINCE = _add(
    "ioc_history_exact_since_timestamp_seconds",
    Kind.GAUGE,
    "Since when every version is kept, in seconds since 1970; of the time before one "
    "of each hour or day is. It falls behind when thinning does not come to its end.",
)

# ---- the feeds of a node

FEED_OK = _add(
    "ioc_feed_ok",
    Kind.GAUGE,
    "1 while a watched folder or a polled address can be read, else 0.",
    ("feed",),
)
FEED_INPUTS = _add(
    "ioc_feed_inputs_total",
    Kind.COUNTER,
    "Inputs of a feed by what became of them: archived, partly, rejected, unchanged.",
    ("feed", "outcome"),
)
FEED_LAST_INPUT = _add(
    "ioc_feed_last_input_timestamp_seconds",
    Kind.GAUGE,
    "When a feed last brought an input, in seconds since 1970; absent before the "
    "first.",
    ("feed",),
)
FEED_WAITING = _add(
    "ioc_feed_waiting_files",
    Kind.GAUGE,
    "Files that lie in a watched folder and are not put away yet.",
    ("feed",),
)

# ---- who owes what

SILENT_OBLIGATIONS = _add(
    "ioc_silent_obligations",
    Kind.GAUGE,
    "Obligations of a subsystem whose deadline and grace are over without a report; "
    "places without a node are not among them.",
    ("subsystem",),
)

# ---- the streams to the parent

OUTBOX_PENDING_ROWS = _add(
    "ioc_outbox_pending_rows",
    Kind.GAUGE,
    "Values of a stream that are not sealed into a frame yet.",
    ("stream",),
)
LINK_CONNECTED = _add(
    "ioc_link_connected",
    Kind.GAUGE,
    "1 while a stream's frames go to the parent and are acknowledged, else 0.",
    ("stream",),
)
LINK_REFUSED = _add(
    "ioc_link_refused",
    Kind.GAUGE,
    "1 while the parent refuses a stream and a person has to do something, else 0.",
    ("stream",),
)

# ---- the streams of the children

CHILD_CONNECTED = _add(
    "ioc_child_connected",
    Kind.GAUGE,
    "1 while the node that speaks for a stream has a link to this tier, else 0.",
    ("stream",),
)
INBOX_HIGH_WATERMARK = _add(
    "ioc_inbox_high_watermark",
    Kind.GAUGE,
    "Highest sequence that this tier has committed of a stream, in its epoch.",
    ("stream",),
)
INBOX_LAST_COMMIT = _add(
    "ioc_inbox_last_commit_timestamp_seconds",
    Kind.GAUGE,
    "When the newest frame of a stream was committed, in seconds since 1970; absent "
    "before the first.",
    ("stream",),
)
PROJECTOR_LAG_FRAMES = _add(
    "ioc_projector_lag_frames",
    Kind.GAUGE,
    "Frames of a stream that are committed and not yet applied to the warehouse.",
    ("stream",),
)
DEAD_LETTERS = _add(
    "ioc_dead_letters_total",
    Kind.COUNTER,
    "Frames and rows of a stream that were set aside with their reason.",
    ("stream",),
)


class Metrics:
    """The metrics of one runtime; two runtimes in a process don't mix."""

    def __init__(self, *, program: str = "", version: str = "") -> None:
        """Make every metric of this file; process metrics come with them."""
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        for metric in METRICS:
            self._make(metric)
        began = time.monotonic()
        self._gauges[UPTIME.name].set_function(lambda: time.monotonic() - began)
        if program:
            self.gauge(BUILD_INFO, program=program, version=version).set(1)

    def _make(self, metric: Metric) -> None:
        name, meaning, labels = metric.name, metric.meaning, metric.labels
        match metric.kind:
            case Kind.COUNTER:
                counter = Counter(name, meaning, labels, registry=self.registry)
                self._counters[name] = counter
            case Kind.GAUGE:
                gauge = Gauge(name, meaning, labels, registry=self.registry)
                self._gauges[name] = gauge
            case Kind.HISTOGRAM:
                self._histograms[name] = Histogram(
                    name,
                    meaning,
                    labels,
                    buckets=metric.buckets,
                    registry=self.registry,
                )

    def counter(self, metric: Metric, **labels: str) -> Counter:
        """Return a counter, for these label values when it has labels."""
        found = self._counters[metric.name]
        return found.labels(**labels) if metric.labels else found

    def gauge(self, metric: Metric, **labels: str) -> Gauge:
        """Return a gauge, for these label values when it has labels."""
        found = self._gauges[metric.name]
        return found.labels(**labels) if metric.labels else found

    def histogram(self, metric: Metric, **labels: str) -> Histogram:
        """Return a histogram, for these label values when it has labels."""
        found = self._histograms[metric.name]
        return found.labels(**labels) if metric.labels else found

    def forget(self, metric: Metric) -> None:
        """Drop a gauge's values for all label values, before they are set anew."""
        self._gauges[metric.name].clear()

    def render(self) -> bytes:
        """Return all values as text for Prometheus (``CONTENT_TYPE``)."""
        return generate_latest(self.registry)
