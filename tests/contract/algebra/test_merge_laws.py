"""The laws of merging, for every measure.

Each law runs ``EXAMPLES`` examples for each contract of ``CONTRACTS``: any order, any
grouping, three tiers with the wire between them, and a change that is merged in.
"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.merge import merge_over_time, merge_window
from federation.algebra.value import exact_value
from federation.algebra.windows import base_periods
from federation.model.indicator import Indicator
from federation.model.period import Frequency, period_of_day
from federation.model.row import Row
from tests.contract.algebra.worlds import (
    CONTRACTS,
    groups_of,
    law,
    row_of,
    rows_of,
    seeds,
    through_the_wire,
    total,
)

every_measure = pytest.mark.parametrize("name", sorted(CONTRACTS))
numbers = st.integers(0, 2**32)

YEAR = period_of_day(Frequency.YEAR, date(2026, 1, 1))
MONTHS = base_periods(Frequency.MONTH, YEAR)
QUARTERS = [
    base_periods(Frequency.MONTH, quarter)
    for quarter in base_periods(Frequency.QUARTER, YEAR)
]


def same(left: Row | None, right: Row | None) -> bool:
    """Tell whether two totals are the same to the bit, wherever they were made."""
    if left is None or right is None:
        return left is right
    return replace(left, series=right.series) == right


@every_measure
@law
@given(drawn=seeds, shuffle=numbers)
def test_any_order_gives_the_same_bits(
    name: str, drawn: list[int], shuffle: int
) -> None:
    rows = rows_of(CONTRACTS[name], drawn)
    shuffled = [row for group in groups_of(rows, shuffle, 1) for row in group]
    assert same(
        total(CONTRACTS[name], rows, "40"), total(CONTRACTS[name], shuffled, "40")
    )


@every_measure
@law
@given(drawn=seeds, cut=numbers)
def test_a_total_of_totals_is_the_total(name: str, drawn: list[int], cut: int) -> None:
    contract = CONTRACTS[name]
    rows = rows_of(contract, drawn)
    parts = _totals(contract, groups_of(rows, cut))
    assert same(
        without_source(total(contract, parts, "40")),
        without_source(total(contract, rows, "40")),
    )


@every_measure
@law
@given(drawn=seeds, city=numbers, province=numbers)
def test_three_tiers_with_the_wire_between_them_give_one_flat_computation(
    name: str, drawn: list[int], city: int, province: int
) -> None:
    contract = CONTRACTS[name]
    rows = rows_of(contract, drawn)
    arrived = through_the_wire(contract, rows)
    cities = _totals(contract, groups_of(arrived, city, 4))
    provinces = _totals(
        contract, groups_of(through_the_wire(contract, cities), province, 2)
    )
    nation = total(contract, through_the_wire(contract, provinces), "vn")
    flat = total(contract, rows, "vn")
    assert same(without_source(nation), without_source(flat))
    if flat is not None and flat.state is not None:
        assert nation is not None
        assert nation.state is not None
        assert exact_value(contract, nation.state) == exact_value(contract, flat.state)


@every_measure
@law
@given(drawn=seeds, cut=numbers, revisions=st.lists(st.tuples(numbers, numbers)))
def test_merging_a_change_in_equals_computing_all_anew(
    name: str, drawn: list[int], cut: int, revisions: list[tuple[int, int]]
) -> None:
    contract = CONTRACTS[name]
    rows = rows_of(contract, drawn)
    groups = groups_of(rows, cut)
    parts = [total(contract, group, "part") for group in groups]
    for where, seed in revisions if rows else []:
        # One place says something else; only its own part is merged anew.
        place = rows[where % len(rows)].series.locality
        revised = row_of(contract, seed, place)
        for number, group in enumerate(groups):
            found = [row.series.locality for row in group]
            if place in found:
                group[found.index(place)] = revised
                parts[number] = total(contract, group, "part")
        rows = [revised if row.series.locality == place else row for row in rows]
    standing = [part for part in parts if part is not None]
    assert same(
        without_source(total(contract, standing, "40")),
        without_source(total(contract, rows, "40")),
    )


@every_measure
@law
@given(drawn=seeds)
def test_places_then_periods_equals_periods_then_places(
    name: str, drawn: list[int]
) -> None:
    contract = CONTRACTS[name]
    table = {
        (f"{seed % 3}", MONTHS[seed // 3 % 12]): row_of(
            contract, seed, f"{seed % 3}", MONTHS[seed // 3 % 12]
        )
        for seed in drawn
    }
    months = [
        made
        for month in MONTHS
        if (made := total(contract, _of(table, month=month), "40")) is not None
    ]
    years = [
        _year(contract, rows) for place in "012" if (rows := _of(table, place=place))
    ]
    of_months = merge_window(contract, months, periods=MONTHS).state
    of_years = total(contract, years, "40")
    assert of_months == (of_years.state if of_years is not None else None)


@every_measure
@law
@given(drawn=seeds)
def test_quarters_make_the_year_that_its_months_make(
    name: str, drawn: list[int]
) -> None:
    contract = CONTRACTS[name]
    table = {
        MONTHS[seed % 12]: row_of(contract, seed, "1", MONTHS[seed % 12])
        for seed in drawn
    }
    rows = list(table.values())
    whole = merge_window(contract, rows, periods=MONTHS)
    quarters = [
        merge_over_time(
            contract,
            [row for row in rows if row.period in months],
            into=row_of(contract, 0, "1").series,
            period=period_of_day(Frequency.QUARTER, months[0].first_day),
            periods=months,
        )
        for months in QUARTERS
    ]
    merged = merge_window(
        contract, quarters, periods=[quarter.period for quarter in quarters]
    )
    assert merged.state == whole.state
    assert whole.reported <= whole.expected


def without_source(row: Row | None) -> Row | None:
    """Return a row without the source, which several tiers need not agree on.

    A total of totals names its source where each of those had one, and one only.
    """
    return None if row is None else replace(row, source="")


def _totals(contract: Indicator, groups: list[list[Row]]) -> list[Row]:
    made = (total(contract, group, f"p{n}") for n, group in enumerate(groups))
    return [row for row in made if row is not None]


def _of(
    table: dict[tuple[str, object], Row],
    place: str | None = None,
    month: object | None = None,
) -> list[Row]:
    return [
        row
        for (here, when), row in table.items()
        if place in (None, here) and month in (None, when)
    ]


def _year(contract: Indicator, rows: list[Row]) -> Row:
    made = merge_over_time(
        contract, rows, into=rows[0].series, period=YEAR, periods=MONTHS
    )
    return made
