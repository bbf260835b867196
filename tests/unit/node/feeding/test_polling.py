"""What polling promises, against a server that really listens."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from city_node.contract import InputFile
from city_node.feeding.fetching import REDIRECTS_MAX, shown
from city_node.feeding.polling import BACKOFF_S, JITTER, PolledAddress, Poller
from city_node.feeding.remembered import MemoryOfPolls
from city_node.feeding.state import Feed, FeedKind
from city_node.feeding.verdict import Verdict
from federation.clock import ManualClock
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.observability.metrics import Metrics
from tests.unit.node.feeding.source import Said, Source, tagged
from tests.unit.node.feeding.test_watching import report
from tests.unit.node.sample import NOW

SECRET = "Bearer very-secret-token"


@dataclass
class Desk:
    """A poller, its memory, and whoever takes its input in."""

    address: PolledAddress
    memory: MemoryOfPolls = field(default_factory=MemoryOfPolls)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    taken: list[InputFile] = field(default_factory=list)
    failure: Text | None = None
    away: bool = False
    release: str = "1"

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.feed = Feed(
            id="far",
            kind=FeedKind.POLL,
            place=shown(self.address.url),
            subsystem="any",
            clock=self.clock,
            metrics=Metrics(),
        )
        self.poller = Poller(
            self.address,
            self.feed,
            self._take_in,
            self.memory,
            self.clock,
            release=self.release,
        )

    async def _take_in(self, subsystem: str, file: InputFile) -> Verdict:
        if self.away:
            raise FederationError(ErrorCode.STORAGE_UNAVAILABLE, "tạm dừng", "away")
        self.taken.append(file)
        if self.failure is not None:
            return Verdict(failure=self.failure)
        return Verdict(report=report(file.name))

    def change(self, **changes: object) -> None:
        self.address = replace(self.address, **changes)  # type: ignore[arg-type]
        self.start()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Source(tagged(b"figures")) as source:
        yield source


@pytest.fixture
def desk(source: Source) -> Desk:
    return Desk(
        PolledAddress(
            id="far",
            url=f"{source.url}/data/today.csv?key=hidden",
            subsystem="any",
            file_name="today.csv",
            interval_s=600.0,
            timeout_s=5.0,
            bytes_max=1000,
        )
    )


async def test_what_is_new_is_taken_in_once_and_then_only_asked_for(
    desk: Desk, source: Source
) -> None:
    pauses = [await desk.poller.ask() for _ in range(3)]
    assert [file.content for file in desk.taken] == [b"figures"]
    assert [asked.headers.get("if-none-match") for asked in source.asked] == [
        None,
        '"1"',
        '"1"',
    ]
    assert all(600 <= pause <= 600 * (1 + JITTER) for pause in pauses)


async def test_a_restart_remembers_what_was_read(desk: Desk, source: Source) -> None:
    await desk.poller.ask()
    desk.start()
    await desk.poller.ask()
    assert len(desk.taken) == 1
    assert source.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_change_is_taken_in(desk: Desk, source: Source) -> None:
    await desk.poller.ask()
    source.answer = tagged(b"more figures", '"2"')
    await desk.poller.ask()
    assert [file.content for file in desk.taken] == [b"figures", b"more figures"]


async def test_last_modified_is_given_back_where_there_is_no_tag(
    desk: Desk, source: Source
) -> None:
    day = "Sun, 22 Nov 2026 03:00:00 GMT"
    source.answer = lambda asked: Said(headers={"Last-Modified": day}, body=b"figures")
    await desk.poller.ask()
    await desk.poller.ask()
    assert source.asked[1].headers["if-modified-since"] == day
    assert len(desk.taken) == 1, "the same body again does nothing"


async def test_another_release_reads_again_what_it_may_understand_better(
    desk: Desk, source: Source
) -> None:
    await desk.poller.ask()
    desk.release = "2"
    desk.start()
    await desk.poller.ask()
    assert "if-none-match" not in source.asked[-1].headers
    assert len(desk.taken) == 2


async def test_nothing_is_remembered_that_did_not_land(
    desk: Desk, source: Source
) -> None:
    desk.away = True
    with pytest.raises(FederationError):
        await desk.poller.ask()
    desk.away = False
    await desk.poller.ask()
    assert "if-none-match" not in source.asked[-1].headers
    assert len(desk.taken) == 1


async def test_a_source_that_vanishes_is_told_once_and_heals_by_itself(
    desk: Desk, source: Source
) -> None:
    healthy, source.answer = source.answer, lambda asked: Said(status=503)
    with capture_logs() as logs:
        pauses = [await desk.poller.ask() for _ in range(8)]
    assert [each["event"] for each in logs] == ["feed_lost"]
    assert desk.feed.state.failure is not None
    assert BACKOFF_S <= pauses[0] <= BACKOFF_S * (1 + JITTER)
    assert all(later <= 600 * (1 + JITTER) for later in pauses)
    assert pauses[-1] >= 600
    source.answer = healthy
    with capture_logs() as logs:
        await desk.poller.ask()
    assert [each["event"] for each in logs] == ["feed_took", "feed_returned"]
    assert desk.feed.state.failure is None


async def test_nobody_at_the_address_is_no_fault_of_the_node(desk: Desk) -> None:
    desk.change(url="http://127.0.0.1:9/data.csv")
    await desk.poller.ask()
    assert desk.feed.state.failure is not None
    assert "127.0.0.1" in desk.feed.state.failure.vi


async def test_a_source_is_left_alone_for_as_long_as_it_asks(
    desk: Desk, source: Source
) -> None:
    source.answer = lambda asked: Said(status=429, headers={"Retry-After": "7200"})
    assert await desk.poller.ask() >= 7200
    source.answer = lambda asked: Said(
        status=503, headers={"Retry-After": "Sun, 22 Nov 2026 06:00:00 GMT"}
    )
    assert await desk.poller.ask() >= 3 * 3600
    source.answer = lambda asked: Said(status=503, headers={"Retry-After": "soon"})
    assert await desk.poller.ask() <= 600 * (1 + JITTER)


async def test_a_body_beyond_the_limit_is_refused_while_it_streams(
    desk: Desk, source: Source
) -> None:
    source.answer = lambda asked: Said(body=b"x" * 1001)
    await desk.poller.ask()
    assert desk.taken == []
    assert desk.feed.state.failure is not None
    assert "1000" in desk.feed.state.failure.en


async def test_a_body_that_ends_early_is_not_taken_in(
    desk: Desk, source: Source
) -> None:
    source.answer = lambda asked: Said(
        body=b"half", headers={"Content-Length": "100", "Connection": "close"}
    )
    await desk.poller.ask()
    assert desk.taken == []
    assert desk.feed.state.failure is not None


async def test_a_redirect_on_the_same_host_is_followed(
    desk: Desk, source: Source
) -> None:
    moved = tagged(b"figures")

    source.answer = lambda asked: (
        moved(asked)
        if asked.path == "/new"
        else Said(status=302, headers={"Location": "/new"})
    )
    await desk.poller.ask()
    assert [file.content for file in desk.taken] == [b"figures"]


async def test_a_redirect_elsewhere_is_refused_and_gets_no_secret(
    desk: Desk, source: Source, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    desk.change(secret_header="Authorization", secret_path=secret)
    with Source(tagged(b"stolen")) as other:
        source.answer = lambda asked: Said(
            status=302, headers={"Location": f"{other.url}/steal"}
        )
        await desk.poller.ask()
        assert other.asked == []
    assert desk.taken == []
    assert desk.feed.state.failure is not None
    source.answer = lambda asked: Said(
        status=301, headers={"Location": "file:///etc/passwd"}
    )
    await desk.poller.ask()
    assert desk.taken == []


async def test_a_circle_of_redirects_ends(desk: Desk, source: Source) -> None:
    source.answer = lambda asked: Said(status=302, headers={"Location": "/again"})
    await desk.poller.ask()
    assert len(source.asked) == REDIRECTS_MAX + 1
    assert desk.feed.state.failure is not None


async def test_the_secret_is_sent_read_anew_and_never_told(
    desk: Desk, source: Source, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    desk.change(secret_header="Authorization", secret_path=secret)
    with capture_logs() as logs:
        await desk.poller.ask()
        secret.write_text(SECRET + "\n")
        await desk.poller.ask()
        source.answer = lambda asked: Said(status=403)
        await desk.poller.ask()
    assert [asked.headers["authorization"] for asked in source.asked] == [SECRET] * 2
    told = repr(logs) + repr(desk.feed.state) + repr(desk.poller)
    assert SECRET not in told
    assert "hidden" not in told


async def test_input_that_cannot_be_read_is_told_once_and_not_fetched_again(
    desk: Desk, source: Source
) -> None:
    desk.failure = Text(vi="tệp lạ", en="strange")
    with capture_logs() as logs:
        await desk.poller.ask()
        await desk.poller.ask()
        await desk.poller.ask()
    assert [each["event"] for each in logs].count("feed_file_stuck") == 1
    assert len(desk.taken) == 1
    desk.start()
    await desk.poller.ask()
    assert desk.feed.state.problems == (("today.csv", desk.failure),)
    desk.failure = None
    source.answer = tagged(b"good", '"2"')
    await desk.poller.ask()
    assert desk.feed.state.problems == ()


async def test_an_answer_that_takes_too_long_is_left(
    desk: Desk, source: Source
) -> None:
    source.answer = lambda asked: Said(headers={"Content-Length": "10"}, body=b"x")
    desk.change(timeout_s=0.2)
    await desk.poller.ask()
    assert desk.taken == []
    assert desk.feed.state.failure is not None
    desk.clock.advance(timedelta(seconds=1))
    assert desk.feed.state.failing_since == NOW


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
async def test_a_tag_that_cannot_be_given_back_is_not_kept(
    desk: Desk, source: Source, name: str
) -> None:
    source.answer = lambda asked: Said(body=b"figures", headers={name: '"caf\xe9"'})
    await desk.poller.ask()
    await desk.poller.ask()
    assert len(source.asked) == 2
    assert desk.feed.state.failure is None


@pytest.mark.parametrize("where", ["mailto:x", "http://xn--0/", "http://[::1"])
async def test_a_redirect_to_no_address_is_a_failure_of_the_source_alone(
    desk: Desk, source: Source, where: str
) -> None:
    source.answer = lambda asked: Said(status=302, headers={"Location": where})
    await desk.poller.ask()
    assert desk.taken == []
    assert desk.feed.state.failure is not None


async def test_a_secret_that_no_header_can_carry_is_told_without_it(
    desk: Desk, source: Source, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Bearer khóa-riêng")
    desk.change(secret_header="Authorization", secret_path=secret)
    with capture_logs() as logs:
        await desk.poller.ask()
    assert source.asked == []
    assert desk.feed.state.failure is not None
    assert "riêng" not in repr(logs) + repr(desk.feed.state)


async def test_a_packed_answer_is_refused_before_it_is_unpacked(
    desk: Desk, source: Source
) -> None:
    source.answer = lambda asked: Said(
        body=gzip.compress(b"0" * 500), headers={"Content-Encoding": "gzip"}
    )
    await desk.poller.ask()
    assert desk.taken == []
    assert desk.feed.state.failure is not None
    assert "packed" in desk.feed.state.failure.en
