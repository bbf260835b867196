"""The command ``city-node``."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from city_node.config import NodeSettings
from city_node.contract import Accepted, InputFile, Place
from city_node.feeding_commands import feed_command, template_commands
from city_node.intake.ingest import FILE_BYTES_MAX
from city_node.intake.report import IngestReport, report_of
from city_node.node import APPS, open_node
from city_node.observations.runs import IngestRun, report_text
from city_node.observations.stored import RecordKey
from city_node.report_table import print_report
from city_node.runtime import serve
from city_node.simulation import simulate as generate
from city_node.sources.understanding import Understanding
from city_node.understanding_table import print_understanding, understanding_value
from federation.clock import SystemClock
from federation.commands import output
from federation.commands.administrator import AccountsPlace, administrator_commands
from federation.commands.expected import expected_commands
from federation.commands.history import history_commands
from federation.commands.output import ExitCode
from federation.commands.program import (
    ConfigOption,
    JsonOption,
    Program,
    command_line,
    run,
)
from federation.commands.program import main as run_main
from federation.commands.status import StatusPage
from federation.commands.tier import LINKS_PAGE, tier_checks, tier_session
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.period import LOCAL

UNREADABLE_EXIT_CODE = 2
"""Nothing of the file could be used: it is the wrong argument, like any other."""


PROGRAM = Program(
    name="city-node",
    summary="Nút điều hành của một địa bàn. / The operations node of a locality.",
    settings=NodeSettings,
    serve=serve,
    checks=tier_checks,
    base_url=lambda settings: settings.api.base_url(),
    pages=(
        LINKS_PAGE,
        StatusPage(
            path="/api/v1/ingests",
            title=Text(vi="Các lần nạp gần đây", en="Latest ingests"),
            columns=(
                ("id", Text(vi="Số", en="No.")),
                ("subsystem", Text(vi="Phân hệ", en="Subsystem")),
                ("input", Text(vi="Đầu vào", en="Input")),
                ("started_at", Text(vi="Bắt đầu", en="Started")),
                ("ended_at", Text(vi="Kết thúc", en="Ended")),
                ("report.landed", Text(vi="Mới", en="Landed")),
                ("report.changed", Text(vi="Thay đổi", en="Changed")),
                ("report.rejected_count", Text(vi="Bị từ chối", en="Rejected")),
            ),
        ),
        StatusPage(
            path="/api/v1/feeds",
            title=Text(vi="Thư mục và nguồn được theo dõi", en="Feeds"),
            columns=(
                ("id", Text(vi="Nguồn", en="Feed")),
                ("looked_at", Text(vi="Xem lúc", en="Looked")),
                ("input", Text(vi="Tệp cuối", en="Last input")),
                ("input_at", Text(vi="Nhận lúc", en="Came")),
                ("outcome", Text(vi="Kết quả", en="Outcome")),
                ("waiting", Text(vi="Còn chờ", en="Waiting")),
            ),
            below=(("failure.vi", Text(vi="Không đọc được", en="Can't be read")),),
        ),
    ),
    session=lambda settings: tier_session(settings, APPS),
)
app = command_line(PROGRAM)
records = typer.Typer(
    no_args_is_help=True, help="Bản ghi của các nguồn. / Records of the sources."
)
app.add_typer(records, name="records")

SubsystemArgument = Annotated[
    str, typer.Argument(help="Phân hệ. / The subsystem.", show_default=False)
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Chỉ báo cáo, không ghi. / Report only.")
]
SimulatedOption = Annotated[
    bool,
    typer.Option(
        "--simulated",
        help="Tệp chỉ đúng về dạng: mọi số liệu được đánh dấu mô phỏng. / Only the "
        "form is real: all of it is marked simulated.",
    ),
]
StandInOption = Annotated[
    str,
    typer.Option(
        help="Với --simulated: địa bàn nhận thay cho nơi nêu trong tệp. / With "
        "--simulated: the place that stands in for those of the file.",
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Chỉ cho biết tệp được hiểu thế nào (bảng, cột, kỳ, đơn vị), không ghi. / "
        "Only tell how the file is understood; write nothing.",
    ),
]
_DAY_FORMATS = ["%Y-%m-%d"]


@app.command()
def ingest(
    subsystem: SubsystemArgument,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="Tệp số liệu. / The file.",
            show_default=False,
        ),
    ],
    dry_run: DryRunOption = False,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete",
            help="Tệp là toàn bộ báo cáo: bản ghi không còn nêu sẽ bị xóa. / The file "
            "is the whole report: records it no longer names are deleted.",
        ),
    ] = False,
    simulated: SimulatedOption = False,
    locality: StandInOption = "",
    explain: ExplainOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nạp một tệp. / Ingest a file. (0: ok, 1: rejected rows, 2: unreadable)."""
    settings = PROGRAM.load(config).values
    with file.open("rb") as stream:  # never more than what is refused anyway
        given = InputFile(name=file.name, content=stream.read(FILE_BYTES_MAX + 1))

    async def explained() -> Understanding:
        async with open_node(settings, clock=SystemClock()) as node:
            return await node.intake.explain_file(
                subsystem, given, simulated=simulated, stand_in=locality
            )

    async def ingested() -> IngestReport:
        async with open_node(settings, clock=SystemClock()) as node:
            return await node.intake.ingest_file(
                subsystem,
                given,
                dry_run=dry_run,
                complete=complete,
                simulated=simulated,
                stand_in=locality,
            )

    try:
        if explain:
            _tell(run(explained()), as_json=as_json)
        report = run(ingested())
    except FederationError as error:
        if error.code is not ErrorCode.INPUT_UNREADABLE:
            raise
        output.print_error(error, as_json=as_json)
        raise typer.Exit(UNREADABLE_EXIT_CODE) from error
    _finish(report, as_json=as_json)


@app.command()
def report(
    run_number: Annotated[
        int,
        typer.Argument(
            metavar="RUN",
            help="Số của lần nạp, xem `status`. / Number of the ingest, see `status`.",
            show_default=False,
        ),
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Xem lại kết quả một lần nạp. / Show again what came of an ingest."""
    settings = PROGRAM.load(config).values

    async def kept() -> IngestRun:
        async with open_node(settings, clock=SystemClock()) as node:
            return await node.intake.run(run_number)

    found = run(kept())
    if found.report is None:
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Lần nạp số {run_number} ({found.input}) chưa xong hoặc bị ngắt giữa "
            "chừng; hãy nạp lại tệp.",
            f"The ingest number {run_number} ({found.input}) is going on or was "
            "interrupted; feed the file again.",
        )
    _finish(report_of(found.report), as_json=as_json)


@app.command()
def simulate(
    subsystem: SubsystemArgument,
    since: Annotated[
        datetime,
        typer.Option("--from", formats=_DAY_FORMATS, help="Từ ngày. / First day."),
    ],
    until: Annotated[
        datetime,
        typer.Option("--to", formats=_DAY_FORMATS, help="Đến ngày. / Last day."),
    ],
    seed: Annotated[
        int, typer.Option(help="Cùng số cho cùng kết quả. / The same figures again.")
    ] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sinh số liệu mô phỏng, có đánh dấu. / Generate figures, marked simulated."""
    settings = PROGRAM.load(config).values
    clock = SystemClock()
    first = since.date()
    # The whole last day, as far as it is over.
    end = min(until.replace(tzinfo=LOCAL.zone) + timedelta(days=1), clock.now())

    async def simulated() -> IngestReport:
        async with open_node(settings, clock=clock) as node:
            places = [
                place
                for place in node.places.all()
                if place.id in node.streams.localities
            ]
            generated = await asyncio.to_thread(
                lambda: list(generate(subsystem, places, first, end, seed))
            )
            items = [
                Accepted(record=record, place=Place(file="simulate", row=row))
                for row, record in enumerate(generated, start=1)
            ]
            report, _ = await node.intake.ingest_items(subsystem, "simulate", items)
            return report

    _finish(run(simulated()), as_json=as_json)


@records.command()
def delete(
    subsystem: SubsystemArgument,
    source: Annotated[str, typer.Argument(help="Nguồn. / The source.")],
    keys: Annotated[
        list[str], typer.Argument(help="Khóa của nguồn. / The source's keys.")
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Xóa bản ghi theo khóa; số tổng hợp được tính lại. / Delete records by key."""
    settings = PROGRAM.load(config).values
    wanted = [RecordKey(source=source, source_key=key) for key in keys]

    async def deleted() -> int:
        async with open_node(settings, clock=SystemClock()) as node:
            return await node.intake.delete(subsystem, wanted)

    count = run(deleted())
    if as_json:
        output.print_json({"deleted": count, "absent": len(wanted) - count})
    else:
        said = Text(
            vi=f"Đã xóa {count} bản ghi; {len(wanted) - count} khóa không có.",
            en=f"Deleted {count} records; {len(wanted) - count} keys were not there.",
        )
        output.console().print(output.spoken(said), markup=False)
    raise typer.Exit(ExitCode.OK if count == len(wanted) else ExitCode.NOT_WELL)


def _accounts(config: Path | None) -> AccountsPlace:
    settings = PROGRAM.load(config).values
    return AccountsPlace(
        database_url=settings.database.url.get_secret_value(),
        generated_file=settings.password_file,
    )


app.add_typer(administrator_commands(_accounts, APPS), name="admin")
app.add_typer(
    expected_commands(lambda config: PROGRAM.load(config).values.database_url),
    name="expected",
)
app.add_typer(
    history_commands(lambda config: PROGRAM.load(config).values.database_url),
    name="history",
)


def _settings(config: Path | None) -> NodeSettings:
    return PROGRAM.load(config).values


app.add_typer(template_commands(_settings), name="template")
app.command(name="feed")(feed_command(_settings))


def _tell(understanding: Understanding, *, as_json: bool) -> NoReturn:
    if as_json:
        output.print_json(understanding_value(understanding))
    else:
        print_understanding(understanding)
    refused = any(sheet.refused for sheet in understanding.sheets)
    raise typer.Exit(ExitCode.NOT_WELL if refused else ExitCode.OK)


def _finish(report: IngestReport, *, as_json: bool) -> NoReturn:
    if as_json:
        output.print_json(json.loads(report_text(report)))
    else:
        print_report(report)
    raise typer.Exit(ExitCode.NOT_WELL if report.rejected_count else ExitCode.OK)


def main() -> None:
    """Run the command line."""
    run_main(app)
