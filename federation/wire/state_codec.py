"""The states of rows between values and packed columns.

A row without a state has no entry in any of these columns.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from federation.model.indicator import Measure
from federation.model.row import State
from federation.wire.columns import column_error
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
        for state in states:
            part = pb.HistogramColumns.FromString(state.detail)
            block.histogram.bucket_count.append(len(part.bucket))
            block.histogram.bucket.extend(part.bucket)
            block.histogram.count.extend(part.count)
    elif measure is Measure.TOP:
        for state in states:
            counters = pb.CounterColumns.FromString(state.detail)
            block.counter.counter_count.append(len(counters.code))
            block.counter.code.extend(counters.code)
            block.counter.count.extend(counters.count)
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
        _validate_parts(
            block.histogram.bucket_count, block.histogram.bucket, block.histogram.count
        )
    elif Measure(block.measure) is Measure.TOP:
        _validate_parts(
            block.counter.counter_count, block.counter.code, block.counter.count
        )


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
            return (len(block.histogram.bucket_count),)
        case _:
            return (len(block.counter.counter_count),)


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


def _validate_parts(
    lengths: Sequence[int], keys: Sequence[int], counts: Sequence[int]
) -> None:
    if sum(lengths) != len(keys) or len(keys) != len(counts):
        raise column_error("state")
    start = 0
    for length in lengths:
        part = keys[start : start + length]
        if any(right <= left for left, right in pairwise(part)):
            raise column_error("state")
        start += length
    if any(count >= 2**63 for count in counts):
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
        return _histograms(block.histogram)
    return _counters(block.counter)


def _histograms(columns: pb.HistogramColumns) -> Iterator[State]:
    start = 0
    for length in columns.bucket_count:
        part = pb.HistogramColumns(
            bucket=columns.bucket[start : start + length],
            count=columns.count[start : start + length],
        )
        start += length
        yield State(value=0, detail=part.SerializeToString(deterministic=True))


def _counters(columns: pb.CounterColumns) -> Iterator[State]:
    start = 0
    for length in columns.counter_count:
        part = pb.CounterColumns(
            code=columns.code[start : start + length],
            count=columns.count[start : start + length],
        )
        start += length
        yield State(value=0, detail=part.SerializeToString(deterministic=True))
