"""Observations that count from a moment on or over an interval, and what ended since.

Reads are bounded by what holds at the moments asked for, not by what is stored.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from city_node.observations.store import (
    OBSERVATION_COLUMNS,
    as_columns,
    observation_in,
)
from city_node.observations.stored import KeptObservation
from federation.model.period import Frequency, Period
from federation.model.row import SeriesKey
from federation.storage.pool import PooledConnection


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From the first to the last of some moments, both included."""

    first: datetime
    last: datetime


async def holding_in(
    connection: PooledConnection, spans: Mapping[SeriesKey, Span]
) -> list[KeptObservation]:
    """Return the interval observations that hold at a moment of their series' span."""
    if not spans:
        return []
    rows = await connection.fetch(
        f"""
        SELECT {OBSERVATION_COLUMNS} FROM observation
        JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[],
                $5::timestamptz[], $6::timestamptz[])
            AS wanted (indicator, locality, agency, breakdown, first, last)
            USING (indicator, locality, agency, breakdown)
        WHERE timing = 2
            AND tstzrange(phenomenon_time, phenomenon_end)
                && tstzrange(wanted.first, wanted.last, '[]')
        """,  # noqa: S608
        *as_columns(
            [(*_series(key), span.first, span.last) for key, span in spans.items()], 6
        ),
    )
    return [observation_in(row) for row in rows]


async def first_of(
    connection: PooledConnection, series: Iterable[SeriesKey]
) -> dict[SeriesKey, KeptObservation]:
    """Return the interval observation of each series that begins in its first period.

    Of several the one with the least key; a series without any is left out.
    """
    keys = [_series(key) for key in series]
    if not keys:
        return {}
    rows = await connection.fetch(
        f"""
        SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            AS wanted (indicator, locality, agency, breakdown)
        CROSS JOIN LATERAL (
            SELECT {OBSERVATION_COLUMNS} FROM observation
            WHERE timing = 2 AND (indicator, locality, agency, breakdown)
                = (wanted.indicator, wanted.locality, wanted.agency, wanted.breakdown)
            ORDER BY period_start, source, source_key, key LIMIT 1) AS found
        """,  # noqa: S608
        *as_columns(keys, 4),
    )
    kept = [observation_in(row) for row in rows]
    return {each.series: each for each in kept}


async def series_of_intervals(
    connection: PooledConnection, indicators: Collection[str]
) -> list[SeriesKey]:
    """Return the series of indicators that count intervals, in key order."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT indicator, locality, agency, breakdown FROM observation
        WHERE timing = 2 AND indicator = ANY($1)
        ORDER BY indicator, locality, agency, breakdown
        """,
        list(indicators),
    )
    return [_key(row) for row in rows]


async def fell_due(
    connection: PooledConnection,
    indicators: Collection[str],
    *,
    after: datetime,
    until: datetime,
) -> list[tuple[SeriesKey, Period]]:
    """Return series and periods whose observations began to count in (after, until]."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT indicator, locality, agency, breakdown, frequency, period_start
        FROM observation
        WHERE timing = 1 AND phenomenon_time > $2 AND phenomenon_time <= $3
            AND indicator = ANY($1)
        """,
        list(indicators),
        after,
        until,
    )
    return [
        (
            _key(row),
            Period(frequency=Frequency(row["frequency"]), start=row["period_start"]),
        )
        for row in rows
    ]


async def ended_through(connection: PooledConnection) -> datetime | None:
    """Return up to when what ended is in the summaries; None where nothing can end.

    Before the first time that is when the first observation of its kind came: what
    had ended by then was summarised with it.
    """
    through: datetime | None = await connection.fetchval(
        """
        SELECT coalesce(
            (SELECT through FROM periods_ended),
            (SELECT min(recorded_at) FROM observation WHERE timing IN (1, 2)))
        """
    )
    return through


async def keep_ended_through(connection: PooledConnection, through: datetime) -> None:
    """Note up to when what ended is in the summaries; it never goes back."""
    await connection.execute(
        """
        INSERT INTO periods_ended (through) VALUES ($1)
        ON CONFLICT (single) DO UPDATE SET
            through = greatest(periods_ended.through, excluded.through)
        """,
        through,
    )


def _series(key: SeriesKey) -> tuple[str, str, str, str]:
    return (key.indicator, key.locality, key.agency, key.breakdown)


def _key(row: asyncpg.Record) -> SeriesKey:
    return SeriesKey(
        indicator=row["indicator"],
        locality=row["locality"],
        agency=row["agency"],
        breakdown=row["breakdown"],
    )


def spans_of(ends: Iterable[tuple[SeriesKey, datetime]]) -> dict[SeriesKey, Span]:
    """Return the span of the moments asked for of each series."""
    found: dict[SeriesKey, Span] = {}
    for series, end in ends:
        known = found.get(series)
        found[series] = Span(
            first=end if known is None else min(known.first, end),
            last=end if known is None else max(known.last, end),
        )
    return found
