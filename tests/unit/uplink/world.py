"""A node and its parent, with everything that can go wrong between them."""

import asyncio
import copy
from collections.abc import Callable
from datetime import timedelta
from random import Random

from federation.clock import ManualClock
from federation.identity.documents import Area
from federation.identity.enrolment import MemoryEnrolmentStore
from federation.identity.keys import Signer
from federation.identity.registry import MemoryRegistry
from federation.identity.tokens import JoinTicket
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.services import Services
from federation.inbox.store import MemoryInboxStore
from federation.model.row import SeriesKey
from federation.outbox.memory import MemoryOutbox
from federation.outbox.store import OutboxLimits, Sealer
from federation.transports import Connection, Transport
from federation.transports.memory import MemoryTransport
from federation.uplink.conversation import Node
from federation.uplink.settings import UplinkSettings
from federation.uplink.status import StreamStatus
from federation.uplink.uplink import Uplink
from federation.wire.frames import read_payload
from federation.wire.v1 import uplink_pb2 as pb
from tests.contract.outbox.harness import ANNOUNCER
from tests.contract.outbox.samples import NOW, OTHER, RAIN, SPENT, STREAM

SETTINGS = UplinkSettings(
    backoff_min_s=0.02,
    backoff_max_s=0.2,
    refused_retry_interval_s=0.5,
    answer_timeout_s=2.0,
    acknowledgement_timeout_s=1.0,
    heartbeat_interval_s=1.0,
    linger_s=0.001,
    poll_interval_s=0.2,
)
LIMITS = LinkLimits(credit_frames=8, heartbeat_interval_s=1)
FRAME_ROWS = 3

Faults = Callable[[pb.LinkRequest], list[pb.LinkRequest]]
Garbles = Callable[[pb.LinkResponse], list[pb.LinkResponse]]
Held = dict[tuple[SeriesKey, int], int]


class FaultyTransport:
    """Drops, doubles and changes what passes."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.connects = 0
        self.on_request: Faults = lambda request: [request]
        self.on_response: Garbles = lambda response: [response]

    async def connect(self) -> Connection:
        self.connects += 1
        return _FaultyConnection(await self.transport.connect(), self)

    async def enroll(self, request: pb.EnrollRequest) -> pb.EnrollResponse:
        return await self.transport.enroll(request)

    async def close(self) -> None:
        await self.transport.close()


class _FaultyConnection:
    def __init__(self, connection: Connection, faults: FaultyTransport) -> None:
        self._connection = connection
        self._faults = faults
        self._received: list[pb.LinkResponse] = []

    async def send(self, message: pb.LinkRequest) -> None:
        for each in self._faults.on_request(message):
            await self._connection.send(each)

    async def receive(self) -> pb.LinkResponse:
        while not self._received:
            response = await self._connection.receive()
            self._received += self._faults.on_response(response)
        return self._received.pop(0)

    async def close(self) -> None:
        await self._connection.close()


class ParentSide:
    """A parent whose store outlives its process, and may be restored."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.signer = Signer.generate()
        self.registry = MemoryRegistry(signer=self.signer, clock=clock)
        self.store = MemoryInboxStore()

    def endpoint(self) -> Inbox:
        return Inbox(
            Services(
                parent="nghe-an",
                signer=self.signer,
                registry=self.registry,
                store=self.store,
                clock=self.clock,
                limits=LIMITS,
            )
        )

    async def ticket(self, *streams: str, node: str = "vinh") -> JoinTicket:
        token = await self.registry.create_token(
            node=node,
            areas=[
                Area(stream=each, localities=(each,), includes_parts=True)
                for each in streams
            ],
            lifetime=timedelta(days=7),
        )
        return JoinTicket(token=token, node=node, parent_key_id=self.signer.key_id)

    async def holds(self, stream: str = STREAM) -> Held:
        """Return what applying the frame log in sequence gives."""
        numbers: dict[tuple[int, int], SeriesKey] = {}
        held: Held = {}
        for stored in await self.store.frames_after(stream, 0, 0, 100_000):
            assert not stored.set_aside
            payload = read_payload(stored.body)
            for series in payload.series:
                numbers[stored.epoch, series.number] = series.key
            for row in payload.rows:
                assert row.state is not None
                key = numbers[stored.epoch, row.series]
                held[key, row.period.start] = row.state.value
        return held

    async def frames(self, stream: str = STREAM) -> list[tuple[int, int]]:
        stored = await self.store.frames_after(stream, 0, 0, 100_000)
        return [(each.epoch, each.sequence) for each in stored]


