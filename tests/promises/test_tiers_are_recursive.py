"""Promise 12: the province is to the nation what the city is to the province."""

from scripts.federation_demo.comparison import Chain, compare_until_equal
from scripts.federation_demo.layout import HOSTED, NATION, PROVINCE, VINH
from tests.promises.federation import PATIENCE_S, Federation
from tests.promises.records import VIOLATIONS, place, violations

DAY = "2026-03-11"


async def test_every_value_below_is_the_same_above(federation: Federation) -> None:
    await federation.push(VINH, "environment", violations("16681", DAY, 4))
    await federation.push(HOSTED, "environment", violations("17443", DAY, 5))
    await federation.arrives(NATION, VIOLATIONS, place("16681"), DAY)
    await federation.arrives(NATION, VIOLATIONS, place("17443"), DAY)
    address = federation.layout.address
    comparison = await compare_until_equal(
        Chain(
            top=address(NATION),
            middle=address(PROVINCE),
            nodes=[address(VINH), address(HOSTED)],
        ),
        PATIENCE_S,
    )
    assert comparison.differences == []
    assert comparison.compared > 4


async def test_each_tier_is_a_child_of_the_one_above_in_the_same_way(
    federation: Federation,
) -> None:
    await federation.push(VINH, "environment", violations("16690", DAY, 4))
    await federation.arrives(NATION, VIOLATIONS, place("16690"), DAY)
    for child, parent, stream in (
        (VINH, PROVINCE, "vinh"),
        (HOSTED, PROVINCE, "17443"),
        (PROVINCE, NATION, "nghe-an"),
    ):

        async def in_step() -> bool:
            links = (await federation.read(child, "/links"))["items"]  # noqa: B023
            [link] = [one for one in links if one["stream"] == stream]  # noqa: B023
            children = (await federation.read(parent, "/children"))["items"]  # noqa: B023
            [seen] = [one for one in children if one["stream"] == stream]  # noqa: B023
            assert seen["node"] == child.id  # noqa: B023
            assert seen["dead_letters"] == 0
            return bool(
                seen["connected"]
                and link["state"] == "connected"
                and link["pending_rows"] == 0
                and link["acknowledged"] == link["sealed"] == seen["projected"]
            )

        await federation.until(in_step, lambda: f"{child.id} → {parent.id}")  # noqa: B023


async def test_a_figure_names_the_whole_way_it_came(federation: Federation) -> None:
    await federation.push(VINH, "environment", violations("16702", DAY, 1))
    below = await federation.arrives(PROVINCE, VIOLATIONS, place("16702"), DAY)
    above = await federation.arrives(NATION, VIOLATIONS, place("16702"), DAY)
    assert below["origin"]["stream"] == "vinh"
    assert above["origin"]["stream"] == "vinh"
    numbers = ("epoch", "sequence")
    assert [above["origin"][n] for n in numbers] == [
        below["origin"][n] for n in numbers
    ]
