"""The HTTP server as a task of a service."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from litestar import Litestar

from federation.errors import ErrorCode, FederationError

GRACE_S = 5
"""How long open requests may take to end when the service stops."""

CONNECTIONS_MAX = 1000
"""At the limit further requests are answered 503 at once."""

BACKLOG = 256

log = structlog.get_logger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        FederationError: ``CONFIGURATION`` when the address can't be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise FederationError(
            ErrorCode.CONFIGURATION,
            f"Không mở được cổng REST {host}:{port}: {error.strerror}. Chọn cổng khác "
            "(api.port) hoặc dừng chương trình đang giữ cổng.",
            f"The REST port {host}:{port} can't be opened: {error.strerror}. Choose "
            "another one (api.port), or stop the program that holds it.",
            {"host": host, "port": port},
        ) from error
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """A server whose service handles the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class RestServer:
    """Serves an application on a socket until it is cancelled."""

    def __init__(
        self, app: Litestar, listener: socket.socket, *, trusted_proxies: str = ""
    ) -> None:
        """Prepare; connections wait in the socket until ``serve`` runs."""
        self._listener = listener
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies or None,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_graceful_shutdown=GRACE_S,
                ws="none",
            )
        )

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._listener.getsockname()[1])

    async def serve(self) -> None:
        """Serve; when cancelled, let open requests end and close the socket."""
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._listener]))
        log.info("rest_listening", port=self.port)
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise
