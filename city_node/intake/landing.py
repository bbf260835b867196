"""Lands a batch of records: one transaction from the record to the summary.

What the batch writes (records, revisions, observations, summaries) takes effect
together or not at all. A record that says what it said before touches nothing, so an
interrupted input is completed by feeding it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from city_node.contract import (
    Accepted,
    Flag,
    LocalityLookup,
    MeasuredIndicator,
    Place,
    ReadContext,
    Record,
    Subsystem,
)
from city_node.intake.contributions import contribution
from city_node.intake.doubts import StatedFacts, asks_history, doubts_of
from city_node.intake.report import Outcome, OutcomeKind, rejected
from city_node.observations import history, store, timed
from city_node.observations.stored import (
    KeptObservation,
    KnownRecord,
    RecordKey,
    Timing,
    content_hash,
    is_storable,
    kept,
    key_of,
    timing_of,
)
from city_node.summaries.dirty import (
    DirtyPeriod,
    begun_periods,
    dirty_periods,
    while_standing,
)
from city_node.summaries.recompute import (
    RECORD_LOCK,
    ValueStore,
    lock,
    lock_series,
    recompute,
)
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.storage.pool import (
    Pool,
    PooledConnection,
    PoolLimits,
    retried,
    transaction,
)

PATIENCE = PoolLimits(start_patience_s=15.0)
"""How long a batch waits for a database that is away; then the source tries again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What a batch will write, and what became of each of its rows.

    ``statements`` are the figures written that are held against those before them.
    """

    records: Sequence[Record]
    written: Sequence[KeptObservation]
    outcomes: Sequence[Outcome]
    statements: Sequence[KeptObservation]


class Landing:
    """Lands and deletes records of one subsystem."""

    def __init__(
        self,
        pool: Pool,
        warehouse: ValueStore,
        subsystem: Subsystem,
        places: LocalityLookup,
    ) -> None:
        """Land into a database; ``warehouse`` takes the summaries."""
        self._places = places
        self._pool = pool
        self._warehouse = warehouse
        self._subsystem = subsystem
        self._measured: Mapping[str, MeasuredIndicator] = {
            measured.indicator.id: measured for measured in subsystem.indicators
        }
        self._timing = {
            name: timing_of(measured) for name, measured in self._measured.items()
        }

    async def land(
        self,
        batch: Sequence[Accepted],
        context: ReadContext,
        *,
        dry_run: bool,
        stated: StatedFacts | None = None,
    ) -> list[Outcome]:
        """Land records, each key at most once in a batch; return what became of each.

        Where together they can't be (a sum that leaves 64 bits), they land in smaller
        parts, so that only the record that is too much is refused. ``stated`` is what
        the same input said in other batches.
        """
        facts = StatedFacts() if stated is None else stated

        async def landed() -> list[Outcome]:
            async with transaction(self._pool, doing="land records") as connection:
                return await self._land(connection, batch, context, dry_run, facts)

        try:
            return await retried(landed, doing="land records", limits=PATIENCE)
        except FederationError as error:
            if error.code is not ErrorCode.OVERFLOW:
                raise
            if len(batch) == 1:
                return [rejected(batch[0].place, error, batch[0].record)]
        half = len(batch) // 2
        parts = (batch[:half], batch[half:])
        return [
            outcome
            for part in parts
            for outcome in await self.land(part, context, dry_run=dry_run, stated=facts)
        ]

    async def delete(self, keys: Sequence[RecordKey], *, now: datetime) -> int:
        """Delete records that stand; return how many there were.

        Their observations go, and the summaries that stood on them are recomputed or
        become deletions that travel.
        """

        async def deleted() -> int:
            async with transaction(self._pool, doing="delete records") as connection:
                return await self._delete(connection, keys, now)

        return await retried(deleted, doing="delete records", limits=PATIENCE)

    async def derive(
        self, records: Sequence[Record], context: ReadContext
    ) -> list[Outcome]:
        """Make the observations and summaries of kept records anew.

        For a release that reads records otherwise, or changed an indicator's contract:
        then all of its summaries are written again, equal ones too. A record that can
        no longer be is refused and comes to nothing.
        """

        async def derived() -> list[Outcome]:
            async with transaction(self._pool, doing="derive records") as connection:
                return await self._derive(connection, records, context)

        return await retried(derived, doing="derive records", limits=PATIENCE)

    async def _derive(
        self,
        connection: PooledConnection,
        records: Sequence[Record],
        context: ReadContext,
    ) -> list[Outcome]:
        keys = [key_of(record) for record in records]
        await _lock_records(connection, keys)
        known = await store.known_records(connection, keys)
        plan = self._plan(
            [
                Accepted(record=record, place=Place(file=record.source_key))
                for record in records
                # What changed since it was read was derived by whoever changed it.
                if _kind(record, known.get(key_of(record))) is OutcomeKind.UNCHANGED
            ],
            {},
            context,
            StatedFacts(),
        )
        standing = [each.record for each in plan.outcomes if each.record is not None]
        before = await store.of_records(connection, [key_of(one) for one in standing])
        await self._exchange(
            connection, before, plan.written, context.now, rewrite=True
        )
        return list(plan.outcomes)

    async def _land(
        self,
        connection: PooledConnection,
        batch: Sequence[Accepted],
        context: ReadContext,
        dry_run: bool,
        stated: StatedFacts,
    ) -> list[Outcome]:
        keys = _storable(key_of(accepted.record) for accepted in batch)
        if not dry_run:
            await _lock_records(connection, keys)
        known = await store.known_records(connection, keys)
        plan = self._plan(batch, known, context, stated)
        outcomes = await self._doubted(connection, plan)
        if plan.records and not dry_run:
            await self._write(connection, plan, context.now)
        return outcomes

    async def _doubted(
        self, connection: PooledConnection, plan: _Plan
    ) -> list[Outcome]:
        """Return the outcomes with the doubts that what is held here raises."""
        near = await history.neighbours(
            connection,
            {(one.series, one.observation.period) for one in plan.statements},
        )
        doubts = doubts_of(self._measured, plan.statements, near)
        flags: dict[RecordKey, tuple[Flag, ...]] = {}
        for number, found in doubts.items():
            key = plan.statements[number].record
            flags[key] = (*flags.get(key, ()), *found)
        return [
            replace(each, flags=each.flags + flags.get(key_of(each.record), ()))
            if each.record is not None and flags
            else each
            for each in plan.outcomes
        ]

    def _plan(
        self,
        batch: Sequence[Accepted],
        known: Mapping[RecordKey, KnownRecord],
        context: ReadContext,
        stated: StatedFacts,
    ) -> _Plan:
        records: list[Record] = []
        written: list[KeptObservation] = []
        outcomes: list[Outcome] = []
        statements: list[KeptObservation] = []
        for accepted in batch:
            record, place = accepted.record, accepted.place
            before = known.get(key_of(record))
            kind = _kind(record, before)
            if accepted.inferred and kind is OutcomeKind.CHANGED:
                kind = OutcomeKind.UNCHANGED
            if kind is OutcomeKind.UNCHANGED:
                outcomes.append(_stood(accepted, kind))
                continue
            try:
                _check_owner(record, before)
                said = contribution(self._subsystem, record, context)
            except FederationError as error:
                outcomes.append(rejected(place, error, record))
                continue
            # A record that moved to another's place goes on: here it comes to nothing.
            if said.is_foreign and kind is OutcomeKind.LANDED:
                outcomes.append(_foreign(record, place, said.foreign))
                continue
            records.append(record)
            says = [
                kept(record, each, context.now, self._timing[each.indicator])
                for each in said.observations
            ]
            written += says
            statements += self._statements(says)
            outcomes.append(
                _stood(accepted, kind, self._contradicted(says, place, stated))
            )
        return _Plan(
            records=records, written=written, outcomes=outcomes, statements=statements
        )

    def _statements(self, says: Iterable[KeptObservation]) -> list[KeptObservation]:
        return [
            each
            for each in says
            if each.observation.state is not None
            and asks_history(self._measured[each.observation.indicator])
        ]

    def _contradicted(
        self, says: Iterable[KeptObservation], place: Place, stated: StatedFacts
    ) -> tuple[Flag, ...]:
        doubts = (
            stated.doubt(self._measured[each.observation.indicator], each, place)
            for each in says
        )
        return tuple(flag for flag in doubts if flag is not None)

    async def _write(
        self, connection: PooledConnection, plan: _Plan, now: datetime
    ) -> None:
        keys = [key_of(record) for record in plan.records]
        before = await store.of_records(connection, keys)
        await store.write_records(connection, plan.records, recorded_at=now)
        await self._exchange(connection, before, plan.written, now)

    async def _delete(
        self, connection: PooledConnection, keys: Sequence[RecordKey], now: datetime
    ) -> int:
        storable = _storable(keys)
        await _lock_records(connection, storable)
        known = await store.known_records(connection, storable)
        standing = [
            key
            for key, record in known.items()
            if not record.deleted and record.subsystem == self._subsystem.id
        ]
        if standing:
            before = await store.of_records(connection, standing)
            await store.mark_deleted(connection, standing, recorded_at=now)
            await self._exchange(connection, before, (), now)
        return len(standing)

    async def _exchange(
        self,
        connection: PooledConnection,
        before: Sequence[KeptObservation],
        after: Sequence[KeptObservation],
        now: datetime,
        *,
        rewrite: bool = False,
    ) -> None:
        """Replace observations that differ and recompute what they count in.

        ``rewrite``: recompute what the others count in as well.
        """
        old = {each.identity: each for each in before}
        written = [each for each in after if old.get(each.identity) != each]
        staying = {each.identity for each in after} - {
            each.identity for each in written
        }
        gone = [each for identity, each in old.items() if identity not in staying]
        # An indicator that the subsystem no longer has keeps its last summaries.
        touched = [*before, *after] if rewrite else [*gone, *written]
        dirty = dirty_periods(touched, self._measured, now=now)
        stocks = {
            each.series
            for each in touched
            if each.timing is Timing.INTERVAL
            and each.series.indicator in self._measured
        }
        await lock_series(connection, {each.series for each in touched})
        began = await timed.first_of(connection, stocks)
        await store.replace_observations(connection, gone=gone, written=written)
        begins = await timed.first_of(connection, stocks)
        for series in stocks:
            ended = begun_periods(
                self._measured[series.indicator].indicator,
                None if rewrite else began.get(series),
                begins.get(series),
                now=now,
            )
            dirty |= {DirtyPeriod(series=series, period=each) for each in ended}
        dirty = while_standing(dirty, self._places)
        await recompute(connection, self._warehouse, self._measured, dirty, now=now)


def _storable(keys: Iterable[RecordKey]) -> list[RecordKey]:
    """Leave out keys that the database can't even be asked for; no record has one."""
    return [key for key in keys if is_storable(key.source + key.source_key)]


