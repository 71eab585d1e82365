"""Visiting: redirects, cookies, limits of time and size."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urljoin

import httpcore2
import httpx2

from publisher import __version__
from publisher.errors import FetchError
from publisher.net.cookies import CookieJar
from publisher.net.guard import GuardedBackend, Resolver, Transport

MEBIBYTE = 1024 * 1024
REDIRECTS = 5
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer, whatever its status. `url` is the final address; header names are lower-cased."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class Fetcher:
    """
    One visitor: one cookie jar, one set of connections, one polite name.

    `allow` opens private hosts one by one, each as `host:port` exactly as it
    stands in addresses (`127.0.0.1:9200`, `[::1]:9200`, `board.internal:80`).
    `timeout` bounds a whole `get`, redirects and body included. `contact` (an
    address or page) goes into the User-Agent. `resolve` and `tls` replace name
    lookup and trust.
    """

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        contact: str = "",
        timeout: float = 30.0,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout = timeout
        self._cookies = CookieJar()
        self._transport = Transport(GuardedBackend(frozenset(allow), resolve), tls)
        self._headers = {
            "user-agent": user_agent(contact),
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "accept-language": "ko,en;q=0.8",
            "accept-encoding": "gzip",  # the one encoding that we unpack under a limit
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        max_bytes: int = 8 * MEBIBYTE,
    ) -> Page:
        """
        Fetch an address; every HTTP status is an answer, not an error.

        With `follow` up to five redirects are taken, each one checked like the
        first. `headers` go to the first address's host only. Raises FetchError
        with the reason `not allowed`, `name unknown`, `certificate`, `unreachable`,
        `timeout`, `too large` (more than `max_bytes`, before or after unpacking)
        or `too many redirects`.
        """
        address = _checked_url(url)
        visit = self._follow if follow else self._once
        return await self._in_time(address, visit(address, headers or {}, max_bytes))

    async def post(self, url: str, fields: Mapping[str, str], *, max_bytes: int = MEBIBYTE) -> Page:
        """
        Send a form; every HTTP status is an answer, a redirect too: it is not followed.

        Raises FetchError as `get` does.
        """
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self.send(url, urlencode(fields).encode(), headers=headers, max_bytes=max_bytes)

    async def send(self, url: str, content: bytes, *, headers: Mapping[str, str], max_bytes: int = MEBIBYTE) -> Page:
        """
        Send a document of any kind; `headers` name it, and may hold a key. Otherwise as `post`.

        What the headers hold goes nowhere else: no redirect is followed.
        """
        address = _checked_url(url)
        return await self._in_time(address, self._once(address, headers, max_bytes, sent=content))

    async def _in_time(self, address: httpx2.URL, visit: Coroutine[Any, Any, Page]) -> Page:
        try:
            async with asyncio.timeout(self._timeout):
                return await visit
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise FetchError("timeout", f"{address}: no complete answer within {self._timeout:g} s") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            detail = str(error) or type(error).__name__
            reason = "certificate" if _is_about_trust(error) else "unreachable"
            raise FetchError(reason, f"{address}: {detail}") from error

    async def _follow(self, start: httpx2.URL, headers: Mapping[str, str], max_bytes: int) -> Page:
        address = start
        for _ in range(REDIRECTS + 1):
            page = await self._once(address, headers if _same_origin(address, start) else {}, max_bytes)
            target = page.headers.get("location")
            if page.status not in REDIRECT_STATUSES or not target:
                return page
            address = _checked_url(target, base=str(address))
        raise FetchError("too many redirects", f"{start}: more than {REDIRECTS} redirects, the last to {address}")

    async def _once(
        self, address: httpx2.URL, headers: Mapping[str, str], max_bytes: int, *, sent: bytes | None = None
    ) -> Page:
        cookies = self._cookies.header_for(address.host, secure=address.scheme == "https")
        request = httpx2.Request(
            "GET" if sent is None else "POST",
            address,
            content=sent,
            headers={**self._headers, **headers, **({"cookie": cookies} if cookies else {})},
            extensions={"timeout": httpx2.Timeout(self._timeout, connect=min(self._timeout, 10.0)).as_dict()},
        )
        response = await self._transport.handle_async_request(request)
        try:
            self._cookies.take(address.host, response.headers.get_list("set-cookie"), secure=address.scheme == "https")
            encoding = response.headers.get("content-encoding", "identity")
            content = await _read(str(address), response.aiter_raw(), encoding, max_bytes)
        finally:
            await response.aclose()
        named = {name.lower(): value for name, value in response.headers.items()}
        return Page(url=str(address), status=response.status_code, headers=named, content=content)


def user_agent(contact: str = "") -> str:
    """`Publisher/0.1.0 (+https://…)`: who we are, and whom to ask to leave."""
    return f"Publisher/{__version__} (+{contact})" if contact else f"Publisher/{__version__}"


# ── Addresses and bodies ─────────────────────────────────────────────────────


def _checked_url(url: str, base: str = "") -> httpx2.URL:
    try:
        address = httpx2.URL(urljoin(base, url.strip()))
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError("not allowed", f"{url!r} is not a web address") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise FetchError("not allowed", f"{url!r}: only http:// and https:// addresses are fetched")
    if address.userinfo:
        raise FetchError("not allowed", f"an address at {address.host} carries a user name; write it without")
    return address.copy_with(fragment=None)


def _same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _is_about_trust(error: BaseException | None) -> bool:
    """Whether TLS refused the site's certificate; the library raises its own error from it."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _read(url: str, parts: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes:
    """The whole body, unpacked; stops as soon as either form passes the limit."""
    unpack = _unpacker(url, encoding)
    content = bytearray()
    received = 0
    async for part in parts:
        received += len(part)
        content += unpack.feed(part, max_bytes + 1 - len(content))
        if max(received, len(content)) > max_bytes:
            raise FetchError("too large", f"{url}: more than {max_bytes:,} bytes")
    if received and not unpack.complete:
        raise FetchError("unreachable", f"{url}: the compressed answer is cut short")
    return bytes(content)


class _Plain:
    complete = True

    def feed(self, part: bytes, _limit: int) -> bytes:
        return part


class _Gzip:
    """Unpacks step by step, never more than asked for: 1 kB may hold 1 MB of zeros."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, whichever the header says

    @property
    def complete(self) -> bool:
        return self._inflate.eof

    def feed(self, part: bytes, limit: int) -> bytes:
        # What the limit leaves behind may be dropped: then the caller refuses the body anyway.
        try:
            return self._inflate.decompress(part, limit)
        except zlib.error as error:
            raise FetchError("unreachable", f"{self._url}: the compressed answer is damaged") from error


def _unpacker(url: str, encoding: str) -> _Plain | _Gzip:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Gzip(url)
        case other:
            raise FetchError("unreachable", f"{url}: answered in the encoding {other!r}, which was not asked for")
