"""The one tier this process shows: its settings, its client, what it keeps.

A Streamlit script is run anew for every visitor and can be handed nothing, so the
process installs its site once and the pages ask for it.
"""

from dataclasses import dataclass

from dashboard.client import TierClient
from dashboard.config import DashboardConfig
from dashboard.queries import Readings
from dashboard.sessions import Sessions
from federation.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Everything pages and log-in share."""

    config: DashboardConfig
    client: TierClient
    sessions: Sessions
    readings: Readings
    clock: Clock


def make_site(config: DashboardConfig, clock: Clock) -> Site:
    """Return the site of a tier; nothing is asked of the tier yet."""
    client = TierClient(config.tier.api_url, timeout_s=config.api_timeout_s)
    return Site(
        config=config,
        client=client,
        sessions=Sessions(),
        readings=Readings(client, clock),
        clock=clock,
    )


_installed: list[Site] = []


def install(site: Site) -> None:
    """Make a site the one that the pages of this process show."""
    _installed[:] = [site]


def current() -> Site:
    """Return the installed site."""
    return _installed[0]
