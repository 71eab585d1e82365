"""
What the board answers: a function from a request to a response.

`answer` does nothing but count a look. Refusals are alerts with HTTP 200, as
the software gives them; only what Gnuboard never sees (a broken Host, a wrong
method, a path that is not its own) gets a status of the web server's kind.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from publisher.demo import files, pages
from publisher.demo.board import TABLE, Board
from publisher.demo.posts import Enclosed, Post

_HOST = re.compile(r"[A-Za-z0-9.-]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PICTURE = re.compile(r"(?:thumb-)?([a-z0-9-]{1,64})(?:_\d{1,4}x\d{1,4})?\.png")
_EDITOR_PICTURES = frozenset({"terraces"})

_GONE = "글이 존재하지 않습니다.\n\n글이 삭제되었거나 이동된 경우입니다."
_NO_BOARD = "존재하지 않는 게시판입니다."
_NO_ACCESS = "잘못된 접근입니다."
_NONCE_OVER = "파일을 받을 수 있는 시간이 지났습니다.\n\n글을 다시 연 뒤 받아 주십시오."
_WRONG_PASSWORD = "비밀번호가 맞지 않습니다."  # noqa: S105 (a sentence about one, not a password)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, parsed. `session` is the visitor's, new or brought along."""

    method: str = "GET"
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    origin: str  # scheme and host, from which the software builds its links
    session: str

    def number(self, name: str) -> int:
        """A number from the query; what is none, or absurd, is 0."""
        value = self.query.get(name, "")
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else 0


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int = 200
    type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def is_host(value: str) -> bool:
    """Whether a Host header may be written into links."""
    return _HOST.fullmatch(value) is not None


def answer(board: Board, request: Request) -> Response:
    """The board's answer to a request."""
    if request.method == "POST" and request.path == "/bbs/password_check.php":
        return _alert(request, _WRONG_PASSWORD)
    if request.method not in ("GET", "HEAD"):
        return Response(status=405, type="text/plain; charset=utf-8", headers=(("allow", "GET, HEAD"),))
    handler = _HANDLERS.get(request.path)
    if handler:
        return handler(board, request)
    return _stored(board, request)


def _home(_board: Board, request: Request) -> Response:
    return _redirect(pages.board_url(request.origin))


def _board(board: Board, request: Request) -> Response:
    if request.query.get("bo_table") != TABLE:
        return _alert(request, _NO_BOARD)
    if "wr_id" in request.query:
        return _view(board, request)
    order, direction = request.query.get("sst", ""), request.query.get("sod", "")
    page = board.page(request.number("page") or 1, order, direction)
    return _page(pages.list_page(request.origin, board, page, order, direction))


def _view(board: Board, request: Request) -> Response:
    post = board.post(request.number("wr_id"))
    if post is None:
        return _alert(request, _GONE)
    if post.is_secret:
        return _redirect(f"{request.origin}/bbs/password.php?w=s&bo_table={TABLE}&wr_id={post.wr_id}")
    board.looked_at(post)
    return _page(pages.view_page(request.origin, board, post, request.session, request.number("page")))


def _password(board: Board, request: Request) -> Response:
    post = board.post(request.number("wr_id"))
    if request.query.get("bo_table") != TABLE or post is None or not post.is_secret:
        return _alert(request, _GONE)
    return _page(pages.password_page(request.origin, post))


def _rss(board: Board, request: Request) -> Response:
    if request.query.get("bo_table") != TABLE:
        return Response(body=_NO_BOARD.encode())
    return Response(type="text/xml", body=pages.rss(request.origin, board).encode())


def _download(board: Board, request: Request) -> Response:
    post, number = board.post(request.number("wr_id")), request.number("no")
    nonce = request.query.get("nonce", "")
    if post is None or post.is_secret or number >= len(post.enclosed) or not nonce:
        return _alert(request, _NO_ACCESS)
    if not board.may_download(request.session, post, nonce):
        return _alert(request, _NONCE_OVER)
    enclosed = post.enclosed[number]
    disposition = f'attachment; filename="{quote(enclosed.name)}"'
    return Response(type="file/unknown", body=contents(post, enclosed), headers=(("content-disposition", disposition),))


def _link(board: Board, request: Request) -> Response:
    post, number = board.post(request.number("wr_id")), request.number("no")
    if post is None or post.is_secret or not 1 <= number <= len(post.links):
        return _alert(request, _NO_ACCESS)
    return _redirect(post.links[number - 1])


def _style(_board: Board, _request: Request) -> Response:
    return Response(type="text/css; charset=utf-8", body=pages.style().encode())


def _icon(_board: Board, _request: Request) -> Response:
    return _file("icon.png", files.picture("noon", 48, 48))


_HANDLERS: Mapping[str, Callable[[Board, Request], Response]] = {
    "/": _home,
    "/bbs/board.php": _board,
    "/bbs/password.php": _password,
    "/bbs/rss.php": _rss,
    "/bbs/download.php": _download,
    "/bbs/link.php": _link,
    "/theme/style.css": _style,
    "/theme/icon.png": _icon,
}


def _stored(board: Board, request: Request) -> Response:
    """The files that lie in the board's folders: those of its posts, and the editor's pictures."""
    folder, _, name = request.path.rpartition("/")
    if folder == "/data/editor":
        match = _PICTURE.fullmatch(name)
        if match and match[1] in _EDITOR_PICTURES:
            return _file(name, files.picture(match[1], *pages.PICTURE))
    if folder == f"/data/file/{TABLE}":
        for post in board.posts():
            for enclosed in post.enclosed:
                if not post.is_secret and name == enclosed.stored:
                    return _file(name, contents(post, enclosed))
                if enclosed.is_image and name == pages.thumbnail(enclosed):
                    return _file(name, files.picture(enclosed.name, *pages.THUMBNAIL))
    return Response(status=404, type="text/plain; charset=utf-8", body=b"Not Found")


def contents(post: Post, enclosed: Enclosed) -> bytes:
    """The bytes of a post's file."""
    if enclosed.is_image:
        return files.picture(enclosed.name, *pages.PICTURE)
    return files.document(enclosed.name, post.title)


def _file(name: str, body: bytes) -> Response:
    return Response(type=files.media_type(name), body=body, headers=(("cache-control", "max-age=3600"),))


def _page(html: str) -> Response:
    return Response(body=html.encode())


def _alert(request: Request, message: str) -> Response:
    return Response(body=pages.alert_page(request.origin, message).encode())


def _redirect(url: str) -> Response:
    return Response(status=302, headers=(("location", url),))
