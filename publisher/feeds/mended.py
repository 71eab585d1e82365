"""
feedgen 1.0.0 with its faults mended; the only module that knows how it looks inside.

What is wrong with it, and the cure (`tests/feeds/test_mended.py` fails when
upstream mends the links, so that our cure can go):

- it switches the whole process to the "C" locale for each RSS date, and not
  always back: its date function is replaced;
- an Atom entry's links keep nothing but `href` (lkiesow/python-feedgen#135),
  RSS authors without an e-mail address are dropped, an entry has no language:
  what is missing goes in by an `Amendment`, an extension in feedgen's sense;
- dates that are not set are *now*: `new_generator` and the formats set all;
- it builds a document in one go and cannot say how large it becomes: we let it
  make the head and each entry, and join the bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, TypeAlias

import feedgen.entry
import feedgen.feed
from lxml import etree

from publisher.model import Feed

feedgen.feed.formatRFC2822 = format_datetime
feedgen.entry.formatRFC2822 = format_datetime

Generator: TypeAlias = Any
"""feedgen's FeedGenerator or FeedEntry: it carries no types."""

XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

ARCHIVE = "http://purl.org/syndication/history/1.0"
"""The namespace of RFC 5005: `archive` in it says that a document is a page of the archive."""

_PROGRAM = "Publisher"


class Amendment:
    """What feedgen leaves out of an element, put in by `amend` once feedgen is done with it."""

    amend: Callable[[etree._Element], None]
    namespaces: Mapping[str, str] = {}

    def extend_ns(self) -> dict[str, str]:
        return dict(self.namespaces)

    def extend_atom(self, element: etree._Element) -> etree._Element:
        self.amend(element)
        return element

    extend_rss = extend_atom


def new_generator(feed: Feed, updated: datetime) -> Generator:
    """A generator for the head of a document, with all that both XML formats say there."""
    generator = feedgen.feed.FeedGenerator()
    generator.title(feed.title)
    generator.description(feed.description)
    generator.updated(updated)  # lastBuildDate too
    # Without our version: the bytes would change with each release, though nothing new is in the feed.
    generator.generator(_PROGRAM)
    if feed.language:
        generator.language(feed.language)
    return generator


def new_entry() -> Generator:
    return feedgen.entry.FeedEntry()


def amended(
    generator: Generator, amend: Callable[[etree._Element], None], namespaces: Mapping[str, str] | None = None
) -> Generator:
    """The generator (of a feed or an entry), with `amend` called on the element it makes."""
    generator.register_extension("amendment", Amendment)
    generator.amendment.amend = amend
    generator.amendment.namespaces = namespaces or {}
    return generator


def fragments(elements: Sequence[etree._Element], *, depth: int, namespaces: Mapping[str, str]) -> list[bytes]:
    """
    Elements of one name as they stand at this depth of a document whose root declares these namespaces.

    Byte for byte what feedgen writes of them there in one go, and in one go: that is half the time.
    """
    if not elements:
        return []
    root = inmost = etree.Element("holder", nsmap=dict(namespaces))
    for _ in range(depth - 1):
        inmost = etree.SubElement(inmost, "holder")
    inmost.extend(elements)
    text = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    for _ in range(depth):
        text = text[: text.rindex(b"</holder>")].rstrip()
    # Nothing but the elements themselves begins so: in a text the bracket is escaped.
    start = b"\n" + b"  " * depth + f"<{elements[0].tag}".encode()
    return [start[1:] + rest for rest in text.split(start)[1:]]


def joined(head: bytes, last_tag: bytes, fragments: Sequence[bytes]) -> bytes:
    """A document without entries, and the entries put in before its last tag."""
    start, tag, end = head.rpartition(last_tag)
    before = start.rstrip()
    return b"".join((b"\n".join((before, *fragments)), start[len(before) :], tag, end))
