"""The parent's side of links over gRPC, with health and reflection.

A link ends cleanly from either side: the endpoint's iterator is always closed, and with
it the reader of the call. Messages are decoded here and not by gRPC, so that one that
can't be read is refused with words instead of a bare status.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from federation.errors import ErrorCode, FederationError
from federation.transports import MESSAGE_BYTES_MAX, ParentEndpoint
from federation.wire.v1 import uplink_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["UplinkService"].full_name

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class UplinkServerSettings:
    """What an operator may set."""

    address: str = "127.0.0.1:0"
    """``host:port``; port 0 takes a free one."""
    credentials: grpc.ServerCredentials | None = None
    """TLS; None speaks plain HTTP/2, for a loopback or behind a proxy."""
    reflection: bool = True
    """Whether tools may ask which services there are."""
    calls_max: int = 2_200
    """Calls at once; one more is refused by gRPC as exhausted."""
    keepalive_interval_s: float = 25.0
    """Ping of an idle connection."""
    keepalive_timeout_s: float = 10.0
    """A ping without an answer for so long ends the connection."""
    ping_interval_min_s: float = 10.0
    """A child that pings more often is cut off; gRPC's own default is five minutes."""
    stop_grace_s: float = 3.0
    """How long calls may go on after ``stop`` before they are cancelled."""

    def options(self) -> list[tuple[str, int]]:
        """Return the channel arguments."""
        return [
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
            ("grpc.keepalive_time_ms", int(self.keepalive_interval_s * 1000)),
            ("grpc.keepalive_timeout_ms", int(self.keepalive_timeout_s * 1000)),
            ("grpc.keepalive_permit_without_calls", 1),
            (
                "grpc.http2.min_recv_ping_interval_without_data_ms",
                int(self.ping_interval_min_s * 1000),
            ),
            # A second server on the port must fail and not share its connections.
            ("grpc.so_reuseport", 0),
        ]


class UplinkServer:
    """Offers an endpoint to children over gRPC."""

    def __init__(
        self, endpoint: ParentEndpoint, settings: UplinkServerSettings | None = None
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings or UplinkServerSettings()
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None
        self.port = 0
        """Port the server listens on, once it started."""

    async def start(self) -> int:
        """Listen; return the port.

        Raises:
            FederationError: The address can't be listened on (``configuration``).
        """
        settings = self._settings
        server = grpc.aio.server(
            options=settings.options(), maximum_concurrent_rpcs=settings.calls_max
        )
        server.add_generic_rpc_handlers((self._handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if settings.reflection:
            names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, server)
        try:
            if settings.credentials is None:
                self.port = server.add_insecure_port(settings.address)
            else:
                self.port = server.add_secure_port(
                    settings.address, settings.credentials
                )
        except RuntimeError as error:
            raise FederationError(
                ErrorCode.CONFIGURATION,
                f"Không mở được địa chỉ {settings.address} cho liên kết gRPC. Kiểm tra "
                "địa chỉ trong cấu hình và chương trình khác đang dùng cổng đó.",
                f"The address {settings.address} cannot be opened for gRPC links. "
                "Check it in the configuration, and what else uses the port.",
                {"address": settings.address},
            ) from error
        await server.start()
        self._server = server
        await self.set_serving(True)
        log.info("grpc_listening", address=settings.address, port=self.port)
        return self.port

    async def set_serving(self, serving: bool) -> None:
        """Tell health checks whether children are served."""
        status = health_pb2.HealthCheckResponse.ServingStatus
        for name in ("", SERVICE):
            await self._health.set(
                name, status.SERVING if serving else status.NOT_SERVING
            )

    async def stop(self) -> None:
        """Stop: no new call, a grace for those under way, then the rest is cancelled.

        Close the endpoint first, so that its children hear a goodbye.
        """
        if self._server is None:
            return
        server, self._server = self._server, None
        await self._health.enter_graceful_shutdown()
        await server.stop(self._settings.stop_grace_s)
        log.info("grpc_stopped", port=self.port)

    def _handlers(self) -> Any:
        methods = {
            "Enroll": grpc.unary_unary_rpc_method_handler(
                self._enroll,
                response_serializer=pb.EnrollResponse.SerializeToString,
            ),
            "Link": grpc.stream_stream_rpc_method_handler(
                self._link, response_serializer=pb.LinkResponse.SerializeToString
            ),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    async def _enroll(
        self, data: bytes, _context: grpc.aio.ServicerContext
    ) -> pb.EnrollResponse:
        try:
            request = pb.EnrollRequest.FromString(data)
        except DecodeError:
            # An empty request has no node and is refused as malformed.
            request = pb.EnrollRequest()
        return await self._endpoint.enroll(request)

    async def _link(
        self, messages: AsyncIterator[bytes], _context: grpc.aio.ServicerContext
    ) -> AsyncGenerator[pb.LinkResponse, None]:
        responses = self._endpoint.converse(_requests(messages))
        try:
            async for response in responses:
                yield response
        finally:
            if isinstance(responses, AsyncGenerator):
                await responses.aclose()


async def _requests(messages: AsyncIterator[bytes]) -> AsyncIterator[pb.LinkRequest]:
    """Yield the child's messages; end when the call ends, for whatever reason."""
    with contextlib.suppress(grpc.aio.BaseError):
        async for data in messages:
            try:
                yield pb.LinkRequest.FromString(data)
            except DecodeError:
                # Says nothing, so that it is refused as malformed.
                yield pb.LinkRequest()
