"""A wire between a node and whoever it takes for its parent, which a test re-plugs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK_BYTES = 65_536


class Relay:
    """Passes bytes between its own port and the port of the day.

    ``passed`` holds what went to the parent, where a test wants it kept.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.port = 0
        self.passed: bytearray | None = bytearray() if keep else None
        self._target = 0
        self._open: set[asyncio.StreamWriter] = set()

    @classmethod
    @asynccontextmanager
    async def running(cls, *, keep: bool = False) -> AsyncIterator["Relay"]:
        relay = cls(keep=keep)
        server = await asyncio.start_server(relay._serve, "127.0.0.1", 0)
        relay.port = int(server.sockets[0].getsockname()[1])
        try:
            yield relay
        finally:
            server.close()
            relay.plug(0)
            await server.wait_closed()

    def plug(self, port: int) -> None:
        """Lead to another port from now on; what is connected is cut. 0: to nobody."""
        self._target = port
        for writer in self._open:
            writer.close()
        self._open.clear()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not self._target:
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        pair = {writer, back}
        self._open |= pair
        try:
            await asyncio.gather(
                _pass(reader, back, self.passed), _pass(there, writer, None)
            )
        finally:
            self._open -= pair
            for one in pair:
                one.close()


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    kept: bytearray | None,
) -> None:
    try:
        while data := await reader.read(CHUNK_BYTES):
            if kept is not None:
                kept += data
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
