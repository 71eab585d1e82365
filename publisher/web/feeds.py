"""
The addresses of the feeds, answered by bare ASGI ahead of the framework.

Readers come every few minutes and mostly hear "nothing new" (304): that answer
must cost next to nothing. See RFC 9110 sections 8.8 and 13 for the conditions.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.feeds.publish import CATALOGUE, Rendered

_ADDRESS = re.compile(r"/feeds/(?P<slug>[^/]+)\.(?P<extension>rss|atom|json)")
_CATALOGUE_ADDRESS = "/feeds.opml"
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_QUALITY_ZERO = re.compile(r"q\s*=\s*0(\.0*)?\s*")

_CACHE_CONTROL = b"public, max-age=300"
_ALLOW = (b"allow", b"GET, HEAD, OPTIONS")
_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_NOT_SNIFFED = (b"x-content-type-options", b"nosniff")
# Pages elsewhere may read a JSON Feed by script, with its entity tag, and ask for news by it.
_ANYWHERE = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified"),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since"),
    (b"access-control-max-age", b"86400"),
)

_UNKNOWN = """\
이 주소에는 피드가 없습니다. 피드 목록: {feeds}
There is no feed at this address. The list of feeds: {feeds}
"""
_NOT_ALLOWED = """\
피드는 읽을 수만 있습니다(GET, HEAD).
A feed can only be read (GET, HEAD).
"""

_Headers = list[tuple[bytes, bytes]]


class Shelf(Protocol):
    """Where the feeds come from: `flows.syndicate.FeedShelf`."""

    async def get(self, slug: str, extension: str) -> Rendered | None: ...


def handles(path: str) -> bool:
    """Whether this path, without the path of the site, is a feed's: existing or not."""
    return path == _CATALOGUE_ADDRESS or _ADDRESS.fullmatch(path) is not None


def feeds_app(shelf: Shelf) -> ASGIApp:
    """Answers the paths that `handles` accepts, and 404 to all others. `root_path` is taken off the path."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        named = _named(path.removeprefix(root) if root else path)
        method: str = scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, [_ALLOW, *_shared(named[1] if named else ""), *_PREFLIGHT])
        elif method not in ("GET", "HEAD"):
            await _say(send, 405, _NOT_ALLOWED, [_ALLOW], method)
        elif named is None or (document := await shelf.get(*named)) is None:
            await _say(send, 404, _UNKNOWN.format(feeds=f"{root}{_CATALOGUE_ADDRESS}"), [], method)
        else:
            await _show(send, document, _conditions(scope), method)

    return app


def _named(path: str) -> tuple[str, str] | None:
    """Slug and extension of the document at a path."""
    if path == _CATALOGUE_ADDRESS:
        return CATALOGUE
    address = _ADDRESS.fullmatch(path)
    return (address["slug"], address["extension"]) if address else None


async def _show(send: Send, document: Rendered, asked: Mapping[str, str], method: str) -> None:
    zipped = _takes_gzip(asked.get("accept-encoding", ""))
    headers = [*_validators(document, zipped), *_shared(document.extension)]
    if _has_it_already(document, asked):
        return await _answer(send, 304, headers)
    body = document.gzipped if zipped else document.content
    headers += [(b"content-type", document.media_type.encode()), (b"content-length", b"%d" % len(body)), _NOT_SNIFFED]
    if zipped:
        headers.append((b"content-encoding", b"gzip"))
    return await _answer(send, 200, headers, body if method == "GET" else b"")


def _validators(document: Rendered, zipped: bool) -> Iterator[tuple[bytes, bytes]]:
    # Two encodings are two representations: a strong tag must tell them apart.
    tag = f'{document.etag[:-1]}-gzip"' if zipped else document.etag
    yield b"etag", tag.encode()
    if document.last_modified:
        yield b"last-modified", format_datetime(document.last_modified.astimezone(UTC), usegmt=True).encode()
    yield b"cache-control", _CACHE_CONTROL
    yield b"vary", b"Accept-Encoding"


def _shared(extension: str) -> _Headers:
    return [*_ANYWHERE] if extension == "json" else []


# ── What the reader has and takes ────────────────────────────────────────────


def _conditions(scope: Scope) -> Mapping[str, str]:
    """The request's headers by lower-case name; several lines of one are one list (RFC 9110 section 5.3)."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _has_it_already(document: Rendered, asked: Mapping[str, str]) -> bool:
    """Where If-None-Match is given it decides alone; else If-Modified-Since does."""
    tags = asked.get("if-none-match")
    if tags is not None:
        # Weak comparison, and either encoding: whoever has one of them has this text.
        have = {tag.replace('-gzip"', '"') for tag in _ENTITY_TAG.findall(tags)}
        return tags.strip() == "*" or document.etag in have
    since = _time(asked.get("if-modified-since", ""))
    return since is not None and document.last_modified is not None and document.last_modified <= since


def _time(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # an unreadable date is no condition
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _takes_gzip(accepted: str) -> bool:
    codings = [coding.strip().lower().partition(";") for coding in accepted.split(",")]
    told = {name.strip(): not _QUALITY_ZERO.fullmatch(quality.strip()) for name, _, quality in codings}
    return told.get("gzip", told.get("*", False))


# ── Answers ──────────────────────────────────────────────────────────────────


async def _say(send: Send, status: int, text: str, headers: _Headers, method: str) -> None:
    body = text.encode()
    told = [_PLAIN, (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store"), _NOT_SNIFFED, *headers]
    await _answer(send, status, told, b"" if method == "HEAD" else body)


async def _answer(send: Send, status: int, headers: _Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
