"""A reader's whole way in Chromium: by keyboard alone, in both languages, with script and without."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from publisher.app import App, open_app
from publisher.flows.knock import knock as flows_knock
from publisher.store import audience
from publisher.store.tables import consents
from publisher.web import create
from publisher.web.server import serve
from subscribers.model import Subscription, SubscriptionStatus
from subscribers.tokens import Purpose
from tests.web.house import visitor
from tests.web.readers import Got, come, filled_in, post, standing, two_lists
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
        """The letter to this address; what a page took in is answered after the page was shown."""
        until = time.monotonic() + 20
        while not (came := [one for one in self.do(post(self.app)) if one.to == to]):
            assert time.monotonic() < until, f"no letter to {to}"
            time.sleep(0.05)
        [letter] = came
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

    house.do(agree(house.app, address))
    page.goto(f"{house.address}/keep/{house.app.token(Purpose.KEEP, chosen.token_id)}")
    press(page, "[value=keep]")
    assert house.do(events(house.app, chosen.id)) == ["given", "confirmed"]
    page.go_back()
    press(page, "[value=end]")
    assert house.do(events(house.app, chosen.id)) == ["given", "confirmed", "withdrawn"]

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
    press(page, "[value=erase]")  # on the page that asks whether this is meant
    assert house.subscription(address).status is not SubscriptionStatus.ACTIVE
    context.close()


async def agree(app: App, address: str) -> None:
    """Consent to advertising, as from a form that asks for it."""
    found = await standing(app, address)
    assert found is not None
    async with app.db.begin() as tx:
        await audience.record_consent(tx, found.id, scope="advertising", event="given", means="page", now=app.now())


async def events(app: App, subscription_id: int) -> list[str]:
    async with app.db.read() as tx:
        wanted = select(consents.c.event).where(
            consents.c.scope == "advertising", consents.c.subscription_id == subscription_id
        )
        return list((await tx.execute(wanted.order_by(consents.c.id))).scalars())


def test_near_the_limit_the_page_finds_its_proof_by_itself(house: OpenHouse, browser: Browser) -> None:
    house.do(knock(house.app, 10))
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{house.address}/subscribe")
    fill_in(page, "proven@readers.example")
    page.get_by_text("Thank you. Please press the button.").wait_for(timeout=30_000)
    press(page, "button")
    assert page.get_by_role("heading", name="Please check your mailbox").is_visible()
    context.close()
    house.do(knock(house.app, None))


async def knock(app: App, times: int | None) -> None:
    """As if so many had asked within this hour; None: as if nobody had."""
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("DELETE FROM knocks")
        for _ in range(times or 0):
            await flows_knock(tx, "subscribe", "127.0.0.1", app.keys[0], app.now())


@pytest.fixture(scope="module")
def places(house: OpenHouse) -> dict[str, str]:
    """Every page of a reader's, by what it is for."""

    async def prepare() -> dict[str, str]:
        await post(house.app)  # what earlier tests left
        async with visitor(house.app) as client:
            here = await come(house.app, client, "here@readers.example")
            gone = await come(house.app, client, "gone@readers.example")
            await client.post(gone.link("/unsubscribe/"))
            await client.post("/subscribe", data=await filled_in(client, "asks@readers.example"))
            await client.post("/preferences", data={"email": "here@readers.example"})
            letters = await post(house.app)
        await agree(house.app, "here@readers.example")
        found = await standing(house.app, "here@readers.example")
        assert found is not None
        links = [link for letter in letters for link in letter.links]
        return {
            "confirm": next(link for link in links if link.startswith("/confirm/")),
            "own": here.link("/preferences/"),
            "own with a fresh link": next(link for link in links if link.startswith("/preferences/")),
            "leave": here.link("/unsubscribe/"),
            "left": gone.link("/unsubscribe/"),
            "keep": f"/keep/{house.app.token(Purpose.KEEP, found.token_id)}",
        }

    return house.do(prepare())


AT_ALL_TIMES = ("subscribe", "subscribe?language=en", "preferences", "subscribe/form", "confirm/x")
OF_ONE_READER = ("confirm", "own", "own with a fresh link", "leave", "left", "keep")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", [*AT_ALL_TIMES, *OF_ONE_READER])
def test_a_page_fits_a_phone_stands_out_and_complains_of_nothing(
    house: OpenHouse, places: dict[str, str], browser: Browser, place: str, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(house.address + places.get(place, f"/{place}"))
    contrast, text = page.evaluate(LOWEST_CONTRAST)
    width = page.evaluate("document.documentElement.scrollWidth")
    found = Axe().run(page).response["violations"]
    context.close()
    assert contrast >= 4.5, text
    assert width <= 360
    assert [one["id"] for one in found] == []
    assert [one for one in said if "404" not in one] == []
