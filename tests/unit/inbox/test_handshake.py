"""Nobody gets past the hello who is not the node the stream is assigned to."""

import pytest

from federation.identity.documents import (
    Area,
    open_assignment,
    open_receipt,
    sign_assignment,
)
from federation.identity.keys import Signer
from federation.identity.signatures import Purpose, verified
from federation.inbox.limits import EPOCH_MAX
from federation.wire.v1 import uplink_pb2 as pb
from tests.unit.inbox.child import Chain, World, enroll, kinds, make_world


@pytest.fixture
async def world() -> World:
    return await make_world()


async def test_the_parent_proves_who_it_is(world: World) -> None:
    challenge = await world.open()
    parts = (b"n" * 32, challenge.nonce, "vinh", b"b" * 16)
    assert verified(
        world.parent.verifier(), challenge.signature, Purpose.CHALLENGE, *parts
    )
    assert challenge.key_id == world.parent.key_id
    assert challenge.credit.bytes >= 3 * 1024 * 1024
    assert challenge.heartbeat_interval_s == 15


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"nonce": b""}, "MALFORMED"),
        ({"boot_id": b"short"}, "MALFORMED"),
        ({"node": ""}, "MALFORMED"),
        ({"node": "v" * 201}, "MALFORMED"),
        ({"protocol_versions": [2, 3]}, "VERSION_UNSUPPORTED"),
        ({"node": "hue"}, "NODE_UNKNOWN"),
        ({"key_id": b"k" * 32}, "KEY_UNKNOWN"),
    ],
)
async def test_a_wrong_opening_ends_the_link(
    world: World, fields: dict[str, object], code: str
) -> None:
    (answer,) = await world.say(world.say_open(**fields))
    assert kinds([answer]) == [code]
    assert answer.refusal.stream == ""
    assert answer.refusal.text_vi
    assert world.session.closed


async def test_a_second_opening_ends_the_link(world: World) -> None:
    await world.open()
    assert kinds(await world.say(world.say_open())) == ["MALFORMED"]
    assert world.session.closed


async def test_a_message_without_content_ends_the_link(world: World) -> None:
    await world.open()
    assert kinds(await world.say(pb.LinkRequest())) == ["MALFORMED"]


async def test_nothing_comes_before_the_opening_or_the_hello(world: World) -> None:
    assert kinds(await world.say(world.say_hello(nonce=b"x"))) == ["HELLO_REQUIRED"]
    world.relink()
    await world.open()
    assert kinds(await world.send(Chain(world.node).seal())) == ["HELLO_REQUIRED"]
    assert world.session.closed
    assert await world.store.cursors() == []


async def test_a_hello_is_answered_with_the_signed_cursor(world: World) -> None:
    await world.open()
    (answer,) = await world.say(world.say_hello())
    welcome = answer.welcome
    assert (welcome.cursor.epoch, welcome.cursor.sequence) == (0, 0)
    assert welcome.cursor.head == bytes(32)
    verifier = world.parent.verifier()
    assert open_receipt(welcome.receipt, verifier).position.head == bytes(32)
    assert open_assignment(welcome.assignment, verifier).node == "vinh"
    assert list(welcome.chain) == []


async def test_a_replayed_nonce_is_refused(world: World) -> None:
    await world.open()
    answers = await world.say(world.say_hello(nonce=b"x" * 32))
    assert kinds(answers) == ["NONCE_INVALID"]
    assert not world.session.authenticated


async def test_a_hello_signed_by_another_key_is_refused(world: World) -> None:
    await world.open()
    answers = await world.say(world.say_hello(signer=Signer.generate()))
    assert kinds(answers) == ["SIGNATURE_INVALID"]
    assert not world.session.closed


async def test_a_stream_of_nobody_is_refused_and_the_others_go_on(
    world: World,
) -> None:
    await world.open()
    answers = await world.say(world.say_hello("hue"), world.say_hello("vinh"))
    assert kinds(answers) == ["STREAM_NOT_ASSIGNED", "welcome"]
    assert answers[0].refusal.stream == "hue"


