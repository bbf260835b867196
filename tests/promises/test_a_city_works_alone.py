"""Promise 10: no part of the node needs the province; promise 1 when it comes later."""

import dataclasses
import os
import signal
from pathlib import Path

from scripts.federation_demo.layout import (
    HOSTED,
    NATION,
    PROVINCE,
    VINH,
    AreaPlan,
    TierPlan,
)
from tests.promises.federation import Federation
from tests.promises.records import VIOLATIONS, WARD_AIR, place, violations

CODE = "17611"
NODE = TierPlan(
    id="van-tu",
    command="city-node",
    level="city",
    name_vi="Xã Vân Tụ",
    name_en="Van Tu",
    locality=place(CODE),
    position=4,
    parent=PROVINCE.id,
    areas=(AreaPlan(stream=CODE, localities=(place(CODE),)),),
    page=False,
)
DAYS = ("2026-04-01", "2026-04-02", "2026-04-03")


def air_file(path: Path) -> Path:
    columns = "date,ward_code,source,hourly_count," + ",".join(
        f"{name}_daily_avg" for name in ("pm25", "pm10", "co", "no2", "so2", "o3")
    )
    row = f"{DAYS[0]},{CODE},openweather,144,12.5,20,200,5,1,40"
    path.write_text(f"{columns}\n{row}\n", encoding="utf-8")
    return path


async def test_a_node_without_a_parent_does_its_work_and_hands_it_over_later(
    federation: Federation, tmp_path: Path
) -> None:
    await federation.start_node(dataclasses.replace(NODE, parent=""))
    try:
        found = {day: number for number, day in enumerate(DAYS)}
        await federation.push(
            NODE, "environment", *(violations(CODE, *each) for each in found.items())
        )
        ran = await federation.ingest(
            NODE, "environment", air_file(tmp_path / "air.csv")
        )
        assert ran.code == 0, ran.errors
        for day, number in found.items():
            own = await federation.arrives(NODE, VIOLATIONS, place(CODE), day)
            assert own["value"] == str(number)
        await federation.arrives(NODE, WARD_AIR, place(CODE), DAYS[0])
        month = await federation.arrives(
            NODE, VIOLATIONS, place(CODE), "2026-04", frequency="month"
        )
        assert month["value"] == "3"
        page = await federation.read(NODE, "/overview")
        assert VIOLATIONS in {tile["indicator"] for tile in page["tiles"]}
        assert (await federation.read(NODE, "/links"))["items"] == []
        assert (
            await federation.value(PROVINCE, VIOLATIONS, place(CODE), DAYS[1]) is None
        )

        await federation.admit(NODE)
        await federation.start_node(NODE)
        for day, number in found.items():
            seen = await federation.arrives(NATION, VIOLATIONS, place(CODE), day)
            assert seen["value"] == str(number)
            total = await federation.arrives(
                NATION, VIOLATIONS, "40", day, basis="rolled_up"
            )
            assert total["value"] == str(number)
        air = await federation.arrives(NATION, WARD_AIR, place(CODE), DAYS[0])
        assert air["provenance"] == "file"
    finally:
        await federation.stop_node(NODE)


async def _true(condition: object) -> bool:
    return bool(condition)


async def test_a_node_whose_parent_is_away_goes_on_and_catches_up(
    federation: Federation,
) -> None:
    """The province's process is killed; the demo's supervisor brings it back."""
    day = "2026-04-04"
    province = federation.processes.programs[PROVINCE.id]
    restarts = province.restarts
    os.kill(province.pid, signal.SIGKILL)
    await federation.push(VINH, "environment", violations("16681", day, 8))
    own = await federation.arrives(VINH, VIOLATIONS, place("16681"), day)
    assert own["value"] == "8"
    assert await federation.until(
        lambda: _true(province.restarts > restarts and province.pid),
        lambda: "the province did not come back",
    )
    seen = await federation.arrives(NATION, VIOLATIONS, place("16681"), day)
    assert seen["value"] == "8"
    await federation.push(HOSTED, "environment", violations("17443", day, 1))
    await federation.arrives(NATION, VIOLATIONS, place("17443"), day)
