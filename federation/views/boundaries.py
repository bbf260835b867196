"""Values in today's boundaries: former places merged into who took them over.

Then: a figure stands at the place that was there, and a total at the places that were
in it. Today: what was said of former places becomes the past of a place of today, where
the whole of each went into it and the indicator merges over place. Where a former place
was divided nobody knows how its figures divide: it is named, and no figure is made up.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from federation.algebra.merge import merge_over_place
from federation.coverage.cover import statements
from federation.coverage.windows import last_day
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis, Indicator
from federation.model.locality import Locality
from federation.model.period import Period
from federation.model.row import Row, SeriesKey
from federation.model.status import Status
from federation.views.former_places import Past, Standing, Unapportioned, Why, past_of
from federation.views.knowledge import Knowledge
from federation.warehouse.store import (
    ALWAYS,
    EVERYTHING,
    PAGE_ROWS_MAX,
    DayRange,
    PageKey,
    Reads,
    SeriesFilter,
    Stored,
    StoredSeries,
    page_key,
)

Handle = TypeVar("Handle")


class Boundaries(StrEnum):
    """Whose boundaries figures are shown in."""

    THEN = "then"
    TODAY = "today"


@dataclass(frozen=True, kw_only=True)
class TodaysBoundaries(Generic[Handle]):
    """Reads of one indicator at one place, in the boundaries of a day.

    ``values`` gives one series of the place with the past of whoever went into it; in
    ``unapportioned`` are then the figures that could not be given to it. Every other
    read is that of ``reads``.
    """

    reads: Reads[Handle]
    knowledge: Knowledge
    indicator: Indicator
    today: date
    _found: dict[str, tuple[Why, tuple[str, ...], list[Period]]] = field(
        default_factory=dict
    )

    @property
    def unapportioned(self) -> tuple[Unapportioned, ...]:
        """Return what could not be given to the place, by id."""
        return tuple(
            Unapportioned(
                locality=id_, why=why, into=into, periods=tuple(sorted(set(periods)))
            )
            for id_, (why, into, periods) in sorted(self._found.items())
        )

    async def values(
        self,
        handle: Handle,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of the one place chosen; see ``Reads.values``."""
        (wanted,) = chosen.localities or ()
        target = self.knowledge.place(wanted, self.today)
        past = past_of(self.knowledge.places, target, self.today)
        asked = replace(
            chosen,
            localities=past.own | past.whole | past.divided.keys(),
            basis=None,
            agencies=None,
        )
        found = await self._all(handle, asked, days, as_of)
        merged: list[Stored] = []
        for breakdown in sorted({stored.row.series.breakdown for stored in found}):
            of_one = [s for s in found if s.row.series.breakdown == breakdown]
            merged += self._merged(past, breakdown, of_one, chosen)
        merged.sort(key=page_key)
        return [s for s in merged if after is None or page_key(s) > after][:limit]

    async def _all(
        self,
        handle: Handle,
        chosen: SeriesFilter,
        days: DayRange,
        as_of: datetime | None,
    ) -> list[Stored]:
        found: list[Stored] = []
        while True:
            page = await self.reads.values(
                handle,
                chosen,
                days=days,
                after=page_key(found[-1]) if found else None,
                as_of=as_of,
            )
            found += page
            if len(page) < PAGE_ROWS_MAX:
                return found

    def _merged(
        self,
        past: Past,
        breakdown: str,
        values: Sequence[Stored],
        chosen: SeriesFilter,
    ) -> list[Stored]:
        """Return one series of the place; its own where no former one spoke."""
        target = past.target.id
        formers = past.whole | past.divided.keys()
        if not any(stored.row.series.locality in formers for stored in values):
            own = replace(chosen, localities={target})
            return [stored for stored in values if own.takes(stored.row.series)]
        into = SeriesKey(
            indicator=self.indicator.id,
            locality=target,
            breakdown=breakdown,
            basis=Basis.ROLLED_UP,
        )
        by_period: dict[Period, list[Stored]] = defaultdict(list)
        for stored in values:
            by_period[stored.row.period].append(stored)
        rows = []
        for period, told in sorted(by_period.items()):
            row = self._row_of(past, into, period, told)
            if row is not None:
                known_at = max(stored.known_at for stored in told)
                rows.append(
                    Stored(
                        row=row,
                        contract_hash=self.indicator.contract_hash,
                        carrier=None,
                        known_at=known_at,
                    )
                )
        return rows

    def _row_of(
        self, past: Past, into: SeriesKey, period: Period, told: Sequence[Stored]
    ) -> Row | None:
        said = _by_place(self.indicator, told, into.breakdown)
        day = last_day(period, self.knowledge.calendar(self.indicator))
        chosen = Standing(
            graph=self.knowledge.places,
            past=past,
            level=self.indicator.level,
            day=day,
            said=said,
        )
        divided = chosen.divided()
        if divided:
            for id_ in divided:
                why, successors = past.divided[id_]
                self._note(id_, why, successors, period)
            return None
        parts = chosen.parts()
        if len(parts) == 1 and not chosen.others(parts):
            return replace(said[parts[0]], series=into) if parts[0] in said else None
        rows = [said[id_] for id_ in parts if id_ in said]
        if not rows:
            return None
        if all(row.status is Status.DELETED for row in rows):
            return replace(rows[0], series=into)
        try:
            merged = merge_over_place(
                self.indicator, rows, into=into, period=period, expected=len(parts)
            )
        except FederationError as error:
            if error.code is not ErrorCode.MERGE_REFUSED:
                raise
            for id_ in {*parts} & past.whole & said.keys():
                self._note(id_, Why.RULE, (past.target.id,), period)
            # What the place itself says stays; it is not a part of anything.
            return (
                replace(said[past.target.id], series=into)
                if past.target.id in said
                else None
            )
        owed = sum(_owed(said.get(id_)) for id_ in parts)
        return replace(
            merged, expected=owed, reported=sum(row.reported for row in rows)
        )

    def _note(
        self, locality: str, why: Why, into: tuple[str, ...], period: Period
    ) -> None:
        self._found.setdefault(locality, (why, into, []))[2].append(period)

    async def series(
        self, handle: Handle, chosen: SeriesFilter = EVERYTHING
    ) -> list[StoredSeries]:
        """Return the known series; see ``Reads.series``."""
        return await self.reads.series(handle, chosen)

    async def latest(
        self,
        handle: Handle,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the newest values as they were reported; see ``Reads.latest``."""
        return await self.reads.latest(
            handle, chosen, days=days, count=count, as_of=as_of
        )

    async def versions(
        self,
        handle: Handle,
        key: SeriesKey,
        period: Period,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return versions as they were reported; see ``Reads.versions``."""
        return await self.reads.versions(handle, key, period, as_of=as_of)

    async def at(
        self,
        handle: Handle,
        indicator: str,
        period_start: int,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return a period as it was reported; see ``Reads.at``."""
        return await self.reads.at(handle, indicator, period_start, as_of=as_of)


def _owed(row: Row | None) -> int:
    """Return how many reports a part stands for; 0: a figure that nobody owed."""
    if row is None or (row.expected == 0 and row.state is None):
        return 1
    return row.expected


def _by_place(
    indicator: Indicator, told: Sequence[Stored], breakdown: str
) -> dict[str, Row]:
    """Return what is said of each place: what leads, else what there is."""
    both = statements(indicator, told, breakdown)
    found: dict[str, Row] = {}
    for (locality, basis), row in both.items():
        held = found.get(locality)
        leads = basis is indicator.leading_basis
        if held is None or (row.state is not None, leads) > (
            held.state is not None,
            not leads,
        ):
            found[locality] = row
    return found


class Asked(Protocol):
    """A query that names a place and what is wanted of it."""

    @property
    def indicator(self) -> str | None:
        """Return the indicator's id."""
        ...

    @property
    def locality(self) -> str | None:
        """Return the place's code or id."""
        ...

    @property
    def breakdown(self) -> str | None:
        """Return the breakdown; None: any."""
        ...

    @property
    def agency(self) -> str | None:
        """Return the agency; None: any."""
        ...

    @property
    def basis(self) -> Basis | None:
        """Return the basis; None: any."""
        ...


def place_in(day: date, asked: Asked, knowledge: Knowledge) -> SeriesFilter:
    """Return the series of the one place that stands on a day.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when indicator or locality is not named,
            or the place is none of that day; ``NOT_FOUND`` when it is not known.
    """
    if asked.indicator is None or asked.locality is None:
        lacking = "indicator" if asked.indicator is None else "locality"
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"boundaries=today cần {lacking}: ghép địa giới cho từng chỉ tiêu của một "
            "đơn vị.",
            f"boundaries=today needs {lacking}: it is of one indicator at one place.",
            {"pointer": f"/query/{lacking}"},
        )
    place = knowledge.place(asked.locality, day)
    if not place.holds_on(day):
        raise _not_of_today(knowledge, place, asked.locality, day)
    return SeriesFilter(
        indicators=frozenset({asked.indicator}),
        localities=frozenset({place.id}),
        breakdowns=None if asked.breakdown is None else frozenset({asked.breakdown}),
        agencies=None if asked.agency is None else frozenset({asked.agency}),
        basis=asked.basis,
    )


def reads_in(
    reads: Reads[Handle],
    day: date | None,
    indicator: str | None,
    knowledge: Knowledge,
) -> Reads[Handle]:
    """Return reads in the boundaries of a day; None: of each period."""
    if day is None or indicator is None:
        return reads
    return TodaysBoundaries(
        reads=reads,
        knowledge=knowledge,
        indicator=knowledge.indicator(indicator),
        today=day,
    )


def left_out_of(reads: object) -> tuple[Unapportioned, ...]:
    """Return what reads in boundaries of a day left out."""
    return reads.unapportioned if isinstance(reads, TodaysBoundaries) else ()


def _not_of_today(
    knowledge: Knowledge, place: Locality, asked: str, today: date
) -> FederationError:
    into = knowledge.places.successors(place, today)
    vi = ", ".join(f"{one.id} {one.name_vi}" for one in into) or "chưa rõ"
    en = ", ".join(f"{one.id} {one.name_en}" for one in into) or "not known"
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"“{asked}” không còn là đơn vị hiện nay; đơn vị tiếp nhận: {vi}. Hãy hỏi theo "
        "đơn vị hiện nay, hoặc boundaries=then.",
        f"“{asked}” is no place of today; it was taken over by: {en}. Ask for a place "
        "of today, or with boundaries=then.",
        {"locality": asked, "pointer": "/query/locality"},
    )
