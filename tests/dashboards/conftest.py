"""A fake tier for each level, and the page as Streamlit's own test frame runs it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.config import DashboardConfig, TierSettings
from dashboard.server import FOLDER
from dashboard.site import Site, install, make_site
from federation.clock import ManualClock
from tests.dashboards.fake_tier import FakeTier, fake_tier
from tests.dashboards.figures import NAMES, NOW
from tests.dashboards.served import Served, served

LEVELS = ("nation", "province", "city")
TOKEN = "token-of-a-test"


@pytest.fixture(scope="session")
def tiers() -> Iterator[dict[str, FakeTier]]:
    with ExitStack() as stack:
        yield {level: stack.enter_context(fake_tier(level)) for level in LEVELS}


@pytest.fixture
def tier_of(tiers: dict[str, FakeTier]) -> Callable[[str], FakeTier]:
    """Give the fake tier of a level, as it is at first."""

    def fresh(level: str) -> FakeTier:
        tier = tiers[level]
        tier.empty = tier.throttled = tier.down = False
        tier.overview = None
        tier.children = None
        tier.obligations = None
        tier.queries = []
        tier.tokens = {TOKEN}
        tier.sign_ins = []
        return tier

    return fresh


def config_of(tier: FakeTier, **others: Any) -> DashboardConfig:
    name = NAMES[tier.level][1]
    return DashboardConfig(
        workspace="test",
        tier=TierSettings(
            api_url=tier.url,
            level=tier.level,  # type: ignore[arg-type]
            name_vi=name.vi,
            name_en=name.en,
        ),
        **others,
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


class Page:
    """The page of a tier without a browser."""

    def __init__(self, site: Site, token: str, path: str, **query: str) -> None:
        self.site = site
        self._cookies = {site.config.cookie_name: token} if token else {}
        self._test = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=20)
        # Streamlit knows a page by the digest of its path.
        self._test._page_hash = calc_hash(path.removeprefix("/"))
        for name, value in query.items():
            self._test.query_params[name.replace("_", "-")] = value

    def run(self) -> str:
        """Draw the page and return all its HTML."""
        install(self.site)
        with patch(
            "streamlit.runtime.context.ContextProxy.cookies", self._cookies, create=True
        ):
            self._test.run()
        assert not self._test.exception
        return "\n".join(part.proto.body for part in self._test.get("html"))


@pytest.fixture
def page_of(
    tier_of: Callable[[str], FakeTier], clock: ManualClock
) -> Iterator[Callable[..., Page]]:
    sites = []

    def page(level: str, *, token: str = TOKEN, path: str = "/", **query: str) -> Page:
        site = make_site(config_of(tier_of(level)), clock)
        sites.append(site)
        return Page(site, token, path, **query)

    yield page
    for site in sites:
        site.client.close()


@pytest.fixture(scope="session")
def province_page(
    tiers: dict[str, FakeTier], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Give a running dashboard of the province, for the whole run."""
    with served(tiers["province"], tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.fixture
def page_at(province_page: Served, tier_of: Callable[[str], FakeTier]) -> Served:
    """Give the running dashboard with its tier as it is at first."""
    tier_of("province")
    return province_page
