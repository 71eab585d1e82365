"""The read of a feed: one request, answered in full only when something changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from publisher.archive.asking import Asking
from publisher.archive.charset import decoded
from publisher.archive.rss.document import well_formed
from publisher.archive.rss.entries import FeedDocument, events
from publisher.archive.rss.jsonfeed import read_json_feed
from publisher.archive.rss.xmlfeed import ROOTS, read_xml_feed
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished, Remark, Skipped
from publisher.errors import SourceError
from publisher.net import Fetcher, Page

_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_MOST_TOLD = 50
_LONGEST_VALIDATOR = 500


class RssSource:
    """One feed as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self, policy: ArchivePolicy, fetcher: Fetcher, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._url = policy.url
        self._pause = policy.pause
        self._zone = policy.zone
        self._fetcher = fetcher
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        now = self._now()
        page = await self._ask(known, cursor, now)
        if page.status == 304:
            for told in _told_before(cursor):
                yield told
            yield Finished(cursor=cursor)
            return
        # Off the loop: a large feed takes seconds, and letters are going out meanwhile.
        feed = await asyncio.to_thread(read_feed, page)
        if known and not feed.entries:
            raise SourceError(
                "suspicious", f"{page.url}: the feed is empty though {len(known)} entries were read before"
            )
        found = await asyncio.to_thread(events, feed, page.url, known, now, self._zone)
        remarks = [Remark(code="feed ill-formed", detail=f"{page.url}: {feed.fault}")] if feed.fault else []
        yield Expecting(total=len(found))
        for remark in remarks:
            yield remark
        for event in found:
            yield event
        yield Finished(cursor=_cursor(self._url, page, remarks, [each for each in found if isinstance(each, Skipped)]))

    async def _ask(self, known: Mapping[str, str], cursor: Cursor, now: datetime) -> Page:
        """
        The feed, or 304. Asked for in full when its address changed, or when
        what was read is not stored any more.
        """
        headers = {"accept": _ACCEPT}
        if cursor.get("url") == self._url and known:
            if etag := _text(cursor.get("etag")):
                headers["if-none-match"] = etag
            if modified := _text(cursor.get("modified")):
                headers["if-modified-since"] = modified
        asking = Asking(self._fetcher, self._pause, now)
        return await asking.page(self._url, headers, among=frozenset({200, 304} if len(headers) > 1 else {200}))


def read_feed(page: Page) -> FeedDocument:
    """The feed in an answer, by what it holds and not by what its header says. Raises SourceError (`not a feed`)."""
    content_type = page.headers.get("content-type", "")
    if page.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        feed = read_json_feed(decoded(page.content, content_type=content_type))
        if feed is None:
            raise SourceError("not a feed", f"{page.url}: answers JSON that is no JSON Feed; name the feed's address")
        return feed
    document = well_formed(page.content, content_type)
    if document.root not in ROOTS:
        what = f"a document of the kind <{document.root[:40]}>" if document.root else "nothing readable"
        raise SourceError("not a feed", f"{page.url}: answers {what}, no RSS, Atom or JSON Feed; name its address")
    return read_xml_feed(document)


def _cursor(url: str, page: Page, remarks: list[Remark], skipped: list[Skipped]) -> dict[str, Any]:
    return {
        "url": url,
        "etag": _validator(page, "etag"),
        "modified": _validator(page, "last-modified"),
        "remarks": [[remark.code, remark.detail] for remark in remarks],
        "skipped": [[each.source_key, each.url, each.reason] for each in skipped[:_MOST_TOLD]],
    }


def _validator(page: Page, name: str) -> str:
    """What is sent back as it came, unless it is no plain header line."""
    value = page.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else ""


def _told_before(cursor: Cursor) -> list[Remark | Skipped]:
    """An unchanged feed has the same faults as before."""
    remarks = [Remark(code=code, detail=detail) for code, detail in cursor.get("remarks") or ()]
    skipped = [Skipped(source_key=key, url=url, reason=reason) for key, url, reason in cursor.get("skipped") or ()]
    return [*remarks, *skipped]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
