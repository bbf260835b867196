"""Which series make a tier's first page, and which go to its table of places."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator
from federation.model.locality import Locality
from federation.model.row import SIMULATED_FEED, VINTAGE_ESTIMATE, SeriesKey

TILES_PER_INDICATOR_MAX = 6
"""Of a breakdown (stations, say) only so many become tiles; all are in the values."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The places a tier's first page speaks of.

    ``parts`` are those of today. ``once`` are former members of an area: they have no
    line in today's table, but a figure only they had is still the area's.
    """

    own: Locality
    areas: frozenset[str]
    parts: tuple[Locality, ...]
    once: frozenset[str]

    @property
    def localities(self) -> frozenset[str]:
        """Return all ids whose series matter."""
        parts = {part.id for part in self.parts}
        return frozenset({self.own.id}) | self.areas | parts | self.once


def scope_of(own: Locality, places: LocalityGraph, today: date) -> Scope:
    """Return the places that matter on the first page of a tier at ``own``."""
    parts = tuple(places.parts(own.id, today))
    members = {member.locality for member in own.members}
    return Scope(
        own=own,
        areas=frozenset(area.id for area in places.areas(own.id)),
        parts=parts,
        once=frozenset(members - {part.id for part in parts}),
    )


def leading_series(
    keys: Iterable[SeriesKey],
    scope: Scope,
    indicators: Mapping[str, Indicator],
    *,
    simulated: bool,
) -> list[SeriesKey]:
    """Return the series that become tiles, of measured or of generated figures.

    Of each indicator the first of these that exists: the place's own series, its
    breakdown, its areas' series, their breakdown, the series of the only part that
    has one. Where many parts have one and nothing merges them, none of them stands
    for the whole, and the table of places shows them.
    """
    by_indicator: dict[str, list[SeriesKey]] = defaultdict(list)
    for key in keys:
        shown = key.simulated == simulated and key.breakdown != VINTAGE_ESTIMATE
        if shown and key.indicator in indicators:
            by_indicator[key.indicator].append(key)
    chosen: list[SeriesKey] = []
    for indicator_id, candidates in sorted(by_indicator.items()):
        found = _first_of(candidates, scope, indicators[indicator_id])
        chosen += sorted(found)[:TILES_PER_INDICATOR_MAX]
    return chosen


def _first_of(
    candidates: Sequence[SeriesKey], scope: Scope, indicator: Indicator
) -> list[SeriesKey]:
    own = [key for key in candidates if key.locality == scope.own.id]
    areas = [key for key in candidates if key.locality in scope.areas]
    for group in (
        [key for key in own if undivided(key)],
        own,
        [key for key in areas if undivided(key)],
        areas,
    ):
        if group:
            return _of_leading_basis(group, indicator)
    parts = {part.id for part in scope.parts} | scope.once
    rest = [key for key in candidates if key.locality in parts and undivided(key)]
    only_one = len({key.locality for key in rest}) == 1
    return _of_leading_basis(rest, indicator) if only_one else []


def undivided(key: SeriesKey) -> bool:
    """Return whether a series is the whole of its place, measured or generated."""
    return key.breakdown in ("", SIMULATED_FEED)


def _of_leading_basis(
    keys: Sequence[SeriesKey], indicator: Indicator
) -> list[SeriesKey]:
    """Leave out the other basis of a place where the leading one is there too."""
    led = {key.locality for key in keys if key.basis is indicator.leading_basis}
    return [
        key
        for key in keys
        if key.basis is indicator.leading_basis or key.locality not in led
    ]
