"""A composite is computed from its components, and says which of them it lacks."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.algebra.composite import compose, earned, missing, points
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Basis, Component, Indicator, Measure, MergeRule
from federation.model.period import Frequency, parse_period
from federation.model.row import Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from federation.wire.block_codec import encode_blocks
from federation.wire.payload import WireRow
from federation.wire.refusal import WireError
from tests.indicators import an_indicator

DAY = parse_period("2026-05-21")
INTO = SeriesKey(indicator="a.score", locality="40", basis=Basis.ROLLED_UP)

ON_TIME = an_indicator(
    "a.on_time",
    measure=Measure.RATIO,
    over_time=MergeRule.RATIO,
    over_place=MergeRule.RATIO,
    unit="percent",
    scale=1,
)
WAITING = an_indicator("a.waiting", unit="hour", scale=2)
SCORE = an_indicator(
    "a.score",
    measure=Measure.COMPOSITE,
    over_time=MergeRule.COMPOSITE,
    over_place=MergeRule.COMPOSITE,
    frequency=Frequency.DAY,
    unit="points",
    scale=2,
    composed_of=(
        # All 18 points from 90.0 % on, none at 50.0 % or below.
        Component(indicator="a.on_time", points=18, zero_at=500, full_at=900),
        # All 20 points at no hours of waiting, none at 8.00 or more.
        Component(indicator="a.waiting", points=20, zero_at=800, full_at=0),
    ),
)
CONTRACTS = {each.id: each for each in (ON_TIME, WAITING)}


def row(contract: Indicator, value: int, second: int = 0) -> Row:
    return base_row(
        series=SeriesKey(indicator=contract.id, locality="40"),
        period=DAY,
        state=State(value=value, second=second),
        status=Status.NORMAL,
        provenance=Provenance.AUTOMATIC,
        recorded_at_us=value,
    )


GIVEN = {"a.on_time": row(ON_TIME, 700, 1_000), "a.waiting": row(WAITING, 200)}


def composed(rows: dict[str, Row | None]) -> Row:
    return compose(SCORE, CONTRACTS, rows, into=INTO, period=DAY)


def test_points_go_linearly_from_none_to_all() -> None:
    assert points(SCORE, CONTRACTS, GIVEN) == {
        "a.on_time": Fraction(9),
        "a.waiting": Fraction(15),
    }
    made = composed(dict(GIVEN))
    assert made.state == State(value=2_400)
    assert (made.reported, made.expected) == (2, 2)
    assert made.series == INTO
    assert made.recorded_at_us == 700


@given(st.integers(-(2**40), 2**40), st.integers(1, 2**40))
def test_points_never_leave_their_range(value: int, second: int) -> None:
    for component in SCORE.composed_of:
        contract = CONTRACTS[component.indicator]
        got = earned(component, contract, State(value=value, second=second))
        assert got is not None
        assert 0 <= got <= component.points


@pytest.mark.parametrize(
    "lacking",
    [
        None,
        base_row(
            series=INTO,
            period=DAY,
            state=None,
            status=Status.WITHHELD,
            provenance=Provenance.FILE,
            recorded_at_us=1,
        ),
        # Nothing was due: a rate over nothing is no rate.
        row(ON_TIME, 0, 0),
    ],
)
def test_one_missing_component_makes_it_missing_and_is_named(
    lacking: Row | None,
) -> None:
    rows = {**GIVEN, "a.on_time": lacking}
    made = composed(rows)
    assert (made.state, made.status) == (None, Status.MISSING)
    assert (made.reported, made.expected) == (1, 2)
    assert missing(SCORE, CONTRACTS, rows) == ("a.on_time",)
    assert missing(SCORE, {}, dict(GIVEN)) == ("a.on_time", "a.waiting")


def test_what_labels_a_component_labels_the_composite() -> None:
    generated = replace(
        row(WAITING, 200),
        counts=base_row(
            series=INTO,
            period=DAY,
            state=State(value=1),
            status=Status.ESTIMATED,
            provenance=Provenance.SIMULATED,
            recorded_at_us=0,
        ).counts,
        unconfirmed=True,
    )
    made = composed({**GIVEN, "a.waiting": generated})
    assert made.provenance is Provenance.SIMULATED
    assert made.status is Status.ESTIMATED
    assert made.unconfirmed


def test_a_composite_of_nothing_has_no_value() -> None:
    empty = replace(SCORE, composed_of=())
    made = compose(empty, CONTRACTS, {}, into=INTO, period=DAY)
    assert (made.state, made.status) == (None, Status.MISSING)


def test_a_score_that_leaves_64_bits_is_an_error() -> None:
    vast = replace(SCORE, scale=18)
    with pytest.raises(FederationError) as caught:
        compose(vast, CONTRACTS, dict(GIVEN), into=INTO, period=DAY)
    assert caught.value.code is ErrorCode.OVERFLOW


def test_a_composite_never_travels() -> None:
    made = composed(dict(GIVEN))
    wire = WireRow(
        series=1,
        measure=Measure.COMPOSITE,
        period=made.period,
        state=made.state,
        counts=made.counts,
        expected=made.expected,
        reported=made.reported,
        recorded_at_us=made.recorded_at_us,
    )
    with pytest.raises(WireError):
        encode_blocks([wire])
