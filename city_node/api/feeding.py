"""Routes of feeds and templates."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from litestar import Controller, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import MultipartBody, PathParameter, QueryParameter

from city_node.api.feeding_schemas import (
    FeedsOut,
    TemplateOffersOut,
    feed_out,
    offer_out,
)
from city_node.api.intake import FORM_BYTES_MAX, DryRun
from city_node.api.schemas import FileForm as FileField
from city_node.api.schemas import IngestReportOut, report_out
from city_node.contract import InputFile
from city_node.feeding.feeds import Feeds
from city_node.intake.ingest import Intake
from city_node.templates.finding import TEMPLATE_BYTES_MAX
from city_node.templates.making import FileForm, Templates

NodeFeeds = NamedDependency[Feeds]
NodeTemplates = NamedDependency[Templates]
NodeIntake = NamedDependency[Intake]
SubsystemName = Annotated[
    str, PathParameter(description="Id of a subsystem of this node.")
]
AgencyName = Annotated[
    str, QueryParameter(description="Who types; by default the subsystem's owner.")
]


class FeedsController(Controller):
    """Watched folders and polled addresses."""

    path = "/feeds"
    tags = ("intake",)

    @get(operation_id="listFeeds", summary="List watched folders and polled addresses")
    async def feeds(self, feeds: NodeFeeds) -> FeedsOut:
        """Return how each feed is doing, in the order of the settings."""
        return FeedsOut(items=[feed_out(state) for state in feeds.states()])


class TemplatesController(Controller):
    """Templates to type figures in, and their way back."""

    path = "/templates"
    tags = ("intake",)

    @get(operation_id="listTemplates", summary="List the templates one may ask for")
    async def offers(self, templates: NodeTemplates) -> TemplateOffersOut:
        """Return whose templates there are, with the last period that is over."""
        return TemplateOffersOut(items=[offer_out(each) for each in templates.offers()])

    @get(
        "/{subsystem:str}",
        operation_id="downloadTemplate",
        summary="Download a template",
        media_type=FileForm.XLSX.media_type,
    )
    async def download(
        self,
        subsystem: SubsystemName,
        templates: NodeTemplates,
        period: Annotated[
            str, QueryParameter(description="The period, for example 2026-10.")
        ],
        agency: AgencyName = "",
        locality: Annotated[
            str,
            QueryParameter(description="Id of one place; by default of all of them."),
        ] = "",
        form: Annotated[
            FileForm, QueryParameter(description="`xlsx` or `csv`.")
        ] = FileForm.XLSX,
    ) -> Response[bytes]:
        """Return a workbook (or text) with a row for each figure that is owed."""
        made = await templates.make(subsystem, period, agency=agency, locality=locality)
        name = f"{made.file_stem}.{form.value}"
        return Response(
            form.written(made),
            media_type=form.media_type,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
                # It shows figures of this moment, to whoever is signed in.
                "Cache-Control": "no-store",
            },
        )

    @post(
        "/{subsystem:str}",
        operation_id="uploadTemplate",
        summary="Upload a template",
        status_code=200,
        request_max_body_size=TEMPLATE_BYTES_MAX + FORM_BYTES_MAX,
    )
    async def upload(
        self,
        subsystem: SubsystemName,
        data: MultipartBody[FileField],
        templates: NodeTemplates,
        intake: NodeIntake,
        agency: Annotated[
            str, QueryParameter(description="Refuse the template of another agency.")
        ] = "",
        period: Annotated[
            str, QueryParameter(description="Refuse the template of another period.")
        ] = "",
        dry_run: DryRun = False,
    ) -> Response[IngestReportOut]:
        """Take in what was typed; 207 when rows were refused, the others landed."""
        file = InputFile(name=data.file.filename, content=await data.file.read())
        templates.check(subsystem, file, agency=agency, period=period)
        report = await intake.ingest_file(subsystem, file, dry_run=dry_run)
        return Response(
            report_out(report), status_code=207 if report.rejected_count else 200
        )


def feeding_routes(
    feeds: Feeds, templates: Templates, intake: Intake
) -> Sequence[Router]:
    """Return the routes of feeds and templates."""
    return [
        Router(
            path="/",
            route_handlers=[FeedsController, TemplatesController],
            dependencies={
                "feeds": Provide(lambda: feeds, sync_to_thread=False),
                "templates": Provide(lambda: templates, sync_to_thread=False),
                "intake": Provide(lambda: intake, sync_to_thread=False),
            },
        )
    ]
