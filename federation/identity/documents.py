"""Assignments and receipts: what a parent signs and both sides verify.

The bytes are kept and shown as they were signed; nobody encodes them again.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime

from google.protobuf.message import DecodeError

from federation.clock import from_us, to_us
from federation.errors import ErrorCode, FederationError
from federation.identity.keys import Signer, Verifier
from federation.identity.signatures import Purpose, sign, verified
from federation.wire.frames import GENESIS_HEAD
from federation.wire.v1 import uplink_pb2 as pb


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ChainPosition:
    """A place in a stream's chain; ordered by (epoch, sequence)."""

    epoch: int
    sequence: int
    head: bytes = GENESIS_HEAD

    @classmethod
    def of(cls, message: pb.Position) -> ChainPosition:
        """Return the value of a message; an absent head is the start of all chains."""
        return cls(
            epoch=message.epoch,
            sequence=message.sequence,
            head=message.head or GENESIS_HEAD,
        )

    def message(self) -> pb.Position:
        """Return the message."""
        return pb.Position(epoch=self.epoch, sequence=self.sequence, head=self.head)


START = ChainPosition(epoch=0, sequence=0)
"""Where a stream is before its first epoch."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """What a stream speaks for."""

    stream: str
    localities: tuple[str, ...]
    includes_parts: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AssignmentDocument:
    """A node speaks for an area; the highest fence ever signed wins."""

    area: Area
    node: str
    fence: int
    signed_at: datetime
    body: bytes
    signature: bytes
    key_id: bytes

    @property
    def stream(self) -> str:
        """Return the area's stream."""
        return self.area.stream

    def message(self) -> pb.Assignment:
        """Return the message, with the signed bytes untouched."""
        return pb.Assignment(
            body=self.body, signature=self.signature, key_id=self.key_id
        )


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptDocument:
    """A parent holds a stream up to a position."""

    stream: str
    position: ChainPosition
    signed_at: datetime
    body: bytes
    signature: bytes
    key_id: bytes

    def message(self) -> pb.Receipt:
        """Return the message, with the signed bytes untouched."""
        return pb.Receipt(body=self.body, signature=self.signature, key_id=self.key_id)


def sign_assignment(
    signer: Signer, *, area: Area, node: str, fence: int, signed_at: datetime
) -> AssignmentDocument:
    """Return a new assignment of an area to a node."""
    body = pb.AssignmentBody(
        stream=area.stream,
        node=node,
        fence=fence,
        signed_at_us=to_us(signed_at),
        localities=area.localities,
        includes_parts=area.includes_parts,
    ).SerializeToString(deterministic=True)
    return AssignmentDocument(
        area=area,
        node=node,
        fence=fence,
        signed_at=signed_at,
        body=body,
        signature=sign(signer, Purpose.ASSIGNMENT, body),
        key_id=signer.key_id,
    )


def open_assignment(message: pb.Assignment, verifier: Verifier) -> AssignmentDocument:
    """Return an assignment once its signature is verified.

    Raises:
        FederationError: Another key signed it, or it cannot be read (``wire``).
    """
    _check(verifier, Purpose.ASSIGNMENT, message.body, message.signature)
    return stored_assignment(message.body, message.signature, verifier.key_id)


def stored_assignment(
    body: bytes, signature: bytes, key_id: bytes
) -> AssignmentDocument:
    """Return an assignment that was verified, or made, before it was stored.

    Raises:
        FederationError: It cannot be read (``wire``).
    """
    try:
        message = pb.AssignmentBody.FromString(body)
    except DecodeError as error:
        raise _unreadable(Purpose.ASSIGNMENT) from error
    return AssignmentDocument(
        area=Area(
            stream=message.stream,
            localities=tuple(message.localities),
            includes_parts=message.includes_parts,
        ),
        node=message.node,
        fence=message.fence,
        signed_at=from_us(message.signed_at_us),
        body=body,
        signature=signature,
        key_id=key_id,
    )


def sign_receipt(
    signer: Signer, *, stream: str, position: ChainPosition, signed_at: datetime
) -> ReceiptDocument:
    """Return a receipt for what is committed; never call it before the commit."""
    body = pb.ReceiptBody(
        stream=stream, position=position.message(), signed_at_us=to_us(signed_at)
    ).SerializeToString(deterministic=True)
    return ReceiptDocument(
        stream=stream,
        position=position,
        signed_at=signed_at,
        body=body,
        signature=sign(signer, Purpose.RECEIPT, body),
        key_id=signer.key_id,
    )


def open_receipt(message: pb.Receipt, verifier: Verifier) -> ReceiptDocument:
    """Return a receipt once its signature is verified.

    Raises:
        FederationError: Another key signed it, or it cannot be read (``wire``).
    """
    _check(verifier, Purpose.RECEIPT, message.body, message.signature)
    try:
        body = pb.ReceiptBody.FromString(message.body)
    except DecodeError as error:
        raise _unreadable(Purpose.RECEIPT) from error
    return ReceiptDocument(
        stream=body.stream,
        position=ChainPosition.of(body.position),
        signed_at=from_us(body.signed_at_us),
        body=message.body,
        signature=message.signature,
        key_id=verifier.key_id,
    )


def _check(verifier: Verifier, purpose: Purpose, body: bytes, signature: bytes) -> None:
    if not verified(verifier, signature, purpose, body):
        name = purpose.name.lower()
        raise FederationError(
            ErrorCode.WIRE,
            f"Chữ ký trên văn bản ({name}) không phải của cấp trên đã ghi danh. Kiểm "
            "tra địa chỉ cấp trên trong cấu hình.",
            f"The signature on the document ({name}) is not of the parent this node "
            "joined. Check the parent's address in the configuration.",
            {"document": name, "key_id": verifier.key_id.hex()},
        )


def _unreadable(purpose: Purpose) -> FederationError:
    name = purpose.name.lower()
    return FederationError(
        ErrorCode.WIRE,
        f"Không đọc được văn bản đã ký ({name}). Kiểm tra phiên bản phần mềm hai bên.",
        f"The signed document ({name}) cannot be read. Check the software versions of "
        "both sides.",
        {"document": name},
    )
