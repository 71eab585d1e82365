"""RSS 2.0: the format that everything reads; what it cannot say goes in by Dublin Core and atom:link."""

from collections.abc import Sequence
from functools import partial
from html import escape

from lxml import etree

from publisher.feeds.format import newest_that_fit
from publisher.feeds.head import home_of, other_formats, with_looks
from publisher.feeds.mended import XML_LANGUAGE, amended, fragment, joined, new_entry, new_generator
from publisher.feeds.piece import Piece, Rights, pieces
from publisher.model import Entry, Feed, Site

_ATOM = "http://www.w3.org/2005/Atom"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_NAMESPACES = {"atom": _ATOM, "content": "http://purl.org/rss/1.0/modules/content/", "dc": _DUBLIN_CORE}


def write(feed: Feed, entries: Sequence[Entry], site: Site, rights: Rights) -> bytes:
    """The feed as RSS. `description` is HTML, as readers take it; a whole body stands in content:encoded."""
    fragments, updated = newest_that_fit(pieces(feed, entries, site, rights), _item)
    head = new_generator(feed, updated)
    head.link(href=home_of(feed, site), rel="alternate")  # the only one: feedgen's <link> is the last one added
    amended(head, partial(_link_channel, feed, site), _NAMESPACES)
    return joined(with_looks(head.rss_str(pretty=True), site), b"</channel>", fragments)


def _link_channel(feed: Feed, site: Site, root: etree._Element) -> None:
    channel = root[0]
    self_link = {"rel": "self", "type": "application/rss+xml", "href": site.feed_url(feed.slug, "rss")}
    etree.SubElement(channel, f"{{{_ATOM}}}link", self_link)
    for href, media_type in other_formats(feed, site, "rss"):
        etree.SubElement(channel, f"{{{_ATOM}}}link", {"rel": "alternate", "type": media_type, "href": href})


def _item(piece: Piece) -> str:
    item = new_entry()
    item.guid(piece.id)
    item.title(piece.title)
    item.link(href=piece.url)
    if piece.published:
        item.published(piece.published)
    for category in piece.categories:
        item.category(term=category)
    for file in piece.enclosures[:1]:  # RSS 2.0 has one; the others are linked below the text
        item.enclosure(file.url, file.size, file.type)
    if piece.is_whole:
        item.description(escape(piece.summary) or None)
        item.content(piece.html)
    else:
        item.description(piece.html)
    return fragment(amended(item, partial(_amend, piece)).rss_entry(), _NAMESPACES)


def _amend(piece: Piece, element: etree._Element) -> None:
    element.set(XML_LANGUAGE, piece.language)
    if piece.author:
        etree.SubElement(element, f"{{{_DUBLIN_CORE}}}creator").text = piece.author
