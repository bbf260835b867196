"""Which page a visitor gets, in which language."""

from collections.abc import Callable

import streamlit as st

from dashboard.addresses import DETAIL, HOME, OWED, View, view_of
from dashboard.app_pages import detail, overview, owed
from dashboard.components.masthead import tier_name
from dashboard.config import DashboardConfig
from dashboard.site import Site, current
from dashboard.text import Texts, texts

DRAWN_BY: dict[str, Callable[[Site, View], None]] = {
    HOME: overview.draw,
    DETAIL: detail.draw,
    OWED: owed.draw,
}
_NAMES = {HOME: "overview", DETAIL: "detail", OWED: "owed"}


def run() -> None:
    """Draw the page the address asks for."""
    site = current()
    view = asked_view()
    words = texts(view.language)
    page = st.navigation(
        [
            st.Page(
                _drawing(path, site, view),
                title=page_title(site.config, words, path),
                url_path=path.removeprefix(HOME),
                default=path == HOME,
            )
            for path in DRAWN_BY
        ],
        position="hidden",
    )
    st.set_page_config(
        page_title=page.title, layout="wide", initial_sidebar_state="collapsed"
    )
    page.run()


def page_title(config: DashboardConfig, words: Texts, path: str) -> str:
    """Return what the window of a page is called."""
    name = words(f"page.{_NAMES.get(path, _NAMES[HOME])}")
    return words("app.title", place=tier_name(config, words), page=name)


def asked_view() -> View:
    """Return how the visitor's address asks to look at what."""
    query = {key: st.query_params[key] for key in st.query_params}
    return view_of(query, current().config.language)


def _drawing(path: str, site: Site, view: View) -> Callable[[], None]:
    def draw() -> None:
        DRAWN_BY[path](site, view)

    # Streamlit tells pages apart by the names of their functions.
    draw.__name__ = f"draw_{_NAMES[path]}"
    return draw
