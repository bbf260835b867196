"""A tier's REST interface with made-up state, served at a free port."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, delete, get, post
from litestar.params import JSONBody

from federation.api.schemas import (
    ChildrenOut,
    LinksOut,
    OverviewOut,
    ProblemOut,
    SessionIn,
    SessionOut,
)
from tests.dashboards import figures

PASSWORD = "mật-khẩu-đúng-12"
START_MAX_S = 20.0


@dataclass
class FakeTier:
    """What the fake answers; a test changes it as it runs."""

    level: str
    url: str = ""
    empty: bool = False
    throttled: bool = False
    down: bool = False
    tokens: set[str] = field(default_factory=set)
    sign_ins: list[str] = field(default_factory=list)
    overview: OverviewOut | None = None
    children: ChildrenOut | None = None

    def asked(self, request: Request[Any, Any, Any]) -> ProblemOut | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.down:
            return problem(503, "unavailable")
        return None if token in self.tokens else problem(401, "unauthenticated")


def problem(status: int, code: str, wait_s: float | None = None) -> ProblemOut:
    return ProblemOut(
        type=f"urn:ioc:{code}",
        title=code,
        status=status,
        code=code,
        detail=code,
        detail_vi=code,
        detail_en=code,
        retry_after_s=wait_s,
    )


def refuse(found: ProblemOut) -> Response[ProblemOut]:
    return Response(found, status_code=found.status)


def make_fake(tier: FakeTier) -> Litestar:  # noqa: C901
    @post("/api/v1/session")
    async def sign_in(
        data: JSONBody[SessionIn], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        tier.sign_ins.append(request.headers.get("x-forwarded-for", ""))
        if tier.down:
            return refuse(problem(503, "unavailable"))
        if tier.throttled:
            return refuse(problem(429, "too-many-requests", 42.0))
        if (data.username, data.password) != ("admin", PASSWORD):
            return refuse(problem(401, "unauthenticated"))
        token = f"token-{tier.level}-{len(tier.tokens)}"
        tier.tokens.add(token)
        return Response(
            SessionOut(
                token=token,
                expires_at="2099-01-01T00:00:00+00:00",
                username="admin",
                role="administrator",
                scope="all",
                tier=figures.overview(tier.level).tier,
            )
        )

    @delete("/api/v1/session", status_code=204)
    async def sign_out(request: Request[Any, Any, Any]) -> None:
        tier.tokens.discard(request.headers["authorization"].removeprefix("Bearer "))

    @get("/api/v1/overview")
    async def overview(request: Request[Any, Any, Any]) -> Response[Any]:
        refused = tier.asked(request)
        made = tier.overview or figures.overview(tier.level, empty=tier.empty)
        return refuse(refused) if refused else Response(made)

    @get("/api/v1/children")
    async def children(request: Request[Any, Any, Any]) -> Response[Any]:
        refused = tier.asked(request)
        if tier.level == "city":
            refused = refused or problem(404, "not-found")
        made = ChildrenOut(items=[]) if tier.empty else figures.children()
        return refuse(refused) if refused else Response(tier.children or made)

    @get("/api/v1/links")
    async def links(request: Request[Any, Any, Any]) -> Response[Any]:
        refused = tier.asked(request)
        made = LinksOut(items=[]) if tier.empty else figures.links(tier.level)
        return refuse(refused) if refused else Response(made)

    @get("/api/v1/localities")
    async def localities(request: Request[Any, Any, Any]) -> Response[Any]:
        refused = tier.asked(request)
        return refuse(refused) if refused else Response(figures.localities())

    @get("/readyz")
    async def ready() -> Response[Any]:
        return Response({}, status_code=503 if tier.down else 200)

    return Litestar([sign_in, sign_out, overview, children, links, localities, ready])


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application in a thread; give its address."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    deadline = time.monotonic() + START_MAX_S
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_MAX_S)
        bound.close()


@contextmanager
def fake_tier(level: str) -> Iterator[FakeTier]:
    tier = FakeTier(level=level)
    with serving(make_fake(tier)) as url:
        tier.url = url
        yield tier
