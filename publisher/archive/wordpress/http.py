"""
The read of a WordPress site.

At first every page, newest first. Later two orders, each as far as it brings
something new: by date (a post that was planned ahead keeps its old time of
change) and by change (an edited one stands deep in the other order). An
unchanged site costs two requests. Once a day the numbers of all posts are
asked for, to see what is missing (`sweep`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeGuard

from publisher.archive.asking import Asking
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished, Found, Gone, Skipped, Why
from publisher.archive.wordpress.places import places, with_query
from publisher.archive.wordpress.posts import SECRET, Post, number_in, read_post, read_posts, total_of
from publisher.archive.wordpress.sweep import Sweep
from publisher.errors import SourceError
from publisher.model import RETRACTED
from publisher.net import Fetcher

_PER_PAGE = 20  # whole posts with all that is embedded: a hundred of them may pass the limit of bytes
_MOST_PAGES = 2000
_WHOLE = {"per_page": str(_PER_PAGE), "order": "desc", "_embed": "author,wp:term,wp:featuredmedia"}
_SWEEP_EVERY = timedelta(days=1)


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
        asking = Asking(self._fetcher, self._policy.pause, now)
        listing = _Listing(asking, route)
        memory = _Memory.of(cursor if known else {}, now)
        seen: set[str] = set()
        async for posts in _news(listing, memory, known):
            if listing.total is not None and not memory.since:
                yield Expecting(total=listing.total)
            fresh = [post for post in posts if post.key not in seen]
            seen.update(post.key for post in fresh)
            for event in await asyncio.to_thread(_read_all, fresh, site, known, now, self._policy.zone):
                memory.note(event)
                yield event
                if _is_closed(event, known):
                    yield Gone(source_key=event.source_key, url=event.url, reason=Why.SECRET)
        if known and not seen:
            raise SourceError("suspicious", f"{route}: the site shows no post though {len(known)} were read before")
        if known and memory.sweep_is_due:
            sweep = Sweep(asking, route, site, known)
            async for told in sweep.events():
                yield told
            async for post in listing.these([key for key in sweep.returned() if key not in seen]):
                yield read_post(post, site, now, self._policy.zone)
        yield Finished(cursor=memory.cursor(now), is_sweep=memory.sweep_is_due)


@dataclass
class _Memory:
    """
    What is remembered until the next read.

    `changed` is the newest time of change that was met (`since`: before this
    read), `secret` the posts that are closed to guests: they are nothing new.
    """

    since: str
    changed: str
    secret: set[str]
    swept: str | None
    sweep_is_due: bool

    @classmethod
    def of(cls, cursor: Cursor, now: datetime) -> "_Memory":
        since = str(cursor.get("changed") or "")
        secret = {key for key in cursor.get("secret") or () if isinstance(key, str)}
        swept = str(cursor.get("swept") or "")
        return cls(since, since, secret, swept or None, not since or _is_due(swept, now))

    def note(self, event: Found | Skipped) -> None:
        if isinstance(event, Found):
            self.secret.discard(event.item.source_key)
        elif event.reason == SECRET:
            self.secret.add(event.source_key)

    def cursor(self, now: datetime) -> Cursor:
        latest = now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        return {
            "changed": min(self.changed, latest),
            "secret": sorted(self.secret),
            "swept": now.isoformat() if self.sweep_is_due else self.swept,
        }


class _Listing:
    """The pages of the list; `total` is how many posts the site says it has."""

    def __init__(self, asking: Asking, route: str) -> None:
        self._asking = asking
        self._route = route
        self.total: int | None = None

    async def pages(self, order: str) -> AsyncIterator[list[Post]]:
        for number in range(1, _MOST_PAGES):
            address = with_query(self._route, **_WHOLE, page=str(number), orderby=order)
            # Behind the last page WordPress answers 400; posts may vanish while one reads.
            page = await self._asking.page(address, among=frozenset({200} if number == 1 else {200, 400}))
            if page.status == 400:
                return
            posts = read_posts(page)
            self.total = total_of(page)
            if posts:
                yield posts
            last = number_in(page.headers.get("x-wp-totalpages", ""))
            if not posts or (last is not None and number >= last) or (last is None and len(posts) < _PER_PAGE):
                return

    async def these(self, keys: Sequence[str]) -> AsyncIterator[Post]:
        """These posts, as far as they are there."""
        for start in range(0, len(keys), _PER_PAGE):
            include = ",".join(keys[start : start + _PER_PAGE])
            page = await self._asking.page(with_query(self._route, **_WHOLE, include=include), among=frozenset({200}))
            for post in read_posts(page):
                yield post


async def _news(listing: "_Listing", memory: _Memory, known: Mapping[str, str]) -> AsyncIterator[list[Post]]:
    """The pages that may hold something new: all of them at first, later in two orders as far as they bring news."""
    for order in ("date", "modified") if memory.since else ("date",):
        async for posts in listing.pages(order):
            memory.changed = max([memory.changed, *(post.changed for post in posts)])
            yield posts
            if memory.since and not _brings_news(posts, order, known, memory):
                break


def _read_all(
    posts: list[Post], site: str, known: Mapping[str, str], now: datetime, zone: tzinfo
) -> list[Found | Skipped]:
    events = (read_post(post, site, now, zone) for post in posts)
    return [
        each for each in events if not (isinstance(each, Found) and known.get(each.item.source_key) == each.item.digest)
    ]


def _is_closed(event: Found | Skipped, known: Mapping[str, str]) -> TypeGuard[Skipped]:
    """Whether this is a stored post that guests may not read any more."""
    return isinstance(event, Skipped) and event.reason == SECRET and known.get(event.source_key, RETRACTED) != RETRACTED


def _is_due(swept: object, now: datetime) -> bool:
    """Whether the last sweep was a day ago, or at a time that cannot be."""
    try:
        return not timedelta(0) <= now - datetime.fromisoformat(str(swept)) < _SWEEP_EVERY
    except (ValueError, TypeError):
        return True


def _brings_news(posts: list[Post], order: str, known: Mapping[str, str], memory: _Memory) -> bool:
    """Whether the next page may hold something new, too."""
    if order == "modified":
        return all(post.changed >= memory.since for post in posts)
    return any(post.key not in known and post.key not in memory.secret for post in posts)
