"""
Feeds as they are served: one by one as readers ask for them.

A feed is printed when it is first asked for after a change, and served from
memory until the next one. How it is printed is in `flows/press.py`.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from publisher.feeds import FORMATS
from publisher.feeds.kept import Kept
from publisher.feeds.publish import CATALOGUE, Rendered
from publisher.flows.press import Press
from publisher.store import feed_documents, shelves
from publisher.store.database import OUTAGES, Database

log = structlog.get_logger()

_ROOM = 32 * 1024 * 1024
_SLUG = 200  # characters; longer ones are nobody's
_MOST_PAGES = 10**9  # beyond it a number is no id any more


class FeedShelf:
    """
    The feeds as they are served: from memory, and printed anew when the store has changed.

    Whether it has is asked at most once every `look_every`, however many
    readers come; `look_again` makes the next one ask. While the store is away,
    what was shown before is shown on. May be used by any number of tasks.
    """

    def __init__(
        self,
        database: Database,
        press: Press,
        *,
        now: Callable[[], datetime],
        look_every: timedelta = timedelta(seconds=1),
    ) -> None:
        self._database = database
        self._press = press
        self._now = now
        self._look_every = look_every.total_seconds()
        self._catalogue = press.catalogue
        self._version = -1
        self._look_at = 0.0
        self._shown: Kept[str, tuple[int, Rendered]] = Kept(_ROOM)  # with the version that it was last true of
        self._lock = asyncio.Lock()

    async def get(self, slug: str, extension: str, number: int | None = None) -> Rendered | None:
        """
        The feed in this format, or a page of its archive; None where there is no such document.

        Raises one of `store.database.OUTAGES` when the store is away and the document was not shown before.
        """
        if (slug, extension) == CATALOGUE and number is None:
            return self._catalogue
        if extension not in FORMATS or len(slug) > _SLUG or (number or 0) > _MOST_PAGES:
            return None
        name = f"{slug}/{number}.{extension}" if number is not None else f"{slug}.{extension}"
        if time.monotonic() < self._look_at and (known := self._true(name)):
            return known
        async with self._lock:
            try:
                await self._look()
                return self._true(name) or await self._print(name, slug, extension, number)
            except OUTAGES:
                known_before = self._shown.get(name)
                if known_before is None:
                    raise
                log.warning("feed shown as it was: the store is away", document=name)
                return known_before[1]

    def look_again(self) -> None:
        """Something has changed: the next reader is to see it."""
        self._look_at = 0.0

    def _true(self, name: str) -> Rendered | None:
        shown = self._shown.get(name)
        return shown[1] if shown is not None and shown[0] == self._version else None

    async def _look(self) -> None:
        if time.monotonic() < self._look_at:
            return
        look_at = time.monotonic() + self._look_every
        async with self._database.read() as tx:
            self._version = await shelves.changes(tx)
        self._look_at = look_at

    async def _print(self, name: str, slug: str, extension: str, number: int | None) -> Rendered | None:
        async with self._database.read() as tx:
            version = await shelves.changes(tx)
            feed = await self._press.feed(tx, slug)
            fresh = await self._press.document(tx, feed, extension, number) if feed else None
            if fresh is None:
                self._shown.drop(name)
                return None
            dated = await feed_documents.changed_at(tx, name, fresh.etag)
        before = self._shown.get(name)
        if before is not None and before[1].etag == fresh.etag:
            shown = before[1]
        else:
            shown = replace(fresh, last_modified=dated or await self._date(name, fresh))
        self._shown.put(name, (version, shown), 2 * len(shown.content))
        self._version = version
        return shown

    async def _date(self, name: str, fresh: Rendered) -> datetime:
        async with self._database.begin() as tx:
            return await feed_documents.date(tx, name, fresh.etag, first=fresh.last_modified, now=self._now())
