"""Places in the tables: imports over each other, and the graph of what stands.

Who knows better wins: the operator's own file over an official list, that over the
list that ships, that over what a child announced. An import that says nothing new
writes nothing; what it changes is recorded with its date and source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Any, TypeAlias

from federation.localities.differences import first_day_affected
from federation.localities.graph import LocalityGraph
from federation.localities.lists import OfficialList
from federation.localities.successions import with_successions
from federation.model.locality import Locality, Member
from federation.storage.pool import Connection, PooledConnection

Transaction: TypeAlias = "Connection | PooledConnection"

IMPORT_LOCK = 4_711_010
"""The advisory lock under which places change."""


class Rank(IntEnum):
    """Who says that a place is so."""

    ANNOUNCED = 0
    SHIPPED = 1
    OFFICIAL = 2
    OPERATOR = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import did.

    ``affected_from`` is the first day on which a place has other parts than it had
    before; None where none has.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    affected_from: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalityChange:
    """One change of one place; None before it was added or after it was removed."""

    locality: str
    changed_at: datetime
    source: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


async def import_list(
    handle: Transaction, official: OfficialList, *, changed_at: datetime
) -> Imported:
    """Import an official list over what is there."""
    rank = Rank.SHIPPED if official.shipped else Rank.OFFICIAL
    return await _import(
        handle, official.localities, rank, official.source, changed_at, official.since
    )


async def import_areas(
    handle: Transaction,
    localities: Iterable[Locality],
    *,
    source: str,
    changed_at: datetime,
) -> Imported:
    """Import the operator's areas and dated places over everything else."""
    return await _import(
        handle, tuple(localities), Rank.OPERATOR, source, changed_at, None
    )


async def announce_localities(
    handle: Transaction,
    localities: Iterable[Locality],
    *,
    stream: str,
    changed_at: datetime,
) -> Imported:
    """Take in places that a child announced, where nobody else says what they are.

    The caller has checked that they belong to the child's area.
    """
    return await _import(
        handle, tuple(localities), Rank.ANNOUNCED, stream, changed_at, None
    )


async def import_successions(
    handle: Transaction,
    successions: Mapping[str, list[str]],
    *,
    source: str,
    changed_at: datetime,
) -> int:
    """Note what became of former places; return of how many it was news.

    It stays when a list that doesn't tell of it is imported again.
    """
    await handle.execute("SELECT pg_advisory_xact_lock($1)", IMPORT_LOCK)
    records = await handle.fetch(
        "SELECT * FROM locality WHERE id = ANY($1)", sorted(successions)
    )
    known = {record["id"]: _locality(record) for record in records}
    told = with_successions(known.values(), successions)
    await handle.executemany(
        "UPDATE locality SET successors = $2 WHERE id = $1",
        [(one.id, list(one.successors)) for one in told],
    )
    await _record(handle, [(known[one.id], one) for one in told], source, changed_at)
    return len(told)


class CurrentGraph:
    """The graph of what stands in the tables; one object per process."""

    def __init__(self) -> None:
        """Know nothing but the whole, until the first ``refresh``."""
        self.graph = LocalityGraph()
        self._version: int | None = None

    async def refresh(self, handle: Transaction) -> LocalityGraph:
        """Read the tables again if any place changed since the last time."""
        version = await handle.fetchval(
            "SELECT COALESCE(max(number), 0) FROM locality_change"
        )
        if version != self._version:
            self.graph = await load_graph(handle)
            self._version = version
        return self.graph


async def load_graph(handle: Transaction) -> LocalityGraph:
    """Return the graph of all places in the tables."""
    records = await handle.fetch("SELECT * FROM locality")
    return LocalityGraph(_locality(record) for record in records)


async def changes(handle: Transaction, limit: int = 1000) -> list[LocalityChange]:
    """Return what imports changed, newest first."""
    return [
        LocalityChange(
            locality=record["locality"],
            changed_at=record["changed_at"],
            source=record["source"],
            before=json.loads(record["before"]) if record["before"] else None,
            after=json.loads(record["after"]) if record["after"] else None,
        )
        for record in await handle.fetch(
            "SELECT * FROM locality_change ORDER BY number DESC LIMIT $1", limit
        )
    ]


