"""Who is missing from a total, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from federation.coverage.cover import Part
from federation.model.indicator import Indicator
from federation.model.row import SeriesKey
from federation.model.status import Status
from federation.warehouse.store import Stored, StoredSeries
from federation.wire.payload import Obligation


class Reason(StrEnum):
    """Why a place is not in a total."""

    SILENT = "silent"
    """It owes a figure, or gave one for another period, and gave none for this."""
    REPORTED_MISSING = "reported_missing"
    """It said that it has none, or deleted it."""
    WITHHELD = "withheld"
    CONTRACT_DIFFERS = "contract_differs"
    NOT_CONNECTED = "not_connected"
    """Nothing is known of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """A place that is missing, and why."""

    locality: str
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """n of N, with the missing places in id order; N is 0 where nobody owed.

    ``unnamed`` counts missing places whose names are not known here, because a child
    told their number only.
    """

    reported: int
    expected: int
    absent: tuple[Absent, ...]
    unnamed: int

    @property
    def missing_count(self) -> int:
        """Return how many places are missing, named or not."""
        return self.expected - self.reported


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a tier knows of places for one indicator, whatever the period.

    ``connected`` have a series or an obligation.
    """

    connected: frozenset[str]
    withheld: frozenset[str]


def known_places(
    indicator: Indicator,
    series: Collection[StoredSeries],
    obligations: Collection[Obligation],
    withheld: Mapping[SeriesKey, str],
) -> Known:
    """Return what is known of places for an indicator.

    ``obligations`` are those that a node of the place announced: what the tier itself
    expects of a place connects nobody.
    """
    return Known(
        connected=frozenset(
            one.key.locality for one in series if one.key.indicator == indicator.id
        )
        | frozenset(
            one.locality for one in obligations if one.indicator == indicator.id
        ),
        withheld=frozenset(
            key.locality for key in withheld if key.indicator == indicator.id
        ),
    )


def coverage_of(
    indicator: Indicator,
    parts: Sequence[Part],
    values: Collection[Stored],
    known: Known,
) -> Coverage:
    """Return the coverage of a cover; ``values`` are all of the indicator and period.

    The names of places missing inside a child's rollup are told when the child's own
    places show which they are.
    """
    with_state, differing = set(), set()
    for stored in values:
        if stored.contract_hash != indicator.contract_hash:
            differing.add(stored.row.series.locality)
        elif stored.row.state is not None:
            with_state.add(stored.row.series.locality)
    said = {stored.row.series.locality: stored.row.status for stored in values}
    absent: list[Absent] = []
    unnamed = 0
    for part in parts:
        missing = part.expected - part.reported
        names = sorted(part.owing - with_state) if missing else []
        if len(names) != missing:
            unnamed += missing
            continue
        absent += [
            Absent(locality=name, reason=_reason(name, said, differing, known))
            for name in names
        ]
    return Coverage(
        reported=sum(part.reported for part in parts),
        expected=sum(part.expected for part in parts),
        absent=tuple(sorted(absent, key=lambda one: one.locality)),
        unnamed=unnamed,
    )


def _reason(
    locality: str,
    said: Mapping[str, Status],
    differing: Collection[str],
    known: Known,
) -> Reason:
    if locality in differing:
        return Reason.CONTRACT_DIFFERS
    if locality in known.withheld or said.get(locality) is Status.WITHHELD:
        return Reason.WITHHELD
    if locality in said:
        return Reason.REPORTED_MISSING
    if locality in known.connected:
        return Reason.SILENT
    return Reason.NOT_CONNECTED
