"""What every answer gets at the edge: safe headers, an ETag, a line in the metrics."""

import hashlib
import time
from typing import Any

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from federation.observability.metrics import HTTP_REQUESTS, HTTP_SECONDS, Metrics

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing here is a page; a browser that opens an answer loads and runs nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


async def add_security_headers(message: Message, _scope: Scope) -> None:
    """Put the headers on every answer, also on errors and unknown paths (a hook)."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)


class Measuring(ASGIMiddleware):
    """Counts and times requests by route, never by raw path."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, metrics: Metrics) -> None:
        """Count in the metrics of one runtime."""
        self._metrics = metrics

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Pass a request on and note its outcome."""
        began = time.monotonic()
        # Where nothing is sent, the program broke.
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watched)
        finally:
            route = str(scope["path_template"])
            method = str(scope.get("method", ""))
            labels = {"method": method, "route": route}
            self._metrics.counter(HTTP_REQUESTS, **labels, status=str(status)).inc()
            took = time.monotonic() - began
            self._metrics.histogram(HTTP_SECONDS, **labels).observe(took)


class Tagging(ASGIMiddleware):
    """Gives reads a strong ETag of their bytes; unchanged ones are not sent again.

    Saves the way, not the work: the answer is made before it is compared.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Hold an answer back until its tag is known."""
        if scope.get("method") not in ("GET", "HEAD"):
            await next_app(scope, receive, send)
            return
        start: Any = None
        chunks: list[bytes] = []

        async def held(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if start["status"] != 200:
                    await send(message)
                return
            if message["type"] != "http.response.body" or start["status"] != 200:
                await send(message)
                return
            chunks.append(message["body"])
            if not message["more_body"]:
                wanted = Headers.from_scope(scope).get("if-none-match", "")
                await _send_tagged(send, start, b"".join(chunks), wanted)

        await next_app(scope, receive, held)


async def _send_tagged(send: Send, start: Any, body: bytes, wanted: str) -> None:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = MutableScopeHeaders.from_message(start)
    headers["ETag"] = tag
    headers.setdefault("Cache-Control", "private, no-cache")
    headers.setdefault("Vary", "Authorization, Cookie")
    if wanted.strip() == "*" or tag in (
        part.strip().removeprefix("W/") for part in wanted.split(",")
    ):
        start["status"] = 304
        del headers["Content-Length"]
        body = b""
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
