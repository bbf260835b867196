"""Indicators: rows of a table, not classes.

An indicator says what is measured and how it merges, along time and along place
separately. Two tiers merge rows of it only where its contract hash is equal.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from federation.model.period import Frequency


class Measure(IntEnum):
    """Which mergeable state a row holds. Numbers are those of the wire."""

    SUM = 1
    LAST = 2
    RATIO = 3
    WEIGHTED_MEAN = 4
    MAX = 5
    MIN = 6
    QUANTILES = 7
    DISTINCT = 8
    TOP = 9
    PUBLISHED = 10
    COMPOSITE = 11

    @property
    def slug(self) -> str:
        """Return the name used in the API."""
        return self.name.lower()


class MergeRule(IntEnum):
    """How states merge along one axis. Numbers are those of the wire."""

    NONE = 1
    SUM = 2
    LAST = 3
    RATIO = 4
    WEIGHTED_MEAN = 5
    MAX = 6
    MIN = 7
    QUANTILES = 8
    DISTINCT = 9
    TOP = 10
    COMPOSITE = 11

    @property
    def slug(self) -> str:
        """Return the name used in the API."""
        return self.name.lower()


class Basis(IntEnum):
    """How a tier came to a series. Numbers are those of the wire."""

    REPORTED = 1
    ROLLED_UP = 2

    @property
    def slug(self) -> str:
        """Return the name used in the API."""
        return self.name.lower()


class Direction(IntEnum):
    """Which way is good. Numbers are those of the wire."""

    UP = 1
    DOWN = 2
    NEUTRAL = 3

    @property
    def slug(self) -> str:
        """Return the name used in the API."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A piece of text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SharingPolicy:
    """Whether something may be passed on; a refusal names its legal ground."""

    shared: bool = True
    ground: str = ""


_SHARED = SharingPolicy()


@dataclass(frozen=True, kw_only=True, slots=True)
class DimensionCode:
    """What a code of a dimension is called where people read it."""

    dimension: str
    code: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One part of a composite and the points it can earn.

    Points go linearly from 0 where the component's shown value is ``zero_at`` to
    ``points`` where it is ``full_at``, and no further at either end. Both are scaled
    like ``Indicator.target`` of the component; ``full_at`` may be the lesser one.
    """

    indicator: str
    points: int
    zero_at: int
    full_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """What is measured, in which unit, and how it merges.

    ``scale`` is the number of decimal digits of the scaled integers in states:
    value = integer / 10**scale. ``target`` and ``watch_limit`` are scaled likewise
    (for a ratio: scaled per cent or quotient as shown). A ratio whose unit is
    ``percent`` is shown as 100 · numerator / denominator. ``level`` is the level of
    locality that reports the indicator and gives the N of its coverage.
    ``deadline_hours`` counts from the period's end, ``grace_hours`` from the deadline.
    ``dimension_codes`` names codes of breakdowns; a code without a name is shown as it
    is. ``weight`` says what a weighted mean is weighted by (``hour``, ``dossier``,
    ``person``). ``maximum`` is the greatest value that can be, scaled like ``target``.
    ``valid_to`` is the last day on which the indicator was owed, once it is retired.
    """

    id: str
    subsystem: str
    name: Text
    short_name: Text
    definition: Text
    unit: str
    unit_text: Text
    scale: int
    decimals: int
    measure: Measure
    over_time: MergeRule
    over_place: MergeRule
    frequency: Frequency
    calendar: str
    level: str
    owner_agency: str
    deadline_hours: int
    direction: Direction = Direction.NEUTRAL
    dimensions: tuple[str, ...] = ()
    target: int | None = None
    watch_limit: int | None = None
    national_code: str = ""
    definition_version: int = 1
    valid_from: date = date(2000, 1, 1)
    leading_basis: Basis = Basis.REPORTED
    minimum_cell_size: int = 0
    composed_of: tuple[Component, ...] = ()
    codes: tuple[str, ...] = ()
    may_be_negative: bool = False
    dimension_codes: tuple[DimensionCode, ...] = ()
    share_detail: SharingPolicy = _SHARED
    share_rollup: SharingPolicy = _SHARED
    weight: str = ""
    maximum: int | None = None
    grace_hours: int = 0
    valid_to: date | None = None
    contract_hash: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Compute the contract hash over the fields that decide a merge."""
        canonical = "\x1f".join(
            (
                self.id,
                self.unit,
                str(self.scale),
                self.measure.slug,
                self.over_time.slug,
                self.over_place.slug,
                self.frequency.slug,
                self.calendar,
                self.level,
                ",".join(sorted(self.dimensions)),
                ",".join(self.codes),
                self.weight,
                ",".join(
                    f"{part.indicator}:{part.points}:{part.zero_at}:{part.full_at}"
                    for part in self.composed_of
                ),
            )
        )
        digest = hashlib.sha256(canonical.encode()).digest()
        object.__setattr__(self, "contract_hash", digest)
