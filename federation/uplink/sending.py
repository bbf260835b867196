"""The sender of a link: hellos, requests for epochs, and frames, stream by stream.

One round gives each stream one turn, so that a long backlog of one does not hold up
another. When no stream has anything to do it waits for an acknowledgement, a credit, a
change in the outbox, the end of a refusal's wait, or the next poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from federation.errors import FederationError
from federation.identity.enrolment import hello_signature
from federation.uplink.conversation import Conversation, now_s
from federation.uplink.lane import Lane, Phase
from federation.wire.frames import SealedFrame
from federation.wire.v1 import uplink_pb2 as pb

Send = Callable[[pb.LinkRequest], Awaitable[None]]


async def send_all(talk: Conversation, send: Send) -> None:
    """Send whatever is to be sent, until cancelled or the link breaks."""
    poll_at_s = now_s() + talk.settings.poll_interval_s
    while True:
        talk.work.clear()
        # Every stream gets its turn, also after one that had something to do.
        turns = [await _turn(talk, lane, send) for lane in talk.lanes.values()]
        if any(turns):
            continue
        await _wait_for_work(talk, poll_at_s)
        if now_s() >= poll_at_s:
            talk.wake(None)
            talk.linger = False
            poll_at_s = now_s() + talk.settings.poll_interval_s


async def _wait_for_work(talk: Conversation, poll_at_s: float) -> None:
    held = (x.held_until_s for x in talk.lanes.values() if x.phase is Phase.HELD)
    try:
        async with asyncio.timeout_at(min((poll_at_s, *held))):
            await talk.work.wait()
    except TimeoutError:
        return
    if talk.linger:
        talk.linger = False
        await asyncio.sleep(talk.settings.linger_s)


async def _turn(talk: Conversation, lane: Lane, send: Send) -> bool:
    """Do the next thing for a stream; return whether there was one."""
    match lane.phase:
        case Phase.HELLO:
            lane.await_answer(Phase.GREETED, now_s() + talk.settings.answer_timeout_s)
            await send(pb.LinkRequest(hello=await _hello(talk, lane)))
        case Phase.REPAIR:
            lane.await_answer(Phase.REPAIRING, now_s() + talk.settings.answer_timeout_s)
            await send(pb.LinkRequest(epoch_request=await _epoch_request(talk, lane)))
        case Phase.HELD if now_s() >= lane.held_until_s:
            lane.phase = Phase.HELLO
        case Phase.LIVE:
            return await _send_frame(talk, lane, send)
        case _:
            return False
    return True


async def _hello(talk: Conversation, lane: Lane) -> pb.Hello:
    positions = await talk.outbox.positions(lane.stream)
    assignment = talk.assignments[lane.stream]
    return pb.Hello(
        stream=lane.stream,
        nonce=talk.nonce,
        signature=hello_signature(
            talk.node.signer,
            nonce=talk.nonce,
            node=talk.node.id,
            stream=lane.stream,
            boot_id=talk.node.boot_id,
        ),
        fence=assignment.fence,
        highest_epoch=positions.highest_epoch,
        sealed=positions.sealed.message(),
        receipt=positions.receipt,
        assignment=assignment.message(),
    )


async def _epoch_request(talk: Conversation, lane: Lane) -> pb.EpochRequest:
    positions = await talk.outbox.positions(lane.stream)
    return pb.EpochRequest(
        stream=lane.stream,
        nonce=talk.nonce,
        common=lane.common.message(),
        highest_epoch=positions.highest_epoch,
    )


async def _send_frame(talk: Conversation, lane: Lane, send: Send) -> bool:
    if not lane.ready:
        await _make_ready(talk, lane)
    # The parent may have spoken while the outbox was asked.
    if lane.phase is not Phase.LIVE or not lane.ready:
        return False
    frame = lane.ready[0]
    if not talk.credits.fits(frame.size_bytes):
        return False
    lane.ready.popleft()
    lane.note_sent(frame, now_s())
    await send(pb.LinkRequest(frame=frame.message()))
    return True


async def _make_ready(talk: Conversation, lane: Lane) -> None:
    """Bring the next frames: stored ones first, else a new one if it is time."""
    after, run = lane.sent, lane.runs
    frames: list[SealedFrame] = []
    if after.sequence < lane.sealed:
        frames = await talk.outbox.frames_after(
            lane.stream, after, frames_max=talk.settings.frames_ahead_max
        )
    elif lane.dirty and lane.sealed - lane.cursor.sequence < lane.ahead.frames(now_s()):
        frames = await _sealed(talk, lane)
    if lane.runs == run:
        lane.ready.extend(x for x in frames if x.sequence > lane.sent.sequence)


async def _sealed(talk: Conversation, lane: Lane) -> list[SealedFrame]:
    # Cleared before: what changes while the outbox seals must be looked for again.
    lane.dirty = False
    try:
        frame = await talk.outbox.seal(lane.stream)
    except FederationError as error:
        if error.retriable:
            raise
        until_s = now_s() + talk.settings.refused_retry_interval_s
        lane.hold(error, until_s, refused=True)
        return []
    if frame is None:
        return []
    lane.dirty = True
    lane.sealed = max(lane.sealed, frame.sequence)
    return [frame]
