"""What a watched folder promises, cut off at any point and in any company."""

import errno
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from city_node.contract import InputFile, Place, Rejected
from city_node.feeding import folder
from city_node.feeding.state import Feed, FeedKind, FeedOutcome
from city_node.feeding.verdict import Verdict
from city_node.feeding.watching import WatchedFolder, Watcher
from city_node.intake.report import IngestReport
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.observability.metrics import Metrics
from tests.unit.node.sample import NOW

SETTLE = timedelta(seconds=10)


def report(name: str, *, landed: int = 1, refused: int = 0) -> IngestReport:
    return IngestReport(
        run=7,
        subsystem="sample",
        input=name,
        reader="sample",
        dry_run=False,
        complete=False,
        started_at=NOW,
        ended_at=NOW,
        landed=landed,
        changed=0,
        unchanged=0,
        deleted=0,
        skipped=(),
        rejected_count=refused,
        rejected=tuple(
            Rejected(
                place=Place(file=name, row=row, column="Giá trị"),
                text_vi="không phải là số. Hãy sửa ô này",
                text_en="no number. Correct the cell",
            )
            for row in range(2, 2 + refused)
        ),
    )


class Desk:
    """A folder, whoever takes its files in, and the time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "in"
        self.archive = root / "archive"
        self.reject = root / "reject"
        self.inbox.mkdir()
        self.clock = ManualClock(NOW)
        self.metrics = Metrics()
        self.taken: list[InputFile] = []
        self.verdict: Callable[[InputFile], Verdict] = lambda file: Verdict(
            report=report(file.name)
        )
        self.start()

    def start(self, **changes: Any) -> None:
        """Begin anew, as after a fall: nothing is remembered."""
        self.feed = Feed(
            id="desk",
            kind=FeedKind.WATCH,
            place=str(self.inbox),
            subsystem="any",
            clock=self.clock,
            metrics=self.metrics,
        )
        given: dict[str, Any] = {
            "folder": self.inbox,
            "archive": self.archive,
            "reject": self.reject,
            "subsystem": "any",
            "settle": SETTLE,
        }
        watched = WatchedFolder(**(given | changes))
        self.watcher = Watcher(watched, self.feed, self._take_in, self.clock)

    async def _take_in(self, subsystem: str, file: InputFile) -> Verdict:
        self.taken.append(file)
        return self.verdict(file)

    def put(self, name: str, content: bytes = b"x") -> Path:
        path = self.inbox / name
        path.write_bytes(content)
        return path

    async def look(self, *, settle: bool = True) -> None:
        await self.watcher.look()
        if settle:
            self.clock.advance(SETTLE)
            await self.watcher.look()

    def names(self, where: Path) -> list[str]:
        return sorted(path.name for path in where.rglob("*") if path.is_file())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_file_is_read_reported_on_and_archived_by_day(desk: Desk) -> None:
    desk.put("báo cáo.csv", b"figures")
    await desk.look()
    assert [file.content for file in desk.taken] == [b"figures"]
    assert desk.names(desk.inbox) == []
    day = desk.archive / "2026-11-22"
    file, written, text = desk.names(day)
    assert file.startswith("báo cáo.")
    assert (day / file).read_bytes() == b"figures"
    said = json.loads((day / written).read_text())
    assert (said["outcome"], said["report"]["landed"]) == ("archived", 1)
    assert "ĐÃ NHẬN" in (day / text).read_text("utf-8-sig")
    assert desk.feed.state.outcome is FeedOutcome.ARCHIVED
    assert desk.feed.state.run == 7


async def test_a_file_still_being_copied_is_left_alone(desk: Desk) -> None:
    path = desk.put("a.csv", b"half")
    await desk.look(settle=False)
    desk.clock.advance(SETTLE)
    path.write_bytes(b"half and more")
    await desk.look(settle=False)
    assert desk.taken == []
    assert desk.feed.state.waiting == 1
    desk.clock.advance(SETTLE)
    await desk.look(settle=False)
    assert [file.content for file in desk.taken] == [b"half and more"]


@pytest.mark.parametrize("name", [".hidden.csv", "~$book.csv", "a.csv.part", "b.txt"])
async def test_what_is_no_finished_input_is_left_alone(desk: Desk, name: str) -> None:
    desk.start(pattern="*.csv*")
    desk.put(name)
    await desk.look()
    assert desk.taken == []
    assert desk.names(desk.inbox) == [name]


async def test_nothing_in_the_archive_is_ever_overwritten(desk: Desk) -> None:
    for _ in range(3):
        desk.put("a.csv", b"the same")
        await desk.look()
    desk.put("a.csv", b"another")
    await desk.look()
    kept = [name for name in desk.names(desk.archive) if ".report." not in name]
    assert len(kept) == 4
    assert len({name.partition(".report")[0] for name in desk.names(desk.archive)}) == 4


async def test_an_unusable_file_goes_to_the_rejects_with_the_reason(
    desk: Desk,
) -> None:
    desk.verdict = lambda file: Verdict(failure=Text(vi="tệp hỏng", en="damaged"))
    desk.put("a.xlsx")
    await desk.look()
    assert desk.names(desk.archive) == []
    file, written, text = desk.names(desk.reject)
    assert file.endswith(".xlsx")
    shown = (desk.reject / "2026-11-22" / text).read_text("utf-8-sig")
    assert "tệp hỏng" in shown
    assert "damaged" in shown
    assert json.loads((desk.reject / "2026-11-22" / written).read_text())["failure"]
    assert desk.feed.state.outcome is FeedOutcome.REJECTED


async def test_refused_rows_leave_a_report_and_the_rows_in_the_rejects(
    desk: Desk,
) -> None:
    desk.verdict = lambda file: Verdict(
        report=report(file.name, refused=2), again=b"h\r\nx\r\n"
    )
    desk.put("a.csv")
    await desk.look()
    assert len(desk.names(desk.archive)) == 3
    again, written, text = desk.names(desk.reject)
    assert again.endswith(".refused.csv")
    shown = (desk.reject / "2026-11-22" / text).read_text("utf-8-sig")
    for said in ("a.csv dòng/row 2 cột/column Giá trị", "Hãy sửa ô này", again):
        assert said in shown
    assert "Correct the cell" in shown
    assert (
        json.loads((desk.reject / "2026-11-22" / written).read_text())[
            "refused_rows_file"
        ]
        == again
    )


class Killed(BaseException):
    """The power goes."""


@pytest.mark.parametrize("step", range(12))
async def test_a_fall_at_any_step_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    desk.verdict = lambda file: Verdict(
        report=report(file.name, refused=1), again=b"again"
    )
    desk.put("a.csv", b"figures")
    left = step

    def falling(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **how: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                raise Killed
            return real(*args, **how)

        return call

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "fsync"):
            patched.setattr(folder.os, name, falling(getattr(os, name)))
        try:
            await desk.look()
        except Killed:
            assert list(desk.inbox.glob("a.csv")) or any(
                path.read_bytes() == b"figures"
                for path in desk.archive.rglob("a.*.csv")
            )
    desk.start()
    await desk.look()
    assert desk.names(desk.inbox) == []
    (kept,) = (
        path
        for path in desk.archive.rglob("a.*.csv")
        if not path.name.endswith(".refused.csv")
    )
    assert kept.read_bytes() == b"figures"
    assert kept.with_name(kept.name + ".report.txt").is_file()
    assert not list(desk.root.rglob("*.part"))


async def test_across_file_systems_the_copy_is_whole_before_the_original_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_device(*_: Any, **__: Any) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(folder.os, "rename", another_device)
    desk.put("a.csv", b"figures" * 1000)
    await desk.look()
    assert desk.names(desk.inbox) == []
    kept = [name for name in desk.names(desk.archive) if ".report." not in name]
    assert len(kept) == 1
    assert (desk.archive / "2026-11-22" / kept[0]).read_bytes() == b"figures" * 1000


async def test_a_link_is_never_followed_to_read(desk: Desk) -> None:
    secret = desk.root / "secret"
    secret.write_bytes(b"not for you")
    (desk.inbox / "a.csv").symlink_to(secret)
    (desk.inbox / "fifo.csv").unlink(missing_ok=True)
    os.mkfifo(desk.inbox / "fifo.csv")
    (desk.inbox / "folder.csv").mkdir()
    await desk.look()
    assert desk.taken == []


async def test_a_file_swapped_for_a_link_after_it_was_seen_is_not_read(
    desk: Desk,
) -> None:
    path = desk.put("a.csv")
    (found,) = folder.find(desk.inbox, "*")
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(OSError):
        folder.read(desk.inbox, found, bytes_max=100)


async def test_a_link_in_place_of_the_archive_is_not_followed(desk: Desk) -> None:
    elsewhere = desk.root / "elsewhere"
    elsewhere.mkdir()
    desk.archive.symlink_to(elsewhere)
    desk.put("a.csv")
    with capture_logs() as logs:
        await desk.look()
        await desk.look()
    assert desk.names(elsewhere) == []
    assert desk.names(desk.inbox) == ["a.csv"]
    assert [each["event"] for each in logs].count("feed_file_stuck") == 1
    assert len(desk.taken) == 1, "read once: only putting it away is tried again"
    desk.archive.unlink()
    with capture_logs() as logs:
        await desk.look(settle=False)
    assert [each["event"] for each in logs] == ["feed_file_goes_on", "feed_took"]
    assert len(desk.taken) == 1
    assert desk.feed.state.problems == ()


async def test_a_folder_that_is_away_is_told_once_and_its_return_once(
    desk: Desk,
) -> None:
    desk.inbox.rmdir()
    with capture_logs() as logs:
        for _ in range(3):
            await desk.look()
    assert [each["event"] for each in logs] == ["feed_lost"]
    assert desk.feed.state.failure is not None
    assert str(desk.inbox) in desk.feed.state.failure.vi
    assert desk.feed.state.failing_since == NOW
    desk.inbox.mkdir()
    with capture_logs() as logs:
        await desk.look()
    assert [each["event"] for each in logs] == ["feed_returned"]
    assert desk.feed.state.failure is None


async def test_a_file_beyond_the_limit_is_put_aside_unread(desk: Desk) -> None:
    desk.start(bytes_max=4)
    desk.put("a.csv", b"12345")
    await desk.look()
    assert desk.taken == []
    assert len(desk.names(desk.reject)) == 3


async def test_a_file_stays_while_the_database_is_away(desk: Desk) -> None:
    def away(file: InputFile) -> Verdict:
        raise FederationError(ErrorCode.STORAGE_UNAVAILABLE, "tạm dừng", "away")

    desk.verdict = away
    desk.put("a.csv")
    with pytest.raises(FederationError):
        await desk.look()
    assert desk.names(desk.inbox) == ["a.csv"]
    desk.verdict = lambda file: Verdict(report=report(file.name))
    await desk.look()
    assert desk.names(desk.inbox) == []


async def test_a_file_replaced_while_it_was_read_is_read_again(desk: Desk) -> None:
    path = desk.put("a.csv", b"old")

    def slow(file: InputFile) -> Verdict:
        if file.content == b"old":
            path.write_bytes(b"brand new")
        return Verdict(report=report(file.name))

    desk.verdict = slow
    await desk.look()
    assert path.read_bytes() == b"brand new"
    await desk.look()
    assert [file.content for file in desk.taken] == [b"old", b"brand new"]
    kept = [name for name in desk.names(desk.archive) if ".report." not in name]
    assert len(kept) == 1


async def test_corrections_come_after_what_they_correct(desk: Desk) -> None:
    for age, name in enumerate(("newest.csv", "middle.csv", "oldest.csv")):
        path = desk.put(name)
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    await desk.look()
    assert [file.name for file in desk.taken] == [
        "oldest.csv",
        "middle.csv",
        "newest.csv",
    ]


@pytest.mark.parametrize(
    "name",
    ["%2e%2e%2fescape.csv", "x" * 250 + ".csv", "tab\there.csv", "a.", "é" * 120],
)
async def test_any_name_is_put_away_inside_its_folder(desk: Desk, name: str) -> None:
    desk.put(name)
    await desk.look()
    assert desk.names(desk.inbox) == []
    assert len(desk.names(desk.archive)) == 3
    assert sorted(path.name for path in desk.root.iterdir()) == ["archive", "in"]


async def test_a_name_that_is_no_text_is_put_away_too(desk: Desk) -> None:
    descriptor = os.open(os.fsencode(desk.inbox) + b"/b\xe1o.csv", os.O_CREAT, 0o600)
    os.close(descriptor)
    await desk.look()
    assert desk.names(desk.inbox) == []
    assert len(desk.names(desk.archive)) == 3
