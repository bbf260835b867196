"""The node as a service: REST, rollups of its own places, and the link to the parent.

Nothing here waits for the parent: without one, or while it is away, the node takes in,
computes, shows and answers all the same.
"""

from functools import partial

import structlog
from litestar import Litestar

from city_node.api.feeding import feeding_routes
from city_node.api.intake import intake_routes
from city_node.config import NodeSettings
from city_node.feeding.feeds import Feeds, feeds_of
from city_node.feeding.remembered import StoredPolls
from city_node.node import APPS, Node, open_node
from city_node.rollups import keep_rolled_up
from city_node.summaries.period_ends import PeriodEnds
from federation import __version__
from federation.access.accounts import Passwords, ensure_administrator
from federation.api.app import create_app
from federation.api.assemble import assemble
from federation.api.links import links_of
from federation.api.measuring import keep_measuring
from federation.api.server import RestServer, listen
from federation.clock import SystemClock
from federation.commands.tier import first_password, tier_out
from federation.identity.keys import load_or_create_key
from federation.observability.metrics import Metrics
from federation.outbox.announcer import TableAnnouncer
from federation.service import Service
from federation.storage.entities import open_entities
from federation.storage.pool import PooledConnection, transaction
from federation.uplink.assemble import assemble_uplink
from federation.uplink.uplink import Uplink
from federation.warehouse.rerouting import DailyRouting
from federation.warehouse.thinning import Thinner

log = structlog.get_logger(__name__)


async def serve(settings: NodeSettings) -> None:
    """Run a node until SIGTERM or SIGINT.

    Raises:
        FederationError: It can't start; the text says why and what to do.
    """
    listener = listen(settings.api.host, settings.api.port)
    metrics = Metrics(program="city-node", version=__version__)
    clock = SystemClock()
    async with (
        open_node(settings, clock=clock) as node,
        open_entities(settings.database_url, APPS, connections_max=3),
        Service("city-node", metrics=metrics) as service,
    ):
        passwords = Passwords()
        await ensure_administrator(
            first_password(settings), passwords=passwords, clock=clock
        )
        uplink = uplink_of(node)
        feeds = feeds_at(node, metrics)
        app = application(node, service, uplink, passwords, metrics, feeds)
        rest = RestServer(app, listener, trusted_proxies=settings.api.trusted_proxies)
        service.run("period_ends", period_ends_of(node).run)
        service.run("rollups", partial(keep_rolled_up, node))
        service.run("routing", DailyRouting(node.reroute, clock=clock).run)
        service.run("thinning", _thinner(node, metrics).run)
        if uplink is not None:
            service.run("uplink", uplink.run)
        for each in feeds.running:
            service.run(f"feed:{each.feed.id}", each.run)
        service.run("rest", rest.serve)
        service.run("measuring", partial(keep_measuring, app.state.parts))
        log.info("node_serving", node=settings.tier.id, port=rest.port)
        await service.serve()


def _thinner(node: Node, metrics: Metrics) -> Thinner[PooledConnection]:
    return Thinner(
        warehouse=node.warehouse,
        begin=lambda: transaction(node.pool, doing="thin history"),
        clock=node.clock,
        metrics=metrics,
        retention=node.settings.history.retention(),
    )


def application(
    node: Node,
    service: Service,
    uplink: Uplink | None,
    passwords: Passwords,
    metrics: Metrics,
    feeds: Feeds | None = None,
) -> Litestar:
    """Return the node's REST application."""
    parts = assemble(
        tier=tier_out(node.settings),
        pool=node.pool,
        warehouse=node.warehouse,
        links=partial(links_of, uplink),
        metrics=metrics,
        clock=node.clock,
        passwords=passwords,
    )
    parts.probes.add_ready("tasks", service.check)
    return create_app(
        parts,
        also=[
            *intake_routes(node.intake),
            *feeding_routes(feeds or Feeds(), node.templates, node.intake),
        ],
    )


def feeds_at(node: Node, metrics: Metrics) -> Feeds:
    """Return the feeds of a node; nothing is looked at yet."""
    return feeds_of(
        node.settings,
        intake=node.intake,
        subsystems=node.subsystems,
        memory=StoredPolls(node.pool),
        clock=node.clock,
        metrics=metrics,
    )


def period_ends_of(node: Node) -> PeriodEnds:
    """Return what summarises the node's periods as they end."""
    measured = {
        each.indicator.id: each
        for subsystem in node.subsystems.values()
        for each in subsystem.indicators
    }
    return PeriodEnds(node.pool, node.warehouse, measured, node.places, node.clock)


def uplink_of(node: Node) -> Uplink | None:
    """Return the node's link to its parent; None where it has none."""
    settings = node.settings
    if not settings.parent.address:
        return None
    places = {place.id: place for place in node.places.all()}
    return assemble_uplink(
        node=settings.tier.id,
        signer=load_or_create_key(settings.key_file),
        parent_address=settings.parent.address,
        token_file=settings.parent.token_file,
        pool=node.pool,
        announcer=TableAnnouncer(
            localities=lambda: places, obligations=node.catalogue.obligations
        ),
        clock=node.clock,
        software_version=__version__,
    )
