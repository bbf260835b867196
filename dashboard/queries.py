"""What a page reads, and what it shows while the tier does not answer.

An answer is kept per scope and token, so nobody sees what was read for another; it is
served again for a moment, and after that only when the tier can't be reached, with the
moment it was read.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from dashboard.client import FailureKind, TierCallError, TierClient
from dashboard.sessions import Visitor
from federation.api.schemas import ChildrenOut, LinksOut, OverviewOut, TextOut
from federation.clock import Clock

READINGS_MAX = 200
"""Readings kept at once; beyond it the one unused for longest goes."""

FRESH_FOR = timedelta(seconds=2)
"""A reading this young is served to the next asker without a call."""

CacheKey = tuple[str, str]
Shape = TypeVar("Shape")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One look at the tier: the answers, when they were read, what failed since.

    ``names`` are those of the places below the tier's own, by id.
    ``failure`` is None for a current reading. With a failure the answers are the last
    that were read; ``read_at`` says when.
    """

    overview: OverviewOut
    names: Mapping[str, TextOut]
    children: ChildrenOut | None
    links: LinksOut | None
    read_at: datetime
    failure: FailureKind | None = None


class Readings:
    """Reads the tier and keeps the last answer; safe to share between threads."""

    def __init__(self, client: TierClient, clock: Clock) -> None:
        """Start with nothing kept."""
        self._client = client
        self._clock = clock
        self._kept: OrderedDict[CacheKey, Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, visitor: Visitor, token: str) -> Reading:
        """Return the tier's first page for a visitor.

        Raises:
            TierCallError: When the visitor is not (or no longer) signed in, or the tier
                can't be read and nothing was read before.
        """
        key = (visitor.scope, visitor.digest)
        with self._lock:
            kept = self._kept.get(key)
        now = self._clock.now()
        if kept is not None and timedelta() <= now - kept.read_at < FRESH_FOR:
            return kept
        try:
            reading = self._ask(token, now, kept)
        except TierCallError as error:
            if error.kind in (FailureKind.SIGNED_OUT, FailureKind.FORBIDDEN):
                self.forget(visitor)
                raise
            if kept is None:
                raise
            return replace(kept, failure=error.kind)
        self._keep(key, reading)
        return reading

    def forget(self, visitor: Visitor) -> None:
        """Drop what was read for a visitor who left."""
        with self._lock:
            self._kept.pop((visitor.scope, visitor.digest), None)

    def _ask(self, token: str, now: datetime, kept: Reading | None) -> Reading:
        overview = self._client.overview(token)
        return Reading(
            overview=overview,
            names=self._names(token, overview, kept),
            children=_if_there(lambda: self._client.children(token)),
            links=_if_there(lambda: self._client.links(token)),
            read_at=now,
        )

    def _names(
        self, token: str, overview: OverviewOut, kept: Reading | None
    ) -> Mapping[str, TextOut]:
        """Return the names of places; asked again only when some are unknown."""
        wanted = {
            place
            for tile in (*overview.tiles, *overview.simulated_tiles)
            for place in tile.value.coverage.missing
        }
        known = kept.names if kept is not None else {}
        if wanted <= known.keys():
            return known
        own = overview.locality.id
        found = _if_there(lambda: self._client.parts_of(token, own))
        named = {place.id: place.name for place in found.items} if found else {}
        # What is named nowhere is not asked for again and again.
        return {place: named.get(place) or _by_code(place) for place in wanted}

    def _keep(self, key: CacheKey, reading: Reading) -> None:
        with self._lock:
            self._kept[key] = reading
            self._kept.move_to_end(key)
            while len(self._kept) > READINGS_MAX:
                self._kept.popitem(last=False)


def _by_code(place: str) -> TextOut:
    code = place.partition("@")[0]
    return TextOut(vi=code, en=code)


def _if_there(call: Callable[[], Shape]) -> Shape | None:
    """Return an answer the page can do without, or None where the tier has none."""
    try:
        return call()
    except TierCallError as error:
        if error.kind is FailureKind.SIGNED_OUT:
            raise
        return None
