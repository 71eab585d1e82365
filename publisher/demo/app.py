"""
The board as an ASGI application: bytes in, `server.answer`, bytes out.

Any server can run it (the demo uses uvicorn on a loopback port); it needs no
start-up, keeps nothing on disk, and reads no request body.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from publisher.demo.board import Board
from publisher.demo.posts import Content
from publisher.demo.server import Request, Response, answer, is_host

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_SESSION = re.compile(r"(?:^|;\s*)PHPSESSID=([0-9a-f]{32})(?:;|$)")
_FIELDS = 20
# The alert pages need their script; nothing else may run, and nothing comes from elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "script-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def board_app(content: Content, now: Callable[[], datetime]) -> "BoardApp":
    """The board of these posts, ready to be served; `now` is its clock."""
    return BoardApp(Board(content, now))


class BoardApp:
    """A board that answers over ASGI, with the hand that puts up more posts."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def publish_more(self) -> int:
        """Put up the posts that were kept back, dated now; says how many (0 when none are left)."""
        return self._board.publish_more()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._serve(scope, send)
            case "lifespan":
                await _live(receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        brought = _SESSION.search(headers.get("cookie", ""))
        session = brought[1] if brought else secrets.token_hex(16)
        request = _request(scope, headers.get("host", ""), session)
        response = answer(self._board, request) if request else Response(status=400, type="text/plain; charset=utf-8")
        await _send(response, send, scope["method"], None if brought else session)


def _request(scope: Scope, host: str, session: str) -> Request | None:
    """The request, or None when it is not fit to be answered."""
    if not is_host(host):
        return None
    try:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return None
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(pairs),
        origin=f"{scope['scheme']}://{host}",
        session=session,
    )


async def _send(response: Response, send: Send, method: str, new_session: str | None) -> None:
    headers = [
        ("content-type", response.type),
        ("content-length", str(len(response.body))),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", _POLICY),
        *response.headers,
    ]
    if new_session:
        headers.append(("set-cookie", f"PHPSESSID={new_session}; path=/; HttpOnly; SameSite=Lax"))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
