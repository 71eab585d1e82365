"""What holds for every page: where it is reached, what it never does, what protects it."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from publisher.app import App, open_app
from publisher.web import create
from publisher.web.accept import preferred
from publisher.web.links import way_up
from tests.samples import item
from tests.web.house import LISTENING, PUBLIC, Page, compose, configured, publish, release, subscribe, visitor


async def furnish(app: App) -> str:
    """A bit of everything; gives a reader's token."""
    ids = await publish(app, *(item(key) for key in range(1, 25)))
    ids += await publish(app, item(1, language="en"), item(2, language="mixed"), archive="papers")
    await release(app, await compose(app, *ids[-3:]))
    return await subscribe(app)


async def walked(client: httpx2.AsyncClient, start: str) -> dict[str, httpx2.Response]:
    """Every page that can be reached by links from one, within its host."""
    seen: dict[str, httpx2.Response] = {}
    ahead = [start]
    while ahead:
        address = ahead.pop().partition("#")[0]
        if address in seen or urlsplit(address).netloc != urlsplit(start).netloc:
            continue
        answer = seen[address] = await client.get(address)
        if answer.headers["content-type"].startswith("text/html"):
            ahead += [urljoin(address, link) for link in Page(answer.text).links()]
    return seen


class StrippingProxy(httpx2.AsyncBaseTransport):
    """A proxy that takes the site's path off before it hands a request on."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        assert request.url.path.startswith(f"{self._prefix}/"), f"left the site: {request.url}"
        request.url = request.url.copy_with(raw_path=request.url.raw_path.removeprefix(self._prefix.encode()))
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize("url", [PUBLIC, f"{PUBLIC}/letters"])
async def test_every_link_leads_to_a_page_at_the_listening_address(tmp_path: Path, url: str) -> None:
    async with open_app(configured(tmp_path, url), {}) as app:
        await furnish(app)
        async with visitor(app) as client:
            pages = await walked(client, f"{LISTENING}/ko/")
    assert len(pages) > 60
    assert {address: answer.status_code for address, answer in pages.items() if answer.status_code != 200} == {}


async def test_every_link_leads_to_a_page_where_the_path_arrives_with_the_request(tmp_path: Path) -> None:
    async with open_app(configured(tmp_path, f"{PUBLIC}/letters"), {}) as app:
        await furnish(app)
        async with visitor(app, base_url=PUBLIC) as client:
            pages = await walked(client, f"{PUBLIC}/letters/ko/")
    assert len(pages) > 60
    assert {urlsplit(address).path.split("/")[1] for address in pages} == {"letters"}
    assert {answer.status_code for answer in pages.values()} == {200}


async def test_every_link_leads_to_a_page_behind_a_proxy_that_strips_the_path(tmp_path: Path) -> None:
    async with open_app(configured(tmp_path, f"{PUBLIC}/letters"), {}) as app:
        await furnish(app)
        async with visitor(app) as direct:
            proxy = StrippingProxy(direct._transport, "/letters")
            async with httpx2.AsyncClient(transport=proxy) as client:
                pages = await walked(client, f"{PUBLIC}/letters/ko/")
    assert len(pages) > 60
    assert {answer.status_code for answer in pages.values()} == {200}


class Balance(HTMLParser):
    """Tells elements that are not closed, or by another's end, and ids that are given twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)
        self.wrong += self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        self.wrong += [f"{tag} {name}" for name in names if names.count(name) > 1]
        self.wrong += [f"#{value}" for name, value in attributes if name == "id" and str(value) in self.ids]
        self.ids |= {str(value) for name, value in attributes if name == "id"}
        if tag not in {"meta", "link", "br", "hr", "img", "input", "wbr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")


async def test_every_page_is_well_formed(app: App) -> None:
    await furnish(app)
    async with visitor(app) as client:
        pages = await walked(client, f"{LISTENING}/en/")
        pages |= {
            path: await client.get(path) for path in ("/ko/nothing", "/ko/search?q=비무장", "/en/search?q=%3C%22")
        }
    shown = {address: answer.text for address, answer in pages.items() if "html" in answer.headers["content-type"]}
    ours = {address: html for address, html in shown.items() if not address.endswith("/editions/weekly/1")}
    assert len(ours) > 60
    assert {address: wrong for address, html in ours.items() if (wrong := Balance(html).wrong)} == {}


@pytest.mark.parametrize(
    ("accepted", "home"),
    [("ko", "ko"), ("en-GB,en;q=0.9", "en"), ("fr, en;q=0.1, ko;q=0.01", "en"), ("", "ko"), ("fr", "ko"), ("*", "ko")],
)
async def test_the_door_leads_to_the_visitors_language(app: App, accepted: str, home: str) -> None:
    async with visitor(app) as client:
        answer = await client.get("/", headers={"Accept-Language": accepted})
    assert answer.status_code == 302
    assert urljoin(f"{LISTENING}/", answer.headers["location"]) == f"{LISTENING}/{home}/"
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_door_of_the_public_address_names_it_in_full(tmp_path: Path) -> None:
    async with open_app(configured(tmp_path, f"{PUBLIC}/letters"), {}) as app, visitor(app, base_url=PUBLIC) as client:
        answer = await client.get("/", headers={"Accept-Language": "en"})
    assert answer.headers["location"] == f"{PUBLIC}/letters/en/"


