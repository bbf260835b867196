"""Reports on a node's database: the real form, and generated days as time goes on."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio

import city_node.observations
import federation.warehouse
from city_node.contract import Accepted, Place
from city_node.intake.ingest import Intake
from city_node.subsystems.citizen_feedback import SUBSYSTEM
from city_node.subsystems.citizen_feedback.services import SERVICES
from city_node.subsystems.citizen_feedback.simulate import simulate
from city_node.summaries.period_ends import PeriodEnds
from federation.algebra.value import decimal_value
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.model.period import LOCAL
from federation.model.row import SIMULATED_FEED
from federation.model.status import Provenance, Status
from federation.storage.pool import open_pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import SeriesFilter
from tests.subsystems.citizen_feedback.answers import OWNED
from tests.subsystems.localities import NOW, PLACES, MemoryLocalities, ward_id
from tests.subsystems.real_files import real_file

APPS = (federation.warehouse.APP, city_node.observations.APP)
MEASURED = {each.indicator.id: each for each in SUBSYSTEM.indicators}
WARDS = [place for place in PLACES if place.id in OWNED and place.level == "commune"]


class Node:
    def __init__(self, pool, clock):
        self.pool, self.clock = pool, clock
        self.warehouse = PostgresWarehouse()
        self.ends = PeriodEnds(
            pool, self.warehouse, MEASURED, MemoryLocalities(), clock
        )
        self.intake = Intake(
            pool=pool,
            warehouse=self.warehouse,
            subsystems={"citizen_feedback": SUBSYSTEM},
            localities=MemoryLocalities(),
            owned=OWNED,
            clock=clock,
        )

    async def generate(self, since, until):
        self.clock.advance(until - self.clock.now())
        items = [
            Accepted(record=record, place=Place(file="simulate", row=row))
            for row, record in enumerate(simulate(WARDS[:2], since, until, 3), 1)
        ]
        report, _ = await self.intake.ingest_items(
            "citizen_feedback", "simulate", items
        )
        await self.ends.catch_up()
        return report

    async def rows(self, name):
        chosen = SeriesFilter(indicators=[f"citizen_feedback.{name}"])
        async with transaction(self.pool) as connection:
            stored = await self.warehouse.values(connection, chosen)
        return {
            (each.row.series.locality, each.row.period.text): each.row
            for each in stored
            if each.row.status is not Status.DELETED
        }


@pytest_asyncio.fixture
async def node(migrated_database):
    pool = await open_pool(await migrated_database(APPS), name="test")
    yield Node(pool, ManualClock(NOW))
    await pool.close()


async def feed_real(node, **how):
    file = real_file("open311/open311_chicago_requests.json")
    return await node.intake.ingest_file("citizen_feedback", file, **how)


def moment(text):
    return datetime.fromisoformat(text)


async def test_the_real_form_arrives_as_simulated_figures_of_vinh(node):
    report = await feed_real(node, simulated=True, stand_in="vinh")
    assert (report.landed, report.rejected_count, report.skipped_count) == (50, 0, 0)
    assert report.not_used_count == 299
    said = json.loads(real_file("open311/open311_chicago_requests.json").content)

    received = await node.rows("received")
    days = Counter(
        moment(each["requested_datetime"]).astimezone(LOCAL.zone).date().isoformat()
        for each in said
    )
    assert {day: row.state.value for (_, day), row in received.items()} == days
    assert {place for place, _ in received} == {"vinh"}
    assert {row.provenance for row in received.values()} == {Provenance.SIMULATED}
    assert {row.series.breakdown for row in received.values()} == {SIMULATED_FEED}

    # Counted again from the file, with nothing of the reader but the table.
    cases = [each for each in said if not each["extended_attributes"].get("duplicate")]
    spans = []
    for each in cases:
        asked = moment(each["requested_datetime"])
        due = SERVICES.due(SERVICES.category_of(each["service_name"]), asked)
        shut = each["status"] == "closed"
        spans.append((due, moment(each["updated_datetime"]) if shut else None))
    overdue = await node.rows("overdue_open")
    for day in ("2014-03-31", "2014-12-31", "2015-09-30", "2015-10-10", "2026-11-21"):
        end = datetime.fromisoformat(day).replace(tzinfo=LOCAL.zone) + timedelta(days=1)
        open_then = sum(
            due <= end and (shut is None or shut > end) for due, shut in spans
        )
        assert overdue["vinh", day].state.value == open_then, day
    on_time = await node.rows("answered_on_time")
    assert sum(row.state.second for row in on_time.values()) == len(cases)
    assert sum(row.state.value for row in on_time.values()) == sum(
        shut is not None and shut <= due for due, shut in spans
    )
    months = await node.rows("time_to_resolve")
    assert {month for _, month in months} == {"2015-09", "2015-10"}


async def test_a_desk_elsewhere_lands_nothing_unless_it_is_called_simulated(node):
    report = await feed_real(node)
    assert (report.landed, report.skipped_count) == (0, 50)
    assert [each.reason for each in report.skipped] == ["no-place"]
    for how, code in (
        ({"stand_in": "vinh"}, ErrorCode.INVALID_ARGUMENT),
        ({"simulated": True, "stand_in": "17443"}, ErrorCode.NOT_FOUND),
    ):
        with pytest.raises(FederationError) as caught:
            await feed_real(node, **how)
        assert caught.value.code is code


async def test_late_answers_and_corrections_come_to_what_one_run_comes_to(
    node, migrated_database
):
    since = date(2026, 10, 20)
    node.clock.advance(datetime(2026, 10, 21, tzinfo=UTC) - node.clock.now())
    stops = [datetime(2026, 10, day, 5, tzinfo=UTC) for day in (22, 24, 25, 29)]
    changed = 0
    for before, until in pairwise([node.clock.now(), *stops]):
        assert before < until
        changed += (await node.generate(since, until)).changed
    assert changed > 10

    pool = await open_pool(await migrated_database(APPS), name="test")
    once = Node(pool, ManualClock(stops[0]))
    await once.generate(since, stops[-1])
    for measured in SUBSYSTEM.indicators:
        name = measured.indicator.id.partition(".")[2]
        stepwise, at_once = await node.rows(name), await once.rows(name)
        assert stepwise.keys() == at_once.keys(), name
        for key, row in stepwise.items():
            assert (row.state, row.status) == (
                at_once[key].state,
                at_once[key].status,
            ), (name, key)
    await pool.close()


async def test_generated_wards_look_like_a_city(node):
    await node.generate(date(2026, 10, 1), NOW)
    received = await node.rows("received")
    ward = ward_id("16681")
    days = [row for (place, _), row in received.items() if place == ward]
    assert len(days) >= 51
    total = sum(row.state.value for row in days)
    assert 60 < total < 800
    on_time = await node.rows("answered_on_time")
    kept = sum(row.state.value for row in on_time.values())
    due = sum(row.state.second for row in on_time.values())
    assert 0.75 < kept / due < 0.95
    overdue = await node.rows("overdue_open")
    assert any(row.state.value for row in overdue.values())
    resolved = (await node.rows("time_to_resolve"))[ward, "2026-10"]
    indicator = MEASURED["citizen_feedback.time_to_resolve"].indicator
    assert 4 < decimal_value(indicator, resolved.state) < 40
