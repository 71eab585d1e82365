"""The pages in Chromium: what a person sees on a phone, in the dark, and with nothing but a keyboard."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from publisher.app import App, open_app
from publisher.feeds.plan import category_slug
from publisher.model import Attachment
from publisher.web import create
from publisher.web.server import serve
from subscribers.model import SubscriptionStatus
from tests.samples import item
from tests.web.house import PUBLIC, compose, configured, publish, release, subscribe, subscription

pytestmark = pytest.mark.browser

LONG = "접경지역공동우물이용협약십년을돌아보며" * 3
BODY = (
    "<p>산새가 먼저 돌아왔다. 사람의 발길이 끊긴 자리에 봄은 해마다 조금씩 더 넓게 찾아왔다.</p>"
    f"<p>{'unbroken' * 20}</p><pre>{'wide ' * 60}</pre>"
    f"<table><tr>{'<td>가로로 긴 표</td>' * 12}</tr></table>"
)
OUR_OWN = ("ko/", "en/", "ko/archives/papers", "en/archives/director/{category}", "ko/entries/{long}",
           "ko/entries/{english}", "en/entries/{mixed}", "ko/editions/weekly", "ko/search", "ko/search?q=비무장",
           "en/search?q=nothing-like-it", "feeds", "feeds/all.json", "unsubscribe/{token}", "unsubscribe")  # fmt: skip
ENGLISH = ("en/archives/papers", "en/entries/{long}", "en/editions/weekly", "en/search?q=spring", "feeds?language=en",
           "feeds/all-en.rss", "unsubscribe?language=en")  # fmt: skip
PATHS = (*OUR_OWN, "ko/editions/weekly/1")  # the last is a letter, whose looks are tests/digest's

# The lowest contrast (WCAG 2.2, 1.4.3) of any text on the page against what lies behind it.
LOWEST_CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba("Canvas");
  };
  let lowest = [99, ""];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest(".skip, details:not([open]) > :not(summary)")) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < lowest[0]) lowest = [contrast, texts.currentNode.data.trim()];
  }
  return lowest;
}"""


@dataclass(frozen=True, kw_only=True)
class OpenHouse:
    """A house that is being served from another thread."""

    address: str
    app: App
    loop: asyncio.AbstractEventLoop
    names: dict[str, str]

    def url(self, path: str) -> str:
        return f"{self.address}/{path.format(**self.names)}"

    def subscribe(self, address: str) -> str:
        return asyncio.run_coroutine_threadsafe(subscribe(self.app, address, languages="en"), self.loop).result(10)

    def status(self, address: str) -> SubscriptionStatus:
        return asyncio.run_coroutine_threadsafe(subscription(self.app, address), self.loop).result(10).status


