"""What the parent says, and what becomes of it.

An answer is believed where the pinned key signed it and our own chain bears it out.
Anything else raises, which ends the link; nothing is marked as received by it.
"""

from __future__ import annotations

import structlog

from federation.identity.documents import ChainPosition
from federation.identity.enrolment import refused_by_parent
from federation.outbox.store import nonsense
from federation.transports import closed
from federation.uplink.conversation import Conversation, now_s
from federation.uplink.lane import Lane, Phase
from federation.wire.refusal import RETRIABLE
from federation.wire.v1 import uplink_pb2 as pb

HELLO_AGAIN = frozenset(
    {
        pb.REFUSAL_CODE_CHAIN_BROKEN,
        pb.REFUSAL_CODE_EPOCH_STALE,
        pb.REFUSAL_CODE_HELLO_REQUIRED,
        pb.REFUSAL_CODE_SEQUENCE_GAP,
    }
)
"""Refusals of a frame that a new hello settles."""

_RETRIABLE = frozenset(int(code) for code in RETRIABLE)

log = structlog.get_logger(__name__)


async def take(talk: Conversation, response: pb.LinkResponse) -> None:
    """Take in one message of the parent, heartbeats excepted.

    Raises:
        FederationError: ``WIRE`` for nonsense, ``REFUSED_BY_PARENT`` when the link is
            refused, ``UNAVAILABLE`` when the parent ends it.
    """
    match response.WhichOneof("message"):
        case "welcome":
            lane = _lane(talk, response.welcome.stream)
            await _take_welcome(talk, lane, response.welcome)
        case "epoch_grant":
            lane = _lane(talk, response.epoch_grant.stream)
            await _take_grant(talk, lane, response.epoch_grant)
        case "acknowledgement":
            lane = _lane(talk, response.acknowledgement.stream)
            await _take_acknowledgement(talk, lane, response.acknowledgement)
        case "need_from":
            lane = _lane(talk, response.need_from.stream)
            await _take_need(talk, lane, response.need_from)
        case "refusal":
            _take_refusal(talk, response.refusal)
        case "credit":
            talk.credits.frames_max = response.credit.frames
            talk.credits.bytes_max = response.credit.bytes
        case "goodbye":
            raise closed(talk.enrolment.parent, response.goodbye.reason)
        case other:
            raise nonsense("", f"an unexpected {other}", f"{other} không mong đợi")
    talk.work.set()


def _lane(talk: Conversation, stream: str) -> Lane:
    lane = talk.lanes.get(stream)
    if lane is None:
        raise nonsense(stream, "a stream that is not ours", "luồng không của nút này")
    return lane


async def _take_welcome(talk: Conversation, lane: Lane, welcome: pb.Welcome) -> None:
    if lane.phase is Phase.HELD:
        return
    if lane.phase is not Phase.GREETED:
        raise nonsense(lane.stream, "a welcome without hello", "đáp khi chưa chào")
    if welcome.HasField("assignment"):
        assignment = talk.enrolment.open_assignment(welcome.assignment)
        if assignment.stream != lane.stream:
            raise nonsense(lane.stream, "a foreign assignment", "phân công luồng khác")
        await talk.enrolments.keep(assignment)
        if assignment.fence >= talk.assignments[lane.stream].fence:
            talk.assignments[lane.stream] = assignment
    cursor = ChainPosition.of(welcome.cursor)
    _check_covers(talk, lane, welcome.receipt, cursor)
    if await talk.outbox.can_resume(lane.stream, cursor):
        await talk.outbox.acknowledge(lane.stream, welcome.receipt, talk.parent)
        lane.go_live(await talk.outbox.positions(lane.stream), cursor)
        return
    chain = [cursor, *(ChainPosition.of(each) for each in welcome.chain)]
    common = await talk.outbox.newest_common(lane.stream, chain)
    log.info(
        "uplink_chains_differ",
        stream=lane.stream,
        cursor=(cursor.epoch, cursor.sequence),
        common=(common.epoch, common.sequence),
    )
    lane.repair(common)


def _check_covers(
    talk: Conversation, lane: Lane, receipt: pb.Receipt, cursor: ChainPosition
) -> None:
    """Check that the parent signed the cursor it names."""
    document = talk.enrolment.open_receipt(receipt)
    if (document.stream, document.position) != (lane.stream, cursor):
        raise nonsense(lane.stream, "an unsigned cursor", "vị trí không có chữ ký")


async def _take_grant(talk: Conversation, lane: Lane, grant: pb.EpochGrant) -> None:
    asked = lane.phase is Phase.REPAIRING
    if not asked or ChainPosition.of(grant.common) != lane.common:
        raise nonsense(lane.stream, "an epoch not asked for", "kỳ không ai xin")
    positions = await talk.outbox.open_epoch(lane.stream, grant, talk.parent)
    lane.go_live(positions, positions.start)
    log.info("uplink_epoch_opened", stream=lane.stream, epoch=positions.start.epoch)


async def _take_acknowledgement(
    talk: Conversation, lane: Lane, message: pb.Acknowledgement
) -> None:
    cursor = ChainPosition.of(message.cursor)
    if (cursor.epoch, cursor.sequence) > lane.sent_ever:
        raise nonsense(
            lane.stream, "it acknowledged what was never sent", "xác nhận gói chưa gửi"
        )
    _check_covers(talk, lane, message.receipt, cursor)
    await talk.outbox.acknowledge(lane.stream, message.receipt, talk.parent)
    lane.set_aside += len(message.set_aside)
    for item in message.set_aside:
        log.warning(
            "uplink_set_aside",
            stream=lane.stream,
            epoch=item.position.epoch,
            sequence=item.position.sequence,
            why=item.reason.text_en,
        )
    if lane.phase is Phase.LIVE and cursor.epoch == lane.cursor.epoch:
        lane.note_acknowledged(cursor, now_s())
        lane.backoff.reset()
        talk.on_acknowledged()


async def _take_need(talk: Conversation, lane: Lane, need: pb.NeedFrom) -> None:
    if lane.phase is not Phase.LIVE:
        return
    cursor = ChainPosition.of(need.cursor)
    lane.resends += 1
    if lane.resends > talk.settings.resends_max:
        raise closed(talk.enrolment.parent, f"need_from {cursor.sequence} again")
    if await talk.outbox.can_resume(lane.stream, cursor):
        lane.go_live(await talk.outbox.positions(lane.stream), cursor)
    else:
        lane.phase = Phase.HELLO


def _take_refusal(talk: Conversation, refusal: pb.Refusal) -> None:
    error = refused_by_parent(refusal)
    if not refusal.stream or refusal.code == pb.REFUSAL_CODE_NONCE_INVALID:
        raise error
    lane = _lane(talk, refusal.stream)
    if lane.phase is not Phase.LIVE and refusal.code in HELLO_AGAIN:
        # About a frame of a flight that was given up already.
        return
    refused = int(refusal.code) not in _RETRIABLE
    if refused and error.retry_after_s is None:
        wait_s = talk.settings.refused_retry_interval_s
    else:
        wait_s = max(error.retry_after_s or 0.0, lane.backoff.next_s())
    log.warning(
        "uplink_stream_refused",
        stream=lane.stream,
        refusal=error.where["refusal"],
        wait_s=round(wait_s, 3),
    )
    lane.hold(error, now_s() + wait_s, refused=refused)
