"""Disks that fill while an edition goes out: letters wait, the reason is told, and nobody is lost or doubled."""

import asyncio
import errno
import os
import resource
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from publisher.delivery.transport import Accepted, Envelope, Outcome, StartOfContent
from publisher.flows.conclude import Tally
from publisher.flows.deliver import deliver
from publisher.model import Account
from publisher.store.database import Database
from tests.delivery.post import Road, account, add_readers, post_office, release
from tests.flows.test_deliver import list_of, readers, stop, until
from tests.flows.test_roads import moving


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journal"


class Unhurried(Road):
    """A road that lets other tasks come between."""

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        await asyncio.sleep(0.01)
        await start(envelope)
        self.carried.append(envelope)
        await asyncio.sleep(0.01)
        return Accepted()


@contextmanager
def full_disk() -> Iterator[None]:
    """Every file of this process is as long as it may be: neither store nor journal can be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_stops_the_letters_and_room_lets_them_go_on(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.delivery.standing._FIRST_LOOK", timedelta(seconds=0.1))
    monkeypatch.setattr("publisher.flows.patience._FIRST_WAIT", 0.1)
    await add_readers(db, *readers(90))
    edition = await release(db)
    road = Unhurried()
    running = asyncio.create_task(deliver(moving(await post_office(db, journals, road)), until_empty=False))
    await until(lambda: len(road.carried) >= 20)
    with capture_logs() as lines, full_disk():
        out = len(road.carried)
        await asyncio.sleep(0.5)
        assert len(road.carried) <= out + road.connections  # their lines were written
    waits = [line for line in lines if line["event"] == "the store is waited for"]
    assert 1 <= len(waits) <= 4  # it does not ask again and again
    assert "the space there" in waits[0]["reason"]
    [wait] = [line for line in lines if line["event"] == "letters wait"][:1]
    assert f"({list_of(journals)[0]}): file too large; letters wait" in wait["reason"]
    await until(lambda: len(road.carried) >= 90)
    await settled(db, edition)
    await stop(running)
    assert Counter(road.recipients) == Counter(readers(90))
    assert await account(db, edition) == Account(sent=90)
    assert list_of(journals) == []


async def settled(db: Database, edition: int) -> None:
    async with asyncio.timeout(10):
        while (await account(db, edition)).open:  # noqa: ASYNC110 - the store sets no event
            await asyncio.sleep(0.05)


async def test_a_full_disk_under_the_journal_sends_nothing_and_loses_nothing(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_readers(db, *readers(5))
    edition = await release(db)
    road = Road()
    office = await post_office(db, journals, road)
    write = os.write

    def full(file: int, data: bytes) -> int:
        if data.strip().startswith(b"worker"):
            return write(file, data)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        tally = await deliver(office)
    assert tally.held_up
    assert tally.held_up.startswith(f"nothing can be written here ({journals}/")
    assert tally.held_up.endswith("): no space left on device; letters wait: make room on that disk")
    assert road.carried == []
    assert await account(db, edition) == Account(waiting=5)
    assert await deliver(await post_office(db, journals, road, minute=6)) == Tally(sent=5)
