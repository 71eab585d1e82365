"""Sending by hand: what was looked at is what goes, and to those only who may have it."""

from datetime import timedelta

import pytest

from publisher.errors import NotAllowed, NotFound, StaleEdition
from publisher.flows.send import Plan, carry_out, plan, plan_for, send_missing
from publisher.model import Account, Edition, EditionStatus
from publisher.store import editions, outbox
from publisher.store.database import Database
from tests.delivery.post import account, refuse
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, item


async def looked_at(db: Database, *, minute: float = 2) -> Plan:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        planned = await plan(tx, WEEKLY, by="kim", now=at(minute))
    assert planned is not None
    return planned


async def let_go(db: Database, edition: Edition) -> None:
    async with db.begin() as tx:
        await carry_out(tx, edition, WEEKLY, HOUSE, by="kim", now=at(5))


async def moved(db: Database, edition: Edition, status: EditionStatus) -> None:
    async with db.begin() as tx:
        match status:
            case EditionStatus.PAUSED:
                await editions.pause(tx, edition.id)
            case EditionStatus.STOPPED:
                await editions.stop(tx, edition.id, now=at(6))
            case EditionStatus.SENT:
                await outbox.withhold_waiting(tx, edition.id, reason="stopped", now=at(6))
                await outbox.finish_editions(tx, at(6))


async def test_what_the_clock_composed_anew_meanwhile_is_not_released_unseen(db: Database) -> None:
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=1)
    seen = (await looked_at(db)).edition
    await fill(db, item(2), minute=3)
    again = (await looked_at(db, minute=4)).edition
    assert again.id == seen.id
    with pytest.raises(StaleEdition, match="composed anew"):
        await let_go(db, seen)
    assert await account(db, seen.id) == Account()
    await let_go(db, again)
    async with db.read() as tx:
        letter = await editions.letter(tx, again.id, "ko")
    assert letter is not None
    assert all(f"비무장지대의 봄 {number}" in str(letter.text) for number in (1, 2))


async def test_a_plan_that_was_made_twice_of_the_same_still_goes(db: Database) -> None:
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=1)
    first = (await looked_at(db)).edition
    await looked_at(db, minute=3)
    await let_go(db, first)
    assert await account(db, first.id) == Account(waiting=1)


async def test_what_another_hand_released_is_not_released_again(db: Database) -> None:
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=1)
    seen = (await looked_at(db)).edition
    await let_go(db, seen)
    with pytest.raises(StaleEdition, match="is released"):
        await let_go(db, seen)
    assert (await looked_at(db, minute=6)).is_under_way
    assert await account(db, seen.id) == Account(waiting=1)


@pytest.mark.parametrize(
    ("status", "cure"),
    [(EditionStatus.PAUSED, "resume"), (EditionStatus.STOPPED, "not sent any more"), (EditionStatus.SENT, "--missing")],
)
async def test_what_cannot_be_sent_says_what_can_be_done(db: Database, status: EditionStatus, cure: str) -> None:
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=1)
    seen = (await looked_at(db)).edition
    await let_go(db, seen)
    await moved(db, seen, status)
    async with db.begin() as tx:
        with pytest.raises(NotAllowed, match=cure):
            await plan_for(tx, WEEKLY, 1, now=at(9))
        with pytest.raises(NotFound):
            await plan_for(tx, WEEKLY, 2, now=at(9))


async def test_missing_reaches_who_came_late_or_was_stopped_and_nobody_who_refused(db: Database) -> None:
    for reader in ("one", "two"):
        await enlist(db, f"{reader}@mail.example")
    await fill(db, item(1), minute=1)
    seen = (await looked_at(db)).edition
    await let_go(db, seen)
    await moved(db, seen, EditionStatus.SENT)
    assert await account(db, seen.id) == Account(withheld=2)
    await refuse(db, "two@mail.example")
    await enlist(db, "late@mail.example")
    async with db.begin() as tx:
        again, queued = await send_missing(tx, WEEKLY, 1, now=at(7) + timedelta(seconds=1))
    assert (queued, again.edition.status) == (2, EditionStatus.RELEASED)
    assert await account(db, seen.id) == Account(waiting=2, withheld=1)
