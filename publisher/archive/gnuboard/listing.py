"""
The rows of a list page, in the skins of 5.0 to 5.6, desktop, mobile and gallery.

Skins differ in every class name, so a row is whatever holds a link to a post
of this board; the classes only help to tell what else the row says. A list
has no usable dates (the year is missing) and cuts its titles, so neither is
taken from here.
"""

import hashlib
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.pages import LIST_PARTS
from publisher.markup import fold

_TOTAL = re.compile(r"([0-9][0-9,]{0,11})\s*건")
_TITLE_LINKS = ".bo_tit, a.bo_tit, a.bo_subject, a.gall_li_tit, .td_subject"
_NOTICE = ".notice_icon, .is_notice, .icon_notice"
_LOCK = "i.fa-lock, img[src*=secret], img[alt*=비밀]"
_FILES = "i.fa-download, img[src*=icon_file]"
_LINKS = "i.fa-link, img[src*=icon_link]"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One post in a list. `mark` changes when what the row says of the post itself changes."""

    key: str
    is_notice: bool
    is_secret: bool
    category: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list page. `total` is what the page says the board holds, None where it does not say."""

    rows: tuple[Row, ...]
    total: int | None
    board_title: str


def read_listing(tree: LexborHTMLParser, board: Board) -> Listing:
    """Read a page that `pages.recognise` called a list."""
    roots = _outermost(tree)
    rows: dict[str, Row] = {}
    for key, holder in _rows_in(roots, board):
        row = _row(key, holder, board)
        rows.setdefault(key, row)
    return Listing(rows=tuple(rows.values()), total=_total(tree), board_title=board_title(tree))


def board_title(tree: LexborHTMLParser) -> str:
    """The board's name as the page's heading says it, '' where a theme has none."""
    heading = tree.css_first("#container_title")
    if heading is None:
        return ""
    hidden = {hidden.mem_id for hidden in heading.css(".sound_only")}
    texts = [node.text_content or "" for node in heading.traverse(include_text=True) if _is_shown_text(node, hidden)]
    return fold("".join(texts))


def _is_shown_text(node: LexborNode, hidden: set[int]) -> bool:
    return node.is_text_node and (node.parent is None or node.parent.mem_id not in hidden)


def _outermost(tree: LexborHTMLParser) -> list[LexborNode]:
    parts = tree.css(LIST_PARTS)
    inside = {node.mem_id for part in parts for node in part.css("*") if node.mem_id != part.mem_id}
    return [part for part in parts if part.mem_id not in inside]


def _rows_in(roots: list[LexborNode], board: Board) -> list[tuple[str, LexborNode]]:
    found = []
    for root in roots:
        for link in root.css("a[href]"):
            key = board.key_of(link.attributes.get("href") or "")
            holder = _holder(link) if key else None
            if key and holder is not None:
                found.append((key, holder))
    return found


def _holder(link: LexborNode) -> LexborNode | None:
    """The table row or list element around a link; in skins without either, what it stands in."""
    node = link.parent
    while node is not None and node.tag not in {"tr", "li"}:
        node = node.parent
    return node or link.parent


def _row(key: str, holder: LexborNode, board: Board) -> Row:
    category = holder.css_first("a.bo_cate_link, .bo_cate_link")
    named = fold(category.text()) if category else ""
    is_secret = holder.css_first(_LOCK) is not None
    icons = "".join(sign for sign, where in (("F", _FILES), ("L", _LINKS)) if holder.css_first(where))
    said = "\x1f".join((_title(key, holder, board), named, icons))
    return Row(
        key=key,
        is_notice=_is_notice(holder),
        is_secret=is_secret,
        category=named,
        mark=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16],
    )


def _is_notice(holder: LexborNode) -> bool:
    if "bo_notice" in (holder.attributes.get("class") or "").split() or holder.css_first(_NOTICE):
        return True
    number = holder.css_first("td.td_num, td.td_num2, td")
    return number is not None and fold(number.text()) == "공지"


def _title(key: str, holder: LexborNode, board: Board) -> str:
    """The title as the row shows it: the link's own words, without counters and icons."""
    places = holder.css(_TITLE_LINKS) or [holder]
    links = [link for place in places for link in ([place] if place.tag == "a" else place.css("a[href]"))]
    for link in links:
        if board.key_of(link.attributes.get("href") or "") == key:
            own = [node.text_content or "" for node in link.iter(include_text=True) if node.is_text_node]
            if words := fold("".join(own)):
                return words
    return ""


def _total(tree: LexborHTMLParser) -> int | None:
    place = tree.css_first("#bo_list_total")
    said = _TOTAL.search(place.text()) if place else None
    return int(said[1].replace(",", "")) if said else None
