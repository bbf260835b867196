"""REST shapes of intake."""

import json
from typing import Annotated, Any, Literal

import msgspec
from litestar.datastructures import UploadFile

from city_node.intake.report import IngestReport, Outcome
from city_node.observations.runs import IngestRun, report_text
from federation.api.schemas import TextOut

BULK_RECORDS_MAX = 5000
"""A bulk push with more records is refused; send the rest in the next one."""


class RecordIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A record as a source pushes it.

    ``source_key`` is the source's own key and stays the same when the source corrects
    the record: sending it again replaces what it said before. ``fields`` are those of
    its kind; decimals are best written as text.
    """

    source: str
    source_key: str
    kind: str
    fields: dict[str, Any]
    scope: str = ""
    provenance: Literal["automatic", "manual", "simulated"] = "automatic"
    published_at: str | None = None


class BulkIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Up to 5,000 records, each as in a single push; a wrong one stops no other."""

    records: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=BULK_RECORDS_MAX)]


class FlagOut(msgspec.Struct, kw_only=True):
    """A doubt about a record that landed all the same."""

    code: str
    text: TextOut


class OutcomeOut(msgspec.Struct, kw_only=True):
    """What became of one record; ``row`` counts from 1."""

    row: int
    outcome: Literal[
        "landed", "changed", "unchanged", "deleted", "skipped", "rejected", "not_used"
    ]
    source_key: str | None
    reason: str | None
    text: TextOut | None
    flags: list[FlagOut] = msgspec.field(default_factory=list)


class PlaceOut(msgspec.Struct, kw_only=True):
    """Where in the input something stands; 0 and "" where that is not told."""

    file: str
    sheet: str
    row: int
    column: str


class SkippedOut(msgspec.Struct, kw_only=True):
    """How many rows were not for this node for one reason, and the first of them."""

    reason: str
    count: int
    text: TextOut
    first: PlaceOut


class RejectedOut(msgspec.Struct, kw_only=True):
    """A refused row and why."""

    place: PlaceOut
    text_vi: str
    text_en: str


class FlaggedOut(msgspec.Struct, kw_only=True):
    """A doubt about a row that landed, and where it stands."""

    place: PlaceOut
    code: str
    text_vi: str
    text_en: str


class NotUsedOut(msgspec.Struct, kw_only=True):
    """Cells of one column (or sheet) without an indicator, and the first of them."""

    reason: str
    count: int
    text: TextOut
    first: PlaceOut


class SheetCountOut(msgspec.Struct, kw_only=True):
    """What came of one sheet, in rows; ``not_used`` in cells."""

    sheet: str
    landed: int
    changed: int
    unchanged: int
    flagged: int
    rejected: int
    skipped: int
    not_used: int


class IngestReportOut(msgspec.Struct, kw_only=True):
    """What came of a file or a bulk push.

    ``flagged_count`` rows landed (or stood) and are doubted; ``flagged`` says why.
    ``not_used`` lists what has no indicator, ``not_used_count`` is in cells.
    ``deletions_held``: a complete report had refused rows, so nothing was deleted.
    ``rejected`` lists the first 1,000 of ``rejected_count``.
    """

    run: int | None
    subsystem: str
    input: str
    reader: str
    dry_run: bool
    complete: bool
    started_at: str
    ended_at: str
    landed: int
    changed: int
    unchanged: int
    deleted: int
    skipped: list[SkippedOut]
    rejected_count: int
    rejected: list[RejectedOut]
    deletions_held: bool
    flagged_count: int = 0
    flagged: list[FlaggedOut] = msgspec.field(default_factory=list)
    not_used_count: int = 0
    not_used: list[NotUsedOut] = msgspec.field(default_factory=list)
    sheets: list[SheetCountOut] = msgspec.field(default_factory=list)


class BulkOut(msgspec.Struct, kw_only=True):
    """The report of a bulk push, and what became of each record."""

    report: IngestReportOut
    records: list[OutcomeOut]


class IngestRunOut(msgspec.Struct, kw_only=True):
    """An ingest run; without ``ended_at`` it is going on, or was interrupted."""

    id: int
    subsystem: str
    input: str
    started_at: str
    ended_at: str | None
    report: IngestReportOut | None


class IngestRunsOut(msgspec.Struct, kw_only=True):
    """The newest ingest runs, newest first."""

    items: list[IngestRunOut]


class FileForm(msgspec.Struct, kw_only=True):
    """A file to ingest, in the field ``file``."""

    file: UploadFile


def report_out(report: IngestReport) -> IngestReportOut:
    """Return a report in its REST shape."""
    return msgspec.convert(json.loads(report_text(report)), IngestReportOut)


def outcome_out(outcome: Outcome) -> OutcomeOut:
    """Return an outcome in its REST shape."""
    text = outcome.text
    return OutcomeOut(
        row=outcome.place.row,
        outcome=outcome.kind.value,
        source_key=None if outcome.record is None else outcome.record.source_key,
        reason=outcome.reason or None,
        text=None if text is None else TextOut(vi=text.vi, en=text.en),
        flags=[
            FlagOut(code=flag.code, text=TextOut(vi=flag.text_vi, en=flag.text_en))
            for flag in outcome.flags
        ],
    )


def run_out(run: IngestRun) -> IngestRunOut:
    """Return an ingest run in its REST shape."""
    return IngestRunOut(
        id=run.id,
        subsystem=run.subsystem,
        input=run.input,
        started_at=run.started_at.isoformat(),
        ended_at=None if run.ended_at is None else run.ended_at.isoformat(),
        report=(
            None if run.report is None else msgspec.convert(run.report, IngestReportOut)
        ),
    )
