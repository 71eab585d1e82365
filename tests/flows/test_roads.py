"""Several roads, how they stand for all processes, the pace, and a stop while the store is locked."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher.delivery.policy import DeliveryPolicy, SmtpProfile
from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused, Unreachable
from publisher.flows.conclude import Tally
from publisher.flows.deliver import PostOffice, deliver
from publisher.flows.seal import Sealer
from publisher.model import Account, Letter
from publisher.store import editions, pace, roads
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx
from tests.delivery.post import LETTERS, Road, account, add_readers, post_office, release
from tests.flows.test_deliver import Slow, list_of, queue_test, readers, stop, until
from tests.samples import WEEKLY, at

SERVER = SmtpProfile(host="smtp.hanbit-peace.example")
DOWN = Unreachable(reason="no connection")
SIGN_IN = Refused(code=535, enhanced="5.7.8", reply="credentials invalid")


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def two_roads(
    db: Database, journals: Path, first: Road, second: Road, *, minute: float = 5, weekly_by: str | None = None
) -> PostOffice:
    policy = DeliveryPolicy(smtp=SERVER, profiles={"relay": SERVER})
    office = await post_office(db, journals, first, policy, minute=minute)
    return replace(
        office, roads={"default": first, "relay": second}, lists={WEEKLY.name: replace(WEEKLY, profile=weekly_by)}
    )


async def any_letter(_tx: Tx, _copy: Claimed) -> Letter:
    return LETTERS["ko"]


def says(outcome: Outcome) -> Road:
    return Road(answer=lambda _: outcome)


# ── How a road stands ────────────────────────────────────────────────────────


async def test_a_rest_is_known_to_every_process_and_an_operator_ends_it(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(9))
    await release(db)
    first = await deliver(await post_office(db, journals, says(SIGN_IN)))
    assert first.held_up == "the server wants another sign-in (535 5.7.8): credentials invalid"
    assert first.held_until == at(10)
    other = Road()
    assert (await deliver(await post_office(db, journals, other))).held_up == first.held_up
    assert other.carried == []
    async with db.begin() as tx:
        assert await roads.recovered(tx, "default")
    assert await deliver(await post_office(db, journals, other)) == Tally(sent=9)


async def test_after_a_rest_one_letter_tries_and_then_nothing_is_left_of_it(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(9))
    await release(db)
    await deliver(await post_office(db, journals, says(SIGN_IN)))
    still = says(SIGN_IN)
    await deliver(await post_office(db, journals, still, minute=11))
    assert len(still.carried) == 1
    async with db.read() as tx:
        rest = (await roads.resting(tx))["default"]
    assert (rest.rests, rest.since, rest.until) == (2, at(5), at(21))
    assert await deliver(await post_office(db, journals, Road(), minute=22)) == Tally(sent=9)
    async with db.read() as tx:
        assert await roads.resting(tx) == {}


async def test_a_running_house_goes_on_within_two_seconds_of_the_operators_word(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(5))
    await release(db)
    road, told = says(SIGN_IN), list[Tally]()
    running = asyncio.create_task(
        deliver(await post_office(db, journals, road), until_empty=False, progress=told.append)
    )
    await until(lambda: bool(told) and told[-1].held_up is not None)
    road.answer = lambda _: Accepted()
    before = len(road.carried)
    async with db.begin() as tx:
        await roads.recovered(tx, "default")
    async with asyncio.timeout(5):  # two, on a machine that is not busy
        await until(lambda: len(road.carried) == before + 5)
    await stop(running)


async def test_a_word_that_comes_while_the_road_lies_down_is_heard(
    db: Database, journals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speak(_sealer: Sealer) -> None:
        if road.carried:  # it has just been looked for something to claim, in vain
            road.answer = lambda _: Accepted()
            with closing(sqlite3.connect(tmp_path / "publisher.db", isolation_level=None)) as operator:
                operator.execute("DELETE FROM roads")

    monkeypatch.setattr(Sealer, "forget", speak)
    await add_readers(db, *readers(5))
    edition = await release(db)
    road = says(SIGN_IN)
    running = asyncio.create_task(deliver(await post_office(db, journals, road), until_empty=False))
    async with asyncio.timeout(5):  # two, on a machine that is not busy
        while (await account(db, edition)).sent < 5:  # noqa: ASYNC110 - the store sets no event
            await asyncio.sleep(0.05)
    await stop(running)


# ── Several roads ────────────────────────────────────────────────────────────


async def test_each_list_goes_by_its_road_and_letters_of_none_by_the_first(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(6))
    await release(db)
    await queue_test(db)
    first, second = Road(), Road()
    office = replace(await two_roads(db, journals, first, second, weekly_by="relay"), letter_of=any_letter)
    assert (await deliver(office)).sent == 7
    assert first.recipients == ["editor@hanbit-peace.example"]
    assert second.recipients == readers(6)


@pytest.mark.parametrize("outcome", [DOWN, SIGN_IN], ids=str)
async def test_the_next_road_carries_what_the_first_cannot(db: Database, journals: Path, outcome: Outcome) -> None:
    await add_readers(db, *readers(30))
    edition = await release(db)
    first, second = says(outcome), Road()
    tally = await deliver(await two_roads(db, journals, first, second))
    assert tally.sent == 30
    assert second.recipients == readers(30)
    assert await account(db, edition) == Account(sent=30)


async def test_when_the_first_road_is_well_again_it_carries_its_own(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    await release(db)
    await deliver(await two_roads(db, journals, says(SIGN_IN), Road()))
    await queue_test(db)
    first, second = Road(), Road()
    await deliver(replace(await two_roads(db, journals, first, second, minute=11), letter_of=any_letter))
    assert first.recipients == ["editor@hanbit-peace.example"]
    assert second.carried == []


async def test_when_every_road_rests_everything_waits(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(9))
    edition = await release(db)
    tally = await deliver(await two_roads(db, journals, says(SIGN_IN), says(DOWN)))
    assert tally.held_up
    assert await account(db, edition) == Account(waiting=9)


async def test_what_is_more_than_the_letters_of_a_day_goes_by_the_next_road(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(30))
    await release(db)
    first, second = Road(), Road()
    office = await two_roads(db, journals, first, second)
    policy = replace(office.policy, smtp=replace(SERVER, per_day=10))
    assert (await deliver(replace(office, policy=policy))).sent == 30
    assert len(first.carried) == 10
    assert len(second.carried) == 20


async def test_a_fault_of_ours_on_one_road_ends_all_in_good_order(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(5))
    edition = await release(db)

    def bug(_: Envelope) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deliver(await two_roads(db, journals, Road(answer=bug), Road()))
    assert (await account(db, edition)).sending == 0


# ── Pace ─────────────────────────────────────────────────────────────────────


def moving(office: PostOffice, **pace_keys: float) -> PostOffice:
    """The office with a clock that goes on, and with a pace."""
    began = asyncio.get_running_loop().time()

    def now() -> datetime:
        return at(5) + timedelta(seconds=asyncio.get_running_loop().time() - began)

    policy = replace(office.policy, smtp=replace(SERVER, **pace_keys))
    return replace(office, policy=policy, now=now)


async def test_letters_leave_at_the_pace_of_their_profile(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(12))
    await release(db)
    road, moments = Road(), list[float]()
    office = moving(await post_office(db, journals, road), per_second=20)

    def note(_: Envelope) -> Outcome:
        moments.append((office.now() - at(5)).total_seconds())
        return Accepted()

    road.answer = note
    await deliver(office)
    assert len(moments) == 12
    assert all(moment >= number / 20 - 0.005 for number, moment in enumerate(moments))  # late at most, never early


async def test_by_hand_the_pace_of_a_domain_is_waited_for(db: Database, journals: Path) -> None:
    await add_readers(db, *(f"r{number}@naver.com" for number in range(40)))
    edition = await release(db)
    office = moving(await post_office(db, journals, Road()))
    office = replace(office, policy=replace(office.policy, limits={"naver.com": 16}))
    assert await deliver(office) == Tally(sent=40)
    assert await account(db, edition) == Account(sent=40)


async def test_the_letters_of_a_day_end_and_it_is_told_until_when(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(50))
    edition = await release(db)
    office = await post_office(db, journals, Road(), DeliveryPolicy(smtp=replace(SERVER, per_day=40)))
    tally = await deliver(office)
    assert tally.sent == 38  # two are kept for tests, confirmations and notices
    assert tally.held_up == "the 40 letters of a day by the profile default are used up"
    assert tally.held_until == at(15) + timedelta(days=1)
    assert await account(db, edition) == Account(sent=38, waiting=12)
    async with db.read() as tx:
        assert sum((await pace.sent_lately(tx, "default", at(5))).values()) == 38


async def test_a_pause_acts_on_copies_that_wait_for_their_moment(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(9))
    edition = await release(db)
    road = Road()
    running = asyncio.create_task(
        deliver(moving(await post_office(db, journals, road), per_second=4), until_empty=False)
    )
    await until(lambda: len(road.carried) >= 2)
    async with db.begin() as tx:
        await editions.pause(tx, edition)
    out = len(road.carried)
    await until_settled(db, edition)
    assert len(road.carried) <= out + 1  # one may have been on its way
    await stop(running)
    assert (await account(db, edition)).waiting == 9 - len(road.carried)


async def until_settled(db: Database, edition: int) -> None:
    async with asyncio.timeout(10):
        while (await account(db, edition)).sending:  # noqa: ASYNC110 - the store sets no event
            await asyncio.sleep(0.05)


# ── A store that is locked ───────────────────────────────────────────────────


async def test_a_stop_does_not_wait_for_a_locked_store(
    db: Database, journals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.road._DRAIN", 0.5)
    await add_readers(db, *readers(20))
    edition = await release(db)
    slow = Slow(seconds=0.2)
    running = asyncio.create_task(deliver(await post_office(db, journals, slow)))
    await until(lambda: slow.under_way == slow.connections)
    with closing(sqlite3.connect(tmp_path / "publisher.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = asyncio.get_running_loop().time()
        await stop(running)
        took = asyncio.get_running_loop().time() - began
        other.execute("ROLLBACK")
    assert took < 9  # three, on a machine that is not busy; the lock would be waited for longer
    [kept] = list_of(journals)  # it tells what the store could not be told
    assert kept.read_text().count("done") == slow.connections
    road = Road()
    await deliver(await post_office(db, journals, road, minute=6))
    assert len(road.carried) == 20 - slow.connections
    assert await account(db, edition) == Account(sent=20)
