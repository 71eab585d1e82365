"""
What is measured in a process of its own.

    python -m tests.bench.child deliver STORE JOURNALS PORT     a line of JSON: copies sent, peak memory
    python -m tests.bench.child ingest STORE FOLDER             a line of JSON: entries stored, peak memory
    python -m tests.bench.child fixed                           the bare ASGI app, until it is ended
"""

import asyncio
import json
import sys
from pathlib import Path

from starlette.types import Receive, Scope, Send

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.cli.logs import log_quietly
from publisher.delivery.smtp import SmtpTransport
from publisher.flows.deliver import deliver
from publisher.flows.ingest import ingest
from publisher.net import Fetcher
from publisher.store.database import open_database
from publisher.web.server import serve
from tests.bench.process import memory
from tests.bench.sending import profile
from tests.delivery.post import post_office
from tests.samples import SITE, at


async def delivered(store: str, journals: str, port: str) -> int:
    """Empty an outbox into the sink."""
    db = await open_database(store)
    road = SmtpTransport(profile(int(port)))
    tally = await deliver(await post_office(db, Path(journals), road))
    await road.close()
    await db.close()
    return tally.sent


async def ingested(store: str, folder: str) -> int:
    """Read a folder of saved pages for the first time."""
    db = await open_database(store)
    policy = ArchivePolicy(name="director", kind="folder", url="", path=folder)
    async with Fetcher() as fetcher:
        done = await ingest(db, open_source(policy, fetcher), policy, host=SITE.host, now=at())
    await db.close()
    return done.new


# ── The bare server ──────────────────────────────────────────────────────────

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


def main(task: str, *arguments: str) -> None:
    """Do the task."""
    log_quietly()
    if task == "fixed":
        asyncio.run(serve(fixed, "127.0.0.1:0", ready=lambda address: print(f"Open {address}", file=sys.stderr)))
        return
    done = asyncio.run(delivered(*arguments) if task == "deliver" else ingested(*arguments))
    print(json.dumps({"done": done, "peak": memory("VmHWM")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
