"""Tables in Markdown, and the places in a document where they go."""

import re
from collections.abc import Iterable, Mapping, Sequence

MARKED = re.compile(r"<!-- table: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.S)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars and line ends in cells are made harmless."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def code(text: str) -> str:
    """Return text as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def names(document: str) -> list[str]:
    """Return the names of a document's tables."""
    return [found["name"] for found in MARKED.finditer(document)]


def filled(document: str, tables: Mapping[str, str]) -> str:
    """Return a document with its tables written anew."""

    def written(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- table: {name} -->\n\n{tables[name]}\n\n<!-- end -->"

    return MARKED.sub(written, document)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
