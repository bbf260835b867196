"""Any history of changes and faults ends with both sides in step."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.identity.documents import START
from federation.wire.v1 import uplink_pb2 as pb
from tests.contract.outbox.samples import STREAM, rain
from tests.unit.uplink.virtual_time import run
from tests.unit.uplink.world import World, eventually, joined

DAYS = st.integers(1, 12)
STEPS = st.one_of(
    st.tuples(st.just("change"), DAYS, st.integers(0, 1_000)),
    st.tuples(st.just("wait"), st.floats(0.001, 3.0)),
    st.tuples(
        st.sampled_from(
            [
                "cut",
                "restart parent",
                "restart child",
                "back up parent",
                "restore parent",
                "back up child",
                "restore child",
                "prune",
            ]
        )
    ),
    st.tuples(
        st.sampled_from(["lose request", "double request", "lose response"]),
        st.integers(0, 3),
    ),
)


class History:
    """Applies steps to a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.parent_image = world.parent_image()
        self.child_image = world.outbox.image()
        self.lose_requests = self.double_requests = self.lose_responses = 0
        world.transport.on_request = self._on_request
        world.transport.on_response = self._on_response

    def _on_request(self, request: pb.LinkRequest) -> list[pb.LinkRequest]:
        if request.WhichOneof("message") != "frame":
            return [request]
        if self.lose_requests:
            self.lose_requests -= 1
            return []
        if self.double_requests:
            self.double_requests -= 1
            return [request, request]
        return [request]

    def _on_response(self, response: pb.LinkResponse) -> list[pb.LinkResponse]:
        if response.WhichOneof("message") == "challenge" or not self.lose_responses:
            return [response]
        self.lose_responses -= 1
        return []

    async def apply(self, step: tuple) -> None:
        match step:
            case ("change", day, value):
                self.world.outbox.change(STREAM, rain(value, day))
            case ("wait", seconds):
                await asyncio.sleep(seconds)
            case ("lose request", count):
                self.lose_requests = count
            case ("double request", count):
                self.double_requests = count
            case ("lose response", count):
                self.lose_responses = count
            case (fault,):
                await self._suffer(fault)

    async def _suffer(self, fault: str) -> None:
        world = self.world
        match fault:
            case "cut":
                await world.memory.cut()
            case "restart parent":
                await world.restart_parent()
            case "restart child":
                await world.restart_child()
            case "back up parent":
                self.parent_image = world.parent_image()
            case "restore parent":
                await world.restore_parent(self.parent_image)
            case "back up child":
                self.child_image = world.outbox.image()
            case "restore child":
                await world.restore_child(self.child_image)
            case "prune":
                await world.outbox.prune()


async def _live(seed: int, steps: list[tuple]) -> None:
    world = await joined(seed)
    await world.in_step()
    history = History(world)
    for step in steps:
        await history.apply(step)
    history.lose_requests = history.lose_responses = 0
    world.outbox.change(STREAM, rain(2_000, 13))
    await world.in_step()
    await _check(world)
    await world.stop()


async def _check(world: World) -> None:
    frames = await world.parent.frames()
    assert len(frames) == len(set(frames))
    positions = await world.outbox.positions(STREAM)
    cursor = (await world.parent.store.cursors())[0]
    assert positions.acknowledged == cursor.position != START

    async def quiet() -> bool:
        return (await world.stream()).last_error is None

    await eventually(quiet)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 5), st.lists(STEPS, max_size=25))
def test_any_history_ends_in_step(seed: int, steps: list[tuple]) -> None:
    run(_live(seed, steps))
