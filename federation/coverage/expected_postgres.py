"""Expected sets in PostgreSQL. Equal sets are kept once, by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import TypeAlias

from federation.coverage.expected import REVISIONS_PAGE_MAX, ExpectedSet
from federation.model.period import Frequency, Period
from federation.storage.pool import Connection, PooledConnection
from federation.warehouse.columns import Columns

Transaction: TypeAlias = "Connection | PooledConnection"

MEMBERS_KEPT_MAX = 256
"""Sets of places kept in memory; when there are more, all are read anew."""

_COLUMNS = """expected_set.indicator, expected_set.frequency,
    expected_set.period_start, expected_set.revision, expected_set.frozen_at,
    expected_set.reason, expected_set.by_whom, expected_set.members"""

CURRENT = f"""
SELECT DISTINCT ON (indicator, frequency, period_start) {_COLUMNS}
FROM unnest($1::text[], $2::smallint[], $3::bigint[])
    AS wanted (indicator, frequency, period_start)
JOIN expected_set USING (indicator, frequency, period_start)
ORDER BY indicator, frequency, period_start, revision DESC
"""  # noqa: S608

REVISIONS = f"""
SELECT {_COLUMNS}
FROM expected_set
WHERE ($1::text IS NULL OR indicator = $1)
    AND ($2::smallint IS NULL OR (frequency = $2 AND period_start = $3))
    AND (NOT $4 OR by_whom <> '')
ORDER BY frozen_at DESC, indicator, frequency, period_start DESC, revision DESC
LIMIT $5
"""  # noqa: S608


class PostgresExpectedSets:
    """Keeps ``ExpectedSets``'s promises in the tables of this package.

    Many periods have the same places: their names are read once, by the set's hash.
    """

    def __init__(self) -> None:
        """Know no set yet."""
        self._members: dict[bytes, frozenset[str]] = {}

    async def current(
        self, handle: Transaction, wanted: Collection[tuple[str, Period]]
    ) -> dict[tuple[str, Period], ExpectedSet]:
        """Return the newest revisions; see ``ExpectedSets.current``."""
        if not wanted:
            return {}
        records = await handle.fetch(
            CURRENT,
            [indicator for indicator, _ in wanted],
            [int(period.frequency) for _, period in wanted],
            [period.start for _, period in wanted],
        )
        found = await self._read(handle, records)
        return {(one.indicator, one.period): one for one in found}

    async def add(self, handle: Transaction, sets: Sequence[ExpectedSet]) -> None:
        """Keep sets; see ``ExpectedSets.add``."""
        members = {_hash(one.localities): sorted(one.localities) for one in sets}
        # In one order, so that two transactions don't wait for each other.
        await handle.executemany(
            "INSERT INTO expected_members VALUES ($1, $2) ON CONFLICT DO NOTHING",
            sorted(members.items()),
        )
        await handle.executemany(
            """INSERT INTO expected_set (indicator, frequency, period_start, revision,
                members, frozen_at, reason, by_whom)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
            sorted(
                (
                    one.indicator,
                    int(one.period.frequency),
                    one.period.start,
                    one.revision,
                    _hash(one.localities),
                    one.frozen_at,
                    one.reason,
                    one.by,
                )
                for one in sets
            ),
        )

    async def revisions(
        self,
        handle: Transaction,
        *,
        indicator: str | None = None,
        period: Period | None = None,
        by_hand: bool = False,
        limit: int = REVISIONS_PAGE_MAX,
    ) -> list[ExpectedSet]:
        """Return sets and their revisions; see ``ExpectedSets.revisions``."""
        records = await handle.fetch(
            REVISIONS,
            indicator,
            None if period is None else int(period.frequency),
            None if period is None else period.start,
            by_hand,
            min(limit, REVISIONS_PAGE_MAX),
        )
        return await self._read(handle, records)

    async def _read(
        self, handle: Transaction, records: Sequence[Columns]
    ) -> list[ExpectedSet]:
        wanted = {record["members"] for record in records}
        if len(self._members) + len(wanted) > MEMBERS_KEPT_MAX:
            self._members = {}
        unknown = sorted(wanted - self._members.keys())
        if unknown:
            for record in await handle.fetch(
                "SELECT * FROM expected_members WHERE members = ANY($1::bytea[])",
                unknown,
            ):
                self._members[record["members"]] = frozenset(record["localities"])
        return [
            _expected_set(record, self._members[record["members"]])
            for record in records
        ]


def _hash(localities: frozenset[str]) -> bytes:
    return hashlib.sha256("\x1f".join(sorted(localities)).encode()).digest()


def _expected_set(record: Columns, localities: frozenset[str]) -> ExpectedSet:
    return ExpectedSet(
        indicator=record["indicator"],
        period=Period(
            frequency=Frequency(record["frequency"]), start=record["period_start"]
        ),
        localities=localities,
        frozen_at=record["frozen_at"],
        revision=record["revision"],
        reason=record["reason"],
        by=record["by_whom"],
    )
