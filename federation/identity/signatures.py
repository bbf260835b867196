"""What is signed besides frames, each kind apart from every other.

A signature covers a purpose and then the parts, each with its length before it. So a
signature made for one purpose can never be shown for another, and no two lists of parts
give the same bytes.

Frames are signed over their body alone. A body begins with the protobuf tag 0x08; a
purpose begins with the letter "f" (0x66, no valid tag), so the two cannot meet.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

NONCE_BYTES = 32
BOOT_ID_BYTES = 16


class Purpose(Enum):
    """Why something was signed."""

    ENROLMENT = b"federation/v1/enrolment"
    """The node holds the key it enrols: node, token, public key."""
    CHALLENGE = b"federation/v1/challenge"
    """The parent is who it says: child's nonce, parent's nonce, node, boot id."""
    HELLO = b"federation/v1/hello"
    """The node is who it says: parent's nonce, node, stream, boot id."""
    RECEIPT = b"federation/v1/receipt"
    """The parent holds a stream up to a position: a serialised ``ReceiptBody``."""
    ASSIGNMENT = b"federation/v1/assignment"
    """A node speaks for an area: a serialised ``AssignmentBody``."""


class Signs(Protocol):
    """Whatever signs bytes; ``keys.Signer`` is one."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message."""
        ...


class Verifies(Protocol):
    """Whatever checks signatures; ``keys.Verifier`` is one."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Return whether the signature is right."""
        ...


def signed_bytes(purpose: Purpose, *parts: bytes | str) -> bytes:
    """Return the bytes a signature covers."""
    packed = [purpose.value]
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        packed += [len(raw).to_bytes(4, "big"), raw]
    return b"".join(packed)


def sign(signer: Signs, purpose: Purpose, *parts: bytes | str) -> bytes:
    """Return the signature over the parts for one purpose."""
    return signer.sign(signed_bytes(purpose, *parts))


def verified(
    verifier: Verifies, signature: bytes, purpose: Purpose, *parts: bytes | str
) -> bool:
    """Return whether the parts were signed for this purpose."""
    return verifier.verify(signed_bytes(purpose, *parts), signature)
