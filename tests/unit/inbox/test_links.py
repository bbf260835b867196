"""A link ends when it must, and never holds more than its credit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from federation.identity.enrolment import hello_signature
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.session import InboxSession
from federation.wire.v1 import uplink_pb2 as pb
from tests.unit.inbox.child import BOOT, Chain, World, kinds, make_world


class Line:
    """The child's end of a link to an inbox."""

    def __init__(self, inbox: Inbox, world: World) -> None:
        self.world = world
        self.requests: asyncio.Queue[pb.LinkRequest | None] = asyncio.Queue()
        self.responses = inbox.converse(self._sent())

    async def _sent(self) -> AsyncIterator[pb.LinkRequest]:
        while (request := await self.requests.get()) is not None:
            yield request

    def send(self, *requests: pb.LinkRequest) -> None:
        for request in requests:
            self.requests.put_nowait(request)

    async def next(self) -> pb.LinkResponse:
        async with asyncio.timeout(10):
            return await anext(self.responses)

    async def rest(self) -> list[pb.LinkResponse]:
        async with asyncio.timeout(10):
            return [response async for response in self.responses]

    async def begin(self) -> Chain:
        self.send(self.world.say_open())
        nonce = (await self.next()).challenge.nonce
        self.world.nonce = nonce
        signature = hello_signature(
            self.world.node, nonce=nonce, node="vinh", stream="vinh", boot_id=BOOT
        )
        hello = pb.Hello(stream="vinh", nonce=nonce, signature=signature, fence=1)
        self.send(pb.LinkRequest(hello=hello), self.world.say_epoch())
        await self.next()
        start = (await self.next()).epoch_grant.start
        chain = Chain(self.world.node)
        chain.begin(start.epoch, start.head)
        return chain


def frames(chain: Chain, count: int) -> list[pb.LinkRequest]:
    return [pb.LinkRequest(frame=chain.seal().message()) for _ in range(count)]


async def test_frames_that_wait_share_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await make_world()
    line = Line(Inbox(world.services), world)
    chain = await line.begin()
    commits: list[int] = []
    commit = world.store.commit

    async def counted(arrivals: list[object], **kwargs: object) -> object:
        commits.append(len(arrivals))
        return await commit(arrivals, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "commit", counted)
    line.send(*frames(chain, 12))
    cursor = 0
    while cursor < 12:
        cursor = (await line.next()).acknowledgement.cursor.sequence
    assert sum(commits) == 12
    assert len(commits) < 12
    line.send(None)  # type: ignore[arg-type]
    assert await line.rest() == []


async def test_a_child_over_its_credit_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await make_world(limits=LinkLimits(credit_frames=2))
    line = Line(Inbox(world.services), world)
    chain = await line.begin()
    held = asyncio.Event()
    commit = world.store.commit

    async def slow(*args: object, **kwargs: object) -> object:
        await held.wait()
        return await commit(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "commit", slow)
    line.send(*frames(chain, 1))
    waiting = asyncio.create_task(line.next())
    line.send(*frames(chain, 20))
    # Twice the credit is under way: from then on nothing more is read.
    while line.requests.qsize() > 16:
        await asyncio.sleep(0)
    held.set()
    answers = [await waiting, *await line.rest()]
    assert kinds(answers)[-1] == "CREDITS_EXCEEDED"


async def test_a_newer_link_of_the_node_ends_the_older_one() -> None:
    world = await make_world()
    inbox = Inbox(world.services)
    older, newer = Line(inbox, world), Line(inbox, world)
    await older.begin()
    await newer.begin()
    (goodbye,) = await older.rest()
    assert goodbye.goodbye.reason == "superseded"
    assert inbox.live_nodes == ["vinh"]
    (link,) = await world.store.links()
    assert link.connected
    await newer.responses.aclose()
    assert inbox.live_nodes == []
    (link,) = await world.store.links()
    assert not link.connected


