"""The states of rows between values and packed columns.

A row without a state has no entry in any of these columns.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise

import numpy as np

from federation.algebra.tally import pack, unpack
from federation.model.indicator import Measure
from federation.model.row import INT64_MAX, State
from federation.wire.columns import check_bounds, column_error
from federation.wire.counts_codec import LAST_CARRYING
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1 import rows_pb2 as pb

_SCALAR = frozenset({Measure.SUM, Measure.MAX, Measure.MIN, Measure.PUBLISHED})
_PAIR = frozenset({Measure.RATIO, Measure.WEIGHTED_MEAN})


def encode_states(block: pb.Block, measure: Measure, states: Sequence[State]) -> None:
    """Add the states of one measure to a block.

    Raises:
        WireError: ``ROWS_INVALID`` for a measure that does not travel.
    """
    if measure in _SCALAR:
        block.scalar.value.extend(state.value for state in states)
    elif measure is Measure.LAST:
        block.stock.value.extend(state.value for state in states)
        block.stock.at_us.extend(state.second for state in states)
    elif measure in _PAIR:
        block.pair.numerator.extend(state.value for state in states)
        block.pair.denominator.extend(state.second for state in states)
    elif measure is Measure.DISTINCT:
        block.sketch.sketch.extend(state.detail for state in states)
    elif measure is Measure.QUANTILES:
        _encode_tallies(block.histogram, states)
    elif measure is Measure.TOP:
        _encode_tallies(block.counter, states)
    else:
        raise wire_error(RefusalCode.ROWS_INVALID, f"measure {measure.slug}")


def validate_states(block: pb.Block) -> None:
    """Check that the rows that carry a state have one, and of the right kind.

    Raises:
        WireError: ``ROWS_INVALID``.
    """
    carrying = np.count_nonzero(np.asarray(block.status) <= LAST_CARRYING)
    lengths = _state_lengths(block)
    if any(length != carrying for length in lengths):
        raise column_error("state")
    if Measure(block.measure) is Measure.QUANTILES:
        _validate_tallies(block.histogram)
    elif Measure(block.measure) is Measure.TOP:
        _validate_tallies(block.counter)


def _state_lengths(block: pb.Block) -> tuple[int, ...]:
    kind = block.WhichOneof("state")
    expected = _state_kind(Measure(block.measure))
    if kind is not None and kind != expected:
        raise column_error("state")
    match expected:
        case "scalar":
            return (len(block.scalar.value),)
        case "stock":
            return len(block.stock.value), len(block.stock.at_us)
        case "pair":
            return len(block.pair.numerator), len(block.pair.denominator)
        case "sketch":
            return (len(block.sketch.sketch),)
        case "histogram":
            return (len(block.histogram.length),)
        case _:
            return (len(block.counter.length),)


def _state_kind(measure: Measure) -> str:
    if measure in _SCALAR:
        return "scalar"
    if measure in _PAIR:
        return "pair"
    return {
        Measure.LAST: "stock",
        Measure.DISTINCT: "sketch",
        Measure.QUANTILES: "histogram",
        Measure.TOP: "counter",
    }[measure]


def _encode_tallies(columns: pb.TallyColumns, states: Sequence[State]) -> None:
    for state in states:
        counts = unpack(state.detail)
        columns.length.append(len(counts))
        columns.key_delta.extend(
            key - before for before, key in pairwise(chain([0], counts))
        )
        columns.count.extend(counts.values())


def _validate_tallies(columns: pb.TallyColumns) -> None:
    if sum(columns.length) != len(columns.key_delta):
        raise column_error("state")
    if len(columns.key_delta) != len(columns.count):
        raise column_error("state")
    check_bounds("state", columns.count, 1, INT64_MAX)
    lengths = np.asarray(columns.length, dtype=np.int64)
    # Only the first of a row may be at distance 0 from where counting begins.
    stands_still = np.asarray(columns.key_delta) == 0
    stands_still[(np.cumsum(lengths) - lengths)[lengths > 0]] = False
    if stands_still.any():
        raise column_error("state")


def decode_states(block: pb.Block, measure: Measure) -> Iterator[State]:
    """Yield the states that ``validate_states`` accepted, in the order of the rows."""
    if measure in _SCALAR:
        return (State(value=value) for value in block.scalar.value)
    if measure is Measure.LAST:
        stock = zip(block.stock.value, block.stock.at_us, strict=True)
        return (State(value=value, second=at) for value, at in stock)
    if measure in _PAIR:
        pair = zip(block.pair.numerator, block.pair.denominator, strict=True)
        return (State(value=upper, second=lower) for upper, lower in pair)
    if measure is Measure.DISTINCT:
        return (State(value=0, detail=sketch) for sketch in block.sketch.sketch)
    if measure is Measure.QUANTILES:
        return _tallies(block.histogram)
    return _tallies(block.counter)


def _tallies(columns: pb.TallyColumns) -> Iterator[State]:
    start = 0
    for length in columns.length:
        part = slice(start, start + length)
        start += length
        keys = accumulate(columns.key_delta[part])
        counts = dict(zip(keys, columns.count[part], strict=True))
        yield State(value=0, detail=pack(counts))
