"""Reading as of a moment: the same views, over what was known then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from federation.model.period import Period
from federation.model.row import SeriesKey
from federation.warehouse.history import AsOf
from federation.warehouse.store import (
    ALWAYS,
    EVERYTHING,
    PAGE_ROWS_MAX,
    DayRange,
    PageKey,
    Reads,
    SeriesFilter,
    Stored,
    StoredSeries,
    Warehouse,
)

Handle = TypeVar("Handle")


@dataclass(frozen=True, kw_only=True)
class AsKnown(Generic[Handle]):
    """Reads of a warehouse that are all as of one moment, whoever asks them."""

    reads: Reads[Handle]
    moment: datetime

    async def series(
        self, handle: Handle, chosen: SeriesFilter = EVERYTHING
    ) -> list[StoredSeries]:
        """Return the series known today."""
        return await self.reads.series(handle, chosen)

    async def values(
        self,
        handle: Handle,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        after: PageKey | None = None,
        limit: int = PAGE_ROWS_MAX,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of the moment; see ``Reads.values``."""
        return await self.reads.values(
            handle,
            chosen,
            days=days,
            after=after,
            limit=limit,
            as_of=as_of or self.moment,
        )

    async def latest(
        self,
        handle: Handle,
        chosen: SeriesFilter = EVERYTHING,
        *,
        days: DayRange = ALWAYS,
        count: int = 1,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the newest values of the moment; see ``Reads.latest``."""
        return await self.reads.latest(
            handle, chosen, days=days, count=count, as_of=as_of or self.moment
        )

    async def versions(
        self,
        handle: Handle,
        key: SeriesKey,
        period: Period,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the versions up to the moment; see ``Reads.versions``."""
        return await self.reads.versions(
            handle, key, period, as_of=as_of or self.moment
        )

    async def at(
        self,
        handle: Handle,
        indicator: str,
        period_start: int,
        *,
        as_of: datetime | None = None,
    ) -> list[Stored]:
        """Return the values of a period as of the moment; see ``Reads.at``."""
        return await self.reads.at(
            handle, indicator, period_start, as_of=as_of or self.moment
        )


async def reads_of(
    warehouse: Warehouse[Handle], handle: Handle, asked: datetime | None
) -> tuple[Reads[Handle], AsOf | None]:
    """Return the reads of a moment and how it is answered; None: of the present."""
    if asked is None:
        return warehouse, None
    history = await warehouse.history(handle)
    as_of = history.as_of(asked)
    return AsKnown(reads=warehouse, moment=as_of.moment), as_of
