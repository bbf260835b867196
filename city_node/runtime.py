"""The node as a service: REST, rollups of its own places, and the link to the parent.

Nothing here waits for the parent: without one, or while it is away, the node takes in,
computes, shows and answers all the same.
"""

from contextlib import AbstractAsyncContextManager
from functools import partial

import structlog
from litestar import Litestar

from city_node.api.intake import intake_routes
from city_node.config import NodeSettings
from city_node.node import APPS, Node, open_node
from city_node.parent import links_of, uplink_of
from city_node.rollups import keep_rolled_up
from federation import __version__
from federation.access.accounts import (
    Passwords,
    PasswordSource,
    ensure_administrator,
)
from federation.access.sessions import Access
from federation.access.throttle import LoginThrottle
from federation.api.app import create_app
from federation.api.requests import Parts
from federation.api.schemas import TextOut, TierOut
from federation.api.server import RestServer, listen
from federation.clock import SystemClock
from federation.observability.metrics import Metrics
from federation.observability.probes import Probes
from federation.service import Service
from federation.storage import pool as database
from federation.storage.entities import open_entities
from federation.storage.errors import StorageError
from federation.storage.pool import PooledConnection
from federation.uplink.uplink import Uplink
from federation.views.knowing import StoredKnowledge
from federation.views.overview import OverviewView
from federation.views.values import ValueViews

log = structlog.get_logger(__name__)


async def serve(settings: NodeSettings) -> None:
    """Run a node until SIGTERM or SIGINT.

    Raises:
        FederationError: It can't start; the text says why and what to do.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    listener = listen(settings.api.host, settings.api.port)
    metrics = Metrics()
    clock = SystemClock()
    url = settings.database.url.get_secret_value()
    async with (
        open_node(settings, clock=clock) as node,
        open_entities(url, APPS),
        Service("city-node", metrics=metrics) as service,
    ):
        passwords = Passwords()
        await _ensure_administrator(settings, passwords, clock)
        uplink = uplink_of(node, software_version=__version__)
        app = application(node, service, uplink, passwords, metrics)
        rest = RestServer(app, listener, trusted_proxies=settings.api.trusted_proxies)
        service.run("rollups", partial(keep_rolled_up, node))
        if uplink is not None:
            service.run("uplink", uplink.run)
        service.run("rest", rest.serve)
        log.info("node_serving", node=settings.tier.id, port=rest.port)
        await service.serve()


def application(
    node: Node,
    service: Service,
    uplink: Uplink | None,
    passwords: Passwords,
    metrics: Metrics,
) -> Litestar:
    """Return the node's REST application."""
    settings, clock = node.settings, node.clock
    probes = Probes(metrics=metrics)
    probes.add_ready("database", partial(_database_answers, node))
    probes.add_ready("tasks", service.check)
    reading = partial(_reading, node)
    parts = Parts(
        tier=_tier(settings),
        access=Access(
            tier=settings.tier.id,
            workspace=settings.workspace,
            clock=clock,
            passwords=passwords,
            throttle=LoginThrottle(clock=clock),
        ),
        knowledge=StoredKnowledge(node.pool),
        values=ValueViews(node.warehouse, reading),
        overview=OverviewView(
            node.warehouse,
            reading,
            clock=clock,
        ),
        links=partial(links_of, uplink),
        probes=probes,
        metrics=metrics,
        clock=clock,
    )
    return create_app(parts, also=intake_routes(node.intake))


def _reading(node: Node) -> AbstractAsyncContextManager[PooledConnection]:
    return database.transaction(
        node.pool, doing="read", isolation="repeatable_read", readonly=True
    )


async def _database_answers(node: Node) -> str | None:
    try:
        await database.check(node.pool)
    except StorageError as error:
        return error.text_en
    return None


async def _ensure_administrator(
    settings: NodeSettings, passwords: Passwords, clock: SystemClock
) -> None:
    given = settings.administrator.password.get_secret_value()
    source = PasswordSource(
        password=given or None, generated_file=settings.password_file
    )
    await ensure_administrator(source, passwords=passwords, clock=clock)


def _tier(settings: NodeSettings) -> TierOut:
    tier = settings.tier
    return TierOut(
        id=tier.id,
        level=tier.level,
        name=TextOut(vi=tier.name_vi, en=tier.name_en),
        locality=tier.locality,
        workspace=settings.workspace,
        version=__version__,
        parent=settings.parent.address or None,
    )
