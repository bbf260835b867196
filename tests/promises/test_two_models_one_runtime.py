"""Promise 11: a city's own node and one that hosts many are the same program."""

from scripts.federation_demo.layout import HOSTED, NATION, PROVINCE, VINH
from tests.promises.federation import Federation
from tests.promises.records import COMMUNES, VIOLATIONS, place, violations

DAY = "2026-04-05"
# What differs because the places, the moments and the ways do.
OWN = {
    "locality", "agency", "recorded_at", "known_at", "origin", "coverage", "carrier",
}  # fmt: skip


async def test_both_models_run_the_same_program(federation: Federation) -> None:
    commands = {
        node.id: federation.processes.programs[node.id].command[:2]
        for node in (VINH, HOSTED)
    }
    assert commands[VINH.id] == commands[HOSTED.id]
    tiers = [await federation.read(node, "/tier") for node in (VINH, HOSTED)]
    assert tiers[0]["version"] == tiers[1]["version"]
    own, hosted = [
        {
            one["id"]: one
            for one in (await federation.read(node, "/indicators"))["items"]
        }
        for node in (VINH, HOSTED)
    ]
    assert "environment.violations_found" in own.keys() & hosted.keys()
    for both in own.keys() & hosted.keys():
        assert own[both] == hosted[both]


async def test_each_area_has_its_own_stream_wherever_it_runs(
    federation: Federation,
) -> None:
    await federation.push(VINH, "environment", violations("16681", DAY, 1))
    await federation.push(HOSTED, "environment", violations("17443", DAY, 1))
    await federation.arrives(NATION, VIOLATIONS, place("17443"), DAY)
    children = (await federation.read(PROVINCE, "/children"))["items"]
    node_of = {child["stream"]: child["node"] for child in children}
    assert node_of["vinh"] == VINH.id
    for stream in ("nghe-an-departments", *COMMUNES):
        assert node_of[stream] == HOSTED.id


async def test_the_same_report_comes_to_the_same_figure_in_both_models(
    federation: Federation,
) -> None:
    day = "2026-04-06"
    await federation.push(VINH, "environment", violations("16681", day, 5))
    await federation.push(HOSTED, "environment", violations("17443", day, 5))
    for tier in (PROVINCE, NATION):
        own = await federation.arrives(tier, VIOLATIONS, place("16681"), day)
        hosted = await federation.arrives(tier, VIOLATIONS, place("17443"), day)
        for name in own.keys() - OWN:
            assert own[name] == hosted[name], name
        assert own["origin"]["stream"] == "vinh"
        assert hosted["origin"]["stream"] == "17443"
