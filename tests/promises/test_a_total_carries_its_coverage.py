"""Promise 2: a total says n of N and names who is missing."""

from scripts.federation_demo.layout import HOSTED, NATION, PROVINCE, VINH, TierPlan
from tests.promises.federation import Federation, Value
from tests.promises.records import (
    COMMUNES,
    VINH_WARDS,
    VIOLATIONS,
    place,
    violations,
)

COMMUNE_COUNT = 130


async def total(
    federation: Federation, tier: TierPlan, locality: str, day: str, reported: int
) -> Value:
    """Return a tier's total once it has so many reports."""
    return await federation.arrives(
        tier,
        VIOLATIONS,
        locality,
        day,
        basis="rolled_up",
        until=lambda value: value["coverage"]["reported"] == reported,
    )


async def test_a_province_of_eleven_reports_says_eleven_of_all(
    federation: Federation,
) -> None:
    day = "2026-03-03"
    await federation.push(
        VINH, "environment", *(violations(code, day, 2) for code in VINH_WARDS)
    )
    await federation.push(
        HOSTED, "environment", *(violations(code, day, 3) for code in COMMUNES)
    )
    for tier in (PROVINCE, NATION):
        seen = await total(federation, tier, "40", day, 11)
        coverage = seen["coverage"]
        assert seen["value"] == str(2 * 6 + 3 * 5)
        assert coverage["expected"] == COMMUNE_COUNT
        assert coverage["missing_count"] == COMMUNE_COUNT - 11
        here = {place(code) for code in (*VINH_WARDS, *COMMUNES)}
        assert coverage["missing"]
        assert not here & set(coverage["missing"])
    country = await total(federation, NATION, "VN", day, 11)
    assert country["value"] == "27"
    assert country["coverage"]["expected"] > COMMUNE_COUNT


async def test_a_node_that_hosts_some_communes_never_speaks_for_the_province(
    federation: Federation,
) -> None:
    """Its total over five communes would stand for the province's own."""
    day = "2026-03-04"
    await federation.push(
        HOSTED, "environment", *(violations(code, day, 1) for code in COMMUNES)
    )
    await total(federation, NATION, "40", day, 5)
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in VINH_WARDS)
    )
    seen = await total(federation, NATION, "40", day, 11)
    assert seen["coverage"]["expected"] == COMMUNE_COUNT
    # The communes again: the total of all must stand.
    await federation.push(
        HOSTED, "environment", *(violations(code, day, 2) for code in COMMUNES)
    )
    for tier in (PROVINCE, NATION):
        again = await federation.arrives(
            tier, VIOLATIONS, "40", day, basis="rolled_up",
            until=lambda value: value["value"] == str(6 + 2 * 5),
        )  # fmt: skip
        assert again["coverage"]["reported"] == 11
    own = await federation.values(HOSTED, VIOLATIONS, basis="rolled_up")
    assert [value for value in own if value["locality"] == "40"] == []


async def test_who_is_missing_from_a_city_is_named_at_every_tier(
    federation: Federation,
) -> None:
    day = "2026-03-06"
    late = VINH_WARDS[-2:]
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in VINH_WARDS[:-2])
    )
    for tier in (VINH, PROVINCE, NATION):
        seen = await total(federation, tier, "vinh", day, 4)
        assert seen["coverage"]["expected"] == 6
        assert seen["coverage"]["missing"] == [place(code) for code in late]
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in late)
    )
    whole = await total(federation, NATION, "vinh", day, 6)
    assert (whole["value"], whole["coverage"]["missing"]) == ("6", [])


async def test_who_was_expected_changes_only_by_name_and_with_a_reason(
    federation: Federation,
) -> None:
    day = "2026-03-06"
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in VINH_WARDS)
    )
    before = await total(federation, PROVINCE, "40", day, 6)
    assert before["coverage"]["expected"] == COMMUNE_COUNT
    revise = ("expected", "revise", VIOLATIONS, day, "--json", "--by", "tran.an")
    unexplained = await federation.command(PROVINCE, *revise, "--reason", "x")
    assert unexplained.code != 0
    ran = await federation.command(
        PROVINCE, *revise, "--remove", place("17443"), "--reason", "Công văn 12/SNNMT"
    )
    assert ran.code == 0, ran.errors
    for tier in (PROVINCE, NATION):
        after = await federation.arrives(
            tier, VIOLATIONS, "40", day, basis="rolled_up",
            until=lambda value: value["coverage"]["expected"] == COMMUNE_COUNT - 1,
        )  # fmt: skip
        assert (after["value"], after["coverage"]["reported"]) == ("6", 6)
    # One that reports without being expected enters the value and not n.
    await federation.push(HOSTED, "environment", violations("17443", day, 4))
    beyond = await federation.arrives(
        PROVINCE, VIOLATIONS, "40", day, basis="rolled_up",
        until=lambda value: value["value"] == "10",
    )  # fmt: skip
    assert beyond["coverage"]["reported"] == 6
    told = await federation.read(
        PROVINCE, "/expected-sets", indicator=VIOLATIONS, period=day
    )
    assert [(one["revision"], one["by"], one["count"]) for one in told["items"]] == [
        (2, "tran.an", COMMUNE_COUNT - 1),
        (1, None, COMMUNE_COUNT),
    ]
    assert told["items"][0]["reason"] == "Công văn 12/SNNMT"


async def test_a_ward_inside_a_child_is_taken_out_by_name_at_each_tier(
    federation: Federation,
) -> None:
    day = "2026-03-08"
    exempt, silent = VINH_WARDS[0], VINH_WARDS[1]
    await federation.push(
        VINH, "environment", *(violations(code, day, 1) for code in VINH_WARDS[2:])
    )
    await total(federation, NATION, "40", day, 4)
    revise = ("expected", "revise", VIOLATIONS, day, "--by", "tran.an")
    because = ("--remove", place(exempt), "--reason", "Công văn 15/SNNMT")
    ran = await federation.command(PROVINCE, *revise, *because)
    assert ran.code == 0, ran.errors
    for tier in (PROVINCE, NATION):
        after = await federation.arrives(
            tier, VIOLATIONS, "40", day, basis="rolled_up",
            until=lambda value: value["coverage"]["expected"] == COMMUNE_COUNT - 1,
        )  # fmt: skip
        assert after["coverage"]["reported"] == 4
        assert place(exempt) not in after["coverage"]["missing"]
    ran = await federation.command(VINH, *revise, *because)
    assert ran.code == 0, ran.errors
    for tier in (VINH, PROVINCE, NATION):
        area = await federation.arrives(
            tier, VIOLATIONS, "vinh", day, basis="rolled_up",
            until=lambda value: value["coverage"]["expected"] == 5,
        )  # fmt: skip
        # The nation knows that one of six is left out and not which: it names nobody.
        named = [] if tier is NATION else [place(silent)]
        assert area["coverage"]["missing"] == named
