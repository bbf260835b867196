"""The page in a real browser: its main paths, its looks, its silence to the world."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.dashboards.conftest import LEVELS
from tests.dashboards.fake_tier import PASSWORD, FakeTier
from tests.dashboards.figures import overview
from tests.dashboards.served import Served, served

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000

DETAIL = "/chi-tieu?ma=socio_economic.investment_realised&dv=40"
OWED = "/phai-bao-cao?tinh-trang=overdue"
PAST = "/?luc=2026-01-15T08:00"

CLIPPED = """() => [...document.querySelectorAll('[class*="ioc-"]')]
  .filter(e => e.clientWidth > 0 && getComputedStyle(e).display !== 'inline'
    && !e.closest('.ioc-scroll') && !e.matches('.ioc-hidden')
    && e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.className}: ${e.textContent.trim().slice(0, 60)}`)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
    assert found, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(
    tiers: dict[str, FakeTier],
    province_page: Served,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Served]]:
    folder = tmp_path_factory.mktemp("pages")
    with ExitStack() as stack:
        yield {"province": province_page} | {
            level: stack.enter_context(served(tiers[level], folder))
            for level in ("nation", "city")
        }


class Visit:
    """A visitor's window; keeps what the page asked for and complained of."""

    def __init__(self, context: BrowserContext, page: Served) -> None:
        self.served = page
        self.window: Page = context.new_page()
        self.window.set_default_timeout(PATIENCE_MS)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.window.on("request", lambda request: self.asked.append(request.url))
        self.window.on("websocket", lambda socket: self.asked.append(socket.url))
        self.window.on("console", self._complain)

    def _complain(self, message: Any) -> None:
        # Streamlit looks for its server below the page's own address first.
        searching = "_stcore/" in message.location.get("url", "")
        if message.type == "error" and "401" not in message.text and not searching:
            self.complaints.append(message.text)

    def open(self, address: str = "/") -> "Visit":
        self.window.goto(self.served.url + address)
        return self

    def sign_in(self, password: str = PASSWORD) -> "Visit":
        self.window.fill("#username", "admin")
        self.window.fill("#password", password)
        self.window.click("main button[type=submit]")
        return self

    def until_drawn(self) -> "Visit":
        self.window.wait_for_selector(".ioc-footer")
        self.window.evaluate("document.fonts.ready")
        return self


@pytest.fixture
def visit(
    browser: Browser,
    pages: dict[str, Served],
    tier_of: Callable[[str], FakeTier],
) -> Iterator[Callable[..., Visit]]:
    with ExitStack() as stack:

        def start(level: str = "province", width: int = 1440, **options: Any) -> Visit:
            tier_of(level)
            context = browser.new_context(
                viewport={"width": width, "height": 900}, **options
            )
            stack.callback(context.close)
            return Visit(context, pages[level])

        yield start


def test_a_visitor_signs_in_looks_and_signs_out(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    window = visitor.window
    assert window.title() == "Tỉnh Nghệ An · Tổng quan"
    assert window.locator("h1").inner_text() == "Tỉnh Nghệ An"
    assert window.locator(".ioc-tile").count() == 9
    cookies = {cookie["name"]: cookie for cookie in window.context.cookies()}
    ours = cookies[visitor.served.cookie]
    assert ours["httpOnly"]
    assert ours["sameSite"] == "Strict"
    assert ours["value"] not in window.url
    assert ours["value"] not in window.content()
    window.click(".ioc-sign-out button")
    window.wait_for_selector("#password")
    assert visitor.served.cookie not in {
        cookie["name"] for cookie in window.context.cookies()
    }
    window.goto(visitor.served.url)
    assert "/dang-nhap" in window.url
    assert not visitor.complaints


def test_a_wrong_password_keeps_the_visitor_out(visit):
    visitor = visit().open("/").sign_in("sai rồi")
    alert = visitor.window.locator("[role=alert]").inner_text()
    assert "mật khẩu không đúng" in alert
    assert visitor.window.input_value("#username") == "admin"
    assert visitor.window.input_value("#password") == ""


def test_nothing_is_asked_of_another_machine(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    visitor.window.locator(".ioc-more").first.click()
    host = visitor.served.url.partition("//")[2]
    outside = [
        url
        for url in visitor.asked
        if not url.startswith("data:") and url.partition("//")[2].split("/")[0] != host
    ]
    assert not outside
    assert not visitor.complaints


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_document_is_in_the_language_of_its_address(visit, lang):
    visitor = visit().open(f"/?lang={lang}")
    assert visitor.window.get_attribute("html", "lang") == lang
    visitor.sign_in().until_drawn()
    assert visitor.window.get_attribute("html", "lang") == lang
    other = {"vi": "en", "en": "vi"}[lang]
    visitor.window.click(f"a[hreflang={other}]")
    visitor.window.wait_for_selector(f"html[lang={other}] .ioc-footer")
    assert f"lang={other}" in visitor.window.url


@pytest.mark.parametrize(
    ("options", "address", "background"),
    [
        ({"color_scheme": "light"}, "/?theme=dark", "rgb(14, 22, 33)"),
        ({"color_scheme": "dark"}, "/", "rgb(14, 22, 33)"),
        ({"color_scheme": "dark"}, "/?theme=light", "rgb(243, 245, 248)"),
        ({"color_scheme": "light"}, "/", "rgb(243, 245, 248)"),
    ],
)
def test_the_theme_follows_the_address_then_the_machine(
    visit, options, address, background
):
    visitor = visit(**options).open(address).sign_in().until_drawn()
    colour = "e => getComputedStyle(e).backgroundColor"
    assert visitor.window.locator(".stApp").evaluate(colour) == background
    frame = visitor.window.locator(".stApp").evaluate(
        "e => getComputedStyle(e).colorScheme"
    )
    assert frame == ("dark" if background == "rgb(14, 22, 33)" else "light")


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("level", LEVELS)
def test_no_label_and_no_value_is_clipped(visit, level, lang):
    visitor = visit(level).open(f"/?lang={lang}")
    assert not visitor.window.evaluate(CLIPPED)
    visitor.sign_in().until_drawn()
    for width in (1440, 768, 390):
        visitor.window.set_viewport_size({"width": width, "height": 900})
        assert not visitor.window.evaluate(CLIPPED), width
        wide = visitor.window.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_pages_beside_the_overview_are_whole_at_every_width(visit, lang, scheme):
    visitor = visit(color_scheme=scheme).open("/").sign_in().until_drawn()
    for address in (DETAIL, OWED, PAST):
        visitor.open(f"{address}&lang={lang}").until_drawn()
        assert visitor.window.get_attribute("html", "lang") == lang
        for width in (1440, 768, 390):
            visitor.window.set_viewport_size({"width": width, "height": 900})
            assert not visitor.window.evaluate(CLIPPED), (address, width)
            wide = visitor.window.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, address
    assert not visitor.complaints


def test_the_way_leads_from_a_tile_to_its_page_its_period_and_who_owes(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    window = visitor.window
    window.locator(".ioc-tile", has_text="572,5").locator("h3 a").click()
    window.wait_for_selector("#ioc-revisions")
    assert window.title() == "Tỉnh Nghệ An · Chi tiết chỉ tiêu"
    assert "ky=2025-01" in window.url
    window.locator("#ioc-series ~ * a, .ioc-table a", has_text="11/2024").first.click()
    window.wait_for_selector("text=Các lần ghi nhận, tháng 11/2024")
    window.click("text=Xem tình hình báo cáo chỉ tiêu này ở mọi địa bàn")
    window.wait_for_selector("#ioc-owed")
    assert window.title() == "Tỉnh Nghệ An · Tình hình báo cáo"
    assert "Chỉ xem: Đầu tư công thực hiện" in window.inner_text("body")
    window.click(".ioc-pages a >> text=Tổng quan")
    window.wait_for_selector(".ioc-tile")


def test_a_moment_is_chosen_in_the_form_and_left_again(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    window = visitor.window
    window.click(".ioc-moment summary")
    window.fill("input[name=luc]", "2026-01-15T08:00")
    window.click(".ioc-moment button")
    window.wait_for_selector(".ioc-past")
    assert "luc=2026-01-15T08%3A00" in window.url
    assert "Số liệu như đã biết lúc 15/01/2026 08:00" in window.inner_text(".ioc-past")
    window.click(".ioc-past a")
    window.wait_for_selector(".ioc-past", state="detached")
    assert "luc=" not in window.url


def test_a_link_to_a_page_is_kept_through_the_log_in(visit):
    visitor = visit().open(DETAIL)
    assert "/dang-nhap" in visitor.window.url
    visitor.sign_in().until_drawn()
    assert visitor.window.locator("#ioc-revisions").count() == 1


def test_the_menu_is_reached_with_the_keyboard(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    visitor.window.locator(".ioc-pages a").nth(1).focus()
    visitor.window.keyboard.press("Enter")
    visitor.window.wait_for_selector("#ioc-owed", state="attached")


def test_cards_of_a_row_are_of_one_height_and_their_parts_in_line(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    rows: dict[int, set[tuple[int, int]]] = {}
    for box in visitor.window.evaluate(
        """() => [...document.querySelectorAll('.ioc-tile')].map(e => {
          const box = e.getBoundingClientRect();
          const value = e.querySelector('.ioc-figure').getBoundingClientRect();
          return [box.top, box.height, value.top].map(Math.round);
        })"""
    ):
        rows.setdefault(box[0], set()).add((box[1], box[2]))
    assert len(rows) >= 3
    assert all(len(shapes) == 1 for shapes in rows.values())


def test_details_open_and_close_with_the_keyboard(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    visitor.window.locator(".ioc-tile", has_text="572,5").locator(".ioc-more").focus()
    visitor.window.keyboard.press("Enter")
    sheet = visitor.window.locator(".ioc-sheet:popover-open")
    sheet.wait_for()
    assert "572,512\u00a0tỷ đồng" in sheet.inner_text()
    assert "2025-01_tables.xlsx" in sheet.inner_text()
    drawn_at = "document.querySelector('[data-drawn-at]').dataset.drawnAt"
    before = visitor.window.evaluate(drawn_at)
    visitor.window.wait_for_selector(f'[data-drawn-at]:not([data-drawn-at="{before}"])')
    assert sheet.is_visible(), "a refresh of the same figures closes nothing"
    visitor.window.keyboard.press("Escape")
    sheet.wait_for(state="hidden")


def test_nothing_of_the_frameworks_own_menus_is_seen(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    for part in ("stHeader", "stToolbar", "stMainMenu", "stAppDeployButton"):
        found = visitor.window.locator(f"[data-testid={part}]")
        assert not found.count() or not found.first.is_visible()
    icon = visitor.window.get_attribute("link[rel=icon]", "href")
    assert icon == "/ioc/icon.svg"


def test_a_page_that_fails_says_so_without_details(visit):
    visitor = visit()
    made = overview("province")
    made.tiles[0].indicator = "unknown.indicator"
    visitor.served.tier.overview = made
    visitor.open("/?lang=en").sign_in()
    message = visitor.window.locator(".ioc-message")
    message.wait_for()
    assert "The page failed to draw." in message.inner_text()
    assert "unknown.indicator" not in visitor.window.inner_text("body")
    assert "page_failed" in visitor.served.log.read_text(encoding="utf-8")


def test_no_word_around_the_page_is_english(visit):
    visitor = visit().open("/").sign_in().until_drawn()
    skip = visitor.window.locator("[data-testid=stSkipToContent]")
    visitor.window.wait_for_selector("text=Đến nội dung chính", state="attached")
    assert skip.inner_text() == "Đến nội dung chính"


def test_a_page_that_lost_its_server_says_so(visit, tiers, tmp_path):
    visitor = visit("city")
    with served(tiers["city"], tmp_path) as page:
        visitor.served = page
        visitor.open("/").sign_in().until_drawn()
        assert not visitor.window.locator(".ioc-lost-note").is_visible()
    visitor.window.locator(".ioc-lost-note").wait_for(state="visible")
    visitor.window.wait_for_selector("#root:not([inert])", state="attached")
    assert "Connection error" not in visitor.window.inner_text("body")
    visitor.window.locator(".ioc-more").first.click()
    visitor.window.locator(".ioc-sheet:popover-open").wait_for()