class World:
    """One node and one parent in one process."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = ManualClock(NOW)
        self.parent = ParentSide(self.clock)
        self.signer = Signer.generate()
        self.enrolments = MemoryEnrolmentStore()
        self.random = Random(seed)
        self.ticket: JoinTicket | None = None
        self.read_ticket: Callable[[], JoinTicket | None] = lambda: self.ticket
        self.memory = MemoryTransport(self.parent.endpoint())
        self.transport = FaultyTransport(self.memory)
        self.settings = SETTINGS
        self._boots = 0
        self.outbox = self._outbox()
        self.outbox.know(RAIN, SPENT)
        self.uplink = self._uplink()
        self._task: asyncio.Task[None] | None = None

    def _outbox(self) -> MemoryOutbox:
        self._boots += 1
        sealer = Sealer(signer=self.signer, boot_id=self._boots.to_bytes(16, "big"))
        return MemoryOutbox(
            sealer=sealer,
            clock=self.clock,
            announcer=ANNOUNCER,
            limits=OutboxLimits(frame_rows_max=FRAME_ROWS),
        )

    def _uplink(self) -> Uplink:
        return Uplink(
            node=Node(
                id="vinh",
                signer=self.signer,
                boot_id=self._boots.to_bytes(16, "big"),
                software_version="0.1.0",
            ),
            transport=self.transport,
            outbox=self.outbox,
            enrolments=self.enrolments,
            read_ticket=self.read_ticket,
            clock=self.clock,
            settings=self.settings,
            random=self.random,
        )

    async def start(self) -> None:
        self._task = asyncio.create_task(self.uplink.run())

    async def stop(self) -> None:
        """Kill the node's process: only its store is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            if not self._task.cancelled():
                self._task.result()
            self._task = None

    async def restart_child(self) -> None:
        await self.stop()
        image = self.outbox.image()
        self.outbox = self._outbox()
        self.outbox.restore(image)
        self.uplink = self._uplink()
        await self.start()

    async def restore_child(self, image: object) -> None:
        """Bring back an old backup; its sources are then read again."""
        await self.stop()
        now = self.sent()
        self.outbox = self._outbox()
        self.outbox.restore(image)
        for stream, rows in now.items():
            self.outbox.change(stream, *rows)
        self.uplink = self._uplink()
        await self.start()

    async def restart_parent(self) -> None:
        self.memory.parent = None
        await self.memory.cut()
        self.memory.parent = self.parent.endpoint()

    async def restore_parent(self, image: MemoryInboxStore) -> None:
        self.memory.parent = None
        await self.memory.cut()
        self.parent.store = copy.deepcopy(image)
        self.memory.parent = self.parent.endpoint()

    def parent_image(self) -> MemoryInboxStore:
        return copy.deepcopy(self.parent.store)

    def sent(self) -> dict[str, list]:
        """Return the rows of each stream."""
        found: dict[str, list] = {STREAM: [], OTHER: []}
        for value in self.outbox._disk.values.values():
            found[value.stream].append(value.row)
        return found

    def wants(self, stream: str = STREAM) -> Held:
        return {
            (row.series, row.period.start): row.state.value
            for row in self.sent()[stream]
        }

    async def stream(self, stream: str = STREAM) -> StreamStatus:
        status = await self.uplink.status()
        return next(each for each in status.streams if each.stream == stream)

    async def in_step(self, *streams: str) -> None:
        """Wait until everything sealed is acknowledged and the parent has it all."""
        for stream in streams or (STREAM,):
            await eventually(lambda stream=stream: self._is_in_step(stream))

    async def _is_in_step(self, stream: str) -> bool:
        stats = await self.outbox.stats(stream)
        positions = stats.positions
        return (
            stats.pending_rows == 0
            and positions.sealed == positions.acknowledged
            and positions.sealed.epoch > 0
            and await self.parent.holds(stream) == self.wants(stream)
        )


async def eventually(check: Callable, *, within_s: float = 60.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while not await check():
            await asyncio.sleep(0.05)


async def joined(seed: int = 1, *streams: str) -> World:
    """Return a world whose node has a ticket, and runs."""
    world = World(seed)
    world.ticket = await world.parent.ticket(*(streams or (STREAM,)))
    await world.start()
    return world
