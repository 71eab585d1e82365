"""
A board's RSS: the newest posts with whole titles, full texts, names and seconds.

It holds no files, links or categories, its links are escaped once too often,
and it is ill-formed as soon as one post holds a control character. So it tells
what is new or changed and adds what the pages cut; it is never the only witness.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lxml import etree

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.pages import decoded
from publisher.archive.source import Remark
from publisher.archive.tree import tree_of
from publisher.archive.wording import KST, feed_date
from publisher.markup import fold
from publisher.net import Page

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_DC = "{http://purl.org/dc/elements/1.1/}"
_OFF = {
    "RSS 보기가 금지": "rss off",
    "비회원 읽기가 가능한": "rss closed",
    "존재하지 않는 게시판": "rss missing",
}


@dataclass(frozen=True, kw_only=True)
class FeedItem:
    """One post in the feed. `key` is None where the release links every item to the board; `digest` covers its text."""

    key: str | None
    title: str
    author: str
    at: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class BoardFeed:
    items: tuple[FeedItem, ...] = ()
    remarks: tuple[Remark, ...] = ()


def read_feed(page: Page, board: Board, now: datetime, zone: tzinfo = KST) -> BoardFeed:
    """Read the feed as far as it can be read; what is wrong with it is a remark, never an error."""
    text = decoded(page.content)
    if page.status != 200 or "<rss" not in text[:2000]:
        return BoardFeed(remarks=(_refusal(page, text),))
    bare = _CONTROLS.sub("", text)
    remarks = []
    if bare != text:
        remarks.append(Remark(code="rss ill-formed", detail="the RSS holds control characters; they were left out"))
    root, fault = _parse(bare)
    if fault:
        remarks.append(Remark(code="rss ill-formed", detail=f"the RSS is not well-formed XML: {fault}"))
    items = tuple(_item(node, board, now, zone) for node in root.iter("item")) if root is not None else ()
    if items and not any(item.key for item in items):
        remarks.append(Remark(code="rss without addresses", detail="the RSS of this release names no post's address"))
    return BoardFeed(items=items, remarks=tuple(remarks))


def _refusal(page: Page, text: str) -> Remark:
    said = fold(re.sub(r"<[^>]{0,500}>", " ", text[:2000]))[:200]
    code = next((code for words, code in _OFF.items() if words in said), "rss unreadable")
    return Remark(code=code, detail=f"{page.url}: {said or f'HTTP {page.status}'}")


def _parse(text: str) -> tuple[etree._Element | None, str]:
    """The tree, mended if need be, and what was wrong with it. No entity is expanded, nothing is loaded."""
    content = _DECLARATION.sub("", text).strip().encode("utf-8", "replace")
    strict = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    try:
        return etree.fromstring(content, strict), ""
    except etree.XMLSyntaxError as error:
        mending = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8", recover=True
        )
        fault = fold(str(error))[:200]
        try:
            return etree.fromstring(content, mending), fault
        except etree.XMLSyntaxError:
            return None, fault


def _item(node: etree._Element, board: Board, now: datetime, zone: tzinfo) -> FeedItem:
    title = fold(node.findtext("title") or "")
    text = tree_of(node.findtext("description") or "")
    targets = [link.attributes.get("href") or "" for link in text.css("a[href]")]
    content = "\x1f".join((title, "".join(fold(text.text()).split()), *targets))
    return FeedItem(
        key=board.key_in_feed(node.findtext("link") or ""),
        title=title,
        author=fold(node.findtext(f"{_DC}creator") or ""),
        at=feed_date(node.findtext(f"{_DC}date") or "", now, zone),
        digest=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16],
    )
