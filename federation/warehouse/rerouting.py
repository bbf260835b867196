"""Asking again every day where series go: areas and sharing change on dates."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import structlog

from federation.clock import Clock
from federation.model.period import LOCAL

POLL_INTERVAL_S = 30.0
"""How late after midnight it may be."""

log = structlog.get_logger(__name__)


class DailyRouting:
    """Routes everything again on the first look of each local day."""

    def __init__(self, reroute: Callable[[], Awaitable[int]], *, clock: Clock) -> None:
        """Call ``reroute``, which returns how many series go elsewhere now."""
        self._reroute = reroute
        self._clock = clock
        self._done: date | None = None

    async def run_once(self) -> int:
        """Route again if a new day began; return how many series go elsewhere."""
        today = self._clock.now().astimezone(LOCAL.zone).date()
        if today == self._done:
            return 0
        moved = await self._reroute()
        # Only now: what failed is tried again.
        self._done = today
        if moved:
            log.info("series_rerouted", count=moved, day=today.isoformat())
        return moved

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.run_once()
            await asyncio.sleep(POLL_INTERVAL_S)
