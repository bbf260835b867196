"""Values page by page, values of longer periods, and the versions of one value."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Generic, TypeVar

from federation.algebra.merge import entering, merge_over_time
from federation.algebra.refusals import check_over_time
from federation.algebra.windows import base_periods
from federation.coverage.absence import Absent
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis, Indicator
from federation.model.period import (
    Calendar,
    Frequency,
    Period,
    day_number,
    period_holding,
    period_of_day,
)
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey, Version
from federation.views.absence import absent_in, names_of
from federation.views.boundaries import left_out_of, place_in, reads_in
from federation.views.components import components_missing
from federation.views.former_places import Unapportioned
from federation.views.knowledge import Knowledge
from federation.views.mergeable import check_place, read_by
from federation.views.past import reads_of
from federation.views.twins import Twin, twins_of
from federation.warehouse.history import AsOf
from federation.warehouse.store import (
    PAGE_ROWS_MAX,
    DayRange,
    PageKey,
    Reads,
    SeriesFilter,
    Stored,
    Warehouse,
    day_of_period,
)

PAGE_LIMIT_MAX = 1000
"""Values on one page; a larger ``limit`` is refused."""

NAMED_VALUES_MAX = 50
"""Of so many incomplete values on a page the missing places are named; of the others
they are counted. A single value always names them."""

Handle = TypeVar("Handle")
Reading = Callable[[], AbstractAsyncContextManager[Handle]]
"""Opens a consistent read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueQuery:
    """Which values; None means any.

    ``locality`` is an id or a code. ``first`` and ``last`` bound the day on which a
    period begins, both included. ``frequency`` asks for longer periods than the
    indicator's own. ``as_of`` asks for what this tier knew at a moment,
    ``boundaries_of`` for the boundaries of a day instead of those of each period.
    """

    indicator: str | None = None
    locality: str | None = None
    agency: str | None = None
    breakdown: str | None = None
    basis: Basis | None = None
    first: date | None = None
    last: date | None = None
    frequency: Frequency | None = None
    after: PageKey | None = None
    limit: int = 100
    as_of: datetime | None = None
    boundaries_of: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSeen:
    """One value with when this tier learned it.

    ``missing`` names who or which base periods of it are missing, ``absent`` why each
    place is; ``carrier`` is the place in the stream that brought it, None when it was
    made here. ``indicator`` is set where the value stands under a former contract, and
    is to be read by it. ``twin`` is what was said on the other basis.
    """

    row: Row
    known_at: datetime
    carrier: Version | None = None
    missing: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()
    superseded_at: datetime | None = None
    indicator: Indicator | None = None
    first_known_at: datetime | None = None
    first_given_at: datetime | None = None
    twin: Twin | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuePage:
    """Some values in key order; ``next`` is None on the last page.

    ``as_of`` says of which moment they are, None: of the present. ``unapportioned``
    are former places that boundaries of a later day leave out.
    """

    items: Sequence[ValueSeen]
    next: PageKey | None = None
    as_of: AsOf | None = None
    unapportioned: Sequence[Unapportioned] = ()


