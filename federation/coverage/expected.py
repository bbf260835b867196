"""The expected set: which places owed a report for a period, frozen at its end.

A tier that makes a total holds fast, when a period ends, who owed a report then. What
is decided later (a node joins, a rule changes) doesn't move the coverage of what is
over; only a named revision does, with who, when and why. So n of N can't pass 100 %,
and last year's coverage reads the same next year. One exception: where nobody owed,
N was unknown, and those who turn out to have owed make it known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from federation.coverage.owed import owing_on
from federation.coverage.windows import last_day
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator
from federation.model.period import Calendar, Period, day_number
from federation.wire.payload import Obligation

REVISIONS_PAGE_MAX = 1_000
"""More revisions of expected sets are left for the next page."""

BY_THE_TIER = ""
"""Who froze it: the tier itself. A revision by hand names a person."""

Handle_contra = TypeVar("Handle_contra", contravariant=True)
Handle = TypeVar("Handle")


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """Who is expected; ``by_hand``: as a person revised it at this tier."""

    localities: frozenset[str]
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedSet:
    """Who was expected for an indicator in a period; ``revision`` counts from 1."""

    indicator: str
    period: Period
    localities: frozenset[str]
    frozen_at: datetime
    revision: int = 1
    reason: str = ""
    by: str = BY_THE_TIER


class ExpectedSets(Protocol[Handle_contra]):
    """Keeps expected sets; a revision is added and nothing is ever changed."""

    async def current(
        self, handle: Handle_contra, wanted: Collection[tuple[str, Period]]
    ) -> dict[tuple[str, Period], ExpectedSet]:
        """Return the newest revision of each wanted set that was ever frozen."""
        ...

    async def add(self, handle: Handle_contra, sets: Sequence[ExpectedSet]) -> None:
        """Keep sets; one whose revision is there already is left as it is."""
        ...

    async def revisions(
        self,
        handle: Handle_contra,
        *,
        indicator: str | None = None,
        period: Period | None = None,
        by_hand: bool = False,
        limit: int = REVISIONS_PAGE_MAX,
    ) -> list[ExpectedSet]:
        """Return sets and their revisions, the newest first."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Owing:
    """Who owes what at one moment, to say who is expected."""

    graph: LocalityGraph
    obligations: Mapping[str, Sequence[Obligation]]
    """By indicator."""
    _changes: dict[str, list[int]] = field(default_factory=dict, compare=False)
    _found: dict[tuple[str, int, int], frozenset[str]] = field(
        default_factory=dict, compare=False
    )

    def localities(
        self, indicator: Indicator, period: Period, calendar: Calendar | None
    ) -> frozenset[str]:
        """Return the places of the indicator's level that owe a report of a period."""
        owed = self.obligations.get(indicator.id, ())
        if not owed:
            return frozenset()
        day = last_day(period, calendar)
        # Between two days on which something changes, all days have one answer.
        era = bisect_right(self._changes_of(indicator.id, owed), day_number(day))
        key = (indicator.id, era, self.graph.era(day))
        if key not in self._found:
            there = frozenset(
                one.locality
                for one in owed
                if (place := self.graph.get(one.locality)) is not None
                and place.level == indicator.level
                and place.holds_on(day)
            )
            self._found[key] = owing_on(owed, there, day)
        return self._found[key]

    def _changes_of(self, indicator: str, owed: Sequence[Obligation]) -> list[int]:
        if indicator not in self._changes:
            begins = {one.from_day for one in owed}
            ends = {one.to_day + 1 for one in owed if one.to_day is not None}
            self._changes[indicator] = sorted(begins | ends)
        return self._changes[indicator]


async def expected_in(
    sets: ExpectedSets[Handle],
    handle: Handle,
    owing: Owing,
    wanted: Sequence[tuple[Indicator, Period, Calendar | None]],
) -> dict[tuple[str, Period], Expected]:
    """Return who is expected, frozen where it is; writes nothing."""
    keys = [(indicator.id, period) for indicator, period, _ in wanted]
    held = await sets.current(handle, keys)
    return {
        (indicator.id, period): _said(held[indicator.id, period])
        if _stands(held.get((indicator.id, period)))
        else Expected(localities=owing.localities(indicator, period, calendar))
        for indicator, period, calendar in wanted
    }


async def freeze(
    sets: ExpectedSets[Handle],
    handle: Handle,
    owing: Owing,
    wanted: Sequence[tuple[Indicator, Period, Calendar | None]],
    *,
    now: datetime,
) -> dict[tuple[str, Period], Expected]:
    """Return who is expected; sets of periods that are over are frozen by it."""
    held = await sets.current(handle, [(one.id, period) for one, period, _ in wanted])
    found: dict[tuple[str, Period], Expected] = {}
    new: list[ExpectedSet] = []
    for indicator, period, calendar in wanted:
        key = (indicator.id, period)
        known = held.get(key)
        if known is not None and _stands(known):
            found[key] = _said(known)
            continue
        owed = owing.localities(indicator, period, calendar)
        found[key] = Expected(localities=owed)
        if calendar is None or period.ends_at(calendar) > now:
            continue
        if known is None or owed:
            new.append(
                ExpectedSet(
                    indicator=indicator.id,
                    period=period,
                    localities=owed,
                    frozen_at=now,
                    revision=1 if known is None else known.revision + 1,
                )
            )
    if new:
        await sets.add(handle, new)
    return found


def _said(known: ExpectedSet) -> Expected:
    return Expected(localities=known.localities, by_hand=known.by != BY_THE_TIER)


def _stands(known: ExpectedSet | None) -> bool:
    """Return whether a frozen set says who is expected, or a person said nobody is."""
    return known is not None and (bool(known.localities) or known.by != BY_THE_TIER)


class MemoryExpectedSets:
    """Keeps ``ExpectedSets``'s promises in a dictionary. The handle is not used."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._sets: dict[tuple[str, Period], list[ExpectedSet]] = {}

    async def current(
        self, handle: object, wanted: Collection[tuple[str, Period]]
    ) -> dict[tuple[str, Period], ExpectedSet]:
        """Return the newest revisions; see ``ExpectedSets.current``."""
        return {key: self._sets[key][-1] for key in wanted if key in self._sets}

    async def add(self, handle: object, sets: Sequence[ExpectedSet]) -> None:
        """Keep sets; see ``ExpectedSets.add``."""
        for one in sets:
            held = self._sets.setdefault((one.indicator, one.period), [])
            if all(other.revision != one.revision for other in held):
                held.append(one)
                held.sort(key=lambda other: other.revision)

    async def revisions(
        self,
        handle: object,
        *,
        indicator: str | None = None,
        period: Period | None = None,
        by_hand: bool = False,
        limit: int = REVISIONS_PAGE_MAX,
    ) -> list[ExpectedSet]:
        """Return sets and their revisions; see ``ExpectedSets.revisions``."""
        found = [
            one
            for held in self._sets.values()
            for one in held
            if (indicator is None or one.indicator == indicator)
            and (period is None or one.period == period)
            and (not by_hand or one.by != BY_THE_TIER)
        ]
        found.sort(key=newest_first)
        return found[: min(limit, REVISIONS_PAGE_MAX)]


def newest_first(one: ExpectedSet) -> tuple[float, str, int, int, int]:
    """Return the key that orders revisions, the newest first."""
    return (
        -one.frozen_at.timestamp(),
        one.indicator,
        int(one.period.frequency),
        -one.period.start,
        -one.revision,
    )
