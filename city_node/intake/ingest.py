"""Ingests a file or a push and reports what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from city_node.contract import (
    Accepted,
    FileReader,
    InputFile,
    LocalityLookup,
    NotUsed,
    Place,
    ReadContext,
    ReadItem,
    Record,
    Rejected,
    Skipped,
    Subsystem,
)
from city_node.intake.doubts import StatedFacts, repeated
from city_node.intake.landing import Landing
from city_node.intake.report import (
    IngestReport,
    Outcome,
    OutcomeKind,
    Tally,
    read_outcome,
)
from city_node.observations import runs, store
from city_node.observations.runs import IngestRun
from city_node.observations.stored import RecordKey, content_hash, key_of
from city_node.sources.understanding import Understanding, explain
from city_node.summaries.recompute import ValueStore
from federation.clock import Clock
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.period import CALENDARS, Calendar
from federation.model.row import INT64_MAX
from federation.model.status import Provenance
from federation.storage.pool import Pool, transaction

BATCH_RECORDS = 1000
"""Records of one transaction; what comes after is landed by the next one."""

FILE_BYTES_MAX = 64 * 1024 * 1024
"""A larger file is refused: it is read as a whole. Split it by month."""

DERIVE_NAME = "derive"
"""The input of a run that read nothing but the node's own records."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Input:
    """What was read, before anything of it lands."""

    name: str
    reader: str
    accepted: Sequence[Accepted]
    outcomes: Sequence[Outcome]


