"""Finding columns by what their headings say.

Headings of one column stand in several rows, are merged over columns, broken by
hyphens and line ends, written with or without accents, composed or not. So texts are
compared folded: without case, accents and repeated spaces, đ as d.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

# đ; the horn of ơ and ư, the hook and the dot below; Latin letters share the rest.
_VIETNAMESE = frozenset("đ\u031b\u0309\u0323")
_NOT_A_WORD = re.compile(r"[^0-9a-z%]+")


def fold(text: str) -> str:
    """Return a text without case, accents and repeated spaces; punctuation stays."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).replace("đ", "d").split())


def words(text: str) -> str:
    """Return the folded words of a text with one space between; ``%`` is a word."""
    return " ".join(_NOT_A_WORD.sub(" ", fold(text).replace("%", " % ")).split())


def is_vietnamese(text: str) -> bool:
    """Return whether a text has letters that only Vietnamese writes."""
    marks = unicodedata.normalize("NFD", text.casefold())
    return any(character in _VIETNAMESE for character in marks)


def holds(text: str, phrase: str) -> bool:
    """Return whether folded words hold a phrase as whole words."""
    return f" {phrase} " in f" {text} "


def find_columns(
    cells: Sequence[str], wanted: Mapping[str, Iterable[str]]
) -> dict[str, int] | None:
    """Return the column of each wanted name, or None when one is not there.

    ``wanted`` maps a name to the headings it may stand under, in order of
    preference. Of two columns with one heading the first is taken.
    """
    positions: dict[str, int] = {}
    for column, cell in enumerate(cells):
        positions.setdefault(words(cell), column)
    found: dict[str, int] = {}
    for name, headings in wanted.items():
        for heading in headings:
            if words(heading) in positions:
                found[name] = positions[words(heading)]
                break
        else:
            return None
    return found
