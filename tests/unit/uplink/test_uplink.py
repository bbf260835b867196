"""An uplink and a parent, in virtual time, with everything that goes wrong."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from federation.identity.documents import ChainPosition, sign_receipt
from federation.identity.keys import Signer
from federation.identity.tokens import read_ticket
from federation.outbox.store import OutboxLimits
from federation.storage.errors import storage_error
from federation.uplink.status import StreamState
from federation.wire.v1 import uplink_pb2 as pb
from tests.contract.outbox.samples import OTHER, STREAM, rain
from tests.unit.uplink.virtual_time import in_virtual_time
from tests.unit.uplink.world import ParentSide, World, eventually, joined


@in_virtual_time
async def test_what_is_pending_reaches_the_parent_once() -> None:
    world = await joined()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 31)))
    await world.in_step()
    frames = await world.parent.frames()
    assert frames == [(1, n) for n in range(1, len(frames) + 1)]
    status = await world.stream()
    assert status.state is StreamState.CONNECTED
    assert (status.sealed, status.pending_rows) == (status.acknowledged, 0)
    assert status.last_error is None
    assert status.parent == "nghe-an"
    await world.stop()
    assert (await world.stream()).state is StreamState.STOPPED


@in_virtual_time
async def test_one_link_carries_all_streams_of_the_node() -> None:
    world = await joined(1, STREAM, OTHER)
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 20)))
    world.outbox.change(OTHER, *(rain(d, d, locality=OTHER) for d in range(1, 20)))
    await world.in_step(STREAM, OTHER)
    assert world.transport.connects == 1
    await world.stop()


@in_virtual_time
async def test_without_a_ticket_a_person_is_told_and_nothing_is_lost() -> None:
    world = World()
    await world.start()
    world.outbox.change(STREAM, rain(1))

    async def told() -> bool:
        return (await world.uplink.status()).last_error is not None

    await eventually(told)
    status = await world.uplink.status()
    assert status.state is StreamState.REFUSED
    assert status.last_error is not None
    assert "parent.token_file" in status.last_error.vi
    world.ticket = await world.parent.ticket(STREAM)
    await world.in_step()
    await world.stop()


@in_virtual_time
async def test_a_node_whose_store_was_lost_joins_again_with_its_ticket() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    world.enrolments._enrolment = None
    await world.restart_parent()
    world.outbox.change(STREAM, rain(2))
    await world.in_step()
    await world.stop()


@in_virtual_time
async def test_a_garbled_token_file_does_not_undo_what_was_joined() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    await world.stop()
    world.read_ticket = lambda: read_ticket("not a token at all")
    world.outbox.change(STREAM, rain(2))
    await world.restart_child()
    await world.in_step()
    await world.stop()


@in_virtual_time
async def test_a_ticket_that_another_key_used_is_refused_with_the_reason() -> None:
    world = World()
    world.ticket = await world.parent.ticket(STREAM)
    await world.parent.registry.enroll(
        node="vinh",
        token=world.ticket.token,
        public_key=Signer.generate().public_key,
        software_version="",
    )
    await world.start()

    async def refused() -> bool:
        return (await world.uplink.status()).state is StreamState.REFUSED

    await eventually(refused)
    assert await world.enrolments.load() is None
    await world.stop()


@in_virtual_time
async def test_a_parent_that_restarts_in_the_middle_loses_and_doubles_nothing() -> None:
    world = await joined()
    for day in range(1, 40):
        world.outbox.change(STREAM, rain(day, day))
        if day % 7 == 0:
            await world.restart_parent()
    await world.in_step()
    frames = await world.parent.frames()
    assert len(frames) == len(set(frames))
    await world.stop()


@in_virtual_time
async def test_a_node_that_restarts_goes_on_from_the_cursor() -> None:
    world = await joined()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 10)))
    await world.in_step()
    world.transport.on_response = lambda response: (
        [] if response.WhichOneof("message") == "acknowledgement" else [response]
    )
    world.outbox.change(STREAM, *(rain(day + 100, day) for day in range(1, 10)))

    async def arrived() -> bool:
        return await world.parent.holds() == world.wants()

    await eventually(arrived)
    world.transport.on_response = lambda response: [response]
    await world.restart_child()
    await world.in_step()
    frames = await world.parent.frames()
    assert frames == [(1, n) for n in range(1, len(frames) + 1)]
    await world.stop()


@in_virtual_time
async def test_a_lost_acknowledgement_is_made_up_for_by_a_new_hello() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    lost = 0

    def lose(response: pb.LinkResponse) -> list[pb.LinkResponse]:
        nonlocal lost
        if response.WhichOneof("message") == "acknowledgement" and lost < 2:
            lost += 1
            return []
        return [response]

    world.transport.on_response = lose
    world.outbox.change(STREAM, rain(2))
    await world.in_step()
    assert lost
    assert world.transport.connects > 1
    frames = await world.parent.frames()
    assert len(frames) == len(set(frames))
    await world.stop()


@in_virtual_time
async def test_doubled_frames_count_once() -> None:
    world = await joined()
    world.transport.on_request = lambda request: (
        [request] * (2 if request.WhichOneof("message") == "frame" else 1)
    )
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 20)))
    await world.in_step()
    frames = await world.parent.frames()
    assert frames == [(1, n) for n in range(1, len(frames) + 1)]
    await world.stop()


@in_virtual_time
async def test_a_lost_frame_is_asked_for_and_sent_again() -> None:
    world = await joined()
    lost: list[pb.LinkRequest] = []

    def lose(request: pb.LinkRequest) -> list[pb.LinkRequest]:
        if request.WhichOneof("message") == "frame" and len(lost) < 3:
            lost.append(request)
            return []
        return [request]

    world.transport.on_request = lose
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 40)))
    await world.in_step()
    assert len(lost) == 3
    await world.stop()


@in_virtual_time
async def test_a_restored_parent_gets_the_same_frames_again() -> None:
    world = await joined()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 10)))
    await world.in_step()
    backup = world.parent_image()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(10, 20)))
    await world.in_step()
    before = await world.parent.frames()
    await world.restore_parent(backup)
    await world.in_step()
    assert await world.parent.frames() == before
    await world.stop()


@in_virtual_time
async def test_a_restored_parent_gets_a_new_epoch_where_frames_are_gone() -> None:
    world = await joined()
    world.outbox._limits = OutboxLimits(frame_rows_max=3, quota_bytes=0)
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 10)))
    await world.in_step()
    backup = world.parent_image()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(10, 20)))
    await world.in_step()
    await world.outbox.prune()
    await world.restore_parent(backup)
    await world.in_step()
    assert (await world.outbox.positions(STREAM)).sealed.epoch == 2
    await world.stop()


@in_virtual_time
async def test_a_restored_node_gets_a_new_epoch_from_the_last_common_frame() -> None:
    world = await joined()
    world.outbox.change(STREAM, *(rain(day, day) for day in range(1, 10)))
    await world.in_step()
    backup = world.outbox.image()
    world.outbox.change(STREAM, *(rain(day + 50, day) for day in range(1, 20)))
    await world.in_step()
    await world.restore_child(backup)
    await world.in_step()
    positions = await world.outbox.positions(STREAM)
    assert positions.sealed.epoch == 2
    assert positions.highest_epoch == 2
    await world.stop()


@in_virtual_time
async def test_a_lost_grant_is_followed_by_another() -> None:
    world = World()
    world.ticket = await world.parent.ticket(STREAM)
    lost = 0

    def lose(response: pb.LinkResponse) -> list[pb.LinkResponse]:
        nonlocal lost
        if response.WhichOneof("message") == "epoch_grant" and lost < 1:
            lost += 1
            return []
        return [response]

    world.transport.on_response = lose
    world.outbox.change(STREAM, rain(1))
    await world.start()
    await world.in_step()
    assert (await world.outbox.positions(STREAM)).sealed.epoch == 2
    await world.stop()


@in_virtual_time
async def test_a_silent_parent_is_left_after_three_missed_heartbeats() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    silent = True
    world.transport.on_response = lambda response: [] if silent else [response]
    before = world.transport.connects

    async def connected_again() -> bool:
        return world.transport.connects > before

    await eventually(connected_again)
    silent = False
    world.outbox.change(STREAM, rain(2))
    await world.in_step()
    await world.stop()


def _acknowledge_more(world: World, response: pb.LinkResponse) -> None:
    message = response.acknowledgement
    message.cursor.sequence += 1000
    message.receipt.CopyFrom(_signed(world.parent, message.cursor))


def _acknowledge_another_chain(world: World, response: pb.LinkResponse) -> None:
    message = response.acknowledgement
    message.cursor.head = b"x" * 32
    message.receipt.CopyFrom(_signed(world.parent, message.cursor))


def _sign_with_another_key(world: World, response: pb.LinkResponse) -> None:
    message = response.acknowledgement
    message.receipt.CopyFrom(_signed(ParentSide(world.clock), message.cursor))


def _acknowledge_unsigned(_world: World, response: pb.LinkResponse) -> None:
    response.acknowledgement.ClearField("receipt")


def _speak_of_a_foreign_stream(_world: World, response: pb.LinkResponse) -> None:
    response.acknowledgement.stream = "elsewhere"


def _grant_what_nobody_asked_for(_world: World, response: pb.LinkResponse) -> None:
    stream = response.acknowledgement.stream
    response.epoch_grant.CopyFrom(pb.EpochGrant(stream=stream))


def _signed(parent: ParentSide, cursor: pb.Position) -> pb.Receipt:
    return sign_receipt(
        parent.signer,
        stream=STREAM,
        position=ChainPosition.of(cursor),
        signed_at=parent.clock.now(),
    ).message()


@pytest.mark.parametrize(
    "nonsense",
    [
        _acknowledge_more,
        _acknowledge_another_chain,
        _sign_with_another_key,
        _acknowledge_unsigned,
        _speak_of_a_foreign_stream,
        _grant_what_nobody_asked_for,
    ],
)
@in_virtual_time
async def test_nonsense_of_the_parent_marks_nothing_as_received(
    nonsense: Callable[[World, pb.LinkResponse], None],
) -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    before = (await world.outbox.positions(STREAM)).acknowledged

    def garble(response: pb.LinkResponse) -> list[pb.LinkResponse]:
        changed = copy.deepcopy(response)
        if changed.WhichOneof("message") == "welcome":
            # A welcome acknowledges as well; this parent knows nothing of us.
            return []
        if changed.WhichOneof("message") == "acknowledgement":
            nonsense(world, changed)
        return [changed]

    world.transport.on_response = garble
    world.outbox.change(STREAM, rain(2))

    async def told() -> bool:
        return (await world.uplink.status()).last_error is not None

    await eventually(told)
    status = await world.uplink.status()
    assert status.last_error is not None
    assert (await world.outbox.positions(STREAM)).acknowledged == before
    world.transport.on_response = lambda response: [response]
    await world.in_step()

    async def forgotten() -> bool:
        return (await world.stream()).last_error is None

    await eventually(forgotten)
    await world.stop()


@in_virtual_time
async def test_a_parent_that_cannot_store_for_now_is_waited_for() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    commit, refusals = world.parent.store.commit, 0

    async def full(*arguments: Any, **options: Any) -> Any:
        nonlocal refusals
        refusals += 1
        if refusals < 9:
            raise storage_error("disk_full", vi="đầy", en="full", retriable=True)
        return await commit(*arguments, **options)

    world.parent.store.commit = full  # type: ignore[method-assign]
    world.outbox.change(STREAM, rain(2))
    await world.in_step()
    assert refusals == 9
    assert world.transport.connects == 1
    await world.stop()


@in_virtual_time
async def test_an_impostor_is_told_nothing() -> None:
    world = await joined()
    world.outbox.change(STREAM, rain(1))
    await world.in_step()
    await world.stop()
    impostor = ParentSide(world.clock)
    await impostor.registry.enroll(
        node="vinh",
        token=(await impostor.ticket(STREAM)).token,
        public_key=world.signer.public_key,
        software_version="",
    )
    world.memory.parent = impostor.endpoint()
    heard: list[str | None] = []

    def listen(request: pb.LinkRequest) -> list[pb.LinkRequest]:
        heard.append(request.WhichOneof("message"))
        return [request]

    world.ticket = None
    world.transport.on_request = listen
    world.outbox.change(STREAM, rain(3))
    await world.restart_child()

    async def told() -> bool:
        return (await world.uplink.status()).last_error is not None

    await eventually(told)
    assert set(heard) == {"open"}
    assert await impostor.frames() == []
    await world.stop()


@in_virtual_time
async def test_a_stream_given_to_another_node_is_refused_and_others_go_on() -> None:
    world = await joined(1, STREAM, OTHER)
    world.outbox.change(STREAM, rain(1))
    world.outbox.change(OTHER, rain(1, locality=OTHER))
    await world.in_step(STREAM, OTHER)
    ticket = await world.parent.ticket(OTHER, node="other")
    await world.parent.registry.enroll(
        node="other",
        token=ticket.token,
        public_key=Signer.generate().public_key,
        software_version="",
    )
    await world.restart_parent()
    world.outbox.change(STREAM, rain(2))
    world.outbox.change(OTHER, rain(2, locality=OTHER))

    async def refused() -> bool:
        return (await world.stream(OTHER)).state is StreamState.REFUSED

    await eventually(refused)
    error = (await world.stream(OTHER)).last_error
    assert error is not None
    assert error.vi
    assert error.en
    await world.in_step(STREAM)
    assert (await world.stream(OTHER)).pending_rows == 1
    await world.stop()
