"""Every word of the page, in Vietnamese and English, by key."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from federation.api.schemas import TextOut

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Texts:
    """The words of one language; call it with a key and the values of its gaps."""

    def __init__(self, language: Language, entries: Mapping[str, str]) -> None:
        """Keep the flat table of a language."""
        self.language: Language = language
        self._entries = entries

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key. An unknown key raises ``KeyError``."""
        words = self._entries[key]
        return words.format(**values) if values else words

    def get(self, key: str, otherwise: str) -> str:
        """Return the words of a key that may be unknown, like a new unit."""
        return self._entries.get(key, otherwise)

    def of(self, text: TextOut) -> str:
        """Return a text of the tier in this language."""
        return text.vi if self.language == "vi" else text.en

    def keys(self) -> frozenset[str]:
        """Return all keys."""
        return frozenset(self._entries)


@cache
def texts(language: Language) -> Texts:
    """Return the words of a language."""
    entries: dict[str, str] = {}
    for name in (language, f"{language}_detail"):
        source = resources.files(__name__).joinpath(f"{name}.toml")
        tree = tomllib.loads(source.read_text(encoding="utf-8"))
        entries |= _flat(tree)
    return Texts(language, entries)


def known_language(asked: str | None, otherwise: Language) -> Language:
    """Return the language asked for, or another where it is none of ours."""
    return next((known for known in LANGUAGES if known == asked), otherwise)


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
