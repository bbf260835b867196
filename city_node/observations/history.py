"""What is known of the periods near one, to hold a new figure against it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from city_node.observations.store import as_columns
from federation.model.period import Period
from federation.model.row import SeriesKey
from federation.storage.pool import PooledConnection

NEIGHBOURS_MAX = 6
"""Figures before a period, and as many after it, that a new one is held against."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """A figure of another period of the same series, as its observation states it."""

    period: Period
    value: int


async def neighbours(
    connection: PooledConnection, wanted: Collection[tuple[SeriesKey, Period]]
) -> dict[tuple[SeriesKey, Period], list[Neighbour]]:
    """Return the figures of the nearest periods before and after some, by those."""
    asked = list(wanted)
    if not asked:
        return {}
    rows = await connection.fetch(
        """
        SELECT wanted.number, near.period_start, near.state_value
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
                $6::integer[])
            AS wanted (indicator, locality, agency, breakdown, start, number)
        CROSS JOIN LATERAL (
            (SELECT period_start, state_value FROM observation
            WHERE (indicator, locality, agency, breakdown) = (wanted.indicator,
                wanted.locality, wanted.agency, wanted.breakdown)
                AND period_start < wanted.start AND state_value IS NOT NULL
            ORDER BY period_start DESC LIMIT $7)
            UNION ALL
            (SELECT period_start, state_value FROM observation
            WHERE (indicator, locality, agency, breakdown) = (wanted.indicator,
                wanted.locality, wanted.agency, wanted.breakdown)
                AND period_start > wanted.start AND state_value IS NOT NULL
            ORDER BY period_start LIMIT $7)) AS near
        """,
        *as_columns(
            [
                (
                    series.indicator,
                    series.locality,
                    series.agency,
                    series.breakdown,
                    period.start,
                    number,
                )
                for number, (series, period) in enumerate(asked)
            ],
            6,
        ),
        NEIGHBOURS_MAX,
    )
    found: dict[tuple[SeriesKey, Period], list[Neighbour]] = defaultdict(list)
    for row in rows:
        series, period = asked[row["number"]]
        near = Period(frequency=period.frequency, start=row["period_start"])
        found[series, period].append(Neighbour(period=near, value=row["state_value"]))
    return found
