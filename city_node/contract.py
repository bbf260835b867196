"""What a subsystem is: the contract between a folder of ``subsystems`` and the node.

A subsystem brings readers, which turn a file into records, and measured
indicators, which turn a record into observations. The node brings everything
else: storage, deduplication, summaries, sharing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from federation.model.indicator import Indicator, Text
from federation.model.locality import Locality
from federation.model.period import Period
from federation.model.row import State
from federation.model.status import Provenance, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in the input something stands; rows count from 1 as a person counts."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """Return the place as a person reads it."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"[{self.sheet}]")
        if self.row:
            parts.append(f"dòng/row {self.row}")
        if self.column:
            parts.append(f"cột/column {self.column}")
        return " ".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The source's own statement, keyed by the source; it never leaves the node.

    ``source_key`` is unique within ``source`` and stays the same when the source
    corrects itself. ``scope`` names the report the record came in (for example
    ``public-investment:2025-01``): a report fed again as complete removes the
    records of its scope that it no longer holds. ``fields`` holds plain JSON
    values, decimals as strings. ``published_at`` is when the source said it,
    where the source tells.
    """

    subsystem: str
    source: str
    source_key: str
    kind: str
    scope: str
    fields: Mapping[str, Any]
    provenance: Provenance
    published_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A record that was read.

    ``inferred``: the input doesn't name it; that it is missing was told from what the
    input does name. It never replaces what stands, unless the input is complete.
    """

    record: Record
    place: Place
    inferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A row that was refused: its neighbours land. Both texts say what to do."""

    place: Place
    text_vi: str
    text_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A row that is not for this node (another province, a control total)."""

    place: Place
    reason: str
    text_vi: str
    text_en: str


ReadItem = Accepted | Rejected | Skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """A file to read: its name for messages, and its bytes."""

    name: str
    content: bytes


class LocalityLookup(Protocol):
    """Finds dated places; ``federation.localities`` has the implementation."""

    def get(self, locality_id: str) -> Locality | None:
        """Return the locality of an id."""
        ...

    def resolve(self, code: str, day: Any) -> Locality:
        """Return the locality that bore a code on a ``datetime.date``.

        Raises:
            FederationError: ``INPUT_ROW`` when the code is unknown, or was valid
                only at another time (the text says when).
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadContext:
    """What a reader may know: the time, the places, and what the node speaks for.

    ``owned`` are the ids of the localities of this node's areas (members of areas
    included); records about other places are ``Skipped``.
    """

    now: datetime
    localities: LocalityLookup
    owned: frozenset[str]


class FileReader(Protocol):
    """Reads one family of files by meaning: headings, titles, units."""

    id: str
    title: Text

    def recognises(self, file: InputFile) -> bool:
        """Return whether the file looks like one of this family."""
        ...

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield what the file says, in the order of its reports (oldest first).

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when nothing of the file can be
                used; the text names the file and says what was expected.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceInfo:
    """Where records come from; ``publisher`` is the agency that says it."""

    id: str
    name: Text
    publisher: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One fact for one indicator.

    ``key`` tells observations of one record apart (usually empty).
    ``fact`` names the fact where two publications can speak of the same one; of the
    observations of a fact the highest ``rank`` stands (realised 2, estimate 1),
    then the one published last. Empty: the observation is its own fact.
    ``phenomenon_time`` is when it was true (a moment, or the begin of an interval
    that ends at ``phenomenon_end``). Observations without a state carry a status
    that says why.
    """

    indicator: str
    locality: str
    period: Period
    state: State | None
    status: Status
    phenomenon_time: datetime
    agency: str = ""
    breakdown: str = ""
    key: str = ""
    fact: str = ""
    rank: int = 0
    phenomenon_end: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredIndicator:
    """An indicator and how records contribute to it.

    ``kinds`` are the record kinds it listens to. ``contribute`` is pure; it raises
    ``FederationError`` (``INPUT_ROW``) for a value that can't be.
    ``minimum_weight``: a weighted mean over less weight is missing (a day of air
    quality needs 18 valid hours).
    """

    indicator: Indicator
    kinds: frozenset[str]
    contribute: Callable[[Record], Iterable[Observation]]
    minimum_weight: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Subsystem:
    """A subsystem: what it measures and how its input is read.

    ``record_kinds`` maps a kind to the fields its records must have (name → a type
    name of ``decimal``, ``integer``, ``text``, ``date``, ``datetime``, ``code``), so
    that a REST push is checked like a file. A type that ends in ``?`` may be left out.
    """

    id: str
    name: Text
    owner_agency: str
    agencies: Mapping[str, Text]
    sources: tuple[SourceInfo, ...]
    readers: tuple[FileReader, ...]
    indicators: tuple[MeasuredIndicator, ...]
    record_kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
