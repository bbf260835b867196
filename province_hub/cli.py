"""The command ``province-hub``."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from federation.clock import SystemClock
from federation.commands import doctor, output
from federation.commands.administrator import AccountsPlace, administrator_commands
from federation.commands.expected import expected_commands
from federation.commands.history import history_commands
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
from federation.identity.registry import ChildNode
from federation.identity.tokens import JoinTicket, write_ticket
from federation.model.indicator import Text
from province_hub.children.tickets import read_area
from province_hub.config import HubSettings
from province_hub.hub import APPS, open_hub
from province_hub.runtime import serve

TOKEN_HOURS = 7 * 24


def _checks(settings: HubSettings) -> Sequence[doctor.Check]:
    uplinks = settings.uplinks
    live_url = f"{settings.api.base_url()}/livez"
    return [
        *tier_checks(settings),
        doctor.port("uplinks", uplinks.host, uplinks.port, live_url=live_url),
    ]


PROGRAM = Program(
    name="province-hub",
    summary="Trung tâm của một cấp có cấp dưới: tỉnh hoặc quốc gia. / The hub of a "
    "tier with children: a province or the nation.",
    settings=HubSettings,
    serve=serve,
    checks=_checks,
    base_url=lambda settings: settings.api.base_url(),
    pages=(
        StatusPage(
            path="/api/v1/children",
            title=Text(vi="Cấp dưới", en="Children"),
            columns=(
                ("stream", Text(vi="Luồng", en="Stream")),
                ("node", Text(vi="Nút", en="Node")),
                ("connected", Text(vi="Kết nối", en="Connected")),
                ("epoch", Text(vi="Đời", en="Epoch")),
                ("high_watermark", Text(vi="Đã nhận", en="Received")),
                ("projected", Text(vi="Đã áp dụng", en="Applied")),
                ("last_committed_at", Text(vi="Lần nhận cuối", en="Last received")),
                ("dead_letters", Text(vi="Bị gạt ra", en="Set aside")),
            ),
            below=(("complete_through", Text(vi="Đủ đến", en="Complete through")),),
        ),
        LINKS_PAGE,
    ),
    session=lambda settings: tier_session(settings, APPS),
)
app = command_line(PROGRAM)
tokens = typer.Typer(no_args_is_help=True, help="Mã tham gia. / Join tokens.")
nodes = typer.Typer(no_args_is_help=True, help="Các nút. / The nodes.")
app.add_typer(tokens, name="token")
app.add_typer(nodes, name="nodes")
app.add_typer(
    expected_commands(lambda config: PROGRAM.load(config).values.database_url),
    name="expected",
)


@tokens.command("create")
def create_token(
    node: Annotated[str, typer.Option(help="Nút được mời. / The node invited.")],
    area: Annotated[
        list[str],
        typer.Option(help="LUỒNG=ĐƠN_VỊ[,…][:parts]. / STREAM=LOCALITY[,…][:parts]."),
    ],
    config: ConfigOption = None,
    expires_hours: Annotated[
        int, typer.Option(min=1, help="Hạn dùng, giờ. / Valid for, hours.")
    ] = TOKEN_HOURS,
    out: Annotated[
        Path | None,
        typer.Option(help="Ghi vào tệp riêng tư. / Write to a private file."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Mời một nút: mã dùng một lần. / Invite a node: a token for one use."""
    settings = PROGRAM.load(config).values
    lifetime = timedelta(hours=expires_hours)
    ticket = run(_new_ticket(settings, node, area, lifetime))
    if out is not None:
        write_ticket(out, ticket)
    if as_json:
        shown = None if out is not None else ticket.token
        output.print_json(
            {"node": node, "token": shown, "file": str(out) if out else None}
        )
    elif out is None:
        output.console().print(ticket.token, markup=False)
    else:
        output.console().print(str(out), markup=False)


async def _new_ticket(
    settings: HubSettings, node: str, areas: Sequence[str], lifetime: timedelta
) -> JoinTicket:
    async with open_hub(settings, clock=SystemClock()) as hub:
        token = await hub.registry.create_token(
            node=node,
            areas=[read_area(text, hub.places) for text in areas],
            lifetime=lifetime,
        )
        return JoinTicket(token=token, node=node, parent_key_id=hub.signer.key_id)


@nodes.command("list")
def list_nodes(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các nút đã tham gia. / Nodes that joined."""
    found = run(_joined(PROGRAM.load(config).values))
    if as_json:
        output.print_json(
            [
                {
                    "node": node.id,
                    "key_id": node.key_id.hex(),
                    "enrolled_at": node.enrolled_at.isoformat(),
                    "software_version": node.software_version,
                    "quarantined": node.quarantined_at is not None,
                    "streams": streams,
                }
                for node, streams in found
            ]
        )
        return
    output.print_table(
        Text(vi="Các nút", en="Nodes"),
        [
            Text(vi="Nút", en="Node"),
            Text(vi="Luồng", en="Streams"),
            Text(vi="Tham gia lúc", en="Joined"),
            Text(vi="Phiên bản", en="Version"),
            Text(vi="Được gửi", en="May send"),
        ],
        [
            [
                node.id,
                ", ".join(streams),
                node.enrolled_at.isoformat(timespec="seconds"),
                node.software_version,
                output.mark(node.quarantined_at is None),
            ]
            for node, streams in found
        ],
    )


async def _joined(settings: HubSettings) -> list[tuple[ChildNode, list[str]]]:
    async with open_hub(settings, clock=SystemClock()) as hub:
        assignments = await hub.registry.assignments()
        return [
            (
                node,
                sorted(
                    stream
                    for stream, document in assignments.items()
                    if document.node == node.id
                ),
            )
            for node in await hub.registry.nodes()
        ]


def _accounts(config: Path | None) -> AccountsPlace:
    settings = PROGRAM.load(config).values
    return AccountsPlace(
        database_url=settings.database.url.get_secret_value(),
        generated_file=settings.password_file,
    )


app.add_typer(administrator_commands(_accounts, APPS), name="admin")
app.add_typer(
    history_commands(lambda config: PROGRAM.load(config).values.database_url),
    name="history",
)


def main() -> NoReturn:
    """Run the command line."""
    run_main(app)
