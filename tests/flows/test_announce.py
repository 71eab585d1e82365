"""A WebSub hub hears of every changed feed: an imitation of one, made from the W3C Recommendation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from publisher.flows.announce import announce, wait_after
from publisher.net import Fetcher
from publisher.store.database import Database
from tests.feeds.example import SITE, feed
from tests.feeds.store import NOW, add, item, shelf

FEEDS = (feed("all-ko"), feed("all-en"))


@dataclass
class Hub:
    """Answers with `status` and remembers the topics it was told of."""

    place: str = ""
    status: int = 204
    told: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.place}/"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        form = parse_qs((await reader.readexactly(length)).decode())
        assert head.startswith("post / http/1.1")
        assert "content-type: application/x-www-form-urlencoded" in head
        assert form["hub.mode"] == ["publish"]
        assert form["hub.url"] == form["hub.topic"]
        self.told += form["hub.url"]
        writer.write(f"HTTP/1.1 {self.status} x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def a_hub() -> AsyncIterator[Hub]:
    hub = Hub()
    server = await asyncio.start_server(hub.talk, "127.0.0.1", 0)
    hub.place = "127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    async with server:
        yield hub


async def tell(db: Database, hub: Hub, *, later: timedelta = timedelta(0)) -> int:
    """As a process does that began just now."""
    now = NOW + later
    async with Fetcher(allow=[hub.place]) as fetcher:
        return await announce(db, shelf(db, now=now, hub=hub.url), FEEDS, SITE, hub=hub.url, fetcher=fetcher, now=now)


def topics(*slugs: str) -> set[str]:
    return {SITE.feed_url(slug, extension) for slug in slugs for extension in ("rss", "atom", "json")}


async def test_a_hub_hears_of_what_changed_and_of_nothing_else(db: Database) -> None:
    async with a_hub() as hub:
        await add(db, item(1))
        assert await tell(db, hub) == 6
        assert set(hub.told) == topics("all-ko", "all-en")
        hub.told.clear()
        assert await tell(db, hub, later=timedelta(days=1)) == 0
        await add(db, item(2))
        assert await tell(db, hub, later=timedelta(days=2)) == 3
        assert set(hub.told) == topics("all-ko")


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_a_hub_that_refuses_is_told_again_after_a_wait_also_by_a_new_process(db: Database, status: int) -> None:
    async with a_hub() as hub:
        hub.status = status
        assert await tell(db, hub) == 0
        assert len(hub.told) == 6
        assert await tell(db, hub, later=timedelta(seconds=59)) == 0
        assert len(hub.told) == 6
        hub.status = 204
        assert await tell(db, hub, later=timedelta(seconds=60)) == 6
        assert await tell(db, hub, later=timedelta(days=1)) == 0


async def test_a_hub_that_is_not_there_hears_later(db: Database) -> None:
    async with a_hub() as hub:
        gone = Hub(place=hub.place)
    assert await tell(db, gone) == 0


async def test_a_change_while_the_hub_is_away_is_told_without_waiting(db: Database) -> None:
    async with a_hub() as hub:
        hub.status = 503
        await tell(db, hub)
        hub.status = 204
        await add(db, item(1))
        assert await tell(db, hub, later=timedelta(seconds=1)) == 3


async def test_a_hub_inside_the_house_is_not_told(db: Database) -> None:
    async with a_hub() as hub, Fetcher() as fetcher:
        told = await announce(db, shelf(db), FEEDS, SITE, hub=hub.url, fetcher=fetcher, now=NOW)
        assert (told, hub.told) == (0, [])


def test_the_wait_doubles_up_to_six_hours() -> None:
    waits = [wait_after(tellings) for tellings in (0, 1, 2, 8, 9, 10_000)]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 256, 360, 360)]
