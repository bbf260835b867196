"""Reading and writing records and observations: set-based SQL inside a transaction."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from city_node.contract import Observation, Record
from city_node.observations.stored import (
    KeptObservation,
    KnownRecord,
    RecordKey,
    Timing,
    content_hash,
    fields_text,
    key_of,
)
from federation.clock import from_us, to_us
from federation.model.period import Frequency, Period
from federation.model.row import VINTAGE_ESTIMATE, SeriesKey, State
from federation.model.status import Provenance, Status
from federation.storage.pool import PooledConnection


class SeriesPeriod(Protocol):
    """A series and one of its periods."""

    @property
    def series(self) -> SeriesKey:
        """Return the series."""
        ...

    @property
    def period(self) -> Period:
        """Return the period."""
        ...


async def known_records(
    connection: PooledConnection, keys: Sequence[RecordKey]
) -> dict[RecordKey, KnownRecord]:
    """Return what is known of records, deleted ones included."""
    rows = await connection.fetch(
        """
        SELECT source, source_key, content_hash, subsystem, provenance, deleted
        FROM record
        JOIN unnest($1::text[], $2::text[]) AS wanted (source, source_key)
            USING (source, source_key)
        """,
        *_key_columns(keys),
    )
    return {
        RecordKey(source=row["source"], source_key=row["source_key"]): KnownRecord(
            content_hash=row["content_hash"],
            subsystem=row["subsystem"],
            provenance=Provenance(row["provenance"]),
            deleted=row["deleted"],
        )
        for row in rows
    }


async def write_records(
    connection: PooledConnection, records: Sequence[Record], *, recorded_at: datetime
) -> None:
    """Write new states of records; the earlier ones become revisions."""
    await _keep_revisions(connection, [key_of(record) for record in records])
    columns = zip(
        *(
            (
                record.source,
                record.source_key,
                record.subsystem,
                record.kind,
                record.scope,
                fields_text(record),
                content_hash(record),
                record.provenance,
                record.published_at,
            )
            for record in records
        ),
        strict=True,
    )
    await connection.execute(
        """
        INSERT INTO record (source, source_key, subsystem, kind, scope, fields,
            content_hash, provenance, published_at, revision, recorded_at)
        SELECT *, 1, $10
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
            $6::jsonb[], $7::bytea[], $8::smallint[], $9::timestamptz[])
        ON CONFLICT (source, source_key) DO UPDATE SET
            revision = record.revision + 1, subsystem = excluded.subsystem,
            kind = excluded.kind, scope = excluded.scope, fields = excluded.fields,
            content_hash = excluded.content_hash, provenance = excluded.provenance,
            published_at = excluded.published_at, recorded_at = excluded.recorded_at,
            deleted = false
        """,
        *map(list, columns),
        recorded_at,
    )


async def mark_deleted(
    connection: PooledConnection, keys: Sequence[RecordKey], *, recorded_at: datetime
) -> None:
    """Mark records as deleted; what they said stays as a revision."""
    await _keep_revisions(connection, keys)
    await connection.execute(
        """
        UPDATE record SET deleted = true, revision = revision + 1, recorded_at = $3
        FROM unnest($1::text[], $2::text[]) AS gone (source, source_key)
        WHERE record.source = gone.source AND record.source_key = gone.source_key
        """,
        *_key_columns(keys),
        recorded_at,
    )


async def _keep_revisions(
    connection: PooledConnection, keys: Sequence[RecordKey]
) -> None:
    await connection.execute(
        """
        INSERT INTO record_revision (source, source_key, revision, subsystem, kind,
            scope, fields, content_hash, provenance, published_at, recorded_at, deleted)
        SELECT source, source_key, revision, subsystem, kind,
            scope, fields, content_hash, provenance, published_at, recorded_at, deleted
        FROM record
        JOIN unnest($1::text[], $2::text[]) AS changed (source, source_key)
            USING (source, source_key)
        """,
        *_key_columns(keys),
    )


async def standing_keys(
    connection: PooledConnection,
    subsystem: str,
    scopes: Collection[tuple[str, str]],
) -> list[RecordKey]:
    """Return the records of some (source, scope) pairs that are not deleted."""
    sources, names = as_columns(scopes, 2)
    rows = await connection.fetch(
        """
        SELECT source, source_key FROM record
        JOIN unnest($1::text[], $2::text[]) AS covered (source, scope)
            USING (source, scope)
        WHERE NOT deleted AND subsystem = $3
        ORDER BY source, source_key
        """,
        sources,
        names,
        subsystem,
    )
    return [RecordKey(source=row[0], source_key=row[1]) for row in rows]


async def records_after(
    connection: PooledConnection,
    subsystem: str,
    after: RecordKey | None,
    *,
    limit: int,
) -> list[Record]:
    """Return the next standing records of a subsystem, in key order."""
    rows = await connection.fetch(
        """
        SELECT source, source_key, subsystem, kind, scope, fields::text AS fields,
            provenance, published_at
        FROM record
        WHERE NOT deleted AND subsystem = $1
            AND ($2::text IS NULL OR (source, source_key) > ($2, $3))
        ORDER BY source, source_key LIMIT $4
        """,
        subsystem,
        None if after is None else after.source,
        None if after is None else after.source_key,
        limit,
    )
    return [
        Record(
            subsystem=row["subsystem"],
            source=row["source"],
            source_key=row["source_key"],
            kind=row["kind"],
            scope=row["scope"],
            fields=json.loads(row["fields"]),
            provenance=Provenance(row["provenance"]),
            published_at=row["published_at"],
        )
        for row in rows
    ]


OBSERVATION_COLUMNS = """
    source, source_key, indicator, key, locality, agency, breakdown, frequency,
    period_start, state_value, state_second, state_detail, status, phenomenon_time,
    phenomenon_end, fact, rank, provenance, published_at, recorded_at, timing
