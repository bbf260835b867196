"""Figures in the boundaries of today."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Indicator, Measure, MergeRule
from federation.model.locality import Locality, Member
from federation.model.row import Row, State
from federation.model.status import Counts, Provenance, Status
from federation.views.former_places import Why, past_of
from federation.views.values import ValuePage, ValueQuery, ValueViews
from federation.views.window import WindowQuery, WindowView
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from tests.unit.views.world import indicator, knowledge, place, row

REFORM = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)
TODAY = date(2026, 11, 22)
KNOWN_AT = datetime(2026, 1, 1, tzinfo=UTC)
FOUND = indicator("found", level="commune")
INDEX = indicator(
    "index",
    level="commune",
    measure=Measure.PUBLISHED,
    over_time=MergeRule.NONE,
    over_place=MergeRule.NONE,
)
THANH_VINH, TRUONG_VINH = "16681@2025-07-01", "16690@2025-07-01"
# The code of a former ward is that of a ward of today.
QUANG_TRUNG, DONG_VINH, BEN_THUY = "16681", "16663", "16690"


def former(id_: str, *into: str, level: str = "commune") -> Locality:
    return replace(place(id_, level, "412", valid_to=BEFORE), successors=into)


CITY = replace(
    place("412", "district", "40", valid_to=BEFORE),
    successors=(THANH_VINH, TRUONG_VINH),
)
AREA = place(
    "vinh",
    "area",
    "40",
    (
        Member(locality="412", valid_to=BEFORE),
        Member(locality=THANH_VINH, valid_from=REFORM),
        Member(locality=TRUONG_VINH, valid_from=REFORM),
    ),
)
PLACES = LocalityGraph(
    [
        place("40", "province", "VN"),
        CITY,
        former(QUANG_TRUNG, THANH_VINH),
        former(DONG_VINH, THANH_VINH),
        former(BEN_THUY, TRUONG_VINH),
        place(THANH_VINH, "commune", "40"),
        place(TRUONG_VINH, "commune", "40"),
        AREA,
    ]
)
KNOWS = replace(
    knowledge(), indicators={one.id: one for one in (FOUND, INDEX)}, places=PLACES
)


@asynccontextmanager
async def reading() -> AsyncIterator[None]:
    yield None


async def holding(*rows: Row) -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    await warehouse.apply(
        None,
        [
            Incoming(
                row=one,
                contract_hash=KNOWS.indicator(one.series.indicator).contract_hash,
            )
            for one in rows
        ],
        known_at=KNOWN_AT,
    )
    return warehouse


def told(locality: str, period: str, value: int | None, of: Indicator = FOUND) -> Row:
    return row(of, period, value, locality=locality)


async def today(
    rows: Sequence[Row],
    locality: str = THANH_VINH,
    of: Indicator = FOUND,
    **asked: object,
) -> ValuePage:
    query = ValueQuery(indicator=of.id, locality=locality, boundaries_of=TODAY)
    views = ValueViews(await holding(*rows), reading)
    return await views.page(replace(query, **asked), KNOWS)  # type: ignore[arg-type]


def shown(page: ValuePage) -> dict[str, int | None]:
    return {
        seen.row.period.text: seen.row.state.value if seen.row.state else None
        for seen in page.items
    }


MAY = [told(QUANG_TRUNG, "2025-05", 3), told(DONG_VINH, "2025-05", 4)]
AUGUST = told(THANH_VINH, "2025-08", 10)


async def test_whole_former_wards_become_the_past_of_the_ward_of_today() -> None:
    page = await today([*MAY, AUGUST, told(BEN_THUY, "2025-05", 90)])
    assert shown(page) == {"2025-05": 7, "2025-08": 10}
    assert {seen.row.series.locality for seen in page.items} == {THANH_VINH}
    assert page.items[0].row.reported == page.items[0].row.expected == 2
    assert page.unapportioned == ()


async def test_a_ward_that_did_not_report_is_counted() -> None:
    page = await today(MAY[:1])
    (seen,) = page.items
    assert (seen.row.reported, seen.row.expected) == (1, 2)


async def test_the_bare_code_means_the_ward_of_today_and_not_its_namesake() -> None:
    page = await today([*MAY, AUGUST], locality="16681")
    assert shown(page) == {"2025-05": 7, "2025-08": 10}


async def test_a_city_that_was_divided_is_named_and_never_shared_out() -> None:
    graph = LocalityGraph(
        one for one in PLACES.all() if one.level != "commune" or one.valid_to is None
    )
    views = ValueViews(await holding(told("412", "2024-11", 60), AUGUST), reading)
    query = ValueQuery(indicator=FOUND.id, locality=THANH_VINH, boundaries_of=TODAY)
    page = await views.page(query, replace(KNOWS, places=graph))
    assert shown(page) == {"2025-08": 10}
    (left_out,) = page.unapportioned
    assert (left_out.locality, left_out.why) == ("412", Why.DIVIDED)
    assert left_out.into == (THANH_VINH, TRUONG_VINH)
    assert [period.text for period in left_out.periods] == ["2024-11"]


async def test_where_its_wards_are_known_the_city_above_them_is_not_asked() -> None:
    page = await today([*MAY, told("412", "2025-05", 60)])
    assert shown(page) == {"2025-05": 7}
    assert page.unapportioned == ()


async def test_the_whole_city_went_into_the_area_of_today() -> None:
    page = await today(
        [told("412", "2024-11", 60), AUGUST, told(TRUONG_VINH, "2025-08", 5)],
        locality="vinh",
    )
    assert shown(page) == {"2024-11": 60, "2025-08": 15}
    assert page.unapportioned == ()


async def test_what_does_not_merge_over_place_is_left_out_with_the_reason() -> None:
    rows = [
        told(QUANG_TRUNG, "2025-05", 3, INDEX),
        told(DONG_VINH, "2025-05", 4, INDEX),
    ]
    page = await today(rows, of=INDEX)
    assert page.items == []
    assert {one.locality: one.why for one in page.unapportioned} == {
        QUANG_TRUNG: Why.RULE,
        DONG_VINH: Why.RULE,
    }


async def test_a_ward_that_only_changed_its_name_keeps_any_figure() -> None:
    page = await today(
        [told(BEN_THUY, "2025-05", 93, INDEX)], locality=TRUONG_VINH, of=INDEX
    )
    assert shown(page) == {"2025-05": 93}


async def test_where_nothing_went_into_a_place_today_is_then() -> None:
    rows = [AUGUST, replace(AUGUST, series=replace(AUGUST.series, agency="H41.A"))]
    query = ValueQuery(indicator=FOUND.id, locality=THANH_VINH)
    views = ValueViews(await holding(*rows), reading)
    then = await views.page(query, KNOWS)
    assert (await today(rows)).items == then.items


async def test_pages_of_it_are_whole() -> None:
    rows = [told(QUANG_TRUNG, f"2025-0{month}", month) for month in range(1, 7)]
    page = await today(rows, limit=4)
    assert page.next is not None
    rest = await today(rows, limit=4, after=page.next)
    assert {**shown(page), **shown(rest)} == {
        f"2025-0{month}": month for month in range(1, 7)
    }


async def test_a_window_over_the_change_is_one_figure() -> None:
    rows = [
        told(THANH_VINH if month > 6 else QUANG_TRUNG, f"2025-{month:02d}", month)
        for month in range(1, 13)
    ]
    view = WindowView(await holding(*rows), reading)
    query = WindowQuery(
        indicator=FOUND.id,
        locality=THANH_VINH,
        first=date(2025, 1, 1),
        last=date(2025, 12, 31),
        boundaries_of=TODAY,
    )
    seen = await view.read(query, KNOWS)
    (year,) = seen.items
    assert year.row.state == State(value=78)
    then = await view.read(replace(query, boundaries_of=None), KNOWS)
    assert [item.row.state for item in then.items] == [State(value=57)]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"locality": "412"}, "/query/locality"),
        ({"locality": None}, "/query/locality"),
        ({"indicator": None}, "/query/indicator"),
    ],
)
async def test_what_has_no_place_today_is_asked_for_in_vain(
    asked: dict[str, str | None], pointer: str
) -> None:
    with pytest.raises(FederationError) as caught:
        await today([], **asked)  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
    assert caught.value.where["pointer"] == pointer


def test_a_place_part_of_which_is_lost_is_never_whole() -> None:
    lost = former("x", THANH_VINH, "nowhere")
    graph = LocalityGraph([*PLACES.all(), lost])
    target = graph.get(THANH_VINH)
    assert target is not None
    past = past_of(graph, target, TODAY)
    assert past.whole == {QUANG_TRUNG, DONG_VINH}
    assert past.divided["x"][0] is Why.UNKNOWN
    assert past.divided["412"][0] is Why.DIVIDED


async def test_a_total_of_the_area_is_not_counted_beside_its_wards() -> None:
    own = told("vinh", "2025-08", 15)
    rolled = replace(own, series=replace(own.series, basis=Basis.ROLLED_UP))
    rows = [told("412", "2024-11", 60), AUGUST, told(TRUONG_VINH, "2025-08", 5), rolled]
    assert shown(await today(rows, locality="vinh")) == {"2024-11": 60, "2025-08": 15}


async def test_figures_that_nobody_owed_enter_todays_total_and_not_its_coverage() -> (
    None
):
    first, second = (replace(one, expected=0, reported=0) for one in MAY)
    (seen,) = (await today([first, second])).items
    assert seen.row.state == State(value=7)
    assert (seen.row.reported, seen.row.expected) == (0, 0)
    (seen,) = (await today([first, MAY[1]])).items
    assert (seen.row.reported, seen.row.expected) == (1, 1)


async def test_a_deleted_figure_of_a_former_place_reads_as_deleted() -> None:
    gone = replace(
        MAY[0],
        state=None,
        counts=Counts.one(Status.DELETED, Provenance.FILE),
        expected=0,
        reported=0,
    )
    (seen,) = (await today([gone])).items
    assert seen.row.status is Status.DELETED
    (seen,) = (await today([gone, MAY[1]])).items
    assert seen.row.state == State(value=4)
    assert (seen.row.reported, seen.row.expected) == (1, 2)
