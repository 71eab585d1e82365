"""
What is measured in a process of its own.

    python -m tests.bench.child deliver STORE JOURNALS PORT
    python -m tests.bench.child ingest STORE FOLDER

Each tells in a line of JSON how much it has done and its peak memory. It imports
no more than it needs: what a process holds anyway would hide what grows.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import structlog

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.delivery.smtp import SmtpTransport
from publisher.flows.deliver import deliver
from publisher.flows.ingest import ingest
from publisher.net import Fetcher
from publisher.store.database import open_database
from tests.bench.process import memory, profile
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


def main(task: str, *arguments: str) -> None:
    """Do the task."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    done = asyncio.run(delivered(*arguments) if task == "deliver" else ingested(*arguments))
    print(json.dumps({"done": done, "peak": memory("VmHWM")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
