"""A fragment of HTML as a tree, and what both cleaning and reading ask of it."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

LONGEST = 300_000
"""Characters read of one fragment; what lies behind is left out."""

# HTML parsers, ours too, take time with the square of the depth. No text has so many elements; one that has is
# read without any.
_MOST_ELEMENTS = 10_000
_START_TAG = re.compile("<[A-Za-z]")
_ANY_TAG = re.compile("<[^>]*>")

# Formatting elements that differ in an attribute are opened again in every later paragraph (HTML Standard,
# "reconstruct the active formatting elements"): 30 kB of them grow to 60 MB. Of equal ones, three is the most.
_FORMATTING = re.compile(
    r"<(/?)(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])([^>]*)>", re.IGNORECASE
)
_MODERN = {"strike": "s", "tt": "code", "big": "font", "nobr": "font"}

_HIDING = re.compile(r"display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em|rem|%)?(?![0-9.])")


def names(text: str) -> frozenset[str]:
    """A set of element names, written as one line."""
    return frozenset(text.split())


NO_TEXT = names(
    "script style template noscript iframe frame frameset noframes noembed object embed applet svg math canvas audio "
    "video select textarea button input datalist head title xmp plaintext"
)
"""What stands in these is not text of the piece: programs, other documents, controls, pictures drawn in code."""


def parse(html: str) -> LexborNode:
    """The body of a fragment, read as a browser would."""
    written = NOT_XML.sub("", html)
    # Behind the last ">" no tag can end. Looking for one from each "<" there would take quadratic time.
    last = written.rfind(">") + 1
    tags, rest = _FORMATTING.sub(_plain_tag, written[:last]), written[last:]
    if len(_START_TAG.findall(tags)) > _MOST_ELEMENTS:
        tags = _ANY_TAG.sub(" ", tags)
    body = LexborHTMLParser("<!doctype html><body>" + tags + rest).body
    assert body is not None  # the start tag above makes one
    return body


def _plain_tag(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    attributes = _squeezed(tag[3])
    hidden = " hidden" if _HIDING.search(attributes) or "hidden" in tag[3].lower().split() else ""
    return f"<{tag[1]}{_MODERN.get(name, name)}{hidden}>"


def walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node below `root` twice: as it opens (True) and as it closes. Without recursion: depth is hostile."""
    node = root.first_child
    while node is not None:
        yield node, True
        if (child := node.first_child) is not None:
            node = child
            continue
        yield node, False
        while node.next is None:
            parent = node.parent
            if parent is None or parent.mem_id == root.mem_id:
                return
            node = parent
            yield node, False
        node = node.next


def is_hidden(node: LexborNode) -> bool:
    """Whether an element, by its own attributes, is not shown."""
    return "hidden" in node.attributes or bool(_HIDING.search(style_of(node)))


def style_of(node: LexborNode) -> str:
    """The style attribute without white space, in lower case."""
    return _squeezed(node.attributes.get("style") or "")


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text).lower()
