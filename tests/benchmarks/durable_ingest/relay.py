"""A relay that counts what crosses a TCP connection, HTTP/2 and gRPC framing included.

Headers of TCP and IP are not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

CHUNK_BYTES = 256 * 1024


class Relay:
    """Passes connections on to ``port`` of this machine."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self.up_bytes = 0
        """From who connected to the target."""
        self.down_bytes = 0

    async def pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Relay one connection both ways until both sides are done."""
        far_reader, far_writer = await asyncio.open_connection(
            "127.0.0.1", self._target
        )
        await asyncio.gather(
            self._pump(reader, far_writer, up=True),
            self._pump(far_reader, writer, up=False),
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        # Either side may be gone first; what was counted until then stands.
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                if up:
                    self.up_bytes += len(chunk)
                else:
                    self.down_bytes += len(chunk)
                writer.write(chunk)
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    """Give a relay to a port, on a port of its own."""
    relay = Relay(port)
    server = await asyncio.start_server(relay.pass_on, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await server.wait_closed()
