"""Commands of templates and feeds, the same as the routes give."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from city_node.api.feeding_schemas import feed_out
from city_node.config import NodeSettings
from city_node.contract import InputFile
from city_node.feeding.feeds import Feeds
from city_node.intake.report import IngestReport
from city_node.node import open_node
from city_node.observations.runs import report_text
from city_node.report_table import print_report
from city_node.runtime import feeds_at
from city_node.templates.making import FileForm
from federation.clock import SystemClock
from federation.commands import output
from federation.commands.output import ExitCode
from federation.commands.program import ConfigOption, JsonOption, run
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.observability.metrics import Metrics

Load = Callable[[Path | None], NodeSettings]

UNREADABLE_EXIT_CODE = 2
"""Nothing of the file could be used: it is the wrong argument, like any other."""

SubsystemArgument = Annotated[
    str, typer.Argument(help="Phân hệ. / The subsystem.", show_default=False)
]
AgencyOption = Annotated[
    str,
    typer.Option(
        help="Mã cơ quan nhập số liệu; mặc định là cơ quan chủ quản. / Code of the "
        "agency that types; by default the subsystem's owner.",
        show_default=False,
    ),
]


PeriodOption = Annotated[
    str,
    typer.Option(
        help="Kỳ, ví dụ 2026-10, 2026-Q3, 2026. / The period, for example 2026-10.",
        show_default=False,
    ),
]
MeantPeriodOption = Annotated[
    str,
    typer.Option(
        help="Từ chối mẫu của kỳ khác. / Refuse the template of another period.",
        show_default=False,
    ),
]
LocalityOption = Annotated[
    str,
    typer.Option(help="Chỉ một địa bàn. / Of one place only.", show_default=False),
]
FormOption = Annotated[FileForm, typer.Option(help="Dạng tệp. / Form of the file.")]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Ghi vào tệp này. / Write to this file.",
        show_default=False,
    ),
]
TypedArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        readable=True,
        help="Mẫu đã nhập. / The template, typed.",
        show_default=False,
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Chỉ báo cáo, không ghi. / Report only.")
]


def template_commands(load: Load) -> typer.Typer:
    """Return the commands ``template download`` and ``template upload``."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Mẫu nhập số liệu. / Templates to type figures in.",
    )
    group.command(name="download")(_download(load))
    group.command(name="upload")(_upload(load))
    return group


def _download(load: Load) -> Callable[..., None]:
    def download(
        subsystem: SubsystemArgument,
        period: PeriodOption,
        agency: AgencyOption = "",
        locality: LocalityOption = "",
        form: FormOption = FileForm.XLSX,
        file: OutputOption = None,
        config: ConfigOption = None,
    ) -> None:
        """Tải mẫu nhập số liệu của một kỳ. / Download the template of a period."""
        settings = load(config)

        async def made() -> tuple[str, bytes]:
            async with open_node(settings, clock=SystemClock()) as node:
                template = await node.templates.make(
                    subsystem, period, agency=agency, locality=locality
                )
            return template.file_stem, form.written(template)

        stem, content = run(made())
        path = file or Path(f"{stem}.{form.value}")
        path.write_bytes(content)
        said = Text(vi=f"Đã ghi {path}.", en=f"Wrote {path}.")
        output.console().print(output.spoken(said), markup=False)

    return download


def _upload(load: Load) -> Callable[..., None]:
    def upload(
        subsystem: SubsystemArgument,
        file: TypedArgument,
        agency: AgencyOption = "",
        period: MeantPeriodOption = "",
        dry_run: DryRunOption = False,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Gửi mẫu đã nhập. / Upload a template. (0: ok, 1: refused rows, 2: no)."""
        settings = load(config)
        given = InputFile(name=file.name, content=file.read_bytes())

        async def taken() -> IngestReport:
            async with open_node(settings, clock=SystemClock()) as node:
                node.templates.check(subsystem, given, agency=agency, period=period)
                return await node.intake.ingest_file(subsystem, given, dry_run=dry_run)

        try:
            report = run(taken())
        except FederationError as error:
            if error.code is not ErrorCode.INPUT_UNREADABLE:
                raise
            output.print_error(error, as_json=as_json)
            raise typer.Exit(UNREADABLE_EXIT_CODE) from error
        if as_json:
            output.print_json(json.loads(report_text(report)))
        else:
            print_report(report)
        raise typer.Exit(ExitCode.NOT_WELL if report.rejected_count else ExitCode.OK)

    return upload


def feed_command(load: Load) -> Callable[..., None]:
    """Return the command ``feed``."""

    def feed(config: ConfigOption = None, as_json: JsonOption = False) -> None:
        """Đọc mọi thư mục, mọi nguồn một lượt. / Read every folder and address once."""
        settings = load(config)

        async def fed() -> Feeds:
            async with open_node(settings, clock=SystemClock()) as node:
                feeds = feeds_at(node, Metrics())
                for each in feeds.running:
                    await each.step()
                if settings.watch:
                    # A file is read when it stayed as it was for so long.
                    await asyncio.sleep(max(each.settle_s for each in settings.watch))
                for each in feeds.running[: len(settings.watch)]:
                    await each.step()
            return feeds

        feeds = run(fed())
        _show(feeds, as_json=as_json)
        well = all(state.failure is None for state in feeds.states())
        raise typer.Exit(ExitCode.OK if well else ExitCode.NOT_WELL)

    return feed


def _show(feeds: Feeds, *, as_json: bool) -> None:
    states = [feed_out(state) for state in feeds.states()]
    if as_json:
        output.print_json(
            [
                {
                    "id": each.id,
                    "input": each.input,
                    "outcome": each.outcome,
                    "run": each.run,
                    "waiting": each.waiting,
                    "failure": None if each.failure is None else each.failure.en,
                }
                for each in states
            ]
        )
        return
    output.print_table(
        Text(vi="Nguồn vào", en="Feeds"),
        [
            Text(vi="Nguồn", en="Feed"),
            Text(vi="Tệp cuối", en="Last input"),
            Text(vi="Kết quả", en="Outcome"),
            Text(vi="Còn chờ", en="Waiting"),
            Text(vi="Vì sao không đọc được", en="Why not read"),
        ],
        [
            [
                state.id,
                state.input or "–",
                "–" if state.outcome is None else state.outcome.value,
                str(state.waiting),
                "–" if state.failure is None else output.spoken(state.failure),
            ]
            for state in feeds.states()
        ],
    )
