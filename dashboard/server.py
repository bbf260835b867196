"""The page's server: one process, one tier."""

import gc
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import streamlit as st
import structlog
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from streamlit.web.bootstrap import load_config_options

from dashboard import login, shell
from dashboard.addresses import PAGES
from dashboard.app_pages.frame import show_broken
from dashboard.components.rendering import environment
from dashboard.config import DashboardConfig
from dashboard.navigation import asked_view
from dashboard.protection import Protection
from dashboard.site import Site, current, install, make_site
from dashboard.text import LANGUAGES, texts
from federation.api.schemas import CheckOut, ReadinessOut
from federation.clock import Clock, SystemClock

FOLDER = Path(__file__).parent
SHUTDOWN_GRACE_S = 5
"""How long open connections may take to end when the server stops."""

log = structlog.get_logger(__name__)


def make_app(config: DashboardConfig, clock: Clock) -> st.App:
    """Return the ASGI application of one tier. One for each process."""
    load_streamlit_options(config)
    site = make_site(config, clock)
    install(site)
    return st.App(
        FOLDER / "app.py",
        lifespan=_lifespan(site),
        routes=[
            *(Route(path, shell.page) for path in PAGES),
            *login.ROUTES,
            Route("/livez", live),
            Route("/readyz", ready),
            Route("/ioc/source-sans.woff2", font),
            Mount("/ioc", StaticFiles(directory=FOLDER / "assets")),
            Route("/{page:str}", shell.elsewhere),
        ],
        middleware=[Middleware(Protection)],
        on_script_error=_answer_script_error,
    )


def load_streamlit_options(config: DashboardConfig) -> None:
    """Set Streamlit's options from our file, above any other on the machine."""
    source = resources.files("dashboard").joinpath("streamlit.toml")
    options = dict(_flat(tomllib.loads(source.read_text(encoding="utf-8"))))
    options |= {"server.port": config.port, "server.address": config.host}
    load_config_options(options)


async def font(_request: Request) -> Response:
    """Answer the bundled font, which covers Vietnamese, for pages before log-in."""
    return FileResponse(_font_file(), headers={"Cache-Control": "max-age=86400"})


@cache
def _font_file() -> Path:
    folder = Path(st.__file__).parent / "static" / "static" / "media"
    return next(folder.glob("SourceSansVF-Upright*.woff2"))


async def live(_request: Request) -> Response:
    """Answer that the process lives."""
    body = msgspec.json.encode(ReadinessOut(ready=True, checks=[]))
    return Response(body, media_type="application/json")


async def ready(_request: Request) -> Response:
    """Answer whether the tier behind the page can be read."""
    well = await run_in_threadpool(current().client.ready)
    check = CheckOut(name="tier", ok=well, why=None if well else "not ready")
    body = msgspec.json.encode(ReadinessOut(ready=well, checks=[check]))
    return Response(
        body, status_code=200 if well else 503, media_type="application/json"
    )


async def serve(config: DashboardConfig) -> None:
    """Serve the page until the process is told to stop."""
    app = make_app(config, SystemClock())
    options = uvicorn.Config(
        app,
        host=config.host,
        port=config.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_GRACE_S,
    )
    await uvicorn.Server(options).serve()


def warm() -> None:
    """Load words and templates before the first visitor asks for them."""
    for language in LANGUAGES:
        texts(language)
    for template in environment().list_templates():
        environment().get_template(template)


def _lifespan(site: Site) -> Any:
    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
        warm()
        # Streamlit collects garbage after every run; what never dies is kept out of it.
        gc.collect()
        gc.freeze()
        log.info("page_ready", tier=site.config.tier.level, port=site.config.port)
        try:
            yield {}
        finally:
            site.client.close()

    return lifespan


def _answer_script_error(error: Exception) -> bool:
    """Log a failed run; what the visitor reads has no details."""
    log.error("page_failed", exc_info=error)
    show_broken(asked_view())
    return True


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
