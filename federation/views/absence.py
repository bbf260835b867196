"""Who is missing in a value, and why."""

from typing import TypeVar

from federation.coverage.absence import Absent, Reason, coverage_of, known_places
from federation.coverage.cover import cover
from federation.coverage.expected import expected_in
from federation.coverage.heard import heard
from federation.coverage.windows import last_day
from federation.model.indicator import Basis
from federation.model.row import Row
from federation.model.status import Status
from federation.views.knowledge import Knowledge
from federation.warehouse.store import Reads, SeriesFilter

Handle = TypeVar("Handle")


async def absent_in(
    reads: Reads[Handle], handle: Handle, row: Row, knowledge: Knowledge
) -> tuple[Absent, ...]:
    """Return the places that owed a part of a value and did not give it, with why.

    Of a report that is the place itself. Three queries for a rollup with gaps. Places
    that a child told only the number of are not among them, and none is where this
    tier can't tell which they are.
    """
    series = row.series
    if row.reported >= row.expected:
        return ()
    if series.basis is not Basis.ROLLED_UP:
        withheld = row.status is Status.WITHHELD
        reason = Reason.WITHHELD if withheld else Reason.REPORTED_MISSING
        return (Absent(locality=series.locality, reason=reason),)
    indicator = knowledge.indicator(series.indicator)
    calendar = knowledge.calendar(indicator)
    values = await reads.at(handle, indicator.id, row.period.start)
    expected = await expected_in(
        knowledge.expected,
        handle,
        knowledge.owing,
        [(indicator, row.period, calendar)],
    )
    day = last_day(row.period, calendar)
    parts = cover(
        knowledge.places,
        indicator,
        heard(knowledge.places, indicator, values, series.breakdown, day),
        series.locality,
        day,
        expected[indicator.id, row.period],
    )
    of_feed = [v for v in values if v.row.series.breakdown == series.breakdown]
    of_indicator = SeriesFilter(indicators=frozenset({indicator.id}))
    known = known_places(
        indicator,
        await reads.series(handle, of_indicator),
        knowledge.announced.get(indicator.id, ()),
        knowledge.withheld,
    )
    found = coverage_of(indicator, parts, of_feed, known)
    # A child that made the total, or a moment of the past, may have expected others
    # than we do now. Then nobody is named, for nobody must be blamed who did not owe.
    as_many = found.missing_count == row.expected - row.reported
    return found.absent if as_many else ()


def names_of(absent: tuple[Absent, ...]) -> tuple[str, ...]:
    """Return who is absent."""
    return tuple(one.locality for one in absent)
