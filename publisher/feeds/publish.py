"""A feed as it is served or filed: its bytes, and what tells them apart from others."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import brotli

from publisher.feeds import FORMATS
from publisher.feeds.format import NOTHING_YET, Fragment, how_many_fit
from publisher.feeds.head import CURRENT, Head, Place, place_name
from publisher.feeds.opml import opml
from publisher.feeds.piece import Rights, piece, rights_of
from publisher.feeds.plan import chosen
from publisher.model import Entry, Feed, Language, Site

CATALOGUE = ("feeds", "opml")
"""Slug and extension of the list of all feeds."""

ENCODINGS = ("br", "gzip")
"""The content codings in which a document can go out, the better one first."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """
    A document ready to go out. `etag` is strong and quoted; the same bytes always have the same.

    `slug` is that of the feed, with the number of the page for one of its
    archive: `all-ko/3`. `last_modified` is when it was first seen with these
    bytes, as far as that is known; else when the newest change in it was seen;
    None when nothing in it has a date. `links` are what HTTP tells of it (RFC 8288).
    """

    slug: str
    extension: str
    media_type: str
    content: bytes
    etag: str
    last_modified: datetime | None
    links: Mapping[str, str] = field(default_factory=dict)
    _packed: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """`all-ko.atom`: the last part of its address, and its name as a file."""
        return f"{self.slug}.{self.extension}"

    def is_packed(self, encoding: str) -> bool:
        """Whether `packed` costs nothing."""
        return encoding in self._packed

    def packed(self, encoding: str) -> bytes:
        """The content in one of ENCODINGS, made once. May be called from any thread."""
        found = self._packed.get(encoding)
        if found is None:
            found = self._packed[encoding] = _PACK[encoding](self.content)
        return found


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


def _brotli(content: bytes) -> bytes:
    # Quality 5 costs what gzip does and is a fifth smaller; 11 would take a second for a full feed.
    packed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=5)
    return packed


_PACK = {"gzip": _gzip, "br": _brotli}


def write_entries(entries: Sequence[Entry], language: Language | None, site: Site, rights: Rights) -> list[Fragment]:
    """Each entry in every format, as the feeds of this language (None: of all entries) show it."""
    pieces = [piece(entry, language, site, rights_of(entry, rights)) for entry in entries]
    written = {extension: form.entries(pieces) for extension, form in FORMATS.items()}
    return [
        Fragment(updated=shown.updated, content={extension: written[extension][number] for extension in FORMATS})
        for number, shown in enumerate(pieces)
    ]


def bind(
    feed: Feed, extension: str, fragments: Sequence[Fragment], site: Site, *, place: Place = CURRENT, hub: str = ""
) -> Rendered:
    """A document of these entries, in the order given."""
    form = FORMATS[extension]
    changed = max((fragment.updated for fragment in fragments), default=None)
    head = Head(feed=feed, site=site, updated=changed or NOTHING_YET, place=place, hub=hub)
    content = form.document(head, [fragment.content[extension] for fragment in fragments])
    slug = place_name(feed.slug, place.number)
    announced = {"hub": hub, "self": head.address(extension)} if hub and place.number is None else {}
    return _rendered(slug, extension, form.media_type, content, changed, announced)


def render(feed: Feed, extension: str, entries: Iterable[Entry], site: Site, rights: Rights) -> Rendered:
    """The feed in one format: of the entries those that belong in it, newest first, as many as fit."""
    fragments = write_entries(chosen(feed, entries), feed.language, site, rights)
    return bind(feed, extension, fragments[: how_many_fit(fragments, extension)], site)


def render_catalogue(feeds: Iterable[Feed], site: Site) -> Rendered:
    """The list of all feeds, for readers that can take them over in one go."""
    slug, extension = CATALOGUE
    return _rendered(slug, extension, "text/x-opml; charset=utf-8", opml(feeds, site), None, {})


def _rendered(
    slug: str, extension: str, media_type: str, content: bytes, changed: datetime | None, links: Mapping[str, str]
) -> Rendered:
    return Rendered(
        slug=slug,
        extension=extension,
        media_type=media_type,
        content=content,
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        last_modified=changed,
        links=links,
    )
