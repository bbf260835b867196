"""What the parts of a link share."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from random import Random

from federation.clock import Clock
from federation.identity.documents import AssignmentDocument
from federation.identity.enrolment import Enrolment, EnrolmentStore
from federation.identity.keys import Signer, Verifier
from federation.outbox.store import Outbox
from federation.uplink.lane import Lane
from federation.uplink.pacing import Backoff, Credits, SealAhead
from federation.uplink.settings import UplinkSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """Who we are on a link."""

    id: str
    signer: Signer
    boot_id: bytes
    software_version: str


@dataclasses.dataclass(kw_only=True)
class Conversation:
    """The state of one link, from its challenge on.

    ``work`` is set whenever the sender may have something to do.
    """

    node: Node
    enrolment: Enrolment
    parent: Verifier
    enrolments: EnrolmentStore
    assignments: dict[str, AssignmentDocument]
    outbox: Outbox
    clock: Clock
    settings: UplinkSettings
    credits: Credits
    lanes: dict[str, Lane]
    on_acknowledged: Callable[[], None]
    nonce: bytes = b""
    linger: bool = False
    """Whether an idle stream became busy, so that waiting a little fills its frame."""
    work: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    def wake(self, stream: str | None) -> None:
        """Tell that values became pending: of a stream, or of any."""
        for lane in self.lanes.values():
            if stream in (None, lane.stream) and not lane.dirty:
                lane.dirty = True
                self.linger = True
        self.work.set()


def lanes_of(
    streams: list[str], settings: UplinkSettings, credits_: Credits, random: Random
) -> dict[str, Lane]:
    """Return fresh lanes for a new link."""
    return {
        stream: Lane(
            stream=stream,
            credits=credits_,
            ahead=SealAhead(settings.frames_ahead_max),
            backoff=Backoff(
                min_s=settings.backoff_min_s,
                max_s=settings.backoff_max_s,
                random=random,
            ),
        )
        for stream in streams
    }


def now_s() -> float:
    """Return the time of the event loop, which never jumps."""
    return asyncio.get_running_loop().time()
