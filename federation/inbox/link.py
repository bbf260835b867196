"""One link: a bounded queue before the session, credits, heartbeats, its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from federation.inbox.limits import LinkLimits
from federation.inbox.services import refuse
from federation.inbox.session import InboxSession
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1 import uplink_pb2 as pb


class Link:
    """Feeds a session what a transport brings, in batches.

    While a batch is committed the next one gathers, so that under load many frames
    share a commit and a single frame never waits for others.
    """

    def __init__(self, session: InboxSession, limits: LinkLimits) -> None:
        self._session = session
        self._limits = limits
        self._waiting: deque[pb.LinkRequest] = deque()
        self._in_flight_frames = 0
        self._in_flight_bytes = 0
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._over_credit = False
        self._ended = False
        self._goodbye = ""

    @property
    def node(self) -> str:
        """Return the node at the other side."""
        return self._session.node

    def end(self, reason: str) -> None:
        """Say goodbye as soon as the batch under way is answered."""
        self._goodbye = self._goodbye or reason
        self._changed.set()

    async def run(
        self, requests: AsyncIterator[pb.LinkRequest]
    ) -> AsyncGenerator[pb.LinkResponse, None]:
        """Yield the parent's messages until either side ends the link."""
        reader = asyncio.create_task(self._read(requests), name="inbox-link-reader")
        try:
            async for response in self._answers():
                yield response
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _answers(self) -> AsyncGenerator[pb.LinkResponse, None]:
        session, interval_s = self._session, self._limits.heartbeat_interval_s
        loop = asyncio.get_running_loop()
        opened_at = heard_at = beaten_at = loop.time()
        while not session.closed:
            await self._wait(
                until=beaten_at + interval_s
                if session.authenticated
                else opened_at + self._limits.hello_timeout_s
            )
            now = loop.time()
            if self._goodbye:
                yield session.goodbye(self._goodbye)
                return
            if self._over_credit:
                yield refuse(
                    wire_error(RefusalCode.CREDITS_EXCEEDED), node=session.node
                )
                return
            batch = self._next_batch()
            if batch:
                heard_at = now
                answers = await session.take(batch)
                self._forget(batch)
                for response in answers:
                    yield response
            elif self._ended:
                return
            if now - beaten_at >= interval_s and not session.closed:
                beaten_at = now
                for response in await session.tick():
                    yield response
            if self._is_dead(now, opened_at=opened_at, heard_at=heard_at):
                return

    def _is_dead(self, now: float, *, opened_at: float, heard_at: float) -> bool:
        limits = self._limits
        silent_s = limits.heartbeat_interval_s * limits.dead_after_intervals
        return now - heard_at >= silent_s or (
            not self._session.authenticated
            and now - opened_at >= limits.hello_timeout_s
        )

    async def _wait(self, *, until: float) -> None:
        """Return when something came, the link has to end, or a heartbeat is due."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()
        self._changed.clear()

    def _next_batch(self) -> list[pb.LinkRequest]:
        count = min(len(self._waiting), self._limits.batch_frames_max)
        batch = [self._waiting.popleft() for _ in range(count)]
        if self._waiting:
            self._changed.set()
        self._drained.set()
        return batch

    def _forget(self, batch: list[pb.LinkRequest]) -> None:
        for request in batch:
            if request.WhichOneof("message") == "frame":
                self._in_flight_frames -= 1
                self._in_flight_bytes -= len(request.frame.body)

    async def _read(self, requests: AsyncIterator[pb.LinkRequest]) -> None:
        """Queue what comes; leave the transport unread while the queue is full."""
        limits = self._limits
        try:
            async for request in requests:
                while len(self._waiting) >= limits.messages_max:
                    self._drained.clear()
                    await self._drained.wait()
                if request.WhichOneof("message") == "frame":
                    self._in_flight_frames += 1
                    self._in_flight_bytes += len(request.frame.body)
                self._over_credit = (
                    self._in_flight_frames > 2 * limits.credit_frames
                    or self._in_flight_bytes > 2 * limits.credit_bytes
                )
                if self._over_credit:
                    return
                self._waiting.append(request)
                self._changed.set()
        finally:
            self._ended = True
            self._changed.set()
