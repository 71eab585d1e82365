"""What the head of a feed says in every format: whose it is, where it belongs, what else it comes in."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from publisher.model import Feed, Site, text_in

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


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


def other_formats(feed: Feed, site: Site, extension: str) -> Iterator[tuple[str, str]]:
    """Address and media type of the same feed in the formats beside this one."""
    for other, media_type in MEDIA_TYPES.items():
        if other != extension:
            yield site.feed_url(feed.slug, other), media_type
