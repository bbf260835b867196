"""The document around the application, in the visitor's language.

Streamlit serves its own document with a fixed ``lang="en"`` and an inline script. Ours
is made from it once: the language is the visitor's, our style sheet and script are in
it, and what it runs are files of this machine, so the content policy can say so.
"""

import re
from functools import cache
from html import escape
from importlib import resources

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.addresses import HOME, NEXT, SIGN_IN, view_of
from dashboard.navigation import page_title
from dashboard.site import current
from dashboard.text import Texts, texts

_HEAD = """<link rel="icon" href="/ioc/icon.svg" type="image/svg+xml" />
    <link rel="alternate icon" href="/ioc/icon.png" type="image/png" />
    <script src="/ioc/shell.js"></script>
    <link rel="stylesheet" href="/ioc/style.css" />"""


@cache
def _document() -> str:
    """Return Streamlit's document with everything replaced that is not per visitor."""
    source = resources.files(streamlit).joinpath("static/index.html")
    text = source.read_text(encoding="utf-8")
    for pattern, put in (
        (r"\A\s*<!--.*?-->\s*", ""),
        (r"<!--.*?-->", ""),
        (r'<link rel="shortcut icon"[^>]*/>', _HEAD),
        (r'<link rel="service-desc"[^>]*/>', ""),
        (r"<script>\s*window\.prerenderReady = false\s*</script>", ""),
        (r'<html lang="en">', '<html lang="__LANG__">'),
        (r"<title>.*?</title>", "<title>__TITLE__</title>"),
        (r"<noscript>.*?</noscript>", "<noscript><p>__NO_SCRIPT__</p></noscript>"),
        (r'<div id="root"></div>', "__ROOT__"),
    ):
        text, count = re.subn(pattern, put, text, flags=re.DOTALL)
        if not count and put:
            message = f"Streamlit's document has changed: nothing matches {pattern}"
            raise RuntimeError(message)
    return text


def document(words: Texts, title: str) -> str:
    """Return the document of a page for one visitor."""
    root = "".join(
        f' data-{name}="{escape(words(key))}"'
        for name, key in (
            ("loading", "app.loading"),
            ("lost", "app.disconnected"),
            ("skip", "app.skip"),
        )
    )
    return (
        _document()
        .replace("__LANG__", words.language)
        .replace("__TITLE__", escape(title))
        .replace("__NO_SCRIPT__", escape(words("app.no_script")))
        .replace("__ROOT__", f'<div id="root"{root}></div>')
    )


async def elsewhere(request: Request) -> Response:
    """Lead an address that has no page to the one that is there."""
    view = view_of(request.query_params, current().config.language)
    return RedirectResponse(view.address(HOME), status_code=303)


async def page(request: Request) -> Response:
    """Answer the application's document, or send a stranger to the log-in."""
    site = current()
    view = view_of(request.query_params, site.config.language)
    if site.config.cookie_name not in request.cookies:
        after = {NEXT: request.url.path.removeprefix(HOME)}
        return RedirectResponse(view.here(SIGN_IN, after), status_code=303)
    words = texts(view.language)
    body = document(words, page_title(site.config, words, request.url.path))
    return HTMLResponse(body, headers={"Content-Language": view.language})
