"""Links are asked, politely and within limits, against a real server on this machine."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from publisher.net import Fetcher
from publisher.preflight.finding import Colour
from publisher.preflight.links import Asked, Patience, ask, links, strange_pages
from publisher.preflight.site import site
from tests.test_net import Server, page

PATIENCE = Patience()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    standing = Server()
    listening = await asyncio.start_server(standing.serve, "127.0.0.1", 0)
    standing.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield standing


def methods(server: Server) -> list[str]:
    return [request.split(" ")[0] for request in server.asked]


async def test_head_is_enough_where_it_is_answered(server: Server) -> None:
    server.answers["/a"] = page(b"", "Content-Encoding: br")
    async with Fetcher(allow=[server.place]) as fetcher:
        asked = await ask([server.url("/a")], fetcher, PATIENCE)
    assert asked == Asked(answers={server.url("/a"): ""}, unasked=[])
    assert methods(server) == ["HEAD"]


async def test_get_is_tried_where_head_is_not_known_and_the_status_is_told(server: Server) -> None:
    server.answers |= {
        "/shut": page(b"", status="403 Forbidden"),
        "/gone": page(b"", status="410 Gone"),
        "/broken": page(b"", status="500 Oops"),
        "/loop": page(b"", "Location: /loop", status="302 Found"),
        "/large": page(b"x" * 100_000),
    }
    paths = ["/shut", "/gone", "/broken", "/missing", "/loop", "/large"]
    async with Fetcher(allow=[server.place]) as fetcher:
        asked = await ask([server.url(path) for path in paths], fetcher, PATIENCE)
    assert [asked.answers[server.url(path)] for path in paths] == ["", "410", "500", "404", "too many redirects", ""]
    assert methods(server)[:3] == ["HEAD", "GET", "HEAD"]


async def test_links_into_the_house_are_refused_and_told(server: Server) -> None:
    private = [server.url("/a"), "http://10.0.0.1/", "http://[::1]:1/", "http://user:secret@hanbit.example/"]
    async with Fetcher() as fetcher:
        asked = await ask(private, fetcher, PATIENCE)
    assert set(asked.answers.values()) == {"not allowed"}
    assert server.asked == []
    assert [finding.colour for finding in links({}, asked)] == [Colour.YELLOW] * 4


async def test_a_server_that_says_nothing_holds_nothing_up(server: Server) -> None:
    async def never(_writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.answers["/slow"] = never
    async with Fetcher(allow=[server.place]) as fetcher:
        asked = await ask([server.url("/slow"), server.url("/next")], fetcher, Patience(seconds=0.2))
    assert (asked.answers, asked.unasked) == ({}, [server.url("/slow"), server.url("/next")])
    [finding] = links({}, asked)
    assert finding.values["count"] == 2


async def test_no_more_are_asked_than_is_polite(server: Server) -> None:
    urls = [server.url(f"/{number}") for number in range(6)]
    told: list[tuple[int, int | None]] = []
    async with Fetcher(allow=[server.place]) as fetcher:
        asked = await ask(urls, fetcher, Patience(most=2), lambda done, total: told.append((done, total)))
    assert (len(asked.answers), asked.unasked) == (2, urls[2:])
    assert told == [(1, 6), (2, 6)]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/relative"])
def test_what_is_no_web_address_is_told(url: str) -> None:
    assert [finding.values["url"] for finding in links({url: "ko"}, Asked(answers={}))] == [url]


def test_a_page_that_the_site_does_not_have_is_told() -> None:
    [finding] = strange_pages({"https://a.example/x": "ko, en"}, ["https://a.example/x"])
    assert finding.where == "ko, en"


@pytest.mark.parametrize(
    ("url", "colour"),
    [("http://127.0.0.1:8080", Colour.YELLOW), ("https://letters.hanbit.example", Colour.YELLOW),
     ("http://letters.example.or.kr", Colour.RED), ("https://letters.example.or.kr", Colour.YELLOW)],
)  # fmt: skip
async def test_the_site_must_be_one_that_readers_reach(url: str, colour: Colour) -> None:
    found = await site(url, None)
    assert (found.colour, found.subject) == (colour, url)
    assert found.advice("ko")
