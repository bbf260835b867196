"""What every link of a parent works with, and the answers all of them give."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import structlog

from federation.clock import Clock
from federation.identity.documents import (
    AssignmentDocument,
    ChainPosition,
    sign_receipt,
)
from federation.identity.keys import Signer
from federation.identity.refusals import refusal_of
from federation.identity.registry import Registry
from federation.inbox.limits import LinkLimits
from federation.inbox.records import Cursor
from federation.inbox.store import InboxStore
from federation.storage.errors import StorageError
from federation.wire.refusal import RefusalCode, WireError, wire_error
from federation.wire.v1 import uplink_pb2 as pb

log = structlog.get_logger(__name__)

SECURITY_CODES = frozenset(
    {
        RefusalCode.NODE_UNKNOWN,
        RefusalCode.KEY_UNKNOWN,
        RefusalCode.SIGNATURE_INVALID,
        RefusalCode.NONCE_INVALID,
        RefusalCode.STREAM_NOT_ASSIGNED,
        RefusalCode.FENCED,
        RefusalCode.QUARANTINED,
        RefusalCode.TOKEN_UNKNOWN,
        RefusalCode.TOKEN_USED,
    }
)
"""Refusals that may be somebody's attempt; their log lines say so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Services:
    """What every session of a parent works with."""

    parent: str
    """Id of this tier."""
    signer: Signer
    registry: Registry
    store: InboxStore
    clock: Clock
    limits: LinkLimits = dataclasses.field(default_factory=LinkLimits)

    def receipt(self, stream: str, position: ChainPosition) -> pb.Receipt:
        """Return the signed word that a position is committed."""
        return sign_receipt(
            self.signer, stream=stream, position=position, signed_at=self.clock.now()
        ).message()

    def acknowledgement(
        self, cursor: Cursor, set_aside: Sequence[pb.SetAside] = ()
    ) -> pb.LinkResponse:
        """Return the word that all up to a committed cursor is held."""
        return pb.LinkResponse(
            acknowledgement=pb.Acknowledgement(
                stream=cursor.stream,
                cursor=cursor.position.message(),
                receipt=self.receipt(cursor.stream, cursor.position),
                set_aside=set_aside,
            )
        )


@dataclasses.dataclass(kw_only=True)
class OpenStream:
    """A stream that said a genuine hello on this link."""

    assignment: AssignmentDocument
    cursor: Cursor
    stopped: bool = False
    """True after a refusal, until the next hello: what was under way behind a refused
    frame was sent on the same mistaken ground."""
    gap_asked_at: datetime | None = None


class LinkRefusedError(Exception):
    """The link itself is refused: the refusal is sent and the link ends."""

    def __init__(self, error: WireError) -> None:
        super().__init__(error.text_en)
        self.error = error


def refuse(
    error: WireError,
    *,
    node: str,
    stream: str = "",
    position: ChainPosition | None = None,
) -> pb.LinkResponse:
    """Return a refusal, and write it to the log."""
    log.warning(
        "inbox_refused",
        code=error.refusal.name,
        security=error.refusal in SECURITY_CODES,
        node=node,
        stream=stream,
        why=error.text_en,
    )
    return pb.LinkResponse(
        refusal=refusal_of(
            error, stream=stream, position=position.message() if position else None
        )
    )


def unavailable(error: StorageError, *, node: str) -> WireError:
    """Return what a child is told while the database doesn't answer."""
    log.error("inbox_storage_unavailable", node=node, why=str(error))
    return wire_error(RefusalCode.UNAVAILABLE)