class ValueViews(Generic[Handle]):
    """Reads of values."""

    def __init__(self, warehouse: Warehouse[Handle], reading: Reading[Handle]) -> None:
        """Read a warehouse through reads that ``reading`` opens."""
        self._warehouse = warehouse
        self._reading = reading

    async def page(self, query: ValueQuery, knowledge: Knowledge) -> ValuePage:
        """Return one page of values.

        Raises:
            FederationError: ``MERGE_REFUSED`` when longer periods are asked for and
                the indicator does not merge over time, or a total that it makes for
                no place; ``INVALID_ARGUMENT`` or ``NOT_FOUND`` for what is asked
                wrongly.
        """
        if not 1 <= query.limit <= PAGE_LIMIT_MAX:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"limit phải từ 1 đến {PAGE_LIMIT_MAX}.",
                f"limit must be between 1 and {PAGE_LIMIT_MAX}.",
                {"pointer": "/query/limit"},
            )
        chosen = _series_filter(query, knowledge)
        if query.frequency is not None:
            indicator = _one_indicator(query, knowledge)
            if indicator.frequency is not query.frequency:
                return await self._longer(query, query.frequency, chosen, knowledge)
        async with self._reading() as handle:
            reads, as_of = await reads_of(self._warehouse, handle, query.as_of)
            bounded = reads_in(reads, query.boundaries_of, query.indicator, knowledge)
            found = await bounded.values(
                handle,
                chosen,
                days=_days(query.first, query.last),
                after=query.after,
                limit=query.limit + 1,
            )
            shown = found[: query.limit]
            items = await _named(reads, handle, shown, knowledge)
            if not (found or left_out_of(bounded)) and query.indicator is not None:
                asked = knowledge.indicator(query.indicator)
                await check_place(reads, handle, asked, chosen, knowledge)
        more = len(found) > query.limit
        following = _key(items[-1].row) if more else None
        return ValuePage(
            items=items,
            next=following,
            as_of=as_of,
            unapportioned=left_out_of(bounded),
        )

    async def versions(
        self, query: ValueQuery, period: Period, knowledge: Knowledge
    ) -> ValuePage:
        """Return all versions of the one value of a query, the newest first.

        As of a moment: those until then. An estimate that a realised figure superseded
        stands on a series of its own, so that it reaches every tier; here it is an
        earlier version. Of days and hours long past only the last version is kept.

        Raises:
            FederationError: ``NOT_FOUND`` when there is no such value,
                ``INVALID_ARGUMENT`` when the query fits several.
        """
        async with self._reading() as handle:
            reads, as_of = await reads_of(self._warehouse, handle, query.as_of)
            found = await reads.values(
                handle,
                _series_filter(query, knowledge),
                days=_days(query.first, query.last),
            )
            key = _only_series(found, period)
            current = [
                s for s in found if s.row.series == key and s.row.period == period
            ]
            named = await _named(reads, handle, current, knowledge)
            own = await reads.versions(handle, key, period)
            estimates: list[Stored] = []
            if not key.breakdown:
                sibling = replace(key, breakdown=VINTAGE_ESTIMATE)
                estimates = await reads.versions(handle, sibling, period)
        told = {(stored.row.state, stored.row.status) for stored in own}
        earlier = [
            stored
            for stored in estimates
            if (stored.row.state, stored.row.status) not in told
            and stored.row.state is not None
        ]
        # Who is missing is known for the newest, not for what was known before.
        past = list(_superseding([*own, *earlier], knowledge))[1:]
        return ValuePage(items=[*named, *past], as_of=as_of)

    async def _longer(
        self,
        query: ValueQuery,
        frequency: Frequency,
        chosen: SeriesFilter,
        knowledge: Knowledge,
    ) -> ValuePage:
        indicator = _one_indicator(query, knowledge)
        calendar = knowledge.calendar(indicator)
        check_over_time(indicator)
        # Refuses lengths that the base periods don't fill, before anything is read.
        base_periods(indicator.frequency, period_of_day(frequency, date(2000, 1, 1)))
        longer = _Longer(indicator=indicator, frequency=frequency, calendar=calendar)
        async with self._reading() as handle:
            reads, as_of = await reads_of(self._warehouse, handle, query.as_of)
            bounded = reads_in(reads, query.boundaries_of, query.indicator, knowledge)
            found = await bounded.values(
                handle,
                chosen,
                days=longer.days(query.first, query.last),
                after=query.after,
                limit=PAGE_ROWS_MAX,
            )
        groups = [
            list(group)
            for _, group in groupby(
                found,
                key=lambda stored: (stored.row.series, longer.of(stored.row.period)),
            )
        ]
        truncated = len(found) == PAGE_ROWS_MAX and len(groups) > 1
        if truncated:
            # The last one may go on after what was read.
            groups.pop()
            if not (found or left_out_of(bounded)):
                await check_place(reads, handle, indicator, chosen, knowledge)
        items = [
            longer.merged(group, read_by(as_of, group, indicator, knowledge))
            for group in groups[: query.limit]
        ]
        more = truncated or len(groups) > query.limit
        following = _key(groups[len(items) - 1][-1].row) if more else None
        return ValuePage(
            items=items,
            next=following,
            as_of=as_of,
            unapportioned=left_out_of(bounded),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Longer:
    """Longer periods of an indicator, as its calendar makes them."""

    indicator: Indicator
    frequency: Frequency
    calendar: Calendar

    def of(self, base: Period) -> Period:
        """Return the longer period that a base period belongs to."""
        if base.frequency is Frequency.HOUR:
            day = base.begins_at(self.calendar).astimezone(self.calendar.zone).date()
            return period_holding(self.frequency, day, self.calendar)
        if base.frequency is Frequency.DAY:
            return period_holding(self.frequency, base.first_day, self.calendar)
        # Months of windows belong to the year of their name.
        return period_of_day(self.frequency, base.first_day)

    def wanted(self, longer: Period) -> list[Period]:
        """Return the base periods of a longer period."""
        return base_periods(self.indicator.frequency, longer, self.calendar)

    def days(self, first: date | None, last: date | None) -> DayRange:
        """Return the days on which base periods begin that whole ones are made of."""
        edges = [
            None if day is None else self.wanted(period_of_day(self.frequency, day))
            for day in (first, last)
        ]
        begin, end = edges
        return DayRange(
            first=None if begin is None else day_of_period(begin[0]),
            last=None if end is None else day_of_period(end[-1]),
        )

    def merged(self, group: Sequence[Stored], contract: Indicator) -> ValueSeen:
        """Return stored base periods of one longer period as one value."""
        longer = self.of(group[0].row.period)
        wanted = self.wanted(longer)
        rows = [s.row for s in group if s.contract_hash == contract.contract_hash]
        row = merge_over_time(
            contract, rows, into=group[0].row.series, period=longer, periods=wanted
        )
        there = {row.period for row in rows if row.state is not None}
        return ValueSeen(
            row=row,
            known_at=max(stored.known_at for stored in group),
            missing=tuple(
                period.text
                for period in entering(contract, wanted)
                if period not in there
            ),
            indicator=None if contract is self.indicator else contract,
        )


async def _named(
    reads: Reads[Handle],
    handle: Handle,
    found: Sequence[Stored],
    knowledge: Knowledge,
) -> list[ValueSeen]:
    items = [seen(stored, knowledge) for stored in found]
    gaps = [n for n, item in enumerate(items) if item.row.reported < item.row.expected]
    for number in gaps[:NAMED_VALUES_MAX]:
        row = items[number].row
        if knowledge.indicator(row.series.indicator).composed_of:
            lacking = await components_missing(reads, handle, row, knowledge)
            items[number] = replace(items[number], missing=lacking)
            continue
        absent = await absent_in(reads, handle, row, knowledge)
        items[number] = replace(items[number], missing=names_of(absent), absent=absent)
    twins = await twins_of(reads, handle, [item.row for item in items], knowledge)
    return [
        replace(item, twin=twins.get((item.row.series, item.row.period)))
        for item in items
    ]


def seen(stored: Stored, knowledge: Knowledge) -> ValueSeen:
    """Return a stored value as a reader sees it."""
    return ValueSeen(
        row=stored.row,
        known_at=stored.known_at,
        carrier=stored.carrier,
        first_known_at=stored.first_known_at,
        first_given_at=stored.first_given_at,
        indicator=knowledge.former_contract(
            stored.row.series.indicator, stored.contract_hash
        ),
    )


def _superseding(
    versions: Sequence[Stored], knowledge: Knowledge
) -> Iterator[ValueSeen]:
    """Yield versions, newest first, each with when the next one came."""
    later: datetime | None = None
    for stored in versions:
        # An estimate may have been learned after the figure that supersedes it.
        ended = None if later is None else max(later, stored.known_at)
        yield replace(seen(stored, knowledge), superseded_at=ended)
        later = stored.known_at


def _only_series(found: Sequence[Stored], period: Period) -> SeriesKey:
    keys = {stored.row.series for stored in found if stored.row.period == period}
    if not keys:
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Không có giá trị nào như vậy trong kỳ {period.text}.",
            f"There is no such value in {period.text}.",
            {"period": period.text},
        )
    if len(keys) > 1:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Có {len(keys)} chuỗi số liệu phù hợp. Hãy nêu thêm indicator, locality, "
            "agency hoặc basis.",
            f"{len(keys)} series fit. Name indicator, locality, agency or basis too.",
            {"pointer": "/query/indicator"},
        )
    return keys.pop()


