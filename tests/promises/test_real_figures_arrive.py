"""The figures that departments published, cell by cell, at every tier.

The nodes are fed as the demo feeds them. What each figure is, is said in the files'
README; here is what node, province and nation must answer.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from scripts.federation_demo.feeding import Feeder, real_feeds
from scripts.federation_demo.layout import HOSTED, VINH, TierPlan
from tests.promises.federation import Federation, Silent, Value, tiers_of_a_node
from tests.promises.records import (
    HUMIDITY,
    INVESTMENT,
    RAIN,
    STATION_AIR,
    TEMPERATURE,
    VINH_WARDS,
    WARD_AIR,
    place,
)
from tests.subsystems.real_files import DATA, real_path

pytestmark = pytest.mark.data

AGAINST_PLAN = "socio_economic.investment_against_plan"
FDI_NEW = "socio_economic.fdi_new"
FDI_ADJUSTED = "socio_economic.fdi_adjusted"
ESTIMATE = "vintage=estimate"
AIR_DAY = "2026-05-21"

# node, indicator, locality, period, value; None where it is missing.
FIGURES: tuple[tuple[TierPlan, str, str, str, str | None], ...] = (
    (HOSTED, INVESTMENT, "40", "2024-11", "1213.849"),
    (HOSTED, INVESTMENT, "40", "2024-12", "1263.197"),
    (HOSTED, INVESTMENT, "40", "2025-01", "572.512"),
    (HOSTED, FDI_NEW, "40", "2024-12", "867.795243"),
    (HOSTED, FDI_ADJUSTED, "40", "2024-12", "881.763390"),
    (HOSTED, FDI_NEW, "40", "2025-01", None),
    (HOSTED, FDI_ADJUSTED, "40", "2025-01", None),
    *((VINH, WARD_AIR, place(ward), AIR_DAY, "11.377") for ward in VINH_WARDS),
    (HOSTED, WARD_AIR, place("16858"), AIR_DAY, "26.360"),
    (HOSTED, WARD_AIR, place("17254"), AIR_DAY, "19.452"),
    (HOSTED, WARD_AIR, place("17935"), AIR_DAY, "12.944"),
    (HOSTED, WARD_AIR, place("16903"), AIR_DAY, "17.482"),
    (HOSTED, WARD_AIR, place("17443"), AIR_DAY, None),
    (VINH, TEMPERATURE, "412", "2017-12", "18.4"),
    (VINH, RAIN, "412", "2017-12", "36.9"),
    (VINH, HUMIDITY, "412", "2017-12", "85"),
)
YEARS = (
    (HOSTED, INVESTMENT, "40", "2024", "9786.754"),
    (VINH, RAIN, "412", "2017", "2334.7"),
)
STATIONS = (("truong-thi", "20.250"), ("vinh", "20.208"))
ESTIMATES = (
    ("2024-11", "1213.849", "1078.582"),
    ("2025-01", "572.512", "568.718"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fed(workspace_root: Path) -> AsyncIterator[Federation]:
    real_path("README.md")
    async with Federation.running(workspace_root / "real", data=DATA) as federation:
        feeder = Feeder(federation.layout, Silent())
        await feeder.feed_files(real_feeds(DATA))
        yield federation


def number(value: Value) -> Decimal | None:
    return None if value["value"] is None else Decimal(value["value"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("node", "indicator", "locality", "period", "figure"),
    FIGURES,
    ids=[f"{f[1].split('.')[1]}-{f[2].split('@')[0]}-{f[3]}" for f in FIGURES],
)
async def test_a_real_figure_arrives(
    fed: Federation,
    node: TierPlan,
    indicator: str,
    locality: str,
    period: str,
    figure: str | None,
) -> None:
    wanted = None if figure is None else Decimal(figure)
    for tier in tiers_of_a_node(node):
        seen = await fed.arrives(
            tier, indicator, locality, period, until=lambda v: number(v) == wanted
        )
        assert seen["simulated"] is False
        assert seen["source"]
        # Of what is missing, too: the file is what says so.
        assert seen["provenance"] == "file"
        if wanted is None:
            assert seen["status"] == "missing"
            assert seen["coverage"]["reported"] == 0
            continue
        if indicator == WARD_AIR:
            assert seen["status"] == "estimated"


async def test_against_plan_comes_from_one_report(fed: Federation) -> None:
    for tier in tiers_of_a_node(HOSTED):
        seen = await fed.arrives(tier, AGAINST_PLAN, "40", "2025-01")
        # 568.718 of 10,003.954 planned: shown with its three decimals.
        assert round(Decimal(seen["value"]), 3) == Decimal("5.685")
        assert Decimal(seen["numerator"]) == Decimal("568.718")
        assert Decimal(seen["denominator"]) == Decimal("10003.954")
        assert seen["provenance"] == "file"


@pytest.mark.parametrize(("node", "indicator", "locality", "year", "figure"), YEARS)
async def test_the_months_of_a_year_add_up_to_what_was_published(
    fed: Federation,
    node: TierPlan,
    indicator: str,
    locality: str,
    year: str,
    figure: str,
) -> None:
    for tier in tiers_of_a_node(node):
        seen = await fed.arrives(
            tier, indicator, locality, year, frequency="year",
            until=lambda v: v["coverage"]["reported"] == 12,
        )  # fmt: skip
        assert number(seen) == Decimal(figure)
        assert seen["provenance"] == "file"


@pytest.mark.parametrize(("station", "figure"), STATIONS)
async def test_a_station_has_the_mean_of_its_hours(
    fed: Federation, station: str, figure: str
) -> None:
    for tier in tiers_of_a_node(VINH):
        seen = await fed.arrives(
            tier, STATION_AIR, "vinh", AIR_DAY, breakdown=f"station={station}"
        )
        assert round(Decimal(seen["value"]), 3) == Decimal(figure)
        assert Decimal(seen["denominator"]) == 24
        assert seen["provenance"] == "file"


@pytest.mark.parametrize(("month", "realised", "estimate"), ESTIMATES)
async def test_an_estimate_stays_as_an_earlier_version(
    fed: Federation, month: str, realised: str, estimate: str
) -> None:
    for tier in tiers_of_a_node(HOSTED):
        await fed.arrives(
            tier, INVESTMENT, "40", month,
            until=lambda v: number(v) == Decimal(realised),
        )  # fmt: skip
        kept = await fed.arrives(tier, INVESTMENT, "40", month, breakdown=ESTIMATE)
        assert number(kept) == Decimal(estimate)
        assert kept["status"] == "estimated"
        told = await fed.versions(tier, INVESTMENT, "40", month)
        assert number(told[0]) == Decimal(realised)
        assert Decimal(estimate) in [number(version) for version in told[1:]]


async def test_nothing_real_is_simulated(fed: Federation) -> None:
    for tier in tiers_of_a_node(HOSTED):
        page = await fed.read(tier, "/overview")
        assert page["simulated_tiles"] == []
        for tile in page["tiles"]:
            assert tile["value"]["provenance"] == "file"
