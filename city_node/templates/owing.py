"""Who may type what: an agency types the figures that it owes.

The owner of an indicator may always; another agency where a rule says that it owes the
indicator, and for the places of that rule only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from city_node.contract import LocalityLookup, Subsystem
from federation.coverage.owed import OwedRule
from federation.model.indicator import Indicator
from federation.model.locality import Locality

ANCESTORS_MAX = 16
"""Places are not nested deeper; a circle in a list of places ends here."""


def with_rules(subsystem: Subsystem, rules: Sequence[OwedRule]) -> Subsystem:
    """Return a subsystem with an operator's rules in place of its own.

    They stand for the indicators they name; of the others the subsystem's stay.
    """
    own = {each.indicator.id for each in subsystem.indicators}
    told = [rule for rule in rules if own & set(rule.indicators)]
    named = {name for rule in told for name in rule.indicators}
    kept = []
    for rule in subsystem.obligations:
        left = tuple(name for name in rule.indicators if name not in named)
        if left:
            kept.append(replace(rule, indicators=left))
    return replace(subsystem, obligations=(*kept, *told))


def owing_agencies(subsystem: Subsystem, indicator: Indicator) -> frozenset[str]:
    """Return the agencies that may type an indicator, for whichever place."""
    return frozenset(
        (
            indicator.owner_agency,
            *(rule.agency for rule in _rules(subsystem, indicator)),
        )
    )


def owes_for(
    subsystem: Subsystem,
    indicator: Indicator,
    agency: str,
    place: Locality,
    places: LocalityLookup,
) -> bool:
    """Return whether an agency may type an indicator for a place."""
    if agency == indicator.owner_agency:
        return True
    return any(
        rule.agency == agency
        and (not rule.within or _is_within(place, rule.within, places))
        for rule in _rules(subsystem, indicator)
    )


def _rules(subsystem: Subsystem, indicator: Indicator) -> Iterator[OwedRule]:
    """Yield the rules by which somebody else than the owner owes an indicator."""
    for rule in subsystem.obligations:
        if indicator.id in rule.indicators and rule.agency and not rule.nobody:
            yield rule


def _is_within(place: Locality, within: Sequence[str], places: LocalityLookup) -> bool:
    names = {place.id}
    above: Locality | None = place
    for _ in range(ANCESTORS_MAX):
        above = places.get(above.parent) if above is not None and above.parent else None
        if above is None:
            break
        names.add(above.id)
    members = {
        member.locality
        for area in map(places.get, within)
        if area is not None
        for member in area.members
    }
    return bool(names & (set(within) | members))
