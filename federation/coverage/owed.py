"""Who owes what: rules as people write them, and the obligations they come to.

A subsystem or an operator writes few rules; each stands for the places of one level
within a place. What is announced, kept and listed are obligations: one indicator, one
locality, one agency, from a day to a day. They may begin before a node joined, and end
where a publisher stopped.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator, Measure
from federation.model.locality import LEVELS, Locality
from federation.model.period import day_number
from federation.wire.payload import Obligation

OBLIGATIONS_EXPANDED_MAX = 500_000
"""More come of the rules of a tier only by mistake."""

_RULE_KEYS = frozenset(
    {"indicator", "level", "within", "agency", "from", "to", "nobody"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedRule:
    """Somebody owes indicators for all places of a level within places.

    What is left empty follows the indicator: its level, its owner, its first and last
    day; ``within`` empty means wherever the tier speaks. ``nobody``: it is owed by
    nobody, whatever another rule would say.
    """

    indicators: tuple[str, ...]
    level: str = ""
    within: tuple[str, ...] = ()
    agency: str = ""
    first: date | None = None
    last: date | None = None
    nobody: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Realm:
    """The places rules may stand for; ``parts``: all below them and their members."""

    localities: tuple[str, ...]
    parts: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Dated:
    """A place for as long as it stands, and belongs to what it was reached from."""

    place: Locality
    first: date
    last: date


def rules_of(paths: Sequence[Path]) -> tuple[OwedRule, ...]:
    """Return the rules of an operator's files, in order.

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    found: list[OwedRule] = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _wrong(str(path), error.strerror or str(error)) from error
        found += read_rules(content, name=path.name)
    return tuple(found)


