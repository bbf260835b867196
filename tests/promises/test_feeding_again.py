"""Feeding twice changes nothing; a correction is a new version; a removal arrives."""

from decimal import Decimal
from pathlib import Path

from scripts.federation_demo.layout import NATION, PROVINCE, VINH
from tests.promises.federation import Federation
from tests.promises.records import RAIN, VIOLATIONS, place, violations, weather_file

TIERS = (VINH, PROVINCE, NATION)


def months(year: int, *rain: str) -> list[tuple[int, int, str, str, str]]:
    return [(year, n, "20.5", amount, "80") for n, amount in enumerate(rain, start=1)]


async def sealed(federation: Federation) -> int:
    links = (await federation.read(VINH, "/links"))["items"]
    return sum(int(link["sealed"]) for link in links)


async def test_feeding_a_file_twice_changes_nothing(
    federation: Federation, tmp_path: Path
) -> None:
    path = weather_file(tmp_path / "weather.csv", months(1971, "10.5", "11.5"))
    first = (await federation.ingest(VINH, "environment", path)).report
    assert (first["landed"], first["unchanged"]) == (2, 0)
    for month in ("1971-01", "1971-02"):
        await federation.arrives(NATION, RAIN, "412", month)
    await settle(federation)
    before = await sealed(federation)
    again = (await federation.ingest(VINH, "environment", path)).report
    assert (again["landed"], again["changed"], again["unchanged"]) == (0, 0, 2)
    await federation.push(VINH, "environment", violations("16681", "2026-03-12", 1))
    await federation.arrives(NATION, VIOLATIONS, place("16681"), "2026-03-12")
    for tier in TIERS:
        assert len(await federation.versions(tier, RAIN, "412", "1971-01")) == 1
    # The frame of the violation (and of its totals) only.
    assert await sealed(federation) - before <= 2


async def settle(federation: Federation) -> None:
    """Wait until the node has nothing left to send."""

    async def idle() -> bool:
        links = (await federation.read(VINH, "/links"))["items"]
        return all(
            link["pending_rows"] == 0 and link["sealed"] == link["acknowledged"]
            for link in links
        )

    await federation.until(idle, lambda: "the node keeps sending")


async def test_pushing_a_record_twice_counts_it_once(federation: Federation) -> None:
    day = "2026-03-13"
    for outcome in ("landed", "unchanged"):
        told = await federation.push(VINH, "environment", violations("16681", day, 7))
        assert [row["outcome"] for row in told["records"]] == [outcome]
    seen = await federation.arrives(NATION, VIOLATIONS, "vinh", day, basis="rolled_up")
    assert seen["value"] == "7"


async def test_a_corrected_file_makes_a_new_version_at_every_tier(
    federation: Federation, tmp_path: Path
) -> None:
    wrong = weather_file(tmp_path / "weather.csv", months(1972, "10.5", "11.5"))
    assert (await federation.ingest(VINH, "environment", wrong)).code == 0
    await federation.arrives(NATION, RAIN, "412", "1972-02")
    right = weather_file(tmp_path / "corrected.csv", months(1972, "10.5", "12.5"))
    report = (await federation.ingest(VINH, "environment", right)).report
    assert (report["landed"], report["changed"], report["unchanged"]) == (0, 1, 1)
    for tier in TIERS:
        await federation.arrives(
            tier, RAIN, "412", "1972-02",
            until=lambda value: Decimal(value["value"]) == Decimal("12.5"),
        )  # fmt: skip
        told = await federation.versions(tier, RAIN, "412", "1972-02")
        assert [Decimal(version["value"]) for version in told] == [
            Decimal("12.5"),
            Decimal("11.5"),
        ]
        assert told[0]["superseded_at"] is None
        assert told[1]["superseded_at"] == told[0]["known_at"]
        assert len(await federation.versions(tier, RAIN, "412", "1972-01")) == 1


async def test_a_month_gone_from_a_complete_file_is_deleted_at_every_tier(
    federation: Federation, tmp_path: Path
) -> None:
    year = months(1973, *["10.5"] * 12)
    whole = weather_file(tmp_path / "weather.csv", year)
    ran = await federation.ingest(VINH, "environment", whole, "--complete")
    assert ran.report["landed"] == 12
    await federation.arrives(
        NATION, RAIN, "412", "1973", frequency="year",
        until=lambda value: value["coverage"]["reported"] == 12,
    )  # fmt: skip
    shorter = weather_file(tmp_path / "shorter.csv", year[:-1])
    kept = await federation.ingest(VINH, "environment", shorter)
    assert kept.report["deleted"] == 0
    ran = await federation.ingest(VINH, "environment", shorter, "--complete")
    assert ran.report["deleted"] == 1
    for tier in TIERS:
        gone = await federation.arrives(
            tier, RAIN, "412", "1973-12",
            until=lambda value: value["status"] == "deleted",
        )  # fmt: skip
        assert gone["value"] is None
        merged = await federation.arrives(
            tier, RAIN, "412", "1973", frequency="year",
            until=lambda value: value["coverage"]["reported"] == 11,
        )  # fmt: skip
        assert Decimal(merged["value"]) == Decimal("115.5")
    told = await federation.versions(NATION, RAIN, "412", "1973-12")
    assert [version["status"] for version in told] == ["deleted", "normal"]