def _key(row: Row) -> PageKey:
    return PageKey(series=row.series, period_start=row.period.start)


def _days(first: date | None, last: date | None) -> DayRange:
    return DayRange(
        first=day_number(first) if first else None,
        last=day_number(last) if last else None,
    )


def _one_indicator(query: ValueQuery, knowledge: Knowledge) -> Indicator:
    if query.indicator is None:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            "Muốn gộp theo kỳ dài hơn thì phải chọn một chỉ tiêu (indicator).",
            "Longer periods need one indicator (indicator).",
            {"pointer": "/query/indicator"},
        )
    return knowledge.indicator(query.indicator)


def _series_filter(query: ValueQuery, knowledge: Knowledge) -> SeriesFilter:
    if query.indicator is not None:
        knowledge.indicator(query.indicator)
    if query.boundaries_of is not None:
        return place_in(query.boundaries_of, query, knowledge)
    places = (
        knowledge.place_ids(query.locality, query.first, query.last)
        if query.locality is not None
        else None
    )
    return SeriesFilter(
        indicators=_only(query.indicator),
        localities=places,
        agencies=_only(query.agency),
        breakdowns=_only(query.breakdown),
        basis=query.basis,
    )


def _only(value: str | None) -> frozenset[str] | None:
    return None if value is None else frozenset({value})