async def furnish(app: App) -> dict[str, str]:
    """A bit of everything, some of it as unwieldy as boards are."""
    one = item(1, title=LONG)
    faces = {language: replace(face, html=BODY, summary=LONG) for language, face in one.faces.items()}
    files = (Attachment(name=f"{LONG}.hwp", url="https://www.hanbit-peace.example/d", size=1_258_291),)
    ids = await publish(app, replace(one, faces=faces, attachments=files), item(2, language="en"))
    ids += await publish(app, *(item(key, categories=("칼럼", "Essays & Notes")) for key in range(10, 34)))
    [mixed] = await publish(app, item(3, language="mixed"), archive="papers")
    await release(app, await compose(app, *ids[:3]))
    return {
        "long": ids[0],
        "english": ids[1],
        "mixed": mixed,
        "category": category_slug("칼럼"),
        "token": await subscribe(app),
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    folder = tmp_path_factory.mktemp("house")
    is_open, opened, closing = threading.Event(), list[OpenHouse](), list[asyncio.Task[None]]()

    async def run() -> None:
        async with open_app(configured(folder), {}) as app:
            names = await furnish(app)

            def ready(address: str) -> None:
                opened.append(OpenHouse(address=address, app=app, loop=asyncio.get_running_loop(), names=names))
                is_open.set()

            closing.append(asyncio.create_task(serve(create(app, feeds=app.shelf), "127.0.0.1:0", ready=ready)))
            await asyncio.wait(closing)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert is_open.wait(20), "the house did not open"
    yield opened[0]
    opened[0].loop.call_soon_threadsafe(closing[0].cancel)
    thread.join(10)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="ko-KR", color_scheme="light")
    yield context
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_a_phone(house: OpenHouse, phone: BrowserContext, path: str) -> None:
    page = phone.new_page()
    page.goto(house.url(path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", [*PATHS, *ENGLISH])
def test_a_page_asks_only_its_own_host_and_complains_of_nothing(
    house: OpenHouse, phone: BrowserContext, path: str
) -> None:
    page = phone.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(house.url(path))
    assert said == []
    assert [url for url in asked if not url.startswith(house.address)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", OUR_OWN)
def test_every_text_stands_out_from_its_ground(house: OpenHouse, browser: Browser, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    page.goto(house.url(path))
    contrast, text = page.evaluate(LOWEST_CONTRAST)
    context.close()
    assert contrast >= 4.5, text


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        *((path, scheme) for path in (*OUR_OWN, "ko/nothing", "en/nothing") for scheme in ("light", "dark")),
        *((path, "light") for path in ENGLISH),
    ],
)
def test_axe_finds_nothing_serious(house: OpenHouse, browser: Browser, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, locale="ko-KR")  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    page.goto(house.url(path))
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []


@pytest.mark.parametrize("path", OUR_OWN)
def test_a_page_says_the_same_without_script(house: OpenHouse, browser: Browser, path: str) -> None:
    said = []
    for is_on in (True, False):
        context = browser.new_context(java_script_enabled=is_on, locale="ko-KR")
        page = context.new_page()
        page.goto(house.url(path))
        said.append(page.locator("main").inner_text().replace("링크 복사", "").replace("Copy the link", "").split())
        context.close()
    assert said[0] == said[1]


def test_the_link_of_a_piece_is_copied(house: OpenHouse, browser: Browser) -> None:
    context = browser.new_context(locale="ko-KR")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(house.url("ko/entries/{long}"))
    page.get_by_role("button", name="링크 복사").click()
    page.get_by_text("링크를 복사했습니다.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied == f"{PUBLIC}/ko/entries/{house.names['long']}"


def test_words_are_looked_for_with_the_keyboard_alone(house: OpenHouse, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    page = context.new_page()
    page.goto(house.url("ko/search"))
    page.get_by_role("searchbox").fill("무장지대")
    page.keyboard.press("Enter")
    page.get_by_text("찾은 글:").wait_for()
    marked = page.locator(".entry h2 mark").first.inner_text()
    context.close()
    assert marked == "무장지대"


@pytest.mark.parametrize("extension", ["atom", "rss", "json"])
def test_a_feed_opened_in_a_browser_leads_to_its_entries(
    house: OpenHouse, phone: BrowserContext, extension: str
) -> None:
    page = phone.new_page()
    page.goto(house.url(f"feeds/all-ko.{extension}"))
    assert page.get_by_text("이 페이지는 피드입니다.").is_visible()
    assert page.get_by_role("button", name="링크 복사").get_attribute("data-copies") == (
        f"{PUBLIC}/feeds/all-ko.{extension}"
    )
    page.locator("main ol a").first.click()
    page.wait_for_url("**/ko/entries/*")


@pytest.mark.parametrize("slug", ["all-ko", "all-en"])
@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_a_feed_on_a_static_host_says_in_its_language_how_it_is_followed(
    house: OpenHouse, phone: BrowserContext, extension: str, slug: str
) -> None:
    page = phone.new_page()
    feed = page.request.get(house.url(f"feeds/{slug}.{extension}")).body()
    page.route(f"{PUBLIC}/feeds.css", lambda route: route.fulfill(response=page.request.get(house.url("feeds.css"))))
    page.route(f"{PUBLIC}/static", lambda route: route.fulfill(body=feed, content_type="application/xml"))
    page.goto(f"{PUBLIC}/static")
    said = page.evaluate("getComputedStyle(document.documentElement, '::before').content")
    is_korean_first = said.index("이 페이지는 피드입니다.") < said.index("This is a feed")
    assert is_korean_first == (slug == "all-ko")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    title = page.evaluate("getComputedStyle(document.querySelector('entry > title, item > title')).display")
    assert title == "block"


def test_in_the_dark_the_ground_is_dark(house: OpenHouse, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(house.url("ko/"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 26)"
    context.close()


def test_korean_breaks_between_words_and_long_words_anywhere(house: OpenHouse, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(house.url("ko/entries/{long}"))
    for selector in ("h1", ".body p", ".teaser, .byline, footer p"):
        style = page.eval_on_selector(
            selector, "e => [getComputedStyle(e).wordBreak, getComputedStyle(e).overflowWrap]"
        )
        assert style == ["keep-all", "anywhere"]


def test_the_first_tab_leads_past_the_menu(house: OpenHouse, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(house.url("ko/"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("path", ["unsubscribe/{token}", "ko/entries/{long}", "en/search?q=spring", "feeds/all-ko.rss"])
def test_the_keyboard_reaches_everything_in_its_order_and_shows_where_it_is(
    house: OpenHouse, phone: BrowserContext, path: str
) -> None:
    page = phone.new_page()
    page.goto(house.url(path))
    targets = "a[href], button, input, select, summary, [tabindex='0']"
    there = page.evaluate(f'[...document.querySelectorAll("{targets}")].filter(e => e.checkVisibility()).length')
    for place in range(there):
        page.keyboard.press("Tab")
        reached, width = page.evaluate(
            f'(e => [[...document.querySelectorAll("{targets}")].filter(e => e.checkVisibility()).indexOf(e),'
            "parseFloat(getComputedStyle(e).outlineWidth)])(document.activeElement)"
        )
        assert reached == place
        assert width >= 2


def test_a_page_has_its_landmarks_and_one_first_heading(house: OpenHouse, phone: BrowserContext) -> None:
    for path in OUR_OWN:
        page = phone.new_page()
        page.goto(house.url(path))
        counts = {tag: page.locator(tag).count() for tag in ("main", "body > header", "body > footer", "h1")}
        assert counts == {"main": 1, "body > header": 1, "body > footer": 1, "h1": 1}, path
        page.close()


def test_a_reader_leaves_with_the_keyboard_alone(house: OpenHouse, browser: Browser) -> None:
    token = house.subscribe("byul@readers.example")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house.address}/unsubscribe/{token}")
    assert house.status("byul@readers.example") is SubscriptionStatus.ACTIVE
    press_until_button(page)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You have unsubscribed").wait_for()
    context.close()
    assert house.status("byul@readers.example") is SubscriptionStatus.ENDED


def press_until_button(page: Page) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator("button:focus").count():
            return
    pytest.fail("the button cannot be reached by the keyboard")


def test_on_paper_a_piece_has_its_text_and_no_ways_to_other_pages(house: OpenHouse, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(house.url("en/entries/{mixed}"))
    page.emulate_media(media="print")
    shown = [link.inner_text() for link in page.get_by_role("link").all() if link.is_visible()]
    assert "한국어로 읽기" not in shown
    assert "How to stop receiving a letter" not in shown
    assert page.locator(".body p").first.is_visible()


def test_on_paper_there_is_nothing_to_click(house: OpenHouse, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(house.url("unsubscribe/{token}"))
    page.emulate_media(media="print")
    for selector in (".menu", "form", ".skip"):
        assert not page.locator(selector).is_visible()
    assert page.locator("main p").first.is_visible()
