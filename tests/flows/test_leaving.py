"""A refusal wins: over queued letters, over the operator, over a file."""

from datetime import timedelta

from publisher.address import parse
from publisher.flows.compose import compose
from publisher.flows.release import release
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import unsubscribe
from publisher.model import DeliveryKind
from publisher.store import audience, claims, editions, outbox
from publisher.store.database import Database
from publisher.store.keys import all_keys
from subscribers.lifecycle import Refuse
from subscribers.model import EndedWhy
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, item

ADDRESS = "reader@mail.example"


async def leave(db: Database, token_id: bytes) -> bool:
    async with db.begin() as tx:
        left = await unsubscribe(tx, token_id, means="one-click", now=at(5))
        return left is not None and left.was_active


async def test_leaving_is_done_once_and_asking_twice_is_as_good(db: Database) -> None:
    token_id = await enlist(db, ADDRESS)
    assert await leave(db, token_id) is True
    assert await leave(db, token_id) is False
    async with db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {}


async def test_the_old_letter_of_one_that_ended_otherwise_is_a_refusal_too(db: Database) -> None:
    token_id = await enlist(db, ADDRESS)
    async with db.begin() as tx:
        reader = await audience.by_token(tx, token_id)
        assert reader is not None
        await audience.end(tx, reader.subscription.id, why=EndedWhy.BOUNCED, now=at(4))
    assert await leave(db, token_id) is False
    async with db.read() as tx:
        assert await audience.has_refused(tx, reader.address_hash, "weekly")


async def test_a_token_of_nobody_does_nothing(db: Database) -> None:
    assert await leave(db, b"n" * 16) is False


async def test_a_letter_that_is_queued_already_does_not_go(db: Database) -> None:
    token_id = await enlist(db, ADDRESS)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
    await fill(db, item(1), minute=1)
    async with db.begin() as tx:
        edition = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(2))
        await release(tx, edition, WEEKLY, HOUSE, by="kim", now=at(2), grace=timedelta(0))
    await leave(db, token_id)
    async with db.begin() as tx:
        taken = await claims.claim(tx, worker_id="w", limit=10, lease_until=at(99), now=at(6), name_message=str)
        account = await outbox.account(tx, edition.id)
    assert [copy.kind for copy in taken.copies] == [DeliveryKind.GOODBYE]
    assert (account.waiting, account.sending, account.withheld) == (0, 0, 1)


async def test_neither_the_operator_nor_a_file_brings_back_who_left(db: Database) -> None:
    await leave(db, await enlist(db, ADDRESS))
    for means in ("operator", "import"):
        application = Application(
            address=parse("READER@mail.example"), list="weekly", languages="ko", consent="says so", means=means
        )
        async with db.begin() as tx:
            verdict = await sign_up(tx, application, (await all_keys(tx))[0], now=at(10))
        assert isinstance(verdict, Refuse)
    async with db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {}


async def test_leaving_one_list_leaves_the_others_alone(db: Database) -> None:
    token_id = await enlist(db, ADDRESS)
    async with db.begin() as tx:
        key = (await all_keys(tx))[0]
        other = Application(address=parse(ADDRESS), list="monthly", languages="en", consent="in person")
        await sign_up(tx, other, key, now=at(0))
    await leave(db, token_id)
    async with db.read() as tx:
        assert await audience.reachable(tx, "monthly") == {"en": 1}
