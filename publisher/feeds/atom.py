"""Atom (RFC 4287): the format that says most, with every link, language and date in its place."""

from collections.abc import Iterator, Sequence
from functools import partial

from lxml import etree

from publisher.feeds.head import Head, links, publisher_of, with_looks
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

_NAMESPACES = {"fh": ARCHIVE}


def entries(pieces: Sequence[Piece]) -> list[bytes]:
    """The entries as they stand in a document."""
    return fragments([generated_entry(piece).atom_entry() for piece in pieces], depth=1, namespaces=_NAMESPACES)


def document(head: Head, written: Sequence[bytes]) -> bytes:
    """The document. Its author is the publisher, which RFC 4287 wants where an entry names none."""
    return joined(with_looks(generated_head(head).atom_str(pretty=True), head.site), b"</feed>", written)


def generated_head(head: Head) -> Generator:
    """feedgen's feed, without entries."""
    generator = new_generator(head.feed, head.updated)
    generator.id(head.page(None, "atom"))
    generator.author(name=publisher_of(head.feed, head.site), uri=head.home)
    return amended(generator, partial(_amend_head, head), _NAMESPACES)


def generated_entry(piece: Piece) -> Generator:
    """feedgen's entry."""
    made = new_entry()
    made.id(piece.id)
    made.title(piece.title)
    made.updated(piece.updated)
    made.link(href=piece.url)  # feedgen insists on one; `_amend` writes it anew
    if piece.published:
        made.published(piece.published)
    if piece.author:
        made.author(name=piece.author)
    for category in piece.categories:
        made.category(term=category)
    if piece.is_whole:
        made.summary(piece.summary or None)
        made.content(piece.html, type="html")
    else:
        made.summary(piece.html, type="html")
    return amended(made, partial(_amend, piece))


def _amend_head(head: Head, root: etree._Element) -> None:
    etree.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": head.home})
    for attributes in links(head, "atom"):
        etree.SubElement(root, "link", attributes)
    if head.place.number is not None:
        etree.SubElement(root, f"{{{ARCHIVE}}}archive")


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
