"""Reading a board's pages, beside nothing but parsing them with the parser that is used."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.listing import read_listing
from publisher.archive.gnuboard.pages import recognise
from publisher.archive.gnuboard.view import read_view
from publisher.archive.piece import Parts, make_item
from publisher.net import Page
from tests.bench.invented import board_page
from tests.bench.measure import COSTLIER, Row, Sizes, Work, check

_BOARD = Board(root="https://board.hanbit-peace.example", table="director")
_NOW = datetime(2025, 12, 1, tzinfo=UTC)


def _post(content: bytes) -> bool:
    """From the bytes of a post's page to what is stored. Was it understood?"""
    view = read_view(recognise(_page(content, _BOARD.address_of("42"))).tree, _BOARD)
    item = make_item(
        Parts(
            source_key="42",
            url=_BOARD.address_of("42"),
            shown_title=view.shown_title,
            titles=view.titles,
            author=view.author,
            html=view.html,
            base_url=_BOARD.bbs,
            attachments=view.attachments,
        ),
        _NOW,
    )
    return item is not None and "다리를 놓는 사람들" in item.title


def _list(content: bytes) -> bool:
    """From the bytes of a list to its rows. Were they all found?"""
    rows = read_listing(recognise(_page(content, _BOARD.list_page())).tree, _BOARD).rows
    return [row.key for row in rows] == ["3", "42", "40"]


def _parsed(content: bytes) -> bool:
    return LexborHTMLParser(content).css_first("#container") is not None


def _page(content: bytes, url: str) -> Page:
    return Page(url=url, status=200, headers={}, content=content)


def _row(name: str, file: str, read: Callable[[bytes], bool]) -> Row:
    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        content = board_page(file)
        yield Work(
            name=f"read a board's {name} ({len(content) // 1000} kB)",
            peer="selectolax parse alone",
            ours=lambda: _cost(read, content, sizes.pages),
            theirs=lambda: _cost(_parsed, content, sizes.pages),
            target=COSTLIER,
        )

    return row


def _cost(read: Callable[[bytes], bool], content: bytes, count: int) -> float:
    began = time.process_time()
    found = [read(content) for _ in range(count)]
    took = time.process_time() - began
    check(all(found), "the page was not understood")
    return took / count


post = _row("post", "view.html", _post)
listing = _row("list", "list.html", _list)
