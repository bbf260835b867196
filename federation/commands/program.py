"""The frame of a program's command line."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, Field

from federation.commands import output
from federation.commands.doctor import Check, Finding, examine, of_error, well
from federation.commands.output import ExitCode
from federation.commands.status import Status, StatusPage, ask, print_status
from federation.errors import FederationError
from federation.model.indicator import Text
from federation.observability.logging import LogFormat, configure_logging
from federation.settings import LoadedSettings, SettingsBase, load

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="IOC_CONFIG",
        help="Tệp cấu hình TOML. / The TOML configuration file.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="In JSON cho chương trình. / Print JSON.")
]


class Level(BaseModel):
    """A level of settings: frozen, unknown names refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


def local_url(host: str, port: int) -> str:
    """Return where this machine reaches what listens on an address."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    shown = f"[{reached}]" if ":" in reached else reached
    return f"http://{shown}:{port}"


class LogSettings(Level):
    """How a program logs."""

    level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="The lowest level that is logged.",
    )
    format: LogFormat = Field(
        default="console", description="`console` for people, `json` for machines."
    )


class ProgramSettings(SettingsBase):
    """What the settings of every program have."""

    log: LogSettings = Field(default=LogSettings(), description="How the program logs.")


Settings = TypeVar("Settings", bound=ProgramSettings)


@dataclass(frozen=True, kw_only=True)
class Program(Generic[Settings]):
    """What the frame needs to know of a program.

    ``serve`` runs until it is told to stop. ``checks`` are those of ``doctor``.
    ``base_url`` is where the running service answers ``/readyz``. ``session`` gives a
    bearer token for the lists in ``pages``; without it only readiness is asked.
    """

    name: str
    summary: str
    settings: type[Settings]
    serve: Callable[[Settings], Awaitable[None]]
    checks: Callable[[Settings], Sequence[Check]]
    base_url: Callable[[Settings], str]
    pages: Sequence[StatusPage] = ()
    session: Callable[[Settings], AbstractAsyncContextManager[str]] | None = None

    def load(self, config: Path | None) -> LoadedSettings[Settings]:
        """Return the program's settings with their sources.

        Raises:
            SettingsError: With every problem.
        """
        return load(self.settings, toml=config)


def command_line(program: Program[Settings]) -> typer.Typer:
    """Return the commands every program has; add your own to what is returned."""
    app = typer.Typer(
        name=program.name,
        help=program.summary,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.command()
    def serve(config: ConfigOption = None) -> None:
        """Chạy dịch vụ đến khi được dừng. / Run the service until it is stopped."""
        settings = program.load(config).values
        configure_logging(
            style=settings.log.format, level=settings.log.level, program=program.name
        )
        run(program.serve(settings))

    @app.command()
    def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
        """Hỏi dịch vụ đang chạy. / Ask the running service how it is."""
        found = run(_ask(program, program.load(config).values))
        _show_status(found, program.pages, as_json=as_json)
        raise typer.Exit(ExitCode.OK if found.ready else ExitCode.NOT_WELL)

    @app.command()
    def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
        """Kiểm tra máy và cấu hình. / Check the machine and the configuration."""
        findings = run(_examine(program, config))
        _show_findings(findings, as_json=as_json)
        healthy = all(finding.ok for finding in findings)
        raise typer.Exit(ExitCode.OK if healthy else ExitCode.NOT_WELL)

    app.add_typer(_config_commands(program), name="config")
    return app


def _config_commands(program: Program[Settings]) -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True, help="Cấu hình đang dùng. / The configuration in use."
    )

    @group.callback()
    def of_config() -> None:
        """Cấu hình đang dùng. / The configuration in use."""

    @group.command()
    def show(
        config: ConfigOption = None,
        sources: Annotated[
            bool,
            typer.Option(
                "--sources",
                help="Cho biết mỗi giá trị từ đâu. / Say where each value came from.",
            ),
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """In mọi thiết lập, che bí mật. / Print every setting, secrets masked."""
        rows = program.load(config).rows()
        if as_json:
            output.print_json(
                [
                    {"name": row.name, "value": row.value, "meaning": row.meaning}
                    | ({"source": row.source} if sources else {})
                    for row in rows
                ]
            )
            return
        columns = [Text(vi="Thiết lập", en="Setting"), Text(vi="Giá trị", en="Value")]
        columns += [Text(vi="Nguồn", en="Source")] if sources else []
        output.print_table(
            Text(vi="Cấu hình", en="Configuration"),
            columns,
            [[row.name, row.value, *([row.source] if sources else [])] for row in rows],
        )

    return group


Answer = TypeVar("Answer")


def run(work: Awaitable[Answer]) -> Answer:
    """Run one piece of work on a loop of its own."""

    async def awaited() -> Answer:
        return await work

    coroutine: Coroutine[Any, Any, Answer] = awaited()
    return asyncio.run(coroutine)


def main(app: typer.Typer) -> NoReturn:
    """Run a command line; an error of ours becomes a text and an exit code."""
    try:
        app()
    except FederationError as error:
        output.print_error(error, as_json="--json" in sys.argv)
        sys.exit(output.exit_code_of(error))
    sys.exit(ExitCode.OK)


async def _ask(program: Program[Settings], settings: Settings) -> Status:
    base_url = program.base_url(settings)
    # First whether it runs at all: only then is a session of any use.
    readiness = await ask(base_url, (), None)
    if program.session is None or not readiness.ready:
        return readiness
    async with program.session(settings) as token:
        return await ask(base_url, program.pages, token)


async def _examine(program: Program[Settings], config: Path | None) -> list[Finding]:
    try:
        settings = program.load(config).values
    except FederationError as error:
        return [of_error("configuration", error)]
    source = str(config) if config is not None else "IOC_*"
    valid = well("configuration", f"{source}: hợp lệ.", f"{source}: valid.")
    return [valid, *await examine(program.checks(settings))]


def _show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        output.print_json([_finding_json(finding) for finding in findings])
        return
    screen = output.console()
    for finding in findings:
        screen.print(output.mark(finding.ok), end="  ")
        screen.print(f"{finding.name}: {output.spoken(finding.found)}", markup=False)
        if finding.remedy is not None:
            screen.print(f"    → {output.spoken(finding.remedy)}", markup=False)


def _finding_json(finding: Finding) -> dict[str, Any]:
    remedy = finding.remedy
    return {
        "name": finding.name,
        "ok": finding.ok,
        "found": {"vi": finding.found.vi, "en": finding.found.en},
        "remedy": None if remedy is None else {"vi": remedy.vi, "en": remedy.en},
    }


def _show_status(found: Status, pages: Sequence[StatusPage], *, as_json: bool) -> None:
    if as_json:
        shown = {path.rpartition("/")[2]: rows for path, rows in found.pages.items()}
        output.print_json({"ready": found.ready, "checks": found.checks, **shown})
        return
    print_status(found, pages)
