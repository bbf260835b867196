"""Thinning history: what is kept for how long, and the task that does it.

A tier that runs for years keeps one version of a value for each day on which it
changed, not each version. The work is done in small batches, each its own transaction
and one statement, so that nobody waits for it; what was done stays done, and doing it
again does nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from federation.clock import Clock
from federation.observability.metrics import (
    HISTORY_EXACT_SINCE,
    HISTORY_REMOVED,
    Metrics,
)
from federation.warehouse.history import (
    EVERY_HOUR_FOR,
    EVERY_VERSION_FOR,
    Resolution,
    end_at_or_before,
)
from federation.warehouse.store import Thinned, Warehouse

VERSIONS_PER_BATCH = 2_000
"""Versions that one transaction looks at, and those of the same moment; more wait for
the next one."""

THINNING_INTERVAL_S = 600.0
"""History is thinned up to the last full hour, so more often finds nothing."""

Handle = TypeVar("Handle")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long every version is kept, and after that how long the last of each hour."""

    every_version: timedelta = EVERY_VERSION_FOR
    every_hour: timedelta = EVERY_HOUR_FOR

    def until(self, now: datetime) -> tuple[datetime, datetime]:
        """Return up to when history is thinned to hours and to days."""
        hourly = end_at_or_before(now - self.every_version, Resolution.HOUR)
        daily = end_at_or_before(now - self.every_hour, Resolution.DAY)
        return hourly, min(daily, hourly)


class Thinner(Generic[Handle]):
    """Thins the history of a warehouse. Several may run: a batch is done by one."""

    def __init__(
        self,
        *,
        warehouse: Warehouse[Handle],
        begin: Callable[[], AbstractAsyncContextManager[Handle]],
        clock: Clock,
        metrics: Metrics,
        retention: Retention,
    ) -> None:
        """Work on transactions that ``begin`` opens."""
        self._warehouse = warehouse
        self._begin = begin
        self._clock = clock
        self._metrics = metrics
        self._retention = retention

    async def run(self) -> None:
        """Thin now and after every interval, until cancelled.

        Raises:
            StorageError: The database went away; run it again, nothing is lost.
        """
        while True:
            removed = await self.run_until_done()
            if removed:
                log.info("history_thinned", versions=removed)
            await asyncio.sleep(THINNING_INTERVAL_S)

    async def run_until_done(self) -> int:
        """Thin all that is old enough; return how many versions went."""
        removed = 0
        while True:
            batch = await self.run_once()
            removed += batch.removed
            if not batch.more:
                return removed

    async def run_once(self) -> Thinned:
        """Thin one batch in one transaction."""
        hourly_until, daily_until = self._retention.until(self._clock.now())
        async with self._begin() as handle:
            batch = await self._warehouse.thin(
                handle,
                hourly_until=hourly_until,
                daily_until=daily_until,
                limit=VERSIONS_PER_BATCH,
            )
        self._metrics.counter(HISTORY_REMOVED).inc(batch.removed)
        if not batch.more:
            self._metrics.gauge(HISTORY_EXACT_SINCE).set(hourly_until.timestamp())
        return batch
