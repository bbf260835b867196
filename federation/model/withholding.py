"""What travels of a value that is not shared: that it exists, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, time

from federation.clock import to_us
from federation.model.indicator import Basis
from federation.model.row import Row
from federation.model.status import Counts, Provenance, Status


def masked(row: Row) -> Row:
    """Return the row that a parent gets in place of a withheld one.

    It says of which series and period a value is withheld, so that the parent counts it
    as not shared and never as missing. Number, coverage, source, provenance and the
    moment it was learned stay here; whether it was missing or zero as well. A deleted
    row says so, else the parent would count a value that no longer is.

    A withheld total owes nothing: its parts, shared or not, speak for themselves.
    """
    deleted = row.status is Status.DELETED
    status = Status.DELETED if deleted else Status.WITHHELD
    owed = 0 if deleted or row.series.basis is Basis.ROLLED_UP else 1
    ended = datetime.combine(row.period.end_day, time(), UTC)
    return replace(
        row,
        state=None,
        counts=Counts.one(status, Provenance.AUTOMATIC),
        expected=owed,
        reported=0,
        recorded_at_us=to_us(ended),
        source="",
        adjusted=False,
    )


def is_withheld_total(row: Row) -> bool:
    """Return whether a row stands for a total that its tier doesn't share."""
    return (
        row.series.basis is Basis.ROLLED_UP
        and row.status is Status.WITHHELD
        and row.expected == 0
    )
