"""Killed at any moment, with several connections: nobody lost, nobody twice but out of what is uncertain."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from publisher.delivery.policy import DeliveryPolicy, WhenUncertain
from publisher.flows.deliver import deliver
from publisher.flows.recover import Recovered, recover
from publisher.model import Account
from publisher.store import claims
from publisher.store.database import Database
from publisher.store.tables import attempts, deliveries
from tests.delivery.post import Road, account, add_readers, post_office, release
from tests.delivery.smtp_server import Sink, honest
from tests.delivery.worker import CONNECTIONS
from tests.samples import at

KILLS = int(os.environ.get("PUBLISHER_TEST_KILLS", "5"))  # `make soak` asks for more
READERS = 60 * KILLS


@asynccontextmanager
async def worker(
    store: Path, journals: Path, port: int, policy: WhenUncertain
) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "tests.delivery.worker", f"sqlite:///{store}", str(journals), str(port), policy]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def kill_after(copies: int, sink: Sink, process: asyncio.subprocess.Process) -> None:
    """SIGKILL as soon as the server has taken so many more copies."""
    enough = len(sink.taken) + copies
    async with asyncio.timeout(60):
        while len(sink.taken) < enough and process.returncode is None:  # noqa: ASYNC110 - another process moves it
            await asyncio.sleep(0.001)
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def uncertain_so_far(db: Database) -> int:
    async with db.read() as tx:
        count = select(func.count()).select_from(attempts).where(attempts.c.outcome == "uncertain")
        return int((await tx.execute(count)).scalar_one())


@pytest.mark.usefixtures("each_road")
@pytest.mark.parametrize("policy", list(WhenUncertain))
async def test_killed_again_and_again(db: Database, tmp_path: Path, policy: WhenUncertain) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    await add_readers(db, *(f"r{number}@reader.example" for number in range(READERS)))
    edition = await release(db)
    sink, journals, per_kill = Sink(delay=0.002), tmp_path / "journal", []
    async with honest(sink) as port:
        for _ in range(KILLS):
            before = await uncertain_so_far(db)
            async with worker(tmp_path / "publisher.db", journals, port, policy) as process:
                await kill_after(moments.randrange(1, 50), sink, process)
            await recover(db, journals, DeliveryPolicy(uncertain=policy), now=at(5))
            per_kill.append(await uncertain_so_far(db) - before)
            assert (await account(db, edition)).total == READERS
        async with worker(tmp_path / "publisher.db", journals, port, policy) as process:
            async with asyncio.timeout(60):
                assert await process.wait() == 0
    copies = Counter(sink.recipients)
    settled = await account(db, edition)
    assert max(per_kill) <= CONNECTIONS
    assert settled.sent + settled.uncertain == READERS
    lost = {f"r{number}@reader.example" for number in range(READERS)} - set(copies)
    doubled = [recipient for recipient, times in copies.items() if times > 1]
    if policy is WhenUncertain.HOLD:
        assert doubled == []
        assert len(lost) <= settled.uncertain
    else:
        assert lost == set()
        assert len(doubled) <= sum(per_kill)
        assert settled == Account(sent=READERS)
    assert list(journals.iterdir()) == []


@pytest.mark.usefixtures("each_road")
async def test_two_processes_at_once_send_each_copy_once(db: Database, tmp_path: Path) -> None:
    await add_readers(db, *(f"r{number}@reader.example" for number in range(READERS)))
    edition = await release(db)
    sink, store, journals = Sink(delay=0.002), tmp_path / "publisher.db", tmp_path / "journal"
    async with (
        honest(sink) as port,
        worker(store, journals, port, WhenUncertain.HOLD) as first,
        worker(store, journals, port, WhenUncertain.HOLD) as second,
        asyncio.timeout(60),
    ):
        assert [await process.wait() for process in (first, second)] == [0, 0]
    assert sorted(sink.recipients) == sorted(f"r{number}@reader.example" for number in range(READERS))
    assert await account(db, edition) == Account(sent=READERS)


async def test_the_claims_of_a_dead_worker_need_not_wait_for_their_lease(db: Database, tmp_path: Path) -> None:
    edition = await one_claimed(db, "dead")
    dead_journal(tmp_path, "start 1 1", "done 1 1 250", "start 2 1")
    assert await recover(db, tmp_path, DeliveryPolicy(), now=at(6)) == Recovered(sent=1, uncertain=1, waiting=1)
    assert await account(db, edition) == Account(sent=1, waiting=2)


async def test_with_hold_what_was_uncertain_stays_so(db: Database, tmp_path: Path) -> None:
    edition = await one_claimed(db, "dead")
    dead_journal(tmp_path, "start 1 1", "start 2 1", "done 2 1 250")
    road = Road()
    policy = DeliveryPolicy(uncertain=WhenUncertain.HOLD)
    await deliver(await post_office(db, tmp_path, road, policy))
    assert [envelope.delivery_id for envelope in road.carried] == [3]
    assert await account(db, edition) == Account(sent=2, uncertain=1)


async def test_a_lost_host_leaves_everything_uncertain_after_an_hour(db: Database, tmp_path: Path) -> None:
    edition = await one_claimed(db, "elsewhere")
    policy = DeliveryPolicy(uncertain=WhenUncertain.HOLD, lost_after=timedelta(hours=1))
    await expire(db, timedelta(minutes=59))
    assert await recover(db, tmp_path, policy, now=at(6)) == Recovered()
    await expire(db, timedelta(minutes=61))
    assert await recover(db, tmp_path, policy, now=at(6)) == Recovered(uncertain=3)
    assert await account(db, edition) == Account(uncertain=3)


async def test_two_that_recover_at_once_do_it_once(db: Database, tmp_path: Path) -> None:
    edition = await one_claimed(db, "dead")
    dead_journal(tmp_path, "start 1 1")
    found = await asyncio.gather(*[recover(db, tmp_path, DeliveryPolicy(), now=at(6)) for _ in range(4)])
    assert sum(one.uncertain for one in found) == 1
    assert await account(db, edition) == Account(waiting=3)


async def one_claimed(db: Database, worker_id: str) -> int:
    """An edition of three copies, all in this worker's hand."""
    await add_readers(db, *(f"r{number}@reader.example" for number in range(3)))
    edition = await release(db)
    async with db.begin() as tx:
        await claims.claim(
            tx,
            worker_id=worker_id,
            limit=3,
            lease_until=datetime.now(UTC) + timedelta(minutes=15),
            now=at(5),
            name_message=lambda key: f"<{key}@x.example>",
        )
    return edition


def dead_journal(folder: Path, *lines: str) -> None:
    (folder / "dead.log").write_text("\n".join(["worker dead host h pid 1 boot b", *lines, ""]))


async def expire(db: Database, ago: timedelta) -> None:
    async with db.begin() as tx:
        await tx.execute(update(deliveries).values(lease_until=datetime.now(UTC) - ago))
