"""Who is missing in a value."""

from typing import TypeVar

from federation.coverage.absence import Known, coverage_of
from federation.coverage.cover import cover, last_day, statements
from federation.model.indicator import Basis
from federation.model.row import Row
from federation.views.knowledge import Knowledge
from federation.warehouse.store import Warehouse

Handle = TypeVar("Handle")

# Only names are asked for here, not why each is missing.
_NOTHING_KNOWN = Known(connected=frozenset(), withheld=frozenset())


async def missing_in(
    warehouse: Warehouse[Handle], handle: Handle, row: Row, knowledge: Knowledge
) -> tuple[str, ...]:
    """Return the places that owed a part of a value and did not give it.

    Of a report that is the place itself. One query for a rollup with gaps.
    """
    series = row.series
    if row.reported >= row.expected:
        return ()
    if series.basis is not Basis.ROLLED_UP:
        return (series.locality,)
    indicator = knowledge.indicator(series.indicator)
    values = await warehouse.at(handle, indicator.id, row.period.start)
    day = last_day(row.period, knowledge.calendar(indicator))
    said = statements(indicator, values, series.breakdown)
    parts = cover(knowledge.places, indicator, said, series.locality, day)
    of_feed = [v for v in values if v.row.series.breakdown == series.breakdown]
    found = coverage_of(indicator, parts, of_feed, _NOTHING_KNOWN)
    return tuple(absent.locality for absent in found.absent)
