"""Who owes what, who keeps silent and since when, and who was expected."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from federation.clock import Clock
from federation.coverage.expected import REVISIONS_PAGE_MAX, ExpectedSet
from federation.coverage.owed import in_force
from federation.coverage.silence import Silence, Standing, last_said, silence_of
from federation.model.indicator import Basis, Indicator
from federation.model.period import LOCAL, Calendar, Period, day_number
from federation.model.row import Row
from federation.views.knowledge import Knowledge
from federation.views.values import Reading
from federation.warehouse.store import SeriesFilter, Warehouse
from federation.wire.payload import Obligation

LAST_ROWS_READ = 12
"""Newest rows of a series that are looked at for one that says something."""

Handle = TypeVar("Handle")

OwedKey = tuple[str, str, str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ObligationQuery:
    """Which obligations; None means any. ``locality`` is an id or a code."""

    indicator: str | None = None
    locality: str | None = None
    agency: str | None = None
    standing: Standing | None = None
    after: OwedKey | None = None
    limit: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ObligationSeen:
    """An obligation and where it stands; ``announced``: by a node of the place."""

    obligation: Obligation
    indicator: Indicator
    announced: bool
    silence: Silence

    @property
    def key(self) -> OwedKey:
        """Return where it stands in the order of pages."""
        return key_of(self.obligation)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObligationPage:
    """Some obligations in key order; ``next`` is None on the last page."""

    items: Sequence[ObligationSeen]
    next: OwedKey | None


def key_of(one: Obligation) -> OwedKey:
    """Return where an obligation stands in the order of pages."""
    return (one.indicator, one.locality, one.agency, one.from_day)


class ObligationViews(Generic[Handle]):
    """Reads of obligations; one query for each indicator that is shown."""

    def __init__(
        self, warehouse: Warehouse[Handle], reading: Reading[Handle], *, clock: Clock
    ) -> None:
        """Read a warehouse through reads that ``reading`` opens."""
        self._warehouse = warehouse
        self._reading = reading
        self._clock = clock

    async def page(
        self, query: ObligationQuery, knowledge: Knowledge
    ) -> ObligationPage:
        """Return one page of obligations by indicator, locality, agency and day.

        Raises:
            FederationError: ``NOT_FOUND`` for an indicator or place nobody knows.
        """
        if query.indicator is not None:
            knowledge.indicator(query.indicator)
        places = (
            knowledge.place_ids(query.locality, None, None)
            if query.locality is not None
            else None
        )
        found: list[ObligationSeen] = []
        async with self._reading() as handle:
            for indicator, owed in self._chosen(query, knowledge, places):
                seen = await self._seen(handle, indicator, owed, knowledge)
                found += [
                    one
                    for one in seen
                    if query.standing in (None, one.silence.standing)
                ]
                if len(found) > query.limit:
                    break
        items = found[: query.limit]
        more = len(found) > query.limit
        return ObligationPage(items=items, next=items[-1].key if more else None)

    async def silent_counts(self, knowledge: Knowledge) -> Mapping[str, int]:
        """Return how many obligations are overdue, by subsystem; zeros included."""
        query = ObligationQuery(standing=Standing.OVERDUE)
        counts: Counter[str] = Counter()
        async with self._reading() as handle:
            for indicator, owed in self._chosen(query, knowledge, None):
                seen = await self._seen(handle, indicator, owed, knowledge)
                overdue = (one.silence.standing is Standing.OVERDUE for one in seen)
                counts[indicator.subsystem] += sum(overdue)
        return counts

    async def expected_sets(
        self,
        knowledge: Knowledge,
        *,
        indicator: str | None = None,
        period: Period | None = None,
        by_hand: bool = False,
        limit: int = REVISIONS_PAGE_MAX,
    ) -> list[ExpectedSet]:
        """Return who was expected, with every revision, the newest first."""
        async with self._reading() as handle:
            return await knowledge.expected.revisions(
                handle,
                indicator=indicator,
                period=period,
                by_hand=by_hand,
                limit=limit,
            )

    def _chosen(
        self,
        query: ObligationQuery,
        knowledge: Knowledge,
        places: frozenset[str] | None,
    ) -> Iterator[tuple[Indicator, list[Obligation]]]:
        today = day_number(self._clock.now().astimezone(LOCAL.zone).date())
        for id_ in sorted(knowledge.owed):
            indicator = knowledge.indicators.get(id_)
            if indicator is None or query.indicator not in (None, id_):
                continue
            owed = [
                one
                for one in _named_first(knowledge.owed[id_], today)
                if (places is None or one.locality in places)
                and query.agency in (None, one.agency)
                and (query.after is None or key_of(one) > query.after)
            ]
            if owed:
                yield indicator, owed

    async def _seen(
        self,
        handle: Handle,
        indicator: Indicator,
        owed: Sequence[Obligation],
        knowledge: Knowledge,
    ) -> list[ObligationSeen]:
        rows: dict[str, list[Row]] = {}
        for stored in await self._warehouse.latest(
            handle,
            SeriesFilter(
                indicators=frozenset({indicator.id}),
                localities=frozenset(one.locality for one in owed),
                basis=Basis.REPORTED,
            ),
            count=LAST_ROWS_READ,
        ):
            rows.setdefault(stored.row.series.locality, []).append(stored.row)
        announced = knowledge.announced.get(indicator.id, ())
        speaking = {one.locality for one in announced}
        now, calendar = self._clock.now(), knowledge.calendar(indicator)
        return [
            ObligationSeen(
                obligation=one,
                indicator=indicator,
                announced=one.locality in speaking,
                silence=_silence(
                    indicator,
                    one,
                    rows.get(one.locality, ()),
                    calendar=calendar,
                    connected=one.locality in speaking or one.locality in rows,
                    now=now,
                ),
            )
            for one in owed
        ]


def _silence(
    indicator: Indicator,
    one: Obligation,
    rows: Sequence[Row],
    *,
    calendar: Calendar,
    connected: bool,
    now: datetime,
) -> Silence:
    return silence_of(
        indicator,
        calendar,
        one,
        last=last_said(rows, one.agency),
        connected=connected,
        now=now,
    )


def _named_first(owed: Sequence[Obligation], today: int) -> Iterator[Obligation]:
    """Leave out what a tier expects of anybody where a named agency owes it."""
    named = {one.locality for one in owed if one.agency and in_force(one, today)}
    for one in owed:
        if one.agency or one.locality not in named:
            yield one
