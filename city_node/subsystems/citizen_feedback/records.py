"""What is kept of a report: where, what about, and when; nothing of who reported.

Names, telephone numbers, addresses, positions, descriptions, notes and pictures are
not read into a record. The key is the source's own number of the case.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from city_node.contract import Record
from city_node.sources.dates import read_day, read_moment
from city_node.subsystems.citizen_feedback.services import CATEGORY_CODES
from city_node.subsystems.statements import text_in
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL
from federation.model.status import Provenance

SUBSYSTEM_ID = "citizen_feedback"
REPORT = "report"
QUIET_DAY = "quiet_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A citizen's report; times are ISO 8601 with offset.

    ``answered`` is None while it is open. ``duplicate_of`` names the case that this
    report repeats, ``yes`` where the source doesn't say which.
    """

    locality: str
    category: str
    received: str
    due: str
    answered: str | None
    duplicate_of: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietDay:
    """A day on which a place got no report, said by whoever takes them in."""

    locality: str
    day: str


def report_record(
    report: Report,
    number: str,
    *,
    source: str,
    provenance: Provenance,
    published_at: datetime | None = None,
) -> Record:
    """Return a report as a record; each is a report (scope) of its own."""
    return Record(
        subsystem=SUBSYSTEM_ID,
        source=source,
        source_key=number,
        kind=REPORT,
        scope=f"{REPORT}:{number}",
        fields=asdict(report),
        provenance=provenance,
        published_at=published_at,
    )


def quiet_record(quiet: QuietDay, *, source: str, provenance: Provenance) -> Record:
    """Return a day without reports as a record."""
    key = f"{QUIET_DAY}:{quiet.locality}:{quiet.day}"
    return Record(
        subsystem=SUBSYSTEM_ID,
        source=source,
        source_key=key,
        kind=QUIET_DAY,
        scope=key,
        fields=asdict(quiet),
        provenance=provenance,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A record's report with its times read."""

    locality: str
    category: str
    received: datetime
    due: datetime
    answered: datetime | None
    duplicate: bool


def case_of(record: Record) -> Case:
    """Return the case of a record.

    Raises:
        FederationError: ``INPUT_ROW`` when a field is missing or can't be.
    """
    fields = record.fields
    category = text_in(fields, "category")
    if category not in CATEGORY_CODES:
        raise _wrong(
            "category",
            f"“{category[:60]}” không có trong danh mục lĩnh vực: "
            f"{', '.join(CATEGORY_CODES)}.",
            f"“{category[:60]}” is no category; known: {', '.join(CATEGORY_CODES)}.",
        )
    received = _moment(record, "received")
    answered = None if fields.get("answered") is None else _moment(record, "answered")
    if answered is not None and answered < received:
        raise _wrong(
            "answered",
            f"Trả lời lúc {answered.isoformat()} trước khi tiếp nhận lúc "
            f"{received.isoformat()}.",
            f"Answered at {answered.isoformat()}, before it was received at "
            f"{received.isoformat()}.",
        )
    return Case(
        locality=text_in(fields, "locality"),
        category=category,
        received=received,
        due=_moment(record, "due"),
        answered=answered,
        duplicate=bool(fields.get("duplicate_of")),
    )


def quiet_day_of(record: Record) -> date:
    """Return the day of a record that says there was no report."""
    return read_day(text_in(record.fields, "day"))


def _moment(record: Record, name: str) -> datetime:
    return read_moment(text_in(record.fields, name)).astimezone(LOCAL.zone)


def _wrong(name: str, text_vi: str, text_en: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Trường “{name}”: {text_vi}",
        f"The field “{name}”: {text_en}",
        {"field": name},
    )