async def test_a_stream_that_moved_fences_its_old_node_off(world: World) -> None:
    await enroll(world, "hosted", Signer.generate(), ["vinh"])
    await world.open()
    assert kinds(await world.say(world.say_hello())) == ["FENCED"]


async def test_a_node_that_knows_a_higher_fence_is_refused(world: World) -> None:
    await world.open()
    assert kinds(await world.say(world.say_hello(fence=2))) == ["FENCED"]


async def test_a_restored_parent_learns_again_what_it_signed(world: World) -> None:
    forgotten = sign_assignment(
        world.parent,
        area=Area(stream="vinh", localities=("vinh",)),
        node="vinh",
        fence=7,
        signed_at=world.clock.now(),
    )
    await world.open()
    (answer,) = await world.say(world.say_hello(fence=7, assignment=forgotten))
    shown = open_assignment(answer.welcome.assignment, world.parent.verifier())
    assert shown.fence == 7


async def test_a_forged_assignment_teaches_nothing(world: World) -> None:
    forged = sign_assignment(
        Signer.generate(),
        area=Area(stream="hue", localities=("hue",)),
        node="vinh",
        fence=7,
        signed_at=world.clock.now(),
    )
    await world.open()
    answers = await world.say(world.say_hello("hue", assignment=forged))
    assert kinds(answers) == ["STREAM_NOT_ASSIGNED"]


async def test_a_node_in_quarantine_is_held(world: World) -> None:
    await world.registry.quarantine("vinh")
    assert kinds(await world.say(world.say_open())) == ["QUARANTINED"]
    assert world.session.closed


async def test_a_live_link_ends_when_its_node_is_quarantined(world: World) -> None:
    await world.begin()
    await world.registry.quarantine("vinh")
    assert kinds(await world.session.tick()) == ["QUARANTINED"]
    assert world.session.closed


async def test_a_live_link_ends_when_its_stream_moves(world: World) -> None:
    await world.begin()
    await enroll(world, "hosted", Signer.generate(), ["vinh"])
    assert kinds(await world.session.tick()) == ["FENCED"]


async def test_only_the_parent_counts_epochs_and_never_uses_one_twice(
    world: World,
) -> None:
    await world.begin()
    (answer,) = await world.say(world.say_epoch(highest_epoch=9))
    assert answer.epoch_grant.start.epoch == 10
    (answer,) = await world.say(world.say_epoch(highest_epoch=3))
    assert answer.epoch_grant.start.epoch == 11
    receipt = open_receipt(answer.epoch_grant.receipt, world.parent.verifier())
    assert (receipt.position.epoch, receipt.position.sequence) == (11, 0)


async def test_an_epoch_starts_at_the_parents_head(world: World) -> None:
    chain = await world.begin()
    first, second = chain.seal(), chain.seal()
    await world.send(first, second)
    common = pb.Position(epoch=1, sequence=1, head=first.head)
    (answer,) = await world.say(world.say_epoch(common, highest_epoch=1))
    grant = answer.epoch_grant
    assert (grant.start.epoch, grant.start.sequence) == (2, 0)
    assert grant.start.head == second.head
    assert grant.common == common


async def test_an_epoch_needs_a_hello_a_nonce_and_a_common_frame(
    world: World,
) -> None:
    await world.open()
    assert kinds(await world.say(world.say_epoch())) == ["HELLO_REQUIRED"]
    await world.begin()
    wrong = pb.Position(epoch=1, sequence=1, head=b"h" * 32)
    answers = await world.say(
        world.say_epoch(nonce=b"x"),
        world.say_epoch(wrong),
        world.say_epoch(highest_epoch=EPOCH_MAX),
    )
    assert kinds(answers) == ["NONCE_INVALID", "CHAIN_BROKEN", "MALFORMED"]
    (cursor,) = await world.store.cursors()
    assert cursor.epoch == 1
