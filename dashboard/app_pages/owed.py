"""Who owes what to this tier, the silent first."""

from dashboard.addresses import OWED, View
from dashboard.app_pages import frame
from dashboard.components.obligations import owed_view
from dashboard.components.rendering import render
from dashboard.sessions import Visitor
from dashboard.site import Site
from dashboard.text import texts


def draw(site: Site, view: View) -> None:
    """Draw the page."""
    words = texts(view.language)

    def body(visitor: Visitor, token: str) -> list[str]:
        answer = site.readings.owed(visitor, token)
        owed = answer.content
        heading = frame.title(
            site, words, answer, heading=words("owed.title"), sub=words("owed.lead")
        )
        if not owed.items:
            nothing = frame.message(
                "none", words("owed.none_title"), words("owed.none_body")
            )
            return [heading, nothing]
        shown = owed_view(owed.items, owed.names, view, words, more=owed.more)
        return [heading, render("owed.html", t=words, view=shown, more=bool(owed.more))]

    frame.draw(site, view, OWED, body)
