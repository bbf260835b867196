"""Taking marks and rolling up what they name."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from federation.catalogue.store import Catalogue
from federation.clock import Clock
from federation.coverage.expected import ExpectedSets, Owing, freeze
from federation.coverage.windows import last_day
from federation.model.indicator import Indicator
from federation.model.period import Calendar, Period, last_finished
from federation.model.row import Row
from federation.rollups.composites import composed, composites_of, moved_by, wanted_of
from federation.rollups.places import MERGED_RULES, Scope, rolled_up
from federation.warehouse.store import Incoming, Mark, Stored, Warehouse
from federation.wire.payload import Obligation

MARKS_PER_TRANSACTION = 200
"""More marks wait for the next transaction."""

Handle = TypeVar("Handle")

Wanted = tuple[Indicator, Period, Calendar | None]


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
        expected: ExpectedSets[Handle],
        refresh: Callable[[Handle], Awaitable[Scope]],
        begin: Callable[[], AbstractAsyncContextManager[Handle]],
        clock: Clock,
    ) -> None:
        """Work on transactions that ``begin`` opens.

        ``refresh`` brings the catalogue up to date in each of them and returns for
        what to roll up at the time. ``expected`` keeps who owed a report.
        """
        self._warehouse = warehouse
        self._catalogue = catalogue
        self._expected = expected
        self._refresh = refresh
        self._begin = begin
        self._clock = clock
        # The last period of an indicator that was looked at, and who owed it then:
        # None where its expected set is frozen, and nothing can change it any more.
        self._looked: dict[str, tuple[Period, Sequence[Obligation] | None]] = {}

    async def run_until_done(self) -> int:
        """Roll up all that is marked; return how many marks were taken.

        Expected sets of periods that ended since the last time are frozen, whether or
        not anybody has reported.
        """
        await self._freeze_ended()
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
            incoming = await self._computed(handle, marks, scope)
            await self._warehouse.apply(handle, incoming, known_at=self._clock.now())
            await self._warehouse.unmark(handle, marks)
            await self._warehouse.mark(handle, self._composites(marks))
        return len(marks)

    def _composites(self, marks: Iterable[Mark]) -> set[tuple[str, int]]:
        """Return the values to recompute after components of theirs changed."""
        now, catalogue = self._clock.now(), self._catalogue
        return {
            place
            for mark in marks
            if (component := catalogue.indicators.get(mark.indicator)) is not None
            for composite in composites_of(component.id, catalogue.indicators)
            for place in moved_by(
                composite,
                component,
                mark.period_start,
                catalogue.calendar_of(component),
                catalogue.calendar_of(composite),
                now=now,
            )
        }

    async def _computed(
        self, handle: Handle, marks: Sequence[Mark], scope: Scope
    ) -> list[Incoming]:
        known = [
            (indicator, self._wanted(indicator, mark.period_start))
            for mark in marks
            if (indicator := self._catalogue.indicators.get(mark.indicator)) is not None
        ]
        merged = [want for one, want in known if one.over_place in MERGED_RULES]
        expected = await freeze(
            self._expected, handle, self._owing(scope), merged, now=self._clock.now()
        )
        incoming: list[Incoming] = []
        for indicator, period, calendar in merged:
            values = await self._warehouse.at(handle, indicator.id, period.start)
            day = last_day(period, calendar)
            owed = expected[indicator.id, period]
            incoming += _made(
                indicator, rolled_up(scope, indicator, period, day, values, owed)
            )
        for composite, want in known:
            if composite.composed_of:
                incoming += await self._composed(handle, want)
        return incoming

    async def _composed(self, handle: Handle, want: Wanted) -> list[Incoming]:
        composite, period, calendar = want
        contracts = self._catalogue.indicators
        parts: dict[str, list[Stored]] = {}
        for component in composite.composed_of:
            contract = contracts.get(component.indicator)
            if contract is None:
                continue
            closed = wanted_of(
                composite, period, calendar, contract, self._catalogue.calendar_of
            )
            parts[contract.id] = await self._warehouse.at(
                handle, contract.id, closed.start
            )
        held = await self._warehouse.at(handle, composite.id, period.start)
        return _made(composite, composed(composite, contracts, parts, held, period))

    def _wanted(self, indicator: Indicator, period_start: int) -> Wanted:
        period = Period(frequency=indicator.frequency, start=period_start)
        return indicator, period, self._catalogue.calendar_of(indicator)

    def _owing(self, scope: Scope) -> Owing:
        return Owing(graph=scope.graph, obligations=self._catalogue.owed)

    async def _freeze_ended(self) -> None:
        if not self._just_ended():
            return
        async with self._begin() as handle:
            scope = await self._refresh(handle)
            owing = self._owing(scope)
            # Asked again: the catalogue may have learned of more.
            ended, owed_by = self._just_ended(), self._catalogue.owed
            owed = [want for want in ended if owing.localities(*want)]
            if owed:
                now = self._clock.now()
                await freeze(self._expected, handle, owing, owed, now=now)
        # One that nobody owes is asked again when others owe: a node may be joining.
        self._looked |= {one.id: (period, owed_by[one.id]) for one, period, _ in ended}
        self._looked |= {one.id: (period, None) for one, period, _ in owed}

    def _just_ended(self) -> list[Wanted]:
        """Return the last period of each owed indicator, unless it is frozen."""
        now = self._clock.now()
        found: list[Wanted] = []
        for id_, indicator in self._catalogue.indicators.items():
            calendar = self._catalogue.calendar_of(indicator)
            if (
                calendar is None
                or indicator.over_place not in MERGED_RULES
                or id_ not in self._catalogue.owed
            ):
                continue
            period = last_finished(indicator.frequency, now, calendar)
            looked, owed_then = self._looked.get(id_, (None, None))
            same = owed_then is None or owed_then is self._catalogue.owed[id_]
            if looked != period or not same:
                found.append((indicator, period, calendar))
        return found


def _made(indicator: Indicator, rows: Iterable[Row]) -> list[Incoming]:
    return [Incoming(row=row, contract_hash=indicator.contract_hash) for row in rows]
