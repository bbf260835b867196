"""Rows as columns: what every store and frame of a value holds."""

from collections.abc import Mapping
from typing import Any, Protocol

from federation.model.indicator import Basis
from federation.model.period import Frequency, Period
from federation.model.row import Row, SeriesKey, State, Version
from federation.model.status import (
    PROVENANCE_COUNT,
    STATUS_COUNT,
    Counts,
    Provenance,
    Status,
)
from federation.warehouse.store import Incoming, Route, Stored, StoredSeries

UNCONFIRMED = 1
ADJUSTED = 2


class Columns(Protocol):
    """A record of a database, by names of columns."""

    def __getitem__(self, name: str, /) -> Any:
        """Return the value of a column."""
        ...

    def get(self, name: str, /) -> Any:
        """Return the value of a column; None where there is no such column."""
        ...


VALUE_COLUMNS: Mapping[str, str] = {
    "period_day": "integer",
    "state_value": "bigint",
    "state_second": "bigint",
    "state_detail": "bytea",
    "status": "smallint",
    "provenance": "smallint",
    "status_counts": "text",
    "provenance_counts": "text",
    "expected": "integer",
    "reported": "integer",
    "recorded_at_us": "bigint",
    "source": "text",
    "carrier_stream": "text",
    "carrier_epoch": "bigint",
    "carrier_sequence": "bigint",
    "origin_streams": "text",
    "origin_epoch": "bigint",
    "origin_sequence": "bigint",
    "flags": "smallint",
}
"""Columns of a value and the types in which they are passed. Counts pass as text: the
database would take an array of arrays for one with two dimensions."""


def value_columns(incoming: Incoming, period_day: int) -> tuple[Any, ...]:
    """Return the columns of a row, in the order of ``VALUE_COLUMNS``."""
    row, carrier = incoming.row, incoming.carrier
    status, provenance = row.status, row.provenance
    single = row.counts == Counts.one(status, provenance)
    state, origin = row.state, row.origin
    return (
        period_day,
        None if state is None else state.value,
        None if state is None else state.second,
        None if state is None else state.detail or None,
        int(status),
        int(provenance),
        None if single else _array(row.counts.statuses),
        None if single else _array(row.counts.provenances),
        row.expected,
        row.reported,
        row.recorded_at_us,
        row.source,
        "" if carrier is None else carrier.stream,
        0 if carrier is None else carrier.epoch,
        0 if carrier is None else carrier.sequence,
        "" if origin is None else origin.stream,
        0 if origin is None else origin.epoch,
        0 if origin is None else origin.sequence,
        UNCONFIRMED * row.unconfirmed + ADJUSTED * row.adjusted,
    )


def _array(counts: tuple[int, ...]) -> str:
    return "{" + ",".join(map(str, counts)) + "}"


def same_value(left: Row, right: Row) -> bool:
    """Return whether two rows of one value say the same.

    When and by which frame it was learned is no part of it.
    """
    return _said(left) == _said(right)


def _said(row: Row) -> tuple[Any, ...]:
    return (
        row.state,
        row.counts,
        row.expected,
        row.reported,
        row.source,
        row.unconfirmed,
        row.adjusted,
    )


SAID_COLUMNS = (
    "state_value",
    "state_second",
    "state_detail",
    "status",
    "provenance",
    "status_counts",
    "provenance_counts",
    "expected",
    "reported",
    "source",
    "flags",
)
"""The columns that ``same_value`` compares."""


def series_key(record: Columns) -> SeriesKey:
    """Return the key in a record of the table ``series``."""
    return SeriesKey(
        indicator=record["indicator"],
        locality=record["locality"],
        agency=record["agency"],
        breakdown=record["breakdown"],
        basis=Basis(record["basis"]),
    )


def stored_series(record: Columns) -> StoredSeries:
    """Return the series of a record."""
    return StoredSeries(
        key=series_key(record),
        contract_hash=record["contract_hash"],
        frequency=Frequency(record["frequency"]),
        route=Route(stream=record["stream"], withheld_ground=record["withheld_ground"]),
    )


def stored_value(record: Columns) -> Stored:
    """Return the value of a record of ``series`` joined with ``value`` or history."""
    sealed = record["sealed_sequence"]
    return Stored(
        row=row_of(record),
        contract_hash=record["contract_hash"],
        carrier=_version(record, "carrier_stream", "carrier"),
        known_at=record["known_at"],
        revision=record["revision"],
        sealed=None if sealed is None else (record["sealed_epoch"], sealed),
        first_known_at=record.get("first_known_at"),
        first_given_at=record.get("first_given_at"),
    )


def row_of(record: Columns) -> Row:
    """Return the row of a record of ``series`` joined with ``value`` or history."""
    status, provenance = Status(record["status"]), Provenance(record["provenance"])
    value, flags = record["state_value"], record["flags"]
    return Row(
        series=series_key(record),
        period=Period(
            frequency=Frequency(record["frequency"]), start=record["period_start"]
        ),
        state=None
        if value is None
        else State(
            value=value,
            second=record["state_second"],
            detail=record["state_detail"] or b"",
        ),
        counts=_counts(record, status, provenance),
        expected=record["expected"],
        reported=record["reported"],
        recorded_at_us=record["recorded_at_us"],
        source=record["source"],
        origin=_version(record, "origin_streams", "origin"),
        unconfirmed=bool(flags & UNCONFIRMED),
        adjusted=bool(flags & ADJUSTED),
    )


def _counts(record: Columns, status: Status, provenance: Provenance) -> Counts:
    statuses = record["status_counts"]
    if statuses is None:
        return Counts.one(status, provenance)
    provenances = record["provenance_counts"]
    return Counts(
        statuses=tuple(statuses) + (0,) * (STATUS_COUNT - len(statuses)),
        provenances=tuple(provenances) + (0,) * (PROVENANCE_COUNT - len(provenances)),
    )


def _version(record: Columns, stream: str, prefix: str) -> Version | None:
    if not record[stream]:
        return None
    return Version(
        stream=record[stream],
        epoch=record[f"{prefix}_epoch"],
        sequence=record[f"{prefix}_sequence"],
    )
