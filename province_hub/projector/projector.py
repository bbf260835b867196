"""Applying committed frames, stream by stream, in sequence."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import asyncpg
import structlog

from federation.catalogue.store import Catalogue
from federation.catalogue.subsystems import as_announced
from federation.clock import Clock
from federation.identity.documents import Area
from federation.inbox.projector_position import (
    advance_projector,
    read_projector_position,
)
from federation.inbox.records import DeadLetter, Fault, StoredFrame
from federation.inbox.store_postgres import FRAME_COMMITTED, record_dead_letters
from federation.localities.graph import LocalityGraph
from federation.localities.ownership import Ownership
from federation.localities.store import CurrentGraph, announce_localities
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.row import Version
from federation.storage.errors import StorageError
from federation.storage.listening import work_when_notified
from federation.storage.pool import Pool, PooledConnection, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.remarking import mark_since
from federation.warehouse.store import (
    DayRange,
    Incoming,
    SeriesFilter,
    day_of_period,
)
from federation.wire.frames import read_payload
from federation.wire.payload import Payload, WireRow
from federation.wire.refusal import RefusalCode, WireError, wire_error
from province_hub.projector.announced import Announced, read_announced
from province_hub.projector.judgement import Accepted, Judge
from province_hub.projector.progress import note_progress
from province_hub.projector.soundness import unsound

FRAMES_PER_TRANSACTION = 32
ROWS_PER_TRANSACTION = 40_000
"""A transaction ends after the frame that passes either; the rest waits."""

REASON_CHARACTERS_MAX = 300

_REFUSED_VALUES = frozenset({"22", "54"})
"""SQLSTATE classes "data exception" and "program limit exceeded"."""

POLL_INTERVAL_S = 2.0
"""How often the projector looks by itself, should a notification be lost."""

log = structlog.get_logger(__name__)


class _OvertakenError(Exception):
    """Another projector moved the stream; this transaction must be undone."""


@dataclass(kw_only=True)
class _Batch:
    """What the frames of one transaction came to."""

    areas: Sequence[Area]
    incoming: list[Incoming] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    former: list[tuple[StoredFrame, WireRow, Accepted]] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    withheld_changed: bool = False
    affected_from: date | None = None
    _ownership: tuple[LocalityGraph, Ownership] | None = None

    def ownership(self, graph: LocalityGraph) -> Ownership:
        """Return who owns what in a graph; it is worked out once for each."""
        if self._ownership is None or self._ownership[0] is not graph:
            self._ownership = (graph, Ownership(self.areas, graph))
        return self._ownership[1]

    def affected(self, day: date | None) -> None:
        """Note that places differ from a day on."""
        if day is not None:
            self.affected_from = min(day, self.affected_from or day)


class Projector:
    """Turns the frame log into values.

    Several projectors of one tier may run: who comes second undoes its work and
    begins again behind the first.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        warehouse: PostgresWarehouse,
        catalogue: Catalogue,
        places: CurrentGraph,
        areas: Callable[[], Awaitable[Sequence[Area]]],
        clock: Clock,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        """Apply to a warehouse; ``areas`` tells what each stream speaks for.

        ``catalogue`` and ``places`` belong to this projector alone: they show what its
        open transaction has learned, which nobody else may see, or undo by reading
        the tables.
        """
        self._pool = pool
        self._warehouse = warehouse
        self._catalogue = catalogue
        self._places = places
        self._areas = areas
        self._clock = clock
        self._poll_interval_s = poll_interval_s
        # Valid only at the position beside it: after an undone transaction, or when
        # another projector was faster, it is read from the tables again.
        self._announced: dict[str, tuple[tuple[int, int], Announced]] = {}

    async def run(self) -> None:
        """Apply whatever is committed, until cancelled."""
        await work_when_notified(
            self._pool,
            FRAME_COMMITTED,
            self.run_until_done,
            poll_interval_s=self._poll_interval_s,
        )

    async def run_until_done(self) -> int:
        """Apply all frames that wait; return how many."""
        total = 0
        while True:
            waiting = await self._waiting_streams()
            if not waiting:
                return total
            for stream in waiting:
                total += await self.run_once(stream)

    async def _waiting_streams(self) -> list[str]:
        async with transaction(self._pool, doing="find frames") as connection:
            records = await connection.fetch(
                """SELECT c.stream FROM inbox_cursor c
                LEFT JOIN projector_position p USING (stream)
                WHERE EXISTS (SELECT FROM frame_log l WHERE l.stream = c.stream
                    AND (l.epoch, l.sequence)
                        > (COALESCE(p.epoch, 0), COALESCE(p.sequence, 0)))
                ORDER BY c.stream"""
            )
        return [record["stream"] for record in records]

    async def run_once(self, stream: str) -> int:
        """Apply the next frames of a stream in one transaction; return how many.

        Where a frame can't be applied whatever is tried, those before it are applied
        one by one and it is set aside as a whole: no frame stops its stream, or others.
        """
        areas = await self._areas()
        try:
            return await self._run(stream, areas, FRAMES_PER_TRANSACTION)
        except (StorageError, ValueError, ArithmeticError) as error:
            if not _lies_in_the_frame(error):
                raise
        for number in range(FRAMES_PER_TRANSACTION):
            try:
                if not await self._run(stream, areas, 1):
                    return number
            except (StorageError, ValueError, ArithmeticError) as error:
                if not _lies_in_the_frame(error):
                    raise
                return number + await self._set_aside(stream, error)
        return FRAMES_PER_TRANSACTION

    async def _run(self, stream: str, areas: Sequence[Area], limit: int) -> int:
        known = self._announced.pop(stream, None)
        try:
            async with transaction(self._pool, doing="apply frames") as connection:
                position = await read_projector_position(connection, stream)
                frames = await _frames_after(connection, stream, position, limit)
                if not frames:
                    return 0
                announced = known[1] if known and known[0] == position else None
                taken, announced = await self._apply(
                    connection, areas, frames, announced
                )
                to = (taken[-1].epoch, taken[-1].sequence)
                if not await advance_projector(
                    connection, stream, expected=position, to=to
                ):
                    raise _OvertakenError
        except _OvertakenError:
            log.info("projector_overtaken", stream=stream)
            return 0
        self._announced[stream] = (to, announced)
        return len(taken)

    async def _set_aside(self, stream: str, error: Exception) -> int:
        """Give the next frame of a stream up, with its reason; the child is told."""
        fault = Fault(code=RefusalCode.ROWS_INVALID, detail=_reason(error))
        async with transaction(self._pool, doing="set frame aside") as connection:
            position = await read_projector_position(connection, stream)
            frames = await _frames_after(connection, stream, position, 1)
            for frame in frames:
                letter = _letter(frame, fault)
                await record_dead_letters(connection, [letter], now=self._clock.now())
                to = (frame.epoch, frame.sequence)
                await advance_projector(connection, stream, expected=position, to=to)
                log.error("frame_set_aside", stream=stream, to=to, why=fault.detail)
        return len(frames)

    async def _apply(
        self,
        connection: PooledConnection,
        areas: Sequence[Area],
        frames: Sequence[StoredFrame],
        announced: Announced | None,
    ) -> tuple[list[StoredFrame], Announced]:
        await self._catalogue.refresh(connection)
        now = self._clock.now()
        batch, taken = _Batch(areas=areas), []
        for frame in frames:
            if announced is None or announced.epoch != frame.epoch:
                announced = await read_announced(connection, frame.stream, frame.epoch)
            await self._apply_frame(connection, frame, announced, batch, now)
            taken.append(frame)
            if len(batch.incoming) >= ROWS_PER_TRANSACTION:
                break
        if announced is None:
            raise ValueError("a batch holds at least one frame")
        await self._leave_to_owners(connection, batch)
        applied = await self._warehouse.apply(connection, batch.incoming, known_at=now)
        # Marks come after values everywhere: two writers wait for each other in order.
        if batch.moved:
            await self._warehouse.remark(connection, batch.moved)
        if batch.withheld_changed:
            await self._warehouse.reroute(connection)
        if batch.affected_from is not None:
            await mark_since(connection, batch.affected_from)
        if batch.letters:
            await record_dead_letters(connection, batch.letters, now=now)
        log.info(
            "frames_applied",
            stream=announced.stream,
            frames=len(taken),
            changed=applied.changed,
            unchanged=applied.unchanged,
            set_aside=len(batch.letters),
        )
        return taken, announced

    async def _leave_to_owners(
        self, connection: PooledConnection, batch: _Batch
    ) -> None:
        """Set aside what a former stream says of periods its successor spoke of."""
        for frame, wire, former in batch.former:
            found = await self._warehouse.values(
                connection,
                SeriesFilter(
                    indicators=[former.row.series.indicator],
                    localities=[former.row.series.locality],
                    agencies=[former.row.series.agency],
                    breakdowns=[former.row.series.breakdown],
                    basis=former.row.series.basis,
                ),
                days=DayRange(
                    first=day_of_period(former.row.period),
                    last=day_of_period(former.row.period),
                ),
            )
            if any(
                held.row.period == former.row.period
                and held.carrier is not None
                and held.carrier.stream == former.owner
                for held in found
            ):
                fault = Fault(
                    code=RefusalCode.LOCALITY_NOT_OWNED,
                    detail=f"{former.row.series.locality} belongs to {former.owner}, "
                    f"which spoke of {former.row.period.text}",
                )
                batch.letters.append(
                    _letter(frame, fault, wire.series, wire.period.start)
                )
                continue
            carrier = Version(
                stream=frame.stream, epoch=frame.epoch, sequence=frame.sequence
            )
            batch.incoming.append(
                Incoming(
                    row=former.row, contract_hash=former.contract_hash, carrier=carrier
                )
            )

    async def _apply_frame(
        self,
        connection: PooledConnection,
        frame: StoredFrame,
        announced: Announced,
        batch: _Batch,
        now: datetime,
    ) -> None:
        if frame.set_aside:
            return
        try:
            payload = read_payload(frame.body)
            if wrong := unsound(payload):
                raise wire_error(RefusalCode.ROWS_INVALID, wrong)
        except WireError as error:
            fault = Fault(code=error.refusal, detail=error.text_en)
            batch.letters.append(_letter(frame, fault))
            return
        await self._learn(connection, frame.stream, payload, batch, now)
        await announced.add(connection, payload)
        await note_progress(connection, frame, payload, known_at=now)
        carrier = Version(
            stream=frame.stream, epoch=frame.epoch, sequence=frame.sequence
        )
        judge = Judge(
            stream=frame.stream,
            day=frame.received_at.astimezone(LOCAL.zone).date(),
            ownership=batch.ownership(self._places.graph),
            graph=self._places.graph,
            indicators=self._catalogue.indicators,
            calendars=self._catalogue.calendars,
        )
        for wire in payload.rows:
            found = judge.row_of(wire, announced, carrier)
            if isinstance(found, Fault):
                batch.letters.append(
                    _letter(frame, found, wire.series, wire.period.start)
                )
                continue
            if found.owner is not None:
                batch.former.append((frame, wire, found))
                continue
            batch.incoming.append(
                Incoming(
                    row=found.row, contract_hash=found.contract_hash, carrier=carrier
                )
            )

    async def _learn(
        self,
        connection: PooledConnection,
        stream: str,
        payload: Payload,
        batch: _Batch,
        now: datetime,
    ) -> None:
        """Take in what a frame announces beside numbers."""
        graph = await self._places.refresh(connection)
        news = [one for one in payload.localities if graph.get(one.id) != one]
        own = _own_places(graph, batch.areas, stream, news)
        if own:
            done = await announce_localities(
                connection, own, stream=stream, changed_at=now
            )
            batch.affected(done.affected_from)
            graph = await self._places.refresh(connection)
        ownership = batch.ownership(graph)
        catalogue = self._catalogue
        moved = await catalogue.announce_indicators(
            connection, payload.indicators, known_at=now
        )
        moved += await catalogue.put_calendars(
            connection, payload.calendars, known_at=now
        )
        await catalogue.put_agencies(
            connection, {one.id: one.name for one in payload.agencies}
        )
        await catalogue.put_sources(
            connection, {one.id: one.name for one in payload.sources}
        )
        await catalogue.put_subsystems(
            connection, map(as_announced, payload.subsystems)
        )
        moved += await catalogue.put_obligations(
            connection,
            stream,
            [o for o in payload.obligations if ownership.ever(stream, o.locality)],
        )
        # Another owner, leading series or expectation: totals may be others.
        batch.moved.update(moved)
        batch.withheld_changed |= await catalogue.put_withheld(
            connection,
            stream,
            [w for w in payload.withheld if ownership.ever(stream, w.key.locality)],
        )


