"""Decisions are written down in one form."""

import re
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "adr"
RECORDS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
STATUS = re.compile(r"- Status: (proposed|accepted|superseded by \d{4})$", re.M)


def test_numbers_are_contiguous() -> None:
    numbers = [int(path.name[:4]) for path in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_says_when_why_and_what_follows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert STATUS.search(text)
    day = re.search(r"- Date: (\S+)$", text, re.M)
    assert day
    date.fromisoformat(day.group(1))
    for heading in ("## Context\n", "## Decision\n", "## Consequences\n"):
        assert heading in text
