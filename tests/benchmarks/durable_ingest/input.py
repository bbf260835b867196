"""Rows as cities have them, sealed into frames before anything is timed.

A stream speaks for one area of six wards. Every ward reports every indicator once a
day: sums (cases, files, reports) and ratios (on time of all); the area's own row merges
the six. One report of a place is learned at one moment, so its rows share it. One
report in fifty is missing, one in twenty-five provisional. Frames hold the newest days
first, as an outbox seals them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice

from federation.identity.keys import Signer
from federation.model.indicator import Indicator, Measure, MergeRule, Text
from federation.model.period import Frequency, Period, day_number
from federation.model.row import SeriesKey, State
from federation.model.status import Counts, Provenance, Status
from federation.wire.frames import GENESIS_HEAD, FrameHeader, SealedFrame, seal
from federation.wire.payload import AnnouncedSeries, Payload, WireRow

SUMS = (
    "health.visits",
    "health.vaccinations",
    "administration.files_received",
    "administration.files_resolved",
    "citizens.reports_received",
    "security.incidents",
    "environment.violations_found",
    "tourism.overnight_stays",
)
RATIOS = (
    "administration.resolved_on_time",
    "citizens.answered_on_time",
    "health.beds_occupied",
    "education.pupils_present",
)
WARDS = 6
NEWEST_DAY = day_number(date(2026, 5, 31))
DAY_US = 86_400_000_000
MISSING_SHARE = 0.02
PROVISIONAL_SHARE = 0.04
BOOT_ID = bytes(16)

RowTuple = tuple[
    int,
    int,
    int | None,
    int | None,
    int,
    int,
    bytes | None,
    bytes | None,
    int,
    int,
    int,
]
"""Series, period start, state (two integers), status, provenance, contributors by
status and by provenance (a byte each, no zeros at the end; None: exactly one),
expected, reported, recorded_at: what a row says, and the columns of the peers' table.
"""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How much is moved, and from how many."""

    nodes: int = 4
    streams: int = 16
    frames: int = 16
    """Frames of each stream."""
    rows: int = 5_000
    """Rows of each frame."""

    @property
    def row_count(self) -> int:
        """Return the rows of all frames."""
        return self.streams * self.frames * self.rows

    def stream_ids(self) -> list[str]:
        """Return the streams, in the order in which nodes are dealt them."""
        return [f"area-{number:02d}" for number in range(self.streams)]

    def streams_of(self, node: int) -> list[str]:
        """Return the streams of one node."""
        return self.stream_ids()[node :: self.nodes]


def indicators() -> tuple[Indicator, ...]:
    """Return the contracts that the first frame of a stream announces."""
    return tuple(
        _indicator(name, measure)
        for measure, ids in ((Measure.SUM, SUMS), (Measure.RATIO, RATIOS))
        for name in ids
    )


def _indicator(indicator: str, measure: Measure) -> Indicator:
    subsystem, name = indicator.split(".")
    words = name.replace("_", " ")
    ratio = measure is Measure.RATIO
    return Indicator(
        id=indicator,
        subsystem=subsystem,
        name=Text(vi=words, en=words),
        short_name=Text(vi=words, en=words),
        definition=Text(vi=f"{words}, theo ngày", en=f"{words}, per day"),
        unit="percent" if ratio else "count",
        unit_text=Text(vi="%" if ratio else "lượt", en="%" if ratio else "cases"),
        scale=0,
        decimals=1 if ratio else 0,
        measure=measure,
        over_time=MergeRule.RATIO if ratio else MergeRule.SUM,
        over_place=MergeRule.RATIO if ratio else MergeRule.SUM,
        frequency=Frequency.DAY,
        calendar="vn",
        level="commune",
        owner_agency="H40.VP",
        deadline_hours=24,
    )


def announced(stream: str) -> tuple[AnnouncedSeries, ...]:
    """Return the series of a stream: each indicator of each place, wards first."""
    places = [f"{stream}-ward-{ward}" for ward in range(WARDS)] + [stream]
    return tuple(
        AnnouncedSeries(
            number=1 + place * len(contracts) + index,
            key=SeriesKey(indicator=contract.id, locality=locality),
            contract_hash=contract.contract_hash,
        )
        for contracts in (indicators(),)
        for place, locality in enumerate(places)
        for index, contract in enumerate(contracts)
    )


def rows_of(stream: str) -> Iterator[WireRow]:
    """Yield a stream's rows without end, newest day first; the same ones every time."""
    chance = random.Random(stream)
    usual = [chance.lognormvariate(4.5, 1.2) for _ in range(WARDS * len(SUMS + RATIOS))]
    day = NEWEST_DAY
    while True:
        reports = [_report(chance, ward, day, usual) for ward in range(WARDS)]
        for report in reports:
            yield from report
        yield from _merged(reports)
        day -= 1


