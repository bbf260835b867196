"""What views promise of a moment of the past."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.api.moments import asked_moment
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.model.row import Row
from federation.model.status import Status
from federation.views.knowledge import Knowledge
from federation.views.overview import OverviewView
from federation.views.values import ValueQuery, ValueViews
from federation.warehouse.history import LostTime, Resolution
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from tests.unit.views.world import (
    INVESTMENT,
    KNOWN_AT,
    knowledge,
    months,
    period,
    reading,
    row,
)

DAY = timedelta(days=1)


async def learned(*batches: list[Row], known: Knowledge | None = None) -> Any:
    """Return a warehouse that took in one batch a day."""
    warehouse = MemoryWarehouse()
    contracts = (known or knowledge()).indicators
    for number, batch in enumerate(batches):
        await warehouse.apply(
            None,
            [
                Incoming(
                    row=r, contract_hash=contracts[r.series.indicator].contract_hash
                )
                for r in batch
            ],
            known_at=KNOWN_AT + number * DAY,
        )
    return warehouse


def value_of(seen: Any) -> int | None:
    return seen.row.state.value if seen.row.state is not None else None


async def test_a_page_shows_what_was_known_and_says_so() -> None:
    warehouse = await learned(
        [row(INVESTMENT, "2024-11", 1)],
        [row(INVESTMENT, "2024-11", 2), row(INVESTMENT, "2024-12", 9)],
    )
    views = ValueViews(warehouse, reading)
    query = ValueQuery(as_of=KNOWN_AT + DAY / 2)
    page = await views.page(query, knowledge())
    assert [value_of(item) for item in page.items] == [1]
    assert page.as_of is not None
    assert page.as_of.resolution is Resolution.EXACT
    now = await views.page(ValueQuery(), knowledge())
    assert [value_of(item) for item in now.items] == [2, 9]
    assert now.as_of is None


async def test_a_year_of_the_past_is_merged_from_what_was_known() -> None:
    warehouse = await learned(months(2024, [1] * 6), months(2024, [2] * 12))
    views = ValueViews(warehouse, reading)
    query = ValueQuery(indicator=INVESTMENT.id, frequency=period("2024").frequency)
    then = await views.page(replace(query, as_of=KNOWN_AT), knowledge())
    assert [value_of(item) for item in then.items] == [6]
    assert (then.items[0].row.reported, then.items[0].row.expected) == (6, 12)
    now = await views.page(query, knowledge())
    assert [value_of(item) for item in now.items] == [24]


async def test_revisions_end_at_the_moment_with_the_estimate_before() -> None:
    def figure(value: int, **said: Any) -> Row:
        return row(INVESTMENT, "2024-11", value, **said)

    estimate = {"breakdown": "vintage=estimate", "status": Status.ESTIMATED}
    warehouse = await learned(
        [figure(5, status=Status.ESTIMATED), figure(5, **estimate)],
        [figure(6)],
        [figure(7)],
    )
    views = ValueViews(warehouse, reading)
    query = ValueQuery(indicator=INVESTMENT.id, breakdown="")

    async def told(days: float) -> list[tuple[int | None, bool]]:
        page = await views.versions(
            replace(query, as_of=KNOWN_AT + days * DAY), period("2024-11"), knowledge()
        )
        return [(value_of(seen), seen.superseded_at is None) for seen in page.items]

    assert await told(0) == [(5, True)]
    assert await told(1) == [(6, True), (5, False)]
    assert await told(9) == [(7, True), (6, False), (5, False)]
    with pytest.raises(FederationError) as caught:
        await told(-1)
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_the_first_page_is_the_one_of_then() -> None:
    warehouse = await learned(
        months(2024, [1] * 11), [row(INVESTMENT, "2024-12", 7)], months(2025, [3])
    )
    clock = ManualClock(KNOWN_AT + 400 * DAY)
    view = OverviewView(warehouse, reading, clock=clock)
    then = await view.read("40", knowledge(), as_of=KNOWN_AT + DAY)
    (tile,) = then.tiles
    assert tile.value.row.period.text == "2024-12"
    assert [point.period.text for point in tile.trend][-1] == "2024-12"
    assert tile.age_s < 60 * DAY.total_seconds()
    assert then.as_of is not None
    before = await view.read("40", knowledge(), as_of=KNOWN_AT - DAY)
    assert before.tiles == ()
    assert before.as_of is not None
    assert before.as_of.known_since == KNOWN_AT
    (tile,) = (await view.read("40", knowledge())).tiles
    assert tile.value.row.period.text == "2025-01"


async def test_values_of_a_former_contract_are_read_by_it() -> None:
    before = knowledge()
    other = replace(INVESTMENT, unit="million_vnd", definition_version=2)
    after = replace(
        before,
        indicators={**before.indicators, INVESTMENT.id: other},
        past_contracts={INVESTMENT.contract_hash: INVESTMENT},
    )
    warehouse = await learned([row(INVESTMENT, "2024-11", 1)])
    new = Incoming(
        row=row(INVESTMENT, "2024-11", 1000), contract_hash=other.contract_hash
    )
    await warehouse.apply(None, [new], known_at=KNOWN_AT + DAY)
    views = ValueViews(warehouse, reading)
    (then,) = (await views.page(ValueQuery(as_of=KNOWN_AT), after)).items
    assert (value_of(then), then.indicator) == (1, INVESTMENT)
    (now,) = (await views.page(ValueQuery(), after)).items
    assert (value_of(now), now.indicator) == (1000, None)
    clock = ManualClock(KNOWN_AT + 2 * DAY)
    overview = OverviewView(warehouse, reading, clock=clock)
    (tile,) = (await overview.read("40", after, as_of=KNOWN_AT)).tiles
    assert tile.indicator == INVESTMENT


async def test_a_lost_time_says_since_when_it_is_known_again() -> None:
    warehouse = await learned([row(INVESTMENT, "2024-11", 1)])
    lost = LostTime(first=KNOWN_AT + DAY, last=KNOWN_AT + 3 * DAY, reason="restore")
    await warehouse.lose(None, lost)
    views = ValueViews(warehouse, reading)
    page = await views.page(ValueQuery(as_of=KNOWN_AT + 2 * DAY), knowledge())
    assert page.as_of is not None
    assert page.as_of.known_since == lost.last


NOON = datetime.fromisoformat("2025-02-01T12:00:00+07:00")


def test_a_moment_is_read_with_its_offset() -> None:
    for text in (
        "2025-02-01T12:00:00+07:00",
        "2025-02-01T12:00:00 07:00",  # a plus sign that was not quoted
        "2025-02-01T05:00:00Z",
    ):
        assert asked_moment(text, NOON) == NOON
    assert asked_moment(None, NOON) is None


@pytest.mark.parametrize(
    "text", ["2025-02-01", "yesterday", "2025-02-01T12:00:00", "2025-02-01T12:01+07:00"]
)
def test_what_is_no_moment_or_has_not_come_is_refused(text: str) -> None:
    with pytest.raises(FederationError) as caught:
        asked_moment(text, NOON)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT
    assert caught.value.where["pointer"] == "/query/as_of"
