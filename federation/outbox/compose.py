"""From pending rows to a sealed frame; pure, the same for every store.

A frame first announces what its rows use and the epoch has not told yet, then holds
the rows, then says through which periods everything has been told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from federation.clock import to_us
from federation.model.indicator import Indicator, Text
from federation.model.locality import Locality
from federation.model.period import Calendar, last_finished
from federation.model.row import SeriesKey, Version
from federation.outbox.announced import (
    Announced,
    Announcement,
    Draft,
    Kind,
    fingerprint,
    key_text,
    series_of,
    series_text,
)
from federation.outbox.announcer import Descriptions, Wanted
from federation.outbox.store import PendingRow, Sealer, StreamPositions
from federation.wire.frames import FrameHeader, SealedFrame, seal
from federation.wire.limits import FRAME_BYTES_TARGET
from federation.wire.payload import (
    Agency,
    AnnouncedOrigin,
    AnnouncedSeries,
    AnnouncedSource,
    AnnouncedSubsystem,
    CompleteThrough,
    Obligation,
    Payload,
    WireRow,
    WithheldSeries,
)
from federation.wire.refusal import RefusalCode, WireError

OBLIGATIONS_MAX = 2_000
"""Obligations in one frame; the others wait for the next."""

_NOTHING = Payload()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """What a store found for the next frame of a stream.

    ``contracts`` holds those of the rows, of the withheld series, of what is owed and
    of everything announced before, with the composites of them, ``calendars`` theirs.
    ``withheld`` are all series of the stream that are not shared.
    ``nothing_left``: no row is pending or unconfirmed beside ``rows``.
    """

    rows: Sequence[PendingRow]
    contracts: Mapping[str, Indicator]
    calendars: Mapping[str, Calendar]
    withheld: Sequence[WithheldSeries]
    descriptions: Descriptions
    obligations: Sequence[Obligation]
    nothing_left: bool


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """A sealed frame, the rows it took, and what it announced."""

    frame: SealedFrame
    rows: Sequence[PendingRow]
    announcements: tuple[Announcement, ...]


def wanted_of(rows: Iterable[PendingRow], withheld: Iterable[WithheldSeries]) -> Wanted:
    """Return the ids whose names a frame may have to announce."""
    pending = list(rows)
    keys = [each.row.series for each in pending] + [each.key for each in withheld]
    return Wanted(
        agencies=frozenset(key.agency for key in keys if key.agency),
        sources=frozenset(each.row.source for each in pending if each.row.source),
        localities=frozenset(key.locality for key in keys),
    )


def compose(
    positions: StreamPositions,
    material: Material,
    announced: Announced,
    *,
    sealer: Sealer,
    now: datetime,
) -> Composed | None:
    """Return the next frame of a stream, or None when there is nothing to say.

    A frame that comes out too large is made again with half of its rows.

    Raises:
        WireError: ``TOO_LARGE``; not even one row fits.
    """
    rows = material.rows
    while True:
        taken = dataclasses.replace(
            material,
            rows=rows,
            nothing_left=material.nothing_left and len(rows) == len(material.rows),
        )
        draft = Draft(announced)
        payload = _payload(taken, announced, draft, now)
        if payload == _NOTHING:
            return None
        try:
            frame = _sealed(positions, payload, sealer, now)
        except WireError as error:
            if error.refusal is not RefusalCode.TOO_LARGE or len(rows) <= 1:
                raise
        else:
            if frame.size_bytes <= FRAME_BYTES_TARGET or len(rows) <= 1:
                return Composed(frame=frame, rows=rows, announcements=draft.additions)
        rows = rows[: len(rows) // 2]


def _sealed(
    positions: StreamPositions, payload: Payload, sealer: Sealer, now: datetime
) -> SealedFrame:
    sealed = positions.sealed
    header = FrameHeader(
        stream=positions.stream,
        epoch=sealed.epoch,
        sequence=sealed.sequence + 1,
        previous_head=sealed.head,
        sealed_at_us=to_us(now),
        boot_id=sealer.boot_id,
    )
    signer = sealer.signer
    return seal(header, payload, sign=signer.sign, key_id=signer.key_id)


def _payload(
    material: Material, announced: Announced, draft: Draft, now: datetime
) -> Payload:
    used = {each.row.series.indicator for each in material.rows}
    used.update(item.key.indicator for item in material.withheld)
    used.update(announced.keys(Kind.INDICATOR))
    # Silence is told of what was never reported, and a composite has no rows at all.
    used.update(one.indicator for one in material.obligations)
    used.update(
        each.id
        for each in material.contracts.values()
        if any(part.indicator in used for part in each.composed_of)
    )
    contracts = [
        material.contracts[id_] for id_ in sorted(used & {*material.contracts})
    ]
    used_calendars = {each.calendar for each in contracts} & {*material.calendars}
    numbering = _Numbering(material, draft)
    rows = tuple(numbering.wire_row(each) for each in material.rows)
    return Payload(
        indicators=tuple(
            each
            for each in contracts
            if draft.note(Kind.INDICATOR, each.id, fingerprint(each))
        ),
        calendars=tuple(
            each
            for each in (material.calendars[id_] for id_ in sorted(used_calendars))
            if draft.note(Kind.CALENDAR, each.id, fingerprint(each))
        ),
        agencies=_agencies(material, draft),
        subsystems=_subsystems(contracts, material, draft),
        localities=tuple(
            each
            for each in _parents_first(material.descriptions.localities)
            if draft.note(Kind.LOCALITY, each.id, fingerprint(each))
        ),
        obligations=_obligations(material, draft),
        sources=tuple(numbering.sources),
        origins=tuple(numbering.origins),
        series=tuple(numbering.series),
        withheld=_withheld(material, announced, draft),
        rows=rows,
        complete_through=_complete(contracts, material.calendars, draft, now)
        if material.nothing_left
        else (),
    )


def _agencies(material: Material, draft: Draft) -> tuple[Agency, ...]:
    wanted = wanted_of(material.rows, material.withheld).agencies
    named = material.descriptions.agencies
    agencies = [Agency(id=id_, name=_name(named, id_)) for id_ in sorted(wanted)]
    return tuple(
        each for each in agencies if draft.note(Kind.AGENCY, each.id, fingerprint(each))
    )


def _subsystems(
    contracts: Iterable[Indicator], material: Material, draft: Draft
) -> tuple[AnnouncedSubsystem, ...]:
    """Return those of the announced contracts; one nobody named goes by its id."""
    named = material.descriptions.subsystems
    return tuple(
        named[id_]
        for id_ in sorted({each.subsystem for each in contracts} & {*named})
        if draft.note(Kind.SUBSYSTEM, id_, fingerprint(named[id_]))
    )


def _name(known: Mapping[str, Text], id_: str) -> Text:
    return known.get(id_) or Text(vi=id_, en=id_)


def _parents_first(localities: Iterable[Locality]) -> list[Locality]:
    """Order places so that each comes after the one it belongs to."""
    by_id = {each.id: each for each in localities}

    def depth(locality: Locality) -> int:
        steps, seen = 0, {locality.id}
        while locality.parent in by_id and locality.parent not in seen:
            locality = by_id[locality.parent]
            seen.add(locality.id)
            steps += 1
        return steps

    return sorted(by_id.values(), key=lambda each: (depth(each), each.id))


def _obligations(material: Material, draft: Draft) -> tuple[Obligation, ...]:
    found: list[Obligation] = []
    for each in material.obligations:
        if len(found) == OBLIGATIONS_MAX:
            break
        key = key_text(each.indicator, each.locality, each.agency, str(each.from_day))
        # The key says all but the end. Thousands are asked of at every frame.
        mark = b"" if each.to_day is None else str(each.to_day).encode()
        if draft.note(Kind.OBLIGATION, key, mark):
            found.append(each)
    return tuple(found)


def _withheld(
    material: Material, announced: Announced, draft: Draft
) -> tuple[WithheldSeries, ...]:
    """Return what became withheld, and what no longer is."""
    now_withheld = {series_text(item.key): item for item in material.withheld}
    begun = [
        item
        for key, item in sorted(now_withheld.items())
        if draft.note(Kind.WITHHELD, key, fingerprint(item))
    ]
    # A series that is shared again, or left the stream, says so before any row.
    ended = [
        WithheldSeries(key=series_of(key), ground="", ended=True)
        for key in sorted(announced.keys(Kind.WITHHELD))
        if key not in now_withheld and draft.note(Kind.WITHHELD, key, b"ended")
    ]
    return (*begun, *ended)


class _Numbering:
    """Gives rows their numbers, and gathers what gets one for the first time."""

    def __init__(self, material: Material, draft: Draft) -> None:
        self._material = material
        self._draft = draft
        self._series_numbers: dict[tuple[SeriesKey, bytes], int] = {}
        self._source_numbers: dict[str, int] = {"": 0}
        self.series: list[AnnouncedSeries] = []
        self.sources: list[AnnouncedSource] = []
        self.origins: list[AnnouncedOrigin] = []

    def wire_row(self, pending: PendingRow) -> WireRow:
        """Return a row with numbers in place of names."""
        row, origin = pending.row, pending.row.origin
        return WireRow(
            series=self._series_number(row.series, pending.contract_hash),
            measure=self._material.contracts[row.series.indicator].measure,
            period=row.period,
            state=row.state,
            counts=row.counts,
            expected=row.expected,
            reported=row.reported,
            recorded_at_us=row.recorded_at_us,
            source=self._source_number(row.source),
            origin=0 if origin is None else self._origin_number(origin),
            origin_epoch=0 if origin is None else origin.epoch,
            origin_sequence=0 if origin is None else origin.sequence,
            unconfirmed=row.unconfirmed,
            adjusted=row.adjusted,
        )

    def _series_number(self, key: SeriesKey, contract_hash: bytes) -> int:
        known = self._series_numbers.get((key, contract_hash))
        if known is not None:
            return known
        number, new = self._draft.number(
            Kind.SERIES, series_text(key), contract_hash, renumber=True
        )
        if new:
            self.series.append(
                AnnouncedSeries(number=number, key=key, contract_hash=contract_hash)
            )
        self._series_numbers[key, contract_hash] = number
        return number

    def _source_number(self, source: str) -> int:
        known = self._source_numbers.get(source)
        if known is not None:
            return known
        name = _name(self._material.descriptions.sources, source)
        number, new = self._draft.number(Kind.SOURCE, source, fingerprint(name))
        if new:
            self.sources.append(AnnouncedSource(number=number, id=source, name=name))
        self._source_numbers[source] = number
        return number

    def _origin_number(self, origin: Version) -> int:
        number, new = self._draft.number(Kind.ORIGIN, origin.stream, b"")
        if new:
            streams = tuple(origin.stream.split("/"))
            self.origins.append(AnnouncedOrigin(number=number, streams=streams))
        return number


def completion_due(
    contracts: Iterable[Indicator],
    calendars: Mapping[str, Calendar],
    announced: Announced,
    now: datetime,
) -> bool:
    """Return whether a period ended that no frame of the epoch called complete yet."""
    return bool(_complete(contracts, calendars, Draft(announced), now))


def _complete(
    contracts: Iterable[Indicator],
    calendars: Mapping[str, Calendar],
    draft: Draft,
    now: datetime,
) -> tuple[CompleteThrough, ...]:
    pairs = {(each.calendar, each.frequency) for each in contracts}
    found = []
    for calendar, frequency in sorted(pairs):
        if calendar not in calendars:
            continue
        period = last_finished(frequency, now, calendars[calendar])
        key = key_text(calendar, str(int(frequency)))
        known = draft.find(Kind.COMPLETE, key)
        if known is None or known.number < period.start:
            draft.note(Kind.COMPLETE, key, b"", period.start)
            found.append(CompleteThrough(calendar=calendar, period=period))
    return tuple(found)
