"""
Entries out as feeds: all at once for files, or one by one as readers ask for them.

A feed is rendered when it is first asked for after a change, and served from
memory until the next one.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from publisher.feeds import FORMATS
from publisher.feeds.piece import Rights
from publisher.feeds.plan import belongs
from publisher.feeds.publish import CATALOGUE, Rendered, render, render_catalogue
from publisher.flows.compose import Sign
from publisher.model import Entry, Feed, Site
from publisher.store import entries
from publisher.store.database import Database, Tx

MOST_ENTRIES = 200
"""Entries in a feed. The size of the document is a second limit, in `feeds.format`."""

# A category is found among the newest: so many are looked through for it.
_LOOKED_THROUGH = 2000


async def syndicate(tx: Tx, feeds: Sequence[Feed], site: Site, rights: Rights, sign: Sign) -> list[Rendered]:
    """Every feed in every format, and the list of them, as the store stands in this transaction."""
    documents = [render_catalogue(feeds, site)]
    for feed in feeds:
        shown = await _entries_of(tx, feed, sign)
        documents += [render(feed, extension, shown, site, rights) for extension in FORMATS]
    return documents


class FeedShelf:
    """
    The feeds as they are served: from memory, and rendered anew when the store has changed.

    Whether it has is asked at most once every `look_every`, however many
    readers come; `look_again` makes the next one ask. May be used by any number of tasks.
    """

    def __init__(
        self,
        database: Database,
        feeds: Sequence[Feed],
        site: Site,
        rights: Rights,
        sign: Sign,
        *,
        now: Callable[[], datetime],
        look_every: timedelta = timedelta(seconds=1),
    ) -> None:
        self._database = database
        self._feeds: Mapping[str, Feed] = {feed.slug: feed for feed in feeds}
        self._site = site
        self._rights = rights
        self._now = now
        self._sign = sign
        self._look_every = look_every.total_seconds()
        self._catalogue = render_catalogue(feeds, site)
        self._version: str | None = None
        self._look_at = 0.0
        self._shown: dict[tuple[str, str], Rendered] = {}
        self._current: set[tuple[str, str]] = set()  # of those shown, what the store has not outrun
        self._lock = asyncio.Lock()

    async def get(self, slug: str, extension: str) -> Rendered | None:
        """The feed in this format; None where there is no such feed or format."""
        asked = (slug, extension)
        if asked == CATALOGUE:
            return self._catalogue
        feed = self._feeds.get(slug)
        if feed is None or extension not in FORMATS:
            return None
        if asked in self._current and time.monotonic() < self._look_at:
            return self._shown[asked]
        async with self._lock:
            await self._look()
            if asked not in self._current:
                self._shown[asked] = self._dated(await self._render(feed, extension))
                self._current.add(asked)
            return self._shown[asked]

    def look_again(self) -> None:
        """Something has changed: the next reader is to see it."""
        self._look_at = 0.0

    async def _look(self) -> None:
        if time.monotonic() < self._look_at:
            return
        look_at = time.monotonic() + self._look_every
        async with self._database.read() as tx:
            version = await entries.feed_version(tx)
        if version != self._version:
            self._current.clear()
        self._version, self._look_at = version, look_at

    async def _render(self, feed: Feed, extension: str) -> Rendered:
        async with self._database.read() as tx:
            shown = await _entries_of(tx, feed, self._sign)
        return await asyncio.to_thread(render, feed, extension, shown, self._site, self._rights)

    def _dated(self, fresh: Rendered) -> Rendered:
        """
        The same document if its bytes are the same; otherwise one with a later date.

        An entry let in from quarantine, or taken out, changes the feed without
        being its newest change: readers that go by the date would not hear of it.
        """
        before = self._shown.get((fresh.slug, fresh.extension))
        if before is None:
            return fresh
        if before.etag == fresh.etag:
            return before
        if before.last_modified and (fresh.last_modified is None or fresh.last_modified <= before.last_modified):
            return replace(fresh, last_modified=self._now().replace(microsecond=0))
        return fresh


async def _entries_of(tx: Tx, feed: Feed, sign: Sign) -> list[Entry]:
    if not feed.categories:
        found = await entries.for_feed(tx, feed.archives, feed.language, MOST_ENTRIES)
    else:
        among = await entries.for_feed(tx, feed.archives, feed.language, _LOOKED_THROUGH)
        found = [entry for entry in among if belongs(feed, entry)][:MOST_ENTRIES]
    return sign(found)
