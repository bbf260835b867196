"""The hub as a service: links of children, projector, rollups, its own link, REST.

The warehouse is written by two: the projector with what children sent, and the rollup
worker with what it merged. Each reads the catalogue for itself at the beginning of its
transactions, so that neither ever sees what the other has not committed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from litestar import Litestar

from federation import __version__
from federation.access.accounts import Passwords, ensure_administrator
from federation.api.app import create_app
from federation.api.assemble import assemble
from federation.api.links import links_of
from federation.api.measuring import keep_measuring
from federation.api.server import RestServer, listen
from federation.catalogue.sharing import Sharing
from federation.catalogue.store import Catalogue
from federation.clock import SystemClock
from federation.commands.tier import first_password, tier_out
from federation.coverage.expected_postgres import PostgresExpectedSets
from federation.identity.documents import Area
from federation.inbox.endpoint import Inbox
from federation.inbox.limits import LinkLimits
from federation.inbox.services import Services
from federation.inbox.store_postgres import PostgresInboxStore
from federation.localities.store import CurrentGraph
from federation.observability.metrics import Metrics
from federation.rollups.places import Scope
from federation.rollups.worker import RollupWorker
from federation.service import Service
from federation.storage.entities import open_entities
from federation.storage.listening import work_when_notified
from federation.storage.pool import PooledConnection, transaction
from federation.transports.grpc_server import UplinkServer, UplinkServerSettings
from federation.uplink.assemble import assemble_uplink
from federation.uplink.uplink import Uplink
from federation.warehouse.postgres import PostgresWarehouse
from federation.warehouse.rerouting import DailyRouting
from federation.warehouse.store import ROLLUP_CHANNEL
from federation.warehouse.thinning import Thinner
from province_hub.announcing import NewestNames
from province_hub.api.children import children_route
from province_hub.children.measuring import ChildMeasures
from province_hub.children.standing import read_standings
from province_hub.config import HubSettings
from province_hub.expecting import declare
from province_hub.hub import APPS, Hub, open_hub
from province_hub.passing import Passing
from province_hub.projector.projector import Projector

POLL_INTERVAL_S = 2.0
"""Look for marks although nobody told of any: a notification may get lost."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A warehouse to write to, with what its writer knows."""

    warehouse: PostgresWarehouse
    catalogue: Catalogue
    places: CurrentGraph


async def serve(settings: HubSettings) -> None:
    """Run a hub until SIGTERM or SIGINT.

    Raises:
        FederationError: It can't start; the text says why and what to do.
    """
    clock, metrics = SystemClock(), Metrics(program="province-hub", version=__version__)
    listener = listen(settings.api.host, settings.api.port)
    async with (
        open_hub(settings, clock=clock) as hub,
        open_entities(settings.database_url, APPS, connections_max=3),
        Service("province-hub", metrics=metrics) as service,
    ):
        passwords = Passwords()
        await ensure_administrator(
            first_password(settings), passwords=passwords, clock=clock
        )
        await declare(hub)
        routing = DailyRouting(partial(reroute, hub), clock=clock)
        await routing.run_once()
        uplink = _uplink(hub)
        store = PostgresInboxStore(hub.pool)
        links = UplinkListener(hub, store)
        app = _application(hub, service, links, uplink, store, passwords, metrics)
        rest = RestServer(app, listener, trusted_proxies=settings.api.trusted_proxies)
        service.run("projector", projector_of(hub).run)
        service.run("rollups", partial(_keep_rolled_up, hub))
        service.run("routing", routing.run)
        service.run("thinning", _thinner(hub, metrics).run)
        if uplink is not None:
            service.run("uplink", uplink.run)
        service.run("links", links.run)
        service.run("rest", rest.serve)
        service.run("measuring", partial(_keep_measuring, hub, app, store, metrics))
        log.info("hub_serving", tier=settings.tier.id, rest_port=rest.port)
        await service.serve()


