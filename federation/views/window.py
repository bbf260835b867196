"""Values of any run of days, merged from base periods that fill it exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Generic, TypeVar

from federation.algebra.merge import merge_window
from federation.algebra.refusals import check_over_time
from federation.algebra.windows import window_periods
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis, Indicator
from federation.model.period import Period, year_to_date
from federation.model.row import VINTAGE_ESTIMATE, Row
from federation.views.boundaries import left_out_of, place_in, reads_in
from federation.views.former_places import Unapportioned
from federation.views.knowledge import Knowledge
from federation.views.mergeable import check_place, read_by
from federation.views.past import reads_of
from federation.views.values import Reading, ValueSeen
from federation.warehouse.history import AsOf
from federation.warehouse.store import (
    PAGE_ROWS_MAX,
    DayRange,
    Reads,
    SeriesFilter,
    Stored,
    Warehouse,
    day_of_period,
    page_key,
)

WINDOW_VALUES_MAX = 100_000
"""A window of more base values (series times periods) is refused."""

Handle = TypeVar("Handle")

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowQuery:
    """Which days of which series.

    Either ``first`` and ``last``, both included, or ``to_date``: from the begin of the
    year to the end of that period. ``breakdown`` empty means the undivided series,
    None any, ``agency`` and ``basis`` None any. ``locality`` is an id or a code.
    """

    indicator: str
    locality: str
    first: date | None = None
    last: date | None = None
    to_date: Period | None = None
    agency: str | None = None
    breakdown: str | None = ""
    basis: Basis | None = None
    as_of: datetime | None = None
    boundaries_of: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowSeen:
    """What a run of days says, one value for each series.

    ``base_periods`` is how many of the indicator's own periods fill it.
    """

    indicator: Indicator
    first: date
    last: date
    base_periods: int
    items: Sequence[ValueSeen]
    as_of: AsOf | None
    boundaries_of: date | None = None
    unapportioned: Sequence[Unapportioned] = ()


class WindowView(Generic[Handle]):
    """Reads of windows."""

    def __init__(self, warehouse: Warehouse[Handle], reading: Reading[Handle]) -> None:
        """Read a warehouse through reads that ``reading`` opens."""
        self._warehouse = warehouse
        self._reading = reading

    async def read(self, query: WindowQuery, knowledge: Knowledge) -> WindowSeen:
        """Return the value of each series over the days asked for.

        Raises:
            FederationError: ``MERGE_REFUSED`` when the indicator does not merge over
                time, makes no total of the place, or whole base periods don't fill the
                days, with what is possible;
                ``INVALID_ARGUMENT`` or ``NOT_FOUND`` for what is asked wrongly.
        """
        indicator = knowledge.indicator(query.indicator)
        check_over_time(indicator)
        calendar = knowledge.calendar(indicator)
        if query.to_date is not None:
            first, end = year_to_date(query.to_date, calendar)
        else:
            first, end = _days_asked(query)
        periods = window_periods(indicator.frequency, first, end, calendar)
        chosen = SeriesFilter(
            indicators=frozenset({indicator.id}),
            localities=knowledge.place_ids(query.locality, first, end - _ONE_DAY),
            agencies=_only(query.agency),
            breakdowns=_only(query.breakdown),
            basis=query.basis,
        )
        if query.boundaries_of is not None:
            chosen = place_in(query.boundaries_of, query, knowledge)
        async with self._reading() as handle:
            reads, as_of = await reads_of(self._warehouse, handle, query.as_of)
            bounded = reads_in(reads, query.boundaries_of, indicator.id, knowledge)
            found = await _all_values(bounded, handle, chosen, periods)
            if not (found or left_out_of(bounded)):
                await check_place(reads, handle, indicator, chosen, knowledge)
        return WindowSeen(
            indicator=indicator,
            first=first,
            last=end - _ONE_DAY,
            base_periods=len(periods),
            items=[
                _merged(
                    group,
                    periods,
                    contract=read_by(as_of, group, indicator, knowledge),
                    current=indicator,
                )
                for key, found_of_one in groupby(found, key=lambda one: one.row.series)
                for group in [list(found_of_one)]
                if key.breakdown != VINTAGE_ESTIMATE
                or query.breakdown == VINTAGE_ESTIMATE
            ],
            as_of=as_of,
            boundaries_of=query.boundaries_of,
            unapportioned=left_out_of(bounded),
        )


async def _all_values(
    reads: Reads[Handle],
    handle: Handle,
    chosen: SeriesFilter,
    periods: Sequence[Period],
) -> list[Stored]:
    """Return all values of some series in a run of periods, in key order."""
    days = DayRange(first=day_of_period(periods[0]), last=day_of_period(periods[-1]))
    wanted = frozenset(periods)
    found: list[Stored] = []
    after = None
    while True:
        page = await reads.values(handle, chosen, days=days, after=after)
        found += [stored for stored in page if stored.row.period in wanted]
        if len(page) < PAGE_ROWS_MAX:
            return found
        if len(found) > WINDOW_VALUES_MAX:
            raise FederationError(
                ErrorCode.INVALID_ARGUMENT,
                f"Khoảng thời gian này gồm hơn {WINDOW_VALUES_MAX} giá trị gốc. Hãy "
                "chọn khoảng ngắn hơn, hoặc nêu thêm agency, breakdown hay basis.",
                f"The window takes more than {WINDOW_VALUES_MAX} base values. Choose "
                "a shorter one, or name agency, breakdown or basis.",
                {"pointer": "/query/from"},
            )
        after = page_key(page[-1])


def _merged(
    group: Sequence[Stored],
    periods: Sequence[Period],
    *,
    contract: Indicator,
    current: Indicator,
) -> ValueSeen:
    """Return the base values of one series as one; others' contracts are missing."""
    rows = [s.row for s in group if s.contract_hash == contract.contract_hash]
    merged = merge_window(contract, rows, periods=periods)
    row = Row(
        series=group[0].row.series,
        period=periods[0],
        state=merged.state,
        counts=merged.counts,
        expected=merged.expected,
        reported=merged.reported,
        recorded_at_us=merged.recorded_at_us,
        source=merged.source,
        unconfirmed=merged.unconfirmed,
        adjusted=merged.adjusted,
    )
    return ValueSeen(
        row=row,
        known_at=max(stored.known_at for stored in group),
        missing=tuple(period.text for period in merged.missing),
        indicator=None if contract is current else contract,
    )


def _days_asked(query: WindowQuery) -> tuple[date, date]:
    """Return the first day and the day after the last one."""
    if query.first is None or query.last is None:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            "Hãy nêu ngày đầu (from) và ngày cuối (to), hoặc year_to_date=2025-03.",
            "Name the first day (from) and the last one (to), or year_to_date=2025-03.",
            {"pointer": "/query/from"},
        )
    if query.last < query.first:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Ngày cuối {query.last.isoformat()} đứng trước ngày đầu "
            f"{query.first.isoformat()}.",
            f"The last day {query.last.isoformat()} comes before the first "
            f"{query.first.isoformat()}.",
            {"pointer": "/query/to"},
        )
    if query.last == date.max:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Ngày cuối {query.last.isoformat()} quá xa; hãy nêu một ngày đã qua.",
            f"The last day {query.last.isoformat()} is too far off; name one that is "
            "over.",
            {"pointer": "/query/to"},
        )
    return query.first, query.last + _ONE_DAY


def _only(value: str | None) -> frozenset[str] | None:
    return None if value is None else frozenset({value})