async def _lock_records(
    connection: PooledConnection, keys: Iterable[RecordKey]
) -> None:
    names = (f"{key.source}\x1f{key.source_key}" for key in keys)
    await lock(connection, RECORD_LOCK, names)


def _kind(record: Record, before: KnownRecord | None) -> OutcomeKind:
    if before is None or before.deleted:
        return OutcomeKind.LANDED
    same = (before.content_hash, before.provenance) == (
        content_hash(record),
        record.provenance,
    )
    return OutcomeKind.UNCHANGED if same else OutcomeKind.CHANGED


def _stood(
    accepted: Accepted, kind: OutcomeKind, doubts: tuple[Flag, ...] = ()
) -> Outcome:
    return Outcome(
        kind=kind,
        place=accepted.place,
        record=accepted.record,
        flags=accepted.flags + doubts,
    )


def _check_owner(record: Record, before: KnownRecord | None) -> None:
    if before is not None and before.subsystem != record.subsystem:
        raise FederationError(
            ErrorCode.CONFLICT,
            f"Khóa “{record.source_key}” của nguồn “{record.source}” đã thuộc phân hệ "
            f"“{before.subsystem}”; hãy gửi tới phân hệ đó.",
            f"The key “{record.source_key}” of the source “{record.source}” belongs to "
            f"the subsystem “{before.subsystem}”; send it there.",
        )


def _foreign(record: Record, place: Place, localities: Iterable[str]) -> Outcome:
    names = ", ".join(sorted(localities))
    return Outcome(
        kind=OutcomeKind.SKIPPED,
        place=place,
        record=record,
        reason="not-our-locality",
        text=Text(
            vi=f"Nút này không đại diện cho địa bàn {names}.",
            en=f"This node does not speak for {names}.",
        ),
    )