def _own_places(
    graph: LocalityGraph, areas: Sequence[Area], stream: str, news: Sequence[Locality]
) -> list[Locality]:
    """Return those new or changed places that belong to the stream, as announced."""
    if not news:
        return []
    together = Ownership(areas, LocalityGraph([*graph.all(), *news]))
    return [one for one in news if stream in (one.id, _owner_of(together, one))]


def _owner_of(ownership: Ownership, place: Locality) -> str | None:
    return ownership.owner(place.id, place.valid_to or date.max)


def _lies_in_the_frame(error: Exception) -> bool:
    """Return whether the same frame would fail alike at every try.

    A value that the database, or a date, can't hold. Whatever is wrong with the
    database itself (its schema, its rights, a full disk) is nobody's frame.
    """
    if not isinstance(error, StorageError):
        return True
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return state[:2] in _REFUSED_VALUES or isinstance(
        error.__cause__, asyncpg.DataError
    )


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {cause}"[:REASON_CHARACTERS_MAX]


def _letter(
    frame: StoredFrame,
    fault: Fault,
    series: int | None = None,
    period_start: int | None = None,
) -> DeadLetter:
    return DeadLetter(
        stream=frame.stream,
        epoch=frame.epoch,
        sequence=frame.sequence,
        code=fault.code,
        detail=fault.detail,
        series=series,
        period_start=period_start,
    )


async def _frames_after(
    connection: PooledConnection, stream: str, position: tuple[int, int], limit: int
) -> list[StoredFrame]:
    records = await connection.fetch(
        """SELECT stream, epoch, sequence, head, body, signature, key_id, node,
            received_at, set_aside
        FROM frame_log WHERE stream = $1 AND (epoch, sequence) > ($2, $3)
        ORDER BY epoch, sequence LIMIT $4""",
        stream,
        *position,
        limit,
    )
    return [StoredFrame(**dict(record)) for record in records]
