"""Intake on a real database: from files and pushes to summaries."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

import city_node.observations
import federation.warehouse
from city_node.contract import InputFile, Observation, Record
from city_node.intake import ingest
from city_node.intake.ingest import Intake
from city_node.intake.landing import Landing
from city_node.intake.report import IngestReport, OutcomeKind
from city_node.observations import runs, store
from city_node.observations.stored import RecordKey, content_hash
from city_node.summaries.dirty import dirty_periods
from city_node.summaries.recompute import summaries
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX
from federation.model.status import Status
from federation.storage.pool import Pool, open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Applied, Route, Stored
from tests.conftest import DatabaseFactory
from tests.unit.node.sample import (
    NOW,
    OWNED,
    PLACES,
    SUBSYSTEM,
    accepted,
    context,
    figure,
)

APPS = (federation.warehouse.APP, city_node.observations.APP)
MEASURED = {each.indicator.id: each for each in SUBSYSTEM.indicators}
WARD = "16681@2025-07-01"


@dataclass
class Node:
    """A node's database, and what comes in and stands there."""

    pool: Pool
    warehouse: PostgresWarehouse
    intake: Intake
    clock: ManualClock

    async def feed(self, *lines: Any, **how: bool) -> IngestReport:
        """Ingest a sample file of these lines (text, or records)."""
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.clock.advance(timedelta(minutes=1))
        file = InputFile(name="s.txt", content="\n".join(["sample", *text]).encode())
        return await self.intake.ingest_file("sample", file, **how)

    async def values(self) -> list[Stored]:
        async with transaction(self.pool) as connection:
            return await self.warehouse.values(connection)

    async def value(self) -> Stored:
        (only,) = await self.values()
        return only

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))


@pytest_asyncio.fixture
async def node(migrated_database: DatabaseFactory) -> AsyncIterator[Node]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    warehouse = PostgresWarehouse(lambda key: Route(stream="vinh"))
    clock = ManualClock(NOW)
    intake = Intake(
        pool=pool,
        warehouse=warehouse,
        subsystems={"sample": SUBSYSTEM},
        localities=PLACES,
        owned=OWNED,
        clock=clock,
    )
    yield Node(pool=pool, warehouse=warehouse, intake=intake, clock=clock)
    await pool.close()


def line(key: str, value: int | None = 1, **said: Any) -> dict[str, Any]:
    return {"key": key, "value": value} | said


async def test_what_was_fed_stands_as_summaries_that_are_pending(node: Node) -> None:
    report = await node.feed(line("a", 2), line("b", 3), line("c", 4, day="2026-09-01"))
    assert (report.landed, report.rejected_count) == (3, 0)
    october, september = sorted(
        await node.values(), key=lambda each: -each.row.period.start
    )
    assert (october.row.state.value, september.row.state.value) == (5, 4)
    assert october.sealed is None


async def test_feeding_twice_changes_nothing(node: Node) -> None:
    lines = [line(str(n), n) for n in range(5)]
    await node.feed(*lines)
    before = await node.values()
    report = await node.feed(*lines, complete=True)
    assert (report.landed, report.changed, report.unchanged) == (0, 0, 5)
    assert await node.values() == before
    assert await node.count("record_revision") == 0
    assert await node.count("value_history") == 1


async def test_a_corrected_file_makes_new_versions(node: Node) -> None:
    await node.feed(line("a", 2), line("b", 3))
    report = await node.feed(line("a", 2), line("b", 30))
    assert (report.changed, report.unchanged) == (1, 1)
    assert (await node.value()).row.state.value == 32
    old = await node.pool.fetchrow("SELECT fields::text, revision FROM record_revision")
    assert json.loads(old[0])["value"] == 3
    assert await node.count("value_history") == 2


async def test_a_summary_that_stayed_the_same_is_not_touched(node: Node) -> None:
    await node.feed(line("r", 7, fact="x", rank=2))
    before = await node.value()
    await node.feed(line("e", 5, fact="x", rank=1, status="ESTIMATED"))
    main = [each for each in await node.values() if not each.row.series.breakdown]
    assert main == [before]