def _report(
    chance: random.Random, ward: int, day: int, usual: list[float]
) -> list[WireRow]:
    roll = chance.random()
    status = Status.NORMAL
    if roll < MISSING_SHARE:
        status = Status.MISSING
    elif roll < MISSING_SHARE + PROVISIONAL_SHARE:
        status = Status.PROVISIONAL
    # Ended, then typed in, read from a file or sent by a machine some hours later.
    learned_us = (day + 1) * DAY_US + chance.randrange(DAY_US // 4)
    provenance = (Provenance.AUTOMATIC, Provenance.FILE, Provenance.MANUAL)[ward % 3]
    weekly = 0.4 if (day + 3) % 7 >= 5 else 1.0
    rows = []
    for index in range(len(SUMS + RATIOS)):
        mean = usual[ward * len(SUMS + RATIOS) + index] * weekly
        count = max(0, round(chance.gauss(mean, mean**0.5)))
        ratio = index >= len(SUMS)
        part = sum(chance.random() < 0.9 for _ in range(4)) * count // 4
        state = State(value=part, second=count) if ratio else State(value=count)
        rows.append(
            WireRow(
                series=1 + ward * len(SUMS + RATIOS) + index,
                measure=Measure.RATIO if ratio else Measure.SUM,
                period=Period(frequency=Frequency.DAY, start=day),
                state=state if status.carries_state else None,
                counts=Counts.one(status, provenance),
                expected=1,
                reported=1 if status.carries_state else 0,
                recorded_at_us=learned_us,
            )
        )
    return rows


def _merged(reports: list[list[WireRow]]) -> Iterator[WireRow]:
    for index, parts in enumerate(zip(*reports, strict=True)):
        states = [part.state for part in parts if part.state is not None]
        counts = parts[0].counts
        for part in parts[1:]:
            counts += part.counts
        yield dataclasses.replace(
            parts[0],
            series=1 + WARDS * len(SUMS + RATIOS) + index,
            state=State(
                value=sum(state.value for state in states),
                second=sum(state.second for state in states),
            )
            if states
            else None,
            counts=counts,
            expected=WARDS,
            reported=len(states),
            recorded_at_us=max(part.recorded_at_us for part in parts),
        )


def sealed_stream(
    stream: str, shape: Shape, signer: Signer
) -> Iterator[tuple[SealedFrame, list[RowTuple]]]:
    """Yield a stream's frames from its first epoch on, each with its rows."""
    rows = rows_of(stream)
    head = GENESIS_HEAD
    for sequence in range(1, shape.frames + 1):
        # A block holds one measure: in this order rows come out as they went in.
        part = sorted(islice(rows, shape.rows), key=lambda row: row.measure)
        first = sequence == 1
        frame = seal(
            FrameHeader(
                stream=stream,
                epoch=1,
                sequence=sequence,
                previous_head=head,
                sealed_at_us=(NEWEST_DAY + 2) * DAY_US + sequence,
                boot_id=BOOT_ID,
            ),
            Payload(
                indicators=indicators() if first else (),
                series=announced(stream) if first else (),
                rows=tuple(part),
            ),
            sign=signer.sign,
            key_id=signer.key_id,
        )
        head = frame.head
        yield frame, [row_tuple(row) for row in part]


def own_moments_frame(
    stream: str, shape: Shape, signer: Signer
) -> Callable[[], SealedFrame]:
    """Return what seals a stream's first rows as if each were learned by itself.

    Nothing is less alike: the moments then take most of the frame.
    """
    chance = random.Random(stream)
    rows = tuple(
        dataclasses.replace(
            row, recorded_at_us=row.recorded_at_us + chance.randrange(DAY_US // 4)
        )
        for row in islice(rows_of(stream), shape.rows)
    )
    header = FrameHeader(
        stream=stream,
        epoch=1,
        sequence=1,
        previous_head=GENESIS_HEAD,
        sealed_at_us=(NEWEST_DAY + 2) * DAY_US,
        boot_id=BOOT_ID,
    )
    return lambda: seal(
        header, Payload(rows=rows), sign=signer.sign, key_id=signer.key_id
    )


def row_tuple(row: WireRow) -> RowTuple:
    """Return what a row says, flat."""
    status, provenance = row.counts.leading_status, row.counts.leading_provenance
    single = row.counts == Counts.one(status, provenance)
    return (
        row.series,
        row.period.start,
        row.state.value if row.state else None,
        row.state.second if row.state else None,
        int(status),
        int(provenance),
        None if single else _trimmed(row.counts.statuses),
        None if single else _trimmed(row.counts.provenances),
        row.expected,
        row.reported,
        row.recorded_at_us,
    )


def _trimmed(counts: tuple[int, ...]) -> bytes:
    return bytes(counts).rstrip(bytes(1))


def digest_of(rows: Iterable[RowTuple]) -> bytes:
    """Return a digest over rows in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.digest()
