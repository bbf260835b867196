"""Taking marks and rolling up what they name."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from federation.catalogue.store import Catalogue
from federation.clock import Clock
from federation.coverage.cover import last_day
from federation.model.period import Period
from federation.rollups.places import MERGED_RULES, Scope, rolled_up
from federation.warehouse.store import Incoming, Mark, Warehouse

MARKS_PER_TRANSACTION = 200
"""More marks wait for the next transaction."""

Handle = TypeVar("Handle")


class RollupWorker(Generic[Handle]):
    """Rolls up marks until none is left. ``ROLLUP_CHANNEL`` tells of new ones.

    Several workers of one tier may run at once: each mark is taken by one. A worker
    that dies loses nothing, its marks stand.
    """

    def __init__(
        self,
        *,
        warehouse: Warehouse[Handle],
        catalogue: Catalogue,
        refresh: Callable[[Handle], Awaitable[Scope]],
        begin: Callable[[], AbstractAsyncContextManager[Handle]],
        clock: Clock,
    ) -> None:
        """Work on transactions that ``begin`` opens.

        ``refresh`` brings the catalogue up to date in each of them and returns for
        what to roll up at the time.
        """
        self._warehouse = warehouse
        self._catalogue = catalogue
        self._refresh = refresh
        self._begin = begin
        self._clock = clock

    async def run_until_done(self) -> int:
        """Roll up all that is marked; return how many marks were taken."""
        total = 0
        while taken := await self.run_once():
            total += taken
        return total

    async def run_once(self) -> int:
        """Roll up one batch in one transaction; return how many marks it took."""
        async with self._begin() as handle:
            marks = await self._warehouse.lock_marks(handle, MARKS_PER_TRANSACTION)
            if not marks:
                return 0
            scope = await self._refresh(handle)
            incoming: list[Incoming] = []
            for mark in marks:
                incoming += await self._computed(handle, mark, scope)
            await self._warehouse.apply(handle, incoming, known_at=self._clock.now())
            await self._warehouse.unmark(handle, marks)
        return len(marks)

    async def _computed(
        self, handle: Handle, mark: Mark, scope: Scope
    ) -> list[Incoming]:
        indicator = self._catalogue.indicators.get(mark.indicator)
        if indicator is None or indicator.over_place not in MERGED_RULES:
            return []
        values = await self._warehouse.at(handle, mark.indicator, mark.period_start)
        period = Period(frequency=indicator.frequency, start=mark.period_start)
        day = last_day(period, self._catalogue.calendar_of(indicator))
        return [
            Incoming(row=row, contract_hash=indicator.contract_hash)
            for row in rolled_up(scope, indicator, period, day, values)
        ]
