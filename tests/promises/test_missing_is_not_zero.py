"""Promise 3: zero, nothing to report, missing and deleted are values that travel."""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from scripts.federation_demo.layout import (
    HOSTED,
    NATION,
    PROVINCE,
    VINH,
    AreaPlan,
    TierPlan,
)
from tests.promises import tree_care
from tests.promises.federation import Federation
from tests.promises.records import (
    INVESTMENT,
    VIOLATIONS,
    WARD_AIR,
    investment,
    place,
    violations,
    ward_air,
)

DAY = "2026-03-02"


async def test_nothing_found_is_a_zero_and_an_unreported_place_is_not(
    federation: Federation,
) -> None:
    await federation.push(VINH, "environment", violations("16681", DAY, 0))
    zero = await federation.arrives(NATION, VIOLATIONS, place("16681"), DAY)
    assert (zero["value"], zero["status"]) == ("0", "zero")
    assert (zero["coverage"]["reported"], zero["coverage"]["expected"]) == (1, 1)
    for tier in (VINH, PROVINCE, NATION):
        assert await federation.value(tier, VIOLATIONS, place("16690"), DAY) is None


async def test_a_missing_figure_travels_as_missing(federation: Federation) -> None:
    await federation.push(
        VINH, "environment", ward_air("16681", DAY, None), ward_air("16690", DAY, "0")
    )
    missing = await federation.arrives(NATION, WARD_AIR, place("16681"), DAY)
    assert (missing["value"], missing["status"]) == (None, "missing")
    assert (missing["coverage"]["reported"], missing["coverage"]["expected"]) == (0, 1)
    measured = await federation.arrives(NATION, WARD_AIR, place("16690"), DAY)
    assert Decimal(measured["value"]) == 0
    assert measured["status"] == "estimated"


async def test_none_to_report_is_told_apart_from_zero_and_missing(
    federation: Federation,
) -> None:
    await federation.push(
        HOSTED,
        "socio_economic",
        investment("2026-01", realised="-"),
        investment("2026-02", realised="0"),
        investment("2026-03", realised=None),
    )
    seen = [
        await federation.arrives(NATION, INVESTMENT, "40", month)
        for month in ("2026-01", "2026-02", "2026-03")
    ]
    assert [value["status"] for value in seen] == ["no_activity", "zero", "missing"]
    assert [value["value"] is None for value in seen] == [False, False, True]
    assert [value["coverage"]["reported"] for value in seen] == [1, 1, 0]


async def test_a_deleted_figure_is_deleted_everywhere_and_no_longer_counted(
    federation: Federation,
) -> None:
    day = "2026-03-05"
    await federation.push(
        VINH,
        "environment",
        violations("16702", day, 3),
        violations("16708", day, 0),
    )
    await federation.arrives(
        NATION, VIOLATIONS, "40", day, basis="rolled_up",
        until=lambda total: total["value"] == "3",
    )  # fmt: skip
    client = await federation.client(VINH)
    answer = await client.delete(f"/records/environment/inspection/16702:{day}")
    assert answer.status_code == 200, answer.text

    deleted = await federation.arrives(
        NATION, VIOLATIONS, place("16702"), day,
        until=lambda value: value["status"] == "deleted",
    )  # fmt: skip
    assert deleted["value"] is None
    assert deleted["coverage"]["expected"] == 0
    total = await federation.arrives(
        NATION, VIOLATIONS, "40", day, basis="rolled_up",
        until=lambda total: total["value"] == "0",
    )  # fmt: skip
    assert total["coverage"]["reported"] == 1
    earlier = await federation.versions(NATION, VIOLATIONS, place("16702"), day)
    assert [version["value"] for version in earlier] == [None, "3"]


WEST = TierPlan(
    id="mien-tay",
    command="city-node",
    level="city",
    name_vi="Các xã miền Tây",
    name_en="Western communes",
    locality=place(tree_care.SILENT),
    position=6,
    parent=PROVINCE.id,
    areas=(
        AreaPlan(
            stream="mien-tay",
            localities=tuple(map(place, (*tree_care.CELLS, tree_care.SILENT))),
        ),
    ),
    page=False,
)
# What has no value, and why a reader is told that it is missing.
ABSENT = {
    "17335": "reported_missing",
    "17263": "reported_missing",
    "17239": "withheld",
    "17242": "reported_missing",
    tree_care.SILENT: "silent",
}


