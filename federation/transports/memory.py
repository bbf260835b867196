"""Both sides of a link in one process.

Messages cross as bytes, so that neither side sees the other's objects and what one
cannot encode fails here as well. There is no timer and no thread: on a loop with
virtual time a run is the same every time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from federation.transports import (
    LinkClosedError,
    ParentEndpoint,
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

MESSAGES_MAX = 1_024
"""Messages that wait for the parent; credits keep a link far below. At the limit the
link breaks."""

_ADDRESS = "memory"


class MemoryTransport:
    """A way to a parent in the same process.

    ``parent`` may be exchanged at any time: None is a parent that is down.
    """

    def __init__(self, parent: ParentEndpoint | None) -> None:
        self.parent = parent
        self._connections: set[MemoryConnection] = set()

    async def connect(self) -> MemoryConnection:
        """Open a link to the parent of this moment."""
        if self.parent is None:
            raise unreachable(_ADDRESS, "down")
        connection = MemoryConnection(self.parent, self._connections.discard)
        self._connections.add(connection)
        return connection

    async def enroll(self, request: EnrollRequest) -> EnrollResponse:
        """Ask the parent of this moment once to be known."""
        if self.parent is None:
            raise unreachable(_ADDRESS, "down")
        sent = EnrollRequest.FromString(request.SerializeToString())
        answer = await self.parent.enroll(sent)
        return read_enrollment(answer.SerializeToString())

    async def cut(self) -> None:
        """Break every open link, as a dying parent or network does."""
        for connection in list(self._connections):
            await connection.close()

    async def close(self) -> None:
        """Close what is still open."""
        await self.cut()


class MemoryConnection:
    """One link; it owns the task in which the parent speaks."""

    def __init__(
        self, parent: ParentEndpoint, on_close: Callable[[MemoryConnection], None]
    ) -> None:
        self._requests: asyncio.Queue[bytes] = asyncio.Queue()
        self._responses: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._on_close = on_close
        self._speaking = asyncio.create_task(self._speak(parent))

    async def send(self, message: LinkRequest) -> None:
        """Hand a message over."""
        if self._speaking.done():
            raise self._ended()
        if self._requests.qsize() >= MESSAGES_MAX:
            await self.close()
            raise closed(_ADDRESS, f"{MESSAGES_MAX} messages wait")
        self._requests.put_nowait(message.SerializeToString())

    async def receive(self) -> LinkResponse:
        """Return the parent's next message; what it said before it ended counts."""
        data = await self._responses.get()
        if data is None:
            self._responses.put_nowait(None)
            raise self._ended()
        return read_response(data)

    async def close(self) -> None:
        """End the link; the parent's side is cancelled and waited for."""
        self._speaking.cancel()
        await asyncio.wait((self._speaking,))
        self._on_close(self)

    async def _speak(self, parent: ParentEndpoint) -> None:
        answers = parent.converse(self._listen())
        try:
            async for response in answers:
                self._responses.put_nowait(response.SerializeToString())
        finally:
            if isinstance(answers, AsyncGenerator):
                await answers.aclose()
            self._responses.put_nowait(None)

    async def _listen(self) -> AsyncIterator[LinkRequest]:
        while True:
            yield LinkRequest.FromString(await self._requests.get())

    def _ended(self) -> LinkClosedError:
        if not self._speaking.done() or self._speaking.cancelled():
            return closed(_ADDRESS, "cut")
        error = self._speaking.exception()
        return closed(_ADDRESS, "end" if error is None else repr(error))
