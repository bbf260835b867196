"""What a warehouse is: one protocol, one implementation on PostgreSQL, one in memory.

The promise of ``apply``: all rows of one call take effect together with the caller's
transaction; a row equal to the current one writes nothing (no history, no mark, no
pending); a row that arrives again, or late, from the same stream never replaces a
newer one. It does not promise to keep each of several versions of one value that come
in one call: only the last becomes known, so only the last has a history.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from federation.model.indicator import Basis
from federation.model.period import Frequency, Period
from federation.model.row import Row, SeriesKey, Version
from federation.warehouse.history import History, LostTime

ROWS_PER_STATEMENT_MAX = 10_000
"""More rows of one call go in several statements, in the same fixed order."""

PAGE_ROWS_MAX = 10_000
"""More rows of one read are left for the next page."""

OUTBOX_CHANNEL = "outbox_pending"
"""Notified with the stream's name when values of it became pending."""

ROLLUP_CHANNEL = "rollup_marked"
"""Notified when something must be rolled up."""

Handle_contra = TypeVar("Handle_contra", contravariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where a series goes: the outbound stream, or why its figures don't travel.

    ``stream`` None: nothing of the series leaves. ``withheld_ground`` set: the stream
    announces the series as withheld on that legal ground, and its rows say nothing but
    that there are such.
    """

    stream: str | None = None
    withheld_ground: str | None = None


StreamOf = Callable[[SeriesKey], Route]


def stays_here(_key: SeriesKey) -> Route:
    """Return the route of a series at a tier without a parent."""
    return Route()


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A row to apply. ``carrier`` None: it was made at this tier."""

    row: Row
    contract_hash: bytes
    carrier: Version | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What a call changed."""

    changed: int
    unchanged: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Thinned:
    """What a batch of thinning looked at and removed; ``more`` is left to look at."""

    looked: int
    removed: int
    more: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A value as the warehouse holds it.

    ``known_at`` is when this tier committed the version, ``carrier`` the frame that
    brought it (None: made here). ``revision`` orders the versions of one value; 0 for
    current values that were not asked for as of a moment. ``sealed`` is the outbound
    (epoch, sequence), None while pending. ``first_known_at`` is when the first version
    of a current value was committed, ``first_given_at`` when the first one that says
    more than that it is missing; None for values as of a moment.
    """

    row: Row
    contract_hash: bytes
    carrier: Version | None
    known_at: datetime
    revision: int = 0
    sealed: tuple[int, int] | None = None
    first_known_at: datetime | None = None
    first_given_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSeries:
    """A series the warehouse knows."""

    key: SeriesKey
    contract_hash: bytes
    frequency: Frequency
    route: Route


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesFilter:
    """Which series; None means any. All conditions hold together."""

    indicators: Collection[str] | None = None
    localities: Collection[str] | None = None
    agencies: Collection[str] | None = None
    breakdowns: Collection[str] | None = None
    basis: Basis | None = None

    def takes(self, key: SeriesKey) -> bool:
        """Return whether a series is among them."""
        return (
            (self.indicators is None or key.indicator in self.indicators)
            and (self.localities is None or key.locality in self.localities)
            and (self.agencies is None or key.agency in self.agencies)
            and (self.breakdowns is None or key.breakdown in self.breakdowns)
            and (self.basis is None or key.basis is self.basis)
        )


EVERYTHING = SeriesFilter()


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRange:
    """Periods that begin from ``first`` to ``last``, both included; None is open."""

    first: int | None = None
    last: int | None = None

    def takes(self, day: int) -> bool:
        """Return whether a period that begins on a day number is in the range."""
        return (self.first is None or self.first <= day) and (
            self.last is None or day <= self.last
        )


ALWAYS = DayRange()


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class PageKey:
    """The last value of a page; the next page begins after it."""

    series: SeriesKey
    period_start: int


def page_key(stored: "Stored") -> PageKey:
    """Return where a value stands in the order of pages."""
    row = stored.row
    return PageKey(series=row.series, period_start=row.period.start)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Something to roll up. ``number`` changes whenever it is marked anew."""

    indicator: str
    period_start: int
    number: int = field(compare=False)


def day_of_period(period: Period) -> int:
    """Return the number of the day on which a period begins (of an hour: UTC)."""
    if period.frequency is Frequency.HOUR:
        return period.start // 24
    return period.start


def marks_rollup(incoming: Incoming) -> bool:
    """Return whether a changed row can change a rollup.

    What this tier itself rolled up is a result, not an input. What a child rolled up
    is an input.
    """
    return incoming.carrier is not None or (
        incoming.row.series.basis is not Basis.ROLLED_UP
    )


def newest_of_each(batch: Sequence[Incoming]) -> list[Incoming]:
    """Return one row per value.

    Of several rows of one value the last stands, unless an earlier one of the same
    stream has the higher version. Of several contracts of one series the last stands.
    """
    contracts = {incoming.row.series: incoming.contract_hash for incoming in batch}
    chosen: dict[tuple[SeriesKey, int], Incoming] = {}
    for incoming in batch:
        if incoming.contract_hash != contracts[incoming.row.series]:
            continue
        key = (incoming.row.series, incoming.row.period.start)
        before = chosen.get(key)
        if before is None or supersedes(incoming.carrier, before.carrier):
            chosen[key] = incoming
    return list(chosen.values())


def supersedes(carrier: Version | None, current: Version | None) -> bool:
    """Return whether a row of one version may replace a row of another.

    Order exists only within one stream: made here always wins, and a stream that
    took a series over wins over the one before.
    """
    if carrier is None or current is None or carrier.stream != current.stream:
        return True
    return (carrier.epoch, carrier.sequence) >= (current.epoch, current.sequence)


class Reads(Protocol[Handle_contra]):
    """Reads of values: the current ones, or with ``as_of`` what was known then.

    A value known then is the last version that this tier had learned until the moment,
    included. What came later is absent; what was deleted later is there. A series that
    had another contract then gives its values of that contract. Ask ``history`` first
    how finely a moment is known: where versions were thinned, only ends of hours or
    days give what truly stood.
    """

    async def series(
        self, handle: Handle_contra, chosen: SeriesFilter = EVERYTHING
    ) -> list[StoredSeries]:
        """Return the series known today in key order."""
        ...

    async def values(
        self,
        handle: Handle_contra,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return values by series key and period, at most ``limit``."""
        ...

    async def latest(
        self,
        handle: Handle_contra,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the newest ``count`` values of each series, newest first in each."""
        ...

    async def versions(
        self,
        handle: Handle_contra,
        key: SeriesKey,
        period: Period,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the versions of one value, the newest first."""
        ...

    async def at(
        self,
        handle: Handle_contra,
        indicator: str,
        period_start: int,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of an indicator in one period, all series."""
        ...


class Warehouse(Reads[Handle_contra], Protocol[Handle_contra]):
    """Current values and their versions.

    ``handle`` is the caller's transaction: what a call did is undone with it.
    """

    async def apply(
        self, handle: Handle_contra, batch: Sequence[Incoming], *, known_at: datetime
    ) -> Applied:
        """Make rows current, remember the versions, mark what must be rolled up.

        Call it once in a transaction: values are locked in one fixed order within a
        call, so two calls in one transaction could deadlock with another process
        (which PostgreSQL then ends with a retriable error). A series that comes under
        another contract than before loses its values of the old one: they can't be
        read under the new one, and their owner sends all of them again.
        """
        ...

    async def reroute(self, handle: Handle_contra) -> int:
        """Ask again where each series goes; return how many go elsewhere now.

        Values of a series that changed its stream become pending on the new one.
        """
        ...

    async def history(self, handle: Handle_contra) -> History:
        """Return what is still known of the past, and how finely."""
        ...

    async def thin(
        self,
        handle: Handle_contra,
        *,
        hourly_until: datetime,
        daily_until: datetime,
        limit: int,
    ) -> Thinned:
        """Take one batch of versions that are not needed any more out of history.

        Of versions known up to ``hourly_until`` the last of each hour stays, of those
        up to ``daily_until`` the last of each day. Both must be ends of an hour or a
        day; one that lies before an earlier call's changes nothing. The current value
        never goes. A batch looks at ``limit`` versions and those of the same moment.
        """
        ...

    async def lose(self, handle: Handle_contra, time: LostTime) -> None:
        """Note that what was learned in a time is forgotten (a restored backup)."""
        ...

    async def mark(
        self, handle: Handle_contra, places: Collection[tuple[str, int]]
    ) -> None:
        """Have indicators rolled up again in periods (id, period start)."""
        ...

    async def remark(self, handle: Handle_contra, indicators: Collection[str]) -> int:
        """Have indicators rolled up again in every period that has a value of them.

        Return how many periods that are.
        """
        ...

    async def marks(self, handle: Handle_contra, limit: int) -> list[Mark]:
        """Return what must be rolled up, newest periods first."""
        ...

    async def lock_marks(self, handle: Handle_contra, limit: int) -> list[Mark]:
        """Take what must be rolled up, as far as no other transaction has taken it.

        What is read in statements after this call is what the marks speak of, or
        newer; the lock ends with the transaction.
        """
        ...

    async def unmark(self, handle: Handle_contra, marks: Sequence[Mark]) -> int:
        """Remove marks that were not set anew since; return how many."""
        ...
