"""What a reader's program asks for, and what it hears."""

import gzip
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
from sqlalchemy.exc import OperationalError

from publisher.feeds.publish import Rendered
from publisher.web.feeds import Seen, feeds_app, handles

FEED = Rendered(
    slug="all",
    extension="rss",
    media_type="application/rss+xml; charset=utf-8",
    content="<rss>강은 기다린다</rss>".encode() * 50,
    etag='"0123"',
    last_modified=datetime(2026, 3, 2, 0, 30, tzinfo=UTC),
)
PAGE = replace(FEED, slug="all/2", content=b"<rss>page</rss>", etag='"page"')
SHOWN = {
    ("all/2", "rss"): PAGE,
    ("all", "rss"): FEED,
    ("all", "json"): replace(FEED, extension="json", media_type="application/feed+json; charset=utf-8"),
    ("feeds", "opml"): replace(FEED, slug="feeds", extension="opml", last_modified=None),
}
UNPACK: dict[str | None, Callable[[bytes], bytes]] = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}
ON_THE_DOT = "Mon, 02 Mar 2026 00:30:00 GMT"


class FakeShelf:
    async def get(self, slug: str, extension: str, number: int | None = None) -> Rendered | None:
        if slug == "away":
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))
        return SHOWN.get((slug if number is None else f"{slug}/{number}", extension))


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(path: str, method: str = "GET", root_path: str = "", seen: Seen | None = None, **headers: str) -> Answer:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("no request of a feed has a body worth reading")

    scope = {
        "type": "http",
        "path": path,
        "root_path": root_path,
        "method": method,
        "client": ("192.0.2.7", 40000),
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    await feeds_app(FakeShelf(), seen)(scope, receive, send)
    start, *rest = sent
    names = [name.decode() for name, _ in start["headers"]]
    assert len(names) == len(set(names)), "no header twice"
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        body=b"".join(message["body"] for message in rest),
    )


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/feeds/all.rss", True),
        ("/feeds/columns-c-fivllhxq-ko.atom", True),
        ("/feeds/nowhere.json", True),
        ("/feeds.opml", True),
        ("/feeds", False),
        ("/feeds/", False),
        ("/feeds/all", False),
        ("/feeds/all.html", False),
        ("/feeds/all/2.rss", True),
        ("/feeds/all/0.rss", True),
        ("/feeds/all/last.rss", True),
        ("/feeds/all/2/3.rss", False),
        ("/feeds//2.rss", False),
        ("/feeds/all.rss/", False),
        ("/feeds/all.rss\n", False),
        ("/ko/feeds/all.rss", False),
    ],
)
def test_only_feeds_are_handled(path: str, is_ours: bool) -> None:
    assert handles(path) is is_ours


async def test_a_feed_comes_with_all_that_a_cache_needs() -> None:
    answer = await ask("/feeds/all.rss")
    assert answer.status == 200
    assert answer.body == FEED.content
    assert answer.headers == {
        "etag": '"0123"',
        "last-modified": ON_THE_DOT,
        "cache-control": "public, max-age=300",
        "vary": "Accept-Encoding, Sec-Fetch-Dest",
        "content-type": "application/rss+xml; charset=utf-8",
        "content-length": str(len(FEED.content)),
        "x-content-type-options": "nosniff",
    }


async def test_head_says_the_same_without_the_body() -> None:
    for path in ("/feeds/all.rss", "/feeds/nowhere.rss"):
        got, head = await ask(path), await ask(path, "HEAD")
        assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


async def test_the_catalogue_has_no_date() -> None:
    answer = await ask("/feeds.opml")
    assert answer.status == 200
    assert "last-modified" not in answer.headers


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ('"0123"', 304),
        ('W/"0123"', 304),
        ('"0123-gzip"', 304),
        ('"0123-br"', 304),
        ('"0123-zstd"', 200),
        ('"other", W/"0123"', 304),
        ('"other","0123"', 304),
        ("*", 304),
        ('"other"', 200),
        ('"01234"', 200),
        ("0123", 200),
        ('"a, 0123"', 200),
        ("", 200),
        ('"half', 200),
        ("\xff\xfe", 200),
    ],
)
async def test_whoever_has_the_tag_hears_nothing_new(tags: str, status: int) -> None:
    assert (await ask("/feeds/all.rss", if_none_match=tags)).status == status


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (ON_THE_DOT, 304),
        ("Mon, 02 Mar 2026 00:30:01 GMT", 304),
        ("Monday, 02-Mar-26 00:30:00 GMT", 304),
        ("Mon Mar  2 00:30:00 2026", 304),
        ("Mon, 02 Mar 2026 00:29:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Mon, 99 Mar 2026 00:30:00 GMT", 200),
        ("Mon, 02 Mar 99999999 00:30:00 GMT", 200),
        ("Mon, 02 Mar 2026 00:30:00 +99999999999999", 200),
        ("Mon, 02 Mar 2026 00:30:00 -0000", 304),
    ],
)
async def test_whoever_read_it_since_hears_nothing_new(since: str, status: int) -> None:
    assert (await ask("/feeds/all.rss", if_modified_since=since)).status == status


