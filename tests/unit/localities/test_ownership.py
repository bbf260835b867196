"""Who speaks for a place on a day."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from federation.identity.documents import Area
from federation.localities.graph import LocalityGraph
from federation.localities.ownership import Ownership
from federation.model.locality import Locality, Member

LAST = date(2026, 3, 31)
MOVES = LAST + timedelta(days=1)
FAR = date(2040, 1, 1)


def place(id_: str, level: str = "commune", parent: str = "40") -> Locality:
    return Locality(
        id=id_, code=id_, name_vi=id_, name_en=id_, level=level, parent=parent
    )


def area(id_: str, *members: Member) -> Locality:
    return replace(place(id_, "area"), members=members)


GRAPH = LocalityGraph(
    [
        place("40", "province", "VN"),
        place("w"),
        place("v"),
        area("a", Member(locality="v"), Member(locality="w", valid_to=LAST)),
        area("b", Member(locality="w", valid_from=MOVES)),
    ]
)
WHOLE = [
    Area(stream="a", localities=("a",), includes_parts=True),
    Area(stream="b", localities=("b",), includes_parts=True),
]


def test_a_place_goes_to_its_new_area_on_the_day() -> None:
    owned = Ownership(WHOLE, GRAPH)
    assert owned.owner("w", LAST) == "a"
    assert owned.owner("w", MOVES) == "b"
    assert owned.owner("v", MOVES) == "a"
    assert owned.owner("40", MOVES) is None


def test_a_place_that_goes_nowhere_stays_with_whom_it_was() -> None:
    alone = Ownership(WHOLE[:1], GRAPH)
    assert alone.owner("w", FAR) == "a"
    assert alone.spoke("a", "w", LAST, FAR)
    assert not alone.spoke("a", "w", MOVES, FAR)


def test_a_place_waits_for_its_first_owner() -> None:
    assert Ownership(WHOLE[1:], GRAPH).owner("w", LAST) == "b"


def test_nobody_takes_what_another_did_not_let_go() -> None:
    greedy = area("c", Member(locality="v", valid_from=MOVES), Member(locality="w"))
    graph = LocalityGraph([*GRAPH.all(), greedy])
    taking = Area(stream="c", localities=("c",), includes_parts=True)
    owned = Ownership([*WHOLE, taking], graph)
    assert owned.owner("v", FAR) == "a"


def test_whoever_is_assigned_the_place_itself_comes_first() -> None:
    province = Area(stream="p", localities=("40",), includes_parts=True)
    named = Area(stream="own", localities=("v",))
    owned = Ownership([province, *WHOLE, named], GRAPH)
    assert owned.owner("v", FAR) == "own"
    # Below the province as near as in the area; who had it first counts.
    assert owned.owner("w", FAR) == "p"
    assert owned.owner("40", FAR) == "p"


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(
    ends=st.lists(DAYS, min_size=1, max_size=4, unique=True),
    day=DAYS,
)
def test_a_place_handed_on_has_one_owner_at_any_day(
    ends: list[date], day: date
) -> None:
    """However often it moves, exactly the holder of the day owns it."""
    moves = sorted(ends)
    spans = zip(
        [None, *(end + timedelta(days=1) for end in moves)],
        [*moves, None],
        strict=True,
    )
    areas = [
        area(f"s{number}", Member(locality="w", valid_from=first, valid_to=last))
        for number, (first, last) in enumerate(spans)
    ]
    owned = Ownership(
        [Area(stream=a.id, localities=(a.id,), includes_parts=True) for a in areas],
        LocalityGraph([place("w"), *areas]),
    )
    holding = [a.id for a in areas if a.members[0].holds_on(day)]
    assert [owned.owner("w", day)] == holding
