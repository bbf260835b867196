"""What the settings of feeds refuse before anything runs."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from city_node.config import PollSettings, WatchSettings


def test_a_folder_has_its_archive_and_rejects_inside_unless_told_otherwise() -> None:
    watch = WatchSettings(id="inbox", folder=Path("/srv/inbox"))
    assert watch.archive_folder == Path("/srv/inbox/archive")
    assert watch.reject_folder == Path("/srv/inbox/reject")
    assert watch.subsystem == "any"


@pytest.mark.parametrize(
    "folders",
    [
        {"archive": Path("/srv/inbox")},
        {"archive": Path("/srv/x"), "reject": Path("/srv/x")},
    ],
)
def test_a_folder_that_would_read_its_own_archive_is_refused(
    folders: dict[str, Path],
) -> None:
    with pytest.raises(ValidationError, match="khác nhau"):
        WatchSettings(id="inbox", folder=Path("/srv/inbox"), **folders)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "ftp://host/file"},
        {"url": "https:///file"},
        {"url": "https://host:99999/file"},
        {"url": "https://[::1/file"},
        {"url": "https://host/\x01file"},
        {"url": "https://xn--0/file"},
        {"url": "https://user:password@host/file"},
        {
            "url": "http://host/file",
            "secret_header": "Authorization",
            "secret_path": Path("/s"),
        },
        {"url": "https://host/file", "secret_header": "Authorization"},
        {"url": "https://host/file", "secret_path": Path("/s")},
    ],
)
def test_an_address_that_would_tell_its_secret_is_refused(
    given: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError):
        PollSettings(id="far", **given)


def test_a_secret_may_go_to_this_machine_without_a_certificate() -> None:
    poll = PollSettings(
        id="far",
        url="http://127.0.0.1:8000/a/today.csv?key=1",
        secret_header="Authorization",
        secret_path=Path("/s"),
    )
    assert poll.shown_file_name == "today.csv"
