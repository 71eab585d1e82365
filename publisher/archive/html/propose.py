"""
Selectors for a list page that nobody has described yet.

A list shows itself by its rows: siblings alike, each with a link to a page of
its own on the same site, most with a date. Menus have the links without the
dates, news tickers are shorter. What is found is tried before it is offered.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from publisher.archive.html import places
from publisher.archive.html.addresses import COUNTERS, Address, host, post_at
from publisher.archive.html.rows import base_of, outermost, read_listing
from publisher.archive.moments import read_moment
from publisher.archive.source import Selectors
from publisher.archive.tree import tree_of
from publisher.archive.wording import KST
from publisher.markup import absolute

_ROWS = frozenset({"tr", "li", "div", "article", "dl", "section", "a"})
_NO_PLACE = frozenset({"nav", "footer", "header", "aside"})
_LEAST_ROWS = 2
_LEAST_WORDS = 8  # characters that titles have on average where no row has a date
_MOST_LINKS = 1500
_LONGEST_DATE = 60
_MOST_NAMES = 200  # characters
_MOST_PLACES = 12
_HIGH = 6  # elements from a link up to its row
_NAME = re.compile(r"[A-Za-z_][\w-]{0,60}", re.ASCII)
_PASSING = re.compile(r"(?i)odd|even|first|last|active|current|notice|new|on|off|hover|selected|.*\d{3,}.*")
_AUTHOR = re.compile(r"(?i)author|writer|name|nick|uploader|user|member")
_CATEGORY = re.compile(r"(?i)cate|category|division|sort|label")
_NEXT = re.compile(r"(?i)next|다음")
_EVER = datetime(9000, 1, 1, tzinfo=UTC)  # dates are only recognised here, not believed


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An element that may be a row, the link in it that leads to a post, and the element that says when."""

    node: LexborNode
    link: LexborNode
    key: str
    date: LexborNode | None


def propose(page: str, url: str) -> Selectors | None:
    """
    The selectors by which the list on this page can be read; None where there is no list.

    Never raises, asks nobody. A post's own page is not looked at: `body` is left to the usual places.
    """
    tree = tree_of(page)
    groups = sorted(_groups(tree, base_of(tree, url), url), key=_worth, reverse=True)
    for rows in groups[:5]:
        if _worth(rows) > 0 and (select := _selectors(tree, rows, url)):
            found = read_listing(page, url, select, _EVER, KST)
            if len({row.key for row in rows} & {row.key for row in found.rows}) * 10 >= len(rows) * 9:
                return select
    return None


# ── Rows ─────────────────────────────────────────────────────────────────────


def _groups(tree: LexborHTMLParser, base: str, url: str) -> Iterator[list[_Row]]:
    """Siblings of one kind, each with a post of its own in it."""
    found: dict[tuple[int, str], dict[int, tuple[LexborNode, LexborNode, Address, int]]] = defaultdict(dict)
    for link in tree.css("a[href]")[:_MOST_LINKS]:
        address = post_at(link.attributes.get("href") or "", base, url)
        if address is None or host(address.url) != host(url):
            continue
        length = len(_words(link))
        for node in _upwards(link):
            if node.tag in _ROWS and node.parent is not None:
                kind = found[node.parent.mem_id, node.tag or ""]
                if node.mem_id not in kind or length > kind[node.mem_id][3]:
                    kind[node.mem_id] = node, link, address, length
    for kind in found.values():
        if len({address.key for _, _, address, _ in kind.values()}) >= _LEAST_ROWS:
            yield [
                _Row(node=node, link=link, key=address.key, date=_date(node, link))
                for node, link, address, _ in kind.values()
            ]


def _upwards(link: LexborNode) -> Iterator[LexborNode]:
    node: LexborNode | None = link
    for _ in range(_HIGH):
        if node is None or node.tag in {"body", "html"}:
            return
        yield node
        node = node.parent


def _date(node: LexborNode, link: LexborNode) -> LexborNode | None:
    marked = places.first(places.DATES, node)
    if marked is not None:
        return marked
    inside = {link.mem_id, *(child.mem_id for child in link.css("*"))} if node.mem_id != link.mem_id else set()
    cells = [cell for cell in node.css("*")[:60] if cell.mem_id not in inside and cell.css_first("a") is None]
    return next((cell for cell in cells if _is_date(places.words_of(cell))), None)


