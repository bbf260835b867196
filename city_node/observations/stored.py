"""What the tables hold, as values: a record's identity and a kept observation."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from city_node.contract import MeasuredIndicator, Observation, Record
from federation.clock import to_us
from federation.model.indicator import Basis
from federation.model.row import SeriesKey
from federation.model.status import Provenance


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class RecordKey:
    """A record's identity."""

    source: str
    source_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRecord:
    """What is known of a record that came before."""

    content_hash: bytes
    subsystem: str
    provenance: Provenance
    deleted: bool


class Timing(IntEnum):
    """From when on an observation counts. Numbers are those of the table."""

    AT_ONCE = 0
    WHEN_DUE = 1
    INTERVAL = 2


def timing_of(measured: MeasuredIndicator) -> Timing:
    """Return from when on the observations of an indicator count."""
    if measured.counts_intervals:
        return Timing.INTERVAL
    return Timing.WHEN_DUE if measured.counts_when_due else Timing.AT_ONCE


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptObservation:
    """An observation with what its record says about it.

    Two are equal when they say the same; when each was learned does not count.
    """

    observation: Observation
    record: RecordKey
    provenance: Provenance
    published_at: datetime | None
    recorded_at_us: int = field(compare=False)
    timing: Timing = Timing.AT_ONCE

    @property
    def identity(self) -> tuple[RecordKey, str, str]:
        """Return the key under which the observation is kept."""
        return (self.record, self.observation.indicator, self.observation.key)

    @property
    def series(self) -> SeriesKey:
        """Return the series that the observation counts in."""
        return SeriesKey(
            indicator=self.observation.indicator,
            locality=self.observation.locality,
            agency=self.observation.agency,
            breakdown=self.observation.breakdown,
            basis=Basis.REPORTED,
        )


def is_storable(text: str) -> bool:
    """Return whether the database can hold a text, or be asked for it.

    It has neither NUL nor halves of characters, which JSON can spell.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def key_of(record: Record) -> RecordKey:
    """Return a record's identity."""
    return RecordKey(source=record.source, source_key=record.source_key)


def kept(
    record: Record,
    observation: Observation,
    recorded_at: datetime,
    timing: Timing = Timing.AT_ONCE,
) -> KeptObservation:
    """Return an observation of a record as it will be kept."""
    return KeptObservation(
        observation=observation,
        record=key_of(record),
        provenance=record.provenance,
        published_at=record.published_at,
        recorded_at_us=to_us(recorded_at),
        timing=timing,
    )


def fields_text(record: Record) -> str:
    """Return a record's fields as JSON text, the same for equal fields.

    Raises:
        TypeError: A field is no plain JSON value.
    """
    return json.dumps(
        dict(record.fields),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def content_hash(record: Record) -> bytes:
    """Return the hash over all that a record says; its provenance is beside it."""
    published = record.published_at
    parts = (
        record.subsystem,
        record.kind,
        record.scope,
        fields_text(record),
        "" if published is None else str(to_us(published)),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).digest()
