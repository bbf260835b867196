"""The places that make up another one, each counted once.

At the indicator's level a place stands by what was reported for it. Above that level a
place stands by what its own tier says of it (its rollup, or its report where reports
lead), if that tier said anything: it is nearest to the source, and may know parts that
are not shared with us. The largest such places come first and nothing is taken twice,
so a place that spoke covers the areas and communes in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from federation.coverage.expected import Expected
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Indicator
from federation.model.row import Row
from federation.model.withholding import is_withheld_total
from federation.warehouse.store import Stored

SILENT = ""
"""For a locality: all places that owed a report and of which nothing was said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A place of a cover, what stands for it, and its share of the coverage.

    ``units`` are its places at the indicator's level, ``owing`` those of them that
    owed a report; ``row`` is None of the ``SILENT`` places, which are one part.
    ``expected`` is 0 where nobody owed: what is there enters a total, not its n.
    """

    locality: str
    units: frozenset[str]
    owing: frozenset[str]
    row: Row | None
    expected: int
    reported: int


def statements(
    indicator: Indicator, values: Iterable[Stored], breakdown: str
) -> dict[tuple[str, Basis], Row]:
    """Return what was said of each place: one report, one rollup of a child's.

    Left out: rows of another contract (they can't be read under this one), what this
    tier rolled up itself (a result is no input), and totals that a child doesn't share
    (their parts speak). Of several agencies that
    report for one place the indicator's owner counts, else the first by id: two
    reports of one fact are never added.
    """
    found: dict[tuple[str, Basis], Row] = {}
    for stored in values:
        key = stored.row.series
        if (
            key.breakdown != breakdown
            or stored.contract_hash != indicator.contract_hash
            or (key.basis is Basis.ROLLED_UP and stored.carrier is None)
            or is_withheld_total(stored.row)
        ):
            continue
        place = (key.locality, key.basis)
        held = found.get(place)
        if held is None or _leads(indicator, stored.row, held):
            found[place] = stored.row
    return found


def _leads(indicator: Indicator, row: Row, held: Row) -> bool:
    def order(one: Row) -> tuple[bool, bool, str]:
        agency = one.series.agency
        return (one.state is None, agency != indicator.owner_agency, agency)

    return order(row) < order(held)


def cover(
    graph: LocalityGraph,
    indicator: Indicator,
    said: Mapping[tuple[str, Basis], Row],
    place: str,
    day: date,
    expected: Expected,
) -> list[Part]:
    """Return the places that make up ``place`` on a day, in id order.

    ``expected`` are the places that owed a report, wherever. A child's total brings
    its own n of N, unless a person of this tier said who was expected. Empty when no
    place of the indicator's level in it on that day owed or said anything.
    """
    left = set(graph.units(place, indicator.level, day))
    parts = []
    for units, locality in _groups(graph, indicator, said, place, day):
        if units <= left:
            left -= units
            parts.append(_group(indicator, said, locality, units, expected))
    spoken = {locality for locality, _ in said}
    owed = expected.localities
    parts += [_unit(indicator, said, unit, unit in owed) for unit in left & spoken]
    # Thousands of places may be silent: they are one part, for every total meets them.
    silent = frozenset(unit for unit in left - spoken if unit in owed)
    if silent:
        parts.append(
            Part(
                locality=SILENT,
                units=silent,
                owing=silent,
                row=None,
                expected=len(silent),
                reported=0,
            )
        )
    return sorted(parts, key=lambda part: part.locality)


def _unit(
    indicator: Indicator,
    said: Mapping[tuple[str, Basis], Row],
    unit: str,
    owes: bool,
) -> Part:
    row = _standing(indicator, said, unit)
    return Part(
        locality=unit,
        units=frozenset((unit,)),
        owing=frozenset((unit,) if owes else ()),
        row=row,
        expected=int(owes),
        reported=int(owes and row is not None and row.state is not None),
    )


def _groups(
    graph: LocalityGraph,
    indicator: Indicator,
    said: Mapping[tuple[str, Basis], Row],
    place: str,
    day: date,
) -> list[tuple[frozenset[str], str]]:
    """Return the places above the level that spoke for themselves, largest first."""
    found = []
    for locality in {locality for locality, _ in said} - {place}:
        known = graph.get(locality)
        if known is None or known.level == indicator.level:
            continue
        units = graph.units(locality, indicator.level, day)
        if units and _group_row(indicator, said, locality) is not None:
            found.append((units, locality))
    return sorted(found, key=lambda group: (-len(group[0]), group[1]))


def _group_row(
    indicator: Indicator, said: Mapping[tuple[str, Basis], Row], locality: str
) -> Row | None:
    reported = said.get((locality, Basis.REPORTED))
    if (
        indicator.leading_basis is Basis.REPORTED
        and reported is not None
        and reported.state is not None
    ):
        return reported
    return said.get((locality, Basis.ROLLED_UP))


def _group(
    indicator: Indicator,
    said: Mapping[tuple[str, Basis], Row],
    locality: str,
    units: frozenset[str],
    expected: Expected,
) -> Part:
    row = _group_row(indicator, said, locality)
    owing = units & expected.localities
    n_expected, n_reported = len(owing), 0
    if row is not None and row.series.basis is Basis.ROLLED_UP:
        if row.expected and not expected.by_hand:
            n_expected, n_reported = row.expected, row.reported
        else:
            # Of ours, those known to have reported, and as many as the child counted
            # beside them without telling which.
            told = {unit for unit in units if _has_state(indicator, said, unit)}
            untold = max(0, row.reported - len(told))
            n_reported = min(n_expected, len(owing & told) + untold)
    elif row is not None and row.state is not None:
        # A report for the whole place covers all of it.
        n_reported = n_expected
    return Part(
        locality=locality,
        units=units,
        owing=owing,
        row=row,
        expected=n_expected,
        reported=n_reported,
    )


def _has_state(
    indicator: Indicator, said: Mapping[tuple[str, Basis], Row], unit: str
) -> bool:
    row = _standing(indicator, said, unit)
    return row is not None and row.state is not None


def _standing(
    indicator: Indicator, said: Mapping[tuple[str, Basis], Row], unit: str
) -> Row | None:
    order = [Basis.REPORTED, Basis.ROLLED_UP]
    if indicator.leading_basis is Basis.ROLLED_UP:
        order.reverse()
    rows = [said[unit, basis] for basis in order if (unit, basis) in said]
    with_state = [row for row in rows if row.state is not None]
    return next(iter(with_state or rows), None)