async def test_a_tag_counts_more_than_a_date() -> None:
    assert (await ask("/feeds/all.rss", if_none_match='"other"', if_modified_since=ON_THE_DOT)).status == 200
    early = "Sun, 01 Mar 2026 00:00:00 GMT"
    assert (await ask("/feeds/all.rss", if_none_match='"0123"', if_modified_since=early)).status == 304


async def test_without_a_date_no_date_can_match() -> None:
    assert (await ask("/feeds.opml", if_modified_since="Mon, 02 Mar 2099 00:00:00 GMT")).status == 200


async def test_nothing_new_has_no_body_and_the_headers_of_the_feed() -> None:
    answer = await ask("/feeds/all.rss", if_none_match='"0123"')
    assert answer.body == b""
    assert answer.headers == {
        "etag": '"0123"',
        "last-modified": ON_THE_DOT,
        "cache-control": "public, max-age=300",
        "vary": "Accept-Encoding, Sec-Fetch-Dest",
    }


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, GZIP;q=0.5", "gzip"),
        ("br;q=1.0, GZIP;q=0.5", "br"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000, br; q=0, *", None),
        ("*;q=0", None),
        ("identity", None),
        (",;q=;,=", None),
        ("", None),
    ],
)
async def test_compressed_for_whoever_takes_it(accepted: str, encoding: str | None) -> None:
    answer = await ask("/feeds/all.rss", accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == encoding
    assert UNPACK[encoding](answer.body) == FEED.content
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["etag"] == (f'"0123-{encoding}"' if encoding else '"0123"')


async def test_a_page_of_the_archive_is_served_like_a_feed() -> None:
    assert (await ask("/feeds/all/2.rss")).body == PAGE.content
    assert (await ask("/feeds/all/2.rss", if_none_match='"page"')).status == 304


async def test_the_hub_is_told_of_in_a_header_too() -> None:
    hubbed = {"hub": "https://hub.example/", "self": "https://gaon.example/feeds/all.atom"}
    SHOWN[("hubbed", "rss")] = replace(FEED, links=hubbed)
    told = (await ask("/feeds/hubbed.rss")).headers["link"]
    assert told == '<https://hub.example/>; rel="hub", <https://gaon.example/feeds/all.atom>; rel="self"'


async def test_a_store_that_is_away_is_told_in_both_languages_and_for_how_long() -> None:
    answer = await ask("/feeds/away.rss")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "다시 시도해 주세요" in answer.body.decode()
    assert "Please try again" in answer.body.decode()
    assert "locked" not in answer.body.decode()


async def test_looks_at_a_feed_are_counted_and_nothing_else() -> None:
    seen: list[tuple[str, str, str]] = []
    for path in ("/feeds/all.rss", "/feeds/all/2.rss", "/feeds/nowhere.rss"):
        await ask(path, user_agent="Reader/1.0", seen=lambda *told: seen.append(told))
    await ask("/feeds/all.json", seen=lambda *told: seen.append(told))
    assert seen == [("all", "Reader/1.0", "192.0.2.7"), ("all", "", "192.0.2.7")]


async def test_a_json_feed_may_be_read_from_any_page() -> None:
    for headers in ({}, {"if_none_match": '"0123"'}):
        assert (await ask("/feeds/all.json", **headers)).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await ask("/feeds/all.rss")).headers
    preflight = await ask("/feeds/all.json", "OPTIONS")
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in preflight.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/nowhere.rss",
        "/feeds/all.atom",
        "/feeds/..%2f.rss",
        "/feeds/all",
        "/feeds/all/9.rss",
        "/feeds/all/0.rss",
        "/feeds/all/-1.rss",
        "/feeds/all/2x.rss",
        "/feeds/all/99999999999999999999.rss",
        "/feeds/all/\u0662.rss",
    ],
)
async def test_an_unknown_feed_is_told_in_both_languages(path: str) -> None:
    answer = await ask(path, if_none_match="*")
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body.decode() == (
        "이 주소에는 피드가 없습니다. 피드 목록: /feeds.opml\n"
        "There is no feed at this address. The list of feeds: /feeds.opml\n"
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_feed_can_only_be_read(method: str) -> None:
    answer = await ask("/feeds/all.rss", method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "읽을 수만" in answer.body.decode()


async def test_a_site_may_live_under_a_path() -> None:
    assert (await ask("/news/feeds/all.rss", root_path="/news")).status == 200
    assert (await ask("/feeds/all.rss", root_path="/news")).status == 200
    assert "/news/feeds.opml" in (await ask("/news/feeds/x.rss", root_path="/news")).body.decode()
