"""
A list page: its rows, and where the list goes on.

A row says which post it is of, and some of what it is about. A list often cuts
titles and leaves the year out of dates, so the post's own page has the last word
on what it says more fully (`post`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, tzinfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from publisher.archive.html import places
from publisher.archive.html.addresses import Address, post_at
from publisher.archive.moments import read_moment
from publisher.archive.source import Selectors
from publisher.archive.tree import tree_of
from publisher.markup import absolute, fold

_LONGEST_TITLE = 500
_LONGEST_CELL = 60
_MOST_ROWS = 2000
_MOST_CELLS = 100
_NOTICE = ".notice, .is_notice, .bo_notice, .icon_notice, .notice_icon, .kboard-list-notice"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One post in a list, in the row's own words. `mark` changes when they do, counters apart."""

    key: str
    url: str
    title: str
    author: str
    dated: str
    category: str
    is_notice: bool

    @property
    def mark(self) -> str:
        said = "\x1f".join((self.title, self.dated, self.category))
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """
    A list page. `unlinked` counts what `item` matches without a post's address in it;
    `next` is the address of the page behind it, '' where the page leads to none.
    """

    url: str
    rows: tuple[Row, ...]
    unlinked: int
    next: str


def read_listing(page: str, url: str, select: Selectors, now: datetime, zone: tzinfo) -> Listing:
    """The rows of a page at `url`; never raises. Of rows that lie in one another only the outermost is one."""
    tree = tree_of(page)
    base = base_of(tree, url)
    items = outermost(tree, select.item)
    rows: dict[str, Row] = {}
    unlinked = 0
    for item in items[:_MOST_ROWS]:
        if row := _row(item, base, url, select, now, zone):
            rows.setdefault(row.key, row)
        else:
            unlinked += 1
    return Listing(url=url, rows=tuple(rows.values()), unlinked=unlinked, next=_next(tree, base, select))


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """What the page's relative addresses are relative to."""
    base = tree.css_first("base[href]")
    return absolute((base.attributes.get("href") or "") if base else "", url) or url


def outermost(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """What a selector matches, in the page's order, without what lies in something else that it matches."""
    found: list[LexborNode] = []
    inside: set[int] = set()
    for node in tree.css(selector):
        if node.mem_id not in inside:
            found.append(node)
            inside.update(within.mem_id for within in node.css(selector))
    return found


def _row(item: LexborNode, base: str, url: str, select: Selectors, now: datetime, zone: tzinfo) -> Row | None:
    link, address = _link(item, base, url, select)
    if link is None or address is None:
        return None
    named = item.css_first(select.title) if select.title else link
    return Row(
        key=address.key,
        url=address.url,
        title=(_words(named) if named else "") or fold(link.attributes.get("title") or "")[:_LONGEST_TITLE],
        author=_said(item, select.author)[:200],
        dated=_said(item, select.date) if select.date else _dated(item, link, now, zone),
        category=_said(item, select.category)[:100],
        is_notice=_is_notice(item),
    )


def _link(item: LexborNode, base: str, url: str, select: Selectors) -> tuple[LexborNode | None, Address | None]:
    """The link to the post: the named one, else the one with the most words (not the category's, nor a picture's)."""
    holders = item.css(select.link) if select.link else [item]  # a node's own match is among them
    links = [link for holder in holders for link in holder.css("a[href]")]
    led = [(link, address) for link in links if (address := post_at(link.attributes.get("href") or "", base, url))]
    if not led:
        return None, None
    return led[0] if select.link else max(led, key=lambda pair: len(_words(pair[0])))


def _words(node: LexborNode) -> str:
    return places.words_of(node)[:_LONGEST_TITLE]


def _said(item: LexborNode, selector: str) -> str:
    node = item.css_first(selector) if selector else None
    return places.said_by(node) if node is not None else ""


def _dated(item: LexborNode, link: LexborNode, now: datetime, zone: tzinfo) -> str:
    """The row's date: HTML's own element for it, else the first short text that is one, the title apart."""
    if (marked := places.first(places.DATES, item)) is not None:
        return places.said_by(marked)
    inside = {link.mem_id, *(node.mem_id for node in link.css("*"))}
    cells = [node for node in item.css("*")[:_MOST_CELLS] if node.mem_id not in inside and node.css_first("a") is None]
    written = (places.words_of(node) for node in cells)
    return next((text for text in written if 0 < len(text) <= _LONGEST_CELL and read_moment(text, now, zone)), "")


def _is_notice(item: LexborNode) -> bool:
    number = item.css_first("td")
    says_so = number is not None and fold(number.text()).lower() in {"공지", "notice"}
    return says_so or item.css_first(_NOTICE) is not None


def _next(tree: LexborHTMLParser, base: str, select: Selectors) -> str:
    found = tree.css_first(select.next) if select.next else places.first(places.NEXT, tree)
    if found is None:
        return ""
    link = found if found.attributes.get("href") else found.css_first("a[href]")
    address = absolute((link.attributes.get("href") or "") if link is not None else "", base)
    return address.partition("#")[0] if address.startswith(("http://", "https://")) else ""
