"""
Reading a stranger's page as a tree, in bounded time.

HTML parsers take time with the square of the depth, and formatting elements
left open are copied into every later paragraph, so a small page can be made to
cost minutes or gigabytes. No real page comes near these bounds; one that does
is read without what makes it dear.
"""

import re

from selectolax.lexbor import LexborHTMLParser

_LONGEST = 4_000_000  # characters
_MOST_ELEMENTS = 30_000  # a list of several hundred rows with a menu for every author has half of them
_DEEPEST = 1_500
_MOST_COPIES = 500_000

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_NEED_NO_END = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option"}
)


def tree_of(html: str) -> LexborHTMLParser:
    """The page as a tree; never raises. Beyond the bounds, marks or all tags are missing from it."""
    page = html[:_LONGEST]
    elements, depth = _measure(page)
    if elements > _MOST_ELEMENTS or depth > _DEEPEST:
        page = _ANY_TAG.sub(" ", page)
    elif elements * len(set(_FORMATTING.findall(page))) * 3 > _MOST_COPIES:  # of equal ones three are copied
        page = _FORMATTING.sub(r"<\1>", page)
    return LexborHTMLParser(page)


def _measure(page: str) -> tuple[int, int]:
    """How many elements a page opens, and how deep they may lie in one another."""
    elements = depth = deepest = 0
    for end, name in _TAG.findall(page):
        elements += not end
        if name.lower() not in _NEED_NO_END:
            depth = max(depth - 1, 0) if end else depth + 1
            deepest = max(deepest, depth)
    return elements, deepest
