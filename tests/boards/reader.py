"""A process that reads a served board into a store: `python -m tests.boards.reader STORE PLACE`, to be killed."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.flows.ingest import ingest
from publisher.net import Fetcher
from publisher.store.database import open_database
from tests.boards.large import url_at


async def main(store: str, place: str) -> None:
    db = await open_database(store)
    policy = ArchivePolicy(
        name="director", kind="gnuboard", url=url_at(place), allow=(place,), pause=timedelta(0), flood=1_000_000
    )
    now = datetime(2025, 12, 1, tzinfo=UTC)
    async with Fetcher(allow=(place,)) as fetcher:
        await ingest(db, open_source(policy, fetcher, lambda: now), policy, host="letters.example", now=now)
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
