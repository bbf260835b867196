"""Every stream of the children, as this tier sees it."""

from dataclasses import dataclass, field
from datetime import datetime

from federation.identity.documents import AssignmentDocument
from federation.identity.registry import Registry
from federation.inbox.records import Cursor, LinkState
from federation.inbox.store import InboxStore
from federation.storage.pool import Pool, PooledConnection, transaction
from province_hub.projector.progress import read_progress


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One stream: whose it is, what arrived, what was applied.

    ``cursor`` and ``link`` are None before the first hello.
    """

    assignment: AssignmentDocument
    cursor: Cursor | None
    link: LinkState | None
    projected: int
    dead_letters: int
    complete_through: dict[str, str] = field(default_factory=dict)

    @property
    def committed_at(self) -> datetime | None:
        """Return when the newest frame was committed."""
        return self.cursor.committed_at if self.cursor is not None else None


async def read_standings(
    pool: Pool, registry: Registry, store: InboxStore
) -> list[Standing]:
    """Return all assigned streams by id; some queries, however many streams."""
    cursors = {cursor.stream: cursor for cursor in await store.cursors()}
    links = {link.node: link for link in await store.links()}
    async with transaction(pool, doing="read streams", readonly=True) as connection:
        projected = await _numbers(
            connection,
            """SELECT p.stream, p.sequence AS number FROM projector_position p
            JOIN inbox_cursor c ON c.stream = p.stream AND c.epoch = p.epoch""",
        )
        letters = await _numbers(
            connection,
            "SELECT stream, count(*) AS number FROM dead_letter GROUP BY stream",
        )
        complete: dict[str, dict[str, str]] = {}
        for one in await read_progress(connection):
            name = f"{one.calendar}/{one.period.frequency.slug}"
            complete.setdefault(one.stream, {})[name] = one.period.text
    return [
        Standing(
            assignment=assignment,
            cursor=cursors.get(stream),
            link=links.get(assignment.node),
            projected=projected.get(stream, 0),
            dead_letters=letters.get(stream, 0),
            complete_through=complete.get(stream, {}),
        )
        for stream, assignment in sorted((await registry.assignments()).items())
    ]


async def _numbers(connection: PooledConnection, query: str) -> dict[str, int]:
    records = await connection.fetch(query)
    return {record["stream"]: record["number"] for record in records}
