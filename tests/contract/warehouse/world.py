"""A warehouse of either kind, and rows to put in."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from federation.model.period import Frequency, period_of_day
from federation.model.row import Row, SeriesKey, State, Version, base_row
from federation.model.status import Provenance, Status
from federation.storage.pool import transaction
from federation.warehouse.store import Incoming, Route, SeriesFilter

HASH, OTHER_HASH = b"h" * 32, b"o" * 32
NOW = datetime(2026, 5, 22, 3, tzinfo=UTC)
RAIN = SeriesKey(indicator="environment.rain", locality="412")
JULY = period_of_day(Frequency.MONTH, date(2017, 7, 1))


def route(key: SeriesKey) -> Route:
    if key.indicator == "secret":
        return Route(stream="vinh", withheld_ground="Luật 91/2025")
    return Route(stream=None if key.locality == "VN" else "vinh")


@dataclass
class World:
    warehouse: Any
    pool: Any = None

    def begin(self) -> AbstractAsyncContextManager[Any]:
        return nullcontext() if self.pool is None else transaction(self.pool)

    async def apply(self, *batch: Incoming, at: datetime = NOW) -> tuple[int, int]:
        async with self.begin() as handle:
            applied = await self.warehouse.apply(handle, batch, known_at=at)
        return applied.changed, applied.unchanged

    async def read(self, name: str, *args: Any, **named: Any) -> Any:
        async with self.begin() as handle:
            return await getattr(self.warehouse, name)(handle, *args, **named)

    async def one(self, key: SeriesKey = RAIN) -> Row:
        (stored,) = await self.read("values", SeriesFilter(indicators=[key.indicator]))
        return stored.row


def rain(
    value: int | None = 369,
    *,
    key: SeriesKey = RAIN,
    period: Any = JULY,
    status: Status = Status.NORMAL,
    carrier: Version | None = None,
    contract_hash: bytes = HASH,
) -> Incoming:
    row = base_row(
        series=key,
        period=period,
        state=None if value is None else State(value=value),
        status=status,
        provenance=Provenance.FILE,
        recorded_at_us=1,
        source="station",
    )
    return Incoming(row=row, contract_hash=contract_hash, carrier=carrier)


def carried(sequence: int, *, epoch: int = 1, stream: str = "vinh") -> Version:
    return Version(stream=stream, epoch=epoch, sequence=sequence)
