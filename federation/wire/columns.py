"""Checks of single columns, each on the whole column at once.

A parent checks every column of every frame before it acknowledges: that is most of
what a frame costs it, so no row is looked at by itself.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from federation.wire.refusal import RefusalCode, WireError, wire_error

# The first value and this many a row, summed, stay far inside 64 bits.
_DELTA_MAX = 2**49


def column_error(name: str) -> WireError:
    """Return the refusal of a frame because of one of its columns."""
    return wire_error(RefusalCode.ROWS_INVALID, name, column=name)


def check_bounds(name: str, column: Sequence[int], low: int, high: int) -> None:
    """Check that every value of a column is in a range.

    Raises:
        WireError: ``ROWS_INVALID``, as of every function here.
    """
    values = np.asarray(column)
    if len(values) and not low <= values.min() <= values.max() <= high:
        raise column_error(name)


def check_running_sums(name: str, column: Sequence[int], low: int, high: int) -> None:
    """Check that the running sums of a column of 64-bit integers are in a range."""
    deltas = np.asarray(column, dtype=np.int64)
    if not len(deltas):
        return
    rest = deltas[1:]
    if len(rest) and max(-int(rest.min()), int(rest.max())) > _DELTA_MAX:
        # Sums of such steps could leave 64 bits unnoticed; Python's own cannot.
        sums = list(accumulate(column))
        least, greatest = min(sums), max(sums)
    elif not low <= deltas[0] <= high:
        raise column_error(name)
    else:
        running = np.cumsum(deltas)
        least, greatest = int(running.min()), int(running.max())
    if least < low or greatest > high:
        raise column_error(name)


def check_row_indexes(name: str, column: Sequence[int], rows: int) -> None:
    """Check that a column names rows of a block, each once and in order."""
    indexes = np.asarray(column)
    if not len(indexes):
        return
    if indexes[-1] >= rows or (indexes[1:] <= indexes[:-1]).any():
        raise column_error(name)
