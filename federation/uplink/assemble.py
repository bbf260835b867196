"""The uplink as the programs run it: over gRPC, from the outbox in PostgreSQL."""

import secrets
from pathlib import Path

from federation.clock import Clock
from federation.identity.enrolment import PostgresEnrolmentStore
from federation.identity.keys import Signer
from federation.identity.signatures import BOOT_ID_BYTES
from federation.identity.tokens import JoinTicket, read_ticket
from federation.outbox.announcer import Announcer
from federation.outbox.postgres import PostgresOutbox
from federation.outbox.store import Sealer
from federation.storage.pool import Pool, PooledConnection
from federation.transports.grpc_client import GrpcTransport
from federation.uplink.conversation import Node
from federation.uplink.uplink import Uplink


def assemble_uplink(
    *,
    node: str,
    signer: Signer,
    parent_address: str,
    token_file: Path | None,
    pool: Pool,
    announcer: Announcer[PooledConnection],
    clock: Clock,
    software_version: str,
) -> Uplink:
    """Return the uplink of a tier; every call is a boot of its own."""
    boot_id = secrets.token_bytes(BOOT_ID_BYTES)
    return Uplink(
        node=Node(
            id=node, signer=signer, boot_id=boot_id, software_version=software_version
        ),
        transport=GrpcTransport(parent_address),
        outbox=PostgresOutbox(
            pool,
            sealer=Sealer(signer=signer, boot_id=boot_id),
            clock=clock,
            announcer=announcer,
        ),
        enrolments=PostgresEnrolmentStore(pool),
        read_ticket=lambda: _ticket(token_file),
        clock=clock,
    )


def _ticket(file: Path | None) -> JoinTicket | None:
    if file is None or not file.exists():
        return None
    return read_ticket(file.read_text(encoding="utf-8"))
