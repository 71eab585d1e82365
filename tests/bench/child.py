"""
What is measured in a process of its own.

    python -m tests.bench.child deliver STORE PORT [KEYS]
    python -m tests.bench.child ingest STORE FOLDER
    python -m tests.bench.child import STORE FILE
    python -m tests.bench.child board STORE PLACE        python -m tests.bench.child pages PLACE COUNT
    python -m tests.bench.child tables STORE SOCKET DATABASE        python -m tests.bench.child rows SOCKET DATABASE

Each tells in a line of JSON how much it has done, its peak memory, and how many microseconds it took. It imports
no more than it needs: what a process holds anyway would hide what grows.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import httpx2
import structlog
from selectolax.lexbor import LexborHTMLParser

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy, DatabasePolicy
from publisher.flows.ingest import ingest
from publisher.net import Fetcher
from publisher.store.database import open_database
from tests.bench.delivering import Done, deliver
from tests.bench.process import memory
from tests.bench.roster import import_file
from tests.boards.large import url_at
from tests.samples import SITE, at


async def delivered(store: str, port: str, signs: str = "") -> Done:
    """Empty an outbox into the sink."""
    return await deliver(Path(store), int(port), signs)


async def ingested(store: str, folder: str) -> int:
    """Read a folder of saved pages for the first time."""
    return await _first_read(store, ArchivePolicy(name="director", kind="folder", url="", path=folder))


async def read_board(store: str, place: str) -> int:
    """Read a served board for the first time."""
    policy = ArchivePolicy(
        name="director", kind="gnuboard", url=url_at(place), allow=(place,), pause=timedelta(0), first_read="fill"
    )
    return await _first_read(store, policy)


async def read_tables(store: str, socket: str, database: str) -> int:
    """Read a board in its database for the first time."""
    tables = DatabasePolicy(name=database, user="root", socket=socket)
    return await _first_read(
        store, ArchivePolicy(name="director", kind="gnuboard-db", url=url_at("board.example"), database=tables)
    )


async def _first_read(store: str, policy: ArchivePolicy) -> int:
    db = await open_database(store)
    async with Fetcher(allow=policy.allow) as fetcher:
        done = await ingest(db, open_source(policy, fetcher), policy, host=SITE.host, now=at())
    await db.close()
    return done.new


async def plain_pages(place: str, count: str) -> int:
    """Fetch the same lists and posts one after another, and parse them; nothing more."""
    async with httpx2.AsyncClient() as client:
        for page in range(1, -(-int(count) // 15) + 1):
            LexborHTMLParser((await client.get(f"{url_at(place)}&page={page}")).content)
        seen = 0
        for number in range(1, int(count) + 1):
            page = await client.get(f"{url_at(place)}&wr_id={number}")
            seen += LexborHTMLParser(page.content).css_first("#bo_v") is not None
    return seen


async def plain_rows(socket: str, database: str) -> int:
    """Take the same rows from the driver's cursor; nothing more."""
    import pymysql  # an extra: only this row needs it
    from pymysql.cursors import SSDictCursor

    connection = pymysql.connect(unix_socket=socket, user="root", database=database, cursorclass=SSDictCursor)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM g5_write_director WHERE wr_is_comment = 0 ORDER BY wr_id DESC")
        return sum(bool(row["wr_content"]) for row in cursor)


async def imported(store: str, file: str) -> int:
    """Bring readers in from a file."""
    return await import_file(store, Path(file))


TASKS: Mapping[str, Callable[..., Awaitable[int | Done]]] = {
    "deliver": delivered,
    "ingest": ingested,
    "board": read_board,
    "tables": read_tables,
    "pages": plain_pages,
    "rows": plain_rows,
    "import": imported,
}


def main(task: str, *arguments: str) -> None:
    """Do the task."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    async def timed() -> Done:
        began = time.perf_counter()
        done = await TASKS[task](*arguments)
        return done if isinstance(done, Done) else Done(count=done, took=time.perf_counter() - began)

    done = asyncio.run(timed())
    print(json.dumps({"done": done.count, "peak": memory("VmHWM"), "took": round(done.took * 1e6)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
