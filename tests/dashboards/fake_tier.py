"""A tier's REST interface with made-up state, served at a free port."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from federation.api.owed_schemas import ObligationOut
from federation.api.schemas import (
    ChildrenOut,
    IndicatorsOut,
    LinksOut,
    OverviewOut,
    ProblemOut,
    SessionIn,
    SessionOut,
    TextOut,
)
from tests.dashboards import detailed, figures
from tests.dashboards.contracts import text

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
    obligations: list[ObligationOut] | None = None
    queries: list[str] = field(default_factory=list)

    def asked(self, request: Request[Any, Any, Any]) -> ProblemOut | None:
        self.queries.append(str(request.url).partition("/api/v1/")[2])
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.down:
            return problem(503, "unavailable")
        return None if token in self.tokens else problem(401, "unauthenticated")


FUTURE = text("Thời điểm này chưa đến.", "This moment has not come yet.")


def problem(
    status: int,
    code: str,
    wait_s: float | None = None,
    reason: TextOut | None = None,
) -> ProblemOut:
    return ProblemOut(
        type=f"urn:ioc:{code}",
        title=code,
        status=status,
        code=code,
        detail=code,
        detail_vi=reason.vi if reason else code,
        detail_en=reason.en if reason else code,
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
        asked = request.query_params.get("as_of", "")
        if asked > "2026-11-23":
            refused = refused or problem(400, "invalid-argument", reason=FUTURE)
        made = msgspec.structs.replace(made, **detailed.then(request.query_params))
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

    first = [sign_in, sign_out, overview, children, links, localities, ready]
    return Litestar([*first, *detail_routes(tier)])


def detail_routes(tier: FakeTier) -> list[Any]:
    """Return what the pages about one indicator and about who owes what read."""

    def answer(request: Request[Any, Any, Any], made: Any) -> Response[Any]:
        refused = tier.asked(request)
        if made is None:
            refused = refused or problem(404, "not-found")
        return refuse(refused) if refused else Response(made)

    @get("/api/v1/indicators")
    async def indicators(request: Request[Any, Any, Any]) -> Response[Any]:
        return answer(request, IndicatorsOut(items=list(figures.INDICATORS.values())))

    @get("/api/v1/indicators/{name:str}")
    async def indicator(
        name: FromPath[str], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        return answer(request, detailed.indicator(name))

    @get("/api/v1/localities/{name:str}")
    async def locality(
        name: FromPath[str], request: Request[Any, Any, Any]
    ) -> Response[Any]:
        return answer(request, detailed.locality(name))

    @get("/api/v1/values")
    async def values(request: Request[Any, Any, Any]) -> Response[Any]:
        return answer(request, detailed.values(request.query_params))

    @get("/api/v1/values/versions")
    async def versions(request: Request[Any, Any, Any]) -> Response[Any]:
        return answer(request, detailed.versions(request.query_params))

    @get("/api/v1/window")
    async def window(request: Request[Any, Any, Any]) -> Response[Any]:
        return answer(request, detailed.window(request.query_params))

    @get("/api/v1/obligations")
    async def obligations(request: Request[Any, Any, Any]) -> Response[Any]:
        made = [] if tier.empty else tier.obligations
        return answer(request, detailed.owed(request.query_params, made))

    return [indicators, indicator, locality, values, versions, window, obligations]


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