def felled_file(path: Path, day: str, cells: Mapping[str, str]) -> Path:
    lines = ["Mã địa bàn,Ngày,Số cây chặt hạ"]
    lines += [f"{place(code)},{day},{cell}" for code, cell in cells.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


STATUSES = {
    "normal": 2,
    "provisional": 1,
    "estimated": 1,
    "zero": 1,
    "no_activity": 1,
    "missing": 1,
    "not_collected": 1,
    "withheld": 1,
    "suppressed": 1,
}


async def ingested(
    federation: Federation, path: Path, outside: Mapping[str, str], *options: str
) -> None:
    ran = await federation.command(
        WEST, "ingest", tree_care.NAME, str(path), *options, environment=outside
    )
    assert ran.code == 0, ran.output + ran.errors


async def counts_everything(
    federation: Federation, tier: TierPlan, locality: str, day: str
) -> None:
    """Check a tier's total of a place: value, statuses, coverage, who keeps silent."""
    total = await federation.arrives(
        tier, tree_care.INDICATOR, locality, day, basis="rolled_up",
        until=lambda value: value["coverage"]["reported"] == 6,
    )  # fmt: skip
    assert total["value"] == str(12 + 8 + 5 + 7)
    # The least certain part marks the whole, and all are counted.
    assert (total["status"], total["statuses"]) == ("estimated", STATUSES)
    assert (total["provenances"], total["simulated"]) == ({"file": 6}, False)
    coverage = total["coverage"]
    assert (coverage["reported"], coverage["expected"]) == (6, 11)
    assert {one["locality"]: one["reason"] for one in coverage["absent"]} == {
        place(code): reason for code, reason in ABSENT.items()
    }
    generated = await federation.arrives(
        tier, tree_care.INDICATOR, locality, day,
        basis="rolled_up", breakdown="feed=simulated",
    )  # fmt: skip
    assert (generated["value"], generated["simulated"]) == ("7", True)
    assert generated["provenances"] == {"simulated": 1}
    owed = await federation.read(
        tier, "/obligations", indicator=tree_care.INDICATOR, state="overdue"
    )
    silent = [one for one in owed["items"] if one["last_period"] is None]
    assert place(tree_care.SILENT) in {one["locality"] for one in silent}
    assert {one["agency"] for one in silent} == {tree_care.AGENCY}


async def test_what_a_cell_says_is_counted_through_every_merge(
    federation: Federation, tmp_path: Path
) -> None:
    """Every status, from the cell of a file to the nation's totals."""
    day = "2026-04-09"
    folders = [str(tree_care.install(tmp_path)), os.environ.get("PYTHONPATH", "")]
    outside = {
        "PYTHONPATH": os.pathsep.join(filter(None, folders)),
        "IOC_SUBSYSTEMS": json.dumps([tree_care.NAME]),
    }
    await federation.admit(WEST)
    await federation.start_node(WEST, environment=outside)
    try:
        told = {code: cell for code, (cell, _) in tree_care.CELLS.items()}
        whole = felled_file(tmp_path / "felled.csv", day, told)
        await ingested(federation, whole, outside)
        simulated = {
            "source": "felled_table",
            "source_key": f"simulated:{place('17248')}:{day}",
            "kind": "count",
            "fields": {"locality": place("17248"), "day": day, "felled": "7"},
            "provenance": "simulated",
        }
        await federation.push(WEST, tree_care.NAME, simulated)
        for code, (_, status) in tree_care.CELLS.items():
            seen = await federation.arrives(
                NATION, tree_care.INDICATOR, place(code), day
            )
            assert seen["status"] == status, code
            assert (seen["value"] is None) == (code in ABSENT)
        for tier, locality in ((PROVINCE, "40"), (NATION, "40"), (NATION, "VN")):
            await counts_everything(federation, tier, locality, day)
        left = {code: told[code] for code in ("17365", "17239")}
        rest = felled_file(tmp_path / "again.csv", day, left)
        await ingested(federation, rest, outside, "--complete")
        emptied = await federation.arrives(
            NATION, tree_care.INDICATOR, "VN", day, basis="rolled_up",
            until=lambda value: value["coverage"]["reported"] == 1,
        )  # fmt: skip
        assert (emptied["value"], emptied["status"]) == ("0", "zero")
        assert emptied["statuses"] == {"zero": 1, "withheld": 1}
        gone = await federation.arrives(
            NATION, tree_care.INDICATOR, place("17329"), day,
            until=lambda value: value["status"] == "deleted",
        )  # fmt: skip
        assert gone["value"] is None
    finally:
        await federation.stop_node(WEST)
