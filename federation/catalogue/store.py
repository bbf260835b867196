"""What a tier knows of indicators, calendars, names, obligations, withheld series.

Everything is read from memory. A change goes to memory and to the tables at once,
inside the caller's transaction; ``refresh`` at the beginning of the next transaction
reads the tables again when anything changed, here, in another process, or in a
transaction that was undone. With ``handle`` None it keeps things in memory only: that
is the twin for simulations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

from federation.catalogue.documents import (
    read_calendar,
    read_indicator,
    write_calendar,
    write_indicator,
)
from federation.catalogue.subsystems import KNOWN_SUBSYSTEMS, read_subsystems
from federation.model.indicator import Basis, Indicator, Text
from federation.model.period import CALENDARS, Calendar, day_number
from federation.model.row import SeriesKey
from federation.storage.pool import Connection, PooledConnection
from federation.wire.payload import AnnouncedSubsystem, Obligation, WithheldSeries

Transaction: TypeAlias = "Connection | PooledConnection"

_NAME_TABLES = ("agency", "source")
_NEVER_READ = -1


class Catalogue:
    """Contracts, calendars and names; one object per process."""

    def __init__(self) -> None:
        """Know the calendars and subsystems that every tier has."""
        self._version = _NEVER_READ
        self._indicators: dict[str, Indicator] = {}
        self._past_contracts: dict[bytes, Indicator] = {}
        self._calendars: dict[str, Calendar] = dict(CALENDARS)
        self._names: dict[str, dict[str, Text]] = {
            "agency": {},
            "source": {},
        }
        self._subsystems: dict[str, AnnouncedSubsystem] = dict(KNOWN_SUBSYSTEMS)
        self._obligations: dict[str, frozenset[Obligation]] = {}
        self._owed: dict[str, tuple[Obligation, ...]] | None = None
        self._withheld: dict[str, dict[SeriesKey, str]] = {}

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """Return the current contract of each indicator, by id."""
        return MappingProxyType(self._indicators)

    @property
    def past_contracts(self) -> Mapping[bytes, Indicator]:
        """Return contracts that were current once, by hash."""
        return MappingProxyType(self._past_contracts)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """Return the reporting calendars, by id."""
        return MappingProxyType(self._calendars)

    @property
    def agencies(self) -> Mapping[str, Text]:
        """Return names of agencies, by id."""
        return MappingProxyType(self._names["agency"])

    @property
    def sources(self) -> Mapping[str, Text]:
        """Return names of sources, by id."""
        return MappingProxyType(self._names["source"])

    @property
    def subsystems(self) -> Mapping[str, AnnouncedSubsystem]:
        """Return names and owners of subsystems, by id."""
        return MappingProxyType(self._subsystems)

    def ground_of(self, key: SeriesKey) -> str | None:
        """Return on what ground a child withholds a series; None where none does."""
        grounds = (series.get(key) for series in self._withheld.values())
        return next((ground for ground in grounds if ground is not None), None)

    @property
    def withheld(self) -> Mapping[SeriesKey, str]:
        """Return the series that exist and are not shared, with the ground."""
        return {
            key: ground
            for series in self._withheld.values()
            for key, ground in series.items()
        }

    def obligations(self, stream: str | None = None) -> frozenset[Obligation]:
        """Return who owes what: as a stream announced it, or all together."""
        if stream is not None:
            return self._obligations.get(stream, frozenset())
        return frozenset().union(*self._obligations.values())

    @property
    def owed(self) -> Mapping[str, tuple[Obligation, ...]]:
        """Return who owes what, whoever said so, by indicator."""
        if self._owed is None:
            self._owed = by_indicator(self.obligations())
        return MappingProxyType(self._owed)

    @property
    def owing_streams(self) -> frozenset[str]:
        """Return the streams on which something is or was owed."""
        return frozenset(self._obligations)

    def announced_obligations(self) -> frozenset[Obligation]:
        """Return what nodes said they owe, without what this tier itself expects."""
        streams = (owed for stream, owed in self._obligations.items() if stream)
        return frozenset().union(*streams)

    def calendar_of(self, indicator: Indicator) -> Calendar | None:
        """Return an indicator's calendar; None when it was never announced."""
        return self._calendars.get(indicator.calendar)

    async def put_indicators(
        self,
        handle: Transaction | None,
        indicators: Iterable[Indicator],
        *,
        known_at: datetime,
    ) -> list[str]:
        """Make this tier's own contracts current; return ids that changed."""
        changed = [
            indicator
            for indicator in indicators
            if not _same(self._indicators.get(indicator.id), indicator)
        ]
        if changed:
            self._doubt()
        for indicator in changed:
            known = self._indicators.get(indicator.id)
            if known is not None and known.contract_hash != indicator.contract_hash:
                self._past_contracts[known.contract_hash] = known
            self._indicators[indicator.id] = indicator
        if changed and handle is not None:
            await handle.executemany(
                """INSERT INTO indicator_contract_past (contract_hash, document)
                SELECT contract_hash, document FROM indicator_contract
                WHERE id = $1 AND contract_hash <> $2
                ON CONFLICT (contract_hash) DO UPDATE
                SET document = EXCLUDED.document""",
                [(one.id, one.contract_hash) for one in changed],
            )
            await handle.executemany(
                """INSERT INTO indicator_contract (id, contract_hash, document,
                    composed_of, known_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (id) DO UPDATE SET contract_hash = EXCLUDED.contract_hash,
                    document = EXCLUDED.document, composed_of = EXCLUDED.composed_of,
                    known_at = EXCLUDED.known_at""",
                [
                    (
                        one.id,
                        one.contract_hash,
                        write_indicator(one),
                        [part.indicator for part in one.composed_of],
                        known_at,
                    )
                    for one in sorted(changed, key=lambda one: one.id)
                ],
            )
            await self._changed(handle)
        return [indicator.id for indicator in changed]

    async def announce_indicators(
        self,
        handle: Transaction | None,
        indicators: Iterable[Indicator],
        *,
        known_at: datetime,
    ) -> list[str]:
        """Take in contracts that a child announced; return ids that changed.

        Children may run different releases. Under one id the higher definition
        version is current; under one version the contract that was known first.
        Rows of another contract than the current one don't merge.
        """
        current = (
            (self._indicators.get(indicator.id), indicator) for indicator in indicators
        )
        return await self.put_indicators(
            handle,
            [new for known, new in current if known is None or _replaces(new, known)],
            known_at=known_at,
        )

    async def put_calendars(
        self,
        handle: Transaction | None,
        calendars: Iterable[Calendar],
        *,
        known_at: datetime,
    ) -> list[str]:
        """Make calendars known; return the indicators whose periods that changes.

        The two calendars that every tier has can't be changed.
        """
        changed = [
            calendar
            for calendar in calendars
            if calendar.id not in CALENDARS
            and self._calendars.get(calendar.id) != calendar
        ]
        if changed:
            self._doubt()
        for calendar in changed:
            self._calendars[calendar.id] = calendar
        if changed and handle is not None:
            await handle.executemany(
                """INSERT INTO calendar_contract (id, document, known_at)
                VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE
                SET document = EXCLUDED.document, known_at = EXCLUDED.known_at""",
                [(one.id, write_calendar(one), known_at) for one in changed],
            )
            await self._changed(handle)
        ids = {calendar.id for calendar in changed}
        return [one.id for one in self._indicators.values() if one.calendar in ids]

    async def put_agencies(
        self, handle: Transaction | None, names: Mapping[str, Text]
    ) -> None:
        """Make names of agencies known."""
        await self._put_names(handle, "agency", names)

    async def put_sources(
        self, handle: Transaction | None, names: Mapping[str, Text]
    ) -> None:
        """Make names of sources known."""
        await self._put_names(handle, "source", names)

    async def put_subsystems(
        self, handle: Transaction | None, subsystems: Iterable[AnnouncedSubsystem]
    ) -> None:
        """Make names and owners of subsystems known."""
        changed = {
            one.id: one for one in subsystems if self._subsystems.get(one.id) != one
        }
        if changed:
            self._doubt()
        self._subsystems.update(changed)
        if changed and handle is not None:
            await handle.executemany(
                """INSERT INTO subsystem (id, name_vi, name_en, owner_agency)
                VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE
                SET name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
                    owner_agency = EXCLUDED.owner_agency""",
                [
                    (id_, one.name.vi, one.name.en, one.owner_agency)
                    for id_, one in sorted(changed.items())
                ],
            )
            await self._changed(handle)

    async def _put_names(
        self, handle: Transaction | None, table: str, names: Mapping[str, Text]
    ) -> None:
        known = self._names[table]
        changed = {id_: text for id_, text in names.items() if known.get(id_) != text}
        if changed:
            self._doubt()
        known.update(changed)
        if changed and handle is not None:
            await handle.executemany(
                f"""INSERT INTO {table} (id, name_vi, name_en) VALUES ($1, $2, $3)
                ON CONFLICT (id) DO UPDATE
                SET name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en""",  # noqa: S608
                [(id_, text.vi, text.en) for id_, text in sorted(changed.items())],
            )
            await self._changed(handle)

    async def put_obligations(
        self,
        handle: Transaction | None,
        stream: str,
        obligations: Iterable[Obligation],
    ) -> list[str]:
        """Add what a stream's side owes; one announced again with an end ends.

        Return the indicators for which that changed anything. ``stream`` is empty for
        what the tier itself expects.
        """
        known = self._obligations.get(stream, frozenset())
        by_key = {_owed(one): one for one in known}
        by_key |= {_owed(one): one for one in obligations}
        together = frozenset(by_key.values())
        if together == known:
            return []
        self._doubt()
        self._obligations[stream] = together
        self._owed = None
        if handle is not None:
            await handle.executemany(
                """INSERT INTO obligation (stream, indicator, locality, agency,
                    from_day, to_day) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (stream, indicator, locality, agency, from_day)
                DO UPDATE SET to_day = EXCLUDED.to_day""",
                [(stream, *_owed(one), one.to_day) for one in together - known],
            )
            await self._changed(handle)
        return sorted({one.indicator for one in together - known})

    async def declare_obligations(
        self,
        handle: Transaction | None,
        declared: Mapping[str, Iterable[Obligation]],
        *,
        today: date,
    ) -> list[str]:
        """Make these all that streams' sides owe; what is no longer declared has ended.

        It ended yesterday: what was owed until then stays owed. Return the indicators
        for which that changed anything.
        """
        yesterday = day_number(today) - 1
        changed: set[str] = set()
        for stream, owed in sorted(declared.items()):
            now = list(owed)
            keys = {_owed(one) for one in now}
            ended = [
                dataclasses.replace(one, to_day=yesterday)
                for one in self._obligations.get(stream, ())
                if _owed(one) not in keys
                and (one.to_day is None or one.to_day > yesterday)
            ]
            changed |= {*await self.put_obligations(handle, stream, [*now, *ended])}
        return sorted(changed)

    async def put_withheld(
        self,
        handle: Transaction | None,
        stream: str,
        announced: Iterable[WithheldSeries],
    ) -> bool:
        """Note which series of a stream exist and are not shared, or are again.

        Returns whether that was news.
        """
        before = self._withheld.get(stream, {})
        known = dict(before)
        for series in announced:
            if series.ended:
                known.pop(series.key, None)
            else:
                known[series.key] = series.ground
        if known == before:
            return False
        self._doubt()
        self._withheld[stream] = known
        if handle is not None:
            await handle.execute(
                "DELETE FROM withheld_series WHERE stream = $1", stream
            )
            await handle.executemany(
                "INSERT INTO withheld_series VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    (stream, *dataclasses.astuple(key), ground)
                    for key, ground in known.items()
                ],
            )
            await self._changed(handle)
        return True

    def _doubt(self) -> None:
        """Have the tables read again, whatever becomes of the statements to come.

        Called before memory changes: a statement that fails leaves memory ahead of the
        tables, and what it says is known would never be written.
        """
        self._version = _NEVER_READ

    async def _changed(self, handle: Transaction) -> None:
        await handle.execute("UPDATE catalogue_version SET version = version + 1")

    async def refresh(self, handle: Transaction) -> None:
        """Read the tables again if anything in them changed since the last time."""
        version = await handle.fetchval("SELECT version FROM catalogue_version")
        if version == self._version:
            return
        self._indicators = {
            record["id"]: read_indicator(record["document"])
            for record in await handle.fetch(
                "SELECT id, document FROM indicator_contract ORDER BY id"
            )
        }
        self._past_contracts = {
            record["contract_hash"]: read_indicator(record["document"])
            for record in await handle.fetch("SELECT * FROM indicator_contract_past")
        }
        self._calendars = CALENDARS | {
            record["id"]: read_calendar(record["document"])
            for record in await handle.fetch("SELECT * FROM calendar_contract")
        }
        self._names = {
            table: await _read_names(handle, table) for table in _NAME_TABLES
        }
        self._subsystems = await read_subsystems(handle)
        self._obligations = await _read_obligations(handle)
        self._owed = None
        self._withheld = await _read_withheld(handle)
        self._version = version


