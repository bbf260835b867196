"""The ingest runs: what was fed, when, and what came of it."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from city_node.observations.stored import is_storable
from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS, Pool

RUNS_KEPT_MAX = 10_000
"""Reports of older runs are dropped; what they landed has its own revisions."""

RUNS_LISTED_MAX = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestRun:
    """A run; one without an end was interrupted or is going on."""

    id: int
    subsystem: str
    input: str
    started_at: datetime
    ended_at: datetime | None
    report: Mapping[str, Any] | None


async def begin(pool: Pool, *, subsystem: str, name: str, now: datetime) -> int:
    """Note that an input is being taken in; return the number of the run."""
    try:
        return int(
            await pool.fetchval(
                "INSERT INTO ingest_run (subsystem, input, started_at)"
                " VALUES ($1, $2, $3) RETURNING id",
                subsystem,
                name,
                now,
            )
        )
    except DRIVER_ERRORS as error:
        raise classify(error, doing="begin ingest run") from error


async def end(pool: Pool, run: int, report: Any) -> None:
    """Keep the report of a run; ``report`` is the dataclass that says it."""
    try:
        await pool.execute(
            "WITH old AS (DELETE FROM ingest_run WHERE id <= $1::bigint - $4::bigint)"
            " UPDATE ingest_run SET ended_at = $2, report = $3::jsonb WHERE id = $1",
            run,
            report.ended_at,
            report_text(report),
            RUNS_KEPT_MAX,
        )
    except DRIVER_ERRORS as error:
        raise classify(error, doing="end ingest run") from error


async def latest(pool: Pool, *, limit: int = RUNS_LISTED_MAX) -> list[IngestRun]:
    """Return the newest runs, newest first."""
    try:
        rows = await pool.fetch(
            "SELECT id, subsystem, input, started_at, ended_at, report::text AS report"
            " FROM ingest_run ORDER BY id DESC LIMIT $1",
            min(limit, RUNS_LISTED_MAX),
        )
    except DRIVER_ERRORS as error:
        raise classify(error, doing="list ingest runs") from error
    return [_run(row) for row in rows]


def _run(row: asyncpg.Record) -> IngestRun:
    return IngestRun(
        id=row["id"],
        subsystem=row["subsystem"],
        input=row["input"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        report=None if row["report"] is None else json.loads(row["report"]),
    )


async def get(pool: Pool, run: int) -> IngestRun | None:
    """Return a run by its number; None where there is none, or no more."""
    try:
        row = await pool.fetchrow(
            "SELECT id, subsystem, input, started_at, ended_at, report::text AS report"
            " FROM ingest_run WHERE id = $1",
            run,
        )
    except DRIVER_ERRORS as error:
        raise classify(error, doing="read an ingest run") from error
    return None if row is None else _run(row)


def report_text(report: Any) -> str:
    """Return a report as JSON text."""
    said = _printable(dataclasses.asdict(report))
    return json.dumps(said, default=_plain, ensure_ascii=False)


def _printable(value: Any) -> Any:
    """Return a value that jsonb can hold: a report quotes what was sent."""
    if isinstance(value, str):
        if is_storable(value):
            return value
        text = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_printable(name): _printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")
