"""Where the names come from that a stream announces.

Rows carry ids. A parent that never heard of an agency, a source or a place could only
show the id, so each is announced with its names before its first row. What a tier
doesn't know by name is announced by its id.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from federation.catalogue.subsystems import read_subsystems
from federation.model.indicator import Text
from federation.model.locality import Locality
from federation.storage.pool import PooledConnection
from federation.wire.payload import AnnouncedSubsystem, Obligation

Handle_contra = TypeVar("Handle_contra", contravariant=True)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Ids that rows of a frame use."""

    agencies: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    localities: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Descriptions:
    """What is known of them; each may hold more than was wanted.

    All ``localities`` are announced, so that parents and members come along; of the
    names and subsystems only those that are used.
    """

    subsystems: Mapping[str, AnnouncedSubsystem] = dataclasses.field(
        default_factory=dict
    )
    agencies: Mapping[str, Text] = dataclasses.field(default_factory=dict)
    sources: Mapping[str, Text] = dataclasses.field(default_factory=dict)
    localities: tuple[Locality, ...] = ()


class Announcer(Protocol[Handle_contra]):
    """Gives names and obligations; a tier brings its own."""

    async def describe(self, handle: Handle_contra, wanted: Wanted) -> Descriptions:
        """Return what is known of the wanted ids, inside the caller's transaction."""
        ...

    async def obligations(
        self, handle: Handle_contra, stream: str
    ) -> tuple[Obligation, ...]:
        """Return what the tier owes on a stream, so that silence can be told."""
        ...


def with_relatives(
    known: Mapping[str, Locality], wanted: frozenset[str]
) -> tuple[Locality, ...]:
    """Return the wanted places with all that they belong to or consist of, by id."""
    found: dict[str, Locality] = {}
    queue = sorted(wanted)
    while queue:
        locality = known.get(queue.pop())
        if locality is None or locality.id in found:
            continue
        found[locality.id] = locality
        queue += [locality.parent, *(part.locality for part in locality.members)]
    return tuple(found[id_] for id_ in sorted(found))


class FixedAnnouncer:
    """An announcer that was told everything at the start."""

    def __init__(
        self,
        *,
        subsystems: Iterable[AnnouncedSubsystem] = (),
        agencies: Mapping[str, Text] | None = None,
        sources: Mapping[str, Text] | None = None,
        localities: Iterable[Locality] = (),
        obligations: Mapping[str, tuple[Obligation, ...]] | None = None,
    ) -> None:
        self._subsystems = {subsystem.id: subsystem for subsystem in subsystems}
        self._agencies = dict(agencies or {})
        self._sources = dict(sources or {})
        self._localities = {locality.id: locality for locality in localities}
        self._obligations = dict(obligations or {})

    async def describe(self, _handle: object, wanted: Wanted) -> Descriptions:
        """Return names of the wanted, with the places they belong to."""
        return Descriptions(
            subsystems=self._subsystems,
            agencies=self._agencies,
            sources=self._sources,
            localities=with_relatives(self._localities, wanted.localities),
        )

    async def obligations(self, _handle: object, stream: str) -> tuple[Obligation, ...]:
        """Return the obligations given for a stream."""
        return self._obligations.get(stream, ())


class TableAnnouncer:
    """Reads names from the tables of the catalogue.

    Args:
        localities: Gives the places the tier knows, by id.
        obligations: Gives what the tier owes on a stream.
    """

    def __init__(
        self,
        *,
        localities: Callable[[], Mapping[str, Locality]] = dict,
        obligations: Callable[[str], Iterable[Obligation]] = lambda _stream: (),
    ) -> None:
        self._localities = localities
        self._obligations = obligations

    async def describe(self, handle: PooledConnection, wanted: Wanted) -> Descriptions:
        """Return names of the wanted from the tables."""
        return Descriptions(
            subsystems=await read_subsystems(handle),
            agencies=await _names(handle, "agency", wanted.agencies),
            sources=await _names(handle, "source", wanted.sources),
            localities=with_relatives(self._localities(), wanted.localities),
        )

    async def obligations(
        self, _handle: PooledConnection, stream: str
    ) -> tuple[Obligation, ...]:
        """Return what the tier says it owes on a stream, in one order."""
        return tuple(sorted(self._obligations(stream), key=_owed))


def _owed(one: Obligation) -> tuple[str, str, str, int]:
    return (one.indicator, one.locality, one.agency, one.from_day)


async def _names(
    handle: PooledConnection, table: str, ids: frozenset[str]
) -> dict[str, Text]:
    if not ids:
        return {}
    records = await handle.fetch(
        f"SELECT id, name_vi, name_en FROM {table} WHERE id = ANY($1)",  # noqa: S608
        sorted(ids),
    )
    return {
        record["id"]: Text(vi=record["name_vi"], en=record["name_en"])
        for record in records
    }
