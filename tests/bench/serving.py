"""Telling a feed reader that nothing is new, beside a bare ASGI app that can say nothing else."""

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from tests.bench.house import folder, make_house
from tests.bench.measure import Sizes, Work, at_least, check
from tests.bench.process import running_server

_CONNECTIONS = 8
_FEED = "/feeds/all.atom"


@contextmanager
def unchanged_feed(sizes: Sizes) -> Iterator[Work]:
    """The whole house runs: its clock and its delivery share the loop with the pages."""
    with (
        folder() as place,
        running_server("-m", "publisher", "--config", str(make_house(place)), "run") as (house, _),
        running_server("-m", "tests.bench.fixed") as (fixed, _),
    ):
        tag = _tag_when_filled(house + _FEED)
        yield Work(
            name="answer 304 for an unchanged feed",
            peer="bare ASGI app on the same uvicorn",
            ours=lambda: asyncio.run(_ask(house, tag, sizes.requests)),
            theirs=lambda: asyncio.run(_ask(fixed, tag, sizes.requests)),
            target=at_least(0.6),
        )


def _tag_when_filled(address: str) -> str:
    """The feed's entity tag, once the first read of the archive has filled it."""
    for _ in range(200):
        with urllib.request.urlopen(address) as answer:
            if b"<entry" in answer.read():
                return str(answer.headers["etag"])
        time.sleep(0.1)
    raise TimeoutError("the archive was not read")


async def _ask(address: str, tag: str, count: int) -> float:
    """Seconds per request, over connections that are kept."""
    host, _, port = urlsplit(address).netloc.partition(":")
    request = f"GET {_FEED} HTTP/1.1\r\nHost: {host}:{port}\r\nIf-None-Match: {tag}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    shares = [len(range(start, count, _CONNECTIONS)) for start in range(_CONNECTIONS)]
    askers = [_Asker(request, share) for share in shares if share]
    began = time.perf_counter()
    for asker in askers:
        await loop.create_connection(partial(_itself, asker), host, int(port))
    await asyncio.gather(*[asker.done for asker in askers])
    took = time.perf_counter() - began
    check(sum(asker.heard for asker in askers) == count, "some requests had another answer than 304")
    return took / count


def _itself(asker: "_Asker") -> "_Asker":
    return asker


class _Asker(asyncio.Protocol):
    """Asks again as soon as it has an answer."""

    def __init__(self, request: bytes, count: int) -> None:
        self._request = request
        self._count = count
        self._buffer = b""
        self.heard = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer.endswith(b"\r\n\r\n"):  # a 304 has no body
            return
        self.heard += self._buffer.startswith(b"HTTP/1.1 304 ")
        self._buffer = b""
        self._count -= 1
        if self._count:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.done.set_result(None)
