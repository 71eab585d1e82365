"""The bare ASGI app on the server that the house uses: `python -m tests.bench.fixed`, until it is ended."""

import asyncio
import sys

from starlette.types import Receive, Scope, Send

from publisher.web.server import serve

_NOTHING_NEW = {
    "type": "http.response.start",
    "status": 304,
    "headers": [
        (b"etag", b'"0123456789abcdef0123456789abcdef"'),
        (b"last-modified", b"Mon, 02 Mar 2026 12:00:00 GMT"),
        (b"cache-control", b"public, max-age=300"),
        (b"vary", b"Accept-Encoding"),
    ],
}
_NO_BODY = {"type": "http.response.body", "body": b""}


async def fixed(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The same bytes to whoever asks for whatever."""
    await send(_NOTHING_NEW)
    await send(_NO_BODY)


if __name__ == "__main__":
    asyncio.run(serve(fixed, "127.0.0.1:0", ready=lambda address: print(f"Open {address}", file=sys.stderr)))
