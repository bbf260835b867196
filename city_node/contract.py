"""What a subsystem is: the contract between a folder of ``subsystems`` and the node.

A subsystem brings readers, which turn a file into records, and measured
indicators, which turn a record into observations. The node brings everything
else: storage, deduplication, summaries, sharing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from federation.coverage.owed import OwedRule
from federation.model.indicator import Indicator, Text
from federation.model.locality import Locality
from federation.model.period import CALENDARS, Calendar, Period
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
class Flag:
    """A doubt about a row that lands all the same: somebody should look at it.

    ``code`` is of lower-case words (``total-differs``, ``unit-changed``). Both texts
    say what was found and what to check. ``place`` is where it stands, if that is not
    the place of the row.
    """

    code: str
    text_vi: str
    text_en: str
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A record that was read.

    ``inferred``: the input doesn't name it; that it is missing was told from what the
    input does name. It never replaces what stands, unless the input is complete.
    ``flags``: what its reader doubts; the node adds its own doubts.
    """

    record: Record
    place: Place
    inferred: bool = False
    flags: tuple[Flag, ...] = ()


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


@dataclass(frozen=True, kw_only=True, slots=True)
class NotUsed:
    """Cells that say something for which there is no indicator.

    ``place`` is the first of them (a column, a row or a sheet), ``count`` how many
    there are. Of equal ``reason``, sheet and column the counts are added up.
    """

    place: Place
    reason: str
    text_vi: str
    text_en: str
    count: int = 1


ReadItem = Accepted | Rejected | Skipped | NotUsed


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
    included); records about other places are ``Skipped``. ``simulated`` is set where
    only the form of the input is ours: every record of it becomes simulated.
    ``stand_in`` is then the owned locality for which a source whose places are not ours
    is taken, empty where none is.
    """

    now: datetime
    localities: LocalityLookup
    owned: frozenset[str]
    simulated: bool = False
    stand_in: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: CALENDARS)


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


RANK_WHOLE = 3
"""The rank of an observation that states the whole of its series and period: whoever
owes the figure said it. It stands alone, nothing that was counted is added to it."""


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

    Of quantiles, distinct and top the state is made by ``federation.algebra``: of one
    value (or several), of a key that is hashed there, of a code. Where the indicator
    ``counts_intervals`` the observation holds over [``phenomenon_time``,
    ``phenomenon_end``), without an end it still does; its period is the one that holds
    its begin, its state's value is what it adds to the stock (mostly 1). An empty
    interval says that there was nothing to count and that somebody looked.
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
    ``counts_intervals``: a stock (``Measure.LAST``) whose value is how many of its
    observations hold at the period's end; it is made for each period that ended, also
    where nothing came in.
    ``counts_when_due``: observations may lie ahead and count from their
    ``phenomenon_time`` on (an answer that is due on Friday counts from then).
    ``cumulative``: observations state what came together since 1 January; the value of
    a month is the difference to the month before, and missing where that isn't known.
    ``jump_factor``: a sum, stock or published figure of a month or longer that is so
    many times greater or smaller than all that its series last had is flagged (it may
    be in another unit); 0 where that says nothing. Percentages are not asked.
    """

    indicator: Indicator
    kinds: frozenset[str]
    contribute: Callable[[Record], Iterable[Observation]]
    minimum_weight: int = 0
    counts_intervals: bool = False
    counts_when_due: bool = False
    cumulative: bool = False
    jump_factor: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Subsystem:
    """A subsystem: what it measures and how its input is read.

    ``record_kinds`` maps a kind to the fields its records must have (name → a type
    name of ``decimal``, ``integer``, ``text``, ``date``, ``datetime``, ``code``), so
    that a REST push is checked like a file. A type that ends in ``?`` may be left out.
    ``calendars`` are reporting calendars of its publishers. ``obligations`` say who
    owes its indicators; one that no rule names is owed by its owner agency.
    """

    id: str
    name: Text
    owner_agency: str
    agencies: Mapping[str, Text]
    sources: tuple[SourceInfo, ...]
    readers: tuple[FileReader, ...]
    indicators: tuple[MeasuredIndicator, ...]
    calendars: tuple[Calendar, ...] = ()
    obligations: tuple[OwedRule, ...] = ()
    record_kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
