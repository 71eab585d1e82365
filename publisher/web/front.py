"""
The door: what every request passes, whatever page it asks for.

    site's path taken off ─▶ feeds ─▶ one address per page ─▶ the pages ─▶ headers that protect, no body for HEAD
"""

import traceback
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote

import structlog
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publisher.model import Site
from publisher.web.feeds import handles, is_opened
from publisher.web.links import ROOT, way_up

log = structlog.get_logger()

# No script; styles, pictures and forms are our own; nobody may frame a page.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

# The one script there is copies an address.
SCRIPTED = {"Content-Security-Policy": f"{CONTENT_POLICY}; script-src 'self'"}

_PROTECTING: Mapping[bytes, bytes] = {
    b"content-security-policy": CONTENT_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"cache-control": b"no-cache",
}
_LOOKING = ("GET", "HEAD")
_HOUSE = f"{Path(__file__).parents[1]}/"


class Front:
    """
    Stands before the pages (and the feeds, if there are any).

    A request may come with the path of `site.url`, or with it taken off by a
    proxy. Every page has one address: homes end in a slash, all others do not;
    a look at the other form is sent on, any other method is taken as meant.
    """

    def __init__(self, pages: ASGIApp, site: Site, feeds: ASGIApp | None = None) -> None:
        self._pages = pages
        self._feeds = feeds
        self._prefix = site.path
        self._homes = frozenset(f"/{language}/" for language in site.languages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        scope, path = _without_prefix(scope, self._prefix)
        if self._feeds is not None and handles(path) and not is_opened(scope, path):
            await self._feeds(scope, receive, send)
            return
        guarded = _Guarded(send, is_head=scope["method"] == "HEAD")
        location = _elsewhere(path, self._prefix, self._homes)
        try:
            if location is not None and scope["method"] in _LOOKING:
                await _sent_on(location, scope)(scope, receive, guarded)
            else:
                if location is not None:
                    scope["path"] = scope["path"].rstrip("/")
                await self._pages(scope, receive, guarded)
        except Exception as error:  # the last resort: a person gets an answer, and the operator the place
            log.error("page failed", method=scope["method"], error=type(error).__qualname__, at=_places(error))
            if not guarded.has_started:
                await _sorry()(scope, receive, guarded)


def _without_prefix(scope: Scope, prefix: str) -> tuple[Scope, str]:
    """The scope with its `root_path` and the way up, and the path below the root."""
    path: str = scope["path"]
    raw_path: bytes = scope.get("raw_path") or quote(path).encode()
    is_below = bool(prefix) and (path == prefix or path.startswith(f"{prefix}/"))
    root = prefix if is_below else ""
    return {**scope, "root_path": root, ROOT: way_up(raw_path, root)}, path[len(root) :]


def _elsewhere(path: str, prefix: str, homes: Collection[str]) -> str | None:
    """Where the page at this path really lives, seen from here; None when it is right here."""
    if path == "" or f"{path}/" in homes:
        return f"./{quote((path or prefix).rpartition('/')[2], safe='')}/"
    if path.endswith("/") and path != "/" and path not in homes:
        return f"../{quote(path.split('/')[-2], safe='')}"
    return None


def _sent_on(location: str, scope: Scope) -> Response:
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(f"{location}?{query}" if query else location, status_code=308)


def _places(error: Exception) -> list[str]:
    """
    Where it happened: the lines of ours that led there, in the order of calls, and the very last one.

    Not the message and not the values: they may hold an address.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_HOUSE)]
    return list(dict.fromkeys(f"{frame.filename}:{frame.lineno}" for frame in (*ours, *frames[-1:])))


def _sorry() -> Response:
    return PlainTextResponse("처리 중에 문제가 생겼습니다.\nSomething went wrong here.\n", status_code=500)


class _Guarded:
    """Passes an answer on with the protecting headers, where it has none of its own; HEAD gets no body."""

    def __init__(self, send: Send, *, is_head: bool) -> None:
        self._send = send
        self._is_head = is_head
        self.has_started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers = list(message["headers"])
            told = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in _PROTECTING.items() if name not in told]
            message = {**message, "headers": headers}
        elif self._is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)
