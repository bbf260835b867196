"""A frame takes effect once, or leaves nothing behind but its refusal."""

import pytest
import zstandard

from federation.clock import to_us
from federation.identity.documents import open_receipt
from federation.identity.keys import Signer
from federation.inbox.records import DeadLetter
from federation.storage.errors import storage_error
from federation.wire.frames import SealedFrame
from federation.wire.limits import FRAME_BYTES_MAX
from federation.wire.refusal import RefusalCode
from federation.wire.v1 import frame_pb2
from federation.wire.v1 import uplink_pb2 as pb
from tests.unit.inbox.child import Chain, World, enroll, kinds, make_world


@pytest.fixture
async def world() -> World:
    return await make_world()


async def sequence(world: World, stream: str = "vinh") -> int:
    cursors = {each.stream: each for each in await world.store.cursors()}
    return cursors[stream].sequence


async def test_frames_in_a_row_share_one_acknowledgement(world: World) -> None:
    chain = await world.begin()
    frames = [chain.seal() for _ in range(5)]
    (answer,) = await world.send(*frames)
    acknowledged = answer.acknowledgement
    assert acknowledged.cursor.sequence == 5
    assert acknowledged.cursor.head == frames[-1].head
    receipt = open_receipt(acknowledged.receipt, world.parent.verifier())
    assert receipt.position.head == frames[-1].head
    stored = await world.store.frames_after("vinh", 0, 0, 10)
    assert [each.body for each in stored] == [each.body for each in frames]


async def test_streams_of_one_link_share_a_commit(world: World) -> None:
    vinh, other = await world.begin("vinh"), await world.begin("17443")
    answers = await world.send(vinh.seal(), other.seal(), vinh.seal())
    found = {
        each.acknowledgement.stream: each.acknowledgement.cursor.sequence
        for each in answers
    }
    assert found == {"vinh": 2, "17443": 1}


async def test_a_frame_sent_again_is_acknowledged_again(world: World) -> None:
    chain = await world.begin()
    first, second = chain.seal(), chain.seal()
    await world.send(first, second)
    for frame in (first, second):
        (answer,) = await world.send(frame)
        assert answer.acknowledgement.cursor.sequence == 2
    assert len(await world.store.frames_after("vinh", 0, 0, 10)) == 2


async def test_a_missing_frame_is_asked_for_once(world: World) -> None:
    chain = await world.begin()
    first, second, third, fourth = (chain.seal() for _ in range(4))
    await world.send(first)
    (answer,) = await world.send(third)
    assert answer.need_from.cursor.sequence == 1
    assert await world.send(fourth) == []
    assert kinds(await world.send(second, third, fourth)) == ["acknowledgement"]
    assert await sequence(world) == 4


async def test_a_frame_of_an_epoch_that_is_over_has_no_effect(world: World) -> None:
    chain = await world.begin()
    old = chain.seal()
    await world.say(world.say_epoch())
    (answer,) = await world.send(old)
    assert kinds([answer]) == ["EPOCH_STALE"]
    assert answer.refusal.stream == "vinh"
    assert answer.refusal.position.epoch == 1
    assert await sequence(world) == 0


async def test_a_frame_of_another_chain_leads_to_a_hello(world: World) -> None:
    chain = await world.begin()
    await world.send(chain.seal())
    forked = Chain(world.node)
    forked.seal_raw(row_count=0, sealed_at_us=5)
    behind = forked.seal()
    assert kinds(await world.send(behind)) == ["CHAIN_BROKEN"]
    # What was under way behind it is dropped without another word …
    assert await world.send(forked.seal(), chain.seal()) == []
    # … until the hello, which is the cure.
    (answer,) = await world.say(world.say_hello())
    assert answer.welcome.cursor.sequence == 1
    chain.sequence, chain.head = 1, answer.welcome.cursor.head
    assert kinds(await world.send(chain.seal())) == ["acknowledgement"]


async def test_another_frame_in_a_known_place_is_not_taken_for_it(
    world: World,
) -> None:
    chain = await world.begin()
    await world.send(chain.seal(), chain.seal())
    forked = Chain(world.node)
    assert kinds(await world.send(forked.seal_raw(sealed_at_us=9))) == ["CHAIN_BROKEN"]


async def test_an_epoch_that_was_not_granted_leads_to_a_hello(world: World) -> None:
    chain = await world.begin()
    chain.epoch = 4
    assert kinds(await world.send(chain.seal())) == ["CHAIN_BROKEN"]


