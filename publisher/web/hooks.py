"""
What mail providers post of bounces and complaints: `POST /hooks/<provider>`.

For programs, so the answers are one plain word. Anybody may post: nothing is
believed before its signature holds, and the same twice counts once, so a
provider that did not hear our answer may repeat itself.
"""

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from publisher.delivery.bounces.posted import LARGEST, Forged, Told, Unreadable
from publisher.errors import FetchError
from publisher.store.database import OUTAGES
from publisher.web.visit import Visiting

_NOT_CACHED = {"Cache-Control": "no-store"}

router = APIRouter()


@router.post("/hooks/{provider}")
async def hear(visit: Visiting, provider: str, request: Request) -> Response:
    """200 when it was heard, before or now; 503 asks the provider to come again."""
    body = await _body(request)
    if body is None:
        return _said(413, "too large")
    try:
        answer = await visit.app.take_posted(provider, body)
    except (FetchError, *OUTAGES):
        return _said(503, "later")
    match answer:
        case None:
            return _said(404, "no such hook")
        case Told():
            return _said(200, "heard")
        case Forged():
            return _said(403, "not signed by the provider")
        case Unreadable():
            return _said(400, "not understood")


async def _body(request: Request) -> bytes | None:
    """The whole body; None for one that no provider sends."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return None
    except ClientDisconnect:
        return b""
    return body


def _said(status: int, word: str) -> Response:
    return PlainTextResponse(f"{word}\n", status, headers=_NOT_CACHED)