async def test_a_figure_that_moved_leaves_where_it_was(node: Node) -> None:
    await node.feed(line("a", 2))
    await node.feed(line("a", 2, locality="16690@2025-07-01"))
    status = {each.row.series.locality: each.row.status for each in await node.values()}
    assert status == {WARD: Status.DELETED, "16690@2025-07-01": Status.NORMAL}


async def test_a_figure_that_moved_to_anothers_place_is_gone(node: Node) -> None:
    await node.feed(line("a", 2))
    await node.feed(line("a", 2, locality="17443@2025-07-01"))
    assert (await node.value()).row.status is Status.DELETED


async def test_a_complete_report_deletes_what_it_leaves_out(node: Node) -> None:
    await node.feed(line("a", 2), line("b", 3), line("other", 9, scope="elsewhere"))
    report = await node.feed(line("a", 2), complete=True)
    assert report.deleted == 1
    assert (await node.value()).row.state.value == 11
    await node.feed(line("a", 2, day="2026-09-01"), complete=True)
    await node.intake.delete("sample", [RecordKey(source="office", source_key="other")])
    october = max(await node.values(), key=lambda each: each.row.period.start)
    assert october.row.status is Status.DELETED
    assert october.sealed is None


async def test_a_deleted_record_returns_when_it_is_fed_again(node: Node) -> None:
    await node.feed(line("a", 2))
    await node.intake.delete("sample", [RecordKey(source="office", source_key="a")])
    assert (await node.feed(line("a", 2))).landed == 1
    assert (await node.value()).row.state.value == 2
    assert await node.count("record_revision") == 2


async def test_refused_rows_hold_back_deletions(node: Node) -> None:
    await node.feed(line("a", 2), line("b", 3))
    report = await node.feed(line("a", 2), "! b is broken", complete=True)
    assert (report.deleted, report.deletions_held) == (0, True)
    assert (await node.value()).row.state.value == 5


async def test_neighbours_of_a_refused_row_land(node: Node) -> None:
    report = await node.feed(
        line("a", 2),
        line("future", 1, day="2027-01-01"),
        "! wrong",
        "- of the whole country",
        line("foreign", 1, locality="17443@2025-07-01"),
        line("unknown", 1, locality="nowhere"),
        line("b", 3),
    )
    assert (report.landed, report.rejected_count, report.skipped_count) == (2, 3, 2)
    assert {each.place.row for each in report.rejected} == {3, 4, 7}
    assert all(each.text_vi and each.text_en for each in report.rejected)
    assert (await node.value()).row.state.value == 5


async def test_only_the_record_that_is_too_much_is_refused(node: Node) -> None:
    report = await node.feed(
        line("a", 2), line("huge", INT64_MAX), line("b", 3), line("c", 4)
    )
    assert (report.landed, report.rejected_count) == (3, 1)
    assert (await node.value()).row.state.value == 9


async def test_a_dry_run_reports_and_writes_nothing(node: Node) -> None:
    await node.feed(line("a", 2), line("b", 3))
    report = await node.feed(
        line("a", 5), line("c", 3), "! wrong", complete=True, dry_run=True
    )
    assert (report.landed, report.changed, report.rejected_count) == (1, 1, 1)
    assert report.run is None
    assert (await node.value()).row.state.value == 5
    assert await node.count("record") == 2
    assert await node.count("ingest_run") == 1


async def test_a_row_stated_twice_in_a_file_counts_once(node: Node) -> None:
    lines = [line("a", 2), line("a", 9)]
    first = await node.feed(*lines)
    again = await node.feed(*lines)
    assert (first.landed, first.skipped_count) == (1, 1)
    assert (again.unchanged, again.changed) == (1, 0)
    assert (await node.value()).row.state.value == 9


async def test_a_truncated_file_lands_nothing(node: Node) -> None:
    with pytest.raises(FederationError) as caught:
        await node.feed(line("a", 2), '{"key": "b", "val')
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert await node.count("record") == 0


async def test_a_file_of_no_known_form_is_told_what_is_read(node: Node) -> None:
    file = InputFile(name="photo.jpg", content=b"\xff\xd8")
    with pytest.raises(FederationError) as caught:
        await node.intake.ingest_file("sample", file)
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert "sample file" in caught.value.text_en


