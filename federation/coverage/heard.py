"""What was said of places in a period, without totals that others' words overtook.

When a place leaves one area for another, its whole history goes along, and may be
corrected by whoever has it now. The total that the old area's stream gave for its own
time then holds a figure that is no more. Where the parts are known at least as fully as
that total knew them, they are merged here instead.
"""

from collections.abc import Iterable
from datetime import date

from federation.coverage.cover import statements
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Indicator
from federation.model.row import Row
from federation.warehouse.store import Stored


def heard(
    graph: LocalityGraph,
    indicator: Indicator,
    values: Iterable[Stored],
    breakdown: str,
    day: date,
) -> dict[tuple[str, Basis], Row]:
    """Return the statements of a period that stand on a day."""
    given = list(values)
    said = statements(indicator, given, breakdown)
    streams = {
        id(stored.row): stored.carrier.stream for stored in given if stored.carrier
    }
    reports = {
        locality: streams.get(id(row))
        for (locality, basis), row in said.items()
        if basis is Basis.REPORTED and row.state is not None
    }
    overtaken = [
        key
        for key, row in said.items()
        if key[1] is Basis.ROLLED_UP
        and _overtaken(
            row,
            streams.get(id(row)),
            reports,
            graph.units(key[0], indicator.level, day),
        )
    ]
    return {key: row for key, row in said.items() if key not in overtaken}


def _overtaken(
    total: Row,
    stream: str | None,
    reports: dict[str, str | None],
    units: frozenset[str],
) -> bool:
    known = [reports[unit] for unit in units if unit in reports]
    return len(known) >= max(total.reported, 1) and any(
        by not in (None, stream) for by in known
    )