class Intake:
    """Takes in what the sources say, for all subsystems of a node."""

    def __init__(
        self,
        *,
        pool: Pool,
        warehouse: ValueStore,
        subsystems: Mapping[str, Subsystem],
        localities: LocalityLookup,
        owned: frozenset[str],
        clock: Clock,
        calendars: Mapping[str, Calendar] = CALENDARS,
    ) -> None:
        """Take in for the localities in ``owned``."""
        self._pool = pool
        self._calendars = calendars
        self._subsystems = subsystems
        self._localities = localities
        self._owned = owned
        self._clock = clock
        self._landings = {
            name: Landing(pool, warehouse, subsystem, localities)
            for name, subsystem in subsystems.items()
        }

    def subsystem(self, name: str) -> Subsystem:
        """Return a subsystem of this node.

        Raises:
            FederationError: ``NOT_FOUND`` when the node has none of that name.
        """
        if name in self._subsystems:
            return self._subsystems[name]
        have = ", ".join(sorted(self._subsystems)) or "–"
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Nút này không có phân hệ “{name}”. Đang có: {have}.",
            f"This node has no subsystem “{name}”. It has: {have}.",
            {"subsystem": name},
        )

    def context(self) -> ReadContext:
        """Return what readers and checks may know at this moment."""
        return ReadContext(
            now=self._clock.now(),
            localities=self._localities,
            owned=self._owned,
            calendars=self._calendars,
        )

    async def ingest_file(
        self,
        subsystem: str,
        file: InputFile,
        *,
        dry_run: bool = False,
        complete: bool = False,
        simulated: bool = False,
        stand_in: str = "",
    ) -> IngestReport:
        """Ingest a file.

        Args:
            subsystem: Whose readers read it.
            file: The file.
            dry_run: Report only; nothing is written.
            complete: The file is the whole of each report (scope) it holds: records of
                them that it no longer names are deleted, unless it has refused rows.
            simulated: The file shows the form of real input only: what it says lands
                as simulated.
            stand_in: The locality for which a simulated file of other places is taken.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when nothing of it can be used,
                ``TOO_LARGE``, ``NOT_FOUND`` for the subsystem or the stand-in. Nothing
                landed.
        """
        chosen = self.subsystem(subsystem)
        context = replace(self.context(), simulated=simulated, stand_in=stand_in)
        _check_stand_in(context)
        reader = _reader(chosen, file)
        # Reading a workbook takes seconds of pure computing: not on the loop.
        items = await asyncio.to_thread(lambda: list(reader.read(file, context)))
        if simulated:
            items = [_as_simulated(item) for item in items]
        read = _sorted_out(file.name, reader.id, items)
        report, _ = await self._ingest(
            chosen, read, context, dry_run=dry_run, complete=complete
        )
        return report

    async def explain_file(
        self,
        subsystem: str,
        file: InputFile,
        *,
        simulated: bool = False,
        stand_in: str = "",
    ) -> Understanding:
        """Return how a file would be understood; nothing is written.

        Raises:
            FederationError: as ``ingest_file``.
        """
        context = replace(self.context(), simulated=simulated, stand_in=stand_in)
        _check_stand_in(context)
        reader = _reader(self.subsystem(subsystem), file)
        return await asyncio.to_thread(explain, reader, file, context)

    async def ingest_items(
        self, subsystem: str, name: str, items: Sequence[ReadItem]
    ) -> tuple[IngestReport, list[Outcome]]:
        """Ingest what was pushed; return the report and the outcome of each item."""
        chosen = self.subsystem(subsystem)
        return await self._ingest(chosen, _sorted_out(name, "", items), self.context())

    async def land_one(self, subsystem: str, accepted: Accepted) -> Outcome:
        """Land a single pushed record; single pushes leave no run behind."""
        self.subsystem(subsystem)
        landing = self._landings[subsystem]
        (outcome,) = await landing.land([accepted], self.context(), dry_run=False)
        return outcome

    async def delete(self, subsystem: str, keys: Sequence[RecordKey]) -> int:
        """Delete records by key; return how many stood."""
        self.subsystem(subsystem)
        landing, now = self._landings[subsystem], self._clock.now()
        return sum(
            [
                await landing.delete(keys[start : start + BATCH_RECORDS], now=now)
                for start in range(0, len(keys), BATCH_RECORDS)
            ]
        )

    async def derive(self, subsystem: str) -> IngestReport:
        """Make all observations and summaries of a subsystem anew from its records.

        May be repeated at any time. Rows of the report that are refused are records
        that this release can no longer read.
        """
        chosen, context = self.subsystem(subsystem), self.context()
        run = await runs.begin(
            self._pool, subsystem=subsystem, name=DERIVE_NAME, now=context.now
        )
        tally = Tally()
        after: RecordKey | None = None
        while True:
            async with transaction(self._pool, doing="read records") as connection:
                records = await store.records_after(
                    connection, chosen.id, after, limit=BATCH_RECORDS
                )
            if not records:
                break
            tally.add(await self._landings[subsystem].derive(records, context))
            after = key_of(records[-1])
        # What was derived again is neither new nor changed: it is the same record.
        tally.counts[OutcomeKind.UNCHANGED] = tally.counts.pop(OutcomeKind.LANDED, 0)
        read = _Input(name=DERIVE_NAME, reader="", accepted=(), outcomes=())
        report = self._report(chosen, read, context, tally, run=run)
        await runs.end(self._pool, run, report)
        return report

    async def runs(self) -> list[IngestRun]:
        """Return the newest ingest runs, newest first."""
        return await runs.latest(self._pool)

    async def run(self, number: int) -> IngestRun:
        """Return an ingest run by its number.

        Raises:
            FederationError: ``NOT_FOUND`` when there is none, or no more.
        """
        found = None
        if 0 < number <= INT64_MAX:
            found = await runs.get(self._pool, number)
        if found is None:
            raise FederationError(
                ErrorCode.NOT_FOUND,
                f"Không có lần nạp số {number}, hoặc báo cáo của nó đã bị bỏ.",
                f"There is no ingest number {number}, or its report was dropped.",
                {"run": number},
            )
        return found

    async def _ingest(
        self,
        subsystem: Subsystem,
        read: _Input,
        context: ReadContext,
        *,
        dry_run: bool = False,
        complete: bool = False,
    ) -> tuple[IngestReport, list[Outcome]]:
        run = None
        if not dry_run:
            run = await runs.begin(
                self._pool, subsystem=subsystem.id, name=read.name, now=context.now
            )
        outcomes, stated = list(read.outcomes), StatedFacts()
        landing = self._landings[subsystem.id]
        accepted = read.accepted
        if complete:
            # A whole report leaves out on purpose.
            accepted = [replace(each, inferred=False) for each in accepted]
        for start in range(0, len(accepted), BATCH_RECORDS):
            batch = accepted[start : start + BATCH_RECORDS]
            outcomes += await landing.land(
                batch, context, dry_run=dry_run, stated=stated
            )
        tally = Tally()
        tally.add(outcomes)
        held = complete and tally.counts[OutcomeKind.REJECTED] > 0
        deleted = 0
        if complete and not held:
            gone = await self._left_out(subsystem, read.accepted)
            deleted = len(gone) if dry_run else await self.delete(subsystem.id, gone)
        report = self._report(
            subsystem,
            read,
            context,
            tally,
            run=run,
            complete=complete,
            deleted=deleted,
            deletions_held=held,
        )
        if run is not None:
            await runs.end(self._pool, run, report)
        return report, outcomes

    def _report(
        self,
        subsystem: Subsystem,
        read: _Input,
        context: ReadContext,
        tally: Tally,
        *,
        run: int | None,
        complete: bool = False,
        deleted: int = 0,
        deletions_held: bool = False,
    ) -> IngestReport:
        return IngestReport(
            run=run,
            subsystem=subsystem.id,
            input=read.name,
            reader=read.reader,
            dry_run=run is None,
            complete=complete,
            started_at=context.now,
            ended_at=self._clock.now(),
            landed=tally.counts[OutcomeKind.LANDED],
            changed=tally.counts[OutcomeKind.CHANGED],
            unchanged=tally.counts[OutcomeKind.UNCHANGED],
            deleted=deleted,
            skipped=tuple(tally.listed_skips()),
            rejected_count=tally.counts[OutcomeKind.REJECTED],
            rejected=tuple(tally.rejected),
            flagged_count=tally.flagged_count,
            flagged=tuple(tally.flagged),
            not_used_count=tally.counts[OutcomeKind.NOT_USED],
            not_used=tuple(tally.not_used.values()),
            sheets=tuple(tally.sheets()),
            deletions_held=deletions_held,
        )

    async def _left_out(
        self, subsystem: Subsystem, accepted: Sequence[Accepted]
    ) -> list[RecordKey]:
        """Return the standing records of the reports read that are no longer there."""
        records = [each.record for each in accepted]
        scopes = {(record.source, record.scope) for record in records}
        named = {key_of(record) for record in records}
        async with transaction(
            self._pool, doing="find removed records", readonly=True
        ) as connection:
            standing = await store.standing_keys(connection, subsystem.id, scopes)
        return [key for key in standing if key not in named]


