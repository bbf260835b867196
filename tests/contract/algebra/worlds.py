"""Contracts, states and rows of every measure, drawn from whole numbers.

A row is drawn as one number, which seeds what it says: that is quick enough for
hundreds of examples a law, and a smaller number is a simpler example.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from federation.algebra import distinct, histogram, top
from federation.algebra.merge import merge_over_place
from federation.model.indicator import Basis, Indicator, Measure, MergeRule
from federation.model.period import Frequency, Period, period_of_day
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from federation.wire.block_codec import decode_block, encode_blocks, validate_block
from federation.wire.payload import WireRow
from federation.wire.v1 import rows_pb2
from tests.indicators import an_indicator

EXAMPLES = 500
"""Examples of each law for each measure."""

# A busy machine draws slowly, which says nothing of the law.
law = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

CODES = ("road", "waste", "light")
MAY = period_of_day(Frequency.MONTH, date(2026, 5, 1))
ROWS_MAX = 9

RULES: dict[Measure, tuple[MergeRule, MergeRule]] = {
    Measure.SUM: (MergeRule.SUM, MergeRule.SUM),
    Measure.LAST: (MergeRule.LAST, MergeRule.SUM),
    Measure.RATIO: (MergeRule.RATIO, MergeRule.RATIO),
    Measure.WEIGHTED_MEAN: (MergeRule.WEIGHTED_MEAN, MergeRule.WEIGHTED_MEAN),
    Measure.MAX: (MergeRule.MAX, MergeRule.MAX),
    Measure.MIN: (MergeRule.MIN, MergeRule.MIN),
    Measure.QUANTILES: (MergeRule.QUANTILES, MergeRule.QUANTILES),
    Measure.DISTINCT: (MergeRule.DISTINCT, MergeRule.DISTINCT),
    Measure.TOP: (MergeRule.TOP, MergeRule.TOP),
}
"""Every measure that merges, with its rules over time and over place."""

TO_DATE = an_indicator(
    "a.rate",
    measure=Measure.RATIO,
    over_time=MergeRule.LAST,
    over_place=MergeRule.RATIO,
    unit="percent",
)
CONTRACTS = {
    **{
        measure.slug: an_indicator(
            f"a.{measure.slug}",
            measure=measure,
            over_time=over_time,
            over_place=over_place,
            codes=CODES if measure is Measure.TOP else (),
        )
        for measure, (over_time, over_place) in RULES.items()
    },
    "rate_against_plan": TO_DATE,
}
"""A contract of each, and of the rate against a yearly plan."""


def keys(first: int, count: int) -> list[str]:
    return [
        f"10.{number // 256}.{number % 256}" for number in range(first, first + count)
    ]


@cache
def _some_things(first: int, count: int) -> State:
    return distinct.of_keys(keys(first, count))


def _integer(random: Random) -> int:
    # Few values beside many, so that equal ones meet.
    return random.choice(
        (random.randint(-3, 3), random.randint(-(2**55), 2**55), random.randint(0, 400))
    )


def _things(random: Random) -> State:
    count = random.choice((0, 1, 3, 700, 2047, 2048, 2049, 5000))
    return _some_things(1000 * random.randrange(4), count)


_MADE: dict[Measure, Callable[[Random], State]] = {
    Measure.QUANTILES: lambda random: histogram.of_values(
        abs(_integer(random)) for _ in range(random.randrange(6))
    ),
    Measure.DISTINCT: _things,
    Measure.TOP: lambda random: top.of_codes(
        random.choices(("graffiti", *CODES), k=random.randrange(6)), CODES
    ),
}


def state_of(measure: Measure, random: Random) -> State:
    """Return a state as a node makes one."""
    if measure in _MADE:
        return _MADE[measure](random)
    if measure in (Measure.RATIO, Measure.WEIGHTED_MEAN):
        return State(value=_integer(random), second=abs(_integer(random)))
    second = _integer(random) if measure is Measure.LAST else 0
    return State(value=_integer(random), second=second)


def row_of(indicator: Indicator, seed: int, place: str, period: Period = MAY) -> Row:
    """Return one report: mostly a value, sometimes a reason why there is none."""
    random = Random(seed)
    return base_row(
        series=SeriesKey(indicator=indicator.id, locality=place),
        period=period,
        state=state_of(indicator.measure, random),
        status=random.choice((*Status, Status.NORMAL, Status.NORMAL, Status.ZERO)),
        provenance=random.choice(tuple(Provenance)),
        recorded_at_us=random.randrange(9),
        source=random.choice(("a", "b")),
    )


seeds = st.lists(st.integers(0, 2**32), max_size=ROWS_MAX)
some_seeds = st.lists(st.integers(0, 2**32), min_size=1, max_size=ROWS_MAX)


def rows_of(indicator: Indicator, drawn: Sequence[int]) -> list[Row]:
    """Return one row of each place."""
    return [row_of(indicator, seed, f"{index}") for index, seed in enumerate(drawn)]


def total(indicator: Indicator, rows: Iterable[Row], place: str) -> Row | None:
    """Return rows as their tier rolls them up; None of none.

    Where all of them were deleted, so was the total.
    """
    given = list(rows)
    if not given:
        return None
    into = SeriesKey(indicator=indicator.id, locality=place, basis=Basis.ROLLED_UP)
    if all(row.status is Status.DELETED for row in given):
        return base_row(
            series=into,
            period=given[0].period,
            state=None,
            status=Status.DELETED,
            provenance=Provenance.AUTOMATIC,
            recorded_at_us=max(row.recorded_at_us for row in given),
        )
    merged = merge_over_place(
        indicator,
        given,
        into=into,
        period=given[0].period,
        expected=sum(row.expected for row in given),
    )
    return replace(merged, reported=sum(row.reported for row in given))


def groups_of(rows: Sequence[Row], seed: int, count: int = 3) -> list[list[Row]]:
    """Return rows shuffled and cut into groups, none of them empty."""
    random = Random(seed)
    groups: list[list[Row]] = [[] for _ in range(count)]
    for row in random.sample(rows, len(rows)):
        random.choice(groups).append(row)
    return [group for group in groups if group]


def through_the_wire(indicator: Indicator, rows: Sequence[Row]) -> list[Row]:
    """Return rows as a parent decodes them from the bytes that a child sent."""
    received = []
    for block in encode_blocks(wire_rows(indicator, rows)):
        arrived = rows_pb2.Block.FromString(block.SerializeToString())
        validate_block(arrived)
        received.extend(decode_block(arrived))
    return [
        replace(
            rows[wire.series - 1],
            state=wire.state,
            counts=wire.counts,
            expected=wire.expected,
            reported=wire.reported,
            recorded_at_us=wire.recorded_at_us,
            unconfirmed=wire.unconfirmed,
            adjusted=wire.adjusted,
        )
        for wire in received
    ]


def wire_rows(indicator: Indicator, rows: Sequence[Row]) -> list[WireRow]:
    """Return rows with the numbers of their series, from 1."""
    return [
        WireRow(
            series=number,
            measure=indicator.measure,
            period=row.period,
            state=row.state,
            counts=row.counts,
            expected=row.expected,
            reported=row.reported,
            recorded_at_us=row.recorded_at_us,
            unconfirmed=row.unconfirmed,
            adjusted=row.adjusted,
        )
        for number, row in enumerate(rows, 1)
    ]
