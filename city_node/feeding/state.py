"""How each feed is doing: shown by a route, measured, and told once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import structlog

from federation.clock import Clock
from federation.model.indicator import Text
from federation.observability.metrics import (
    FEED_INPUTS,
    FEED_LAST_INPUT,
    FEED_OK,
    FEED_WAITING,
    Metrics,
)

PROBLEMS_SHOWN_MAX = 20
"""More files that wait for somebody are counted and not listed."""

log = structlog.get_logger(__name__)


class FeedKind(StrEnum):
    """How input comes."""

    WATCH = "watch"
    POLL = "poll"


class FeedOutcome(StrEnum):
    """What became of one input."""

    ARCHIVED = "archived"
    PARTLY = "partly"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedState:
    """What is known of a feed; ``failure`` is why nothing comes now, since when.

    ``problems`` names files that can't be taken or put away, with the reason.
    """

    id: str
    kind: FeedKind
    place: str
    subsystem: str
    failure: Text | None = None
    failing_since: datetime | None = None
    looked_at: datetime | None = None
    input_at: datetime | None = None
    input: str = ""
    outcome: FeedOutcome | None = None
    run: int | None = None
    waiting: int = 0
    problems: Sequence[tuple[str, Text]] = ()


@dataclass(kw_only=True)
class Feed:
    """Keeps the state of one feed.

    A loss is told once and the return once, of the feed and of each file; the metrics
    and the state tell it at every moment.
    """

    id: str
    kind: FeedKind
    place: str
    subsystem: str
    clock: Clock
    metrics: Metrics
    state: FeedState = field(init=False)
    _problems: dict[str, Text] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.state = FeedState(
            id=self.id, kind=self.kind, place=self.place, subsystem=self.subsystem
        )
        self.metrics.gauge(FEED_OK, feed=self.id).set(1)

    def looked(self, *, waiting: int = 0) -> None:
        """Note that the feed could be looked at."""
        if self.state.failure is not None:
            log.info("feed_returned", feed=self.id, place=self.place)
        self.metrics.gauge(FEED_OK, feed=self.id).set(1)
        self.metrics.gauge(FEED_WAITING, feed=self.id).set(waiting)
        self.state = replace(
            self.state,
            failure=None,
            failing_since=None,
            looked_at=self.clock.now(),
            waiting=waiting,
        )

    def lost(self, why: Text) -> None:
        """Note that the feed can't be looked at."""
        if self.state.failure is None:
            log.warning("feed_lost", feed=self.id, place=self.place, why=why.en)
        self.metrics.gauge(FEED_OK, feed=self.id).set(0)
        self.state = replace(
            self.state,
            failure=why,
            failing_since=self.state.failing_since or self.clock.now(),
        )

    def took(self, name: str, outcome: FeedOutcome, run: int | None) -> None:
        """Note what became of an input."""
        now = self.clock.now()
        self.metrics.counter(FEED_INPUTS, feed=self.id, outcome=outcome.value).inc()
        self.metrics.gauge(FEED_LAST_INPUT, feed=self.id).set(now.timestamp())
        log.info(
            "feed_took", feed=self.id, input=name, outcome=outcome.value, ingest_run=run
        )
        self.state = replace(
            self.state, input_at=now, input=name, outcome=outcome, run=run
        )

    def stuck(self, name: str, why: Text) -> None:
        """Note that a file can't be taken or put away."""
        if name not in self._problems:
            log.warning("feed_file_stuck", feed=self.id, file=name, why=why.en)
        self._problems[name] = why
        self._show_problems()

    def freed(self, name: str) -> None:
        """Note that a file goes on, or is gone."""
        if self._problems.pop(name, None) is not None:
            log.info("feed_file_goes_on", feed=self.id, file=name)
            self._show_problems()

    @property
    def stuck_files(self) -> frozenset[str]:
        """Return the names of the files that can't go on."""
        return frozenset(self._problems)

    def _show_problems(self) -> None:
        shown = sorted(self._problems.items())[:PROBLEMS_SHOWN_MAX]
        self.state = replace(self.state, problems=tuple(shown))
