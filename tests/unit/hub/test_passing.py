"""What a hub passes on."""

from federation.model.indicator import Basis, SharingPolicy
from federation.model.row import SeriesKey
from federation.warehouse.store import Route
from province_hub.passing import Passing
from tests.unit.views.world import indicator

GROUND = "Điều 7 Nghị định 278/2025/NĐ-CP"
OPEN = indicator("open")
DETAIL_KEPT = indicator("kept", share_detail=SharingPolicy(shared=False, ground=GROUND))


class Known:
    indicators = {one.id: one for one in (OPEN, DETAIL_KEPT)}


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


def test_without_a_parent_nothing_leaves() -> None:
    assert route(OPEN.id, Basis.REPORTED, stream=None) == Route()


def test_series_without_a_contract_stays() -> None:
    assert route("test.unknown", Basis.REPORTED) == Route()
