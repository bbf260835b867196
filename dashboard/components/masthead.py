"""The band above everything: who speaks, the language, the theme, the way out."""

from dashboard.addresses import (
    HOME,
    OWED,
    SIGN_OUT,
    Choice,
    View,
    language_choices,
    theme_choices,
)
from dashboard.components.rendering import render
from dashboard.config import DashboardConfig
from dashboard.text import Texts


def tier_name(config: DashboardConfig, texts: Texts) -> str:
    """Return the tier's name as the settings have it, else the word for its level."""
    tier = config.tier
    named = tier.name_vi if texts.language == "vi" else tier.name_en
    return named or texts(f"tier.{tier.level}")


def masthead(
    config: DashboardConfig,
    texts: Texts,
    view: View,
    *,
    path: str,
    username: str = "",
    signed_in: bool = False,
) -> str:
    """Return the band as HTML."""
    languages = {code: texts(f"menu.{code}") for code in ("vi", "en")}
    themes = {code: texts(f"menu.{code}") for code in ("light", "dark")}
    return render(
        "masthead.html",
        t=texts,
        level=texts(f"level.{config.tier.level}"),
        languages=language_choices(view, path, languages),
        themes=theme_choices(view, path, themes),
        pages=_pages(view, path, texts) if signed_in else [],
        signed_in=signed_in,
        username=username,
        sign_out=view.address(SIGN_OUT),
    )


def _pages(view: View, path: str, texts: Texts) -> list[Choice]:
    """Return the pages that are reached from everywhere."""
    return [
        Choice(
            code=code,
            name=texts(f"nav.{code}"),
            short=code,
            href=view.address(target),
            chosen=target == path,
        )
        for code, target in (("overview", HOME), ("owed", OWED))
    ]