async def _import(
    handle: Transaction,
    given: tuple[Locality, ...],
    rank: Rank,
    source: str,
    changed_at: datetime,
    since: date | None,
) -> Imported:
    await handle.execute("SELECT pg_advisory_xact_lock($1)", IMPORT_LOCK)
    known = {
        record["id"]: (_locality(record), Rank(record["rank"]))
        for record in await handle.fetch("SELECT * FROM locality")
    }
    refused = await _withdrawn_before(handle) if rank is Rank.SHIPPED else frozenset()
    wanted = {
        one.id: _with_known_successors(one, known.get(one.id))
        for one in given
        if (one.id not in known or known[one.id][1] <= rank) and one.id not in refused
    }
    written = [one for one in wanted.values() if known.get(one.id) != (one, rank)]
    gone = _withdrawn(known, given, rank, since)
    await _write(handle, written, rank)
    await handle.execute("DELETE FROM locality WHERE id = ANY($1)", gone)
    new = [one for one in written if one.id not in known]
    said_otherwise = [
        one for one in written if one.id in known and known[one.id][0] != one
    ]
    pairs: list[tuple[Locality | None, Locality | None]] = [
        *((None, one) for one in new),
        *((known[one.id][0], one) for one in said_otherwise),
        *((known[id_][0], None) for id_ in gone),
    ]
    await _record(handle, pairs, source, changed_at)
    days = [day for pair in pairs if (day := first_day_affected(*pair)) is not None]
    return Imported(
        added=len(new),
        changed=len(said_otherwise),
        removed=len(gone),
        unchanged=len(given) - len(new) - len(said_otherwise),
        affected_from=min(days, default=None),
    )


def _with_known_successors(
    given: Locality, known: tuple[Locality, Rank] | None
) -> Locality:
    """Return a place with what is known of its successors, where it names none."""
    if given.successors or known is None:
        return given
    return replace(given, successors=known[0].successors)


async def _withdrawn_before(handle: Transaction) -> frozenset[str]:
    """Return what a newer list withdrew; the one that ships doesn't bring it back."""
    records = await handle.fetch(
        """SELECT locality FROM (
            SELECT DISTINCT ON (locality) locality, after FROM locality_change
            ORDER BY locality, number DESC
        ) AS newest WHERE after IS NULL"""
    )
    return frozenset(record["locality"] for record in records)


def _withdrawn(
    known: Mapping[str, tuple[Locality, Rank]],
    given: tuple[Locality, ...],
    rank: Rank,
    since: date | None,
) -> list[str]:
    """Return ids of units that began with the list's day and that it doesn't name."""
    if since is None:
        return []
    named = {one.id for one in given}
    listed = {one.parent for one in given if one.level == "commune"}
    return sorted(
        id_
        for id_, (one, said_by) in known.items()
        if one.level == "commune"
        and one.valid_from == since
        and one.parent in listed
        and said_by <= rank
        and id_ not in named
    )


async def _write(
    handle: Transaction, localities: Iterable[Locality], rank: Rank
) -> None:
    await handle.executemany(
        """INSERT INTO locality VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (id) DO UPDATE SET code = EXCLUDED.code,
            name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
            level = EXCLUDED.level, parent = EXCLUDED.parent,
            valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to,
            decree = EXCLUDED.decree, members = EXCLUDED.members,
            successors = EXCLUDED.successors, rank = EXCLUDED.rank""",
        [
            (
                one.id,
                one.code,
                one.name_vi,
                one.name_en,
                one.level,
                one.parent,
                one.valid_from,
                one.valid_to,
                one.decree,
                json.dumps([asdict(member) for member in one.members], default=str),
                list(one.successors),
                int(rank),
            )
            for one in localities
        ],
    )


async def _record(
    handle: Transaction,
    pairs: Iterable[tuple[Locality | None, Locality | None]],
    source: str,
    changed_at: datetime,
) -> None:
    await handle.executemany(
        """INSERT INTO locality_change (locality, changed_at, source, before, after)
        VALUES ($1, $2, $3, $4, $5)""",
        [
            (
                (before or after or _NOWHERE).id,
                changed_at,
                source,
                _document(before),
                _document(after),
            )
            for before, after in pairs
        ],
    )


_NOWHERE = Locality(id="", code="", name_vi="", name_en="", level="")


def _document(locality: Locality | None) -> str | None:
    if locality is None:
        return None
    return json.dumps(asdict(locality), default=str, ensure_ascii=False)


def _locality(record: Mapping[str, Any] | Any) -> Locality:
    return Locality(
        id=record["id"],
        code=record["code"],
        name_vi=record["name_vi"],
        name_en=record["name_en"],
        level=record["level"],
        parent=record["parent"],
        valid_from=record["valid_from"],
        valid_to=record["valid_to"],
        decree=record["decree"],
        members=tuple(_member(fields) for fields in json.loads(record["members"])),
        successors=tuple(record["successors"]),
    )


def _member(fields: Mapping[str, Any]) -> Member:
    begin, end = fields["valid_from"], fields["valid_to"]
    return Member(
        locality=fields["locality"],
        valid_from=date.fromisoformat(begin) if begin else None,
        valid_to=date.fromisoformat(end) if end else None,
    )
