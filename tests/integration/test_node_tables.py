"""Bad tables through the node's one way in: named, placed, refused or flagged.

What stands beside them lands, and feeding a file again changes nothing.
"""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

import city_node.observations
import federation.warehouse
from city_node.contract import InputFile
from city_node.intake.ingest import Intake
from city_node.subsystems.socio_economic import SUBSYSTEM
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.storage.pool import open_pool
from federation.warehouse.postgres import PostgresWarehouse
from tests.conftest import DatabaseFactory
from tests.subsystems.localities import HOSTED, NOW
from tests.subsystems.sources.mapped_tables import merged, with_formula
from tests.subsystems.workbooks import (
    foreign_investment,
    mid_year_investment,
    workbook,
)

APPS = (federation.warehouse.APP, city_node.observations.APP)
NAME = SUBSYSTEM.id
PROVINCE_ROW = 16


@pytest_asyncio.fixture
async def intake(migrated_database: DatabaseFactory) -> AsyncIterator[Intake]:
    pool = await open_pool(await migrated_database(APPS), name="test")
    yield Intake(
        pool=pool,
        warehouse=PostgresWarehouse(),
        subsystems={NAME: SUBSYSTEM},
        localities=HOSTED.localities,
        owned=HOSTED.owned,
        clock=ManualClock(NOW),
    )
    await pool.close()


def investment(**cells: object) -> list[list[object]]:
    """The June table with cells of the province's row changed, by column letter."""
    rows = mid_year_investment()
    for letter, cell in cells.items():
        rows[PROVINCE_ROW - 1][ord(letter) - ord("A")] = cell
    return rows


async def test_a_good_table_lands_once_and_whole(intake: Intake) -> None:
    file = workbook(bieu=mid_year_investment(), fdi=foreign_investment())
    report = await intake.ingest_file(NAME, file)
    assert (report.landed, report.flagged_count, report.rejected_count) == (2, 0, 0)
    again = await intake.ingest_file(NAME, file)
    assert (again.landed, again.changed, again.unchanged) == (0, 0, 2)


async def test_swapped_columns_are_refused_by_what_they_can_be(intake: Intake) -> None:
    # Year to date and the month's estimate stand under each other's heading.
    rows = investment(E=3100.5, F=692.5)
    file = workbook(bieu=rows, fdi=foreign_investment())
    report = await intake.ingest_file(NAME, file)
    assert (report.landed, report.rejected_count) == (1, 1)
    (refused,) = report.rejected
    assert (refused.place.sheet, refused.place.row) == ("bieu", PROVINCE_ROW)
    assert "3100.5" in refused.text_vi
    assert "swapped" in refused.text_en


async def test_a_rate_that_does_not_fit_its_parts_is_flagged(intake: Intake) -> None:
    # The rate against plan and the index are swapped.
    report = await intake.ingest_file(
        NAME, workbook(bieu=investment(G=97.25, H=30.993))
    )
    assert (report.landed, report.flagged_count) == (1, 1)
    (flag,) = report.flagged
    assert flag.code == "ratio-differs"
    assert "30.993" in flag.text_en


async def test_a_stated_unit_converts_and_an_unstated_jump_is_flagged(
    intake: Intake,
) -> None:
    def table(month: int, factor: int, unit: str) -> InputFile:
        rows = mid_year_investment(unit=unit)
        for row in rows:
            row[:] = [f"tháng {month}" if cell == "tháng 6" else cell for cell in row]
            row[:] = [
                f"tháng {month - 1}" if cell == "tháng 5" else cell for cell in row
            ]
            row[:] = [
                cell.replace("6 tháng", f"{month} tháng")
                if isinstance(cell, str)
                else cell
                for cell in row
            ]
        values = rows[PROVINCE_ROW - 1]
        for column in (2, 3, 4, 5):
            values[column] = float(Decimal(str(values[column])) * factor)
        return workbook(bieu=rows)

    for month in (3, 4, 5):
        await intake.ingest_file(NAME, table(month, 1, "Tỷ đồng"))
    stated = await intake.ingest_file(NAME, table(6, 1000, "Triệu đồng"))
    assert (stated.landed, stated.flagged_count) == (1, 0)
    unstated = await intake.ingest_file(NAME, table(7, 1000, "Tỷ đồng"))
    assert (unstated.landed, unstated.flagged_count) == (1, 1)