def _is_date(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_DATE and read_moment(text, _EVER) is not None


def _worth(rows: Sequence[_Row]) -> float:
    """How much like a list these are; nothing at all where neither dates nor titles say so."""
    keys = {row.key for row in rows}
    dated = len({row.key for row in rows if row.date is not None})
    words = sum(len(_words(row.link)) for row in rows) / len(rows)
    if not dated and (words < _LEAST_WORDS or len(keys) <= _LEAST_ROWS or _is_furniture(rows[0].node)):
        return 0
    return dated * 10 + len(keys) + min(words, 60) / 10 - len(rows) + len(keys)


def _is_furniture(node: LexborNode | None) -> bool:
    while node is not None:
        if node.tag in _NO_PLACE:
            return True
        node = node.parent
    return False


# ── Selectors ────────────────────────────────────────────────────────────────


def _selectors(tree: LexborHTMLParser, rows: Sequence[_Row], url: str) -> Selectors | None:
    item = _item(tree, rows)
    if not item:
        return None
    nodes = [row.node for row in rows]
    dates = [row.date for row in rows if row.date is not None and row.date.tag not in {"time", "meta"}]
    return replace(
        _paging(tree, url),
        item=item,
        link=_link(rows),
        date=_by_class(dates, len(nodes)),
        author=_named(nodes, _AUTHOR),
        category=_named(nodes, _CATEGORY),
    )


def _item(tree: LexborHTMLParser, rows: Sequence[_Row]) -> str:
    """The shortest selector that matches these rows and next to nothing else that could be one."""
    tag = rows[0].node.tag or ""
    own = _common(row.node for row in rows)
    wanted = {row.node.mem_id for row in rows}
    endings = [f"{tag}.{name}" for name in own] + [tag]
    above = list(islice(_places_above(rows[0].node), _MOST_PLACES))
    candidates = [*(endings[:-1]), *(f"{place} {ending}" for ending in endings for place in above)]
    candidates.append(f"{tag}:not(:has({tag}))")  # pages of the old kind are tables in tables without a name
    for selector in candidates:
        matched = {node.mem_id for node in outermost(tree, selector)}
        if wanted <= matched and len(matched) <= len(wanted) * 1.5 + 3:
            return selector
    return ""


def _places_above(node: LexborNode) -> Iterator[str]:
    parent = node.parent
    while parent is not None and parent.tag not in {"body", "html"}:
        tag, attributes = parent.tag or "", parent.attributes
        if _NAME.fullmatch(attributes.get("id") or "") and not _PASSING.fullmatch(attributes.get("id") or ""):
            yield f"#{attributes['id']}"
        yield from (f"{tag}.{name}" for name in _classes(parent))
        parent = parent.parent
    if node.parent is not None and node.tag == "tr":
        yield "table"


def _link(rows: Sequence[_Row]) -> str:
    """Which link of a row is the post's, where the rows have several and a class tells."""
    if all(len(row.node.css("a[href]")) <= 1 for row in rows):
        return ""
    if own := _common(row.link for row in rows):
        return f"a.{own[0]}"
    holders = [row.link.parent for row in rows if row.link.parent is not None]
    named = _common(holders)
    return f".{named[0]} a" if named and len(holders) == len(rows) else ""


def _by_class(nodes: Sequence[LexborNode], rows: int) -> str:
    """The class that all these have, if nearly every row has one."""
    named = _common(nodes) if len(nodes) * 2 >= rows else []
    return f"{nodes[0].tag}.{named[0]}" if named else ""


def _named(rows: Sequence[LexborNode], wanted: re.Pattern[str]) -> str:
    """The class that says what is asked for, in most of the rows."""
    counted = Counter(
        name
        for row in rows
        for name in {name for node in row.css("[class]")[:40] for name in _classes(node) if wanted.search(name)}
    )
    return next((f".{name}" for name, count in counted.most_common(1) if count * 2 >= len(rows)), "")


def _common(nodes: Iterable[LexborNode]) -> list[str]:
    """The classes that all of them have, in the order of the first."""
    all_of = [_classes(node) for node in nodes]
    return [name for name in all_of[0] if all(name in each for each in all_of)] if all_of else []


def _classes(node: LexborNode) -> list[str]:
    names = (node.attributes.get("class") or "")[:_MOST_NAMES].split()
    return [name for name in names if _NAME.fullmatch(name) and not _PASSING.fullmatch(name)]


def _words(link: LexborNode) -> str:
    return places.words_of(link)


# ── Where the list goes on ───────────────────────────────────────────────────


def _paging(tree: LexborHTMLParser, url: str) -> Selectors:
    """By the parameter that counts the pages, else by a link that calls itself the next."""
    base = base_of(tree, url)
    if places.first(places.NEXT, tree) is not None:
        return Selectors(item="")
    counted: Counter[str] = Counter()
    for link in tree.css("a[href]")[:_MOST_LINKS]:
        address = absolute(link.attributes.get("href") or "", base)
        if address and urlsplit(address).path == urlsplit(url).path and host(address) == host(url):
            pairs = parse_qsl(urlsplit(address).query)
            others = {name for name, _ in pairs} - {name for name, _ in parse_qsl(urlsplit(url).query)}
            counted.update(name for name, value in pairs if name.lower() in COUNTERS and value.isdecimal())
            if len(others) > 2:
                counted.subtract(others)
    page = next((name for name, count in counted.most_common(1) if count > 0), "")
    if page:
        return Selectors(item="", page=page)
    named = (
        link for link in tree.css("a[class][href]")[:_MOST_LINKS] if not (link.attributes["href"] or "").startswith("#")
    )
    return Selectors(
        item="",
        next=next((f"a.{name}" for link in named for name in _classes(link) if _NEXT.search(name)), ""),
    )
