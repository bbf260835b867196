"""Addresses of these pages: what is seen, in which language and theme, is in them.

A link or a QR code therefore opens the same view anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from dashboard.formatting import VIETNAM
from dashboard.text import LANGUAGES, Language, known_language

THEMES = ("light", "dark")
HOME = "/"
DETAIL = "/chi-tieu"
OWED = "/phai-bao-cao"
PAGES = (HOME, DETAIL, OWED)
SIGN_IN = "/dang-nhap"
SIGN_OUT = "/dang-xuat"
AGAIN = "lai"
"""In the query of the log-in: show it even to whoever still has a cookie."""

NEXT = "den"
"""In the query of the log-in: the page to go on to, without its slash."""

INDICATOR = "ma"
LOCALITY = "dv"
PART = "phan"
PERIOD = "ky"
AS_OF = "luc"
BOUNDARIES = "ranh-gioi"
TODAY = "hom-nay"
STANDING = "tinh-trang"
PAGE_NUMBER = "trang"
PARAMETERS = (
    INDICATOR,
    LOCALITY,
    PART,
    PERIOD,
    AS_OF,
    BOUNDARIES,
    STANDING,
    PAGE_NUMBER,
)
"""What an address may ask of a page; other words of a query are left out."""

PARAMETER_CHARS_MAX = 300
"""A longer parameter is none of ours and counts as not given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How somebody looks at which part; an empty theme follows the machine's.

    ``asked`` are the parameters of the page, as given.
    """

    language: Language
    theme: str = ""
    asked: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return a parameter of the page, empty where it was not given."""
        return dict(self.asked).get(name, "")

    def address(
        self,
        path: str,
        asked: Mapping[str, str] | None = None,
        *,
        language: str = "",
        theme: str = "",
    ) -> str:
        """Return a path in this language and theme, asking for something there."""
        query = {"lang": language or self.language}
        if chosen := theme or self.theme:
            query["theme"] = chosen
        given = asked or {}
        query |= {name: given[name] for name in PARAMETERS if given.get(name)}
        if given.get(NEXT):
            query[NEXT] = given[NEXT]
        return f"{path}?{urlencode(query)}"

    def here(
        self,
        path: str,
        changed: Mapping[str, str] | None = None,
        *,
        language: str = "",
        theme: str = "",
    ) -> str:
        """Return this very view at a path, with some of it changed."""
        asked = dict(self.asked) | dict(changed or {})
        return self.address(path, asked, language=language, theme=theme)


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
    asked = ((name, query.get(name, "").strip()) for name in (*PARAMETERS, NEXT))
    return View(
        language=known_language(query.get("lang"), otherwise),
        theme=theme if theme in THEMES else "",
        asked=tuple(
            (name, value)
            for name, value in asked
            if value and len(value) <= PARAMETER_CHARS_MAX
        ),
    )


def next_page(view: View) -> str:
    """Return the page that the log-in leads on to: only one of ours."""
    path = HOME + view.get(NEXT)
    return path if path in PAGES else HOME


def moment_asked(text: str) -> datetime | None:
    """Return the moment of the past an address asks for; without an offset it is local.

    Raises:
        ValueError: When the text is no moment.
    """
    if not text:
        return None
    # A plus sign that was not quoted arrives as a space.
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def language_choices(view: View, path: str, names: Mapping[str, str]) -> list[Choice]:
    """Return a link for each language, to the same view of the same page."""
    return [
        Choice(
            code=code,
            name=names[code],
            short=code.upper(),
            href=view.here(path, language=code),
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
            href=view.here(path, theme=code),
            chosen=code == view.theme,
        )
        for code in THEMES
    ]
