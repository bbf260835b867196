"""Who may talk, and for which stream: the checks of Open and Hello."""

from __future__ import annotations

import structlog

from federation.errors import FederationError
from federation.identity.documents import AssignmentDocument, open_assignment
from federation.identity.registry import ChildNode
from federation.identity.signatures import (
    BOOT_ID_BYTES,
    NONCE_BYTES,
    Purpose,
    sign,
    verified,
)
from federation.inbox.limits import NAME_CHARACTERS_MAX
from federation.inbox.services import Services
from federation.wire.frames import PROTOCOL_VERSION
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1 import uplink_pb2 as pb

log = structlog.get_logger(__name__)


def check_open(opened: pb.Open) -> None:
    """Raise ``WireError`` (``MALFORMED``, ``VERSION_UNSUPPORTED``) on a bad Open."""
    if (
        not 0 < len(opened.node) <= NAME_CHARACTERS_MAX
        or len(opened.nonce) != NONCE_BYTES
        or len(opened.boot_id) != BOOT_ID_BYTES
    ):
        raise wire_error(RefusalCode.MALFORMED, "node, nonce, boot_id")
    if PROTOCOL_VERSION not in opened.protocol_versions:
        raise wire_error(RefusalCode.VERSION_UNSUPPORTED)


def challenge(
    services: Services, opened: pb.Open, *, nonce: bytes, received_at_us: int
) -> pb.Challenge:
    """Return the answer to an Open: who the parent is, and what every hello echoes."""
    limits = services.limits
    return pb.Challenge(
        nonce=nonce,
        signature=sign(
            services.signer,
            Purpose.CHALLENGE,
            opened.nonce,
            nonce,
            opened.node,
            opened.boot_id,
        ),
        key_id=services.signer.key_id,
        protocol_version=PROTOCOL_VERSION,
        credit=pb.Credit(frames=limits.credit_frames, bytes=limits.credit_bytes),
        heartbeat_interval_s=limits.heartbeat_interval_s,
        received_at_us=received_at_us,
    )


async def standing(services: Services, *, node: str, key_id: bytes) -> ChildNode:
    """Return the node when it may talk with this key.

    Raises:
        WireError: ``NODE_UNKNOWN``, ``KEY_UNKNOWN`` or ``QUARANTINED``.
    """
    found = await services.registry.node(node)
    if found is None:
        raise wire_error(RefusalCode.NODE_UNKNOWN, node)
    if found.key_id != key_id:
        raise wire_error(RefusalCode.KEY_UNKNOWN, node)
    if found.quarantined_at is not None:
        raise wire_error(RefusalCode.QUARANTINED, node)
    return found


async def assignment_of_hello(
    services: Services,
    hello: pb.Hello,
    *,
    opened: pb.Open,
    node: ChildNode,
    nonce: bytes,
) -> AssignmentDocument:
    """Return the newest assignment of a genuine hello's stream.

    Raises:
        WireError: ``NONCE_INVALID``, ``SIGNATURE_INVALID``, ``FENCED`` or
            ``STREAM_NOT_ASSIGNED``.
    """
    if hello.nonce != nonce:
        raise wire_error(RefusalCode.NONCE_INVALID)
    if not verified(
        node.verifier,
        hello.signature,
        Purpose.HELLO,
        nonce,
        node.id,
        hello.stream,
        opened.boot_id,
    ):
        raise wire_error(RefusalCode.SIGNATURE_INVALID, "Hello")
    if hello.HasField("assignment"):
        await _learn_again(services, hello)
    newest = await services.registry.assignment(hello.stream)
    if newest is not None and newest.node == node.id:
        if hello.fence > newest.fence:
            # This parent was restored, and the child was fenced off meanwhile.
            raise wire_error(RefusalCode.FENCED, f"{hello.fence} > {newest.fence}")
        return newest
    if await services.registry.was_assigned(hello.stream, node.id):
        raise wire_error(RefusalCode.FENCED, hello.stream)
    raise wire_error(RefusalCode.STREAM_NOT_ASSIGNED, hello.stream)


async def _learn_again(services: Services, hello: pb.Hello) -> None:
    """Adopt an assignment that this parent signed before it was restored."""
    try:
        shown = open_assignment(hello.assignment, services.signer.verifier())
    except FederationError:
        # Signed by an earlier key of this parent, or by nobody: worth nothing.
        log.warning("assignment_not_ours", stream=hello.stream)
        return
    known = await services.registry.assignment(shown.stream)
    if known is None or known.fence < shown.fence:
        log.warning("assignment_learned", stream=shown.stream, fence=shown.fence)
        await services.registry.adopt(shown)
