"""
The usual places, where the configuration names none; and what is wrong with a selector.

The defaults are what XE, Rhymix, KBoard, WordPress themes and HTML itself call
these things. They are tried in their order, one after the other.
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from publisher.markup import fold

_LONGEST = 300
_MOST_WORDS = 4000  # characters
_ANY = LexborHTMLParser("<p></p>")

NEXT = ("a[rel~=next]", "link[rel~=next]")
BODIES = (
    ".xe_content",
    ".rhymix_content",
    ".kboard-content .content-view",
    ".kboard-content",
    "#bo_v_con",
    ".entry-content",
    ".board-view-content",
    ".board_view_content",
    ".view-content",
    ".view_content",
    ".view_con",
    ".board_view .content",
    "[itemprop=articleBody]",
    "article .content",
    "article",
)
FILES = (
    ".fileList a[href]",
    ".rd_file a[href]",
    ".kboard-attach a[href]",
    ".attachments a[href]",
    ".attachment a[href]",
    ".file_list a[href]",
    ".file-list a[href]",
    "a[download][href]",
)
DATES = (
    "time[datetime]",
    "time",
    "meta[property='article:published_time'][content]",
    "meta[itemprop=datePublished][content]",
)


def checked(selector: str) -> str:
    """The selector as it is written. Raises ValueError, with what to do, where it is no CSS."""
    if len(selector) > _LONGEST:
        raise ValueError(f"expected a CSS selector of at most {_LONGEST} characters")
    try:
        _ANY.css(selector)
    except SelectolaxError:
        raise ValueError(
            f"expected a CSS selector such as 'tr.row' or 'td.title a', got {selector!r} (pseudo-elements and "
            "jQuery's :contains are not understood)"
        ) from None
    return selector


def first(places: tuple[str, ...], *roots: LexborNode | LexborHTMLParser) -> LexborNode | None:
    """What stands in the first of the places that holds anything."""
    return next((found for place in places for root in roots if (found := root.css_first(place)) is not None), None)


def said_by(node: LexborNode) -> str:
    """The words of an element, or what it says without words: `datetime`, `content`."""
    attributes = node.attributes
    stated = attributes.get("datetime") or attributes.get("content")
    return fold(stated[:_MOST_WORDS]) if stated else words_of(node)


def words_of(node: LexborNode) -> str:
    """The words of an element, on one line, without what nobody reads to the end."""
    return fold(node.text(separator=" ")[:_MOST_WORDS])
