"""Rolling up anew after places changed: the figures stand, their totals do not."""

from datetime import date
from typing import TypeAlias

from federation.model.period import day_number
from federation.storage.pool import Connection, PooledConnection
from federation.warehouse.store import ROLLUP_CHANNEL

Transaction: TypeAlias = "Connection | PooledConnection"

LONGEST_PERIOD_DAYS = 400
"""A period that ends on a day began at most so many days before."""

FIRST_DAY = date(1900, 1, 1)
"""No figures are kept of days before."""

# Marks are locked in the same order as by every other writer.
_MARK_SINCE = """
INSERT INTO rollup_mark (indicator, period_start, mark)
SELECT indicator, period_start, nextval('rollup_mark_number') FROM (
    SELECT DISTINCT series.indicator COLLATE "C" AS indicator, value.period_start
    FROM series JOIN value ON value.series_id = series.id
    WHERE value.period_day >= $1
    ORDER BY 1, 2
) AS affected
ON CONFLICT (indicator, period_start) DO UPDATE SET mark = EXCLUDED.mark
"""


async def mark_since(handle: Transaction, day: date) -> int:
    """Mark every period that ends on a day or later; return how many."""
    first = day_number(max(day, FIRST_DAY)) - LONGEST_PERIOD_DAYS
    status = await handle.execute(_MARK_SINCE, first)
    await handle.execute("SELECT pg_notify($1, '')", ROLLUP_CHANNEL)
    return int(status.rsplit(" ", 1)[1])
