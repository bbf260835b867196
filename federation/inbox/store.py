"""Where cursors, the frame log and the dead letters are kept."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from federation.identity.documents import START, ChainPosition
from federation.inbox.judgement import Outcome, chain_ordinals, take_in
from federation.inbox.limits import CHAIN_NEAR, EPOCH_MAX
from federation.inbox.records import (
    Arrival,
    Cursor,
    DeadLetter,
    LinkState,
    StoredFrame,
    UntoldLetter,
)
from federation.wire.frames import GENESIS_HEAD
from federation.wire.refusal import RefusalCode, wire_error


class InboxStore(Protocol):
    """Everything a parent holds of its children's streams.

    Every method is one transaction and raises ``StorageError`` when the database does
    not answer. After that a commit may still have happened; each may be repeated.
    """

    async def open_stream(
        self, stream: str, *, node: str, fence: int, boot_id: bytes, now: datetime
    ) -> Cursor:
        """Note a genuine hello as evidence and return the cursor, made at the first.

        From then on frames of a lower fence are refused.

        Raises:
            WireError: ``FENCED`` when a higher fence said hello before.
        """
        ...

    async def chain(self, stream: str) -> list[ChainPosition]:
        """Return frames on the stream's chain, newest first, ever further apart."""
        ...

    async def grant_epoch(
        self,
        stream: str,
        *,
        fence: int,
        highest_epoch: int,
        common: ChainPosition,
    ) -> Cursor:
        """Open the next epoch at the head of the chain; return the cursor in it.

        Its number is 1 + the highest of what this parent and the child ever saw.

        Raises:
            WireError: ``FENCED``; ``CHAIN_BROKEN`` when ``common`` is not on the
                chain; ``MALFORMED`` when the child's epoch is out of range.
        """
        ...

    async def commit(
        self, arrivals: Sequence[Arrival], *, now: datetime
    ) -> dict[str, Outcome]:
        """Store what continues its stream, move the cursors; one transaction for all.

        Streams that never said hello have no outcome.
        """
        ...

    async def frames_after(
        self, stream: str, epoch: int, sequence: int, limit: int
    ) -> list[StoredFrame]:
        """Return the frames after a position, in order, at most ``limit``."""
        ...

    async def cursors(self) -> list[Cursor]:
        """Return all cursors by stream."""
        ...

    async def set_aside(self, letters: Sequence[DeadLetter], *, now: datetime) -> None:
        """Keep dead letters; one that is kept already is not kept twice."""
        ...

    async def dead_letters(self, stream: str, limit: int) -> list[DeadLetter]:
        """Return the newest dead letters of a stream."""
        ...

    async def untold(self, streams: Sequence[str], limit: int) -> list[UntoldLetter]:
        """Return the oldest dead letters that the children don't know of yet."""
        ...

    async def mark_told(self, ids: Sequence[int], *, now: datetime) -> None:
        """Note that the child knows of these dead letters."""
        ...

    async def note_link(self, state: LinkState, *, begins: bool = False) -> bool:
        """Keep the state of a node's link; return False when another one took over.

        A link takes over when it ``begins``, whatever the clock said when the other
        one did: a clock may have been set back meanwhile.
        """
        ...

    async def links(self) -> list[LinkState]:
        """Return the newest link of each node."""
        ...


def by_stream(arrivals: Sequence[Arrival]) -> dict[str, list[Arrival]]:
    """Return arrivals by stream, streams sorted, each in the order it came."""
    found: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        found[arrival.frame.stream].append(arrival)
    return {stream: found[stream] for stream in sorted(found)}


def next_epoch(cursor: Cursor, *, fence: int, highest_epoch: int) -> int:
    """Return the epoch to grant.

    Raises:
        WireError: ``FENCED``, or ``MALFORMED`` when no epoch could follow.
    """
    if fence < cursor.fence:
        raise wire_error(RefusalCode.FENCED)
    if not 0 <= highest_epoch < EPOCH_MAX:
        raise wire_error(RefusalCode.MALFORMED, "highest_epoch")
    return 1 + max(cursor.highest_epoch, highest_epoch)


def letters_of(outcome: Outcome) -> list[DeadLetter]:
    """Return the dead letters of the frames that an outcome stored."""
    return [
        DeadLetter(
            stream=arrival.frame.stream,
            epoch=arrival.frame.epoch,
            sequence=arrival.frame.sequence,
            code=arrival.fault.code,
            detail=arrival.fault.detail,
        )
        for arrival in outcome.stored
        if arrival.fault
    ]


def stored_frame(arrival: Arrival, received_at: datetime) -> StoredFrame:
    """Return the log's entry of an arrival."""
    frame = arrival.frame
    return StoredFrame(
        stream=frame.stream,
        epoch=frame.epoch,
        sequence=frame.sequence,
        head=frame.head,
        body=frame.body,
        signature=frame.signature,
        key_id=frame.key_id,
        node=arrival.node,
        received_at=received_at,
        set_aside=arrival.fault is not None,
    )


