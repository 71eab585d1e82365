"""
The board's pages: what Gnuboard 5.6 shows, in templates of our own (`templates/demo`).

The structure (ids, classes, label words) is the software's; words, marks and
looks are ours. The pages speak Korean only, as such boards do, so their
sentences are in the templates and not in the catalogues.
"""

import html
import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from publisher.demo import files
from publisher.demo.board import TABLE, Board, ListPage
from publisher.demo.posts import KOREA, Enclosed, Post
from publisher.resources import templates

SITE: Final = "한빛평화연구소"
BOARD: Final = "원장 자료실"
PICTURE: Final = (1200, 675)
THUMBNAIL: Final = (835, 470)

_LIST_TITLE, _VIEW_TITLE, _LINK = 60, 70, 70
_LINKED_PAGES = 10


def board_url(origin: str, **query: object) -> str:
    """The address of the board, or with `wr_id` of a post on it."""
    return f"{origin}/bbs/board.php?{urlencode({'bo_table': TABLE, **query})}"


def thumbnail(enclosed: Enclosed) -> str:
    """The stored name of a picture's small version, as the software makes it."""
    width, height = THUMBNAIL
    return f"thumb-{enclosed.stored.removesuffix('.png')}_{width}x{height}.png"


def list_page(origin: str, board: Board, page: ListPage, order: str, direction: str) -> str:
    """A page of the list."""
    kept = {"sst": order, "sod": direction} if order in ("wr_datetime", "wr_hit") else {}
    beyond = {"page": page.page} if page.page > 1 else {}
    title = f"{BOARD} {page.page} 페이지" if page.page > 1 else f"{BOARD} 페이지"
    return _render(
        "list.html",
        origin=origin,
        title=title,
        list=page,
        today=board.now().astimezone(KOREA),
        view_url=lambda post: board_url(origin, wr_id=post.wr_id, **kept, **beyond),
        page_url=lambda number: board_url(origin, **kept, page=number),
        sort_url=lambda key: board_url(origin, sst=key, sod="asc" if (order, direction) == (key, "desc") else "desc"),
        linked=_linked(page),
    )


def view_page(origin: str, board: Board, post: Post, session: str, from_page: int) -> str:
    """A post, with its files behind links that only this session can use for a while."""
    above, below = board.neighbours(post)
    nonce = board.nonce(session, post)
    beyond = {"page": from_page} if from_page > 1 else {}
    return _render(
        "view.html",
        origin=origin,
        title=f"{post.title} > {BOARD}",
        post=post,
        hits=board.hits(post),
        shown_title=cut(escaped(post.title), _VIEW_TITLE),
        body=post.html,
        pictures=[file for file in post.enclosed if file.is_image],
        files=_files(origin, post, nonce),
        above=above,
        below=below,
        view_url=lambda neighbour: board_url(origin, wr_id=neighbour.wr_id, **beyond),
        list_url=board_url(origin, **beyond),
    )


def _files(origin: str, post: Post, nonce: str) -> list[tuple[Enclosed, str, str]]:
    """The files that are no pictures: each with its size as shown and its address."""
    return [
        (
            file,
            _size(len(files.document(file.name, post.title))),
            f"{origin}/bbs/download.php?"
            + urlencode({"bo_table": TABLE, "wr_id": post.wr_id, "no": number, "nonce": nonce}),
        )
        for number, file in enumerate(post.enclosed)
        if not file.is_image
    ]


def password_page(origin: str, post: Post) -> str:
    """The door of a secret post. It shows the title, as the software does."""
    return _render("password.html", origin=origin, title=post.title, post=post)


def alert_page(origin: str, message: str) -> str:
    """A refusal: a script that says it and goes away, and the words again for those without scripts."""
    return _render(
        "alert.html",
        origin=origin,
        title="오류안내 페이지",
        lines=message.splitlines(),
        message=_for_script(message),
        back=_for_script(board_url(origin)),
        back_url=board_url(origin),
    )


def rss(origin: str, board: Board) -> str:
    """The board's own feed: whole titles, whole texts, and addresses escaped once too often."""
    return _render(
        "rss.xml",
        origin=origin,
        posts=board.syndicated(),
        board_url=board_url(origin),
        view_url=lambda post: board_url(origin, wr_id=post.wr_id),
    )


@cache
def style() -> str:
    """The board's style sheet."""
    return (templates() / "demo" / "style.css").read_text(encoding="utf-8")


def escaped(title: str) -> str:
    """A title as the software escapes it: quotation marks as numbers, six characters each."""
    return html.escape(title, quote=False).replace('"', "&#034;").replace("'", "&#039;")


def cut(text: str, length: int) -> str:
    """The software's cut: so many characters, whatever they are, and an ellipsis."""
    return text if len(text) <= length else text[:length] + "…"


def _for_script(text: str) -> str:
    """A JSON string that is safe inside a script element."""
    return json.dumps(text).replace("/", "\\/").replace("<", "\\u003c")


def _linked(page: ListPage) -> Sequence[int]:
    """The ten page numbers around this one's decade."""
    first = (page.page - 1) // _LINKED_PAGES * _LINKED_PAGES + 1
    return range(first, min(first + _LINKED_PAGES - 1, page.pages) + 1)


def _list_date(moment: datetime, today: datetime) -> str:
    """No year: the time for what was put up today, month and day for everything else."""
    return moment.strftime("%H:%M" if moment.date() == today.date() else "%m-%d")


def _size(size: int) -> str:
    return f"{size / 1024:.1f}K" if size >= 1024 else f"{size}byte"


def _render(template: str, **values: object) -> str:
    text: str = _environment().get_template(template).render(values)
    return text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates() / "demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"SITE": SITE, "BOARD": BOARD, "TABLE": TABLE}
    environment.filters |= {
        "list_title": lambda title: cut(title, _LIST_TITLE),
        "link_text": lambda link: cut(link, _LINK),
        "list_date": _list_date,
        "thumbnail": thumbnail,
        # CDATA cannot hold its own end.
        "cdata": lambda text: text.replace("]]>", "]]]]><![CDATA[>"),
    }
    return environment
