"""Answering feed readers, beside a bare ASGI app that can say nothing else."""

import asyncio
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from tests.bench.house import folder, make_house
from tests.bench.measure import FASTER, Sizes, Work, at_least, check
from tests.bench.process import running_server

_CONNECTIONS = 8
_FEED = "/feeds/all.atom"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)")


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
            ours=lambda: asyncio.run(_ask(house, f"If-None-Match: {tag}", 304, sizes.requests)),
            theirs=lambda: asyncio.run(_ask(fixed, f"If-None-Match: {tag}", 304, sizes.requests)),
            target=at_least(0.6),
        )


@contextmanager
def whole_feed(sizes: Sizes) -> Iterator[Work]:
    """A reader that comes for the first time, and takes gzip as they all do; the peer hands out the same bytes."""
    with folder() as place, running_server("-m", "publisher", "--config", str(make_house(place)), "run") as (house, _):
        _tag_when_filled(house + _FEED)
        asked = urllib.request.Request(house + _FEED, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked) as answer:
            same = place / "feed.gz"
            same.write_bytes(answer.read())
        with running_server("-m", "tests.bench.fixed", str(same)) as (fixed, _):
            yield Work(
                name="answer 200 with the whole feed",
                peer="bare ASGI app handing out the same bytes",
                ours=lambda: asyncio.run(_ask(house, "Accept-Encoding: gzip", 200, sizes.requests)),
                theirs=lambda: asyncio.run(_ask(fixed, "Accept-Encoding: gzip", 200, sizes.requests)),
                target=FASTER,
            )


def _tag_when_filled(address: str) -> str:
    """The feed's entity tag, once the first read of the archive has filled it."""
    for _ in range(200):
        with urllib.request.urlopen(address) as answer:
            if b"<entry" in answer.read():
                return str(answer.headers["etag"])
        time.sleep(0.1)
    raise TimeoutError("the archive was not read")


async def _ask(address: str, header: str, status: int, count: int) -> float:
    """Seconds per request, over connections that are kept."""
    host, _, port = urlsplit(address).netloc.partition(":")
    request = f"GET {_FEED} HTTP/1.1\r\nHost: {host}:{port}\r\n{header}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    shares = [len(range(start, count, _CONNECTIONS)) for start in range(_CONNECTIONS)]
    askers = [_Asker(request, status, share) for share in shares if share]
    began = time.perf_counter()
    for asker in askers:
        await loop.create_connection(partial(_itself, asker), host, int(port))
    await asyncio.gather(*[asker.done for asker in askers])
    took = time.perf_counter() - began
    check(sum(asker.heard for asker in askers) == count, f"some requests had another answer than {status}")
    return took / count


def _itself(asker: "_Asker") -> "_Asker":
    return asker


class _Asker(asyncio.Protocol):
    """Asks again as soon as it has an answer."""

    def __init__(self, request: bytes, status: int, count: int) -> None:
        self._request = request
        self._expected = b"HTTP/1.1 %d " % status
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
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)  # a 304 has no body
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self.heard += self._buffer.startswith(self._expected)
        self._buffer = b""
        self._count -= 1
        if self._count:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.done.set_result(None)