async def test_a_changed_frame_is_refused_and_leaves_nothing(world: World) -> None:
    chain = await world.begin()
    frame = chain.seal().message()
    frame.signature = bytes(64)
    (answer,) = await world.say(pb.LinkRequest(frame=frame))
    assert kinds([answer]) == ["SIGNATURE_INVALID"]
    assert answer.refusal.stream == "vinh"
    assert await sequence(world) == 0
    assert await world.store.dead_letters("vinh", 10) == []


async def test_a_frame_of_another_node_is_refused(world: World) -> None:
    await world.begin()
    stranger = Signer.generate()
    await enroll(world, "hue", stranger, ["hue"])
    (answer,) = await world.send(Chain(stranger).seal())
    assert kinds([answer]) == ["KEY_UNKNOWN"]
    assert await sequence(world) == 0


async def test_a_stream_without_a_hello_is_refused_and_the_others_go_on(
    world: World,
) -> None:
    chain = await world.begin("vinh")
    silent = Chain(world.node, "17443")
    answers = await world.send(silent.seal(), chain.seal())
    assert sorted(kinds(answers)) == ["HELLO_REQUIRED", "acknowledgement"]
    assert await sequence(world) == 1


async def test_a_node_that_was_fenced_off_meanwhile_lands_nothing(
    world: World,
) -> None:
    chain = await world.begin()
    await world.store.open_stream(
        "vinh", node="hosted", fence=2, boot_id=b"c" * 16, now=world.clock.now()
    )
    assert kinds(await world.send(chain.seal())) == ["FENCED"]
    assert await sequence(world) == 0


def oversized(chain: Chain) -> SealedFrame:
    return chain.seal_raw(payload=bytes(FRAME_BYTES_MAX))


@pytest.mark.parametrize(
    ("body", "code"), [(b"\xff", "MALFORMED"), (b"", "VERSION_UNSUPPORTED")]
)
async def test_a_frame_of_which_nothing_is_known_ends_the_link(
    world: World, body: bytes, code: str
) -> None:
    await world.begin()
    frame = frame_pb2.Frame(body=body, key_id=world.node.key_id)
    assert kinds(await world.say(pb.LinkRequest(frame=frame))) == [code]
    assert world.session.closed


async def test_a_frame_over_the_bound_is_refused_unread(world: World) -> None:
    chain = await world.begin()
    assert kinds(await world.send(oversized(chain))) == ["TOO_LARGE"]
    assert await sequence(world) == 0


BOMB = zstandard.ZstdCompressor().compress(bytes(64 * 1024 * 1024))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"codec": 9}, RefusalCode.CODEC_INVALID),
        ({"codec": frame_pb2.CODEC_UNSPECIFIED}, RefusalCode.CODEC_INVALID),
        (
            {"codec": frame_pb2.CODEC_ZSTD, "payload": b"no zstd", "raw_length": 7},
            RefusalCode.CODEC_INVALID,
        ),
        (
            {"codec": frame_pb2.CODEC_ZSTD, "payload": BOMB, "raw_length": 2**26},
            RefusalCode.TOO_LARGE,
        ),
        (
            {"codec": frame_pb2.CODEC_ZSTD, "payload": BOMB, "raw_length": 100},
            RefusalCode.CODEC_INVALID,
        ),
        ({"payload_hash": b"h" * 32}, RefusalCode.CODEC_INVALID),
        ({"raw_length": 5}, RefusalCode.CODEC_INVALID),
        ({"payload": b"\xff\xff", "raw_length": 2}, RefusalCode.CODEC_INVALID),
        ({"row_count": 3}, RefusalCode.ROWS_INVALID),
    ],
)
async def test_a_genuine_bad_frame_is_set_aside_and_its_neighbours_land(
    world: World, fields: dict[str, object], code: RefusalCode
) -> None:
    chain = await world.begin()
    before, bad, after = chain.seal(), chain.seal_raw(**fields), chain.seal()
    first, told = await world.send(before, bad, after)
    assert first.acknowledgement.cursor.sequence == 3
    (named,) = told.acknowledgement.set_aside
    assert (named.position.sequence, named.position.head) == (2, bad.head)
    assert named.reason.code == int(code)
    assert not named.HasField("series")
    stored = await world.store.frames_after("vinh", 0, 0, 10)
    assert [each.set_aside for each in stored] == [False, True, False]


