"""Is a page a feed, or does it name one (`<link rel="alternate">`)?"""

import json
from urllib.parse import urljoin

from lxml import etree

from publisher.archive.charset import decoded
from publisher.archive.rss.document import well_formed
from publisher.archive.rss.http import read_feed
from publisher.archive.sighting import Sighting, Sightings
from publisher.archive.tree import tree_of
from publisher.errors import SourceError
from publisher.markup import fold
from publisher.net import Page

_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_MOST = 20


def recognise(page: Page) -> Sightings:
    """A feed by what it holds; a page of HTML by the feeds that it names."""
    try:
        read_feed(page)
    except SourceError:
        return Sightings(linked=tuple(_named(page)[:_MOST]))
    return Sightings(here=Sighting(kind="rss", url=page.url, title=_title(page)))


def _title(page: Page) -> str:
    text = page.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return fold(str(json.loads(decoded(page.content)).get("title") or ""))
    root = etree.fromstring(well_formed(page.content, page.headers.get("content-type", "")).xml)
    return fold(str(root.xpath("string((/*/*[local-name()='channel'] | /*)[last()]/*[local-name()='title'][1])")))


def _named(page: Page) -> list[Sighting]:
    links = tree_of(decoded(page.content, content_type=page.headers.get("content-type", ""))).css("link[href]")
    found: dict[str, Sighting] = {}
    for link in links:
        told = link.attributes
        is_feed = (told.get("type") or "").strip().lower() in _TYPES
        if is_feed and "alternate" in (told.get("rel") or "").lower().split():
            address = urljoin(page.url, (told.get("href") or "").strip())
            found.setdefault(address, Sighting(kind="rss", url=address, title=fold(told.get("title") or "")))
    return list(found.values())
