"""Values page by page, values of longer periods, and the versions of one value."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Generic, TypeVar

from federation.algebra.merge import base_periods, merge_over_time, refused
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis, Indicator, MergeRule
from federation.model.period import Frequency, Period, day_number, period_of_day
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey, Version
from federation.views.absence import missing_in
from federation.views.knowledge import Knowledge
from federation.warehouse.store import (
    PAGE_ROWS_MAX,
    DayRange,
    PageKey,
    SeriesFilter,
    Stored,
    Warehouse,
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
    indicator's own.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSeen:
    """One value with when this tier learned it.

    ``missing`` names who or which base periods of it are missing; ``carrier`` is the
    place in the stream that brought it, None when it was made here.
    """

    row: Row
    known_at: datetime
    carrier: Version | None = None
    missing: tuple[str, ...] = ()
    superseded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuePage:
    """Some values in key order; ``next`` is None on the last page."""

    items: Sequence[ValueSeen]
    next: PageKey | None


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
                the indicator does not merge over time; ``INVALID_ARGUMENT`` or
                ``NOT_FOUND`` for what is asked wrongly.
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
                return await self._longer(query, query.frequency, indicator, chosen)
        async with self._reading() as handle:
            found = await self._warehouse.values(
                handle,
                chosen,
                days=_days(query.first, query.last),
                after=query.after,
                limit=query.limit + 1,
            )
            shown = found[: query.limit]
            items = await self._named(handle, shown, knowledge)
        more = len(found) > query.limit
        return ValuePage(items=items, next=_key(items[-1].row) if more else None)

    async def _named(
        self, handle: Handle, found: Sequence[Stored], knowledge: Knowledge
    ) -> list[ValueSeen]:
        items = [seen(stored) for stored in found]
        gaps = [
            n for n, item in enumerate(items) if item.row.reported < item.row.expected
        ]
        for number in gaps[:NAMED_VALUES_MAX]:
            row = items[number].row
            names = await missing_in(self._warehouse, handle, row, knowledge)
            items[number] = replace(items[number], missing=names)
        return items

    async def versions(
        self, query: ValueQuery, period: Period, knowledge: Knowledge
    ) -> list[ValueSeen]:
        """Return all versions of the one value of a query, the current one first.

        An estimate that a realised figure superseded stands on a series of its own,
        so that it reaches every tier; here it is an earlier version.

        Raises:
            FederationError: ``NOT_FOUND`` when there is no such value,
                ``INVALID_ARGUMENT`` when the query fits several.
        """
        async with self._reading() as handle:
            found = await self._warehouse.values(
                handle,
                _series_filter(query, knowledge),
                days=_days(query.first, query.last),
            )
            key = _only_series(found, period)
            current = [
                s for s in found if s.row.series == key and s.row.period == period
            ]
            named = await self._named(handle, current, knowledge)
            own = await self._warehouse.versions(handle, key, period)
            estimates: list[Stored] = []
            if not key.breakdown:
                sibling = replace(key, breakdown=VINTAGE_ESTIMATE)
                estimates = await self._warehouse.versions(handle, sibling, period)
        told = {(stored.row.state, stored.row.status) for stored in own}
        earlier = [
            stored
            for stored in estimates
            if (stored.row.state, stored.row.status) not in told
            and stored.row.state is not None
        ]
        # Who is missing is known for now, not for what was known then.
        return [*named, *list(_superseding([*own, *earlier]))[1:]]

    async def _longer(
        self,
        query: ValueQuery,
        frequency: Frequency,
        indicator: Indicator,
        chosen: SeriesFilter,
    ) -> ValuePage:
        if indicator.over_time in (MergeRule.NONE, MergeRule.COMPOSITE):
            raise refused(indicator.id, indicator.over_time)
        # Refuses lengths that the base periods don't fill, before anything is read.
        base_periods(indicator.frequency, period_of_day(frequency, date(2000, 1, 1)))
        first = query.first and period_of_day(frequency, query.first).first_day
        last = query.last and period_of_day(frequency, query.last).end_day
        async with self._reading() as handle:
            found = await self._warehouse.values(
                handle,
                chosen,
                days=DayRange(
                    first=day_number(first) if first else None,
                    last=day_number(last) - 1 if last else None,
                ),
                after=query.after,
                limit=PAGE_ROWS_MAX,
            )
        groups = [
            list(group)
            for _, group in groupby(
                found,
                key=lambda stored: (
                    stored.row.series,
                    period_of_day(frequency, stored.row.period.first_day),
                ),
            )
        ]
        truncated = len(found) == PAGE_ROWS_MAX and len(groups) > 1
        if truncated:
            # The last one may go on after what was read.
            groups.pop()
        items = [
            _merged(indicator, group, frequency) for group in groups[: query.limit]
        ]
        if not truncated and len(groups) <= query.limit:
            return ValuePage(items=items, next=None)
        return ValuePage(items=items, next=_key(groups[len(items) - 1][-1].row))


def _merged(
    indicator: Indicator, group: Sequence[Stored], frequency: Frequency
) -> ValueSeen:
    longer = period_of_day(frequency, group[0].row.period.first_day)
    wanted = base_periods(indicator.frequency, longer)
    row = merge_over_time(
        indicator,
        [stored.row for stored in group],
        period=longer,
        expected=len(wanted),
    )
    there = {stored.row.period for stored in group if stored.row.state is not None}
    return ValueSeen(
        row=row,
        known_at=max(stored.known_at for stored in group),
        missing=tuple(period.text for period in wanted if period not in there),
    )


def seen(stored: Stored) -> ValueSeen:
    """Return a stored value as a reader sees it."""
    return ValueSeen(row=stored.row, known_at=stored.known_at, carrier=stored.carrier)


def _superseding(versions: Sequence[Stored]) -> Iterator[ValueSeen]:
    """Yield versions, newest first, each with when the next one came."""
    later: datetime | None = None
    for stored in versions:
        # An estimate may have been learned after the figure that supersedes it.
        ended = None if later is None else max(later, stored.known_at)
        yield replace(seen(stored), superseded_at=ended)
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
