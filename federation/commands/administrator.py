"""``admin reset-password``, for programs that keep accounts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from federation.access.accounts import (
    USERNAME,
    Passwords,
    generated_password,
    reset_password,
)
from federation.clock import SystemClock
from federation.commands import output
from federation.commands.program import ConfigOption, run
from federation.storage.credentials import write_private
from federation.storage.entities import EntityApp, open_entities


@dataclass(frozen=True, kw_only=True)
class AccountsPlace:
    """Where a program keeps its accounts."""

    database_url: str
    generated_file: Path
    """Written, readable by its owner only, when no password is given."""


def administrator_commands(
    place_of: Callable[[Path | None], AccountsPlace], apps: Sequence[EntityApp]
) -> typer.Typer:
    """Return the group ``admin``; ``place_of`` reads the program's settings."""
    group = typer.Typer(
        no_args_is_help=True, help="Quản trị viên. / The administrator."
    )

    @group.callback()
    def of_admin() -> None:
        """Quản trị viên. / The administrator."""

    @group.command("reset-password")
    def reset(
        config: ConfigOption = None,
        password_file: Annotated[
            Path | None,
            typer.Option(
                exists=True,
                dir_okay=False,
                readable=True,
                help="Tệp chứa mật khẩu mới. / File with the new password.",
            ),
        ] = None,
    ) -> None:
        """Đặt lại mật khẩu; mọi phiên kết thúc. / Set a new password; sessions end."""
        place = place_of(config)
        if password_file is not None:
            password = password_file.read_text(encoding="utf-8").strip()
        else:
            password = generated_password()
        run(_reset(place.database_url, apps, password))
        if password_file is None:
            write_private(place.generated_file, password + "\n")
            output.console().print(str(place.generated_file), markup=False)

    return group


async def _reset(url: str, apps: Sequence[EntityApp], password: str) -> None:
    async with open_entities(url, apps, connections_max=1):
        await reset_password(
            password, passwords=Passwords(), clock=SystemClock(), username=USERNAME
        )
