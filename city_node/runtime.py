"""The node as a service: REST, rollups of its own places, and the link to the parent.

Nothing here waits for the parent: without one, or while it is away, the node takes in,
computes, shows and answers all the same.
"""

from functools import partial

import structlog
from litestar import Litestar

from city_node.api.intake import intake_routes
from city_node.config import NodeSettings
from city_node.node import APPS, Node, open_node
from city_node.rollups import keep_rolled_up
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
from federation.uplink.assemble import assemble_uplink
from federation.uplink.uplink import Uplink

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
        app = application(node, service, uplink, passwords, metrics)
        rest = RestServer(app, listener, trusted_proxies=settings.api.trusted_proxies)
        service.run("rollups", partial(keep_rolled_up, node))
        if uplink is not None:
            service.run("uplink", uplink.run)
        service.run("rest", rest.serve)
        service.run("measuring", partial(keep_measuring, app.state.parts))
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
    return create_app(parts, also=intake_routes(node.intake))


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
        announcer=TableAnnouncer(localities=lambda: places),
        clock=node.clock,
        software_version=__version__,
    )
