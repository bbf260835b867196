"""What is asked of values that don't merge, and of those of a former contract."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis
from federation.model.period import Frequency
from federation.model.row import State
from federation.views.values import ValueQuery, ValueViews
from federation.views.window import WindowQuery, WindowView
from federation.warehouse.memory import MemoryWarehouse
from federation.warehouse.store import Incoming
from tests.unit.views.world import (
    AIR,
    FINES,
    INVESTMENT,
    KNOWN_AT,
    WARDS,
    filled,
    knowledge,
    months,
    reading,
    row,
)

FINER = replace(INVESTMENT, scale=6)
LATER = replace(
    knowledge(),
    indicators={**knowledge().indicators, FINER.id: FINER},
    past_contracts={INVESTMENT.contract_hash: INVESTMENT},
)
DAY = timedelta(days=1)
YEAR = ValueQuery(indicator=INVESTMENT.id, frequency=Frequency.YEAR)
WHOLE_YEAR = WindowQuery(
    indicator=INVESTMENT.id,
    locality="40",
    first=date(2024, 1, 1),
    last=date(2024, 12, 31),
)


async def refusal(warehouse: Any, **asked: Any) -> FederationError:
    with pytest.raises(FederationError) as caught:
        await ValueViews(warehouse, reading).page(ValueQuery(**asked), knowledge())
    return caught.value


@pytest.mark.parametrize("asked", [{"basis": Basis.ROLLED_UP}, {"locality": "40"}])
async def test_a_total_that_no_place_rule_makes_is_refused_with_its_reason(
    asked: dict[str, Any],
) -> None:
    warehouse = await filled([row(AIR, "2026-03-07", 20, locality=WARDS[0])])
    error = await refusal(warehouse, indicator=AIR.id, **asked)
    assert error.code is ErrorCode.MERGE_REFUSED
    assert error.where["axis"] == "place"
    assert error.text_vi != error.text_en


async def test_what_was_reported_for_a_coarser_place_is_no_total() -> None:
    reported = [row(AIR, "2026-03-07", 20, locality="vinh")]
    views = ValueViews(await filled(reported), reading)
    query = ValueQuery(indicator=AIR.id, locality="vinh")
    assert len((await views.page(query, knowledge())).items) == 1
    past = replace(query, last=date(2025, 1, 1))
    assert (await views.page(past, knowledge())).items == []


@pytest.mark.parametrize(
    "asked",
    [
        {"indicator": AIR.id, "locality": WARDS[0]},
        {"indicator": AIR.id, "locality": "40", "basis": Basis.REPORTED},
        {"indicator": FINES.id, "locality": "40"},
        {"indicator": FINES.id, "basis": Basis.ROLLED_UP},
    ],
)
async def test_where_nothing_was_reported_yet_the_answer_is_empty(
    asked: dict[str, Any],
) -> None:
    views = ValueViews(await filled(), reading)
    assert (await views.page(ValueQuery(**asked), knowledge())).items == []


async def contract_changed() -> MemoryWarehouse:
    """Return a warehouse in which a year stood under a contract that has changed."""
    warehouse = MemoryWarehouse()
    for contract, value, day in ((INVESTMENT, 1, 0), (FINER, 1000, 2)):
        batch = [
            Incoming(row=each, contract_hash=contract.contract_hash)
            for each in months(2024, [value] * 12)
        ]
        await warehouse.apply(None, batch, known_at=KNOWN_AT + day * DAY)
    return warehouse


@pytest.mark.parametrize(
    ("day", "value", "scale"), [(1, 12, INVESTMENT.scale), (3, 12_000, None)]
)
async def test_a_year_as_known_before_a_change_of_contract_is_merged_by_the_old_one(
    day: int, value: int, scale: int | None
) -> None:
    warehouse, moment = await contract_changed(), KNOWN_AT + day * DAY
    longer = await ValueViews(warehouse, reading).page(
        replace(YEAR, as_of=moment), LATER
    )
    window = await WindowView(warehouse, reading).read(
        replace(WHOLE_YEAR, as_of=moment), LATER
    )
    for (item,) in (longer.items, window.items):
        assert item.row.state == State(value=value)
        assert (item.row.reported, item.row.expected) == (12, 12)
        assert (item.indicator and item.indicator.scale) == scale


async def test_months_of_another_contract_are_missing_by_name() -> None:
    batch = [
        Incoming(row=each, contract_hash=INVESTMENT.contract_hash)
        for each in months(2024, [1] * 12)
    ]
    warehouse = MemoryWarehouse()
    await warehouse.apply(None, batch, known_at=KNOWN_AT)
    (item,) = (await ValueViews(warehouse, reading).page(YEAR, LATER)).items
    assert item.row.state is None
    assert (item.row.reported, item.row.expected) == (0, 12)
    assert item.missing == tuple(f"2024-{month:02d}" for month in range(1, 13))