def read_rules(content: bytes, *, name: str) -> tuple[OwedRule, ...]:
    """Return the rules ``[[owed]]`` of a file (TOML).

    ::

        [[owed]]
        indicator = "environment.violations_found"    # or a list of ids
        level = "commune"
        within = "40"                                 # or a list
        agency = "H41.STNMT"
        from = 2025-07-01
        to = 2030-12-31

    Raises:
        FederationError: ``CONFIGURATION`` with the file and what is wrong in it.
    """
    try:
        document = tomllib.loads(content.decode())
        return tuple(_rule(table) for table in document.get("owed", ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(name, str(error)) from error


def _rule(table: Mapping[str, Any]) -> OwedRule:
    if strange := sorted(table.keys() - _RULE_KEYS):
        raise ValueError(f"[[owed]] knows no “{strange[0]}”")
    level, first, last = table.get("level", ""), table.get("from"), table.get("to")
    for key, day in (("from", first), ("to", last)):
        if day is not None and type(day) is not date:
            raise ValueError(f"{key} “{day}” is no day; write {key} = 2026-01-31")
    if not isinstance(table.get("agency", ""), str):
        raise TypeError(f"agency “{table['agency']}” is no text")
    if level and level not in LEVELS:
        raise ValueError(f"level “{level}” is none of {', '.join(LEVELS)}")
    if first is not None and last is not None and last < first:
        raise ValueError(f"to {last} is before from {first}")
    return OwedRule(
        indicators=_texts(table["indicator"]),
        level=level,
        within=_texts(table.get("within", ())),
        agency=table.get("agency", ""),
        first=first,
        last=last,
        nobody=table.get("nobody", False),
    )


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def with_defaults(
    indicators: Iterable[Indicator],
    declared: Sequence[OwedRule],
    overriding: Sequence[OwedRule] = (),
) -> list[OwedRule]:
    """Return one set of rules: for each indicator those of the nearest to say any.

    The operator's go before the subsystem's; where neither says anything the
    indicator's owner owes it.
    """
    found: list[OwedRule] = []
    for indicator in indicators:
        if indicator.measure is Measure.COMPOSITE:
            # Nobody reports what every tier computes itself.
            continue
        default = OwedRule(indicators=(indicator.id,))
        for rules in (overriding, declared, (default,)):
            own = [rule for rule in rules if indicator.id in rule.indicators]
            if own:
                break
        if not any(rule.nobody for rule in own):
            found += [_only(rule, indicator.id) for rule in own]
    return found


def _only(rule: OwedRule, indicator: str) -> OwedRule:
    return OwedRule(
        indicators=(indicator,),
        level=rule.level,
        within=rule.within,
        agency=rule.agency,
        first=rule.first,
        last=rule.last,
    )


def obligations_of(
    rules: Iterable[OwedRule],
    contracts: Mapping[str, Indicator],
    graph: LocalityGraph,
    realm: Realm,
    *,
    owner_owes: bool = True,
) -> list[Obligation]:
    """Return what rules come to in a realm, in order and each once.

    ``owner_owes``: what a rule leaves empty follows the indicator: its owner, its first
    and last day. Else an empty agency is whoever reports for the place, from ever on.

    Raises:
        FederationError: ``CONFIGURATION`` when a rule names a place nobody knows, or
            gives no level for an indicator nobody announced.
    """
    found: dict[tuple[str, str, str, int], Obligation] = {}
    reached: dict[Realm, list[_Dated]] = {}
    for rule in rules:
        for indicator in () if rule.nobody else rule.indicators:
            contract = contracts.get(indicator)
            level = rule.level or (contract.level if contract else "")
            if not level:
                raise _refused(indicator, "level")
            agency = rule.agency
            if not agency and owner_owes and contract is not None:
                agency = contract.owner_agency
            for dated in _reached(graph, realm, rule.within, reached):
                if dated.place.level != level:
                    continue
                follows = contract if owner_owes else None
                one = _owed(indicator, dated, agency, rule, follows)
                if one is not None:
                    key = (one.indicator, one.locality, one.agency, one.from_day)
                    found[key] = one
        if len(found) > OBLIGATIONS_EXPANDED_MAX:
            raise _refused(rule.indicators[0], f"> {OBLIGATIONS_EXPANDED_MAX}")
    return [found[key] for key in sorted(found)]


def _owed(
    indicator: str,
    dated: _Dated,
    agency: str,
    rule: OwedRule,
    contract: Indicator | None,
) -> Obligation | None:
    begin = rule.first or (contract.valid_from if contract else None)
    end = rule.last or (contract.valid_to if contract else None)
    first, last = max(begin or date.min, dated.first), min(end or date.max, dated.last)
    if last < first:
        return None
    return Obligation(
        indicator=indicator,
        locality=dated.place.id,
        agency=agency,
        from_day=day_number(first),
        to_day=None if last == date.max else day_number(last),
    )


def _reached(
    graph: LocalityGraph,
    realm: Realm,
    within: tuple[str, ...],
    reached: dict[Realm, list[_Dated]],
) -> list[_Dated]:
    if realm not in reached:
        reached[realm] = _places(graph, realm)
    if not within:
        return reached[realm]
    narrow = Realm(localities=within, parts=True)
    if narrow not in reached:
        reached[narrow] = _places(graph, narrow)
    own = {dated.place.id for dated in reached[realm]}
    return [dated for dated in reached[narrow] if dated.place.id in own]


def _places(graph: LocalityGraph, realm: Realm) -> list[_Dated]:
    found: list[_Dated] = []
    for locality in realm.localities:
        place = graph.get(locality)
        if place is None:
            raise _refused(locality, "locality")
        found += _tree(place, graph, parts=realm.parts)
    return found


def _tree(
    place: Locality,
    graph: LocalityGraph,
    *,
    parts: bool,
) -> Iterator[_Dated]:
    """Yield a place and those below it, each for the days it stands in between."""
    queue = [(place, date.min, date.max)]
    seen: set[tuple[str, date]] = set()
    while queue:
        one, begin, end = queue.pop()
        begin = max(begin, one.valid_from or date.min)
        end = min(end, one.valid_to or date.max)
        if end < begin or (one.id, begin) in seen:
            continue
        seen.add((one.id, begin))
        yield _Dated(place=one, first=begin, last=end)
        if not parts:
            continue
        queue += [(part, begin, end) for part in graph.below(one)]
        for member in one.members:
            part = graph.get(member.locality)
            if part is not None:
                since = max(begin, member.valid_from or date.min)
                until = min(end, member.valid_to or date.max)
                queue.append((part, since, until))


def in_force(obligation: Obligation, day: int) -> bool:
    """Return whether something was owed on a day (days since 1970-01-01)."""
    return obligation.from_day <= day and (
        obligation.to_day is None or day <= obligation.to_day
    )


def owing_on(
    obligations: Iterable[Obligation], units: Collection[str], day: date
) -> frozenset[str]:
    """Return the places of some units for which somebody owed something on a day."""
    number = day_number(day)
    return frozenset(
        one.locality
        for one in obligations
        if one.locality in units and in_force(one, number)
    )


def _wrong(name: str, why: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Tệp nghĩa vụ báo cáo “{name}” sai: {why}. Hãy sửa rồi chạy lại.",
        f"The file of obligations “{name}” is wrong: {why}. Correct it and start "
        "again.",
        {"file": name},
    )


def _refused(what: str, lacking: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Nghĩa vụ báo cáo “{what}” không dùng được: {lacking}. Hãy sửa mục [[owed]] "
        "(chỉ tiêu, cấp, địa bàn) rồi chạy lại.",
        f"The obligation of “{what}” can't be used: {lacking}. Correct [[owed]] "
        "(indicator, level, within) and start again.",
        {"owed": what},
    )
