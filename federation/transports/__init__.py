"""What carries the conversation of a child with its parent, and nothing else.

A transport connects; a connection carries whole messages both ways, in order, until
either side ends it. It promises no delivery: a message that was sent may never arrive,
and only the parent's cursor tells what did. Who calls has at most one ``receive`` under
way, cancels it and waits for it before ``close``.

``memory``       both sides in one process, for tests and simulations
``grpc_client``  the child's side over gRPC
``grpc_server``  the parent's side over gRPC
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from google.protobuf.message import DecodeError

from federation.errors import ErrorCode, FederationError
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1.uplink_pb2 import (
    EnrollRequest,
    EnrollResponse,
    LinkRequest,
    LinkResponse,
)

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
"""A longer message is refused by the transport; the largest frame is 3 MiB."""


class TransportError(FederationError):
    """The parent cannot be reached or the link is gone; trying again may help."""


class LinkClosedError(TransportError):
    """The link ended: by the parent, or because the way to it broke."""


class Connection(Protocol):
    """One link, from connecting to closing."""

    async def send(self, message: LinkRequest) -> None:
        """Hand a message over; wait while the way is full.

        Raises:
            TransportError: The link is gone, or stayed full for too long.
        """
        ...

    async def receive(self) -> LinkResponse:
        """Return the parent's next message.

        Raises:
            LinkClosedError: There will be none.
            WireError: ``MALFORMED``; what came is no message of a parent.
        """
        ...

    async def close(self) -> None:
        """End the link and free what it holds; safe to call twice."""
        ...


class Transport(Protocol):
    """A way to one parent."""

    async def connect(self) -> Connection:
        """Open a link.

        Raises:
            TransportError: The parent cannot be reached.
        """
        ...

    async def enroll(self, request: EnrollRequest) -> EnrollResponse:
        """Ask once to be known.

        Raises:
            TransportError: The parent cannot be reached.
            WireError: ``MALFORMED``; what came is no answer of a parent.
        """
        ...

    async def close(self) -> None:
        """Free what the transport itself holds; its connections are closed before."""
        ...


class ParentEndpoint(Protocol):
    """What a parent offers, whatever carries it."""

    async def enroll(self, request: EnrollRequest) -> EnrollResponse:
        """Answer a node that asks to be known."""
        ...

    def converse(
        self, requests: AsyncIterator[LinkRequest]
    ) -> AsyncIterator[LinkResponse]:
        """Hold one link: it ends with ``requests``, or when the parent ends it."""
        ...


def read_response(data: bytes) -> LinkResponse:
    """Return a parent's message.

    Raises:
        WireError: ``MALFORMED`` when the bytes are none, or it says nothing that
            this version knows.
    """
    try:
        response = LinkResponse.FromString(data)
    except DecodeError as error:
        raise wire_error(RefusalCode.MALFORMED, "LinkResponse") from error
    if response.WhichOneof("message") is None:
        raise wire_error(RefusalCode.MALFORMED, "LinkResponse: empty")
    return response


def read_enrollment(data: bytes) -> EnrollResponse:
    """Return a parent's answer to a node that asked to be known.

    Raises:
        WireError: ``MALFORMED``.
    """
    try:
        return EnrollResponse.FromString(data)
    except DecodeError as error:
        raise wire_error(RefusalCode.MALFORMED, "EnrollResponse") from error


def unreachable(address: str, reason: str) -> TransportError:
    """Return the error of a parent that does not answer at its address."""
    return TransportError(
        ErrorCode.UNAVAILABLE,
        f"Không kết nối được với cấp trên tại {address} ({reason}). Hệ thống sẽ tự "
        "thử lại; nếu kéo dài, hãy kiểm tra địa chỉ, tường lửa và máy của cấp trên.",
        f"The parent at {address} cannot be reached ({reason}). It will be tried "
        "again; if this lasts, check the address, the firewall and the parent's "
        "machine.",
        {"address": address},
    )


def closed(address: str, reason: str) -> LinkClosedError:
    """Return the error of a link that ended."""
    return LinkClosedError(
        ErrorCode.UNAVAILABLE,
        f"Kết nối với cấp trên tại {address} đã đóng ({reason}). Hệ thống sẽ tự kết "
        "nối lại.",
        f"The link to the parent at {address} ended ({reason}). It will be connected "
        "again.",
        {"address": address},
    )
