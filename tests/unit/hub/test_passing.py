"""What a hub passes on."""

from dataclasses import replace

from federation.catalogue.sharing import Sharing, SharingRule
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, SharingPolicy
from federation.model.row import SeriesKey
from federation.warehouse.store import Route
from province_hub.passing import Passing
from tests.unit.views.world import indicator

GROUND = "Điều 7 Nghị định 278/2025/NĐ-CP"
OPEN = indicator("open")
DETAIL_KEPT = indicator("kept", share_detail=SharingPolicy(shared=False, ground=GROUND))


CHILDS = SeriesKey(indicator=OPEN.id, locality="vinh")


class Known:
    indicators = {one.id: one for one in (OPEN, DETAIL_KEPT)}

    def ground_of(self, key: SeriesKey) -> str | None:
        return "Luật 91/2025/QH15" if key == CHILDS else None


def route(of: str, basis: Basis, stream: str | None = "nghe-an") -> Route:
    key = SeriesKey(indicator=of, locality="40", basis=basis)
    return Passing(stream, Known())(key)


def test_everything_shared_goes_on_the_one_stream() -> None:
    for basis in Basis:
        assert route(OPEN.id, basis) == Route(stream="nghe-an")


def test_detail_and_rollup_have_policies_of_their_own() -> None:
    withheld = Route(stream="nghe-an", withheld_ground=GROUND)
    assert route(DETAIL_KEPT.id, Basis.REPORTED) == withheld
    assert route(DETAIL_KEPT.id, Basis.ROLLED_UP) == Route(stream="nghe-an")


def test_what_a_child_withholds_stays_withheld_on_its_ground() -> None:
    allowed = SharingRule(indicator="*", detail=True, rollup=True)
    passing = Passing("nghe-an", Known(), sharing=Sharing([allowed], LocalityGraph()))
    assert passing(CHILDS) == Route(
        stream="nghe-an", withheld_ground="Luật 91/2025/QH15"
    )


def test_a_hub_withholds_detail_and_total_by_its_own_rules() -> None:
    kept = SharingRule(indicator="test.*", rollup=False, ground=GROUND)
    passing = Passing("nghe-an", Known(), sharing=Sharing([kept], LocalityGraph()))
    total = SeriesKey(indicator=OPEN.id, locality="40", basis=Basis.ROLLED_UP)
    assert passing(total) == Route(stream="nghe-an", withheld_ground=GROUND)
    assert passing(replace(total, basis=Basis.REPORTED)) == Route(stream="nghe-an")


def test_without_a_parent_nothing_leaves() -> None:
    assert route(OPEN.id, Basis.REPORTED, stream=None) == Route()


def test_series_without_a_contract_stays() -> None:
    assert route("test.unknown", Basis.REPORTED) == Route()
