"""``expected``: who was expected for a period, and revising it by name.

An expected set is frozen when its period ends. Whoever changes it afterwards changes
what coverage said to people: so it takes a reason and a name, and both stay.
"""

import getpass
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from federation.catalogue.store import Catalogue
from federation.clock import Clock, SystemClock
from federation.commands import output
from federation.commands.program import ConfigOption, JsonOption, run
from federation.coverage.expected import ExpectedSet, Owing, expected_in
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.localities.store import CurrentGraph
from federation.model.indicator import Indicator, Text
from federation.model.period import Period, parse_period
from federation.storage.pool import Pool, PoolLimits, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse

_LIMITS = PoolLimits(connections_min=1, connections_max=1)

REASON_CHARACTERS_MIN = 8
"""A shorter reason explains nothing to whoever reads it next year."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What a person changes of an expected set, why, and who it is."""

    indicator: str
    period: str
    add: Sequence[str]
    remove: Sequence[str]
    from_obligations: bool
    reason: str
    by: str


def expected_commands(url_of: Callable[[Path | None], str]) -> typer.Typer:
    """Return the group ``expected``; ``url_of`` reads the database's address."""
    app = typer.Typer(
        no_args_is_help=True,
        help="Tập hợp phải báo cáo của mỗi kỳ. / Who is expected in each period.",
    )

    @app.command("list")
    def list_sets(
        config: ConfigOption = None,
        indicator: Annotated[
            str | None, typer.Option(help="Chỉ tiêu. / The indicator.")
        ] = None,
        revised: Annotated[
            bool,
            typer.Option(
                "--revised", help="Chỉ các lần sửa bằng tay. / Only revisions by hand."
            ),
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Xem tập hợp đã chốt và các lần sửa. / Frozen sets and their revisions."""
        found = run(_listed(url_of(config), indicator, by_hand=revised))
        _show(found, as_json=as_json)

    @app.command("revise")
    def revise(
        indicator: Annotated[str, typer.Argument(help="Chỉ tiêu. / The indicator.")],
        period: Annotated[str, typer.Argument(help="Kỳ. / The period (2026-10).")],
        reason: Annotated[
            str, typer.Option(help="Lý do, văn bản căn cứ. / Why, by which document.")
        ],
        config: ConfigOption = None,
        add: Annotated[
            list[str] | None,
            typer.Option(help="Thêm địa bàn (mã định danh). / Add a locality (id)."),
        ] = None,
        remove: Annotated[
            list[str] | None,
            typer.Option(help="Bỏ địa bàn. / Remove a locality (id)."),
        ] = None,
        from_obligations: Annotated[
            bool,
            typer.Option(
                "--from-obligations",
                help="Lấy lại theo nghĩa vụ hiện nay. / Take what is owed as of now.",
            ),
        ] = False,
        by: Annotated[
            str | None, typer.Option(help="Người sửa; mặc định: tài khoản. / Who.")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Sửa tập hợp của một kỳ đã chốt. / Revise the set of a period that is over."""
        revision = Revision(
            indicator=indicator,
            period=period,
            add=add or (),
            remove=remove or (),
            from_obligations=from_obligations,
            reason=reason.strip(),
            by=by or getpass.getuser(),
        )
        _show([run(_revised(url_of(config), revision))], as_json=as_json)

    return app


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(url, name="expected", limits=_LIMITS)
    try:
        yield pool
    finally:
        await pool.close()


async def _listed(
    url: str, indicator: str | None, *, by_hand: bool
) -> list[ExpectedSet]:
    async with (
        _opened(url) as pool,
        transaction(pool, doing="read expected sets") as connection,
    ):
        return await PostgresExpectedSets().revisions(
            connection, indicator=indicator, by_hand=by_hand
        )


async def _revised(url: str, revision: Revision) -> ExpectedSet:
    async with _opened(url) as pool:
        return await revise_expected(pool, revision, clock=SystemClock())


async def revise_expected(
    pool: Pool, revision: Revision, *, clock: Clock
) -> ExpectedSet:
    """Add a revision to an expected set and have its totals made again.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` or ``NOT_FOUND`` says what is wrong.
    """
    if len(revision.reason) < REASON_CHARACTERS_MIN:
        raise _invalid(
            "Hãy nêu lý do và văn bản căn cứ của việc sửa (--reason).",
            "Say why, and by which document, the set is revised (--reason).",
        )
    sets, catalogue, places = PostgresExpectedSets(), Catalogue(), CurrentGraph()
    now = clock.now()
    async with transaction(pool, doing="revise an expected set") as connection:
        await catalogue.refresh(connection)
        graph = await places.refresh(connection)
        indicator, period = _named(catalogue, revision)
        calendar = catalogue.calendar_of(indicator)
        if calendar is None or period.ends_at(calendar) > now:
            raise _invalid(
                f"Kỳ {period.text} chưa kết thúc; tập hợp phải báo cáo chưa chốt.",
                f"{period.text} is not over; its expected set is not frozen yet.",
            )
        owing = Owing(graph=graph, obligations=catalogue.owed)
        wanted = [(indicator, period, calendar)]
        key = (indicator.id, period)
        before = (await sets.current(connection, [key])).get(key)
        held = (await expected_in(sets, connection, owing, wanted))[key].localities
        if revision.from_obligations:
            held = owing.localities(*wanted[0])
        revised = ExpectedSet(
            indicator=indicator.id,
            period=period,
            localities=_changed(held, revision, indicator, graph),
            frozen_at=now,
            revision=1 if before is None else before.revision + 1,
            reason=revision.reason,
            by=revision.by,
        )
        await sets.add(connection, [revised])
        await PostgresWarehouse().mark(connection, [(indicator.id, period.start)])
    return revised


def _named(catalogue: Catalogue, revision: Revision) -> tuple[Indicator, Period]:
    indicator = catalogue.indicators.get(revision.indicator)
    if indicator is None:
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Không có chỉ tiêu “{revision.indicator}” ở cấp này.",
            f"There is no indicator “{revision.indicator}” at this tier.",
            {"indicator": revision.indicator},
        )
    period = parse_period(revision.period)
    if period.frequency is not indicator.frequency:
        raise _invalid(
            f"{indicator.id} báo cáo theo kỳ “{indicator.frequency.slug}”, "
            f"không phải {revision.period}.",
            f"{indicator.id} is reported by “{indicator.frequency.slug}”, "
            f"{revision.period} is none.",
        )
    return indicator, period


def _changed(
    held: frozenset[str],
    revision: Revision,
    indicator: Indicator,
    graph: LocalityGraph,
) -> frozenset[str]:
    for id_ in revision.add:
        place = graph.get(id_)
        if place is None or place.level != indicator.level:
            raise _invalid(
                f"“{id_}” không phải địa bàn cấp “{indicator.level}” trong danh mục.",
                f"“{id_}” is no known locality of the level “{indicator.level}”.",
            )
    if strange := sorted(set(revision.remove) - held):
        raise _invalid(
            f"“{strange[0]}” không có trong tập hợp phải báo cáo.",
            f"“{strange[0]}” is not in the expected set.",
        )
    return (held | set(revision.add)) - set(revision.remove)


def _invalid(text_vi: str, text_en: str) -> FederationError:
    return FederationError(ErrorCode.INVALID_ARGUMENT, text_vi, text_en)


def _show(found: Sequence[ExpectedSet], *, as_json: bool) -> None:
    if as_json:
        output.print_json(
            [
                {
                    "indicator": one.indicator,
                    "period": one.period.text,
                    "count": len(one.localities),
                    "localities": sorted(one.localities),
                    "frozen_at": one.frozen_at.isoformat(),
                    "revision": one.revision,
                    "reason": one.reason or None,
                    "by": one.by or None,
                }
                for one in found
            ]
        )
        return
    output.print_table(
        Text(vi="Tập hợp phải báo cáo", en="Expected sets"),
        [
            Text(vi="Chỉ tiêu", en="Indicator"),
            Text(vi="Kỳ", en="Period"),
            Text(vi="Số phải báo cáo", en="Expected"),
            Text(vi="Lần", en="Revision"),
            Text(vi="Lúc", en="At"),
            Text(vi="Người", en="By"),
            Text(vi="Lý do", en="Reason"),
        ],
        [
            [
                one.indicator,
                one.period.text,
                str(len(one.localities)),
                str(one.revision),
                one.frozen_at.isoformat(timespec="seconds"),
                one.by or "–",
                one.reason or "–",
            ]
            for one in found
        ],
    )
