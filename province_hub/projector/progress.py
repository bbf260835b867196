"""What a stream says of itself: how far it is complete, what it lost."""

from dataclasses import dataclass
from datetime import datetime

from federation.inbox.records import StoredFrame
from federation.model.period import Frequency, Period
from federation.storage.pool import PooledConnection
from federation.wire.payload import Payload


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """No row of a stream up to ``period`` is pending or unconfirmed."""

    stream: str
    calendar: str
    period: Period
    known_at: datetime


async def note_progress(
    connection: PooledConnection,
    frame: StoredFrame,
    payload: Payload,
    *,
    known_at: datetime,
) -> None:
    """Keep what a frame says of its stream. A newer frame may take a word back."""
    place = (frame.stream, frame.epoch, frame.sequence)
    await connection.executemany(
        """INSERT INTO stream_progress (stream, epoch, sequence, calendar, frequency,
            period_start, known_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (stream, calendar, frequency) DO UPDATE SET
            period_start = EXCLUDED.period_start, epoch = EXCLUDED.epoch,
            sequence = EXCLUDED.sequence, known_at = EXCLUDED.known_at""",
        [
            (
                *place,
                one.calendar,
                int(one.period.frequency),
                one.period.start,
                known_at,
            )
            for one in payload.complete_through
        ],
    )
    await connection.executemany(
        """INSERT INTO stream_loss VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT DO NOTHING""",
        [
            (
                *place,
                number,
                one.indicator,
                one.reason,
                one.record_count,
                one.first_at_us,
                one.last_at_us,
            )
            for number, one in enumerate(payload.losses)
        ],
    )
    await connection.executemany(
        """INSERT INTO stream_gap VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT DO NOTHING""",
        [
            (
                *place,
                number,
                one.epoch,
                one.first_sequence,
                one.last_sequence,
                one.reason,
            )
            for number, one in enumerate(payload.gaps)
        ],
    )


async def read_progress(
    connection: PooledConnection, stream: str | None = None
) -> list[Progress]:
    """Return how far streams are complete, by stream, calendar and frequency."""
    return [
        Progress(
            stream=record["stream"],
            calendar=record["calendar"],
            period=Period(
                frequency=Frequency(record["frequency"]),
                start=record["period_start"],
            ),
            known_at=record["known_at"],
        )
        for record in await connection.fetch(
            """SELECT * FROM stream_progress WHERE $1::text IS NULL OR stream = $1
            ORDER BY stream, calendar, frequency""",
            stream,
        )
    ]
