"""RSS and Atom, by feedparser; it is given bytes that are well-formed already, and is not let near the network."""

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser

from publisher.archive.paragraphs import as_html
from publisher.archive.rss.document import Document
from publisher.archive.rss.entries import FeedDocument, FeedEntry, size_of
from publisher.markup import fold, text_of
from publisher.model import Attachment

ROOTS = frozenset({"rss", "rdf", "feed", "channel"})

_MOST_ENTRIES = 1000
_MARKED_UP = re.compile(r"</?[A-Za-z][^<>]{0,500}>|&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,30});")
_ONLY_AN_ADDRESS = re.compile(r"\s*\S+@\S+\s*")
_NAME_BESIDE = re.compile(r"\(([^()@]{1,100})\)")


def read_xml_feed(document: Document) -> FeedDocument:
    """The entries of an RSS or Atom document; never raises."""
    # From a stream: a text that looks like an address or a file's name would be opened. Cleaning is done later,
    # by the house's own markup, and addresses are resolved there too.
    parsed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(document.xml),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    entries = parsed.get("entries") or []
    return FeedDocument(
        entries=[_entry(entry) for entry in entries[:_MOST_ENTRIES]],
        home=_text((parsed.get("feed") or {}).get("link")),
        fault=document.fault,
    )


def _entry(entry: Mapping[str, Any]) -> FeedEntry:
    html, base = _body(entry)
    link, alternates = _places(entry)
    return FeedEntry(
        guid=_text(entry.get("id")),
        link=link,
        title=plain_title(_text(entry.get("title"))),
        author=_author(entry),
        dated=next((text for key in ("published", "created", "updated") if (text := _text(entry.get(key)))), ""),
        html=html,
        base=base,
        categories=tuple(_text(tag.get("label")) or _text(tag.get("term")) for tag in entry.get("tags") or ()),
        files=tuple(
            Attachment(
                name=_text(link.get("title")),
                url=_text(link.get("href")),
                size=size_of(link.get("length")),
                type=_text(link.get("type")) or None,
            )
            for link in entry.get("links") or ()
            if link.get("rel") == "enclosure" and link.get("href")
        ),
        alternates=alternates,
    )


def _places(entry: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """
    The entry's own address, and those of the same text in other languages (`hreflang`).

    feedparser takes the last alternate for the entry's own; that is the
    translation's. Its own is the one without a language, else the first.
    """
    stated = [link for link in entry.get("links") or () if link.get("rel") == "alternate" and _text(link.get("href"))]
    own = next((link for link in stated if not link.get("hreflang")), stated[0] if stated else {})
    named = {_text(link["href"]): link["hreflang"] for link in stated if link.get("hreflang")}
    alternates = tuple(href for href, language in named.items() if language != "x-default" and href != own.get("href"))
    link = _text(entry.get("link"))
    return (_text(own.get("href")) if link in named else link), alternates


def _body(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The longest text that there is, the content before the summary; and what its addresses are relative to."""
    whole = [part for part in entry.get("content") or () if _text(part.get("value")).strip()]
    part = whole[0] if whole else entry.get("summary_detail") or {}
    text = _text(part.get("value"))
    is_plain = part.get("type") == "text/plain" and not _MARKED_UP.search(text)
    return as_html(text) if is_plain else text, _text(part.get("base"))


def plain_title(title: str) -> str:
    """RSS does not say whether a title is text or HTML: it is HTML where it looks so."""
    return fold(text_of(title)) if _MARKED_UP.search(title) else fold(title)


def _author(entry: Mapping[str, Any]) -> str:
    """The author's name and never the address: RSS wants `someone@host (Name)`."""
    whole = _text(entry.get("author"))
    name = _text((entry.get("author_detail") or {}).get("name"))
    if "@" not in whole:
        return name or whole
    if _ONLY_AN_ADDRESS.fullmatch(whole):
        return ""
    beside = _NAME_BESIDE.search(whole)
    return beside[1] if beside else "" if "@" in name else name


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
