"""Names for the parent, as the tables have them when a frame is sealed."""

from federation.localities.store import CurrentGraph
from federation.outbox.announcer import Descriptions, TableAnnouncer, Wanted
from federation.storage.pool import PooledConnection


class NewestNames(TableAnnouncer):
    """Announces places that children announced as well, without a restart."""

    def __init__(self) -> None:
        """Know no places before the first frame."""
        self._places = CurrentGraph()
        super().__init__(
            localities=lambda: {one.id: one for one in self._places.graph.all()}
        )

    async def describe(self, handle: PooledConnection, wanted: Wanted) -> Descriptions:
        """Return names of the wanted from the tables."""
        if wanted.localities:
            await self._places.refresh(handle)
        return await super().describe(handle, wanted)
