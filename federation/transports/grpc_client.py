"""The child's side of a link over gRPC.

Every link has a channel of its own, so that a new link never inherits a broken one.
Calls are cancelled before their channel closes: abandoned calls are not collected
(grpcio #43462), and a channel that closes under a reader leaks its socket (#42125).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable
from typing import Any, TypeVar

import grpc

from federation.transports import (
    MESSAGE_BYTES_MAX,
    LinkClosedError,
    closed,
    read_enrollment,
    read_response,
    unreachable,
)
from federation.wire.v1.uplink_pb2 import (
    EnrollRequest,
    EnrollResponse,
    LinkRequest,
    LinkResponse,
)

LINK_METHOD = "/federation.wire.v1.UplinkService/Link"
ENROLL_METHOD = "/federation.wire.v1.UplinkService/Enroll"

Answer = TypeVar("Answer")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GrpcClientLimits:
    """How long anything may take."""

    connect_timeout_s: float = 10.0
    """A parent that has not answered by then counts as unreachable."""
    enroll_timeout_s: float = 20.0
    """Deadline of the enrolment call."""
    send_timeout_s: float = 30.0
    """A message that the flow control has not let through by then ends the link."""
    keepalive_interval_s: float = 25.0
    """Ping of an idle connection. The server must permit it: a default one refuses
    more than one ping in five minutes."""
    keepalive_timeout_s: float = 10.0
    """A ping without an answer for so long ends the link."""


class GrpcTransport:
    """A way to the parent at ``host:port``.

    Args:
        address: ``host:port`` of the parent.
        credentials: TLS of the channel; None speaks plain HTTP/2.
        limits: Times.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        limits: GrpcClientLimits | None = None,
    ) -> None:
        self.address = address
        self._credentials = credentials
        self._limits = limits or GrpcClientLimits()

    async def connect(self) -> GrpcConnection:
        """Open a channel, wait until it is ready, and begin the call."""
        channel = self._channel()
        try:
            async with asyncio.timeout(self._limits.connect_timeout_s):
                await channel.channel_ready()
        except BaseException as error:
            await channel.close()
            if isinstance(error, TimeoutError):
                raise unreachable(self.address, "timeout") from error
            raise
        call = channel.stream_stream(
            LINK_METHOD, request_serializer=LinkRequest.SerializeToString
        )()
        return GrpcConnection(self.address, channel, call, self._limits)

    async def enroll(self, request: EnrollRequest) -> EnrollResponse:
        """Ask once to be known."""
        channel = self._channel()
        call = channel.unary_unary(
            ENROLL_METHOD, request_serializer=EnrollRequest.SerializeToString
        )(request, timeout=self._limits.enroll_timeout_s)
        try:
            return read_enrollment(await call)
        except grpc.aio.AioRpcError as error:
            raise unreachable(self.address, _reason(error)) from error
        finally:
            call.cancel()
            await channel.close()

    async def close(self) -> None:
        """Nothing is held between links."""

    def _channel(self) -> grpc.aio.Channel:
        options = [
            ("grpc.keepalive_time_ms", int(self._limits.keepalive_interval_s * 1000)),
            (
                "grpc.keepalive_timeout_ms",
                int(self._limits.keepalive_timeout_s * 1000),
            ),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
            # Back-off is the uplink's own, and each link has a socket of its own.
            ("grpc.enable_retries", 0),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if self._credentials is None:
            return grpc.aio.insecure_channel(self.address, options=options)
        return grpc.aio.secure_channel(self.address, self._credentials, options=options)


class GrpcConnection:
    """One call on a channel of its own."""

    def __init__(
        self,
        address: str,
        channel: grpc.aio.Channel,
        call: grpc.aio.StreamStreamCall[Any, Any],
        limits: GrpcClientLimits,
    ) -> None:
        self._address = address
        self._channel = channel
        self._call = call
        self._limits = limits

    async def send(self, message: LinkRequest) -> None:
        """Hand a message over; wait while the flow control holds it back."""
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                await self._told(self._call.write(message))
        except TimeoutError as error:
            raise self._closed("send timeout") from error

    async def receive(self) -> LinkResponse:
        """Return the parent's next message."""
        data = await self._told(self._call.read())
        if data is grpc.aio.EOF:
            raise self._closed("end")
        return read_response(data)

    async def close(self) -> None:
        """Cancel the call, then close the channel; twice does no harm."""
        self._call.cancel()
        await self._channel.close()

    async def _told(self, step: Awaitable[Answer]) -> Answer:
        """Return what a step of the call gives; tell its end as ours."""
        try:
            return await step
        except grpc.aio.AioRpcError as error:
            raise self._closed(_reason(error)) from error
        except asyncio.InvalidStateError as error:
            raise self._closed("ended before") from error
        except asyncio.CancelledError as error:
            # A cancelled call says so with the error that also cancels a task.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise self._closed("cancelled") from error

    def _closed(self, reason: str) -> LinkClosedError:
        return closed(self._address, reason)


def _reason(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name} {error.details()}".strip()
