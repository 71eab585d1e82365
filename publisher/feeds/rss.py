"""RSS 2.0: the format that everything reads; what it cannot say goes in by Dublin Core and atom:link."""

from collections.abc import Sequence
from functools import partial
from html import escape

from lxml import etree

from publisher.feeds.head import Head, links, with_looks
from publisher.feeds.mended import (
    ARCHIVE,
    XML_LANGUAGE,
    Generator,
    amended,
    fragments,
    joined,
    new_entry,
    new_generator,
)
from publisher.feeds.piece import Piece

_ATOM = "http://www.w3.org/2005/Atom"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_NAMESPACES = {
    "atom": _ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": _DUBLIN_CORE,
    "dcterms": _TERMS,
    "fh": ARCHIVE,
}


def entries(pieces: Sequence[Piece]) -> list[bytes]:
    """The entries as they stand in a document."""
    return fragments([generated_entry(piece).rss_entry() for piece in pieces], depth=2, namespaces=_NAMESPACES)


def document(head: Head, written: Sequence[bytes]) -> bytes:
    """The document. `description` is HTML, as readers take it; a whole body stands in content:encoded."""
    return joined(with_looks(generated_head(head).rss_str(pretty=True), head.site), b"</channel>", written)


def generated_head(head: Head) -> Generator:
    """feedgen's feed, without entries."""
    generator = new_generator(head.feed, head.updated)
    generator.link(href=head.home, rel="alternate")  # the only one: feedgen's <link> is the last one added
    return amended(generator, partial(_amend_head, head), _NAMESPACES)


def generated_entry(piece: Piece) -> Generator:
    """feedgen's entry."""
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
    return amended(item, partial(_amend, piece), _NAMESPACES)


def _amend_head(head: Head, root: etree._Element) -> None:
    channel = root[0]
    for attributes in links(head, "rss"):
        etree.SubElement(channel, f"{{{_ATOM}}}link", attributes)
    if head.place.number is not None:
        etree.SubElement(channel, f"{{{ARCHIVE}}}archive")


def _amend(piece: Piece, element: etree._Element) -> None:
    element.set(XML_LANGUAGE, piece.language)
    if piece.author:
        etree.SubElement(element, f"{{{_DUBLIN_CORE}}}creator").text = piece.author
    # pubDate is the source's date; when we saw the text change is told apart from it.
    etree.SubElement(element, f"{{{_TERMS}}}modified").text = piece.updated.isoformat()
    if piece.original_url:
        etree.SubElement(element, f"{{{_DUBLIN_CORE}}}source").text = piece.original_url
