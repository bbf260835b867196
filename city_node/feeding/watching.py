"""Watches a folder: what is put there is read, reported on and put away."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from city_node.contract import InputFile
from city_node.feeding import folder, reports
from city_node.feeding.folder import ChangedMeanwhileError, Found, Place
from city_node.feeding.state import Feed, FeedOutcome
from city_node.feeding.verdict import Verdict
from federation.clock import Clock
from federation.model.indicator import Text
from federation.model.period import LOCAL

TakeIn = Callable[[str, InputFile], Awaitable[Verdict]]

DIGEST_DIGITS = 8
"""Of the hash of its content, in the name of a file that was put away."""


@dataclass(frozen=True, kw_only=True)
class WatchedFolder:
    """A folder, and where its files go; see the settings ``[[watch]]``."""

    folder: Path
    archive: Path
    reject: Path
    subsystem: str
    pattern: str = "*"
    settle: timedelta = timedelta(seconds=10)
    bytes_max: int = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A file and since when it has been like that."""

    found: Found
    since: datetime


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A file that was taken in, and what came of it."""

    found: Found
    digest: str
    verdict: Verdict


class Watcher:
    """Watches one folder.

    Promises: a file is taken in only when nobody touched it for the settling time; it
    leaves the folder only into the archive or the rejects, after its report; nothing
    there is overwritten. Cut off at any point the file is taken in again, which
    changes nothing. Does not promise to see a file that is taken away in between.
    """

    def __init__(
        self, watched: WatchedFolder, feed: Feed, take_in: TakeIn, clock: Clock
    ) -> None:
        """Watch a folder; nothing is looked at yet."""
        self._watched = watched
        self._feed = feed
        self._take_in = take_in
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        # Taken in and not put away yet: what stands in the way is not the reading.
        self._taken: dict[str, _Taken] = {}

    async def look(self) -> None:
        """Look into the folder once and take in what has settled.

        Raises:
            FederationError: A retriable one; what was not taken in stays where it is.
        """
        watched = self._watched
        try:
            files = await asyncio.to_thread(
                folder.find, watched.folder, watched.pattern
            )
        except OSError as error:
            self._feed.lost(_not_readable(watched.folder, error))
            return
        settled = self._settled(files)
        self._feed.looked(waiting=len(files))
        for found in settled:
            await self._take(found)
        taken = len(settled) - len(self._feed.stuck_files)
        self._feed.looked(waiting=max(len(files) - taken, 0))

    def _settled(self, files: list[Found]) -> list[Found]:
        now = self._clock.now()
        seen = {}
        for found in files:
            before = self._seen.get(found.name)
            same = before is not None and before.found == found
            seen[found.name] = (
                before if same and before else _Seen(found=found, since=now)
            )
        for gone in self._seen.keys() - seen.keys():
            self._taken.pop(gone, None)
            self._feed.freed(folder.printable(gone))
        self._seen = seen
        return [
            each.found
            for each in seen.values()
            if now - each.since >= self._watched.settle
        ]

    async def _take(self, found: Found) -> None:
        """Take in one file and put it away, or tell what stands in the way."""
        try:
            taken = self._taken.get(found.name)
            if taken is None or taken.found != found:
                taken = await self._taken_in(found)
                self._taken[found.name] = taken
            await asyncio.to_thread(self._put_away, taken)
        except (ChangedMeanwhileError, FileNotFoundError):
            # Somebody goes on writing, or took it back: look again later.
            self._seen.pop(found.name, None)
            return
        except OSError as error:
            self._feed.stuck(found.shown, _stuck(found, error))
            return
        self._taken.pop(found.name, None)
        self._seen.pop(found.name, None)
        self._feed.freed(found.shown)
        self._feed.took(found.shown, taken.verdict.outcome, taken.verdict.run)

    async def _taken_in(self, found: Found) -> _Taken:
        watched = self._watched
        content = await asyncio.to_thread(
            folder.read, watched.folder, found, bytes_max=watched.bytes_max
        )
        digest = hashlib.sha256(content).hexdigest()[:DIGEST_DIGITS]
        if len(content) > watched.bytes_max:
            verdict = Verdict(failure=_too_large(found, watched.bytes_max))
        else:
            file = InputFile(name=found.shown, content=content)
            verdict = await self._take_in(watched.subsystem, file)
        return _Taken(found=found, digest=digest, verdict=verdict)

    def _put_away(self, taken: _Taken) -> None:
        """Write the reports and move the file: last, so that none is without them."""
        watched, verdict, found = self._watched, taken.verdict, taken.found
        now = self._clock.now()
        day = now.astimezone(LOCAL.zone).date().isoformat()
        rejects = Place(watched.reject, day)
        unusable = verdict.outcome is FeedOutcome.REJECTED
        place = rejects if unusable else Place(watched.archive, day)
        name = place.free_name(found.name, taken.digest)
        again = f"{name}{reports.AGAIN_ENDING}" if verdict.again else ""
        told = [place]
        if verdict.outcome is FeedOutcome.PARTLY:
            told.append(rejects)
        for where in told:
            for ending, written in (
                (reports.JSON_ENDING, reports.json_of),
                (reports.TEXT_ENDING, reports.text_of),
            ):
                report = written(found.shown, verdict, at=now, again=again)
                where.write(name + ending, report)
        if again:
            rejects.write(again, verdict.again)
        place.take(watched.folder, found, name)


def _not_readable(path: Path, error: OSError) -> Text:
    return Text(
        vi=f"Không đọc được thư mục {path}: {error.strerror}. Hãy kiểm tra thư mục và "
        "quyền của tài khoản chạy dịch vụ.",
        en=f"The folder {path} can't be read: {error.strerror}. Check the folder and "
        "the rights of the account that runs the service.",
    )


def _stuck(found: Found, error: OSError) -> Text:
    return Text(
        vi=f"Không đọc hoặc chuyển được tệp {found.shown}: {error.strerror}. Hãy cấp "
        "quyền đọc tệp và ghi vào các thư mục lưu, từ chối.",
        en=f"The file {found.shown} can't be read or put away: {error.strerror}. Give "
        "the right to read it and to write to the archive and the rejects.",
    )


def _too_large(found: Found, bytes_max: int) -> Text:
    limit = bytes_max // (1024 * 1024)
    return Text(
        vi=f"Tệp {found.shown} lớn hơn {limit} MiB; hãy chia nhỏ, ví dụ theo tháng.",
        en=f"The file {found.shown} is larger than {limit} MiB; split it, for example "
        "by month.",
    )
