"""
Asking a site politely: one request at a time, waiting when it says so.

Shared by the sources that read over HTTP and need no more than pages (the
Gnuboard crawl has its own visitor, since its software answers errors with 200).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from publisher.archive.source import Cursor, Event, Finished, Remark, Source
from publisher.errors import SourceError
from publisher.net import Fetcher, Page

_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
_PATIENCE = timedelta(days=1)  # a site that only ever asks to wait is a site that fails
_WAIT = "wait"


class AskedToWait(SourceError):
    """The site answered 429 or 503 and named a time (`Retry-After`)."""

    def __init__(self, url: str, status: int, wait: timedelta) -> None:
        super().__init__("asked to wait", f"{url}: the site answers {status} and asks to come back in {wait}")
        self.wait = wait


class Asking:
    """The requests of one read, with a pause before each but the first."""

    def __init__(self, fetcher: Fetcher, pause: timedelta, now: datetime) -> None:
        self._fetcher = fetcher
        self._pause = pause.total_seconds()
        self._now = now
        self._has_asked = False

    async def page(self, url: str, headers: Mapping[str, str] | None = None, *, among: frozenset[int]) -> Page:
        """The answer, if its status is one `among` the expected; else SourceError says what came instead."""
        if self._has_asked:
            await asyncio.sleep(self._pause)
        self._has_asked = True
        page = await self._fetcher.get(url, headers=headers)
        if page.status in among:
            return page
        if page.status in {429, 503} and (wait := retry_after(page.headers.get("retry-after", ""), self._now)):
            raise AskedToWait(page.url, page.status, wait)
        raise SourceError(_reason(page.status), f"{page.url}: the site answers HTTP {page.status}")


def _reason(status: int) -> str:
    if status in {401, 403, 429}:
        return "blocked"
    return "missing" if status in {404, 410} else "unreachable"


def retry_after(text: str, now: datetime) -> timedelta | None:
    """`120` or an HTTP date → how long to stay away: a minute at least, a day at most."""
    if text.isascii() and text.isdigit():
        return min(max(timedelta(seconds=int(text[:9])), _SHORTEST), _LONGEST)
    try:
        until = parsedate_to_datetime(text)
        return min(max((until if until.tzinfo else until.replace(tzinfo=UTC)) - now, _SHORTEST), _LONGEST)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class Waiting:
    """
    A source that stays away from its site for as long as the site asked to.

    Meanwhile a read asks nothing and ends at once, with a remark. What was
    never read, or has asked to wait for more than a day, fails instead.
    """

    def __init__(self, source: Source, now: Callable[[], datetime]) -> None:
        self._source = source
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        now = self._now()
        kept = {key: value for key, value in cursor.items() if key != _WAIT}
        since, until = _times(cursor.get(_WAIT))
        if until and now < until <= now + _LONGEST:
            yield Remark(code="asked to wait", detail=f"the site asked not to be read before {until.isoformat()}")
            yield Finished(cursor=cursor)
            return
        try:
            async for event in self._source.read(known, kept):
                yield event
        except AskedToWait as asked:
            since = since or now
            if not kept or now - since > _PATIENCE:
                raise
            yield Remark(code="asked to wait", detail=str(asked))
            wait = {"since": since.isoformat(), "until": (now + asked.wait).isoformat()}
            yield Finished(cursor={**kept, _WAIT: wait})


def _times(wait: Any) -> tuple[datetime | None, datetime | None]:
    try:
        return datetime.fromisoformat(wait["since"]), datetime.fromisoformat(wait["until"])
    except (TypeError, KeyError, ValueError):
        return None, None