async def test_a_newer_link_to_another_process_ends_the_older_one() -> None:
    world = await make_world()
    older = Line(Inbox(world.services), world)
    await older.begin()
    world.clock.advance(timedelta(seconds=1))
    newer = Line(Inbox(world.services), world)
    await newer.begin()
    older.send(pb.LinkRequest(heartbeat=pb.Heartbeat(sent_at_us=1)))
    (goodbye,) = await older.rest()
    assert goodbye.goodbye.reason == "superseded"
    (link,) = await world.store.links()
    assert link.connected
    await newer.responses.aclose()


async def test_an_opening_alone_ends_no_link() -> None:
    world = await make_world()
    inbox = Inbox(world.services)
    older, stranger = Line(inbox, world), Line(inbox, world)
    await older.begin()
    stranger.send(world.say_open())
    await stranger.next()
    inbox.close()
    assert (await older.next()).goodbye.reason == "shutdown"
    assert (await stranger.next()).goodbye.reason == "shutdown"
    for line in (older, stranger):
        assert await line.rest() == []


async def test_a_link_without_a_hello_ends() -> None:
    world = await make_world(limits=LinkLimits(hello_timeout_s=0.05))
    line = Line(Inbox(world.services), world)
    line.send(world.say_open())
    assert kinds(await line.rest()) == ["challenge"]


async def test_a_link_that_hears_nothing_ends_after_three_intervals() -> None:
    world = await make_world(limits=LinkLimits(heartbeat_interval_s=1))
    line = Line(Inbox(world.services), world)
    await line.begin()
    answers = kinds(await line.rest())
    assert set(answers) == {"heartbeat"}
    assert 2 <= len(answers) <= 3


async def test_one_link_too_many_is_told_to_come_back() -> None:
    world = await make_world(limits=LinkLimits(links_max=1))
    inbox = Inbox(world.services)
    first, second = Line(inbox, world), Line(inbox, world)
    await first.begin()
    assert kinds(await second.rest()) == ["UNAVAILABLE"]
    await first.responses.aclose()


async def test_strangers_never_keep_a_child_out() -> None:
    world = await make_world(limits=LinkLimits(links_max=2))
    inbox = Inbox(world.services)
    strangers = [Line(inbox, world) for _ in range(2)]
    waiting = [asyncio.create_task(each.next()) for each in strangers]
    while len(inbox._links) < 2:
        await asyncio.sleep(0)
    child = Line(inbox, world)
    await child.begin()
    assert inbox.live_nodes == ["vinh"]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for line in (*strangers, child):
        await line.responses.aclose()


async def test_a_cancelled_link_leaves_no_task_behind() -> None:
    world = await make_world()
    line = Line(Inbox(world.services), world)
    before = asyncio.all_tasks()
    await line.begin()
    waiting = asyncio.create_task(line.next())
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    await line.responses.aclose()
    assert asyncio.all_tasks() == before


async def test_a_full_queue_leaves_the_transport_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await make_world(limits=LinkLimits(messages_max=4))
    line = Line(Inbox(world.services), world)
    await line.begin()
    held = asyncio.Event()
    take = InboxSession.take

    async def slow(
        session: InboxSession, requests: list[pb.LinkRequest]
    ) -> list[pb.LinkResponse]:
        await held.wait()
        return await take(session, requests)

    monkeypatch.setattr(InboxSession, "take", slow)
    beat = pb.LinkRequest(heartbeat=pb.Heartbeat(sent_at_us=1))
    line.send(beat)
    waiting = asyncio.create_task(line.next())
    await asyncio.sleep(0)
    line.send(*[beat] * 50)
    for _ in range(200):
        await asyncio.sleep(0)
    assert line.requests.qsize() >= 40
    held.set()
    line.send(pb.LinkRequest(goodbye=pb.Goodbye(reason="shutdown")))
    with pytest.raises(StopAsyncIteration):
        await waiting
