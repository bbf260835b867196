"""Polls an address: what is new there is taken in, what is not costs one question.

What was read is remembered only after it landed, so that a fall in between makes the
node ask again; it is not remembered while the database is away.
"""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

from city_node.contract import InputFile
from city_node.feeding.fetching import (
    Fetched,
    FetchError,
    Request,
    fetch,
    shown,
)
from city_node.feeding.remembered import PollMemory, Remembered
from city_node.feeding.state import Feed, FeedOutcome
from city_node.feeding.watching import TakeIn
from federation.clock import Clock
from federation.model.indicator import Text

BACKOFF_S = 15.0
"""The pause after the first failure; it doubles up to the interval of the poll."""

JITTER = 0.25
"""A pause is made longer by up to this share, so that nodes don't ask in step."""


@dataclass(frozen=True, kw_only=True)
class PolledAddress:
    """An address and how it is asked; see the settings ``[[poll]]``."""

    id: str
    url: str
    subsystem: str
    file_name: str
    interval_s: float = 3600.0
    timeout_s: float = 60.0
    bytes_max: int = 32 * 1024 * 1024
    secret_header: str = ""
    secret_path: Path | None = None


class Poller:
    """Polls one address.

    Promises: a body is taken in once for each change of it; the same body again does
    nothing, whatever its source calls it. A source that is away is told once, asked
    with growing pauses, and told again when it is back.
    """

    def __init__(
        self,
        address: PolledAddress,
        feed: Feed,
        take_in: TakeIn,
        memory: PollMemory,
        clock: Clock,
        *,
        release: str,
    ) -> None:
        """Poll an address as a release of the program; nothing is asked yet."""
        self._address = address
        self._feed = feed
        self._take_in = take_in
        self._memory = memory
        self._clock = clock
        self._release = release
        self._failures = 0

    async def ask(self) -> float:
        """Ask once; return how many seconds to wait until the next time.

        Raises:
            FederationError: A retriable one; nothing was remembered.
        """
        address = self._address
        try:
            known = await self._known()
            answer = await fetch(self._request(known), self._clock)
        except FetchError as error:
            self._feed.lost(error.text)
            return self._pause_after_failure(error.retry_after_s)
        if isinstance(answer, Fetched):
            await self._take(answer, known)
        elif known is not None and known.failure is not None:
            self._feed.stuck(address.file_name, known.failure)
        self._failures = 0
        self._feed.looked()
        return _spread(address.interval_s)

    async def _known(self) -> Remembered | None:
        known = await self._memory.get(self._address.id)
        if known is None or known.url != self._address.url:
            return None
        return known if known.read_by == self._release else None

    def _request(self, known: Remembered | None) -> Request:
        address = self._address
        secret = ""
        if address.secret_path is not None:
            try:
                # Read each time: a secret that was renewed needs no new start.
                secret = address.secret_path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise FetchError(_no_secret(address)) from error
        return Request(
            url=address.url,
            timeout_s=address.timeout_s,
            bytes_max=address.bytes_max,
            secret_header=address.secret_header if secret else "",
            secret=secret,
            etag="" if known is None else known.etag,
            last_modified="" if known is None else known.last_modified,
        )

    async def _take(self, fetched: Fetched, known: Remembered | None) -> None:
        address = self._address
        digest = hashlib.sha256(fetched.content).digest()
        run, failure = None, None
        if known is not None and known.content_hash == digest:
            run, failure = known.run, known.failure
        else:
            file = InputFile(name=address.file_name, content=fetched.content)
            verdict = await self._take_in(address.subsystem, file)
            run, failure = verdict.run, _failure(verdict.outcome, verdict.failure)
            self._feed.took(address.file_name, verdict.outcome, run)
            self._feed.freed(address.file_name)
        if failure is not None:
            self._feed.stuck(address.file_name, failure)
        await self._memory.put(
            Remembered(
                poll=address.id,
                url=address.url,
                etag=fetched.etag,
                last_modified=fetched.last_modified,
                content_hash=digest,
                read_by=self._release,
                read_at=self._clock.now(),
                run=run,
                failure=failure,
            )
        )

    def _pause_after_failure(self, retry_after_s: float | None) -> float:
        grown = BACKOFF_S * 2 ** min(self._failures, 20)
        self._failures += 1
        pause_s = min(grown, max(self._address.interval_s, BACKOFF_S))
        return _spread(max(pause_s, retry_after_s or 0.0))


def _failure(outcome: FeedOutcome, why: Text | None) -> Text | None:
    if why is not None:
        return why
    if outcome in (FeedOutcome.REJECTED, FeedOutcome.PARTLY):
        return Text(
            vi="Có dòng bị từ chối hoặc không dùng được; xem lần nạp.",
            en="Rows were refused or nothing could be used; see the ingest run.",
        )
    return None


def _spread(pause_s: float) -> float:
    return pause_s * random.uniform(1.0, 1.0 + JITTER)  # noqa: S311


def _no_secret(address: PolledAddress) -> Text:
    return Text(
        vi=f"Không đọc được tệp khóa truy cập {address.secret_path} cho nguồn "
        f"{shown(address.url)}. Hãy kiểm tra tệp và quyền đọc.",
        en=f"The secret's file {address.secret_path} for the source "
        f"{shown(address.url)} can't be read. Check the file and its rights.",
    )