class UplinkListener:
    """Serves the links of children, as one task."""

    def __init__(self, hub: Hub, store: PostgresInboxStore) -> None:
        """Prepare; ``run`` listens."""
        self._hub = hub
        self._store = store
        self._serving = False

    async def run(self) -> None:
        """Listen until cancelled; children hear a goodbye."""
        listener = self._hub.settings.uplinks
        limits = LinkLimits(heartbeat_interval_s=listener.heartbeat_interval_s)
        inbox = Inbox(
            Services(
                parent=self._hub.settings.tier.id,
                signer=self._hub.signer,
                registry=self._hub.registry,
                store=self._store,
                clock=self._hub.clock,
                limits=limits,
            )
        )
        server = UplinkServer(inbox, UplinkServerSettings(address=listener.address))
        await server.start()
        self._serving = True
        try:
            await asyncio.Event().wait()
        finally:
            self._serving = False
            inbox.close()
            await server.stop()

    async def check(self) -> str | None:
        """Return None while children can connect (a probe)."""
        return None if self._serving else "not listening"


def _writer(hub: Hub) -> Writer:
    catalogue = Catalogue()
    return Writer(
        warehouse=PostgresWarehouse(
            Passing(
                hub.stream,
                catalogue,
                sharing=Sharing(hub.settings.sharing_rules, hub.places),
                clock=hub.clock,
            )
        ),
        catalogue=catalogue,
        places=CurrentGraph(),
    )


async def reroute(hub: Hub) -> int:
    """Send what the configuration sends today: a parent may be new, or gone."""
    writer = _writer(hub)
    async with transaction(hub.pool, doing="reroute") as connection:
        await writer.catalogue.refresh(connection)
        return await writer.warehouse.reroute(connection)


def projector_of(hub: Hub) -> Projector:
    """Return what turns the frames of a hub's children into values."""
    writer = _writer(hub)

    async def areas() -> Sequence[Area]:
        assignments = await hub.registry.assignments()
        return [assignment.area for assignment in assignments.values()]

    return Projector(
        pool=hub.pool,
        warehouse=writer.warehouse,
        catalogue=writer.catalogue,
        places=writer.places,
        areas=areas,
        clock=hub.clock,
    )


def rollups_of(hub: Hub) -> RollupWorker[PooledConnection]:
    """Return what merges the values of a hub into totals."""
    writer = _writer(hub)

    async def refresh(connection: PooledConnection) -> Scope:
        await writer.catalogue.refresh(connection)
        graph = await writer.places.refresh(connection)
        return Scope(graph=graph, own_place=hub.settings.tier.locality)

    return RollupWorker(
        warehouse=writer.warehouse,
        catalogue=writer.catalogue,
        expected=PostgresExpectedSets(),
        refresh=refresh,
        begin=lambda: transaction(hub.pool, doing="roll up"),
        clock=hub.clock,
    )


async def _keep_rolled_up(hub: Hub) -> None:
    await work_when_notified(
        hub.pool,
        ROLLUP_CHANNEL,
        rollups_of(hub).run_until_done,
        poll_interval_s=POLL_INTERVAL_S,
    )


def _thinner(hub: Hub, metrics: Metrics) -> Thinner[PooledConnection]:
    return Thinner(
        warehouse=_writer(hub).warehouse,
        begin=lambda: transaction(hub.pool, doing="thin history"),
        clock=hub.clock,
        metrics=metrics,
        retention=hub.settings.history.retention(),
    )


def _uplink(hub: Hub) -> Uplink | None:
    """Return the hub's own link; None where it has no parent."""
    settings = hub.settings
    if not settings.parent.address:
        return None
    return assemble_uplink(
        node=settings.tier.id,
        signer=hub.signer,
        parent_address=settings.parent.address,
        token_file=settings.parent.token_file,
        pool=hub.pool,
        announcer=NewestNames(),
        clock=hub.clock,
        software_version=__version__,
    )


def _application(
    hub: Hub,
    service: Service,
    links: UplinkListener,
    uplink: Uplink | None,
    store: PostgresInboxStore,
    passwords: Passwords,
    metrics: Metrics,
) -> Litestar:
    parts = assemble(
        tier=tier_out(hub.settings),
        pool=hub.pool,
        warehouse=_writer(hub).warehouse,
        links=partial(links_of, uplink),
        metrics=metrics,
        clock=hub.clock,
        passwords=passwords,
    )
    parts.probes.add_ready("tasks", service.check)
    parts.probes.add_ready("links", links.check)
    standings = partial(read_standings, hub.pool, hub.registry, store)
    return create_app(parts, also=[children_route(standings)])


async def _keep_measuring(
    hub: Hub, app: Litestar, store: PostgresInboxStore, metrics: Metrics
) -> None:
    standings = partial(read_standings, hub.pool, hub.registry, store)
    children = ChildMeasures(standings, metrics)
    await keep_measuring(app.state.parts, also=[children.measure])
