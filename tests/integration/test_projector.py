"""Committed frames become values: once, in sequence, and never the bad ones."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from federation import catalogue as catalogue_package
from federation import inbox, localities, warehouse
from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.identity.documents import START, Area
from federation.inbox.records import Arrival, DeadLetter, Fault
from federation.inbox.store_postgres import PostgresInboxStore
from federation.localities.areas import read_areas
from federation.localities.lists import read_list
from federation.localities.store import CurrentGraph, import_areas, import_list
from federation.model.indicator import Measure, Text
from federation.model.locality import Locality
from federation.model.period import Frequency, Period, period_of_day
from federation.model.row import SeriesKey, State, Version
from federation.model.status import Counts, Provenance, Status
from federation.storage.errors import StorageError
from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Stored
from federation.wire.frames import GENESIS_HEAD, FrameHeader, SealedFrame, seal
from federation.wire.payload import (
    AnnouncedOrigin,
    AnnouncedSeries,
    AnnouncedSource,
    CompleteThrough,
    GapRecord,
    LossRecord,
    Payload,
    WireRow,
)
from federation.wire.refusal import RefusalCode
from province_hub import projector as projector_package
from province_hub.projector.progress import read_progress
from province_hub.projector.projector import Projector
from tests.indicators import an_indicator

NOW = datetime(2026, 5, 22, tzinfo=UTC)
APPS = [
    warehouse.APP,
    catalogue_package.APP,
    localities.APP,
    inbox.APP,
    projector_package.APP,
]
AREAS = {
    "vinh": Area(stream="vinh", localities=("vinh",), includes_parts=True),
    "17443": Area(stream="17443", localities=("17443@2025-07-01",)),
    "nghe-an-departments": Area(stream="nghe-an-departments", localities=("40",)),
}
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
PLACES = json.dumps(
    [
        {
            "Code": code,
            "FullName": name,
            "FullNameEn": name,
            "Wards": [{"Code": u, "FullName": u, "FullNameEn": u} for u in units],
        }
        for code, name, units in (
            ("40", "Tỉnh Nghệ An", ("16681", "16690", "17443")),
            ("01", "Thành phố Hà Nội", ("00004",)),
        )
    ]
).encode()
WARD = "16681@2025-07-01"
TEXT = Text(vi="x", en="x")
FOUND = an_indicator()


def series(number: int, locality: str = WARD, **changes: Any) -> AnnouncedSeries:
    key = SeriesKey(indicator=FOUND.id, locality=locality)
    hash_ = changes.pop("contract_hash", FOUND.contract_hash)
    return AnnouncedSeries(
        number=number, key=replace(key, **changes), contract_hash=hash_
    )


def wire(number: int = 1, value: int = 5, **changes: Any) -> WireRow:
    row = WireRow(
        series=number,
        measure=Measure.SUM,
        period=MAY,
        state=State(value=value),
        counts=Counts.one(Status.NORMAL, Provenance.FILE),
        expected=1,
        reported=1,
        recorded_at_us=7,
    )
    return replace(row, **changes)


FIRST = Payload(indicators=(FOUND,), series=(series(1),), rows=(wire(),))


@dataclass
class Hub:
    pool: Pool
    inbox: PostgresInboxStore
    heads: dict[str, SealedFrame] = field(default_factory=dict)

    def projector(self, **changes: Any) -> Projector:
        async def areas() -> list[Area]:
            return [*AREAS.values()]

        named: dict[str, Any] = {
            "pool": self.pool,
            "warehouse": PostgresWarehouse(),
            "catalogue": Catalogue(),
            "places": CurrentGraph(),
            "areas": areas,
            "clock": ManualClock(NOW),
        }
        return Projector(**(named | changes))

    async def open(self, stream: str) -> None:
        await self.inbox.open_stream(
            stream, node=stream, fence=1, boot_id=b"b" * 16, now=NOW
        )
        cursor = (await self.inbox.chain(stream) or [START])[0]
        granted = await self.inbox.grant_epoch(
            stream, fence=1, highest_epoch=0, common=cursor
        )
        self.heads[stream] = SealedFrame(
            stream=stream,
            epoch=granted.epoch,
            sequence=0,
            previous_head=GENESIS_HEAD,
            head=granted.head,
            body=b"",
            signature=b"",
            key_id=b"",
            row_count=0,
        )

    async def commit(
        self, payload: Payload, stream: str = "vinh", fault: Fault | None = None
    ) -> SealedFrame:
        if stream not in self.heads:
            await self.open(stream)
        last = self.heads[stream]
        header = FrameHeader(
            stream=stream,
            epoch=last.epoch,
            sequence=last.sequence + 1,
            previous_head=last.head,
            sealed_at_us=1,
            boot_id=b"b" * 16,
        )
        frame = seal(header, payload, sign=lambda body: b"s", key_id=b"k")
        arrival = Arrival(frame=frame, node=stream, fence=1, fault=fault)
        outcomes = await self.inbox.commit([arrival], now=NOW)
        assert outcomes[stream].stored
        self.heads[stream] = frame
        return frame

    async def values(self) -> list[Stored]:
        async with transaction(self.pool) as connection:
            return await PostgresWarehouse().values(connection)

    async def state(self) -> dict[str, int | None]:
        return {
            stored.row.series.locality: stored.row.state and stored.row.state.value
            for stored in await self.values()
        }

    async def letters(self, stream: str = "vinh") -> list[DeadLetter]:
        return (await self.inbox.dead_letters(stream, 100))[::-1]

    async def codes(self, stream: str = "vinh") -> list[RefusalCode]:
        return [letter.code for letter in await self.letters(stream)]


@pytest_asyncio.fixture(loop_scope="session")
async def hub(migrated_database: Any) -> AsyncIterator[Hub]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    areas = Path("infra/demo/nghe-an/areas.toml").read_bytes()
    async with transaction(pool) as connection:
        await import_list(connection, read_list(PLACES, name="places"), changed_at=NOW)
        await import_areas(
            connection, read_areas(areas, name="a"), source="a", changed_at=NOW
        )
    yield Hub(pool=pool, inbox=PostgresInboxStore(pool))
    await pool.close()


async def test_a_frame_takes_effect_once(hub: Hub) -> None:
    await hub.commit(FIRST)
    projector = hub.projector()
    assert await projector.run_until_done() == 1
    assert await projector.run_until_done() == 0
    (stored,) = await hub.values()
    assert stored.row.state == State(value=5)
    assert stored.carrier == Version(stream="vinh", epoch=1, sequence=1)
    assert (stored.contract_hash, stored.known_at) == (FOUND.contract_hash, NOW)


async def test_numbers_are_known_to_a_projector_that_starts_later(hub: Hub) -> None:
    names = Payload(
        indicators=(FOUND,),
        series=(series(1),),
        sources=(AnnouncedSource(number=3, id="portal", name=TEXT),),
        origins=(AnnouncedOrigin(number=2, streams=("16681", "vinh-2")),),
    )
    await hub.commit(names)
    await hub.projector().run_until_done()
    row = wire(source=3, origin=2, origin_epoch=4, origin_sequence=9)
    await hub.commit(Payload(rows=(row,)))
    await hub.projector().run_until_done()
    (stored,) = await hub.values()
    assert stored.row.source == "portal"
    assert stored.row.origin == Version(stream="16681/vinh-2", epoch=4, sequence=9)


async def test_numbers_live_one_epoch(hub: Hub) -> None:
    projector = hub.projector()
    await hub.commit(FIRST)
    await projector.run_until_done()
    await hub.open("vinh")
    await hub.commit(Payload(rows=(wire(value=6),)))
    await projector.run_until_done()
    assert await hub.codes() == [RefusalCode.SERIES_UNDECLARED]
    assert await hub.state() == {WARD: 5}


async def test_a_bad_row_is_set_aside_and_its_neighbours_land(hub: Hub) -> None:
    other = replace(FOUND, scale=2)
    announced = (
        series(1),
        series(2, "16690@2025-07-01"),
        series(3, "17443@2025-07-01"),
        series(4, contract_hash=other.contract_hash, agency="H41.A"),
        series(5, "99999"),
        series(6, "412"),
        series(7, breakdown="disease=x"),
    )
    rows = (
        wire(1, 5),
        wire(2, 6),
        wire(3),
        wire(4),
        wire(5),
        wire(6),
        wire(7),
        wire(8),
        wire(2, -1, period=period_of_day(Frequency.MONTH, date(2026, 4, 1))),
        wire(2, period=Period(frequency=Frequency.MONTH, start=MAY.start + 1)),
        wire(2, period=period_of_day(Frequency.DAY, date(2026, 5, 1))),
        wire(2, source=77, period=period_of_day(Frequency.MONTH, date(2026, 3, 1))),
    )
    await hub.commit(Payload(indicators=(FOUND,), series=announced, rows=rows))
    await hub.projector().run_until_done()
    assert await hub.state() == {WARD: 5, "16690@2025-07-01": 6}
    found = {(le.series, le.code.name) for le in await hub.letters()}
    assert found == {
        (3, "LOCALITY_NOT_OWNED"),
        (4, "CONTRACT_DIFFERS"),
        (5, "LOCALITY_NOT_OWNED"),
        (6, "ROWS_INVALID"),
        (7, "ROWS_INVALID"),
        (8, "SERIES_UNDECLARED"),
        (2, "ROWS_INVALID"),
        (2, "SERIES_UNDECLARED"),
    }
    assert len(await hub.letters()) == 10


async def test_a_former_place_takes_figures_of_its_time_only(hub: Hub) -> None:
    then = period_of_day(Frequency.MONTH, date(2017, 12, 1))
    rows = (wire(1, 3, period=then), wire(2, 4, period=then), wire(1, 5))
    announced = (series(1, "412"), series(2, WARD))
    await hub.commit(Payload(indicators=(FOUND,), series=announced, rows=rows))
    await hub.projector().run_until_done()
    assert await hub.state() == {"412": 3}
    assert set(await hub.codes()) == {RefusalCode.ROWS_INVALID}


async def test_parts_belong_only_where_the_assignment_says_so(hub: Hub) -> None:
    announced = (series(1, "40"), series(2, WARD))
    payload = Payload(indicators=(FOUND,), series=announced, rows=(wire(1), wire(2)))
    await hub.commit(payload, "nghe-an-departments")
    await hub.projector().run_until_done()
    assert await hub.state() == {"40": 5}
    assert await hub.codes("nghe-an-departments") == [RefusalCode.LOCALITY_NOT_OWNED]


async def test_a_stream_of_nobody_lands_nothing(hub: Hub) -> None:
    await hub.commit(FIRST, "stranger")
    await hub.projector().run_until_done()
    assert await hub.state() == {}
    assert await hub.codes("stranger") == [RefusalCode.LOCALITY_NOT_OWNED]


async def test_a_frame_that_was_set_aside_is_stepped_over(hub: Hub) -> None:
    await hub.commit(FIRST, fault=Fault(code=RefusalCode.ROWS_INVALID))
    await hub.commit(FIRST)
    assert await hub.projector().run_until_done() == 2
    assert await hub.state() == {WARD: 5}


async def test_what_cannot_be_kept_never_stops_the_stream(hub: Hub) -> None:
    for bad in (
        Payload(indicators=(replace(FOUND, id="a\0b"),)),
        Payload(indicators=(replace(FOUND, id="huge", scale=4_000_000),)),
        Payload(series=(series(9, "x\0"),)),
        Payload(losses=(loss("a\0"),)),
    ):
        await hub.commit(bad)
    await hub.commit(FIRST)
    await hub.projector().run_until_done()
    assert await hub.codes() == [RefusalCode.ROWS_INVALID] * 4
    assert await hub.state() == {WARD: 5}


def loss(reason: str = "disk_full") -> LossRecord:
    return LossRecord(
        indicator="",
        reason=reason,
        record_count=2**63,
        first_at_us=1,
        last_at_us=2,
    )


async def test_a_stream_says_how_far_it_is_complete_and_what_it_lost(
    hub: Hub,
) -> None:
    april = period_of_day(Frequency.MONTH, date(2026, 4, 1))
    gap = GapRecord(epoch=1, first_sequence=2, last_sequence=3, reason="pruned")
    complete = CompleteThrough(calendar="vn", period=april)
    payload = replace(
        FIRST, complete_through=(complete,), losses=(loss(),), gaps=(gap,)
    )
    await hub.commit(payload)
    await hub.projector().run_until_done()
    async with transaction(hub.pool) as connection:
        (progress,) = await read_progress(connection, "vinh")
        assert await connection.fetchval("SELECT reason FROM stream_loss") == (
            "disk_full"
        )
        assert await connection.fetchval("SELECT last_sequence FROM stream_gap") == 3
    assert (progress.calendar, progress.period) == ("vn", april)


async def test_a_newer_definition_starts_the_indicator_anew(hub: Hub) -> None:
    newer = replace(FOUND, scale=1, definition_version=2)
    changed = series(2, contract_hash=newer.contract_hash)
    await hub.commit(FIRST)
    await hub.commit(
        Payload(indicators=(newer,), series=(changed,), rows=(wire(2, 50),))
    )
    await hub.commit(Payload(rows=(wire(1, 6),)))
    await hub.projector().run_until_done()
    (stored,) = await hub.values()
    assert stored.contract_hash == newer.contract_hash
    assert stored.row.state == State(value=50)
    assert await hub.codes() == [RefusalCode.CONTRACT_DIFFERS]


async def test_a_child_names_places_of_its_own_only(hub: Hub) -> None:
    def named(locality_id: str, parent: str) -> Locality:
        return Locality(
            id=locality_id,
            code=locality_id,
            name_vi=locality_id,
            name_en=locality_id,
            level="commune",
            parent=parent,
        )

    own, foreign = named("h1", "412"), named("h2", "01")
    takes = replace(own, id="40", code="40", name_vi="stolen")
    await hub.commit(replace(FIRST, localities=(own, foreign, takes)))
    await hub.projector().run_until_done()
    async with transaction(hub.pool) as connection:
        graph = await CurrentGraph().refresh(connection)
    assert graph.get("h1") is not None
    assert graph.get("h2") is None
    assert graph.get("40").name_vi == "Tỉnh Nghệ An"  # type: ignore[union-attr]


async def test_two_projectors_apply_everything_once(hub: Hub) -> None:
    payloads = [FIRST, *(Payload(rows=(wire(value=n),)) for n in range(6, 60))]
    for payload in payloads:
        await hub.commit(payload)
    first, second = hub.projector(), hub.projector()
    done = await asyncio.gather(first.run_until_done(), second.run_until_done())
    assert sum(done) == len(payloads)
    assert await hub.state() == {WARD: 59}
    assert await hub.letters() == []


async def test_an_undone_transaction_leaves_no_trace_in_memory(hub: Hub) -> None:
    class Failing(PostgresWarehouse):
        failures = 1

        async def apply(self, *args: Any, **named: Any) -> Any:
            if self.failures:
                self.failures -= 1
                raise ConnectionResetError
            return await super().apply(*args, **named)

    await hub.commit(FIRST)
    projector = hub.projector(warehouse=Failing())
    with pytest.raises(StorageError):
        await projector.run_until_done()
    assert await projector.run_until_done() == 1
    assert await hub.state() == {WARD: 5}
    async with transaction(hub.pool) as connection:
        count = await connection.fetchval("SELECT count(*) FROM indicator_contract")
    assert count == 1


async def test_a_commit_wakes_the_projector(hub: Hub) -> None:
    await hub.open("vinh")
    running = asyncio.create_task(hub.projector(poll_interval_s=60).run())
    await hub.commit(FIRST)
    async with asyncio.timeout(10):
        while await hub.state() != {WARD: 5}:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
