"""Composites: points earned by components, computed anew at each tier.

A composite never merges and never travels. Each tier takes the components' own states
for the place and period, reported or merged, and gives points for what each shows.
Source of the rule: the scoring tables of such indices (Decision 766/QĐ-TTg), where a
component earns up to a maximum of points in proportion to its rate.
"""

from collections.abc import Mapping
from fractions import Fraction

from federation.algebra.integers import checked
from federation.algebra.merge import merge_counts
from federation.algebra.value import exact_value
from federation.model.indicator import Component, Indicator
from federation.model.period import Period
from federation.model.row import Row, SeriesKey, State
from federation.model.status import Counts, Provenance, Status

COMPONENTS_MAX = 100
"""A contract may be composed of as many."""

_NOTHING, _ALL = Fraction(0), Fraction(1)


def earned(
    component: Component, contract: Indicator, state: State | None
) -> Fraction | None:
    """Return the points a component earns; None where it shows no value."""
    shown = None if state is None else exact_value(contract, state)
    if shown is None:
        return None
    scaled = shown * Fraction(10) ** contract.scale
    portion = (scaled - component.zero_at) / (component.full_at - component.zero_at)
    return component.points * min(max(portion, _NOTHING), _ALL)


def points(
    indicator: Indicator,
    contracts: Mapping[str, Indicator],
    rows: Mapping[str, Row | None],
) -> dict[str, Fraction | None]:
    """Return the points of each component, in their order.

    Args:
        indicator: The composite.
        contracts: Contracts by id; a component without one is missing.
        rows: The row of each component for one place and period, by indicator.
    """
    found: dict[str, Fraction | None] = {}
    for component in indicator.composed_of:
        contract = contracts.get(component.indicator)
        row = rows.get(component.indicator)
        if contract is None or row is None:
            found[component.indicator] = None
        else:
            found[component.indicator] = earned(component, contract, row.state)
    return found


def missing(
    indicator: Indicator,
    contracts: Mapping[str, Indicator],
    rows: Mapping[str, Row | None],
) -> tuple[str, ...]:
    """Return the ids of the components that a composite lacks; see ``points``."""
    found = points(indicator, contracts, rows)
    return tuple(id_ for id_, each in found.items() if each is None)


def compose(
    indicator: Indicator,
    contracts: Mapping[str, Indicator],
    rows: Mapping[str, Row | None],
    *,
    into: SeriesKey,
    period: Period,
) -> Row:
    """Return a composite's row for one place and period; see ``points``.

    One missing component makes it missing: points of the others would look like a low
    score. Its coverage counts components. The sum is exact and rounded once, half-even.
    """
    found = points(indicator, contracts, rows)
    known = {id_: each for id_, each in found.items() if each is not None}
    there = [row for id_ in known if (row := rows.get(id_)) is not None]
    state = None
    if known and len(known) == len(found):
        value = round(sum(known.values(), _NOTHING) * 10**indicator.scale)
        state = State(value=checked(value, indicator.id))
    lacking = len(found) - len(known)
    one_missing = Counts.one(Status.MISSING, Provenance.AUTOMATIC)
    return Row(
        series=into,
        period=period,
        state=state,
        counts=merge_counts(
            [row.counts for row in there] if state else [one_missing] * max(1, lacking)
        ),
        expected=len(found),
        reported=len(there),
        recorded_at_us=max((row.recorded_at_us for row in there), default=0),
        unconfirmed=any(row.unconfirmed for row in there),
        adjusted=any(row.adjusted for row in there),
    )
