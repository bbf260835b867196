"""What a frame says, as values.

Numbers of series, sources and origins live one epoch of one stream; whoever reads
a payload resolves them against the announcements of that epoch.
"""

from dataclasses import dataclass

from federation.model.indicator import Indicator, Measure, Text
from federation.model.locality import Locality
from federation.model.period import Calendar, Frequency, Period
from federation.model.row import SeriesKey, State
from federation.model.status import Counts


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedSeries:
    """A series and the number its rows carry in this epoch."""

    number: int
    key: SeriesKey
    contract_hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedSource:
    """A source and the number rows carry in this epoch."""

    number: int
    id: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedOrigin:
    """Streams further down, first issuer first, and the number rows carry."""

    number: int
    streams: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    """Who reports."""

    id: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedSubsystem:
    """The field that indicators belong to; ``owner_agency`` may be unknown."""

    id: str
    name: Text
    owner_agency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """Somebody owes an indicator for a locality; days since 1970-01-01."""

    indicator: str
    locality: str
    agency: str
    from_day: int
    to_day: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WithheldSeries:
    """A series that exists and is not shared; ``ended`` when it is shared again."""

    key: SeriesKey
    ground: str
    ended: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WireRow:
    """A row with numbers in place of names. ``source`` and ``origin`` 0 = none."""

    series: int
    measure: Measure
    period: Period
    state: State | None
    counts: Counts
    expected: int
    reported: int
    recorded_at_us: int
    source: int = 0
    origin: int = 0
    origin_epoch: int = 0
    origin_sequence: int = 0
    unconfirmed: bool = False
    adjusted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteThrough:
    """The last finished period of a calendar and frequency."""

    calendar: str
    period: Period


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What the sender holds for an indicator from one period to another."""

    indicator: str
    frequency: Frequency
    first_period_start: int
    last_period_start: int
    row_count: int
    digest: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class LossRecord:
    """Input that could not be kept."""

    indicator: str
    reason: str
    record_count: int
    first_at_us: int
    last_at_us: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GapRecord:
    """Frames of an epoch that no side holds any more."""

    epoch: int
    first_sequence: int
    last_sequence: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """Announcements, rows, and what is said about them, in that order."""

    indicators: tuple[Indicator, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    agencies: tuple[Agency, ...] = ()
    subsystems: tuple[AnnouncedSubsystem, ...] = ()
    localities: tuple[Locality, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    sources: tuple[AnnouncedSource, ...] = ()
    origins: tuple[AnnouncedOrigin, ...] = ()
    series: tuple[AnnouncedSeries, ...] = ()
    withheld: tuple[WithheldSeries, ...] = ()
    rows: tuple[WireRow, ...] = ()
    complete_through: tuple[CompleteThrough, ...] = ()
    digests: tuple[Digest, ...] = ()
    losses: tuple[LossRecord, ...] = ()
    gaps: tuple[GapRecord, ...] = ()
