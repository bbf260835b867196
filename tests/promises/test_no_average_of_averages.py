"""Promise 4: what must not be merged is refused at every tier, with the reason."""

from decimal import Decimal
from pathlib import Path

import pytest

from scripts.federation_demo.layout import NATION, PROVINCE, VINH
from tests.promises.federation import Federation
from tests.promises.records import (
    HUMIDITY,
    RAIN,
    TEMPERATURE,
    WARD_AIR,
    ward_air,
    weather_file,
)

TIERS = (VINH, PROVINCE, NATION)
YEAR = 2010
DAY = "2026-03-07"


@pytest.mark.parametrize("indicator", [TEMPERATURE, HUMIDITY, WARD_AIR])
async def test_means_make_no_mean_of_a_longer_time(
    federation: Federation, tmp_path: Path, indicator: str
) -> None:
    year = ((YEAR, month, "20.5", "10.0", "80") for month in range(1, 13))
    ran = await federation.ingest(
        VINH, "environment", weather_file(tmp_path / "weather.csv", year)
    )
    assert ran.code == 0, ran.errors
    await federation.push(VINH, "environment", ward_air("16681", DAY, "20"))
    locality, period = (
        ("16681@2025-07-01", DAY) if indicator == WARD_AIR else ("412", f"{YEAR}-12")
    )
    for tier in TIERS:
        await federation.arrives(tier, indicator, locality, period)
        answer = await federation.ask(
            tier, "/values", indicator=indicator, locality=locality, frequency="year"
        )
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["code"] == "merge-refused"
        assert problem["detail_vi"]
        assert problem["detail_en"]
        assert problem["detail_vi"] != problem["detail_en"]


async def test_a_sum_over_the_months_of_a_year_is_given(
    federation: Federation, tmp_path: Path
) -> None:
    year = ((2011, month, "20.5", "10.5", "80") for month in range(1, 13))
    ran = await federation.ingest(
        VINH, "environment", weather_file(tmp_path / "weather.csv", year)
    )
    assert ran.code == 0, ran.errors
    for tier in TIERS:
        merged = await federation.arrives(
            tier, RAIN, "412", "2011", frequency="year",
            until=lambda value: value["coverage"]["reported"] == 12,
        )  # fmt: skip
        assert Decimal(merged["value"]) == Decimal(126)
        assert merged["frequency"] == "year"


async def test_figures_that_say_nothing_of_a_whole_place_are_not_rolled_up(
    federation: Federation,
) -> None:
    await federation.push(VINH, "environment", ward_air("16690", DAY, "21"))
    await federation.arrives(NATION, WARD_AIR, "16690@2025-07-01", DAY)
    for tier in TIERS:
        for indicator in (WARD_AIR, TEMPERATURE, RAIN):
            answer = await federation.ask(
                tier, "/values", indicator=indicator, basis="rolled_up"
            )
            assert answer.status_code == 422, answer.text
            problem = answer.json()
            assert problem["code"] == "merge-refused"
            assert problem["detail_vi"] != problem["detail_en"]
