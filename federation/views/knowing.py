"""What a tier knows, read from its tables when it changed."""

from federation.catalogue.store import Catalogue, by_indicator
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.localities.store import CurrentGraph
from federation.storage.pool import Pool, transaction
from federation.views.knowledge import Knowledge


class StoredKnowledge:
    """Gives the newest knowledge; two cheap queries while nothing changed."""

    def __init__(self, pool: Pool) -> None:
        """Read through a pool; catalogue and places here are for reading only."""
        self._pool = pool
        self._catalogue = Catalogue()
        self._places = CurrentGraph()

    async def __call__(self) -> Knowledge:
        """Return what is known now."""
        async with transaction(self._pool, doing="read the catalogue") as connection:
            await self._catalogue.refresh(connection)
            graph = await self._places.refresh(connection)
        return Knowledge(
            indicators=self._catalogue.indicators,
            agencies=self._catalogue.agencies,
            calendars=self._catalogue.calendars,
            places=graph,
            past_contracts=dict(self._catalogue.past_contracts),
            owed=self._catalogue.owed,
            announced=by_indicator(self._catalogue.announced_obligations()),
            withheld=self._catalogue.withheld,
            expected=PostgresExpectedSets(),
        )
