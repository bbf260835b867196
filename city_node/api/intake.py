"""Routes by which records come in and go: pushed, uploaded, deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, Router, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, MultipartBody, PathParameter, QueryParameter

from city_node.api.schemas import (
    BulkIn,
    BulkOut,
    FileForm,
    IngestReportOut,
    IngestRunOut,
    IngestRunsOut,
    OutcomeOut,
    RecordIn,
    outcome_out,
    report_out,
    run_out,
)
from city_node.contract import (
    Accepted,
    InputFile,
    Place,
    ReadItem,
    Rejected,
    Subsystem,
)
from city_node.intake.ingest import FILE_BYTES_MAX, Intake
from city_node.intake.pushed import PushedRecord, to_record
from city_node.intake.report import OutcomeKind
from city_node.observations.stored import RecordKey
from federation.errors import ErrorCode, FederationError

PUSH_NAME = "push"
FORM_BYTES_MAX = 64 * 1024
"""What a multipart form may add to its file."""

BULK_BYTES_MAX = 16 * 1024 * 1024

NodeIntake = NamedDependency[Intake]
SubsystemName = Annotated[
    str, PathParameter(description="Id of a subsystem of this node.")
]
DryRun = Annotated[bool, QueryParameter(description="Report only; nothing is written.")]
Complete = Annotated[
    bool,
    QueryParameter(
        description="The file is the whole of each report it holds: what it no longer "
        "names is deleted, unless it has refused rows."
    ),
]


Simulated = Annotated[
    bool,
    QueryParameter(
        description="Only the form of the file is real: all of it lands as simulated."
    ),
]
StandIn = Annotated[
    str,
    QueryParameter(
        name="locality",
        description="With `simulated`: the locality that stands in for the places of "
        "the file.",
    ),
]
RunNumber = Annotated[int, PathParameter(description="Number of an ingest run.")]


class RecordsController(Controller):
    """Records that a source pushes, idempotent by source key."""

    path = "/records"
    tags = ("intake",)

    @post(
        "/{subsystem:str}",
        operation_id="pushRecord",
        summary="Push one record",
        status_code=200,
    )
    async def push(
        self, subsystem: SubsystemName, data: JSONBody[RecordIn], intake: NodeIntake
    ) -> OutcomeOut:
        """Land one record. Sending it again changes nothing."""
        place = Place(file=PUSH_NAME, row=1)
        record = to_record(intake.subsystem(subsystem), _pushed(data))
        accepted = Accepted(record=record, place=place)
        outcome = await intake.land_one(subsystem, accepted)
        if outcome.kind is OutcomeKind.REJECTED and outcome.text is not None:
            raise FederationError(ErrorCode.INPUT_ROW, outcome.text.vi, outcome.text.en)
        return outcome_out(outcome)

    @post(
        "/{subsystem:str}/bulk",
        operation_id="pushRecords",
        summary="Push many records",
        status_code=200,
        request_max_body_size=BULK_BYTES_MAX,
    )
    async def push_bulk(
        self, subsystem: SubsystemName, data: JSONBody[BulkIn], intake: NodeIntake
    ) -> Response[BulkOut]:
        """Land up to 5,000 records; 207 when some were refused, the others landed."""
        chosen = intake.subsystem(subsystem)
        items = [_item(chosen, row, raw) for row, raw in enumerate(data.records, 1)]
        report, outcomes = await intake.ingest_items(subsystem, PUSH_NAME, items)
        rows = sorted(map(outcome_out, outcomes), key=lambda each: each.row)
        return Response(
            BulkOut(report=report_out(report), records=rows),
            status_code=207 if report.rejected_count else 200,
        )

    @delete(
        "/{subsystem:str}/{source:str}/{source_key:path}",
        operation_id="deleteRecord",
        summary="Delete a record",
        status_code=200,
    )
    async def delete_record(
        self,
        subsystem: SubsystemName,
        source: Annotated[str, PathParameter(description="Id of the record's source.")],
        source_key: Annotated[str, PathParameter(description="The source's own key.")],
        intake: NodeIntake,
    ) -> OutcomeOut:
        """Delete a record; the summaries it stood in follow, as deletions too."""
        key = RecordKey(source=source, source_key=str(source_key).lstrip("/"))
        if not await intake.delete(subsystem, [key]):
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Không có bản ghi “{key.source_key}” của nguồn “{source}”.",
                f"There is no record “{key.source_key}” of the source “{source}”.",
                {"source": source, "source_key": key.source_key},
            )
        return OutcomeOut(
            row=1, outcome="deleted", source_key=key.source_key, reason=None, text=None
        )


class FilesController(Controller):
    """Files as departments send them."""

    path = "/files"
    tags = ("intake",)

    @post(
        "/{subsystem:str}",
        operation_id="uploadFile",
        summary="Ingest a file",
        status_code=200,
        request_max_body_size=FILE_BYTES_MAX + FORM_BYTES_MAX,
    )
    async def upload(
        self,
        subsystem: SubsystemName,
        data: MultipartBody[FileForm],
        intake: NodeIntake,
        dry_run: DryRun = False,
        complete: Complete = False,
        simulated: Simulated = False,
        stand_in: StandIn = "",
    ) -> Response[IngestReportOut]:
        """Ingest a file; 207 when rows of it were refused, the others landed."""
        file = InputFile(name=data.file.filename, content=await data.file.read())
        report = await intake.ingest_file(
            subsystem,
            file,
            dry_run=dry_run,
            complete=complete,
            simulated=simulated,
            stand_in=stand_in,
        )
        return Response(
            report_out(report), status_code=207 if report.rejected_count else 200
        )


class IngestsController(Controller):
    """What was fed, and what came of it."""

    path = "/ingests"
    tags = ("intake",)

    @get(operation_id="listIngests", summary="List the newest ingest runs")
    async def ingests(self, intake: NodeIntake) -> IngestRunsOut:
        """Return the newest ingest runs with their reports, newest first."""
        return IngestRunsOut(items=[run_out(run) for run in await intake.runs()])

    @get("/{run:int}", operation_id="getIngest", summary="What came of one input")
    async def ingest(self, run: RunNumber, intake: NodeIntake) -> IngestRunOut:
        """Return an ingest run with its report: counts, and every row to look at."""
        return run_out(await intake.run(run))


def intake_routes(intake: Intake) -> Sequence[Router]:
    """Return the routes of intake."""
    return [
        Router(
            path="/",
            route_handlers=[RecordsController, FilesController, IngestsController],
            dependencies={"intake": Provide(lambda: intake, sync_to_thread=False)},
        )
    ]


def _item(subsystem: Subsystem, row: int, raw: dict[str, Any]) -> ReadItem:
    place = Place(file=PUSH_NAME, row=row)
    try:
        record = to_record(subsystem, _pushed(msgspec.convert(raw, RecordIn)))
    except msgspec.ValidationError as error:
        return Rejected(
            place=place,
            text_vi=f"Bản ghi không đúng dạng: {error}",
            text_en=f"The record has a wrong form: {error}",
        )
    except FederationError as error:
        return Rejected(place=place, text_vi=error.text_vi, text_en=error.text_en)
    return Accepted(record=record, place=place)


def _pushed(given: RecordIn) -> PushedRecord:
    return PushedRecord(
        source=given.source,
        source_key=given.source_key,
        kind=given.kind,
        fields=given.fields,
        scope=given.scope,
        provenance=given.provenance,
        published_at=_moment(given.published_at),
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Trường “published_at” là “{text}”; cần dạng 2026-11-22T08:00:00+07:00.",
            f"The field “published_at” is “{text}”; wanted: 2026-11-22T08:00:00+07:00.",
            {"field": "published_at"},
        )
    return moment
