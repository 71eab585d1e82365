"""A feed as it is served or filed: its bytes, and what tells them apart from others."""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from publisher.feeds import FORMATS
from publisher.feeds.opml import opml
from publisher.feeds.piece import Rights
from publisher.feeds.plan import chosen
from publisher.model import Entry, Feed, Site

CATALOGUE = ("feeds", "opml")
"""Slug and extension of the list of all feeds."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """
    A document ready to go out. `etag` is strong and quoted; the same bytes always have the same.

    `last_modified` is when the newest change in it was seen; None when nothing in it has a date.
    """

    slug: str
    extension: str
    media_type: str
    content: bytes
    etag: str
    last_modified: datetime | None

    @property
    def name(self) -> str:
        """`all-ko.atom`: the last part of its address, and its name as a file."""
        return f"{self.slug}.{self.extension}"

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


def render(feed: Feed, extension: str, entries: Iterable[Entry], site: Site, rights: Rights) -> Rendered:
    """The feed in one format: of the entries those that belong in it, newest first."""
    shown = chosen(feed, entries)
    form = FORMATS[extension]
    content = form.write(feed, shown, site, rights)
    return _rendered(feed.slug, extension, form.media_type, content, _newest_change(shown))


def render_catalogue(feeds: Iterable[Feed], site: Site) -> Rendered:
    """The list of all feeds, for readers that can take them over in one go."""
    slug, extension = CATALOGUE
    return _rendered(slug, extension, "text/x-opml; charset=utf-8", opml(feeds, site), None)


def _rendered(slug: str, extension: str, media_type: str, content: bytes, changed: datetime | None) -> Rendered:
    return Rendered(
        slug=slug,
        extension=extension,
        media_type=media_type,
        content=content,
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        last_modified=changed,
    )


def _newest_change(entries: Sequence[Entry]) -> datetime | None:
    newest = max((entry.updated_at for entry in entries), default=None)
    return newest.replace(microsecond=0) if newest else None
