"""
The rules of feeds, as the specifications give them: what a validator would say, as far as looking can tell.

    RFC 4287 (Atom) · RSS 2.0 with the RSS Advisory Board's profile · RFC 5005 sections 3 and 4 · JSON Feed 1.1

Written from the specifications and sharing nothing with what writes the feeds.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT)")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:\S+")
_DIGITS = re.compile(r"\d+")
_NEVER = ("script", "iframe", "object", "embed", "form", "style", "link", "meta", "base", "frame", "applet")


def faults(document: bytes, extension: str) -> list[str]:
    """Everything that is wrong with a feed; nothing, if it is valid."""
    try:
        read = {"atom": _atom, "rss": _rss, "json": _json}[extension]
        return list(read(document))
    except (etree.XMLSyntaxError, UnicodeDecodeError, json.JSONDecodeError) as error:
        return [f"not well-formed: {error}"]


# ── Atom ─────────────────────────────────────────────────────────────────────


def _atom(document: bytes) -> Iterator[str]:
    root = _xml(document)
    if root.tag != f"{ATOM}feed":
        yield "the root is no atom:feed"
    entries = root.findall(f"{ATOM}entry")
    yield from _counted(root, "feed", {"id": 1, "title": 1, "updated": 1}, ("subtitle", "generator", "logo", "icon"))
    if not root.findall(f"{ATOM}author") and not all(entry.findall(f"{ATOM}author") for entry in entries):
        yield "feed: no author, and an entry without one"
    if len(_links(root, "self")) != 1:
        yield "feed: not exactly one self link"
    yield from _common_of_atom(root, "feed")
    yield from _history(root, root)
    for entry in entries:
        yield from _atom_entry(entry)
    yield from _twice((entry.findtext(f"{ATOM}id") or "" for entry in entries), "entry id")


def _atom_entry(entry: Any) -> Iterator[str]:
    yield from _counted(
        entry, "entry", {"id": 1, "title": 1, "updated": 1}, ("published", "summary", "content", "source", "rights")
    )
    if entry.find(f"{ATOM}content") is None and not _links(entry, "alternate"):
        yield "entry: neither content nor an alternate link"
    if not (entry.findtext(f"{ATOM}title") or "").strip():
        yield "entry: an empty title"
    yield from _common_of_atom(entry, "entry")
    for name in ("title", "summary", "content"):
        for text in entry.findall(f"{ATOM}{name}"):
            yield from _text(text)


def _text(construct: Any) -> Iterator[str]:
    kind = construct.get("type", "text")
    if kind not in ("text", "html", "xhtml"):
        yield f"text of the type {kind}"
    if kind == "html":
        yield from _html(construct.text or "")


def _common_of_atom(element: Any, where: str) -> Iterator[str]:
    for date in (*element.findall(f"{ATOM}updated"), *element.findall(f"{ATOM}published")):
        if not _RFC3339.fullmatch(date.text or ""):
            yield f"{where}: no RFC 3339 date"
    for identity in element.findall(f"{ATOM}id"):
        if not (_TAG_URI.fullmatch(identity.text or "") or _is_web(identity.text)):
            yield f"{where}: an id that is no IRI"
    for author in element.findall(f"{ATOM}author"):
        if len(author.findall(f"{ATOM}name")) != 1 or not author.findtext(f"{ATOM}name"):
            yield f"{where}: an author without a name"
    for category in element.findall(f"{ATOM}category"):
        if not category.get("term"):
            yield f"{where}: a category without a term"
    yield from _language(element.get(LANGUAGE), where)
    yield from _link_rules(element.findall(f"{ATOM}link"), where)


def _link_rules(links: Sequence[Any], where: str) -> Iterator[str]:
    alternates = [(link.get("type"), link.get("hreflang")) for link in links if _rel(link) == "alternate"]
    yield from _twice(alternates, f"{where}: alternate of one type and language")
    for link in links:
        if not _is_web(link.get("href")):
            yield f"{where}: a link without an absolute address"
        if link.get("type") and not _MEDIA_TYPE.fullmatch(link.get("type")):
            yield f"{where}: a link with no media type"
        yield from _language(link.get("hreflang"), where)
        if _rel(link) == "enclosure" and not (link.get("type") and _DIGITS.fullmatch(link.get("length", ""))):
            yield f"{where}: an enclosure without type or length"


# ── RSS ──────────────────────────────────────────────────────────────────────


def _rss(document: bytes) -> Iterator[str]:
    root = _xml(document)
    channels = root.findall("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or len(channels) != 1:
        yield "no rss 2.0 with one channel"
        return
    channel = channels[0]
    yield from _once(channel, "channel", ("title", "link", "description"), ("language", "lastBuildDate", "generator"))
    if not _is_web(channel.findtext("link")):
        yield "channel: no absolute link"
    yield from _mail_date(channel.findtext("lastBuildDate"), "channel")
    yield from _language(channel.findtext("language"), "channel")
    links = channel.findall(f"{ATOM}link")
    if len([link for link in links if _rel(link) == "self"]) != 1:
        yield "channel: not exactly one atom:link to itself"
    yield from _link_rules(links, "channel")
    yield from _history(root, channel)
    items = channel.findall("item")
    for item in items:
        yield from _item(item)
    yield from _twice((item.findtext("guid") or "" for item in items), "guid")


def _item(item: Any) -> Iterator[str]:
    yield from _once(item, "item", ("guid", "title"), ("link", "description", "pubDate", "enclosure", "author"))
    yield from _once(item, "item", (), (f"{CONTENT}encoded", f"{DC}creator", f"{DC}source", f"{TERMS}modified"))
    if item.findtext("link") is not None and not _is_web(item.findtext("link")):
        yield "item: no absolute link"
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink", "true") != "false" and not _is_web(guid.text):
        yield "item: a guid that is no address, and claims to be one"
    if item.find("author") is not None and "@" not in (item.findtext("author") or ""):
        yield "item: an author without an e-mail address"
    if item.find("description") is None and item.find(f"{CONTENT}encoded") is not None:
        yield "item: a whole text without a description"
    for enclosure in item.findall("enclosure"):
        told = enclosure.get("length", ""), enclosure.get("type", "")
        if not (_is_web(enclosure.get("url")) and _DIGITS.fullmatch(told[0]) and _MEDIA_TYPE.fullmatch(told[1])):
            yield "item: an enclosure without address, length or type"
    if item.find("pubDate") is not None:
        yield from _mail_date(item.findtext("pubDate"), "item")
    modified = item.findtext(f"{TERMS}modified")
    if modified is not None and not _RFC3339.fullmatch(modified):
        yield "item: no W3C date"
    yield from _language(item.get(LANGUAGE), "item")
    for html in (item.findtext("description"), item.findtext(f"{CONTENT}encoded")):
        yield from _html(html or "")


def _mail_date(text: str | None, where: str) -> Iterator[str]:
    try:
        is_date = bool(_RFC822.fullmatch(text or "")) and bool(parsedate_to_datetime(text or ""))
    except ValueError:
        is_date = False
    if not is_date:
        yield f"{where}: no RFC 822 date with a year of four digits"


# ── RFC 5005 ─────────────────────────────────────────────────────────────────


def _history(root: Any, head: Any) -> Iterator[str]:
    is_archive = root.find(f".//{ARCHIVE}") is not None
    links = {rel: _links(head, rel) for rel in ("self", "current", "prev-archive", "next-archive")}
    addresses = [href for rel in ("self", "prev-archive", "next-archive") for href in links[rel]]
    if any(len(found) > 1 for found in links.values()) or len(set(addresses)) != len(addresses):
        yield "archive: two links of one relation, or one that leads here"
    if is_archive and (len(links["current"]) != 1 or links["current"] == links["self"]):
        yield "archive: a page without a link to the current document"
    if not is_archive and links["next-archive"]:
        yield "archive: the current document has no next one"


# ── JSON Feed ────────────────────────────────────────────────────────────────

_OF_A_FEED: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
_OF_AN_ITEM: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip
_OF_A_FILE: dict[str, type] = {
    "url": str, "mime_type": str, "title": str, "size_in_bytes": int, "duration_in_seconds": int,
}  # fmt: skip
_OF_AN_AUTHOR: dict[str, type] = {"name": str, "url": str, "avatar": str}
_OF_A_HUB: dict[str, type] = {"type": str, "url": str}


def _json(document: bytes) -> Iterator[str]:
    feed = json.loads(document.decode("utf-8"))
    yield from _shape(feed, _OF_A_FEED, ("version", "title", "items"), "feed")
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "feed: not version 1.1"
    yield from _web_keys(feed, ("home_page_url", "feed_url", "next_url", "icon", "favicon"), "feed")
    if "next_url" in feed and feed["next_url"] == feed.get("feed_url"):
        yield "feed: next_url leads here"
    for hub in feed.get("hubs", []):
        yield from _shape(hub, _OF_A_HUB, ("type", "url"), "hub")
    yield from _authors(feed, "feed")
    yield from _language(feed.get("language"), "feed")
    for item in feed.get("items", []):
        yield from _json_item(item)
    yield from _twice((item.get("id", "") for item in feed.get("items", [])), "item id")


def _json_item(item: dict[str, Any]) -> Iterator[str]:
    yield from _shape(item, _OF_AN_ITEM, ("id",), "item")
    if not item.get("content_html") and not item.get("content_text"):
        yield "item: neither content_html nor content_text"
    yield from _web_keys(item, ("url", "external_url", "image", "banner_image"), "item")
    for key in ("date_published", "date_modified"):
        if key in item and not _RFC3339.fullmatch(item[key]):
            yield "item: no RFC 3339 date"
    for tag in item.get("tags", []):
        if not isinstance(tag, str) or not tag:
            yield "item: a tag that is no text"
    yield from _authors(item, "item")
    yield from _language(item.get("language"), "item")
    for file in item.get("attachments", []):
        yield from _shape(file, _OF_A_FILE, ("url", "mime_type"), "attachment")
        yield from _web_keys(file, ("url",), "attachment")
        if not _MEDIA_TYPE.fullmatch(file.get("mime_type", "")) or str(file.get("size_in_bytes", 0)).startswith("-"):
            yield "attachment: no media type, or no size"
    yield from _html(item.get("content_html", ""))


def _authors(holder: dict[str, Any], where: str) -> Iterator[str]:
    for author in holder.get("authors", []):
        yield from _shape(author, _OF_AN_AUTHOR, (), f"{where}'s author")
        if not author:
            yield f"{where}: an author of whom nothing is told"


def _shape(told: dict[str, Any], rules: dict[str, type], needed: Sequence[str], where: str) -> Iterator[str]:
    yield from (f"{where}: {key} is missing" for key in needed if key not in told)
    for key, value in told.items():
        if key not in rules:
            yield f"{where}: an unknown key"
        elif type(value) is not rules[key]:
            yield f"{where}: {key} is of another type"


def _web_keys(told: dict[str, Any], keys: Sequence[str], where: str) -> Iterator[str]:
    yield from (f"{where}: {key} is no absolute address" for key in keys if key in told and not _is_web(told[key]))


# ── What all share ───────────────────────────────────────────────────────────


class _Markup(HTMLParser):
    """Looks for what runs, and for addresses that lead nowhere from a reader's window."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _NEVER:
            self.faults.append(f"markup: <{tag}>")
        for name, value in attributes:
            if name.startswith("on"):
                self.faults.append("markup: an event handler")
            if name in ("href", "src") and urlsplit(value or "").scheme not in ("http", "https", "mailto", "tel"):
                self.faults.append("markup: a relative or harmful address")


