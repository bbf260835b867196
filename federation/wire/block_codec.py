"""Rows between values and packed columns.

Rows of one measure and frequency share a block. A row without a state has no
entry in the state's columns; a row with several contributors has an entry in
``counted``. Validation reads columns only, so a parent can check a frame before it
commits it without making a value of every row.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from federation.model.indicator import Measure
from federation.model.period import Frequency, Period
from federation.model.row import State
from federation.model.status import (
    PROVENANCE_COUNT,
    STATUS_COUNT,
    Counts,
    Provenance,
    Status,
)
from federation.wire.numbers import number
from federation.wire.payload import WireRow
from federation.wire.refusal import RefusalCode, WireError, wire_error
from federation.wire.v1 import rows_pb2 as pb

_SCALAR = frozenset({Measure.SUM, Measure.MAX, Measure.MIN, Measure.PUBLISHED})
_PAIR = frozenset({Measure.RATIO, Measure.WEIGHTED_MEAN})
_TRAVELS = frozenset(Measure) - {Measure.COMPOSITE}
_STATUS_NUMBERS = frozenset(int(status) for status in Status)
_PROVENANCE_NUMBERS = frozenset(int(provenance) for provenance in Provenance)
_LAST_CARRYING = int(Status.NO_ACTIVITY)
# Days of the years 1 to 9999, and the hours of the same: nothing else is a date.
_DAY_RANGE = (-719_162, 2_932_896)
_HOUR_RANGE = (_DAY_RANGE[0] * 24, _DAY_RANGE[1] * 24)


def encode_blocks(rows: Sequence[WireRow]) -> list[pb.Block]:
    """Return rows as blocks, in the order in which their kinds first appear."""
    groups: dict[tuple[Measure, Frequency], list[WireRow]] = {}
    for row in rows:
        groups.setdefault((row.measure, row.period.frequency), []).append(row)
    return [
        _encode_block(measure, frequency, group)
        for (measure, frequency), group in groups.items()
    ]


def _encode_block(
    measure: Measure, frequency: Frequency, rows: Sequence[WireRow]
) -> pb.Block:
    block = pb.Block(
        measure=number(measure),
        frequency=number(frequency),
        series=[row.series for row in rows],
        period_start_delta=_deltas([row.period.start for row in rows]),
        status=[number(row.counts.leading_status) for row in rows],
        provenance=[number(row.counts.leading_provenance) for row in rows],
        recorded_at_us_delta=_deltas([row.recorded_at_us for row in rows]),
        unconfirmed=[index for index, row in enumerate(rows) if row.unconfirmed],
        adjusted=[index for index, row in enumerate(rows) if row.adjusted],
    )
    if any(row.source for row in rows):
        block.source.extend(row.source for row in rows)
    if any(row.origin for row in rows):
        block.origin.extend(row.origin for row in rows)
        block.origin_epoch.extend(row.origin_epoch for row in rows)
        block.origin_sequence.extend(row.origin_sequence for row in rows)
    for index, row in enumerate(rows):
        if not _is_single(row):
            block.counted.append(_encode_counts(index, row))
    _encode_states(block, measure, [row.state for row in rows if row.state])
    return block


def _deltas(values: Sequence[int]) -> list[int]:
    if not values:
        return []
    return [values[0], *(right - left for left, right in pairwise(values))]


def _is_single(row: WireRow) -> bool:
    """Tell whether leading status and provenance say all about the contributors."""
    single = Counts.one(row.counts.leading_status, row.counts.leading_provenance)
    expected, reported = _single_coverage(row.counts.leading_status)
    return (
        row.counts == single and row.expected == expected and row.reported == reported
    )


def _single_coverage(status: int) -> tuple[int, int]:
    if status == Status.DELETED:
        return 0, 0
    return 1, 1 if status <= _LAST_CARRYING else 0


def _encode_counts(index: int, row: WireRow) -> pb.CountedRow:
    return pb.CountedRow(
        row=index,
        statuses=_trimmed(row.counts.statuses),
        provenances=_trimmed(row.counts.provenances),
        expected=row.expected,
        reported=row.reported,
    )


def _trimmed(counts: Sequence[int]) -> list[int]:
    trimmed = list(counts)
    while trimmed and trimmed[-1] == 0:
        trimmed.pop()
    return trimmed


def _encode_states(block: pb.Block, measure: Measure, states: Sequence[State]) -> None:
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


def validate_block(block: pb.Block) -> None:
    """Check that the columns match and that values are in range.

    Raises:
        WireError: ``ROWS_INVALID`` with the column that is wrong.
    """
    if block.measure not in frozenset(int(measure) for measure in _TRAVELS):
        raise _bad("measure")
    if block.frequency not in frozenset(int(frequency) for frequency in Frequency):
        raise _bad("frequency")
    _validate_lengths(block)
    if block.series and min(block.series) < 1:
        raise _bad("series")
    if not _STATUS_NUMBERS.issuperset(block.status):
        raise _bad("status")
    if not _PROVENANCE_NUMBERS.issuperset(block.provenance):
        raise _bad("provenance")
    _validate_periods(block)
    _validate_indexes(block, len(block.series))
    _validate_states(block)


def _validate_lengths(block: pb.Block) -> None:
    rows = len(block.series)
    for name in ("period_start_delta", "status", "provenance", "recorded_at_us_delta"):
        if len(getattr(block, name)) != rows:
            raise _bad(name)
    for name in ("source", "origin"):
        if len(getattr(block, name)) not in (0, rows):
            raise _bad(name)
    for name in ("origin_epoch", "origin_sequence"):
        if len(getattr(block, name)) != len(block.origin):
            raise _bad(name)


def _bad(column: str) -> WireError:
    return wire_error(RefusalCode.ROWS_INVALID, column, column=column)


def _validate_periods(block: pb.Block) -> None:
    low, high = (
        _HOUR_RANGE if Frequency(block.frequency) is Frequency.HOUR else _DAY_RANGE
    )
    for start in accumulate(block.period_start_delta):
        if not low <= start <= high:
            raise _bad("period_start_delta")
    for moment in accumulate(block.recorded_at_us_delta):
        if not _DAY_RANGE[0] * 86_400_000_000 <= moment <= 2**62:
            raise _bad("recorded_at_us_delta")


def _validate_indexes(block: pb.Block, rows: int) -> None:
    for name in ("unconfirmed", "adjusted"):
        _ascending(name, getattr(block, name), rows)
    _ascending("counted", [counted.row for counted in block.counted], rows)
    for counted in block.counted:
        if len(counted.statuses) > STATUS_COUNT:
            raise _bad("counted.statuses")
        if len(counted.provenances) > PROVENANCE_COUNT:
            raise _bad("counted.provenances")
        if counted.reported > counted.expected:
            raise _bad("counted.reported")


def _ascending(name: str, indexes: Sequence[int], rows: int) -> None:
    if any(right <= left for left, right in pairwise(indexes)):
        raise _bad(name)
    if indexes and indexes[-1] >= rows:
        raise _bad(name)


def _validate_states(block: pb.Block) -> None:
    carrying = sum(1 for status in block.status if status <= _LAST_CARRYING)
    lengths = _state_lengths(block)
    if any(length != carrying for length in lengths):
        raise _bad("state")
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
        raise _bad("state")
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
        raise _bad("state")
    start = 0
    for length in lengths:
        part = keys[start : start + length]
        if any(right <= left for left, right in pairwise(part)):
            raise _bad("state")
        start += length
    if any(count >= 2**63 for count in counts):
        raise _bad("state")


def decode_block(block: pb.Block) -> Iterator[WireRow]:
    """Yield the rows of a block that ``validate_block`` accepted."""
    measure = Measure(block.measure)
    frequency = Frequency(block.frequency)
    counted = {entry.row: entry for entry in block.counted}
    unconfirmed, adjusted = frozenset(block.unconfirmed), frozenset(block.adjusted)
    states = _decode_states(block, measure)
    columns = zip(
        block.series,
        accumulate(block.period_start_delta),
        block.status,
        block.provenance,
        accumulate(block.recorded_at_us_delta),
        _or_zeros(block.source, len(block.series)),
        _or_zeros(block.origin, len(block.series)),
        _or_zeros(block.origin_epoch, len(block.series)),
        _or_zeros(block.origin_sequence, len(block.series)),
        strict=True,
    )
    for index, (series, start, status, provenance, at, source, *origin) in enumerate(
        columns
    ):
        counts, expected, reported = _decode_counts(
            counted.get(index), status, provenance
        )
        yield WireRow(
            series=series,
            measure=measure,
            period=Period(frequency=frequency, start=start),
            state=next(states) if status <= _LAST_CARRYING else None,
            counts=counts,
            expected=expected,
            reported=reported,
            recorded_at_us=at,
            source=source,
            origin=origin[0],
            origin_epoch=origin[1],
            origin_sequence=origin[2],
            unconfirmed=index in unconfirmed,
            adjusted=index in adjusted,
        )


def _or_zeros(column: Sequence[int], rows: int) -> Iterable[int]:
    return column if len(column) else [0] * rows


_SINGLE: dict[tuple[int, int], Counts] = {
    (status, provenance): Counts.one(status, provenance)
    for status in Status
    for provenance in Provenance
}


def _decode_counts(
    counted: pb.CountedRow | None, status: int, provenance: int
) -> tuple[Counts, int, int]:
    if counted is None:
        return _SINGLE[status, provenance], *_single_coverage(status)
    counts = Counts(
        statuses=_padded(counted.statuses, STATUS_COUNT),
        provenances=_padded(counted.provenances, PROVENANCE_COUNT),
    )
    return counts, counted.expected, counted.reported


def _padded(counts: Sequence[int], length: int) -> tuple[int, ...]:
    return tuple(counts) + (0,) * (length - len(counts))


def _decode_states(block: pb.Block, measure: Measure) -> Iterator[State]:
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
