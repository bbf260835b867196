"""What all pages share: the band, who is asking, and what is said when nothing came."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard.addresses import AGAIN, AS_OF, HOME, NEXT, SIGN_IN, View, moment_asked
from dashboard.answers import Answer
from dashboard.client import FailureKind, TierCallError
from dashboard.components.masthead import masthead
from dashboard.components.rendering import render
from dashboard.formatting import duration_text, moment_text
from dashboard.sessions import Visitor
from dashboard.site import Site
from dashboard.text import Texts, texts

MISSED_REFRESHES = 4
"""After so many refreshes without one, the page says that it lost its server."""

Body = Callable[[Visitor, str], list[str]]
"""Reads the tier for a visitor with a token and returns the page's parts as HTML."""


def draw(site: Site, view: View, path: str, body: Body) -> None:
    """Draw a page; its body reads the tier again every now and then."""
    token = st.context.cookies.get(site.config.cookie_name, "")
    visitor = site.sessions.visitor(token) if token else None
    words = texts(view.language)
    st.html(
        masthead(
            site.config,
            words,
            view,
            path=path,
            username=visitor.username if visitor else "",
            signed_in=visitor is not None,
        )
    )

    @st.fragment(run_every=site.config.refresh_interval_s)
    def fragment() -> None:
        if visitor is None:
            parts = [signed_out(words, view, path)]
        else:
            parts = _read(site, words, view, path, lambda: body(visitor, token))
        for part in parts:
            st.html(part)

    fragment()


def _read(
    site: Site, words: Texts, view: View, path: str, body: Callable[[], list[str]]
) -> list[str]:
    """Return the parts of a page, or the one that says why there are none."""
    try:
        return body()
    except TierCallError as error:
        if error.kind is FailureKind.SIGNED_OUT:
            return [signed_out(words, view, path)]
        return [_failed(site, words, view, path, error)]
    except UnreadableMomentError:
        said = words("past.wrong", asked=view.get(AS_OF))
        return [_back_to_now(words, view, path, said)]


def _failed(
    site: Site, words: Texts, view: View, path: str, error: TierCallError
) -> str:
    if error.kind is FailureKind.REFUSED and error.reason is not None:
        reason = words.of(error.reason)
        if view.get(AS_OF):
            return _back_to_now(words, view, path, reason)
        return message("stale", words("failure.refused_title"), reason)
    if error.kind is FailureKind.ABSENT and path != HOME:
        return message(
            "none",
            words("failure.absent_title"),
            words("failure.absent_body"),
            action=words("nav.overview"),
            href=view.address(HOME),
        )
    why = words(f"failure.{error.kind.value}")
    interval = duration_text(site.config.refresh_interval_s, words)
    body = words("failure.nothing_kept", why=why, interval=interval)
    return message("bad", words("failure.title"), body)


def _back_to_now(words: Texts, view: View, path: str, said: str) -> str:
    return message(
        "stale",
        words("past.refused_title"),
        said,
        action=words("past.back"),
        href=view.here(path, {AS_OF: ""}),
    )


class UnreadableMomentError(Exception):
    """The moment in an address is none."""


def asked_moment(view: View) -> datetime | None:
    """Return the moment of the past that a page is asked for.

    Raises:
        UnreadableMomentError: When it is none.
    """
    try:
        return moment_asked(view.get(AS_OF))
    except ValueError as error:
        raise UnreadableMomentError from error


def signed_out(words: Texts, view: View, path: str) -> str:
    """Ask the visitor to sign in again."""
    back = view.here(SIGN_IN, {NEXT: path.removeprefix(HOME)})
    return message(
        "stale",
        words("signed_out.title"),
        words("signed_out.body"),
        action=words("signed_out.action"),
        href=f"{back}&{AGAIN}=1",
    )


def show_broken(view: View) -> None:
    """Say that the page itself failed."""
    words = texts(view.language)
    st.html(message("bad", words("failure.title"), words("failure.script")))


def message(
    slug: str, title: str, body: str, *, action: str = "", href: str = ""
) -> str:
    """Return a page that only says something."""
    return render(
        "message.html", slug=slug, title=title, body=body, action=action, href=href
    )


def title(
    site: Site,
    words: Texts,
    answer: Answer[Any],
    *,
    heading: str,
    sub: str,
    back: str = "",
) -> str:
    """Return the heading of a page, when it was read, and what has failed since."""
    now = site.clock.now()
    read_at = moment_text(answer.read_at, words, seconds=True)
    failure = ""
    if answer.failure is not None:
        age_s = (now - answer.read_at).total_seconds()
        failure = words(
            "failure.kept",
            why=words(f"failure.{answer.failure.value}"),
            moment=read_at,
            age=duration_text(age_s, words),
            interval=duration_text(site.config.refresh_interval_s, words),
        )
    return render(
        "title.html",
        t=words,
        place=heading,
        sub=sub,
        back=back,
        moment=read_at,
        drawn_at_ms=int(now.timestamp() * 1000),
        lost_after_ms=int(MISSED_REFRESHES * site.config.refresh_interval_s * 1000),
        failed=answer.failure is not None,
        failure=failure,
    )
