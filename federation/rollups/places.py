"""Merging one indicator in one period over places. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from federation.algebra.merge import merge_over_place
from federation.coverage.cover import Part, cover
from federation.coverage.expected import Expected
from federation.coverage.heard import heard
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Indicator, MergeRule
from federation.model.period import Period
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey
from federation.model.status import Counts, Provenance, Status
from federation.warehouse.store import Stored

COUNT_MAX = 2**31 - 1
"""More contributors or places than the warehouse can count: no value is made."""

MERGED_RULES = frozenset(MergeRule) - {MergeRule.NONE, MergeRule.COMPOSITE}

_VINTAGE = VINTAGE_ESTIMATE.split("=", 1)[0] + "="

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """For what a tier rolls up: its own place (None: it has none), and areas."""

    graph: LocalityGraph
    own_place: str | None


def targets(scope: Scope, indicator: Indicator, day: date) -> list[str]:
    """Return the places to roll up: the own one, and areas of several members.

    Areas count where their members are places of the indicator's level or hold such.
    """
    found = {scope.own_place} if scope.own_place is not None else set()
    found |= {
        place.id
        for place in scope.graph.every_area
        if len(scope.graph.members(place.id, day)) > 1
        and scope.graph.units(place.id, indicator.level, day)
    }
    return sorted(found)


def rolled_up(
    scope: Scope,
    indicator: Indicator,
    period: Period,
    day: date,
    values: Sequence[Stored],
    expected: Expected,
) -> list[Row]:
    """Return the rollups of an indicator in a period; ``day`` is its last.

    ``values`` are all current values of it, ``expected`` the places that owed one. A
    place whose own tier already says what its rollup is gets none here. Where nothing
    is left of a former rollup, its row says deleted.
    """
    if indicator.over_place not in MERGED_RULES:
        return []
    rows = []
    for breakdown in sorted({stored.row.series.breakdown for stored in values}):
        if breakdown.startswith(_VINTAGE):
            continue
        said = heard(scope.graph, indicator, values, breakdown, day)
        for place in targets(scope, indicator, day):
            if (place, Basis.ROLLED_UP) in said:
                continue
            into = SeriesKey(
                indicator=indicator.id,
                locality=place,
                breakdown=breakdown,
                basis=Basis.ROLLED_UP,
            )
            parts = cover(scope.graph, indicator, said, place, day, expected)
            row = _merged(indicator, parts, into, period)
            if row is None and any(held.row.series == into for held in values):
                row = _gone(into, period, values)
            if row is not None:
                rows.append(row)
    return rows


def _merged(
    indicator: Indicator, parts: Sequence[Part], into: SeriesKey, period: Period
) -> Row | None:
    said = [part.row for part in parts if part.row is not None]
    if all(row.status is Status.DELETED for row in said):
        return None
    expected = sum(part.expected for part in parts)
    try:
        merged = merge_over_place(
            indicator, said, into=into, period=period, expected=expected
        )
    except FederationError as error:
        if error.code is ErrorCode.MERGE_REFUSED:
            # What must not be merged makes no value, not even a missing one.
            log.info(
                "rollup_refused",
                indicator=indicator.id,
                locality=into.locality,
                period=period.text,
                why=str(error),
            )
            return None
        if error.code is not ErrorCode.OVERFLOW:
            raise
        log.error(
            "rollup_refused",
            indicator=indicator.id,
            locality=into.locality,
            period=period.text,
            why=str(error),
        )
        expected = min(expected, COUNT_MAX)
        return _without_value(into, period, Status.MISSING, expected=expected)
    reported = sum(part.reported for part in parts)
    contributors = max(sum(merged.counts.statuses), sum(merged.counts.provenances))
    if max(expected, contributors) > COUNT_MAX:
        log.error(
            "rollup_refused",
            indicator=indicator.id,
            locality=into.locality,
            period=period.text,
            why=f"{expected} places, {contributors} contributors",
        )
        return _without_value(into, period, Status.MISSING, expected=len(parts))
    return replace(merged, reported=reported)


def _gone(into: SeriesKey, period: Period, values: Sequence[Stored]) -> Row:
    newest = max(stored.row.recorded_at_us for stored in values)
    gone = _without_value(into, period, Status.DELETED, expected=0)
    return replace(gone, recorded_at_us=newest)


def _without_value(
    into: SeriesKey, period: Period, status: Status, *, expected: int
) -> Row:
    return Row(
        series=into,
        period=period,
        state=None,
        counts=Counts.one(status, Provenance.AUTOMATIC),
        expected=expected,
        reported=0,
        recorded_at_us=0,
    )