def _same(known: Indicator | None, new: Indicator) -> bool:
    """Return whether a contract is written the same (in any order of dimensions)."""
    return known is not None and write_indicator(known) == write_indicator(new)


def _replaces(new: Indicator, known: Indicator) -> bool:
    if new.contract_hash == known.contract_hash:
        return new.definition_version >= known.definition_version
    return new.definition_version > known.definition_version


def by_indicator(
    obligations: Iterable[Obligation],
) -> dict[str, tuple[Obligation, ...]]:
    """Return obligations by the indicator they are about, in one order."""
    found: dict[str, list[Obligation]] = {}
    for one in sorted(obligations, key=_owed):
        found.setdefault(one.indicator, []).append(one)
    return {indicator: tuple(owed) for indicator, owed in found.items()}


def _owed(obligation: Obligation) -> tuple[str, str, str, int]:
    return (
        obligation.indicator,
        obligation.locality,
        obligation.agency,
        obligation.from_day,
    )


async def _read_names(handle: Transaction, table: str) -> dict[str, Text]:
    records = await handle.fetch(f"SELECT * FROM {table}")  # noqa: S608
    return {
        record["id"]: Text(vi=record["name_vi"], en=record["name_en"])
        for record in records
    }


async def _read_obligations(handle: Transaction) -> dict[str, frozenset[Obligation]]:
    found: dict[str, set[Obligation]] = {}
    for record in await handle.fetch("SELECT * FROM obligation"):
        found.setdefault(record["stream"], set()).add(
            Obligation(
                indicator=record["indicator"],
                locality=record["locality"],
                agency=record["agency"],
                from_day=record["from_day"],
                to_day=record["to_day"],
            )
        )
    return {stream: frozenset(owed) for stream, owed in found.items()}


async def _read_withheld(handle: Transaction) -> dict[str, dict[SeriesKey, str]]:
    found: dict[str, dict[SeriesKey, str]] = {}
    for record in await handle.fetch("SELECT * FROM withheld_series"):
        key = SeriesKey(
            indicator=record["indicator"],
            locality=record["locality"],
            agency=record["agency"],
            breakdown=record["breakdown"],
            basis=Basis(record["basis"]),
        )
        found.setdefault(record["stream"], {})[key] = record["ground"]
    return found
