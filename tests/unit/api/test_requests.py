"""Languages and cursors."""

import pytest

from federation.api.requests import language_of, read_cursor, write_cursor
from federation.errors import FederationError


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "vi"),
        ("fr", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("vi-VN,en;q=0.9", "vi"),
        ("en;q=0.1, vi;q=0.2", "vi"),
        ("en;q=x, vi;q=0.2", "vi"),
        ("*", "vi"),
    ],
)
def test_language_is_the_readers_first_choice(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_cursor_comes_back_as_it_was() -> None:
    position = ["chỉ tiêu", 12]
    assert read_cursor(write_cursor(position), list[str | int]) == position


@pytest.mark.parametrize("text", ["", "é", "====", "e30", "W10", "bm9uZQ"])
def test_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(FederationError, match="next"):
        read_cursor(text, tuple[str, int])
