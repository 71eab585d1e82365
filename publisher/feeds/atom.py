"""Atom (RFC 4287): the format that says most, with every link, language and date in its place."""

from collections.abc import Iterator, Sequence
from functools import partial

from lxml import etree

from publisher.feeds.format import newest_that_fit
from publisher.feeds.head import home_of, other_formats, publisher_of, with_looks
from publisher.feeds.mended import XML_LANGUAGE, amended, fragment, joined, new_entry, new_generator
from publisher.feeds.piece import Piece, Rights, pieces
from publisher.model import Entry, Feed, Site


def write(feed: Feed, entries: Sequence[Entry], site: Site, rights: Rights) -> bytes:
    """The feed as Atom. Its author is the publisher, which RFC 4287 wants where an entry names none."""
    fragments, updated = newest_that_fit(pieces(feed, entries, site, rights), _entry)
    address = site.feed_url(feed.slug, "atom")
    head = new_generator(feed, updated)
    head.id(address)
    head.author(name=publisher_of(feed, site), uri=home_of(feed, site))
    head.link(href=address, rel="self", type="application/atom+xml")
    head.link(href=home_of(feed, site), rel="alternate", type="text/html")
    for href, media_type in other_formats(feed, site, "atom"):
        head.link(href=href, rel="alternate", type=media_type)
    return joined(with_looks(head.atom_str(pretty=True), site), b"</feed>", fragments)


def _entry(piece: Piece) -> str:
    entry = new_entry()
    entry.id(piece.id)
    entry.title(piece.title)
    entry.updated(piece.updated)
    entry.link(href=piece.url)  # feedgen insists on one; `_amend` writes it anew
    if piece.published:
        entry.published(piece.published)
    if piece.author:
        entry.author(name=piece.author)
    for category in piece.categories:
        entry.category(term=category)
    if piece.is_whole:
        entry.summary(piece.summary or None)
        entry.content(piece.html, type="html")
    else:
        entry.summary(piece.html, type="html")
    return fragment(amended(entry, partial(_amend, piece)).atom_entry())


def _amend(piece: Piece, element: etree._Element) -> None:
    element.set(XML_LANGUAGE, piece.language)
    for bare in element.findall("link"):
        element.remove(bare)
    for attributes in _links(piece):
        etree.SubElement(element, "link", attributes)


def _links(piece: Piece) -> Iterator[dict[str, str]]:
    """
    The entry's page first and as the only alternate: of several, some readers
    take the first and some the last, and would open the other language.
    """
    yield {"rel": "alternate", "type": "text/html", "hreflang": piece.language, "href": piece.url}
    for language, href in piece.translations:
        yield {"rel": "related", "type": "text/html", "hreflang": language, "href": href}
    if piece.archive_url:
        yield {"rel": "via", "type": "text/html", "href": piece.archive_url}
    if piece.original_url:
        yield {"rel": "related", "href": piece.original_url}
    for file in piece.enclosures:
        yield {"rel": "enclosure", "type": file.type, "length": str(file.size), "title": file.name, "href": file.url}
