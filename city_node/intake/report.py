"""What came of an input: counted, and told row by row where a person must act."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from city_node.contract import Place, Record, Rejected, Skipped
from federation.errors import FederationError
from federation.model.indicator import Text

REJECTIONS_LISTED_MAX = 1000
"""More refused rows are counted and not listed: whoever has that many needs the first.
"""


class OutcomeKind(StrEnum):
    """What became of one row."""

    LANDED = "landed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one row; ``text`` says why where it did not land."""

    kind: OutcomeKind
    place: Place
    record: Record | None = None
    reason: str = ""
    text: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedCount:
    """How many rows were not for this node for one reason, and the first of them."""

    reason: str
    count: int
    text: Text
    first: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestReport:
    """What came of a file or a bulk push.

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
    deletions_held: bool = False

    @property
    def skipped_count(self) -> int:
        """Return how many rows were not for this node."""
        return sum(skipped.count for skipped in self.skipped)


def rejected(place: Place, error: FederationError, record: Record) -> Outcome:
    """Return the outcome of a row that an error refuses."""
    return Outcome(
        kind=OutcomeKind.REJECTED,
        place=place,
        record=record,
        reason=error.code.value,
        text=Text(vi=error.text_vi, en=error.text_en),
    )


def read_outcome(item: Rejected | Skipped) -> Outcome:
    """Return the outcome of a row that its reader refused or passed over."""
    skipped = isinstance(item, Skipped)
    return Outcome(
        kind=OutcomeKind.SKIPPED if skipped else OutcomeKind.REJECTED,
        place=item.place,
        reason=item.reason if isinstance(item, Skipped) else "",
        text=Text(vi=item.text_vi, en=item.text_en),
    )


@dataclass(kw_only=True)
class Tally:
    """Counts outcomes as they come."""

    counts: Counter[OutcomeKind] = field(default_factory=Counter)
    skipped: dict[str, SkippedCount] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some outcomes."""
        for outcome in outcomes:
            self.counts[outcome.kind] += 1
            if outcome.kind is OutcomeKind.SKIPPED:
                self._skip(outcome)
            elif (
                outcome.kind is OutcomeKind.REJECTED
                and len(self.rejected) < REJECTIONS_LISTED_MAX
            ):
                text = outcome.text or Text(vi="", en="")
                self.rejected.append(
                    Rejected(place=outcome.place, text_vi=text.vi, text_en=text.en)
                )

    def _skip(self, outcome: Outcome) -> None:
        before = self.skipped.get(outcome.reason)
        self.skipped[outcome.reason] = SkippedCount(
            reason=outcome.reason,
            count=1 if before is None else before.count + 1,
            text=(outcome.text or Text(vi="", en=""))
            if before is None
            else before.text,
            first=outcome.place if before is None else before.first,
        )

    def listed_skips(self) -> Sequence[SkippedCount]:
        """Return the skipped rows by reason, the commonest first."""
        return sorted(
            self.skipped.values(), key=lambda skip: (-skip.count, skip.reason)
        )
