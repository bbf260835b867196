"""An outbox with whatever feeds it, and a parent that signs."""

import dataclasses
from collections.abc import Callable
from typing import Protocol

from federation.catalogue.store import Catalogue
from federation.clock import ManualClock
from federation.identity.documents import START, ChainPosition, sign_receipt
from federation.identity.keys import Signer
from federation.model.indicator import Indicator
from federation.model.row import Row, SeriesKey, Version
from federation.outbox.announcer import FixedAnnouncer
from federation.outbox.memory import MemoryOutbox
from federation.outbox.postgres import PostgresOutbox
from federation.outbox.store import Outbox, OutboxLimits, Sealer
from federation.storage.pool import Pool, transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.store import Incoming, Route
from federation.wire.frames import SealedFrame, read_payload
from federation.wire.payload import AnnouncedSubsystem, Obligation, Payload
from federation.wire.v1 import uplink_pb2 as pb
from tests.contract.outbox.samples import (
    NOW,
    OTHER,
    PROVINCE,
    STREAM,
    WARD,
    text,
)

OBLIGATION = Obligation(
    indicator="environment.rain",
    locality=WARD.id,
    agency="H41.SNNMT",
    from_day=20_000,
)
ENVIRONMENT = AnnouncedSubsystem(
    id="environment",
    name=text("Tài nguyên – môi trường"),
    owner_agency="H41.SNNMT",
)
ANNOUNCER = FixedAnnouncer(
    subsystems=(ENVIRONMENT, AnnouncedSubsystem(id="unused", name=text("x"))),
    agencies={"H41.SNNMT": text("Sở Nông nghiệp và Môi trường")},
    sources={"open_meteo": text("Open-Meteo")},
    localities=(PROVINCE, WARD),
    obligations={STREAM: (OBLIGATION,)},
)


class Parent:
    """A parent that only signs."""

    def __init__(self) -> None:
        self.signer = Signer.generate()
        self.verifier = self.signer.verifier()

    def receipt(self, position: ChainPosition, stream: str = STREAM) -> pb.Receipt:
        return sign_receipt(
            self.signer, stream=stream, position=position, signed_at=NOW
        ).message()

    def grant(
        self,
        epoch: int,
        *,
        head: bytes = START.head,
        common: ChainPosition = START,
        stream: str = STREAM,
    ) -> pb.EpochGrant:
        start = ChainPosition(epoch=epoch, sequence=0, head=head)
        return pb.EpochGrant(
            stream=stream,
            start=start.message(),
            common=common.message(),
            receipt=self.receipt(start, stream),
        )


class Feed(Protocol):
    """What changes values beside an outbox."""

    async def know(self, *contracts: Indicator) -> None: ...
    async def change(
        self, stream: str, *rows: Row, carrier: Version | None = None
    ) -> None: ...
    async def withhold(self, key: SeriesKey, ground: str) -> None: ...
    async def share(self, key: SeriesKey) -> None: ...


@dataclasses.dataclass
class Harness:
    outbox: Outbox
    feed: Feed
    clock: ManualClock
    parent: Parent
    again: Callable[[], Outbox]
    """A second outbox on the same store: another process, or the next start."""

    async def opened(self, epoch: int = 1, stream: str = STREAM) -> None:
        await self.outbox.add_stream(stream)
        await self.outbox.open_epoch(
            stream, self.parent.grant(epoch, stream=stream), self.parent.verifier
        )

    async def sealed(self, stream: str = STREAM) -> SealedFrame:
        frame = await self.outbox.seal(stream)
        assert frame is not None
        return frame

    async def drained(self, stream: str = STREAM) -> list[Payload]:
        payloads = []
        while (frame := await self.outbox.seal(stream)) is not None:
            payloads.append(read_payload(frame.body))
        return payloads

    async def acknowledged(self, frame: SealedFrame) -> ChainPosition:
        position = ChainPosition(
            epoch=frame.epoch, sequence=frame.sequence, head=frame.head
        )
        receipt = self.parent.receipt(position, frame.stream)
        return await self.outbox.acknowledge(
            frame.stream, receipt, self.parent.verifier
        )


class MemoryFeed:
    def __init__(self, outbox: MemoryOutbox) -> None:
        self._outbox = outbox

    async def know(self, *contracts: Indicator) -> None:
        self._outbox.know(*contracts)

    async def change(
        self, stream: str, *rows: Row, carrier: Version | None = None
    ) -> None:
        self._outbox.change(stream, *rows, carrier=carrier)

    async def withhold(self, key: SeriesKey, ground: str) -> None:
        self._outbox.withhold(STREAM, key, ground)

    async def share(self, key: SeriesKey) -> None:
        self._outbox.share(STREAM, key)


class PostgresFeed:
    def __init__(self, pool: Pool, clock: ManualClock) -> None:
        self._pool = pool
        self._clock = clock
        self._catalogue = Catalogue()
        self._grounds: dict[SeriesKey, str] = {}
        self._streams: dict[SeriesKey, str] = {}
        self._warehouse = PostgresWarehouse(self._route)

    def _route(self, key: SeriesKey) -> Route:
        return Route(
            stream=self._streams.get(key, STREAM),
            withheld_ground=self._grounds.get(key),
        )

    async def know(self, *contracts: Indicator) -> None:
        async with transaction(self._pool) as connection:
            await self._catalogue.put_indicators(
                connection, contracts, known_at=self._clock.now()
            )

    async def change(
        self, stream: str, *rows: Row, carrier: Version | None = None
    ) -> None:
        self._streams.update({row.series: stream for row in rows})
        contracts = self._catalogue.indicators
        batch = [
            Incoming(
                row=row,
                contract_hash=contracts[row.series.indicator].contract_hash,
                carrier=carrier,
            )
            for row in rows
        ]
        async with transaction(self._pool) as connection:
            await self._warehouse.apply(connection, batch, known_at=self._clock.now())

    async def withhold(self, key: SeriesKey, ground: str) -> None:
        self._grounds[key] = ground
        async with transaction(self._pool) as connection:
            await self._warehouse.reroute(connection)

    async def share(self, key: SeriesKey) -> None:
        del self._grounds[key]
        async with transaction(self._pool) as connection:
            await self._warehouse.reroute(connection)


def memory_harness(limits: OutboxLimits) -> Harness:
    clock = ManualClock(NOW)
    outbox = MemoryOutbox(
        sealer=Sealer(signer=Signer.generate(), boot_id=b"b" * 16),
        clock=clock,
        announcer=ANNOUNCER,
        limits=limits,
    )
    return Harness(
        outbox=outbox,
        feed=MemoryFeed(outbox),
        clock=clock,
        parent=Parent(),
        again=lambda: outbox,
    )


def postgres_harness(pool: Pool, limits: OutboxLimits) -> Harness:
    clock = ManualClock(NOW)
    sealer = Sealer(signer=Signer.generate(), boot_id=b"b" * 16)

    def made() -> PostgresOutbox:
        return PostgresOutbox(
            pool, sealer=sealer, clock=clock, announcer=ANNOUNCER, limits=limits
        )

    return Harness(
        outbox=made(),
        feed=PostgresFeed(pool, clock),
        clock=clock,
        parent=Parent(),
        again=made,
    )


__all__ = ["OTHER", "STREAM"]
