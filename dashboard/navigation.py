"""Which page a visitor gets, in which language."""

import streamlit as st

from dashboard.addresses import View, view_of
from dashboard.app_pages import overview
from dashboard.components.masthead import tier_name
from dashboard.site import current
from dashboard.text import texts


def run() -> None:
    """Draw the page the address asks for."""
    site = current()
    view = asked_view()
    words = texts(view.language)
    st.set_page_config(
        page_title=words("app.title", place=tier_name(site.config, words)),
        layout="wide",
        initial_sidebar_state="collapsed",
    )

    def draw() -> None:
        overview.draw(site, view)

    page = st.navigation(
        [st.Page(draw, title=words("app.overview"), url_path="", default=True)],
        position="hidden",
    )
    page.run()


def asked_view() -> View:
    """Return the language and theme of the visitor's address."""
    query = {key: st.query_params[key] for key in st.query_params}
    return view_of(query, current().config.language)
