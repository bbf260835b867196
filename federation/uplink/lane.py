"""One stream on a link: what was said, what is in flight, what comes next."""

from __future__ import annotations

import dataclasses
from collections import deque
from enum import Enum

from federation.errors import FederationError
from federation.identity.documents import START, ChainPosition
from federation.outbox.store import StreamPositions, position_of
from federation.uplink.pacing import Backoff, Credits, SealAhead
from federation.wire.frames import SealedFrame


class Phase(Enum):
    """Where the conversation about a stream stands."""

    HELLO = "hello"
    """A hello is to be sent."""
    GREETED = "greeted"
    """A hello was sent; the welcome is awaited."""
    REPAIR = "repair"
    """The chains don't meet; a new epoch is to be asked for."""
    REPAIRING = "repairing"
    """A new epoch was asked for; the grant is awaited."""
    LIVE = "live"
    """Frames go."""
    HELD = "held"
    """Nothing is said until ``held_until_s``, then a hello."""


@dataclasses.dataclass(frozen=True, slots=True)
class _InFlight:
    sequence: int
    size_bytes: int
    sent_at_s: float


@dataclasses.dataclass(kw_only=True)
class Lane:
    """A stream's state on one link. Times are of the event loop."""

    stream: str
    credits: Credits
    ahead: SealAhead
    backoff: Backoff
    phase: Phase = Phase.HELLO
    refused: bool = False
    error: FederationError | None = None
    set_aside: int = 0
    dirty: bool = True
    """Whether there may be something to seal."""
    answer_due_s: float | None = None
    held_until_s: float = 0.0
    cursor: ChainPosition = START
    sent: ChainPosition = START
    """The last frame sent in the present run from a cursor."""
    sent_ever: tuple[int, int] = (0, 0)
    """The furthest (epoch, sequence) sent on this link: nobody can acknowledge more."""
    sealed: int = 0
    common: ChainPosition = START
    """The last common frame, while a new epoch is asked for."""
    resends: int = 0
    runs: int = 0
    """How often the run was broken off: frames fetched for an older one are stale."""
    ready: deque[SealedFrame] = dataclasses.field(default_factory=deque)
    in_flight: deque[_InFlight] = dataclasses.field(default_factory=deque)

    def await_answer(self, phase: Phase, due_s: float) -> None:
        """Note that something was asked, and by when it must be answered."""
        self.phase = phase
        self.answer_due_s = due_s

    def go_live(self, positions: StreamPositions, cursor: ChainPosition) -> None:
        """Begin to send after a cursor that both sides hold."""
        self.drop_flight()
        self.phase = Phase.LIVE
        self.answer_due_s = None
        self.cursor = self.sent = cursor
        self.sent_ever = max(self.sent_ever, (cursor.epoch, cursor.sequence))
        self.sealed = positions.sealed.sequence
        self.dirty = True
        self.refused = False
        self.error = None

    def repair(self, common: ChainPosition) -> None:
        """Ask for a new epoch from the last common frame."""
        self.drop_flight()
        self.phase = Phase.REPAIR
        self.answer_due_s = None
        self.common = common

    def hold(self, error: FederationError, until_s: float, *, refused: bool) -> None:
        """Say nothing for a while, then hello again."""
        self.drop_flight()
        self.phase = Phase.HELD
        self.answer_due_s = None
        self.held_until_s = until_s
        self.error = error
        self.refused = refused

    def drop_flight(self) -> None:
        """Forget what is in flight and what was about to be sent."""
        for each in self.in_flight:
            self.credits.release(each.size_bytes)
        self.in_flight.clear()
        self.ready.clear()
        self.runs += 1

    def note_sent(self, frame: SealedFrame, now_s: float) -> None:
        """Count a frame as in flight."""
        self.sent = position_of(frame)
        self.sent_ever = max(self.sent_ever, (frame.epoch, frame.sequence))
        self.credits.take(frame.size_bytes)
        self.in_flight.append(_InFlight(frame.sequence, frame.size_bytes, now_s))

    def note_acknowledged(self, cursor: ChainPosition, now_s: float) -> None:
        """Take in that everything up to a cursor of the present epoch arrived."""
        done = 0
        while self.in_flight and self.in_flight[0].sequence <= cursor.sequence:
            self.credits.release(self.in_flight.popleft().size_bytes)
            done += 1
        while self.ready and self.ready[0].sequence <= cursor.sequence:
            self.ready.popleft()
        if cursor.sequence > self.cursor.sequence:
            self.cursor = cursor
            self.resends = 0
        if cursor.sequence > self.sent.sequence:
            self.sent = cursor
        self.ahead.note(done, now_s)

    def in_step(self) -> bool:
        """Return whether everything sent was acknowledged."""
        return self.phase is Phase.LIVE and not self.in_flight

    def oldest_sent_at_s(self) -> float | None:
        """Return when the frame was sent that waits longest, if one does."""
        return self.in_flight[0].sent_at_s if self.in_flight else None
