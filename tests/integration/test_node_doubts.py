"""Input that can be and is doubted lands and is named; what can't be is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

import city_node.observations
import federation.warehouse
from city_node.contract import InputFile, NotUsed, Place
from city_node.intake.doubts import JUMP, STATED_TWICE
from city_node.intake.ingest import Intake
from city_node.intake.report import IngestReport, report_of
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.storage.pool import open_pool
from federation.warehouse.postgres import PostgresWarehouse
from tests.conftest import DatabaseFactory
from tests.unit.node.sample import NOW, OWNED, PLACES, SUBSYSTEM, accepted, figure

APPS = (federation.warehouse.APP, city_node.observations.APP)
# Rates can't be above 100.
LIMITED = replace(
    SUBSYSTEM,
    indicators=tuple(
        replace(each, indicator=replace(each.indicator, maximum=100))
        if each.indicator.id in ("sample.published", "sample.ratio")
        else each
        for each in SUBSYSTEM.indicators
    ),
)


class Desk:
    """Feeds files into a node's database."""

    def __init__(self, intake: Intake, clock: ManualClock) -> None:
        self.intake = intake
        self._clock = clock

    async def feed(self, *lines: dict[str, Any], **how: bool) -> IngestReport:
        self._clock.advance(timedelta(minutes=1))
        text = "\n".join(["sample", *map(json.dumps, lines)])
        file = InputFile(name="s.txt", content=text.encode())
        return await self.intake.ingest_file("sample", file, **how)


@pytest_asyncio.fixture
async def desk(migrated_database: DatabaseFactory) -> AsyncIterator[Desk]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    clock = ManualClock(NOW)
    intake = Intake(
        pool=pool,
        warehouse=PostgresWarehouse(),
        subsystems={"sample": LIMITED},
        localities=PLACES,
        owned=OWNED,
        clock=clock,
    )
    yield Desk(intake, clock)
    await pool.close()


def month(number: int, value: int, key: str = "", **said: Any) -> dict[str, Any]:
    return {
        "key": key or f"m{number}",
        "day": f"2026-{number:02}-05",
        "value": value,
    } | said


async def test_a_month_in_another_unit_lands_and_is_flagged(desk: Desk) -> None:
    first = await desk.feed(month(6, 1213), month(7, 980), month(8, 1402))
    assert first.flagged_count == 0
    report = await desk.feed(month(9, 1_263_197))
    assert (report.landed, report.flagged_count, report.rejected_count) == (1, 1, 0)
    (flag,) = report.flagged
    assert (flag.code, flag.place.row) == (JUMP, 2)
    assert "1.263.197" in flag.text_vi
    assert "1,263,197" in flag.text_en
    again = await desk.feed(month(9, 1263))
    assert (again.changed, again.flagged_count) == (1, 0)


async def test_a_month_in_a_smaller_unit_is_flagged_too(desk: Desk) -> None:
    report = await desk.feed(month(6, 121_300), month(7, 98_000), month(8, 140))
    assert [each.place.row for each in report.flagged] == [4]


async def test_a_first_figure_and_a_zero_say_nothing_of_units(desk: Desk) -> None:
    report = await desk.feed(month(5, 9_000_000), month(6, 0), month(7, 8_000_000))
    assert report.flagged_count == 0


async def test_a_doubt_is_told_before_anything_lands(desk: Desk) -> None:
    await desk.feed(month(6, 1213))
    report = await desk.feed(month(7, 1_213_000), dry_run=True)
    assert report.flagged_count == 1


async def test_a_month_stated_twice_in_a_file_names_both_places(desk: Desk) -> None:
    report = await desk.feed(month(6, 5, "a"), month(6, 7, "a"))
    assert (report.landed, report.flagged_count) == (1, 1)
    (flag,) = report.flagged
    assert flag.code == STATED_TWICE
    assert "row 2" in flag.text_en
    assert "row 3" in flag.text_en


async def test_two_tables_that_contradict_each_other_are_named(desk: Desk) -> None:
    fact = {"measure": "published", "fact": "growth"}
    report = await desk.feed(month(6, 93, "t4", **fact), month(6, 7, "t9", **fact))
    assert (report.landed, report.flagged_count) == (2, 1)
    (flag,) = report.flagged
    assert flag.code == STATED_TWICE
    assert "93" in flag.text_en
    assert "row 2" in flag.text_en


async def test_a_later_file_that_says_otherwise_is_a_revision(desk: Desk) -> None:
    await desk.feed(month(6, 5, "a"))
    report = await desk.feed(month(6, 7, "a"))
    assert (report.changed, report.flagged_count) == (1, 0)


async def test_more_than_can_be_is_refused_and_its_neighbours_land(desk: Desk) -> None:
    report = await desk.feed(
        month(6, 93, measure="published"),
        month(7, 103, measure="published"),
        month(8, 900, measure="ratio", second=4),
    )
    assert (report.landed, report.rejected_count) == (1, 2)
    assert [each.place.row for each in report.rejected] == [3, 4]
    assert "103" in report.rejected[0].text_vi
    assert "225" in report.rejected[1].text_en


async def test_what_is_not_used_is_counted_by_column(desk: Desk) -> None:
    cells = [
        NotUsed(
            place=Place(file="f", sheet="4", row=row, column="C"),
            reason="no-indicator",
            text_vi="Cột “Cả nước” chưa có chỉ tiêu.",
            text_en="The column “Country” has no indicator.",
        )
        for row in (5, 6, 7)
    ]
    report, _ = await desk.intake.ingest_items(
        "sample", "f", [*cells, *accepted(figure("a"))]
    )
    assert (report.landed, report.not_used_count) == (1, 3)
    (column,) = report.not_used
    assert (column.count, column.first.row) == (3, 5)
    assert [(each.sheet, each.not_used) for each in report.sheets] == [
        ("4", 3),
        ("", 0),
    ]
    (run,) = await desk.intake.runs()
    assert run.report is not None
    assert run.report["not_used"][0]["count"] == 3
    kept = await desk.intake.run(run.id)
    assert kept.report is not None
    assert report_of(kept.report) == report


async def test_a_run_that_is_not_there_is_called_so(desk: Desk) -> None:
    with pytest.raises(FederationError) as caught:
        await desk.intake.run(99)
    assert caught.value.code is ErrorCode.NOT_FOUND
