"""Killed at any moment, with several connections: nobody lost, nobody twice but out of what is uncertain."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
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
from tests.delivery.worker import OWN_STEPS
from tests.flows.test_deliver import list_of
from tests.samples import at

KILLS = int(os.environ.get("PUBLISHER_TEST_KILLS", "5"))  # `make soak` asks for more, and for 20 connections
CONNECTIONS = int(os.environ.get("PUBLISHER_TEST_CONNECTIONS", "6"))
READERS = 40 * KILLS

STEPS = (*OWN_STEPS, "EHLO", "MAIL", "RCPT", "content", "answer", "settled", "any moment")
"""When a process is killed: at its own steps, at those that its server sees, after a group is settled, or by chance."""


@asynccontextmanager
async def worker(
    store: Path, journals: Path, port: int, policy: WhenUncertain, *death: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that delivers; `death`: one of its OWN_STEPS, and a number."""
    house = (f"sqlite:///{store}", str(journals), str(port), policy, str(CONNECTIONS))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.delivery.worker", *house, *death),
        stdout=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass(kw_only=True)
class Hunt:
    """Processes that deliver one edition and are killed one after the other."""

    db: Database
    edition: int
    store: Path
    journals: Path
    sink: Sink
    port: int
    policy: WhenUncertain
    moments: random.Random

    async def kill_one_at(self, step: str) -> bool:
        """Start a process and kill it at a step; False if it was done before."""
        number = self.moments.randrange(1, CONNECTIONS if step == "EHLO" else 25)
        death = (step, str(number)) if step in OWN_STEPS else ()
        async with worker(self.store, self.journals, self.port, self.policy, *death) as process, asyncio.timeout(60):
            match step:
                case "settled":
                    await self._until_settled(process)
                case "any moment":
                    await self._until_taken(number, process)
                    await asyncio.sleep(self.moments.random() / 100)
                    shoot(process)
                case _ if not death:
                    steps = count(1)
                    self.sink.tell = lambda seen: seen == step and next(steps) == number and shoot(process)
            code = await process.wait()
        self.sink.tell = lambda _: None
        return code == -signal.SIGKILL

    async def _until_settled(self, process: asyncio.subprocess.Process) -> None:
        before = (await account(self.db, self.edition)).sent
        while (  # noqa: ASYNC110 - another process moves it
            process.returncode is None and (await account(self.db, self.edition)).sent == before
        ):
            await asyncio.sleep(0.005)
        shoot(process)

    async def _until_taken(self, copies: int, process: asyncio.subprocess.Process) -> None:
        enough = len(self.sink.taken) + copies
        while process.returncode is None and len(self.sink.taken) < enough:  # noqa: ASYNC110 - another process moves it
            await asyncio.sleep(0.001)


def shoot(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)


async def uncertain_so_far(db: Database) -> int:
    async with db.read() as tx:
        count = select(func.count()).select_from(attempts).where(attempts.c.outcome == "uncertain")
        return int((await tx.execute(count)).scalar_one())


async def doubted_twice(db: Database) -> int:
    """Copies that nobody sends a third time by itself."""
    doubts = attempts.c.outcome == "uncertain"
    ids = select(attempts.c.delivery_id).where(doubts).group_by(attempts.c.delivery_id).having(func.count() > 1)
    async with db.read() as tx:
        return len((await tx.execute(ids)).all())


@pytest.mark.parametrize("policy", list(WhenUncertain))
async def test_killed_again_and_again(db: Database, tmp_path: Path, policy: WhenUncertain, each_road: str) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    everybody = [f"r{number}@reader.example" for number in range(READERS)]
    await add_readers(db, *everybody)
    edition = await release(db)
    sink, store, journals = Sink(delay=0.02), tmp_path / "publisher.db", tmp_path / "journal"
    # The four cases together come to every step, also with few kills each.
    first_step = KILLS * (2 * (each_road == "in groups") + (policy is WhenUncertain.HOLD))
    killed, per_kill = 0, []
    async with honest(sink) as port:
        hunt = Hunt(
            db=db,
            edition=edition,
            store=store,
            journals=journals,
            sink=sink,
            port=port,
            policy=policy,
            moments=random.Random(seed),
        )
        for number in range(KILLS):
            before = await uncertain_so_far(db)
            killed += await hunt.kill_one_at(STEPS[(first_step + number) % len(STEPS)])
            await recover(db, journals, DeliveryPolicy(uncertain=policy), now=at(5))
            per_kill.append(await uncertain_so_far(db) - before)
            assert (await account(db, edition)).total == READERS
        async with worker(store, journals, port, policy) as process, asyncio.timeout(60):
            assert await process.wait() == 0
    copies, settled = Counter(sink.recipients), await account(db, edition)
    lost, doubled = set(everybody) - set(copies), [one for one, times in copies.items() if times > 1]
    print(f"{killed} killed; uncertain {per_kill}, doubled {len(doubled)}, did not come {len(lost)}, {settled}")
    assert killed >= KILLS * 0.8  # the last may find nothing left to do
    assert max(per_kill) <= CONNECTIONS
    assert settled.sent + settled.uncertain == READERS
    if policy is WhenUncertain.HOLD:
        assert doubled == []
        assert len(lost) <= settled.uncertain
    else:
        assert lost == set()
        assert len(doubled) <= sum(per_kill)
        assert settled.uncertain == await doubted_twice(db)
    assert list_of(journals) == []


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