async def test_a_row_that_was_set_aside_later_is_told_until_the_child_knows(
    world: World,
) -> None:
    chain = await world.begin()
    frame = chain.seal()
    await world.send(frame)
    await world.session.tick()
    letter = DeadLetter(
        stream="vinh",
        epoch=1,
        sequence=1,
        code=RefusalCode.SERIES_UNDECLARED,
        detail="series 7",
        series=7,
        period_start=20_000,
    )
    await world.store.set_aside([letter], now=world.clock.now())

    answers = await world.session.tick()
    assert kinds(answers) == ["acknowledgement", "heartbeat"]
    (named,) = answers[0].acknowledgement.set_aside
    assert (named.series, named.period_start) == (7, 20_000)
    assert named.position.head == frame.head
    assert "series 7" in named.reason.text_vi
    # Told once on this link, and again on the next while nothing proves that it
    # was read.
    assert kinds(await world.session.tick()) == ["heartbeat"]
    world.relink()
    await world.open()
    await world.say(world.say_hello())
    answers = await world.session.tick()
    assert kinds(answers) == ["acknowledgement", "heartbeat"]
    echo = pb.Heartbeat(
        sent_at_us=to_us(world.clock.now()),
        echo_sent_at_us=answers[1].heartbeat.sent_at_us,
        echo_received_at_us=to_us(world.clock.now()),
    )
    assert await world.say(pb.LinkRequest(heartbeat=echo)) == []
    assert await world.store.untold(["vinh"], 10) == []


async def test_a_heartbeat_measures_the_clocks(world: World) -> None:
    await world.begin()
    (answer,) = await world.session.tick()
    sent_us = answer.heartbeat.sent_at_us
    # The child's clock is 7 s ahead, and each way takes a moment that cancels out.
    beat = pb.Heartbeat(
        sent_at_us=sent_us + 7_000_000,
        echo_sent_at_us=sent_us,
        echo_received_at_us=sent_us + 7_000_000,
    )
    await world.say(pb.LinkRequest(heartbeat=beat))
    (link,) = await world.store.links()
    assert (link.node, link.connected) == ("vinh", True)
    assert link.clock_offset_us == 7_000_000
    (answer,) = await world.session.tick()
    assert answer.heartbeat.echo_sent_at_us == beat.sent_at_us
    await world.session.leave()
    (link,) = await world.store.links()
    assert not link.connected


async def test_a_goodbye_ends_the_link(world: World) -> None:
    await world.begin()
    goodbye = pb.LinkRequest(goodbye=pb.Goodbye(reason="restart"))
    assert await world.say(goodbye) == []
    assert world.session.closed


async def test_nothing_is_acknowledged_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = await world.begin()
    frame = chain.seal()
    away = storage_error("unavailable", vi="vắng", en="away", retriable=True)

    async def fails(*_: object, **__: object) -> None:
        raise away

    with monkeypatch.context() as broken:
        broken.setattr(world.store, "commit", fails)
        broken.setattr(world.store, "open_stream", fails)
        broken.setattr(world.store, "note_link", fails)
        (answer,) = await world.send(frame)
        assert kinds([answer]) == ["UNAVAILABLE"]
        assert answer.refusal.stream == "vinh"
        assert answer.refusal.retry_after_ms > 0
        assert kinds(await world.say(world.say_hello("17443"))) == ["UNAVAILABLE"]
        assert await world.say(pb.LinkRequest(heartbeat=pb.Heartbeat())) == []
    assert not world.session.closed
    assert kinds(await world.send(frame)) == ["acknowledgement"]


async def test_a_commit_of_unknown_outcome_is_counted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = await world.begin()
    commit = world.store.commit
    calls = 0

    async def loses_the_answer(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        outcome = await commit(*args, **kwargs)  # type: ignore[arg-type]
        if calls == 1:
            raise storage_error("unavailable", vi="mất", en="lost", retriable=True)
        return outcome

    monkeypatch.setattr(world.store, "commit", loses_the_answer)
    (answer,) = await world.send(chain.seal())
    assert answer.acknowledgement.cursor.sequence == 1
    assert calls == 2
    assert len(await world.store.frames_after("vinh", 0, 0, 10)) == 1


async def test_an_opening_while_the_database_is_away_says_when_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise storage_error("unavailable", vi="vắng", en="away", retriable=True)

    monkeypatch.setattr(world.registry, "node", fails)
    (answer,) = await world.say(world.say_open())
    assert kinds([answer]) == ["UNAVAILABLE"]
    assert answer.refusal.retry_after_ms > 0
    assert world.session.closed
