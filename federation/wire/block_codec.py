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
from federation.model.status import Provenance, Status
from federation.wire.columns import (
    check_bounds,
    check_row_indexes,
    check_running_sums,
    column_error,
)
from federation.wire.counts_codec import (
    LAST_CARRYING,
    decode_counted,
    encode_counted,
    single_counts,
    validate_counted,
)
from federation.wire.numbers import number
from federation.wire.payload import WireRow
from federation.wire.state_codec import decode_states, encode_states, validate_states
from federation.wire.v1 import rows_pb2 as pb

_TRAVELS = frozenset(int(measure) for measure in Measure) - {int(Measure.COMPOSITE)}
_FREQUENCIES = frozenset(int(frequency) for frequency in Frequency)
# Days of the years 1 to 9999, and the hours of the same: nothing else is a date.
_DAY_RANGE = (-719_162, 2_932_896)
_HOUR_RANGE = (_DAY_RANGE[0] * 24, _DAY_RANGE[1] * 24)
_DAY_US = 86_400_000_000
_RECORDED = (_DAY_RANGE[0] * _DAY_US, _DAY_RANGE[1] * _DAY_US)


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
        counted=encode_counted(rows),
    )
    if any(row.source for row in rows):
        block.source.extend(row.source for row in rows)
    if any(row.origin for row in rows):
        block.origin.extend(row.origin for row in rows)
        block.origin_epoch.extend(row.origin_epoch for row in rows)
        block.origin_sequence.extend(row.origin_sequence for row in rows)
    encode_states(block, measure, [row.state for row in rows if row.state])
    return block


def _deltas(values: Sequence[int]) -> list[int]:
    if not values:
        return []
    return [values[0], *(right - left for left, right in pairwise(values))]


def validate_block(block: pb.Block) -> None:
    """Check that the columns match and that values are in range.

    Raises:
        WireError: ``ROWS_INVALID`` with the column that is wrong.
    """
    if block.measure not in _TRAVELS:
        raise column_error("measure")
    if block.frequency not in _FREQUENCIES:
        raise column_error("frequency")
    _validate_lengths(block)
    check_bounds("series", block.series, 1, 2**32 - 1)
    check_bounds("status", block.status, 1, len(Status))
    check_bounds("provenance", block.provenance, 1, len(Provenance))
    check_bounds("origin_epoch", block.origin_epoch, 0, 2**63 - 1)
    check_bounds("origin_sequence", block.origin_sequence, 0, 2**63 - 1)
    _validate_periods(block)
    for name in ("unconfirmed", "adjusted"):
        check_row_indexes(name, getattr(block, name), len(block.series))
    validate_counted(block)
    validate_states(block)


def _validate_lengths(block: pb.Block) -> None:
    rows = len(block.series)
    for name in ("period_start_delta", "status", "provenance", "recorded_at_us_delta"):
        if len(getattr(block, name)) != rows:
            raise column_error(name)
    for name in ("source", "origin"):
        if len(getattr(block, name)) not in (0, rows):
            raise column_error(name)
    for name in ("origin_epoch", "origin_sequence"):
        if len(getattr(block, name)) != len(block.origin):
            raise column_error(name)


def _validate_periods(block: pb.Block) -> None:
    low, high = (
        _HOUR_RANGE if Frequency(block.frequency) is Frequency.HOUR else _DAY_RANGE
    )
    check_running_sums("period_start_delta", block.period_start_delta, low, high)
    check_running_sums("recorded_at_us_delta", block.recorded_at_us_delta, *_RECORDED)


def decode_block(block: pb.Block) -> Iterator[WireRow]:
    """Yield the rows of a block that ``validate_block`` accepted."""
    measure = Measure(block.measure)
    frequency = Frequency(block.frequency)
    counted = decode_counted(block.counted)
    unconfirmed, adjusted = frozenset(block.unconfirmed), frozenset(block.adjusted)
    states = decode_states(block, measure)
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
        counts, expected, reported = counted.get(index) or single_counts(
            status, provenance
        )
        yield WireRow(
            series=series,
            measure=measure,
            period=Period(frequency=frequency, start=start),
            state=next(states) if status <= LAST_CARRYING else None,
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
