"""What a hub expects of the places below it, whether or not a node speaks for them.

Children announce what they owe. A hub's own rules say what is owed by places that no
child speaks for yet, so that a total shows how much of the whole it covers.
"""

from datetime import date

from federation.catalogue.calendars import calendars_of
from federation.catalogue.store import Catalogue
from federation.coverage.owed import Realm, obligations_of, rules_of
from federation.model.period import LOCAL
from federation.storage.pool import transaction
from federation.warehouse.postgres import PostgresWarehouse
from federation.wire.payload import Obligation
from province_hub.hub import Hub

OWN = ""
"""The stream under which a tier keeps what it expects itself."""


async def declare(hub: Hub) -> None:
    """Read the calendars and rules of the configuration; roll up what they change.

    Raises:
        FederationError: ``CONFIGURATION`` names the file and what is wrong in it.
    """
    settings, now = hub.settings, hub.clock.now()
    calendars = calendars_of(settings.reporting.calendars)
    rules = rules_of(settings.reporting.obligations)
    catalogue = Catalogue()
    async with transaction(hub.pool, doing="declare what is owed") as connection:
        await catalogue.refresh(connection)
        changed = await catalogue.put_calendars(connection, calendars, known_at=now)
        own: list[Obligation] = obligations_of(
            rules,
            catalogue.indicators,
            hub.places,
            Realm(localities=(settings.tier.locality,), parts=True),
            owner_owes=False,
        )
        changed += await catalogue.declare_obligations(
            connection, {OWN: own}, today=_today(hub)
        )
        await PostgresWarehouse().remark(connection, changed)


def _today(hub: Hub) -> date:
    return hub.clock.now().astimezone(LOCAL.zone).date()
