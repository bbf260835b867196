"""Signing in and out: plain documents and forms, before any script runs.

The page's server asks the tier for a session and keeps its token only in a cookie that
no script can read and no other site can send.
"""

from datetime import datetime
from math import ceil
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.addresses import (
    AGAIN,
    HOME,
    NEXT,
    SIGN_IN,
    SIGN_OUT,
    View,
    next_page,
    view_of,
)
from dashboard.client import FailureKind, TierCallError
from dashboard.components.masthead import masthead, tier_name
from dashboard.components.rendering import render
from dashboard.formatting import duration_text, parsed_moment
from dashboard.site import Site, current
from dashboard.text import Texts, texts
from federation.api.schemas import SessionOut

FORM_BYTES_MAX = 8 * 1024
"""A log-in form above this is refused."""

log = structlog.get_logger(__name__)

_STATUS = {
    FailureKind.SIGNED_OUT: 401,
    FailureKind.FORBIDDEN: 403,
    FailureKind.THROTTLED: 429,
    FailureKind.UNREACHABLE: 503,
    FailureKind.ABSENT: 502,
    FailureKind.REFUSED: 502,
    FailureKind.BROKEN: 502,
}


async def show(request: Request) -> Response:
    """Answer the log-in page; whoever is signed in goes on."""
    site = current()
    view = view_of(request.query_params, site.config.language)
    if site.config.cookie_name in request.cookies and AGAIN not in request.query_params:
        return RedirectResponse(_onward(view), status_code=303)
    return _page(site, view)


async def sign_in(request: Request) -> Response:
    """Take the form, open a session at the tier, set the cookie."""
    site = current()
    view = view_of(request.query_params, site.config.language)
    words = texts(view.language)
    if not comes_from_here(request):
        return _page(site, view, problem=words("login.foreign"), status=403)
    form = await _form(request)
    if form is None:
        return _page(site, view, problem=words("login.empty"), status=413)
    username, password = form.get("username", "").strip(), form.get("password", "")
    if not username or not password:
        problem = words("login.empty")
        return _page(site, view, problem=problem, username=username, status=400)
    address = request.client.host if request.client else ""
    try:
        session = await run_in_threadpool(
            site.client.sign_in, username, password, address=address
        )
    except TierCallError as error:
        log.info("sign_in_failed", why=error.kind.value)
        problem, status = problem_text(error, words), _STATUS[error.kind]
        answer = _page(site, view, problem=problem, username=username, status=status)
        if error.retry_after_s is not None:
            answer.headers["Retry-After"] = str(ceil(error.retry_after_s))
        return answer
    return _welcome(request, site, view, session)


async def sign_out(request: Request) -> Response:
    """End the session here and at the tier; the cookie goes in any case."""
    site = current()
    view = view_of(request.query_params, site.config.language)
    if not comes_from_here(request):
        return RedirectResponse(view.address(HOME), status_code=303)
    token = request.cookies.get(site.config.cookie_name, "")
    if token:
        site.readings.forget(site.sessions.visitor(token))
        site.sessions.forget(token)
        try:
            await run_in_threadpool(site.client.sign_out, token)
        except TierCallError as error:
            log.warning("sign_out_not_told_to_tier", why=error.kind.value)
    answer = RedirectResponse(view.address(SIGN_IN), status_code=303)
    answer.delete_cookie(
        site.config.cookie_name, path="/", httponly=True, samesite="strict"
    )
    return answer


def comes_from_here(request: Request) -> bool:
    """Tell whether a form was sent from a page of this server, not of another."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    return urlsplit(origin).netloc == request.headers.get("host")


def problem_text(error: TierCallError, words: Texts) -> str:
    """Return what went wrong with a log-in and what to do."""
    if error.kind is FailureKind.SIGNED_OUT:
        return words("login.wrong")
    if error.kind is FailureKind.THROTTLED:
        wait = (
            words("login.throttled_wait_unknown")
            if error.retry_after_s is None
            else duration_text(max(1, ceil(error.retry_after_s)), words)
        )
        return words("login.throttled", wait=wait)
    return words(f"login.{error.kind.value}")


def _welcome(
    request: Request, site: Site, view: View, session: SessionOut
) -> RedirectResponse:
    site.sessions.remember(
        session.token, username=session.username, scope=session.scope
    )
    answer = RedirectResponse(_onward(view), status_code=303)
    answer.set_cookie(
        site.config.cookie_name,
        session.token,
        max_age=_lifetime_s(session.expires_at, site.clock.now()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def _onward(view: View) -> str:
    """Return where somebody wanted to go who had to sign in first."""
    return view.here(next_page(view), {NEXT: ""})


def _lifetime_s(expires_at: str, now: datetime) -> int:
    end = parsed_moment(expires_at)
    return 0 if end is None else max(0, int((end - now).total_seconds()))


def _page(
    site: Site, view: View, *, problem: str = "", username: str = "", status: int = 200
) -> HTMLResponse:
    words = texts(view.language)
    body = render(
        "login.html",
        t=words,
        language=view.language,
        masthead=masthead(site.config, words, view, path=SIGN_IN),
        level=words(f"level.{site.config.tier.level}"),
        place=tier_name(site.config, words),
        action=view.here(SIGN_IN),
        problem=problem,
        username=username,
    )
    headers = {"Cache-Control": "no-store", "Content-Language": view.language}
    return HTMLResponse(body, status_code=status, headers=headers)


async def _form(request: Request) -> dict[str, str] | None:
    """Return the fields of a form, or None when it is larger than a log-in can be."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            return None
    fields = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


ROUTES = [
    Route(SIGN_IN, show, methods=["GET"]),
    Route(SIGN_IN, sign_in, methods=["POST"]),
    Route(SIGN_OUT, sign_out, methods=["POST"]),
]
