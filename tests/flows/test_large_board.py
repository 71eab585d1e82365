"""A large board: what it is asked for, and a first read that is interrupted again and again."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.flows.ingest import Ingested, Progress, ingest
from publisher.net import Fetcher
from publisher.store import archives, arrivals
from publisher.store.database import Database
from tests.archive.boardroom import Reading, read_source
from tests.boards.large import EMPTY, LargeBoard, Served
from tests.samples import SITE

SIZE = int(os.environ.get("PUBLISHER_TEST_POSTS", "1000"))  # `make soak` asks for 10,000
KILLED = SIZE // 10
PAGES = -(-SIZE // 15)
NOW = datetime(2025, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    with LargeBoard(SIZE).serving() as served:
        yield served


@pytest.fixture
def small() -> Iterator[Served]:
    with LargeBoard(KILLED).serving() as served:
        yield served


def policy(site: Served) -> ArchivePolicy:
    return ArchivePolicy(name="director", kind="gnuboard", url=site.url, allow=(site.place,), pause=timedelta(0))


async def look(site: Served, before: Reading | None, now: datetime) -> Reading:
    """One read, nothing stored; `asked` then holds this read's requests only."""
    site.board.asked.clear()
    async with Fetcher(allow=(site.place,)) as fetcher:
        return await read_source(open_source(policy(site), fetcher, lambda: now), before)


async def read(db: Database, site: Served, progress: Progress | None = None) -> Ingested:
    async with Fetcher(allow=(site.place,)) as fetcher:
        source = open_source(policy(site), fetcher, lambda: NOW)
        return await ingest(db, source, policy(site), host=SITE.host, now=NOW, progress=progress)


def looked_at(site: Served) -> Counter[str]:
    """How often each post was asked for."""
    return Counter(target for target in site.board.asked if "wr_id" in target)


async def test_an_unchanged_board_costs_six_requests_and_its_sweep_its_pages_and_two(site: Served) -> None:
    reading = await look(site, None, NOW)
    assert len(reading.items) == SIZE - SIZE // EMPTY
    for quarter in range(1, 5):
        reading = await look(site, reading, NOW + quarter * timedelta(minutes=15))
        assert (reading.items, reading.gone) == ({}, {})
        assert len(site.board.asked) <= 6
    lists = 0
    for quarter in range(1, 2 + PAGES // 60):
        reading = await look(site, reading, NOW + DAY + quarter * timedelta(minutes=15))
        assert (reading.items, reading.gone) == ({}, {})
        swept = [target for target in site.board.asked if "&page=" in target and "sst" not in target]
        assert len(site.board.asked) - len(swept) <= 6
        lists += len(swept)
    assert reading.is_sweep
    assert lists <= PAGES + 2


async def test_a_first_read_tells_how_far_it_is(db: Database, small: Served) -> None:
    told: list[tuple[int, int | None]] = []
    await read(db, small, lambda seen, expected: told.append((seen, expected)))
    while_listing = [expected for seen, expected in told if not seen]
    assert len(set(while_listing)) > 5  # grows with the pages of the list
    assert told[-1][0] == told[-1][1] == KILLED
    assert [seen for seen, _ in told] == sorted(seen for seen, _ in told)


async def test_a_first_read_that_is_interrupted_goes_on_and_reads_no_post_twice(db: Database, small: Served) -> None:
    for enough in (10, KILLED // 2):
        reading = asyncio.create_task(read(db, small))
        while sum(looked_at(small).values()) < enough:  # noqa: ASYNC110 - another thread moves it
            await asyncio.sleep(0.001)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        async with db.read() as tx:
            assert (await archives.state_of(tx, "director")).first_read_at is None
    result = await read(db, small)
    assert result.failure is None
    assert len(looked_at(small)) == KILLED
    # The one that was on its way each time could not be kept.
    assert sum(looked_at(small).values()) <= KILLED + 2
    async with db.read() as tx:
        assert len(await arrivals.digests(tx, "director")) == KILLED - KILLED // EMPTY


async def test_a_process_killed_in_its_first_read_leaves_what_it_read(
    db: Database, tmp_path: Path, small: Served
) -> None:
    kills = 3
    for turn in range(1, kills + 1):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.boards.reader", f"sqlite:///{tmp_path}/publisher.db", small.place),
            cwd=Path(__file__).parents[2],
        )
        async with asyncio.timeout(60):
            while sum(looked_at(small).values()) < turn * KILLED // (kills + 1):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert (await read(db, small)).failure is None
    assert len(looked_at(small)) == KILLED
    assert sum(looked_at(small).values()) <= KILLED + kills
