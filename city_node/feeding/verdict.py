"""What came of one input, and where it therefore goes."""

from dataclasses import dataclass

from city_node.feeding.state import FeedOutcome
from city_node.intake.report import IngestReport
from federation.model.indicator import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The report of an input, or why there is none.

    ``again`` holds the refused rows alone, below their headings, to be corrected and
    fed again; empty where the file is not of lines.
    """

    report: IngestReport | None = None
    failure: Text | None = None
    again: bytes = b""

    @property
    def outcome(self) -> FeedOutcome:
        """Return what became of it: rejected where nothing of it could be used."""
        if self.report is None:
            return FeedOutcome.REJECTED
        used = self.report.landed + self.report.changed + self.report.unchanged
        if not used and not self.report.deleted:
            return FeedOutcome.REJECTED
        if self.report.rejected_count:
            return FeedOutcome.PARTLY
        if self.report.landed or self.report.changed or self.report.deleted:
            return FeedOutcome.ARCHIVED
        return FeedOutcome.UNCHANGED

    @property
    def run(self) -> int | None:
        """Return the number of the ingest run, where there was one."""
        return None if self.report is None else self.report.run
