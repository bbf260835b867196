"""The node's link to its parent: what it sends, with which key, and how that stands."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from city_node.config import NodeSettings
from city_node.node import Node
from federation.api.schemas import LinkOut, TextOut
from federation.identity.enrolment import PostgresEnrolmentStore
from federation.identity.keys import load_or_create_key
from federation.identity.tokens import JoinTicket, read_ticket
from federation.outbox.announcer import TableAnnouncer
from federation.outbox.postgres import PostgresOutbox
from federation.outbox.store import Sealer
from federation.transports.grpc_client import GrpcTransport
from federation.uplink.conversation import Node as NodeOnLink
from federation.uplink.status import StreamStatus
from federation.uplink.uplink import Uplink

BOOT_ID_BYTES = 16


def uplink_of(node: Node, *, software_version: str) -> Uplink | None:
    """Return the uplink of a node; None where it has no parent."""
    settings = node.settings
    if not settings.parent.address:
        return None
    places = {place.id: place for place in node.places.all()}
    signer = load_or_create_key(settings.key_file)
    boot_id = secrets.token_bytes(BOOT_ID_BYTES)
    outbox = PostgresOutbox(
        node.pool,
        sealer=Sealer(signer=signer, boot_id=boot_id),
        clock=node.clock,
        announcer=TableAnnouncer(localities=lambda: places),
    )
    return Uplink(
        node=NodeOnLink(
            id=settings.tier.id,
            signer=signer,
            boot_id=boot_id,
            software_version=software_version,
        ),
        transport=GrpcTransport(settings.parent.address),
        outbox=outbox,
        enrolments=PostgresEnrolmentStore(node.pool),
        read_ticket=lambda: _ticket(settings),
        clock=node.clock,
    )


async def links_of(uplink: Uplink | None) -> list[LinkOut]:
    """Return how each stream stands, as REST shows it."""
    if uplink is None:
        return []
    streams: Sequence[StreamStatus] = (await uplink.status()).streams
    return [_link(stream) for stream in streams]


def _link(stream: StreamStatus) -> LinkOut:
    at, error = stream.last_acknowledged_at, stream.last_error
    return LinkOut(
        stream=stream.stream,
        parent=stream.parent,
        state=stream.state.value,
        epoch=stream.epoch,
        sealed=stream.sealed,
        acknowledged=stream.acknowledged,
        pending_rows=stream.pending_rows,
        last_acknowledged_at=None if at is None else at.isoformat(),
        last_error=None if error is None else TextOut(vi=error.vi, en=error.en),
    )


def _ticket(settings: NodeSettings) -> JoinTicket | None:
    path: Path | None = settings.parent.token_file
    if path is None or not path.exists():
        return None
    return read_ticket(path.read_text(encoding="utf-8"))