async def test_a_key_of_another_subsystem_is_not_taken_over(node: Node) -> None:
    await node.feed(line("a", 2))
    await node.pool.execute("UPDATE record SET subsystem = 'other'")
    report = await node.feed(line("a", 3))
    assert report.rejected_count == 1


async def test_runs_are_kept_with_their_report(node: Node) -> None:
    await node.feed(line("a", 2), "! wrong")
    (run,) = await runs.latest(node.pool)
    assert run.ended_at is not None
    assert run.report is not None
    assert run.report["rejected"][0]["place"]["row"] == 3


async def test_a_changed_contract_loses_no_value(node: Node) -> None:
    await node.feed(*(line(str(n), n, day=f"2026-0{n}-01") for n in range(1, 6)))
    before = await node.values()
    per_mille = tuple(
        replace(each, indicator=replace(each.indicator, scale=3), contribute=times_1000)
        if each.indicator.id == "sample.sum"
        else each
        for each in SUBSYSTEM.indicators
    )
    changed = replace(SUBSYSTEM, indicators=per_mille)
    node.intake._landings = {
        "sample": Landing(node.pool, node.warehouse, changed, PLACES)
    }
    report = await node.intake.derive("sample")
    assert (report.unchanged, report.rejected_count) == (5, 0)
    after = await node.values()
    assert [each.row.state.value for each in after] == [
        each.row.state.value * 1000 for each in before
    ]
    assert {each.contract_hash for each in after} == {
        each.indicator.contract_hash
        for each in per_mille
        if each.indicator.id == "sample.sum"
    }
    await node.intake.derive("sample")
    assert await node.values() == after


def times_1000(record: Record) -> Iterator[Observation]:
    """Read a record as a later release does, with three more digits."""
    for observation in MEASURED["sample.sum"].contribute(record):
        state = observation.state
        yield replace(
            observation, state=state and replace(state, value=state.value * 1000)
        )


async def test_a_record_that_can_no_longer_be_read_comes_to_nothing(node: Node) -> None:
    await node.feed(line("a", 2), line("b", 3))
    await node.pool.execute(
        """UPDATE record SET fields = jsonb_set(fields, '{value}', '-5'),
            content_hash = $1 WHERE source_key = 'b'""",
        content_hash(figure("b", value=-5)),
    )
    report = await node.intake.derive("sample")
    assert (report.unchanged, report.rejected_count) == (1, 1)
    assert (await node.value()).row.state.value == 2


class Interrupted(Exception):
    """The process was killed."""


