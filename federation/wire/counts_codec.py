"""How many contributors rows have, between values and packed columns.

Most rows are one report: their leading status and provenance say everything. Only the
others have an entry in ``counted``.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from federation.model.status import (
    PROVENANCE_COUNT,
    STATUS_COUNT,
    Counts,
    Provenance,
    Status,
)
from federation.wire.columns import check_bounds, check_row_indexes, column_error
from federation.wire.payload import WireRow
from federation.wire.v1 import rows_pb2 as pb

# What is kept of a row holds its counts in 32 bits with a sign.
COUNT_MAX = 2**31 - 1
LAST_CARRYING = int(Status.NO_ACTIVITY)

CountsAndCoverage = tuple[Counts, int, int]
"""Counts, how many reports were expected, how many of them came."""

_SINGLE: dict[tuple[int, int], Counts] = {
    (status, provenance): Counts.one(status, provenance)
    for status in Status
    for provenance in Provenance
}


def encode_counted(rows: Sequence[WireRow]) -> pb.CountedColumns | None:
    """Return the counts of those rows that are not one report; None without any."""
    counted = [(index, row) for index, row in enumerate(rows) if not _is_single(row)]
    if not counted:
        return None
    statuses = [row.counts.statuses for _, row in counted]
    provenances = [row.counts.provenances for _, row in counted]
    status_width = max(map(_width, statuses))
    provenance_width = max(map(_width, provenances))
    return pb.CountedColumns(
        row=[index for index, _ in counted],
        expected=[row.expected for _, row in counted],
        reported=[row.reported for _, row in counted],
        status_width=status_width,
        provenance_width=provenance_width,
        statuses=[count for counts in statuses for count in counts[:status_width]],
        provenances=[
            count for counts in provenances for count in counts[:provenance_width]
        ],
    )


def _is_single(row: WireRow) -> bool:
    """Tell whether leading status and provenance say all about the contributors."""
    status = row.counts.leading_status
    return (row.counts, row.expected, row.reported) == single_counts(
        status, row.counts.leading_provenance
    )


def single_counts(status: int, provenance: int) -> CountsAndCoverage:
    """Return the counts and the coverage of a row that is one report."""
    counts = _SINGLE[status, provenance]
    if status == Status.DELETED:
        return counts, 0, 0
    return counts, 1, 1 if status <= LAST_CARRYING else 0


def _width(counts: Sequence[int]) -> int:
    """Return how many entries there are without the zeros at the end."""
    return max((index for index, count in enumerate(counts, 1) if count), default=0)


def validate_counted(block: pb.Block) -> None:
    """Check the counts of a block whose other columns have one entry a row.

    Raises:
        WireError: ``ROWS_INVALID`` with the column that is wrong.
    """
    if not block.HasField("counted"):
        return
    columns = block.counted
    rows = len(columns.row)
    check_row_indexes("counted.row", columns.row, len(block.series))
    if columns.status_width > STATUS_COUNT:
        raise column_error("counted.status_width")
    if columns.provenance_width > PROVENANCE_COUNT:
        raise column_error("counted.provenance_width")
    for name, width in (
        ("expected", 1),
        ("reported", 1),
        ("statuses", columns.status_width),
        ("provenances", columns.provenance_width),
    ):
        column = getattr(columns, name)
        if len(column) != rows * width:
            raise column_error(f"counted.{name}")
        check_bounds(f"counted.{name}", column, 0, COUNT_MAX)
    if (np.asarray(columns.reported) > np.asarray(columns.expected)).any():
        raise column_error("counted.reported")
    # A value of nobody, or contributors to a value that is not there.
    statuses = np.asarray(columns.statuses).reshape(rows, columns.status_width)
    contributed = statuses[:, :LAST_CARRYING].any(axis=1)
    carrying = np.asarray(block.status)[np.asarray(columns.row)] <= LAST_CARRYING
    if (contributed != carrying).any():
        raise column_error("counted.statuses")


def decode_counted(columns: pb.CountedColumns) -> dict[int, CountsAndCoverage]:
    """Return what ``validate_counted`` accepted, by the index of the row."""
    rows = len(columns.row)
    statuses = _by_row(columns.statuses, rows, STATUS_COUNT)
    provenances = _by_row(columns.provenances, rows, PROVENANCE_COUNT)
    counts = map(_counts, statuses, provenances)
    return dict(
        zip(
            columns.row,
            zip(counts, columns.expected, columns.reported, strict=True),
            strict=True,
        )
    )


def _counts(statuses: tuple[int, ...], provenances: tuple[int, ...]) -> Counts:
    return Counts(statuses=statuses, provenances=provenances)


def _by_row(flat: Sequence[int], rows: int, length: int) -> Iterator[tuple[int, ...]]:
    """Yield the entries of each row, filled up with zeros."""
    width = len(flat) // max(rows, 1)
    rest = (0,) * (length - width)
    for row in range(rows):
        yield (*flat[row * width : (row + 1) * width], *rest)
