"""Promise 13: the tiers above learn a subsystem from what is announced."""

import json
import os
from pathlib import Path

from scripts.federation_demo.layout import NATION, PROVINCE, AreaPlan, TierPlan
from tests.promises import street_lights
from tests.promises.federation import Federation
from tests.promises.records import place

CODE = "16738"
DAY = "2026-04-07"
NODE = TierPlan(
    id="que-phong",
    command="city-node",
    level="city",
    name_vi="Xã Quế Phong",
    name_en="Que Phong",
    locality=place(CODE),
    position=5,
    parent=PROVINCE.id,
    areas=(AreaPlan(stream=CODE, localities=(place(CODE),)),),
    page=False,
)


async def test_the_hub_learns_an_indicator_it_has_no_code_for(
    federation: Federation, tmp_path: Path
) -> None:
    for tier in (PROVINCE, NATION):
        answer = await federation.ask(tier, f"/indicators/{street_lights.INDICATOR}")
        assert answer.status_code == 404
    await federation.admit(NODE)
    folders = [str(street_lights.install(tmp_path)), os.environ.get("PYTHONPATH", "")]
    outside = {
        "PYTHONPATH": os.pathsep.join(filter(None, folders)),
        "IOC_SUBSYSTEMS": json.dumps([street_lights.NAME]),
    }
    await federation.start_node(NODE, environment=outside)
    try:
        record = {
            "source": "control_room",
            "source_key": f"{CODE}:{DAY}",
            "kind": "count",
            "fields": {"locality": place(CODE), "day": DAY, "lamps": 12},
        }
        await federation.push(NODE, street_lights.NAME, record)
        for tier in (PROVINCE, NATION):
            seen = await federation.arrives(
                tier, street_lights.INDICATOR, place(CODE), DAY
            )
            assert (seen["value"], seen["agency"]) == ("12", street_lights.AGENCY)
            total = await federation.arrives(
                tier, street_lights.INDICATOR, "40", DAY, basis="rolled_up"
            )
            assert (total["value"], total["coverage"]["reported"]) == ("12", 1)
            contract = await federation.read(
                tier, f"/indicators/{street_lights.INDICATOR}"
            )
            own = await federation.read(NODE, f"/indicators/{street_lights.INDICATOR}")
            assert contract == own
            assert contract["name"] == {
                "vi": "Đèn đường hỏng",
                "en": "Street lamps out",
            }
            assert contract["owner_agency_name"]["vi"] == "Sở Xây dựng"
            refused = await federation.ask(
                tier, "/values", indicator=street_lights.INDICATOR, frequency="month"
            )
            assert refused.json()["code"] == "merge-refused"
            page = await federation.read(tier, "/overview")
            assert street_lights.INDICATOR in {
                tile["indicator"] for tile in page["tiles"]
            }
    finally:
        await federation.stop_node(NODE)
