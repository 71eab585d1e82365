"""
The bare ASGI app on the server that the house uses, until it is ended.

`python -m tests.bench.fixed` says "nothing new" to everybody, with FILE it hands out the bytes of that file.
"""

import asyncio
import sys
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.web.server import serve

_HEADERS = [
    (b"etag", b'"0123456789abcdef0123456789abcdef"'),
    (b"last-modified", b"Mon, 02 Mar 2026 12:00:00 GMT"),
    (b"cache-control", b"public, max-age=300"),
    (b"vary", b"Accept-Encoding"),
]


def fixed(content: bytes | None) -> ASGIApp:
    """The same bytes to whoever asks for whatever; None: 304."""
    about = [(b"content-type", b"application/atom+xml; charset=utf-8"), (b"content-encoding", b"gzip")]
    if content is None:
        start = {"type": "http.response.start", "status": 304, "headers": _HEADERS}
    else:
        length = (b"content-length", b"%d" % len(content))
        start = {"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *about, length]}
    body = {"type": "http.response.body", "body": content or b""}

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        await send(body)

    return app


if __name__ == "__main__":
    given = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else None
    asyncio.run(serve(fixed(given), "127.0.0.1:0", ready=lambda address: print(f"Open {address}", file=sys.stderr)))