async def test_a_month_twice_with_other_numbers_is_named_in_both_places(
    intake: Intake,
) -> None:
    file = workbook(mot=mid_year_investment(), hai=mid_year_investment(estimate=700.5))
    report = await intake.ingest_file(NAME, file)
    assert (report.landed, report.flagged_count) == (1, 1)
    (flag,) = report.flagged
    assert "mot" in flag.text_vi + str(flag.place)
    assert "hai" in flag.text_vi + str(flag.place)


async def test_a_later_file_of_the_same_month_is_a_revision(intake: Intake) -> None:
    await intake.ingest_file(NAME, workbook(bieu=mid_year_investment()))
    report = await intake.ingest_file(
        NAME, workbook(bieu=mid_year_investment(estimate=700.5))
    )
    assert (report.landed, report.changed) == (0, 1)


async def test_an_empty_sheet_is_named_and_its_neighbour_lands(intake: Intake) -> None:
    file = workbook(trong=[], bieu=mid_year_investment())
    report = await intake.ingest_file(NAME, file)
    assert report.landed == 1
    empty = [each for each in report.skipped if each.reason == "empty-sheet"]
    assert [each.first.sheet for each in empty] == ["trong"]


async def test_a_formula_lands_flagged_or_is_refused_without_a_result(
    intake: Intake,
) -> None:
    file = workbook(bieu=mid_year_investment())
    cell = f"E{PROVINCE_ROW}"
    stored = await intake.ingest_file(
        NAME, with_formula(file, cell, "1+1", stored=True)
    )
    assert (stored.landed, [flag.code for flag in stored.flagged]) == (1, ["formula"])
    bare = await intake.ingest_file(NAME, with_formula(file, cell, "1+1", stored=False))
    assert bare.rejected_count == 1
    assert (bare.rejected[0].place.row, bare.rejected[0].place.column) == (
        PROVINCE_ROW,
        "E",
    )


async def test_a_percentage_over_a_hundred_is_refused_where_it_cannot_be(
    intake: Intake,
) -> None:
    text = "Poverty rate by province\n\nProvince;2015;Pre. 2016\nNghe An;112.3;10.4\n"
    file = InputFile(name="ngheo.csv", content=text.encode())
    report = await intake.ingest_file(NAME, file)
    assert (report.landed, report.rejected_count) == (1, 1)
    assert (report.rejected[0].place.row, "112.3" in report.rejected[0].text_vi) == (
        4,
        True,
    )


async def test_merged_headings_are_understood(intake: Intake) -> None:
    rows = mid_year_investment()
    rows[4][6:8] = ["6 tháng", ""]
    rows[5][6:8] = ["so với", ""]
    file = workbook(bieu=rows)
    report = await intake.ingest_file(NAME, merged(file, "G5:H5", "G6:H6"))
    assert (report.landed, report.flagged_count) == (1, 0)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), ".xlsx"),
        (workbook(bieu=mid_year_investment()).content[:2000], "damaged or cut off"),
        (b"", "empty"),
        (b"PK\x03\x04 not a workbook", "damaged"),
    ],
)
async def test_a_file_that_cannot_be_opened_says_why_and_lands_nothing(
    intake: Intake, content: bytes, said: str
) -> None:
    with pytest.raises(FederationError) as caught:
        await intake.ingest_file(NAME, InputFile(name="thang.xlsx", content=content))
    assert caught.value.code is ErrorCode.INPUT_UNREADABLE
    assert said in caught.value.text_en
    assert "thang.xlsx" in caught.value.text_vi


async def test_an_explanation_changes_nothing(intake: Intake) -> None:
    file = workbook(bieu=mid_year_investment())
    understood = await intake.explain_file(NAME, file)
    (sheet,) = understood.sheets
    assert (sheet.records, sheet.tables[0].period) == (1, "2025-06")
    report = await intake.ingest_file(NAME, file)
    assert (report.run, report.landed) == (1, 1)