def _html(html: str) -> Iterator[str]:
    markup = _Markup()
    markup.feed(html)
    markup.close()
    yield from markup.faults


def _xml(document: bytes) -> Any:
    document.decode("utf-8")
    # Entities and a doctype have no place in a feed: the parser that we use would not read them either.
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _counted(element: Any, where: str, exactly: dict[str, int], at_most_one: Sequence[str]) -> Iterator[str]:
    for name, count in exactly.items():
        if len(element.findall(f"{ATOM}{name}")) != count:
            yield f"{where}: not exactly one {name}"
    yield from (f"{where}: more than one {name}" for name in at_most_one if len(element.findall(f"{ATOM}{name}")) > 1)


def _once(element: Any, where: str, needed: Sequence[str], at_most_one: Sequence[str]) -> Iterator[str]:
    for name in needed:
        if len(element.findall(name)) != 1 or not (element.findtext(name) or "").strip():
            yield f"{where}: not exactly one {name}, with text in it"
    yield from (f"{where}: more than one {name}" for name in at_most_one if len(element.findall(name)) > 1)


def _links(element: Any, rel: str) -> list[str]:
    return [link.get("href", "") for link in element.findall(f"{ATOM}link") if _rel(link) == rel]


def _rel(link: Any) -> str:
    return str(link.get("rel", "alternate"))


def _language(tag: str | None, where: str) -> Iterator[str]:
    if tag is not None and not _TAG.fullmatch(tag):
        yield f"{where}: no language tag"


def _is_web(address: str | None) -> bool:
    parts = urlsplit(address or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and (address or "").isascii()


def _twice(values: Any, what: str) -> Iterator[str]:
    yield from (f"twice: {what}" for _, count in Counter(values).items() if count > 1)
