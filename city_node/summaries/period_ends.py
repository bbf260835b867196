"""Time passes: what ended or fell due since the last look is summarised.

A stock that is counted has a value at each period's end and what was due counts from
then on, whether or not anything comes in. How far this has got is one row of the
database, moved on only after all before it is written: an outage or a kill repeats at
most a step, and repeating changes nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from city_node.contract import LocalityLookup, MeasuredIndicator
from city_node.observations import timed
from city_node.observations.stored import KeptObservation
from city_node.summaries.dirty import DirtyPeriod, periods_ending, while_standing
from city_node.summaries.recompute import ValueStore, recompute
from federation.clock import Clock
from federation.model.row import SeriesKey
from federation.storage.pool import Pool, PooledConnection, transaction

LOOK_INTERVAL_S = 60.0
"""A value of what fell due is at most so much older than the moment it was due."""

STEP = timedelta(days=1)
"""After an outage what ended is made up in steps of so much time, oldest first."""

PERIODS_PER_TRANSACTION_MAX = 1000
"""More periods of series that ended together are summarised in several transactions."""

_TICK = timedelta(microseconds=1)


class PeriodEnds:
    """Summarises what ended or fell due, as the clock goes on."""

    def __init__(
        self,
        pool: Pool,
        warehouse: ValueStore,
        measured: Mapping[str, MeasuredIndicator],
        places: LocalityLookup,
        clock: Clock,
    ) -> None:
        """Look after the indicators whose values change without input."""
        self._places = places
        self._pool = pool
        self._warehouse = warehouse
        self._measured = measured
        self._clock = clock
        self._stocks = [
            name for name, rules in measured.items() if rules.counts_intervals
        ]
        self._due = [name for name, rules in measured.items() if rules.counts_when_due]

    async def run(self) -> None:
        """Look again and again until cancelled.

        Raises:
            StorageError: The database went away; run it again.
        """
        while True:
            await self.catch_up()
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def catch_up(self) -> int:
        """Summarise all that ended by now; return how many periods of series."""
        if not (self._stocks or self._due):
            return 0
        count = 0
        while (step := await self._next_step()) is not None:
            after, until = step
            pairs = await self._ended(after, until)
            for start in range(0, len(pairs), PERIODS_PER_TRANSACTION_MAX):
                batch = pairs[start : start + PERIODS_PER_TRANSACTION_MAX]
                await self._summarise(batch)
            async with transaction(self._pool, doing="note ended periods") as on:
                await timed.keep_ended_through(on, until)
            count += len(pairs)
        return count

    async def _next_step(self) -> tuple[datetime, datetime] | None:
        now = self._clock.now()
        async with transaction(
            self._pool, doing="read ended periods", readonly=True
        ) as connection:
            through = await timed.ended_through(connection)
        if through is None or through >= now:
            return None
        return through, min(now, through + STEP)

    async def _ended(self, after: datetime, until: datetime) -> Sequence[DirtyPeriod]:
        """Return what ended or fell due in (after, until], in key order."""
        periods = {
            name: list(
                periods_ending(self._measured[name].indicator, after + _TICK, until)
            )
            for name in self._stocks
        }
        ended = [name for name, found in periods.items() if found]
        async with transaction(
            self._pool, doing="find ended periods", readonly=True
        ) as connection:
            due = await timed.fell_due(connection, self._due, after=after, until=until)
            begun = await _begun(connection, ended)
        found = {DirtyPeriod(series=key, period=period) for key, period in due}
        found |= {
            DirtyPeriod(series=key, period=period)
            for key, first in begun.items()
            for period in periods[key.indicator]
            if period >= first.observation.period
        }
        return sorted(while_standing(found, self._places))

    async def _summarise(self, batch: Sequence[DirtyPeriod]) -> None:
        async with transaction(self._pool, doing="summarise ended periods") as on:
            await recompute(
                on, self._warehouse, self._measured, batch, now=self._clock.now()
            )


async def _begun(
    connection: PooledConnection, indicators: Sequence[str]
) -> dict[SeriesKey, KeptObservation]:
    """Return the series of counted stocks and where each begins."""
    if not indicators:
        return {}
    return await timed.first_of(
        connection, await timed.series_of_intervals(connection, indicators)
    )