class MemoryInboxStore:
    """The twin in memory: the same rules, nothing survives the process."""

    def __init__(self) -> None:
        self._cursors: dict[str, Cursor] = {}
        self._log: dict[str, list[StoredFrame]] = defaultdict(list)
        self._letters: list[tuple[DeadLetter, bool]] = []
        self._links: dict[str, LinkState] = {}

    async def open_stream(
        self, stream: str, *, node: str, fence: int, boot_id: bytes, now: datetime
    ) -> Cursor:
        """See ``InboxStore``."""
        cursor = self._cursors.get(stream, Cursor(stream=stream))
        if fence < cursor.fence:
            raise wire_error(RefusalCode.FENCED)
        self._cursors[stream] = dataclasses.replace(cursor, fence=fence)
        return self._cursors[stream]

    async def chain(self, stream: str) -> list[ChainPosition]:
        """See ``InboxStore``."""
        log = self._log[stream]
        return [
            ChainPosition(epoch=each.epoch, sequence=each.sequence, head=each.head)
            for each in (log[n - 1] for n in chain_ordinals(len(log), CHAIN_NEAR))
        ]

    async def grant_epoch(
        self,
        stream: str,
        *,
        fence: int,
        highest_epoch: int,
        common: ChainPosition,
    ) -> Cursor:
        """See ``InboxStore``."""
        cursor = self._cursors[stream]
        epoch = next_epoch(cursor, fence=fence, highest_epoch=highest_epoch)
        if common.head != self._head_at(stream, common):
            raise wire_error(RefusalCode.CHAIN_BROKEN)
        self._cursors[stream] = dataclasses.replace(
            cursor, epoch=epoch, sequence=0, highest_epoch=epoch
        )
        return self._cursors[stream]

    def _head_at(self, stream: str, common: ChainPosition) -> bytes | None:
        if common == START:
            return GENESIS_HEAD
        log = self._log[stream]
        if common.sequence:
            place = (common.epoch, common.sequence)
            heads = [e.head for e in log if (e.epoch, e.sequence) == place]
            return heads[0] if heads else None
        heads = [each.head for each in log if each.epoch < common.epoch]
        return heads[-1] if heads else GENESIS_HEAD

    async def commit(
        self, arrivals: Sequence[Arrival], *, now: datetime
    ) -> dict[str, Outcome]:
        """See ``InboxStore``."""
        outcomes: dict[str, Outcome] = {}
        for stream, group in by_stream(arrivals).items():
            if stream not in self._cursors:
                continue
            heads = {(e.epoch, e.sequence): e.head for e in self._log[stream]}
            outcome = take_in(self._cursors[stream], group, heads, now=now)
            self._cursors[stream] = outcome.cursor
            self._log[stream] += [stored_frame(each, now) for each in outcome.stored]
            await self.set_aside(letters_of(outcome), now=now)
            outcomes[stream] = outcome
        return outcomes

    async def frames_after(
        self, stream: str, epoch: int, sequence: int, limit: int
    ) -> list[StoredFrame]:
        """See ``InboxStore``."""
        log = self._log[stream]
        after = [e for e in log if (e.epoch, e.sequence) > (epoch, sequence)]
        return after[:limit]

    async def cursors(self) -> list[Cursor]:
        """See ``InboxStore``."""
        return [self._cursors[stream] for stream in sorted(self._cursors)]

    async def set_aside(self, letters: Sequence[DeadLetter], *, now: datetime) -> None:
        """See ``InboxStore``."""
        kept = {_place(letter) for letter, _ in self._letters}
        self._letters += [
            (letter, False) for letter in letters if _place(letter) not in kept
        ]

    async def dead_letters(self, stream: str, limit: int) -> list[DeadLetter]:
        """See ``InboxStore``."""
        own = [letter for letter, _ in self._letters if letter.stream == stream]
        return own[::-1][:limit]

    async def untold(self, streams: Sequence[str], limit: int) -> list[UntoldLetter]:
        """See ``InboxStore``."""
        heads = {
            (each.stream, each.epoch, each.sequence): each.head
            for stream in streams
            for each in self._log[stream]
        }
        found = [
            UntoldLetter(
                id=number,
                head=heads.get((each.stream, each.epoch, each.sequence), b""),
                letter=each,
            )
            for number, (each, told) in enumerate(self._letters)
            if not told and each.stream in streams
        ]
        return found[:limit]

    async def mark_told(self, ids: Sequence[int], *, now: datetime) -> None:
        """See ``InboxStore``."""
        for number in ids:
            self._letters[number] = (self._letters[number][0], True)

    async def note_link(self, state: LinkState, *, begins: bool = False) -> bool:
        """See ``InboxStore``."""
        kept = self._links.get(state.node)
        if not begins and kept is not None and kept.link_id != state.link_id:
            return False
        self._links[state.node] = state
        return True

    async def links(self) -> list[LinkState]:
        """See ``InboxStore``."""
        return [self._links[node] for node in sorted(self._links)]


def _place(letter: DeadLetter) -> tuple[object, ...]:
    return (
        letter.stream,
        letter.epoch,
        letter.sequence,
        letter.series,
        letter.period_start,
    )
