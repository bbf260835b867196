"""Promise 3: zero, nothing to report, missing and deleted are values that travel."""

from decimal import Decimal

from scripts.federation_demo.layout import HOSTED, NATION, PROVINCE, VINH
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