@pytest.mark.parametrize(
    ("asked", "found"),
    [("/ko", "/ko/"), ("/feeds/", "/feeds"), ("/ko/archives/director/?page=1", "/ko/archives/director?page=1")],
)
async def test_each_page_has_one_address(app: App, asked: str, found: str) -> None:
    await publish(app, item())
    async with visitor(app) as client:
        sent_on = await client.get(asked)
        assert sent_on.status_code == 308
        address = urljoin(f"{LISTENING}{asked}", sent_on.headers["location"])
        assert address == f"{LISTENING}{found}"
        assert (await client.get(address)).status_code == 200


async def test_the_sites_path_alone_leads_home(tmp_path: Path) -> None:
    async with open_app(configured(tmp_path, f"{PUBLIC}/letters"), {}) as app, visitor(app, base_url=PUBLIC) as client:
        answer = await client.get("/letters")
    assert urljoin(f"{PUBLIC}/letters", answer.headers["location"]) == f"{PUBLIC}/letters/"


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example//", "/%2F%2Fevil.example/", "/%5Cevil.example/"])
async def test_nobody_is_sent_to_another_host(app: App, path: str) -> None:
    asked = httpx2.URL(LISTENING).copy_with(raw_path=path.encode())
    async with visitor(app) as client:
        answer = await client.get(asked)
    assert answer.status_code == 308
    assert urljoin(f"{LISTENING}{path}", answer.headers["location"]).startswith(f"{LISTENING}/")


async def test_head_answers_as_get_does(app: App, tmp_path: Path) -> None:
    token = await furnish(app)
    (tmp_path / "mailbox").mkdir()
    paths = [
        "/", "/ko/", "/en/archives/papers", "/ko/editions/weekly", "/ko/editions/weekly/1", "/feeds", "/unsubscribe",
        f"/unsubscribe/{token}", "/healthz", "/readyz", "/robots.txt", "/mailbox", "/ko/nothing",
    ]  # fmt: skip
    async with visitor(app, mailbox=tmp_path / "mailbox") as client:
        for path in paths:
            get, head = await client.get(path), await client.head(path)
            assert (path, head.status_code, head.headers["content-length"]) == (
                path,
                get.status_code,
                get.headers["content-length"],
            )


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("HEAD", False)])
async def test_head_sends_no_body(app: App, method: str, has_body: bool) -> None:
    # Asked without a client or a server between, which would both drop it.
    bodies: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        bodies.append(message.get("body", b""))

    scope = {"type": "http", "method": method, "path": "/ko/", "query_string": b"", "headers": []}
    await create(app)(scope, receive, send)
    assert bool(b"".join(bodies)) == has_body


@pytest.mark.parametrize("path", ["/ko/", "/ko/editions/weekly/1", "/nothing", "/robots.txt", "/ko/?page=x", "/feeds/"])
async def test_every_answer_carries_the_protecting_headers(app: App, path: str) -> None:
    await furnish(app)
    async with visitor(app) as client:
        headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer")
    assert "set-cookie" not in headers


@pytest.mark.parametrize("accept", ["", "*/*", "image/webp", "application/json", "text/html;q=0", "nonsense;;;", "é"])
async def test_whatever_a_browser_accepts_it_gets_the_page(app: App, accept: str) -> None:
    async with visitor(app) as client:
        answer = await client.get("/ko/", headers=[(b"Accept", accept.encode())])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@given(st.text(max_size=200) | st.from_regex(r"([a-z*]{1,3}(;q=[0-9.]{1,4})?,? ?){0,9}", fullmatch=True))
def test_any_accept_language_gives_a_language_of_the_site(header: str) -> None:
    assert preferred(header, ("ko", "en")) in ("ko", "en")


def test_a_language_refused_by_quality_is_not_given() -> None:
    assert preferred("ko;q=0, en;q=0.1", ("ko", "en")) == "en"


@given(st.lists(st.text("ab%2F.~", min_size=1, max_size=5).filter(lambda part: set(part) - {"."}), max_size=4))
def test_the_way_up_ends_at_the_root_of_the_site(parts: list[str]) -> None:
    for prefix in ("", "/letters", "/a/b"):
        path = f"{prefix}/{'/'.join(parts)}"
        root = way_up(path.encode(), prefix)
        assert urljoin(f"{PUBLIC}{path}", root) == f"{PUBLIC}{prefix}/"
