"""Is a page a board of Gnuboard, or does it lead to boards?"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from publisher.archive.gnuboard.addresses import Board, board_of
from publisher.archive.gnuboard.listing import board_title
from publisher.archive.gnuboard.pages import Answer, Kind, failure
from publisher.archive.gnuboard.pages import recognise as answer_of
from publisher.archive.gnuboard.six import board_six_of
from publisher.archive.sighting import Sighting, Sightings
from publisher.errors import SourceError
from publisher.markup import fold
from publisher.net import Page

_SOFTWARE = re.compile(rb"\bg5_(?:url|bbs_url|is_member)\b")
_SOFTWARE_SIX = re.compile(rb"\bg6_(?:url|bbs_url|is_member)\b")
_SHORT_POST = re.compile(r"/([A-Za-z0-9_]{1,20})/[0-9]{1,12}")
_CLOSED = frozenset({Kind.BOARD_MISSING, Kind.MEMBERS_ONLY, Kind.BLOCKED, Kind.DATABASE_DOWN, Kind.LOCKED, Kind.GONE})
_MOST = 50


def recognise(page: Page) -> Sightings:
    """
    A board by its list or one of its posts; any other page by the boards that it links to.

    Raises SourceError where it is a board's address, and the software says that
    there is none, or that it is closed.
    """
    answer = answer_of(page)
    if (six := _six(page)) is not None:
        return Sightings(here=six)
    try:
        board = board_of(page.url)
    except SourceError:
        board = None
    if board and answer.kind in {Kind.LIST, Kind.VIEW}:
        title = board_title(answer.tree) or _page_title(answer.tree)
        return Sightings(here=Sighting(kind="gnuboard", url=board.list_page(), title=title))
    if board and answer.kind in _CLOSED and _is_the_boards_word(page, answer):
        raise failure(answer)
    return Sightings(linked=tuple(_boards(page, answer.tree))[:_MOST])


def _is_the_boards_word(page: Page, answer: Answer) -> bool:
    """Any site may answer 404 or ask for a password; only Gnuboard has these addresses or these sentences."""
    return "/bbs/" in page.url or (bool(answer.said) and not answer.said.startswith("HTTP "))


def _six(page: Page) -> Sighting | None:
    if not _SOFTWARE_SIX.search(page.content):
        return None
    try:
        board = board_six_of(page.url)
    except SourceError:
        return None
    return Sighting(kind="gnuboard6", url=board.bbs.rstrip("/"))


def _boards(page: Page, tree: LexborHTMLParser) -> Iterator[Sighting]:
    """The boards that a page links to, each once, with the words of the link to its list if there is one."""
    titles: dict[str, str] = {}
    is_gnuboard = _SOFTWARE.search(page.content) is not None
    for link in tree.css("a[href]"):
        address = urljoin(page.url, (link.attributes.get("href") or "").strip())
        board = _board_behind(address, page.url, short=is_gnuboard)
        if board is not None:
            is_list = "wr_id" not in address and not _SHORT_POST.fullmatch(urlsplit(address).path)
            words = fold(link.text()) if is_list else ""
            titles[board.list_page()] = titles.get(board.list_page()) or words
    for url, title in titles.items():
        yield Sighting(kind="gnuboard", url=url, title=title)


def _board_behind(address: str, page: str, *, short: bool) -> Board | None:
    try:
        parts = urlsplit(address)
        is_ours = parts.netloc == urlsplit(page).netloc
        is_long = parts.path.endswith("/bbs/board.php") and "bo_table" in parse_qs(parts.query)
        is_post = short and _SHORT_POST.fullmatch(parts.path) is not None
        return board_of(address) if is_ours and (is_long or is_post) else None
    except (SourceError, ValueError):
        return None


def _page_title(tree: LexborHTMLParser) -> str:
    heading = tree.css_first("title")
    return fold(heading.text()).partition(" | ")[0] if heading else ""
