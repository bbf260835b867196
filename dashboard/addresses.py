"""Addresses of this page: the language and the theme are part of them.

A link or a QR code therefore opens the same view anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from dashboard.text import LANGUAGES, Language, known_language

THEMES = ("light", "dark")
HOME = "/"
SIGN_IN = "/dang-nhap"
SIGN_OUT = "/dang-xuat"
AGAIN = "lai"
"""In the query of the log-in: show it even to whoever still has a cookie."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How somebody looks at the page; an empty theme follows the machine's."""

    language: Language
    theme: str = ""

    def address(self, path: str, *, language: str = "", theme: str = "") -> str:
        """Return a path that keeps this view, or changes one part of it."""
        query = {"lang": language or self.language}
        if chosen := theme or self.theme:
            query["theme"] = chosen
        return f"{path}?{urlencode(query)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One item of the menu: what it sets, how it is called, where it leads."""

    code: str
    name: str
    short: str
    href: str
    chosen: bool = False


def view_of(query: Mapping[str, str], otherwise: Language) -> View:
    """Return the view an address asks for; unknown words count as not given."""
    theme = query.get("theme", "")
    return View(
        language=known_language(query.get("lang"), otherwise),
        theme=theme if theme in THEMES else "",
    )


def language_choices(view: View, path: str, names: Mapping[str, str]) -> list[Choice]:
    """Return a link for each language, to the same view of the same page."""
    return [
        Choice(
            code=code,
            name=names[code],
            short=code.upper(),
            href=view.address(path, language=code),
            chosen=code == view.language,
        )
        for code in LANGUAGES
    ]


def theme_choices(view: View, path: str, names: Mapping[str, str]) -> list[Choice]:
    """Return a link for each theme."""
    return [
        Choice(
            code=code,
            name=names[code],
            short=code,
            href=view.address(path, theme=code),
            chosen=code == view.theme,
        )
        for code in THEMES
    ]
