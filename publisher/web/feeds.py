"""
The addresses of the feeds, answered by bare ASGI ahead of the framework.

Readers come every few minutes and mostly hear "nothing new" (304): that answer
must cost next to nothing. See RFC 9110 sections 8.8 and 13 for the conditions.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Protocol, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.feeds.publish import CATALOGUE, ENCODINGS, Rendered
from publisher.store.database import OUTAGES

_ADDRESS = re.compile(r"/feeds/(?P<slug>[^/]+?)(/(?P<number>[1-9][0-9]{0,9}))?\.(?P<extension>rss|atom|json)")
# A page of an archive that there cannot be is answered here too: it has the same cure.
_PAGE_LIKE = re.compile(r"/feeds/[^/]+/[^/]+\.(rss|atom|json)")
_BELOW = "/feeds/"
_CATALOGUE_ADDRESS = "/feeds.opml"
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_QUALITY_ZERO = re.compile(r"q\s*=\s*0(\.0*)?\s*")
_ENCODED = re.compile(rf'-({"|".join(ENCODINGS)})"$')

_CACHE_CONTROL = b"public, max-age=300"
_ALLOW = (b"allow", b"GET, HEAD, OPTIONS")
_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_NOT_SNIFFED = (b"x-content-type-options", b"nosniff")
# Pages elsewhere may read a JSON Feed by script, with its entity tag, and ask for news by it.
_ANYWHERE = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified, Link"),
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

_AWAY = """\
지금은 피드를 읽어 올 수 없습니다. 잠시 뒤에 다시 시도해 주세요.
The feed cannot be read at the moment. Please try again in a little while.
"""
_LATER = (b"retry-after", b"60")

_Headers = list[tuple[bytes, bytes]]

Seen: TypeAlias = Callable[[str, str, str], None]
"""Told of each look at a feed: its slug, the program that looked, and the address it came from."""


class Shelf(Protocol):
    """Where the feeds come from: `flows.syndicate.FeedShelf`."""

    async def get(self, slug: str, extension: str, number: int | None = None) -> Rendered | None: ...


@dataclass(frozen=True, kw_only=True)
class Named:
    """A document as an address names it; `number` is that of a page."""

    slug: str
    extension: str
    number: int | None = None


def handles(path: str) -> bool:
    """Whether this path, without the path of the site, is a feed's: existing or not."""
    is_like_one = path.startswith(_BELOW) and (_ADDRESS.fullmatch(path) or _PAGE_LIKE.fullmatch(path))
    return path == _CATALOGUE_ADDRESS or bool(is_like_one)


def is_opened(scope: Scope, path: str) -> bool:
    """Whether a person opens the feed at this path in a browser, who is shown a page (`opened.py`)."""
    is_look = scope["method"] in ("GET", "HEAD") and path != _CATALOGUE_ADDRESS
    return is_look and (b"sec-fetch-dest", b"document") in scope["headers"]


def feeds_app(shelf: Shelf, seen: Seen | None = None) -> ASGIApp:
    """Answers the paths that `handles` accepts, and 404 to all others. `root_path` is taken off the path."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        asked_for = named(path.removeprefix(root) if root else path)
        method: str = scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, [_ALLOW, *_shared(asked_for.extension if asked_for else ""), *_PREFLIGHT])
        elif method not in ("GET", "HEAD"):
            await _say(send, 405, _NOT_ALLOWED, [_ALLOW], method)
        else:
            await look(asked_for, scope, send)

    async def look(asked_for: Named | None, scope: Scope, send: Send) -> None:
        method: str = scope["method"]
        try:
            document = await shelf.get(asked_for.slug, asked_for.extension, asked_for.number) if asked_for else None
        except OUTAGES:
            return await _say(send, 503, _AWAY, [_LATER], method)
        if asked_for is None or document is None:
            unknown = _UNKNOWN.format(feeds=f"{scope.get('root_path', '')}{_CATALOGUE_ADDRESS}")
            return await _say(send, 404, unknown, [], method)
        asked = _conditions(scope)
        if seen is not None and asked_for.number is None:
            seen(asked_for.slug, asked.get("user-agent", ""), (scope.get("client") or ("",))[0])
        return await _show(send, document, asked, method)

    return app


def named(path: str) -> Named | None:
    """The document at a path without the path of the site; None where there can be none."""
    if path == _CATALOGUE_ADDRESS:
        slug, extension = CATALOGUE
        return Named(slug=slug, extension=extension)
    address = _ADDRESS.fullmatch(path)
    if address is None:
        return None
    number = int(address["number"]) if address["number"] else None
    return Named(slug=address["slug"], extension=address["extension"], number=number)


async def _show(send: Send, document: Rendered, asked: Mapping[str, str], method: str) -> None:
    encoding = _encoding(asked.get("accept-encoding", ""))
    headers = [*_validators(document, encoding), *_shared(document.extension)]
    if _has_it_already(document, asked):
        return await _answer(send, 304, headers)
    body = document.content if encoding is None else await _packed(document, encoding)
    headers += [(b"content-type", document.media_type.encode()), (b"content-length", b"%d" % len(body)), _NOT_SNIFFED]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    if document.links:
        told = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in document.links.items())
        headers.append((b"link", told.encode()))
    return await _answer(send, 200, headers, body if method == "GET" else b"")


async def _packed(document: Rendered, encoding: str) -> bytes:
    """Packed once per change, beside the loop: others are answered meanwhile."""
    if document.is_packed(encoding):
        return document.packed(encoding)
    return await asyncio.to_thread(document.packed, encoding)


def _validators(document: Rendered, encoding: str | None) -> Iterator[tuple[bytes, bytes]]:
    # Two encodings are two representations: a strong tag must tell them apart.
    tag = f'{document.etag[:-1]}-{encoding}"' if encoding else document.etag
    yield b"etag", tag.encode()
    if document.last_modified:
        yield b"last-modified", format_datetime(document.last_modified.astimezone(UTC), usegmt=True).encode()
    yield b"cache-control", _CACHE_CONTROL
    yield b"vary", b"Accept-Encoding, Sec-Fetch-Dest"  # a browser is shown a page: opened.py


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
        # Weak comparison, and any encoding: whoever has one of them has this text.
        have = {_ENCODED.sub('"', tag) for tag in _ENTITY_TAG.findall(tags)}
        return tags.strip() == "*" or document.etag in have
    since = _time(asked.get("if-modified-since", ""))
    return since is not None and document.last_modified is not None and document.last_modified <= since


def _time(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # an unreadable date is no condition
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _encoding(accepted: str) -> str | None:
    """The best coding that the reader takes; None: the content as it is."""
    told = {name: not _QUALITY_ZERO.fullmatch(quality) for name, quality in _codings(accepted)}
    return next((encoding for encoding in ENCODINGS if told.get(encoding, told.get("*", False))), None)


def _codings(accepted: str) -> Iterator[Sequence[str]]:
    for coding in accepted.split(","):
        name, _, quality = coding.strip().lower().partition(";")
        yield name.strip(), quality.strip()


# ── Answers ──────────────────────────────────────────────────────────────────


async def _say(send: Send, status: int, text: str, headers: _Headers, method: str) -> None:
    body = text.encode()
    told = [_PLAIN, (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store"), _NOT_SNIFFED, *headers]
    await _answer(send, status, told, b"" if method == "HEAD" else body)


async def _answer(send: Send, status: int, headers: _Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
