"""What was last read from a polled address, and the store that remembers it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from federation.model.indicator import Text
from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS, Pool


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """The state of a source when it was last read.

    ``read_by`` is the release that read it: another one may read what this one
    refused, so it asks again. ``failure`` is why nothing of it could be used.
    """

    poll: str
    url: str
    etag: str
    last_modified: str
    content_hash: bytes
    read_by: str
    read_at: datetime
    run: int | None = None
    failure: Text | None = None


class PollMemory(Protocol):
    """Remembers what was read, poll by poll."""

    async def get(self, poll: str) -> Remembered | None:
        """Return what was last read."""
        ...

    async def put(self, remembered: Remembered) -> None:
        """Remember what was read, in place of what was before."""
        ...


class MemoryOfPolls:
    """The twin in memory."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._polls: dict[str, Remembered] = {}

    async def get(self, poll: str) -> Remembered | None:
        """Return what was last read."""
        return self._polls.get(poll)

    async def put(self, remembered: Remembered) -> None:
        """Remember what was read."""
        self._polls[remembered.poll] = remembered


class StoredPolls:
    """Remembers in the node's database."""

    def __init__(self, pool: Pool) -> None:
        """Use a pool of the node's database."""
        self._pool = pool

    async def get(self, poll: str) -> Remembered | None:
        """Return what was last read.

        Raises:
            StorageError: The database can't be asked.
        """
        try:
            row = await self._pool.fetchrow(
                "SELECT * FROM feeding_poll WHERE poll = $1", poll
            )
        except DRIVER_ERRORS as error:
            raise classify(error, doing="read a poll") from error
        if row is None:
            return None
        vi, en = row["failure_vi"], row["failure_en"]
        return Remembered(
            poll=row["poll"],
            url=row["url"],
            etag=row["etag"],
            last_modified=row["last_modified"],
            content_hash=row["content_hash"],
            read_by=row["read_by"],
            read_at=row["read_at"],
            run=row["run"],
            failure=Text(vi=vi, en=en) if vi or en else None,
        )

    async def put(self, remembered: Remembered) -> None:
        """Remember what was read.

        Raises:
            StorageError: The database can't be written.
        """
        failure = remembered.failure or Text(vi="", en="")
        try:
            await self._pool.execute(
                "INSERT INTO feeding_poll (poll, url, etag, last_modified,"
                " content_hash, read_by, read_at, run, failure_vi, failure_en)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                " ON CONFLICT (poll) DO UPDATE SET url = excluded.url,"
                " etag = excluded.etag, last_modified = excluded.last_modified,"
                " content_hash = excluded.content_hash, read_by = excluded.read_by,"
                " read_at = excluded.read_at, run = excluded.run,"
                " failure_vi = excluded.failure_vi, failure_en = excluded.failure_en",
                remembered.poll,
                remembered.url,
                remembered.etag,
                remembered.last_modified,
                remembered.content_hash,
                remembered.read_by,
                remembered.read_at,
                remembered.run,
                failure.vi,
                failure.en,
            )
        except DRIVER_ERRORS as error:
            raise classify(error, doing="remember a poll") from error