"""


async def of_records(
    connection: PooledConnection, keys: Sequence[RecordKey]
) -> list[KeptObservation]:
    """Return the observations of records."""
    rows = await connection.fetch(
        f"""
        SELECT {OBSERVATION_COLUMNS} FROM observation
        JOIN unnest($1::text[], $2::text[]) AS wanted (source, source_key)
            USING (source, source_key)
        """,  # noqa: S608
        *_key_columns(keys),
    )
    return [observation_in(row) for row in rows]


async def of_periods(
    connection: PooledConnection, wanted: Iterable[SeriesPeriod]
) -> list[KeptObservation]:
    """Return the observations of some periods of some series.

    A series of estimates is kept with the series it belongs to.
    """
    places = {
        (
            pair.series.indicator,
            pair.series.locality,
            pair.series.agency,
            _kept_breakdown(pair.series.breakdown),
            pair.period.start,
        )
        for pair in wanted
    }
    rows = await connection.fetch(
        f"""
        SELECT {OBSERVATION_COLUMNS} FROM observation
        JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
            AS wanted (indicator, locality, agency, breakdown, period_start)
            USING (indicator, locality, agency, breakdown, period_start)
        """,  # noqa: S608
        *as_columns(places, 5),
    )
    return [observation_in(row) for row in rows]


async def replace_observations(
    connection: PooledConnection,
    *,
    gone: Iterable[KeptObservation],
    written: Sequence[KeptObservation],
) -> None:
    """Delete observations and write others, new or changed."""
    identities = [
        (record.source, record.source_key, indicator, key)
        for record, indicator, key in (kept.identity for kept in gone)
    ]
    if identities:
        await connection.execute(
            """
            DELETE FROM observation
            USING unnest($1::text[], $2::text[], $3::text[], $4::text[])
                AS gone (source, source_key, indicator, key)
            WHERE (observation.source, observation.source_key,
                   observation.indicator, observation.key)
                = (gone.source, gone.source_key, gone.indicator, gone.key)
            """,
            *as_columns(identities, 4),
        )
    if written:
        await connection.execute(
            f"""
            INSERT INTO observation ({OBSERVATION_COLUMNS})
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
                $5::text[], $6::text[], $7::text[], $8::smallint[], $9::bigint[],
                $10::bigint[], $11::bigint[], $12::bytea[], $13::smallint[],
                $14::timestamptz[], $15::timestamptz[], $16::text[], $17::smallint[],
                $18::smallint[], $19::timestamptz[], $20::timestamptz[],
                $21::smallint[])
            """,  # noqa: S608
            *as_columns([_columns_of(kept) for kept in written], 21),
        )


def _kept_breakdown(breakdown: str) -> str:
    return "" if breakdown == VINTAGE_ESTIMATE else breakdown


def _columns_of(kept: KeptObservation) -> tuple[Any, ...]:
    observation = kept.observation
    state = observation.state
    return (
        kept.record.source,
        kept.record.source_key,
        observation.indicator,
        observation.key,
        observation.locality,
        observation.agency,
        observation.breakdown,
        observation.period.frequency,
        observation.period.start,
        None if state is None else state.value,
        None if state is None else state.second,
        None if state is None else state.detail,
        observation.status,
        observation.phenomenon_time,
        observation.phenomenon_end,
        observation.fact,
        observation.rank,
        kept.provenance,
        kept.published_at,
        from_us(kept.recorded_at_us),
        kept.timing,
    )


def observation_in(row: asyncpg.Record) -> KeptObservation:
    """Return the observation of a row of ``OBSERVATION_COLUMNS``."""
    value = row["state_value"]
    state = (
        None
        if value is None
        else State(
            value=value, second=row["state_second"], detail=row["state_detail"] or b""
        )
    )
    return KeptObservation(
        observation=Observation(
            indicator=row["indicator"],
            locality=row["locality"],
            period=Period(
                frequency=Frequency(row["frequency"]), start=row["period_start"]
            ),
            state=state,
            status=Status(row["status"]),
            phenomenon_time=row["phenomenon_time"],
            agency=row["agency"],
            breakdown=row["breakdown"],
            key=row["key"],
            fact=row["fact"],
            rank=row["rank"],
            phenomenon_end=row["phenomenon_end"],
        ),
        record=RecordKey(source=row["source"], source_key=row["source_key"]),
        provenance=Provenance(row["provenance"]),
        published_at=row["published_at"],
        recorded_at_us=to_us(row["recorded_at"]),
        timing=Timing(row["timing"]),
    )


def as_columns(rows: Collection[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Return rows as columns; an empty set has its columns too."""
    if not rows:
        return [[] for _ in range(count)]
    return [list(column) for column in zip(*rows, strict=True)]


def _key_columns(keys: Sequence[RecordKey]) -> list[list[str]]:
    return as_columns([(key.source, key.source_key) for key in keys], 2)
