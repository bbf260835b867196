"""Which stream carries a series."""

from dataclasses import replace
from datetime import date

import pytest

from city_node.sharing.streams import Streams
from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Measure, SharingPolicy
from federation.model.locality import Locality, Member
from federation.model.row import SeriesKey
from federation.warehouse.store import Route
from tests.unit.node.sample import PLACES, indicator

WARD, OTHER = "16681@2025-07-01", "17443@2025-07-01"
VINH = Area(stream="vinh", localities=("vinh",), includes_parts=True)
REMOTE = Area(stream="17443", localities=(OTHER,))
SUM = indicator(Measure.SUM)


PROVINCE = Locality(id="40", code="40", name_vi="N", name_en="N", level="province")
AREA = Locality(
    id="vinh",
    code="vinh",
    name_vi="V",
    name_en="V",
    level="area",
    parent="40",
    members=(
        Member(locality=WARD, valid_from=date(2025, 7, 1)),
        Member(locality="412", valid_to=date(2024, 11, 30)),
    ),
)
TREE = LocalityGraph(
    [PROVINCE, AREA, *(replace(one, parent="40") for one in PLACES.known.values())]
)


def key(locality: str) -> SeriesKey:
    return SeriesKey(indicator=SUM.id, locality=locality)


def test_a_series_goes_with_the_area_of_its_place() -> None:
    streams = Streams([VINH, REMOTE], TREE, {SUM.id: SUM})
    assert streams.localities == {"vinh", WARD, "412", OTHER}
    assert streams(key("412")) == Route(stream="vinh")
    assert streams(key("vinh")) == Route(stream="vinh")
    assert streams(key(OTHER)) == Route(stream="17443")


def test_a_place_of_no_area_stays_here() -> None:
    assert Streams([REMOTE], TREE, {SUM.id: SUM})(key(WARD)) == Route()


def test_parts_belong_to_an_area_only_where_it_says_so() -> None:
    alone = replace(VINH, includes_parts=False)
    assert Streams([alone], TREE, {}).localities == {"vinh"}


def test_a_withheld_series_is_announced_with_its_ground() -> None:
    policy = SharingPolicy(shared=False, ground="Luật 91/2025/QH15")
    withheld = replace(SUM, share_detail=policy)
    route = Streams([VINH], TREE, {SUM.id: withheld})(key(WARD))
    assert route == Route(stream="vinh", withheld_ground="Luật 91/2025/QH15")


def test_a_province_speaks_for_all_below_it_but_the_areas() -> None:
    below = Area(stream="nghe-an", localities=("40",), includes_parts=True)
    assert Streams([below], TREE, {}).localities == {"40", *PLACES.known}


@pytest.mark.parametrize(
    "areas",
    [
        [Area(stream="lost", localities=("99999",))],
        [VINH, Area(stream="again", localities=(WARD,))],
    ],
)
def test_areas_that_can_not_be_are_refused_at_the_start(areas: list[Area]) -> None:
    with pytest.raises(FederationError) as caught:
        Streams(areas, TREE, {})
    assert caught.value.code is ErrorCode.CONFIGURATION
