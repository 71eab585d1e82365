"""Clocks that jump while an edition goes out, by an hour or a year, forward and back."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from publisher.delivery.policy import DeliveryPolicy, WhenUncertain
from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused, Unreachable
from publisher.flows.conclude import Tally
from publisher.flows.deliver import deliver
from publisher.model import Account
from publisher.store import claims
from publisher.store.database import Database
from publisher.store.due import bring_forward
from publisher.store.tables import deliveries
from tests.delivery.post import Road, account, add_readers, post_office, release
from tests.flows.test_deliver import list_of, readers
from tests.samples import at

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journal"


class Moody(Road):
    """Until it `is_well`: defers each recipient once, and every tenth copy finds nobody there."""

    def __init__(self) -> None:
        super().__init__()
        self.is_well = False
        self.accepted: list[str] = []

    async def send(self, envelope: Envelope, start: Any) -> Outcome:
        await asyncio.sleep(0)
        is_new = envelope.recipient not in self.recipients
        await start(envelope)
        self.carried.append(envelope)
        if len(self.carried) % 10 == 0 and not self.is_well:
            return Unreachable(reason="no connection")
        if is_new and not self.is_well:
            return Refused(code=451, enhanced="4.3.0", reply="later")
        self.accepted.append(envelope.recipient)
        return Accepted()


@pytest.mark.parametrize("jumps", [(HOUR, -HOUR), (YEAR, -HOUR, -YEAR)])
async def test_a_clock_that_jumps_loses_and_doubles_nobody(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch, jumps: Sequence[timedelta]
) -> None:
    def offset() -> timedelta:
        return jumps[int(asyncio.get_running_loop().time() * 20) % len(jumps)]

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "datetime":  # type: ignore[override]
            return datetime.now(tz) + offset()

    monkeypatch.setattr("publisher.flows.road.datetime", Jumping)  # of leases
    monkeypatch.setattr("publisher.flows.recover.datetime", Jumping)
    await add_readers(db, *readers(30))
    edition = await release(db)
    road = Moody()
    policy = DeliveryPolicy(uncertain=WhenUncertain.HOLD)
    async with asyncio.timeout(20):
        for _ in range(2):
            office = replace(await post_office(db, journals, road, policy), now=lambda: at(5) + offset())
            await asyncio.gather(deliver(office), deliver(office))
        monkeypatch.undo()
        road.is_well = True
        await deliver(await post_office(db, journals, road, policy, minute=800 * 24 * 60))  # everything is due by then
    assert await account(db, edition) == Account(sent=30)
    assert Counter(road.accepted) == Counter(readers(30))
    assert list_of(journals) == []


async def test_copies_that_a_clock_ahead_put_off_are_brought_forward(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    await release(db)
    busy = Road(answer=lambda _: Refused(code=451, enhanced="4.3.0", reply="later"))
    in_a_year = YEAR / timedelta(minutes=1)
    assert await deliver(await post_office(db, journals, busy, minute=in_a_year)) == Tally(deferred=3)
    assert await deliver(await post_office(db, journals, Road(), minute=9)) == Tally()
    async with db.begin() as tx:
        assert await bring_forward(tx, at(9)) == 3
        assert await bring_forward(tx, at(9)) == 0
    assert await deliver(await post_office(db, journals, Road(), minute=9)) == Tally(sent=3)


async def test_what_is_put_off_by_a_right_clock_stays_so(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    edition = await release(db, due_at=at() + timedelta(days=30))
    async with db.begin() as tx:
        assert await bring_forward(tx, at()) == 0
        tried = {"due_at": at() + timedelta(days=3), "first_attempt_at": at()}
        await tx.execute(update(deliveries).values(tried))
        assert await bring_forward(tx, at()) == 0
    assert await account(db, edition) == Account(waiting=3)


async def test_leases_of_a_living_worker_outlast_any_jump(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_readers(db, *readers(1))
    edition = await release(db)
    slow, other = Slowly(), Road()
    first = asyncio.create_task(deliver(await post_office(db, journals, slow)))
    await slow.has_started.wait()

    class InAYear(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "datetime":  # type: ignore[override]
            return datetime.now(tz) + YEAR

    monkeypatch.setattr("publisher.flows.recover.datetime", InAYear)
    async with db.read() as tx:
        assert await claims.expired(tx, InAYear.now(UTC))
    assert await deliver(await post_office(db, journals, other)) == Tally()
    slow.may_end.set()
    assert await first == Tally(sent=1)
    assert other.carried == []
    assert await account(db, edition) == Account(sent=1)


class Slowly(Road):
    """A road whose server answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.has_started, self.may_end = asyncio.Event(), asyncio.Event()

    async def send(self, envelope: Envelope, start: Any) -> Outcome:
        await start(envelope)
        self.has_started.set()
        await self.may_end.wait()
        return Accepted()
