"""What reads of values promise."""

from datetime import date

import pytest

from federation.errors import ErrorCode, FederationError
from federation.model.period import Frequency
from federation.model.status import Status
from federation.views.values import ValueQuery, ValueViews
from tests.unit.views.world import (
    AIR,
    INVESTMENT,
    WARDS,
    filled,
    knowledge,
    months,
    period,
    reading,
    row,
)


async def refused(query: ValueQuery) -> FederationError:
    views = ValueViews(await filled(), reading)
    with pytest.raises(FederationError) as caught:
        await views.page(query, knowledge())
    return caught.value


async def test_pages_give_every_value_once_in_order() -> None:
    rows = [*months(2024, range(1, 13)), row(INVESTMENT, "2024-03", 5, locality="38")]
    views = ValueViews(await filled(rows), reading)
    seen, after = [], None
    while True:
        page = await views.page(
            ValueQuery(indicator=INVESTMENT.id, limit=5, after=after), knowledge()
        )
        seen += [(s.row.series.locality, s.row.period.text) for s in page.items]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 13
    assert seen == sorted(seen)


async def test_range_takes_periods_that_begin_in_it() -> None:
    views = ValueViews(await filled(months(2024, range(1, 13))), reading)
    query = ValueQuery(first=date(2024, 11, 1), last=date(2024, 12, 31))
    page = await views.page(query, knowledge())
    assert [s.row.period.text for s in page.items] == ["2024-11", "2024-12"]


async def test_bare_code_gives_each_bearer_its_own_time() -> None:
    rows = [
        row(AIR, "2024-05-01", 1, locality="16681"),
        row(AIR, "2026-05-21", 2, locality=WARDS[0]),
    ]
    views = ValueViews(await filled(rows), reading)

    async def found(**range_: date) -> list[str]:
        query = ValueQuery(locality="16681", **range_)
        page = await views.page(query, knowledge())
        return [seen.row.series.locality for seen in page.items]

    assert await found() == ["16681", WARDS[0]]
    assert await found(first=date(2026, 1, 1)) == [WARDS[0]]
    assert await found(last=date(2025, 1, 1)) == ["16681"]


async def test_code_without_a_bearer_in_the_range_is_refused_with_its_times() -> None:
    error = await refused(ValueQuery(locality="412", first=date(2026, 1, 1)))
    assert error.code is ErrorCode.INVALID_ARGUMENT
    assert "2025-06-30" in error.text_en
    assert error.where["pointer"] == "/query/locality"


@pytest.mark.parametrize(
    "query", [ValueQuery(locality="99999"), ValueQuery(indicator="test.none")]
)
async def test_unknown_names_are_not_found(query: ValueQuery) -> None:
    assert (await refused(query)).code is ErrorCode.NOT_FOUND


async def test_year_is_merged_from_months_and_names_the_missing_ones() -> None:
    values: list[int | None] = [100] * 12
    values[6] = None
    rows = months(2024, values)[:-1] + months(2023, [1] * 12)
    views = ValueViews(await filled(rows), reading)
    query = ValueQuery(indicator=INVESTMENT.id, frequency=Frequency.YEAR)
    page = await views.page(query, knowledge())
    years = {seen.row.period.text: seen for seen in page.items}
    assert years["2023"].row.state is not None
    assert years["2023"].row.state.value == 12
    assert years["2024"].row.state is not None
    assert years["2024"].row.state.value == 1000
    assert (years["2024"].row.reported, years["2024"].row.expected) == (10, 12)
    assert years["2024"].missing == ("2024-07", "2024-12")


async def test_longer_periods_page_without_losing_or_doubling() -> None:
    rows = [r for year in range(2015, 2025) for r in months(year, [1] * 12)]
    views = ValueViews(await filled(rows), reading)
    seen, after = [], None
    while True:
        query = ValueQuery(
            indicator=INVESTMENT.id, frequency=Frequency.YEAR, limit=3, after=after
        )
        page = await views.page(query, knowledge())
        for item in page.items:
            assert item.row.state is not None
            assert item.row.state.value == 12
            seen.append(item.row.period.text)
        after = page.next
        if after is None:
            break
    assert seen == [str(year) for year in range(2015, 2025)]


async def test_published_figures_are_never_merged() -> None:
    error = await refused(ValueQuery(indicator=AIR.id, frequency=Frequency.MONTH))
    assert error.code is ErrorCode.MERGE_REFUSED


async def test_months_make_no_weeks() -> None:
    error = await refused(ValueQuery(indicator=INVESTMENT.id, frequency=Frequency.WEEK))
    assert error.code is ErrorCode.MERGE_REFUSED


async def test_longer_periods_need_one_indicator() -> None:
    error = await refused(ValueQuery(frequency=Frequency.YEAR))
    assert error.where["pointer"] == "/query/indicator"


async def test_limit_is_bounded() -> None:
    error = await refused(ValueQuery(limit=5000))
    assert error.where["pointer"] == "/query/limit"


async def test_estimate_on_its_own_series_is_an_earlier_version() -> None:
    views = ValueViews(
        await filled(
            [
                row(
                    INVESTMENT,
                    "2024-11",
                    1_078_582,
                    breakdown="vintage=estimate",
                    status=Status.ESTIMATED,
                ),
                row(INVESTMENT, "2024-11", 1_213_000),
            ],
            [row(INVESTMENT, "2024-11", 1_213_849)],
        ),
        reading,
    )
    query = ValueQuery(indicator=INVESTMENT.id, locality="40", breakdown="")
    versions = await views.versions(query, period("2024-11"), knowledge())
    values = [seen.row.state.value for seen in versions.items if seen.row.state]
    assert values == [1_213_849, 1_213_000, 1_078_582]
    assert versions.items[0].superseded_at is None
    assert all(seen.superseded_at is not None for seen in versions.items[1:])


async def test_estimate_that_was_current_before_is_told_once() -> None:
    def estimate(breakdown: str) -> object:
        return row(
            INVESTMENT,
            "2025-01",
            568_718,
            breakdown=breakdown,
            status=Status.ESTIMATED,
        )

    warehouse = await filled(
        [estimate("")],  # type: ignore[list-item]
        [estimate("vintage=estimate"), row(INVESTMENT, "2025-01", 572_512)],  # type: ignore[list-item]
    )
    query = ValueQuery(indicator=INVESTMENT.id, breakdown="")
    versions = await ValueViews(warehouse, reading).versions(
        query, period("2025-01"), knowledge()
    )
    told = [s.row.state.value for s in versions.items if s.row.state]
    assert told == [572_512, 568_718]


async def test_versions_of_several_series_are_refused() -> None:
    rows = [
        row(INVESTMENT, "2025-01", 1, agency="H41.STC"),
        row(INVESTMENT, "2025-01", 2, agency="H41.CTK"),
    ]
    views = ValueViews(await filled(rows), reading)
    with pytest.raises(FederationError, match="2 series"):
        await views.versions(
            ValueQuery(indicator=INVESTMENT.id), period("2025-01"), knowledge()
        )
