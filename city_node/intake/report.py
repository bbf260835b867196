"""What came of an input: counted, and told row by row where a person must act.

A row is flagged that landed and is doubted: somebody looks at it, nobody waits for it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from city_node.contract import Flag, NotUsed, Place, Record, Rejected, Skipped
from federation.errors import FederationError
from federation.model.indicator import Text

REJECTIONS_LISTED_MAX = 1000
"""More refused rows are counted and not listed: whoever has that many needs the first.
"""


FLAGS_LISTED_MAX = 1000
"""More flags are counted and not listed."""

NOT_USED_LISTED_MAX = 1000
"""More columns without an indicator are counted and not listed."""


class OutcomeKind(StrEnum):
    """What became of one row."""

    LANDED = "landed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    NOT_USED = "not_used"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one row; ``text`` says why where it did not land.

    ``count``: how many cells are not used; of rows it is 1.
    """

    kind: OutcomeKind
    place: Place
    record: Record | None = None
    reason: str = ""
    text: Text | None = None
    flags: tuple[Flag, ...] = ()
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedCount:
    """How many rows were not for this node for one reason, and the first of them."""

    reason: str
    count: int
    text: Text
    first: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Flagged:
    """A doubt about a row that landed, and where it stands."""

    place: Place
    code: str
    text_vi: str
    text_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotUsedCount:
    """Cells of one column (or sheet) without an indicator, and the first of them."""

    reason: str
    count: int
    text: Text
    first: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetCount:
    """What came of one sheet; of a file without sheets its name is empty."""

    sheet: str
    landed: int
    changed: int
    unchanged: int
    flagged: int
    rejected: int
    skipped: int
    not_used: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestReport:
    """What came of a file or a bulk push.

    ``flagged_count`` is how many rows landed (or stood) and are doubted, ``flagged``
    says why, row by row. ``not_used_count`` is in cells, all other counts in rows.
    ``deletions_held`` is set when a complete report had refused rows: what it seems to
    leave out may be among them, so nothing was deleted. ``run`` is None for a dry run.
    """

    run: int | None
    subsystem: str
    input: str
    reader: str
    dry_run: bool
    complete: bool
    started_at: datetime
    ended_at: datetime
    landed: int
    changed: int
    unchanged: int
    deleted: int
    skipped: tuple[SkippedCount, ...]
    rejected_count: int
    rejected: tuple[Rejected, ...]
    flagged_count: int = 0
    flagged: tuple[Flagged, ...] = ()
    not_used_count: int = 0
    not_used: tuple[NotUsedCount, ...] = ()
    sheets: tuple[SheetCount, ...] = ()
    deletions_held: bool = False

    @property
    def skipped_count(self) -> int:
        """Return how many rows were not for this node."""
        return sum(skipped.count for skipped in self.skipped)


def report_of(said: Mapping[str, Any]) -> IngestReport:
    """Return a report that was kept as JSON."""
    return msgspec.convert(said, IngestReport)


def rejected(place: Place, error: FederationError, record: Record) -> Outcome:
    """Return the outcome of a row that an error refuses."""
    return Outcome(
        kind=OutcomeKind.REJECTED,
        place=place,
        record=record,
        reason=error.code.value,
        text=Text(vi=error.text_vi, en=error.text_en),
    )


def read_outcome(item: Rejected | Skipped | NotUsed) -> Outcome:
    """Return the outcome of what its reader refused, passed over or had no use for."""
    text = Text(vi=item.text_vi, en=item.text_en)
    match item:
        case Rejected():
            return Outcome(kind=OutcomeKind.REJECTED, place=item.place, text=text)
        case Skipped():
            return Outcome(
                kind=OutcomeKind.SKIPPED,
                place=item.place,
                reason=item.reason,
                text=text,
            )
        case NotUsed():
            return Outcome(
                kind=OutcomeKind.NOT_USED,
                place=item.place,
                reason=item.reason,
                text=text,
                count=item.count,
            )


_NO_TEXT = Text(vi="", en="")


@dataclass(kw_only=True)
class Tally:
    """Counts outcomes as they come."""

    counts: Counter[OutcomeKind] = field(default_factory=Counter)
    skipped: dict[str, SkippedCount] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    flagged_count: int = 0
    flagged: list[Flagged] = field(default_factory=list)
    not_used: dict[tuple[str, str, str], NotUsedCount] = field(default_factory=dict)
    _sheets: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some outcomes."""
        for outcome in outcomes:
            self.counts[outcome.kind] += outcome.count
            sheet = self._sheets.setdefault(outcome.place.sheet, Counter())
            sheet[outcome.kind.value] += outcome.count
            if outcome.flags:
                sheet["flagged"] += 1
                self._flag(outcome)
            match outcome.kind:
                case OutcomeKind.SKIPPED:
                    self._skip(outcome)
                case OutcomeKind.NOT_USED:
                    self._pass_over(outcome)
                case OutcomeKind.REJECTED:
                    self._reject(outcome)

    def _reject(self, outcome: Outcome) -> None:
        if len(self.rejected) < REJECTIONS_LISTED_MAX:
            text = outcome.text or _NO_TEXT
            self.rejected.append(
                Rejected(place=outcome.place, text_vi=text.vi, text_en=text.en)
            )

    def _flag(self, outcome: Outcome) -> None:
        self.flagged_count += 1
        room = FLAGS_LISTED_MAX - len(self.flagged)
        self.flagged += [
            Flagged(
                place=flag.place or outcome.place,
                code=flag.code,
                text_vi=flag.text_vi,
                text_en=flag.text_en,
            )
            for flag in outcome.flags[:room]
        ]

    def _skip(self, outcome: Outcome) -> None:
        before = self.skipped.get(outcome.reason)
        self.skipped[outcome.reason] = SkippedCount(
            reason=outcome.reason,
            count=1 if before is None else before.count + 1,
            text=(outcome.text or _NO_TEXT) if before is None else before.text,
            first=outcome.place if before is None else before.first,
        )

    def _pass_over(self, outcome: Outcome) -> None:
        key = (outcome.reason, outcome.place.sheet, outcome.place.column)
        before = self.not_used.get(key)
        if before is None and len(self.not_used) >= NOT_USED_LISTED_MAX:
            return
        self.not_used[key] = NotUsedCount(
            reason=outcome.reason,
            count=outcome.count + (0 if before is None else before.count),
            text=(outcome.text or _NO_TEXT) if before is None else before.text,
            first=outcome.place if before is None else before.first,
        )

    def listed_skips(self) -> Sequence[SkippedCount]:
        """Return the skipped rows by reason, the commonest first."""
        return sorted(
            self.skipped.values(), key=lambda skip: (-skip.count, skip.reason)
        )

    def sheets(self) -> Sequence[SheetCount]:
        """Return what came of each sheet, in the order they were read."""
        return [
            SheetCount(
                sheet=name,
                landed=counts[OutcomeKind.LANDED.value],
                changed=counts[OutcomeKind.CHANGED.value],
                unchanged=counts[OutcomeKind.UNCHANGED.value],
                flagged=counts["flagged"],
                rejected=counts[OutcomeKind.REJECTED.value],
                skipped=counts[OutcomeKind.SKIPPED.value],
                not_used=counts[OutcomeKind.NOT_USED.value],
            )
            for name, counts in self._sheets.items()
        ]
