"""All feeds of a node: made from its settings, run as tasks of its service."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from city_node.config import NodeSettings, PollSettings, WatchSettings
from city_node.contract import Subsystem
from city_node.feeding.fetching import shown
from city_node.feeding.polling import PolledAddress, Poller
from city_node.feeding.remembered import PollMemory
from city_node.feeding.state import Feed, FeedKind, FeedState
from city_node.feeding.taking_in import Takes, TakingIn
from city_node.feeding.watching import WatchedFolder, Watcher
from federation import __version__
from federation.clock import Clock
from federation.observability.metrics import Metrics

Step = Callable[[], Awaitable[float]]
"""Does one round; returns how many seconds to wait until the next."""


@dataclass(frozen=True, kw_only=True)
class RunningFeed:
    """A feed with what it does in each round."""

    feed: Feed
    step: Step

    async def run(self) -> None:
        """Go round until cancelled.

        Raises:
            FederationError: A retriable one; run it again, nothing was lost.
        """
        while True:
            pause_s = await self.step()
            await asyncio.sleep(pause_s)


class Feeds:
    """The feeds of a node."""

    def __init__(self, running: Sequence[RunningFeed] = ()) -> None:
        """Hold feeds; none of them runs yet."""
        self.running = tuple(running)

    def states(self) -> list[FeedState]:
        """Return how each is doing, in the order of the settings."""
        return [each.feed.state for each in self.running]


def feeds_of(
    settings: NodeSettings,
    *,
    intake: Takes,
    subsystems: Mapping[str, Subsystem],
    memory: PollMemory,
    clock: Clock,
    metrics: Metrics,
) -> Feeds:
    """Return the feeds that the settings name."""
    take_in = TakingIn(intake, subsystems)
    return Feeds(
        [_watch(each, take_in, clock, metrics) for each in settings.watch]
        + [_poll(each, take_in, memory, clock, metrics) for each in settings.poll]
    )


def _watch(
    settings: WatchSettings, take_in: TakingIn, clock: Clock, metrics: Metrics
) -> RunningFeed:
    feed = Feed(
        id=settings.id,
        kind=FeedKind.WATCH,
        place=str(settings.folder),
        subsystem=settings.subsystem,
        clock=clock,
        metrics=metrics,
    )
    # Links in the configured paths are the operator's; later ones are not followed.
    watched = WatchedFolder(
        folder=settings.folder.resolve(),
        archive=settings.archive_folder.resolve(),
        reject=settings.reject_folder.resolve(),
        subsystem=settings.subsystem,
        pattern=settings.pattern,
        settle=timedelta(seconds=settings.settle_s),
        bytes_max=settings.bytes_max,
    )
    watcher = Watcher(watched, feed, take_in, clock)
    return RunningFeed(feed=feed, step=partial(_looked, watcher, settings.interval_s))


async def _looked(watcher: Watcher, interval_s: float) -> float:
    await watcher.look()
    return interval_s


def _poll(
    settings: PollSettings,
    take_in: TakingIn,
    memory: PollMemory,
    clock: Clock,
    metrics: Metrics,
) -> RunningFeed:
    feed = Feed(
        id=settings.id,
        kind=FeedKind.POLL,
        place=shown(settings.url),
        subsystem=settings.subsystem,
        clock=clock,
        metrics=metrics,
    )
    address = PolledAddress(
        id=settings.id,
        url=settings.url,
        subsystem=settings.subsystem,
        file_name=settings.shown_file_name,
        interval_s=settings.interval_s,
        timeout_s=settings.timeout_s,
        bytes_max=settings.bytes_max,
        secret_header=settings.secret_header,
        secret_path=settings.secret_path,
    )
    poller = Poller(address, feed, take_in, memory, clock, release=__version__)
    return RunningFeed(feed=feed, step=poller.ask)
