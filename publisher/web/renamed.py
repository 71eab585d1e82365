"""Addresses under an archive's former name lead to those under its present one, for ever (301)."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

_PLACE = re.compile(r"(?P<before>/feeds/|/[A-Za-z-]{2,35}/archives/)(?P<name>[a-z][a-z0-9]{0,31})(?P<after>[-./].*)?")
_LOOKING = ("GET", "HEAD")


def present_address(path: str, formerly: Mapping[str, str]) -> str | None:
    """The path with the archive's present name, None where no former one stands in it."""
    found = _PLACE.fullmatch(path)
    name = formerly.get(found["name"]) if found else None
    return f"{found['before']}{name}{found['after'] or ''}" if found and name else None


def redirecting(app: ASGIApp, formerly: Mapping[str, str], site_path: str) -> ASGIApp:
    """The app behind a door that knows former names; `site_path` is the path of `site.url`."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        below = path.removeprefix(site_path) if path.startswith(f"{site_path}/") else path
        target = present_address(below, formerly) if scope["type"] == "http" else None
        if target is None or scope["method"] not in _LOOKING:
            await app(scope, receive, send)
            return
        query = scope.get("query_string", b"")
        location = quote(f"{site_path}{target}").encode() + (b"?" + query if query else b"")
        headers = [(b"location", location), (b"content-length", b"0"), (b"cache-control", b"public, max-age=86400")]
        await send({"type": "http.response.start", "status": 301, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return door
