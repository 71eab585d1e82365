"""
The read of a WordPress site.

At first every page, newest first. Later two orders, each as far as it brings
something new: by date (a post that was planned ahead keeps its old time of
change) and by change (an edited one stands deep in the other order). An
unchanged site costs two requests.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, tzinfo
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from publisher.archive.asking import Asking
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished, Found, Skipped
from publisher.archive.wordpress.posts import SECRET, Post, read_post, read_posts
from publisher.errors import SourceError
from publisher.net import Fetcher

_PER_PAGE = 20  # whole posts with all that is embedded: a hundred of them may pass the limit of bytes
_MOST_PAGES = 2000
_ROUTE = "/wp/v2/posts"


class WordpressSource:
    """One site, or a part of it, as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self, policy: ArchivePolicy, fetcher: Fetcher, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._policy = policy
        self._fetcher = fetcher
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        now = self._now()
        site, route = places(self._policy.url)
        listing = _Listing(Asking(self._fetcher, self._policy.pause, now), route)
        since = str(cursor.get("changed") or "") if known else ""
        secret = {key for key in cursor.get("secret") or () if isinstance(key, str)} if known else set()
        newest, seen = since, set[str]()
        for order in ("date", "modified") if since else ("date",):
            async for posts in listing.pages(order):
                fresh = [post for post in posts if post.key not in seen]
                seen.update(post.key for post in fresh)
                if listing.total is not None and order == "date" and not since:
                    yield Expecting(total=listing.total)
                for event in await asyncio.to_thread(_read_all, fresh, site, known, now, self._policy.zone):
                    secret = _noted(event, secret)
                    yield event
                newest = max([newest, *(post.changed for post in posts)])
                if since and not _brings_news(posts, order, known, secret, since):
                    break
        if known and not seen:
            raise SourceError("suspicious", f"{route}: the site shows no post though {len(known)} were read before")
        newest = min(newest, now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds"))
        yield Finished(cursor={"changed": newest, "secret": sorted(secret)})


class _Listing:
    """The pages of the list; `total` is how many posts the site says it has."""

    def __init__(self, asking: Asking, route: str) -> None:
        self._asking = asking
        self._route = route
        self.total: int | None = None

    async def pages(self, order: str) -> AsyncIterator[list[Post]]:
        for number in range(1, _MOST_PAGES):
            address = _with(self._route, page=str(number), orderby=order)
            # Behind the last page WordPress answers 400; posts may vanish while one reads.
            page = await self._asking.page(address, among=frozenset({200} if number == 1 else {200, 400}))
            if page.status == 400:
                return
            posts = read_posts(page)
            self.total = _number(page.headers.get("x-wp-total", ""))
            if posts:
                yield posts
            last = _number(page.headers.get("x-wp-totalpages", ""))
            if not posts or (last is not None and number >= last) or (last is None and len(posts) < _PER_PAGE):
                return


def places(url: str) -> tuple[str, str]:
    """
    The site, and where its posts are asked for.

    The configured address may be the site's, with what narrows it down in the
    query (`?categories=3&lang=ko`), or that of the posts in the API itself.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    before, _, _ = parts.path.partition("/wp-json")
    site = urlunsplit((parts.scheme, parts.netloc, before.rstrip("/"), "", ""))
    if "rest_route" in query:  # a site without permalinks has its API there
        return site, f"{site}/?{urlencode(query, safe='/')}"
    return site, f"{site}/wp-json{_ROUTE}?{urlencode(query)}"


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    fixed = {"per_page": str(_PER_PAGE), "order": "desc", "_embed": "author,wp:term,wp:featuredmedia"}
    query = {**dict(parse_qsl(parts.query)), **fixed, **more}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query, safe=",:/"), ""))


def _read_all(
    posts: list[Post], site: str, known: Mapping[str, str], now: datetime, zone: tzinfo
) -> list[Found | Skipped]:
    events = (read_post(post, site, now, zone) for post in posts)
    return [
        each for each in events if not (isinstance(each, Found) and known.get(each.item.source_key) == each.item.digest)
    ]


def _noted(event: Found | Skipped, secret: set[str]) -> set[str]:
    """Which posts are closed now: they are nothing new the next time."""
    if isinstance(event, Found):
        return secret - {event.item.source_key}
    return secret | {event.source_key} if event.reason == SECRET else secret


def _brings_news(posts: list[Post], order: str, known: Mapping[str, str], secret: set[str], since: str) -> bool:
    """Whether the next page may hold something new, too."""
    if order == "modified":
        return all(post.changed >= since for post in posts)
    return any(post.key not in known and post.key not in secret for post in posts)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
