"""What the places of today were made of, and who stands for them on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from federation.localities.graph import LocalityGraph
from federation.model.locality import Locality
from federation.model.period import Period
from federation.model.row import Row


class Why(StrEnum):
    """Why figures of a former place have no place of today."""

    DIVIDED = "divided"
    """It went into several places; how its figures divide is not known."""
    UNKNOWN = "unknown"
    """What became of a part of it is not known."""
    RULE = "rule"
    """The indicator does not merge over place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unapportioned:
    """A former place with figures that can't be given to a place of today.

    ``into`` are the places that took it over, ``periods`` those it has figures of.
    """

    locality: str
    why: Why
    into: tuple[str, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True, kw_only=True)
class Past:
    """What a place of today was made of.

    ``own`` are the place and what is in it today; ``whole`` former places that went
    into it as a whole, ``divided`` those that went into others as well, with all who
    took them over.
    """

    target: Locality
    own: frozenset[str]
    whole: frozenset[str]
    divided: Mapping[str, tuple[Why, tuple[str, ...]]]


def past_of(graph: LocalityGraph, target: Locality, today: date) -> Past:
    """Return what a place of today was made of."""
    own = frozenset({target.id, *_inside(graph, target, today)})
    whole: set[str] = set()
    divided: dict[str, tuple[Why, tuple[str, ...]]] = {}
    for former in graph.all():
        if former.id in own or not former.successors or former.level == "area":
            continue
        into, known = _became(graph, former, today)
        if not into & own:
            continue
        if known and into <= own:
            whole.add(former.id)
        else:
            why = Why.DIVIDED if not into <= own else Why.UNKNOWN
            divided[former.id] = (why, tuple(sorted(into)))
    return Past(target=target, own=own, whole=frozenset(whole), divided=divided)


def _inside(graph: LocalityGraph, place: Locality, day: date) -> Iterable[str]:
    seen: set[str] = set()
    queue = graph.parts(place.id, day)
    while queue:
        one = queue.pop()
        if one.id not in seen:
            seen.add(one.id)
            queue += graph.parts(one.id, day)
    return seen


def _became(
    graph: LocalityGraph, former: Locality, today: date
) -> tuple[frozenset[str], bool]:
    """Return the places of today that took one over, and whether those are all."""
    found: set[str] = set()
    known = True
    queue, seen = list(former.successors), {former.id}
    while queue:
        id_ = queue.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        one = graph.get(id_)
        if one is not None and one.holds_on(today):
            found.add(id_)
        elif one is not None and one.successors:
            queue += one.successors
        else:
            known = False
    return frozenset(found), known


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The places of one day that make up a place of today."""

    graph: LocalityGraph
    past: Past
    level: str
    day: date
    said: Mapping[str, Row]

    def _standing(self, ids: Iterable[str]) -> list[Locality]:
        found = (self.graph.get(id_) for id_ in sorted(ids))
        return [one for one in found if one is not None and one.holds_on(self.day)]

    def _units(self, ids: Iterable[str]) -> list[Locality]:
        return [one for one in self._standing(ids) if one.level == self.level]

    def parts(self) -> list[str]:
        """Return who stands for the place: the largest that spoke, then each unit."""
        whole = self.past.own | self.past.whole
        spoke = [one for one in self._standing(whole) if self._has_state(one.id)]
        taken: list[str] = []
        for one in sorted(spoke, key=lambda one: (self._depth(one), one.id)):
            if not self._below(one.id, taken):
                taken.append(one.id)
        taken += [
            unit.id
            for unit in self._units(whole)
            if unit.id not in taken and not self._below(unit.id, taken)
        ]
        return sorted(taken)

    def others(self, parts: Sequence[str]) -> list[str]:
        """Return the other units that were in the place, told of or not."""
        units = self._units(self.past.own | self.past.whole | self.past.divided.keys())
        return [
            unit.id
            for unit in units
            if unit.id not in parts and not self._below(unit.id, parts)
        ]

    def divided(self) -> list[str]:
        """Return divided places whose figures a part of is the place's."""
        spoke = [
            one for one in self._standing(self.past.divided) if self._has_state(one.id)
        ]
        # A divided place above is not needed where all of the units below are known.
        detail = bool(self._units(self.past.own | self.past.whole))
        return [one.id for one in spoke if one.level == self.level or not detail]

    def _has_state(self, locality: str) -> bool:
        row = self.said.get(locality)
        return row is not None and row.state is not None

    def _depth(self, one: Locality) -> int:
        if one.id == self.past.target.id:
            return -1
        return sum(1 for _ in self.graph.ancestors(one.id))

    def _below(self, locality: str, above: Sequence[str]) -> bool:
        return any(
            self.graph.contains(one, locality, self.day, self.day)
            for one in above
            if one != locality
        )
