"""What ``status`` prints can be read on a screen of 80 columns."""

import pytest

from city_node.cli import PROGRAM as NODE
from federation.commands.status import Status, print_status
from province_hub.cli import PROGRAM as HUB

WHY = "The parent refuses the stream: its epoch is older than the one it knows."
LINK = {
    "stream": "nghe-an-vinh",
    "parent": "nghe-an",
    "state": "refused",
    "epoch": 1,
    "sealed": 1204,
    "acknowledged": 1198,
    "pending_rows": 60,
    "last_acknowledged_at": "2026-11-22T14:54:05.123456Z",
    "last_error": {"vi": "Cấp trên từ chối luồng.", "en": WHY},
}
RUN = {
    "id": 12,
    "subsystem": "environment",
    "input": "push",
    "started_at": "2026-11-22T14:54:05.123456Z",
    "ended_at": "2026-11-22T14:54:06.123456+00:00",
    "report": {"landed": 731, "changed": 42, "rejected_count": 9},
}
CHILD = {
    "stream": "vinh",
    "node": "vinh",
    "connected": True,
    "epoch": 1,
    "high_watermark": 1204,
    "projected": 1198,
    "last_committed_at": "2026-11-22T17:00:00Z",
    "complete_through": {"vn day": "2026-11-21"},
    "dead_letters": 0,
}
STATUS = Status(
    ready=True,
    checks=[{"name": "database", "ok": True, "why": None}],
    pages={
        "/api/v1/links": [LINK, {**LINK, "stream": "", "last_error": None}],
        "/api/v1/ingests": [RUN, {**RUN, "id": 13, "ended_at": None, "report": None}],
        "/api/v1/children": [CHILD],
    },
)


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("IOC_LANGUAGE", "en")


def test_error_stands_whole_on_one_line_in_the_language_of_the_reader(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    print_status(STATUS, NODE.pages)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Last error")] == [
        f"Last error – nghe-an-vinh: {WHY}"
    ]
    monkeypatch.setenv("IOC_LANGUAGE", "vi")
    print_status(STATUS, NODE.pages)
    told = "Lỗi gần nhất – nghe-an-vinh: Cấp trên từ chối luồng."
    assert told in capsys.readouterr().out.splitlines()


def test_times_are_those_of_the_clock_on_the_wall(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_status(STATUS, (*NODE.pages, *HUB.pages))
    shown = capsys.readouterr().out
    for time in ("22/11 21:54:05", "22/11 21:54:06", "23/11 00:00:00"):
        assert time in shown


def test_ingests_tell_what_came_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(STATUS, NODE.pages)
    lines = capsys.readouterr().out.splitlines()
    run = next(line for line in lines if line.split()[:1] == ["12"])
    assert run.split()[1] == "environment"
    assert run.split()[-3:] == ["731", "42", "9"]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_tables_fit_a_screen(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOC_LANGUAGE", language)
    print_status(STATUS, (*NODE.pages, *HUB.pages))
    lines = capsys.readouterr().out.splitlines()
    below = ("Last error", "Lỗi gần nhất")
    assert max(len(line) for line in lines if not line.startswith(below)) <= 80


def test_a_name_in_square_brackets_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = {**RUN, "input": "[/x].csv"}
    print_status(
        Status(ready=True, checks=[], pages={"/api/v1/ingests": [run]}), NODE.pages
    )
    assert "[/x].csv" in capsys.readouterr().out
