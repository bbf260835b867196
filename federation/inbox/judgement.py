"""Where a frame belongs, told by the stream's cursor. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from federation.inbox.records import Arrival, Cursor

Heads = Mapping[tuple[int, int], bytes]


class Verdict(Enum):
    """What a frame is to the cursor."""

    NEXT = "next"
    """It continues the chain and is stored."""
    DUPLICATE = "duplicate"
    """It was stored before; it is acknowledged again."""
    AHEAD = "ahead"
    """One before it is missing."""
    STALE = "stale"
    """Its epoch is over; it is dropped without effect."""
    BROKEN = "broken"
    """It is on another chain, or in an epoch that was not granted."""
    FENCED = "fenced"
    """A newer assignment of the stream said hello."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one stream's frames of a batch."""

    cursor: Cursor
    """After the commit."""
    stored: tuple[Arrival, ...] = ()
    acknowledged: bool = False
    """True when a frame was stored or known."""
    stopped_by: Verdict | None = None
    """The first verdict after which nothing more of the batch was looked at."""
    stopped_at: Arrival | None = None


def judge(cursor: Cursor, arrival: Arrival, heads: Heads) -> Verdict:
    """Return what a frame is to the cursor.

    Args:
        cursor: Of the frame's stream.
        arrival: The frame.
        heads: Heads of stored frames by (epoch, sequence), as far as they are kept.
    """
    frame = arrival.frame
    if arrival.fence < cursor.fence:
        return Verdict.FENCED
    if frame.epoch != cursor.epoch:
        return Verdict.STALE if frame.epoch < cursor.epoch else Verdict.BROKEN
    if frame.sequence > cursor.sequence + 1:
        return Verdict.AHEAD
    if frame.sequence == cursor.sequence + 1:
        return Verdict.NEXT if frame.previous_head == cursor.head else Verdict.BROKEN
    # A frame that was pruned from the log can't be compared; the acknowledgement
    # carries the head of today, which the child compares with its own.
    known = heads.get((frame.epoch, frame.sequence), frame.head)
    return Verdict.DUPLICATE if known == frame.head else Verdict.BROKEN


def take_in(
    cursor: Cursor, arrivals: Sequence[Arrival], heads: Heads, *, now: datetime
) -> Outcome:
    """Return what becomes of one stream's frames, in the order they came.

    The first frame that has to stop the stream ends it: what follows in the batch was
    sent on the same mistaken ground.
    """
    known = dict(heads)
    stored: list[Arrival] = []
    acknowledged = False
    for arrival in arrivals:
        verdict = judge(cursor, arrival, known)
        if verdict is Verdict.NEXT:
            stored.append(arrival)
            known[arrival.frame.epoch, arrival.frame.sequence] = arrival.frame.head
            cursor = dataclasses.replace(
                cursor,
                sequence=arrival.frame.sequence,
                head=arrival.frame.head,
                frame_count=cursor.frame_count + 1,
                committed_at=now,
            )
        elif verdict is not Verdict.DUPLICATE:
            return Outcome(
                cursor=cursor,
                stored=tuple(stored),
                acknowledged=acknowledged,
                stopped_by=verdict,
                stopped_at=arrival,
            )
        acknowledged = True
    return Outcome(cursor=cursor, stored=tuple(stored), acknowledged=acknowledged)


def chain_ordinals(frame_count: int, near: int) -> list[int]:
    """Return which frames of a chain a welcome names, newest first.

    The last ``near`` follow each other, then the distance doubles, and the first frame
    of all is always among them, so that any common frame is found in a few steps.
    """
    ordinals: list[int] = []
    distance, step = 0, 1
    while distance < frame_count:
        ordinals.append(frame_count - distance)
        if len(ordinals) >= near:
            step *= 2
        distance += step
    if ordinals and ordinals[-1] != 1:
        ordinals.append(1)
    return ordinals
