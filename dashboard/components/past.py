"""The choice of a moment, and the band that says a page shows what was known then."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.addresses import AS_OF, View
from dashboard.components.rendering import render
from dashboard.formatting import local, moment_text, parsed_moment
from dashboard.text import Texts
from federation.api.schemas import KnownThen


@dataclass(frozen=True, kw_only=True, slots=True)
class PastView:
    """The band of a page about the past; empty ``words`` on one about the present."""

    words: str
    known_since: str
    back: str
    chosen: str
    newest: str
    action: str
    hidden: list[tuple[str, str]]


def past_part(
    known: KnownThen, view: View, path: str, *, now: datetime, texts: Texts
) -> str:
    """Return the form that chooses a moment, with the band where one is chosen."""
    moment, since = parsed_moment(known.as_of), parsed_moment(known.known_since)
    words = ""
    if moment is not None:
        words = texts(
            "past.band",
            moment=moment_text(moment, texts),
            resolution=texts(f"past.{known.resolution or 'exact'}"),
        )
    hidden = [("lang", view.language), *filter(_is_not_the_moment, view.asked)]
    if view.theme:
        hidden.append(("theme", view.theme))
    return render(
        "past.html",
        t=texts,
        view=PastView(
            words=words,
            known_since=texts("past.known_since", moment=moment_text(since, texts))
            if since is not None
            else "",
            back=view.here(path, {AS_OF: ""}),
            chosen="" if moment is None else f"{local(moment):%Y-%m-%dT%H:%M}",
            # Whole days: the form must stay as it is while somebody fills it in.
            newest=f"{local(now):%Y-%m-%dT23:59}",
            action=path,
            hidden=hidden,
        ),
    )


def _is_not_the_moment(pair: tuple[str, str]) -> bool:
    return pair[0] != AS_OF
