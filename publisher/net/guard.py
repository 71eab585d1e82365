"""
Where a connection may lead.

The check sits where the connection is made: a name is looked up once, and the
very address that was judged is connected to, so a name that changes its answer
in between (DNS rebinding) gains nothing, and neither does a redirect. TLS still
sees the name. No proxy is taken from the environment: it would connect on our
behalf and past the check.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import TypeAlias

import httpcore2
import httpx2

from publisher.errors import FetchError

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to numeric addresses, best first. Raises OSError when the name has none."""


# Python 3.11 calls some of these public, or judges only by the outer address.
_NEVER = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("2001::/23"),  # Teredo and other protocol assignments
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address inside
    IPv6Network("3fff::/20"),  # documentation
)
_GLOBAL_IPV6 = IPv6Network("2000::/3")  # so no mapped, NAT64, unique local, link-local or multicast address


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the open internet, as far as its form can tell."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if any(ip in network for network in _NEVER if network.version == ip.version):
        return False
    if isinstance(ip, IPv6Address):
        return ip in _GLOBAL_IPV6 and ip.is_global
    return _is_public_ipv4(ip)


def _is_public_ipv4(ip: IPv4Address) -> bool:
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local)


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to checked addresses only; everything that fetches passes here."""

    def __init__(self, allow: frozenset[str], resolve: Resolver | None = None) -> None:
        self._allow = allow
        self._look_up = resolve or _resolve
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for address in await self._permitted(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _permitted(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._look_up(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError("name unknown", f"the name {host} is not known") from error
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if place in self._allow:
            return addresses
        public = [address for address in addresses if is_public(address)]
        if addresses and not public:
            raise FetchError(
                "not allowed", f"{place} leads to {addresses[0]}, which is not public; if it is yours, allow {place!r}"
            )
        return public


class Transport(httpx2.AsyncBaseTransport):
    """httpx2's own transport cannot be given a network backend; this one can, and does no more."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls or _trust(),
            max_connections=4,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.content,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        await self._pool.aclose()


@cache
def _trust() -> ssl.SSLContext:
    """The operating system's certificates; reading them takes a tenth of a second, so once."""
    return httpx2.create_ssl_context()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()