def _reader(subsystem: Subsystem, file: InputFile) -> FileReader:
    if len(file.content) > FILE_BYTES_MAX:
        limit = FILE_BYTES_MAX // (1024 * 1024)
        raise FederationError(
            ErrorCode.TOO_LARGE,
            f"Tệp {file.name} lớn hơn {limit} MiB; hãy chia nhỏ, ví dụ theo tháng.",
            f"The file {file.name} is larger than {limit} MiB; split it, for example "
            "by month.",
            {"file": file.name},
        )
    for reader in subsystem.readers:
        if reader.recognises(file):
            return reader
    vi = "; ".join(reader.title.vi for reader in subsystem.readers) or "–"
    en = "; ".join(reader.title.en for reader in subsystem.readers) or "–"
    raise FederationError(
        ErrorCode.INPUT_UNREADABLE,
        f"Không nhận ra tệp {file.name}. Phân hệ {subsystem.name.vi} đọc được: {vi}.",
        f"The file {file.name} is of no known form. The subsystem {subsystem.name.en} "
        f"reads: {en}.",
        {"file": file.name},
    )


def _check_stand_in(context: ReadContext) -> None:
    name = context.stand_in
    if name and not context.simulated:
        raise FederationError(
            ErrorCode.INVALID_ARGUMENT,
            f"Chỉ nạp thay cho địa bàn “{name}” khi nạp dạng mô phỏng; hãy thêm "
            "--simulated.",
            f"A file is taken for “{name}” only as simulated; add --simulated.",
        )
    if name and name not in context.owned:
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Nút này không đại diện cho địa bàn “{name}”.",
            f"This node does not speak for “{name}”.",
            {"locality": name},
        )


def _as_simulated(item: ReadItem) -> ReadItem:
    if not isinstance(item, Accepted):
        return item
    record = replace(item.record, provenance=Provenance.SIMULATED)
    return replace(item, record=record)


def _sorted_out(name: str, reader: str, items: Sequence[ReadItem]) -> _Input:
    """Part what was read; of several rows with one key the last one stands."""
    last: dict[RecordKey, Accepted] = {}
    outcomes: list[Outcome] = []
    for item in items:
        if isinstance(item, Rejected | Skipped | NotUsed):
            outcomes.append(read_outcome(item))
            continue
        key, before = key_of(item.record), last.pop(key_of(item.record), None)
        if before is not None:
            outcomes.append(_repeated(before, item.place))
            if content_hash(before.record) != content_hash(item.record):
                doubt = repeated(before, item)
                item = replace(item, flags=(*item.flags, doubt))  # noqa: PLW2901
        last[key] = item
    return _Input(
        name=name, reader=reader, accepted=list(last.values()), outcomes=outcomes
    )


def _repeated(before: Accepted, place: Place) -> Outcome:
    record: Record = before.record
    return Outcome(
        kind=OutcomeKind.SKIPPED,
        place=before.place,
        record=record,
        reason="repeated",
        text=Text(
            vi=f"Bản ghi “{record.source_key}” được nêu lại ở {place}; lấy dòng sau.",
            en=f"The record “{record.source_key}” is stated again at {place}; the "
            "later row stands.",
        ),
    )
