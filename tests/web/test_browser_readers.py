"""A reader's whole way in Chromium: by keyboard alone, in both languages, with script and without."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page

from publisher.app import App, open_app
from publisher.flows.knock import knock as flows_knock
from publisher.web import create
from publisher.web.server import serve
from subscribers.model import Subscription, SubscriptionStatus
from tests.web.readers import Got, post, standing, two_lists
from tests.web.test_browser import LOWEST_CONTRAST

pytestmark = pytest.mark.browser

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class OpenHouse:
    """A house that is being served from another thread."""

    address: str
    app: App
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def letter(self, to: str) -> Got:
        [letter] = [one for one in self.do(post(self.app)) if one.to == to]
        return letter

    def subscription(self, address: str) -> Subscription:
        found = self.do(standing(self.app, address))
        assert found is not None
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    folder = tmp_path_factory.mktemp("house")
    is_open, opened, closing = threading.Event(), list[OpenHouse](), list[asyncio.Task[None]]()

    async def run() -> None:
        async with open_app(two_lists(folder), {}) as app:

            def ready(address: str) -> None:
                opened.append(OpenHouse(address=address, app=app, loop=asyncio.get_running_loop()))
                is_open.set()

            closing.append(asyncio.create_task(serve(create(app, feeds=app.shelf), "127.0.0.1:0", ready=ready)))
            await asyncio.wait(closing)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert is_open.wait(20), "the house did not open"
    yield opened[0]
    opened[0].loop.call_soon_threadsafe(closing[0].cancel)
    thread.join(10)


def reach(page: Page, selector: str) -> None:
    """Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    pytest.fail(f"{selector} cannot be reached by the keyboard")


def fill_in(page: Page, address: str) -> None:
    reach(page, "#email")
    page.keyboard.type(address)
    for box in ("[value=weekly]", "[name=agree]", "[name=age]"):
        reach(page, box)
        page.keyboard.press("Space")
    press(page, "button[type=submit]")


def press(page: Page, selector: str) -> None:
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def confirm(house: OpenHouse, page: Page, address: str) -> Got:
    page.goto(house.address + house.letter(address).link("/confirm/"))
    press(page, "button")
    return house.letter(address)


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_reader_goes_the_whole_way_by_keyboard_alone(
    house: OpenHouse, browser: Browser, language: str, has_script: bool
) -> None:
    address = f"{language}-{has_script}@readers.example".lower()
    house.do(knock(house.app, None))
    context = browser.new_context(locale=language)
    page = context.new_page()
    if not has_script:
        page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{house.address}/subscribe")
    assert page.locator("html").get_attribute("lang") == language
    fill_in(page, address)
    welcome = confirm(house, page, address)
    assert house.subscription(address).status is SubscriptionStatus.ACTIVE

    page.goto(house.address + welcome.link("/preferences/"))
    reach(page, "[name=languages]:checked")
    page.keyboard.press("ArrowDown")
    reach(page, "[name=pause]")
    until = (house.app.now() + timedelta(days=40)).date()
    page.keyboard.type(f"{until:%m%d%Y}")
    press(page, "[value=save]")
    chosen = house.subscription(address)
    assert chosen.languages == {"ko": "en", "en": "ko+en"}[language]
    assert chosen.paused_until is not None

    page.goto(house.address + welcome.link("/unsubscribe/"))
    press(page, "main button")
    assert house.subscription(address).status is SubscriptionStatus.ENDED
    page.goto(house.address + house.letter(address).link("/subscribe"))
    fill_in(page, address)
    confirm(house, page, address)
    assert house.subscription(address).status is SubscriptionStatus.ACTIVE

    page.goto(f"{house.address}/preferences")
    reach(page, "#email")
    page.keyboard.type(address)
    press(page, "button[type=submit]")
    page.goto(house.address + house.letter(address).link("/preferences/"))
    press(page, "[value=erase]")
    assert house.subscription(address).status is not SubscriptionStatus.ACTIVE
    context.close()


def test_near_the_limit_the_page_finds_its_proof_by_itself(house: OpenHouse, browser: Browser) -> None:
    house.do(knock(house.app, 10))
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{house.address}/subscribe")
    fill_in(page, "proven@readers.example")
    page.get_by_text("Thank you. Please press the button.").wait_for(timeout=30_000)
    press(page, "button")
    assert page.get_by_role("heading", name="Look into your mailbox").is_visible()
    context.close()
    house.do(knock(house.app, None))


async def knock(app: App, times: int | None) -> None:
    """As if so many had asked within this hour; None: as if nobody had."""
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("DELETE FROM knocks")
        for _ in range(times or 0):
            await flows_knock(tx, "subscribe", "127.0.0.1", app.keys[0], app.now())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["subscribe", "subscribe?language=en", "preferences", "subscribe/form", "confirm/x"])
def test_a_page_fits_a_phone_stands_out_and_complains_of_nothing(
    house: OpenHouse, browser: Browser, path: str, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{house.address}/{path}")
    contrast, text = page.evaluate(LOWEST_CONTRAST)
    width = page.evaluate("document.documentElement.scrollWidth")
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden])')].filter(e => !e.labels.length).map(e => e.name)"
    )
    context.close()
    assert contrast >= 4.5, text
    assert width <= 360
    assert unnamed == []
    assert [one for one in said if "404" not in one] == []
