"""The peers: the same rows through COPY into one plain table of the same server."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Sequence

import asyncpg

from tests.benchmarks.durable_ingest.input import RowTuple

COLUMNS = (
    "series",
    "period_start",
    "state_value",
    "state_second",
    "status",
    "provenance",
    "status_counts",
    "provenance_counts",
    "expected",
    "reported",
    "recorded_at_us",
)
CONNECTIONS = 2
"""Of the rows that were encoded before: as many as the reference machine has cores."""

_CREATE = """
DROP TABLE IF EXISTS plain;
CREATE TABLE plain (
    series bigint NOT NULL, period_start bigint NOT NULL,
    state_value bigint, state_second bigint,
    status smallint NOT NULL, provenance smallint NOT NULL,
    status_counts bytea, provenance_counts bytea,
    expected integer NOT NULL, reported integer NOT NULL,
    recorded_at_us bigint NOT NULL);
CHECKPOINT;
"""
_SUMS = ", ".join(
    f"coalesce(sum(length({column})), 0)"
    if column.endswith("_counts")
    else f"sum({column})"
    for column in COLUMNS
)


class BareCopy:
    """Copies all rows of the run, as often as asked, into a table made anew."""

    def __init__(self, url: str, rows: Sequence[RowTuple]) -> None:
        """Take an administrator's address, who may order a checkpoint."""
        self._url = url
        self._rows = rows
        self._encoded: list[bytes] = []
        self._sums = [len(rows), *(_sum(column) for column in zip(*rows, strict=True))]
        self.wal_bytes: list[float] = []
        """WAL of each ``copy``."""
        self.wrong: list[str] = []

    async def copy(self, round_number: int) -> float:
        """Copy tuples, encoding them on the way, over one connection."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(_CREATE)
            start_lsn = await connection.fetchval("SELECT pg_current_wal_insert_lsn()")
            began = time.perf_counter()
            await connection.copy_records_to_table(
                "plain", records=self._rows, columns=COLUMNS
            )
            took_s = time.perf_counter() - began
            self.wal_bytes.append(
                float(
                    await connection.fetchval(
                        "SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", start_lsn
                    )
                )
            )
            await self._check(connection, f"copy, round {round_number}")
            if not self._encoded:
                self._encoded = await _encoded(connection, len(self._rows))
        finally:
            await connection.close()
        return took_s

    async def copy_encoded(self, round_number: int) -> float:
        """Copy bytes encoded before, over several connections at once."""
        if not self._encoded:
            await self.copy(round_number)
        connections = [await asyncpg.connect(self._url) for _ in range(CONNECTIONS)]
        try:
            await connections[0].execute(_CREATE)
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    connection.copy_to_table(
                        "plain",
                        source=io.BytesIO(part),
                        columns=COLUMNS,
                        format="binary",
                    )
                    for connection, part in zip(connections, self._encoded, strict=True)
                )
            )
            took_s = time.perf_counter() - began
            await self._check(connections[0], f"copy_encoded, round {round_number}")
        finally:
            for connection in connections:
                await connection.close()
        return took_s

    async def _check(
        self, connection: asyncpg.Connection[asyncpg.Record], what: str
    ) -> None:
        row = await connection.fetchrow(f"SELECT count(*), {_SUMS} FROM plain")
        if row is None or [int(value) for value in row] != self._sums:
            self.wrong.append(f"{what}: the table's sums are not the rows' sums")


def _sum(column: Sequence[int | bytes | None]) -> int:
    present = [value for value in column if value is not None]
    return sum(len(value) if isinstance(value, bytes) else value for value in present)


async def _encoded(
    connection: asyncpg.Connection[asyncpg.Record], row_count: int
) -> list[bytes]:
    """Return what the table holds in COPY's binary form, in as many parts."""
    parts = []
    size = -(-row_count // CONNECTIONS)
    for number in range(CONNECTIONS):
        file = io.BytesIO()
        await connection.copy_from_query(
            f"SELECT {', '.join(COLUMNS)} FROM plain "
            f"ORDER BY ctid OFFSET {number * size} LIMIT {size}",
            output=file,
            format="binary",
        )
        parts.append(file.getvalue())
    return parts
