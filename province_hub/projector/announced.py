"""What the numbers of a stream stand for in its epoch.

Numbers live one epoch: rows of a new one know nothing of those before. They are kept
in tables, so that a projector that starts in the middle of an epoch knows them.
"""

from dataclasses import dataclass, field

from federation.model.indicator import Basis
from federation.model.row import SeriesKey
from federation.storage.pool import PooledConnection
from federation.wire.payload import AnnouncedSeries, Payload


@dataclass(kw_only=True)
class Announced:
    """Numbers of one stream in one epoch. ``origins`` are paths, first issuer first."""

    stream: str
    epoch: int
    series: dict[int, AnnouncedSeries] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)

    async def add(self, connection: PooledConnection, payload: Payload) -> None:
        """Take in the announcements of a frame, here and in the tables."""
        self.series |= {one.number: one for one in payload.series}
        await connection.executemany(
            """INSERT INTO announced_series VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (stream, epoch, number) DO UPDATE SET
                indicator = EXCLUDED.indicator, locality = EXCLUDED.locality,
                agency = EXCLUDED.agency, breakdown = EXCLUDED.breakdown,
                basis = EXCLUDED.basis, contract_hash = EXCLUDED.contract_hash""",
            [
                (
                    self.stream,
                    self.epoch,
                    one.number,
                    one.key.indicator,
                    one.key.locality,
                    one.key.agency,
                    one.key.breakdown,
                    int(one.key.basis),
                    one.contract_hash,
                )
                for one in payload.series
            ],
        )
        sources = {one.number: one.id for one in payload.sources}
        origins = {one.number: "/".join(one.streams) for one in payload.origins}
        self.sources |= sources
        self.origins |= origins
        await self._add_names(connection, "source", sources)
        await self._add_names(connection, "origin", origins)

    async def _add_names(
        self, connection: PooledConnection, kind: str, names: dict[int, str]
    ) -> None:
        await connection.executemany(
            """INSERT INTO announced_name VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (stream, epoch, kind, number)
            DO UPDATE SET name = EXCLUDED.name""",
            [
                (self.stream, self.epoch, kind, number, name)
                for number, name in names.items()
            ],
        )


async def read_announced(
    connection: PooledConnection, stream: str, epoch: int
) -> Announced:
    """Return what a stream has announced in an epoch; older epochs are dropped."""
    for table in ("announced_series", "announced_name"):
        await connection.execute(
            f"DELETE FROM {table} WHERE stream = $1 AND epoch < $2",  # noqa: S608
            stream,
            epoch,
        )
    announced = Announced(stream=stream, epoch=epoch)
    for record in await connection.fetch(
        "SELECT * FROM announced_series WHERE stream = $1 AND epoch = $2",
        stream,
        epoch,
    ):
        announced.series[record["number"]] = AnnouncedSeries(
            number=record["number"],
            key=SeriesKey(
                indicator=record["indicator"],
                locality=record["locality"],
                agency=record["agency"],
                breakdown=record["breakdown"],
                basis=Basis(record["basis"]),
            ),
            contract_hash=record["contract_hash"],
        )
    for record in await connection.fetch(
        "SELECT * FROM announced_name WHERE stream = $1 AND epoch = $2", stream, epoch
    ):
        names = announced.sources if record["kind"] == "source" else announced.origins
        names[record["number"]] = record["name"]
    return announced
