"""Composites: recomputed at each tier from their components, and never sent.

A composite of a period stands on the last period of each component that had ended by
the composite's end. A component that is not there makes the composite missing; who
reads it is told which one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from federation.algebra.composite import compose
from federation.model.indicator import Basis, Indicator
from federation.model.period import (
    Calendar,
    Period,
    days_of,
    following,
    period_of_day,
    preceding,
)
from federation.model.row import Row, SeriesKey
from federation.model.status import Status
from federation.warehouse.store import Stored

CalendarOf = Callable[[Indicator], Calendar | None]


def composites_of(
    component: str, indicators: Mapping[str, Indicator]
) -> list[Indicator]:
    """Return the composites that an indicator is a component of."""
    return [
        one
        for one in indicators.values()
        if any(part.indicator == component for part in one.composed_of)
    ]


def wanted_of(
    composite: Indicator,
    period: Period,
    calendar: Calendar | None,
    component: Indicator,
    calendar_of: CalendarOf,
) -> Period:
    """Return the period of a component that a composite's period stands on."""
    own = calendar_of(component)
    if component.frequency is composite.frequency and own == calendar:
        return period
    end = days_of(period, calendar)[1]
    found = period_of_day(component.frequency, end)
    # By name first, then by the days of the component's own calendar.
    found = following(found)
    while days_of(found, own)[1] > end:
        found = preceding(found)
    return found


def moved_by(
    composite: Indicator,
    component: Indicator,
    component_start: int,
    component_calendar: Calendar | None,
    calendar: Calendar | None,
    *,
    now: datetime,
) -> Iterator[tuple[str, int]]:
    """Yield what of a composite stands on one period of a component, until now."""
    period = Period(frequency=component.frequency, start=component_start)
    if component.frequency is composite.frequency and component_calendar == calendar:
        yield composite.id, component_start
        return
    first = days_of(period, component_calendar)[1]
    end = days_of(following(period), component_calendar)[1]
    one = preceding(period_of_day(composite.frequency, first))
    while days_of(one, calendar)[1] < end:
        zone_now = now if calendar is None else now.astimezone(calendar.zone)
        if days_of(one, calendar)[1] >= first:
            if days_of(one, calendar)[0] > zone_now.date():
                return
            yield composite.id, one.start
        one = following(one)


def composed(
    composite: Indicator,
    contracts: Mapping[str, Indicator],
    parts: Mapping[str, Sequence[Stored]],
    held: Sequence[Stored],
    period: Period,
) -> list[Row]:
    """Return a composite's rows: of every place of which a component is known.

    A place of which no component is left is missing all of them.
    """
    rows = parts_of_places(contracts, parts)
    composites = []
    before = {stored.row.series.locality for stored in held}
    for locality in sorted(rows.keys() | before):
        into = SeriesKey(
            indicator=composite.id, locality=locality, basis=Basis.ROLLED_UP
        )
        known = rows.get(locality, {})
        by_name = {
            part.indicator: known.get(part.indicator) for part in composite.composed_of
        }
        composites.append(
            compose(composite, contracts, by_name, into=into, period=period)
        )
    return composites


def parts_of_places(
    contracts: Mapping[str, Indicator], parts: Mapping[str, Sequence[Stored]]
) -> dict[str, dict[str, Row]]:
    """Return the row of each component that speaks for a place, by place and id."""
    rows: dict[str, dict[str, Row]] = {}
    for name, found in parts.items():
        contract = contracts[name]
        for stored in found:
            row = stored.row
            counts = (
                row.series.breakdown == ""
                and stored.contract_hash == contract.contract_hash
                and row.status is not Status.DELETED
            )
            if not counts:
                continue
            of_place = rows.setdefault(row.series.locality, {})
            of_place[name] = _leading(contract, row, of_place.get(name))
    return rows


def _leading(contract: Indicator, row: Row, other: Row | None) -> Row:
    """Return which of two rows speaks: with a value, of the leading basis."""
    if other is None:
        return row

    def order(one: Row) -> tuple[bool, bool, bool, str]:
        agency = one.series.agency
        return (
            one.state is None,
            one.series.basis is not contract.leading_basis,
            agency != contract.owner_agency,
            agency,
        )

    return min(row, other, key=order)
