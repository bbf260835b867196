"""Which stream speaks for a place on a day.

A stream speaks for what its area names, and with ``includes_parts`` for what is in
that: members of an area for the time of their membership, places below another place
always. At any day a place has one owner. It owns the series of the place with their
whole history: when a place leaves one area for another, its past goes along.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from federation.identity.documents import Area
from federation.localities.graph import LocalityGraph

_CLAIMS_KEPT_MAX = 20_000
"""Claims of more places are computed anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A stream speaks for a place from one day to another, both included.

    ``distance`` is how far below what the area names the place is.
    """

    stream: str
    first: date = date.min
    last: date = date.max
    distance: int = 0

    def holds_on(self, day: date) -> bool:
        """Return whether the stream speaks on a day."""
        return self.first <= day <= self.last

    def overlaps(self, first: date, last: date) -> bool:
        """Return whether the stream speaks on some of the days."""
        return self.first <= last and first <= self.last


class Ownership:
    """Who owns what, for all areas of a tier at one moment; never changes."""

    def __init__(self, areas: Iterable[Area], graph: LocalityGraph) -> None:
        """Take the areas of every stream, and all places."""
        self._areas = tuple(sorted(areas, key=lambda area: area.stream))
        self._graph = graph
        self._claims: dict[str, tuple[Claim, ...]] = {}

    def claims(self, locality: str) -> tuple[Claim, ...]:
        """Return every claim on a place, of all times."""
        found = self._claims.get(locality)
        if found is None:
            found = tuple(self._found(locality))
            if len(self._claims) >= _CLAIMS_KEPT_MAX:
                self._claims.clear()
            self._claims[locality] = found
        return found

    def _found(self, locality: str) -> Iterable[Claim]:
        above = [one.id for one in self._graph.ancestors(locality)]
        lineage = {id_: steps for steps, id_ in enumerate([locality, *above])}
        for area in self._areas:
            for named in area.localities:
                if named == locality:
                    yield Claim(stream=area.stream)
                elif area.includes_parts:
                    yield from self._below(area.stream, named, lineage)

    def _below(
        self, stream: str, named: str, lineage: dict[str, int]
    ) -> Iterable[Claim]:
        if named in lineage:
            yield Claim(stream=stream, distance=lineage[named])
        place = self._graph.get(named)
        for member in place.members if place is not None else ():
            if member.locality in lineage:
                yield Claim(
                    stream=stream,
                    first=member.valid_from or date.min,
                    last=member.valid_to or date.max,
                    distance=lineage[member.locality] + 1,
                )

    def owner(self, locality: str, day: date) -> str | None:
        """Return the stream that owns a place on a day; None where none ever does.

        A former place stays with whom it was last, a future one waits with whom it
        will be first. Of several at once the nearest counts, then who had it before:
        nobody takes a place that another has not let go.
        """
        claims = self.claims(locality)
        if not claims:
            return None
        standing = [claim for claim in claims if claim.holds_on(day)]
        if standing:
            return min(standing, key=lambda c: (c.distance, c.first, c.stream)).stream
        over = [claim for claim in claims if claim.last < day]
        if over:
            newest = max(claim.last for claim in over)
            return min(
                (claim for claim in over if claim.last == newest),
                key=lambda claim: (claim.distance, claim.stream),
            ).stream
        return min(claims, key=lambda c: (c.first, c.distance, c.stream)).stream

    def spoke(self, stream: str, locality: str, first: date, last: date) -> bool:
        """Return whether a place was a stream's on some of the days."""
        return any(
            claim.stream == stream and claim.overlaps(first, last)
            for claim in self.claims(locality)
        )

    def ever(self, stream: str, locality: str) -> bool:
        """Return whether a place is a stream's at any time."""
        return any(claim.stream == stream for claim in self.claims(locality))
