"""Whether a parent holds exactly what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federation.inbox.store_postgres import PostgresInboxStore
from federation.storage.pool import open_pool
from federation.wire.frames import SealedFrame, read_payload
from tests.benchmarks.durable_ingest.input import digest_of, row_tuple


async def differences(url: str, sent: Mapping[str, Sequence[SealedFrame]]) -> list[str]:
    """Return what is wrong: cursors, heads, or any byte of the frame log."""
    pool = await open_pool(url, name="benchmark-check")
    try:
        store = PostgresInboxStore(pool)
        wrong = []
        cursors = {cursor.stream: cursor for cursor in await store.cursors()}
        if set(cursors) != set(sent):
            wrong.append(f"cursors of {sorted(cursors)}, frames of {sorted(sent)}")
        for stream, frames in sent.items():
            cursor, last = cursors.get(stream), frames[-1]
            if cursor is None or (cursor.epoch, cursor.sequence, cursor.head) != (
                last.epoch,
                last.sequence,
                last.head,
            ):
                wrong.append(f"{stream}: the cursor is not at the last frame")
            kept = [
                (f.epoch, f.sequence, f.head, f.body, f.signature, f.set_aside)
                for f in await store.frames_after(stream, 0, 0, len(frames) + 1)
            ]
            if kept != [
                (f.epoch, f.sequence, f.head, f.body, f.signature, False)
                for f in frames
            ]:
                wrong.append(f"{stream}: the frame log differs from what was sent")
        return wrong
    finally:
        await pool.close()


async def decoded(
    url: str, digests: Mapping[str, Sequence[bytes]]
) -> tuple[int, list[str]]:
    """Return how many rows the parent's frames hold, and which are not the sent ones.

    Args:
        url: The parent's database.
        digests: Of the rows of each frame, by stream in sequence.
    """
    pool = await open_pool(url, name="benchmark-check")
    row_count, wrong = 0, []
    try:
        store = PostgresInboxStore(pool)
        for stream, expected in digests.items():
            for sequence, digest in enumerate(expected, start=1):
                for frame in await store.frames_after(stream, 1, sequence - 1, 1):
                    rows = read_payload(frame.body).rows
                    row_count += len(rows)
                    if digest_of(map(row_tuple, rows)) != digest:
                        wrong.append(f"{stream} {sequence}: other rows than were sent")
    finally:
        await pool.close()
    return row_count, wrong
