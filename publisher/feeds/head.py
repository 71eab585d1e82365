"""What the head of a feed says in every format: whose it is, where it belongs, what else it comes in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import quoteattr

from publisher.model import Feed, Language, Site, text_in

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """
    Which document of a feed: the current one (no number), or a page of its archive (RFC 5005 section 4).

    `older` and `newer` are the numbers of the pages beside it, where there are any.
    """

    number: int | None = None
    older: int | None = None
    newer: int | None = None


CURRENT = Place()


@dataclass(frozen=True, kw_only=True)
class Head:
    """All that a document says beside its entries. `hub` is the address of a WebSub hub, or ''."""

    feed: Feed
    site: Site
    updated: datetime
    place: Place = CURRENT
    hub: str = ""

    def address(self, extension: str) -> str:
        """Of this document in a format."""
        return self.page(self.place.number, extension)

    def page(self, number: int | None, extension: str) -> str:
        """Of another document of the same feed."""
        return self.site.feed_url(place_name(self.feed.slug, number), extension)

    @property
    def home(self) -> str:
        return home_of(self.feed, self.site)


def place_name(slug: str, number: int | None) -> str:
    """`all-ko`, or `all-ko/3` for a page of its archive."""
    return slug if number is None else f"{slug}/{number}"


def home_of(feed: Feed, site: Site) -> str:
    """The page for people that the feed belongs to."""
    return site.home_url(feed.language) if feed.language else f"{site.url}/"


def with_looks(document: bytes, site: Site) -> bytes:
    """The XML document, with the stylesheet that a browser shows it by; feed readers pass it over."""
    declaration, line_end, rest = document.partition(b"\n")
    href = quoteattr(f"{site.url}/feeds.css")
    return b"".join((declaration, line_end, f'<?xml-stylesheet type="text/css" href={href}?>\n'.encode(), rest))


def publisher_of(feed: Feed, site: Site) -> str:
    return text_in(site.name, feed.language or site.languages[0])


def links(head: Head, extension: str) -> Iterator[dict[str, str]]:
    """
    The links of a document in an XML format, its page for people apart.

    Of alternates with the same type and language there is only one (RFC 4287
    section 4.1.1), so another language is offered in the format at hand only.
    """
    own = MEDIA_TYPES[extension]
    yield {"rel": "self", "type": own, "href": head.address(extension)}
    for other, media_type in MEDIA_TYPES.items():
        if other != extension:
            yield {"rel": "alternate", "type": media_type, "href": head.address(other)}
    for language, slug in _translations(head):
        yield {"rel": "alternate", "type": own, "hreflang": language, "href": head.site.feed_url(slug, extension)}
    if head.hub and head.place.number is None:
        yield {"rel": "hub", "href": head.hub}
    if head.place.number is not None:
        yield {"rel": "current", "type": own, "href": head.page(None, extension)}
    for rel, number in (("prev-archive", head.place.older), ("next-archive", head.place.newer)):
        if number is not None:
            yield {"rel": rel, "type": own, "href": head.page(number, extension)}


def _translations(head: Head) -> Iterator[tuple[Language, str]]:
    if head.place.number is None:
        yield from head.feed.translations.items()