class KilledAt(PostgresWarehouse):
    """A warehouse whose process is killed in a given batch, before it commits."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.left = batch

    async def apply(self, *given: Any, **named: Any) -> Applied:
        applied = await super().apply(*given, **named)
        self.left -= 1
        if self.left == 0:
            raise Interrupted
        return applied


async def test_an_interrupted_batch_leaves_nothing_half(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_RECORDS", 10)
    lines = [line(str(n), n, day=f"2026-0{n % 9 + 1}-01") for n in range(35)]
    whole = node.intake._landings
    node.intake._landings = {
        "sample": Landing(node.pool, KilledAt(3), SUBSYSTEM, PLACES)
    }
    with pytest.raises(Interrupted):
        await node.feed(*lines)
    assert await node.count("record") == 20
    assert await node.count("observation") == 20
    await assert_equal_to_the_pure_function(node)
    node.intake._landings = whole
    report = await node.feed(*lines)
    assert (report.landed, report.unchanged) == (15, 20)
    await assert_equal_to_the_pure_function(node)


async def assert_equal_to_the_pure_function(node: Node) -> None:
    async with transaction(node.pool) as connection:
        keys = [
            RecordKey(source=row[0], source_key=row[1])
            for row in await connection.fetch(
                "SELECT DISTINCT source, source_key FROM observation"
            )
        ]
        observations = await store.of_records(connection, keys)
    dirty = dirty_periods(observations, MEASURED, now=NOW)
    wanted = summaries(MEASURED, dirty, observations, firsts={}, now=NOW)
    stands = [
        each.row
        for each in await node.values()
        if each.row.status is not Status.DELETED
    ]
    assert comparable(stands) == comparable(wanted)


def comparable(rows: Sequence[Any]) -> dict[Any, Any]:
    return {
        (row.series, row.period): (
            row.state,
            row.counts,
            row.expected,
            row.reported,
            row.source,
        )
        for row in rows
    }


def random_figure(chance: random.Random) -> Any:
    """Return a record of few keys, so that most of them correct an earlier one."""
    estimate = chance.random() < 0.3
    return figure(
        f"k{chance.randrange(25)}",
        source=chance.choice(("office", "bureau")),
        measure=chance.choice(("sum", "last", "ratio", "weighted_mean", "published")),
        locality=chance.choice((WARD, "16690@2025-07-01")),
        day=f"2026-{chance.choice((9, 10)):02}-{chance.randrange(1, 29):02}",
        value=chance.choice((None, 0, 3, 8)),
        second=chance.randrange(1, 4),
        fact=chance.choice(("", "x", "y")),
        rank=1 if estimate else chance.choice((0, 2)),
        published_at=chance.choice((None, datetime(2026, 10, 1, tzinfo=UTC), NOW)),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_batching_equals_recomputing_from_scratch(
    node: Node, seed: int
) -> None:
    chance = random.Random(seed)
    landing = Landing(node.pool, node.warehouse, SUBSYSTEM, PLACES)
    for _ in range(25):
        by_key = {}
        for record in (random_figure(chance) for _ in range(chance.randrange(1, 12))):
            by_key[record.source, record.source_key] = record
        if chance.random() < 0.2:
            keys = [RecordKey(source=a, source_key=b) for a, b in by_key]
            await landing.delete(keys, now=NOW)
        else:
            await landing.land(accepted(*by_key.values()), context(), dry_run=False)
        await assert_equal_to_the_pure_function(node)


async def test_ingests_at_the_same_time_lose_no_update(node: Node) -> None:
    landing = Landing(node.pool, node.warehouse, SUBSYSTEM, PLACES)
    chance = random.Random(1)

    async def one(worker: int) -> None:
        for batch in range(6):
            records = [
                figure(
                    f"{worker}-{batch}-{n}",
                    locality=chance.choice((WARD, "16690@2025-07-01")),
                    day=f"2026-{chance.randrange(1, 11):02}-05",
                    measure=chance.choice(("sum", "max")),
                    value=n,
                )
                for n in range(10)
            ]
            chance.shuffle(records)
            outcomes = await landing.land(accepted(*records), context(), dry_run=False)
            assert {each.kind for each in outcomes} == {OutcomeKind.LANDED}

    await asyncio.gather(*(one(worker) for worker in range(6)))
    assert await node.count("observation") == 360
    await assert_equal_to_the_pure_function(node)


async def test_the_same_file_fed_twice_at_once_lands_once(node: Node) -> None:
    lines = [line(str(n), 1) for n in range(50)]
    reports = await asyncio.gather(*(node.feed(*lines) for _ in range(4)))
    assert sum(report.landed for report in reports) == 50
    assert (await node.value()).row.state.value == 50


async def test_what_an_input_only_leaves_out_replaces_nothing_that_stands(
    node: Node,
) -> None:
    (told,) = accepted(figure("a", value="7"))
    (left_out,) = accepted(figure("a", value=None))
    left_out = replace(left_out, inferred=True)
    (new,) = accepted(figure("b", value=None, day="2026-09-01"))
    await node.intake.ingest_items("sample", "whole", [told])
    report, _ = await node.intake.ingest_items(
        "sample", "part", [left_out, replace(new, inferred=True)]
    )
    assert (report.landed, report.changed, report.unchanged) == (1, 0, 1)
    october, september = sorted(
        await node.values(), key=lambda each: -each.row.period.start
    )
    assert october.row.state.value == 7
    assert september.row.status is Status.MISSING
    (said,) = accepted(figure("a", value=None))
    report, _ = await node.intake.ingest_items("sample", "said", [said])
    assert report.changed == 1
