"""The shapes of a mapping: what a department's table means, told without code.

Phrases are kept folded (``headings.words``): without case, accents and punctuation.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from city_node.sources.headings import holds
from city_node.sources.times import Span
from federation.model.indicator import Text
from federation.model.period import Frequency


class Layout(StrEnum):
    """How a table is laid out."""

    CROSS = "cross"
    """Rows are places; columns are measures, years, parts."""

    LIST = "list"
    """One line for each place and period, each column with a fixed heading."""


class PeriodFrom(StrEnum):
    """Where a table says what period it is about."""

    EACH_HEADING = "each_heading"
    HEADINGS = "headings"
    TITLE = "title"
    ROWS = "rows"


class Several(StrEnum):
    """What is done with two columns of one meaning."""

    REFUSE = "refuse"
    FIRST = "first"
    LAST = "last"


class Fails(StrEnum):
    """What becomes of a row that fails a check."""

    FLAG = "flag"
    REFUSE = "refuse"


class CheckKind(StrEnum):
    """What a check compares."""

    SUM = "sum"
    RATIO = "ratio"
    AT_LEAST = "at_least"
    BETWEEN = "between"
    SAME_DIRECTION = "same_direction"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrases:
    """Which texts are meant: all of some phrases, one of others, none of the rest."""

    has: tuple[str, ...] = ()
    has_any: tuple[str, ...] = ()
    hasnt: tuple[str, ...] = ()

    def fit(self, text: str) -> bool:
        """Return whether folded words hold what is wanted."""
        return (
            all(holds(text, phrase) for phrase in self.has)
            and (not self.has_any or any(holds(text, each) for each in self.has_any))
            and not any(holds(text, phrase) for phrase in self.hasnt)
        )

    @property
    def is_empty(self) -> bool:
        """Return whether any text would fit."""
        return not (self.has or self.has_any or self.hasnt)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRule:
    """Which rows are about which places."""

    level: str
    by_code: bool = False
    headings: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    not_listed_is_missing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodRule:
    """What period a figure is of; ``columns`` names the columns of a list."""

    frequency: Frequency
    said_in: PeriodFrom
    field: str = "period"
    school_year_begins: bool = True
    columns: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitRule:
    """The family of a table's unit, and the unit of a table that states none."""

    family: str
    default: str = ""
    basis: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnRule:
    """Which headings mean a field, and how its cells are to be understood.

    ``label`` is the first of its headings as the mapping writes it.
    """

    field: str
    label: str
    phrases: Phrases
    whole: tuple[str, ...] = ()
    breakdown: str = ""
    spans: tuple[Span, ...] = ()
    offset: int = 0
    period_field: str = ""
    status: str | None = None
    unit: str = ""
    plus: Decimal = Decimal(0)
    negative: bool = True
    required: bool = False
    several: Several = Several.REFUSE
    control: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UnusedRule:
    """Columns that are known and have no indicator, and why."""

    phrases: Phrases
    whole: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class FillRule:
    """A field that takes another's value where the table leaves it out."""

    field: str
    sources: tuple[str, ...]
    only_in_month: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatRule:
    """A field that says nothing while it only repeats another.

    Until the line of the next period confirms it, in ``confirmed_by``.
    """

    field: str
    repeats: str
    confirmed_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A relation that the figures of a row must keep."""

    kind: CheckKind
    field: str
    code: str
    fails: Fails
    other: str = ""
    over: str = ""
    dimension: str = ""
    tolerance: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    around: Decimal = Decimal(0)
    only_in_month: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMapping:
    """What one table means: how it is told, found, read, checked and recorded.

    ``label`` is the title as the mapping writes it.
    """

    table: str
    label: str
    reader: str
    source: str
    record: str
    scope: str
    layout: Layout
    title: Phrases
    place: PlaceRule
    period: PeriodRule
    columns: tuple[ColumnRule, ...]
    unit: UnitRule | None = None
    needs_any: tuple[str, ...] = ()
    fill_right: bool = False
    decimals: str = ""
    published: tuple[str, ...] = ()
    unused: tuple[UnusedRule, ...] = ()
    fills: tuple[FillRule, ...] = ()
    repeats: tuple[RepeatRule, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that records may hold, in the order of the mapping."""
        names = [rule.field for rule in self.columns if not rule.control]
        return tuple(dict.fromkeys([*names, *(rule.field for rule in self.fills)]))

    @property
    def has_breakdowns(self) -> bool:
        """Return whether records say which part of a total they are about."""
        return any(rule.breakdown for rule in self.columns)

    @property
    def has_status(self) -> bool:
        """Return whether records say how sure their figures are."""
        return self.period.said_in is PeriodFrom.EACH_HEADING
