"""``history lost``: a restore from a backup forgot what was learned after it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from federation.commands import output
from federation.commands.program import ConfigOption, run
from federation.errors import ErrorCode, FederationError
from federation.storage.pool import PoolLimits, open_pool, transaction
from federation.warehouse.history import LostTime
from federation.warehouse.postgres import PostgresWarehouse

_LIMITS = PoolLimits(connections_min=1, connections_max=1)

Moment = Annotated[
    str,
    typer.Option(
        help="Thời điểm có múi giờ. / A moment with its offset, "
        "2026-11-22T08:00:00+07:00."
    ),
]


def history_commands(url_of: Callable[[Path | None], str]) -> typer.Typer:
    """Return the group ``history``; ``url_of`` reads the database's address."""
    group = typer.Typer(
        no_args_is_help=True, help="Lịch sử số liệu. / The history of values."
    )

    @group.callback()
    def of_history() -> None:
        """Lịch sử số liệu. / The history of values."""

    @group.command("lost")
    def lost(
        since: Moment,
        until: Moment,
        reason: Annotated[
            str, typer.Option(help="Vì sao, để tra cứu sau. / Why, for those who ask.")
        ] = "",
        config: ConfigOption = None,
    ) -> None:
        """Ghi khoảng thời gian mất lịch sử. / Note a time whose history is lost.

        Sau khi khôi phục từ bản sao lưu: từ lúc sao lưu đến lúc khôi phục. / After a
        restore: from the backup to the restore. Reads as of then say so.
        """
        time = LostTime(
            first=_moment(since, "--since"),
            last=_moment(until, "--until"),
            reason=reason,
        )
        if time.last <= time.first:
            raise _wrong(until, "--until")
        run(_lose(url_of(config), time))
        output.console().print(
            f"{time.first.isoformat()} – {time.last.isoformat()}", markup=False
        )

    return group


def _moment(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(text, option) from error
    if moment.tzinfo is None:
        raise _wrong(text, option)
    return moment


def _wrong(text: str, option: str) -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"{option} “{text}” không đúng: cần thời điểm có múi giờ, và --until phải sau "
        "--since.",
        f"{option} “{text}” is wrong: it takes a moment with an offset, and --until "
        "comes after --since.",
        {"option": option},
    )


async def _lose(url: str, time: LostTime) -> None:
    pool = await open_pool(url, name="history", limits=_LIMITS)
    try:
        async with transaction(pool, doing="note lost history") as connection:
            await PostgresWarehouse().lose(connection, time)
    finally:
        await pool.close()
