"""Finding dated places."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from federation.errors import ErrorCode, FederationError
from federation.localities.areas import read_areas
from federation.localities.graph import LocalityGraph
from federation.localities.lists import read_list, shipped_list
from federation.model.locality import Locality, locality_id

AREAS = Path("infra/demo/nghe-an/areas.toml")
REFORM = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)
WARDS = ["16681", "16690", "16702", "16708", "16732", "17920"]

FORMER = b"""[{"Code": "40", "FullName": "T", "FullNameEn": "T", "District": [
  {"Code": "412", "FullName": "Th\xc3\xa0nh ph\xe1\xbb\x91 Vinh",
   "FullNameEn": "Vinh City", "Ward": [
    {"Code": "16681", "FullName": "Quang Trung", "FullNameEn": "Quang Trung Ward"},
    {"Code": "16663", "FullName": "\xc4\x90\xc3\xb4ng V\xc4\xa9nh",
     "FullNameEn": "Dong Vinh Ward"}]},
  {"Code": "420", "FullName": "H", "FullNameEn": "H District", "Ward": null}]}]"""


@pytest.fixture(scope="module")
def graph() -> LocalityGraph:
    past = {one.id: one for one in read_list(FORMER, name="former.json").localities}
    areas = read_areas(AREAS.read_bytes(), name=AREAS.name)
    present = shipped_list().localities
    return LocalityGraph([*present, *(past | {a.id: a for a in areas}).values()])


def ids(places: list[Locality]) -> list[str]:
    return [place.id for place in places]


def test_the_shipped_list_is_the_country_of_two_levels(graph: LocalityGraph) -> None:
    assert len(graph.parts("VN", REFORM)) == 34
    assert len(graph.parts("VN", REFORM, level="commune")) == 3321
    assert len(graph.parts("40", REFORM)) == 130
    ward = graph.resolve("16681", REFORM)
    assert (ward.id, ward.name_vi) == ("16681@2025-07-01", "Phường Thành Vinh")
    assert ward.name_en == "Thanh Vinh Ward"
    assert ids(list(graph.ancestors(ward.id))) == ["40", "VN"]
    assert graph.get("40").name_vi == "Tỉnh Nghệ An"  # type: ignore[union-attr]


def test_vinh_is_each_of_its_lives(graph: LocalityGraph) -> None:
    assert ids(graph.members("vinh", date(2017, 12, 31))) == ["412"]
    assert ids(graph.members("vinh", date(2024, 11, 30))) == ["412"]
    assert ids(graph.members("vinh", date(2024, 12, 1))) == ["412@2024-12-01"]
    assert ids(graph.members("vinh", BEFORE)) == ["412@2024-12-01"]
    six = [locality_id(code, REFORM) for code in WARDS]
    assert ids(graph.members("vinh", REFORM)) == six
    assert ids(graph.parts("vinh", REFORM, level="commune")) == six
    assert ids(graph.areas("40")) == ["vinh"]


def test_a_reused_code_is_another_place(graph: LocalityGraph) -> None:
    assert graph.resolve("16681", BEFORE).name_vi == "Quang Trung"
    assert graph.resolve("16681", REFORM).name_vi == "Phường Thành Vinh"
    assert ids(graph.bearing("16681")) == ["16681", "16681@2025-07-01"]


def test_a_place_belongs_to_the_parent_of_its_time(graph: LocalityGraph) -> None:
    assert graph.get("16663").parent == "412@2024-12-01"  # type: ignore[union-attr]
    assert ids(graph.parts("412@2024-12-01", BEFORE)) == ["16663", "16681"]


def test_a_ward_older_than_its_city_counts_in_the_city_before(
    graph: LocalityGraph,
) -> None:
    november = date(2024, 11, 2)
    assert "16663" in ids(graph.parts("412", november))
    assert "16663" in graph.units("40", "commune", november)
    assert graph.units("412", "commune", BEFORE) == frozenset()


def test_an_unknown_code_is_said_to_be_unknown(graph: LocalityGraph) -> None:
    with pytest.raises(FederationError) as caught:
        graph.resolve("99999", REFORM)
    assert caught.value.code is ErrorCode.INPUT_ROW
    assert "99999" in caught.value.text_vi
    assert "unknown" in caught.value.text_en


def test_a_former_code_names_todays_units(graph: LocalityGraph) -> None:
    for code in ("412", "412@2024-12-01"):
        with pytest.raises(FederationError) as caught:
            graph.resolve(code, date(2026, 5, 21))
        assert "2025-06-30" in caught.value.text_vi
        assert "until 2025-06-30; today's units are" in caught.value.text_en
        for ward in WARDS:
            assert ward in caught.value.text_en


def test_a_code_of_later_is_said_to_begin_later(graph: LocalityGraph) -> None:
    with pytest.raises(FederationError) as caught:
        graph.resolve("17920", BEFORE)
    assert "only from 2025-07-01" in caught.value.text_en


def test_containing_follows_lineage_and_dated_membership(graph: LocalityGraph) -> None:
    day = timedelta(days=1)
    ward = "16681@2025-07-01"
    assert graph.contains("40", ward, REFORM, REFORM)
    assert graph.contains("40", "40", REFORM, REFORM)
    assert graph.contains("vinh", ward, REFORM, REFORM)
    assert not graph.contains("vinh", ward, BEFORE - day, BEFORE)
    assert graph.contains("vinh", "412", date(2017, 12, 1), date(2017, 12, 31))
    assert not graph.contains("vinh", "17443@2025-07-01", REFORM, REFORM)
    assert not graph.contains(ward, "40", REFORM, REFORM)
    assert not graph.contains("nowhere", ward, REFORM, REFORM)


def test_a_list_of_another_shape_is_refused_by_name() -> None:
    for content in (b"\x00", b"[]", b'[{"a": 1}]', b'{"Code": "40"}'):
        with pytest.raises(FederationError) as caught:
            read_list(content, name="broken.json")
        assert caught.value.code is ErrorCode.INPUT_UNREADABLE
        assert "broken.json" in caught.value.text_vi


def test_a_wrong_areas_file_is_refused_by_name() -> None:
    wrong = b'[[place]]\nid="412@2024-01-01"\nlevel="district"\nname={vi="a",en="b"}'
    for content in (b"[[", b"\xff", b"[[area]]\nid = 'x'", wrong):
        with pytest.raises(FederationError) as caught:
            read_areas(content, name="areas.toml")
        assert caught.value.code is ErrorCode.CONFIGURATION
        assert "areas.toml" in caught.value.text_en
