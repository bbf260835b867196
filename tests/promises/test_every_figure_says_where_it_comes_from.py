"""Promise 7: source, agency and times travel; what was generated is never mixed in."""

from pathlib import Path

from scripts.federation_demo.layout import HOSTED, NATION, PROVINCE, VINH
from tests.promises.federation import Federation
from tests.promises.records import (
    RAIN,
    VIOLATIONS,
    place,
    violations,
    weather_file,
)

DAY = "2026-03-08"
SIMULATED = "feed=simulated"


async def test_source_agency_and_times_travel_with_a_figure(
    federation: Federation, tmp_path: Path
) -> None:
    path = weather_file(tmp_path / "weather.csv", [(1999, 5, "27.5", "81.5", "80")])
    assert (await federation.ingest(VINH, "environment", path)).code == 0
    at_home = await federation.arrives(VINH, RAIN, "412", "1999-05")
    for tier in (PROVINCE, NATION):
        seen = await federation.arrives(tier, RAIN, "412", "1999-05")
        assert seen["provenance"] == "file"
        assert seen["simulated"] is False
        for name in ("source", "agency", "period_start", "period_end", "recorded_at"):
            assert seen[name], name
            assert seen[name] == at_home[name], name
        assert seen["known_at"] >= at_home["recorded_at"]
    assert seen["origin"]["stream"] == "vinh"


async def test_how_a_figure_came_is_told_apart(federation: Federation) -> None:
    ways = {"16681": "automatic", "16690": "manual"}
    await federation.push(
        VINH,
        "environment",
        *(violations(code, DAY, 1, provenance=way) for code, way in ways.items()),
    )
    for code, way in ways.items():
        seen = await federation.arrives(NATION, VIOLATIONS, place(code), DAY)
        assert seen["provenance"] == way
        assert seen["provenances"] == {way: 1}


async def test_a_generated_figure_never_stands_among_real_ones(
    federation: Federation,
) -> None:
    day = "2026-03-09"
    await federation.push(
        VINH,
        "environment",
        violations("16681", day, 2),
        violations("16681", day, 50, provenance="simulated"),
        violations("16690", day, 60, provenance="simulated"),
    )
    await federation.push(
        HOSTED, "environment", violations("17443", day, 70, provenance="simulated")
    )
    for tier in (PROVINCE, NATION):
        generated = await federation.arrives(
            tier, VIOLATIONS, "40", day, basis="rolled_up", breakdown=SIMULATED,
            until=lambda value: value["value"] == "180",
        )  # fmt: skip
        assert generated["simulated"] is True
        assert generated["provenance"] == "simulated"
        real = await federation.arrives(
            tier, VIOLATIONS, "40", day, basis="rolled_up",
            until=lambda value: value["value"] == "2",
        )  # fmt: skip
        assert real["simulated"] is False
        assert real["coverage"]["reported"] == 1
        every = await federation.values(tier, VIOLATIONS)
        assert {value["simulated"] for value in every} == {True, False}
        for value in every:
            generated_only = value["breakdown"] == SIMULATED
            assert value["simulated"] is generated_only
            assert (value["provenance"] == "simulated") is generated_only


async def test_a_leader_sees_generated_figures_apart(federation: Federation) -> None:
    day = "2026-03-10"
    await federation.push(
        VINH,
        "environment",
        violations("16681", day, 1),
        violations("16681", day, 9, provenance="simulated"),
    )
    for tier in (VINH, PROVINCE, NATION):
        await federation.arrives(
            tier, VIOLATIONS, place("16681"), day, breakdown=SIMULATED
        )
        page = await federation.read(tier, "/overview")
        assert page["tiles"]
        assert not any(tile["simulated"] for tile in page["tiles"])
        assert all(tile["simulated"] for tile in page["simulated_tiles"])
