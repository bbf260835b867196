"""Names for the parent, as the tables have them when a frame is sealed."""

from federation.catalogue.store import Catalogue
from federation.localities.store import CurrentGraph
from federation.outbox.announcer import Descriptions, TableAnnouncer, Wanted
from federation.storage.pool import PooledConnection
from federation.wire.payload import Obligation


class NewestNames(TableAnnouncer):
    """Announces places that children announced as well, without a restart."""

    def __init__(self) -> None:
        """Know no places before the first frame."""
        self._places = CurrentGraph()
        self._catalogue = Catalogue()
        super().__init__(
            localities=lambda: {one.id: one for one in self._places.graph.all()},
            # What the hub itself expects of places nobody connected goes no further.
            obligations=lambda _stream: self._catalogue.announced_obligations(),
        )

    async def describe(self, handle: PooledConnection, wanted: Wanted) -> Descriptions:
        """Return names of the wanted from the tables."""
        if wanted.localities:
            await self._places.refresh(handle)
        return await super().describe(handle, wanted)

    async def obligations(
        self, handle: PooledConnection, stream: str
    ) -> tuple[Obligation, ...]:
        """Return what the children announced that they owe."""
        await self._catalogue.refresh(handle)
        return await super().obligations(handle, stream)
