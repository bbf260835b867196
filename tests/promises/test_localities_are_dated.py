"""Promise 14: codes are not identities, and history stays with who it was about."""

from pathlib import Path

from scripts.federation_demo.layout import NATION, PROVINCE, VINH
from tests.promises.federation import Federation
from tests.promises.records import (
    RAIN,
    VINH_WARDS,
    VIOLATIONS,
    place,
    violations,
    weather_file,
)

OLD_CITY, LARGER_CITY = "412", "412@2024-12-01"


async def test_a_code_used_again_names_two_places(federation: Federation) -> None:
    for tier in (VINH, PROVINCE, NATION):
        told = await federation.read(tier, "/localities", code="16681")
        places = {one["id"]: one for one in told["items"]}
        assert set(places) == {"16681", place("16681")}
        old, new = places["16681"], places[place("16681")]
        assert (old["name"]["vi"], new["name"]["vi"]) == (
            "Phường Quang Trung",
            "Phường Thành Vinh",
        )
        assert (old["valid_to"], new["valid_from"]) == ("2025-06-30", "2025-07-01")
        assert new["valid_to"] is None
        for day, wanted in (("2025-06-30", "16681"), ("2025-07-01", place("16681"))):
            found = await federation.read(tier, "/localities/16681", on=day)
            assert found["id"] == wanted


async def test_a_figure_belongs_to_the_place_that_was_there(
    federation: Federation, tmp_path: Path
) -> None:
    path = weather_file(
        tmp_path / "weather.csv",
        [
            (2024, 11, "22.5", "100.5", "80"),
            (2024, 12, "19.5", "50.5", "80"),
            (2025, 8, "29.5", "150.5", "80"),
        ],
    )
    assert (await federation.ingest(VINH, "environment", path)).code == 0
    for tier in (VINH, PROVINCE, NATION):
        for locality, period in (
            (OLD_CITY, "2024-11"),
            (LARGER_CITY, "2024-12"),
            ("vinh", "2025-08"),
        ):
            await federation.arrives(tier, RAIN, locality, period)
        # The bare code is answered with whoever bore it at the time.
        found = await federation.values(
            tier, RAIN, locality="412", **{"from": "2024-11", "to": "2025-08"}
        )
        assert [(one["locality"], one["period"]) for one in found] == [
            (OLD_CITY, "2024-11"),
            (LARGER_CITY, "2024-12"),
        ]


async def test_history_leads_from_the_old_city_to_the_wards_of_today(
    federation: Federation,
) -> None:
    for tier in (PROVINCE, NATION):
        old = await federation.read(tier, f"/localities/{OLD_CITY}", on="2024-11-30")
        assert (old["id"], old["successors"]) == (OLD_CITY, [LARGER_CITY])
        larger = await federation.read(tier, f"/localities/{LARGER_CITY}")
        assert larger["decree"] == "1243/NQ-UBTVQH15"
        assert sorted(larger["successors"]) == [place(code) for code in VINH_WARDS]


async def test_the_area_is_made_of_those_who_are_there_that_day(
    federation: Federation,
) -> None:
    day = "2025-07-01"
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in VINH_WARDS)
    )
    total = await federation.arrives(
        NATION, VIOLATIONS, "vinh", day, basis="rolled_up",
        until=lambda value: value["coverage"]["reported"] == 6,
    )  # fmt: skip
    assert total["coverage"]["expected"] == 6
