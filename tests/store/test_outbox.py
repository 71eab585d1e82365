"""The outbox: who gets a row, who takes it, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from publisher.model import Account, DeliveryKind, DeliveryStatus, EditionStatus
from publisher.store import audience, claims, editions, looks, outbox
from publisher.store.claims import Claimed, Settlement
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import deliveries, subscribers, subscriptions, suppressions
from subscribers.model import EndedWhy, SubscriptionStatus
from subscribers.tokens import hash_of
from tests.delivery.post import account, add_readers, refuse, release, statuses
from tests.samples import KST, WEEKLY, at

LEASE = at(20)


async def take(db: Database, limit: int = 10, *, worker: str = "w1", minute: float = 5) -> list[Claimed]:
    async with db.begin() as tx:
        batch = await claims.claim(
            tx,
            worker_id=worker,
            limit=limit,
            lease_until=LEASE,
            now=at(minute),
            name_message=lambda key: f"<{key.replace(':', '-')}@hanbit-peace.example>",
        )
    return list(batch.copies)


async def write_down(db: Database, copy: Claimed, status: DeliveryStatus, **more: Any) -> int:
    settlement = Settlement(delivery_id=copy.delivery_id, claim_no=copy.claim_no, status=status, **more)
    async with db.begin() as tx:
        return await claims.settle(tx, [settlement], at(6))


async def enqueue(db: Database, edition_id: int) -> int:
    async with db.begin() as tx:
        return await outbox.enqueue_edition(tx, edition_id, WEEKLY.name, now=at(3), due_at=at(3))


# ── Queueing ─────────────────────────────────────────────────────────────────


async def test_every_reader_who_may_be_written_to_gets_one_row(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "duri@reader.example")
    edition = await release(db)
    assert await account(db, edition) == Account(waiting=2)


async def test_releasing_twice_queues_once(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    assert await enqueue(db, edition) == 0
    assert await account(db, edition) == Account(waiting=1)


async def test_a_row_says_what_the_letter_needs(db: Database) -> None:
    await add_readers(db, "Hana.Kim@reader.example")
    edition = await release(db)
    async with db.read() as tx:
        row = (await tx.execute(select(deliveries))).one()
    assert (row.address, row.domain, row.language_key) == ("Hana.Kim@reader.example", "reader.example", "ko")
    assert row.dedupe_key == f"edition:{edition}:{row.subscriber_id}"
    assert (row.queued_at, row.due_at) == (at(1), at(1))


async def test_who_refused_or_is_suppressed_gets_no_row(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "duri@reader.example", "sena@reader.example")
    await refuse(db, "duri@reader.example")
    await suppress(db, "sena@reader.example")
    await release(db)
    assert await statuses(db) == {"hana@reader.example": "waiting"}


async def test_who_has_not_confirmed_or_takes_a_pause_gets_no_row(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await add_readers(db, "duri@reader.example")
    async with db.begin() as tx:
        await tx.execute(update(subscriptions).where(subscriptions.c.id == 1).values(status=SubscriptionStatus.PENDING))
        await tx.execute(update(subscriptions).where(subscriptions.c.id == 2).values(paused_until=at(60)))
    await release(db)
    assert await statuses(db) == {}


async def test_a_reader_without_a_letter_is_withheld_by_name(db: Database) -> None:
    await add_readers(db, "hana@reader.example", languages="ko")
    await add_readers(db, "john@reader.example", languages="en")
    edition = await release(db, keys=["ko"])
    assert await account(db, edition) == Account(waiting=1, withheld=1)
    async with db.read() as tx:
        story = await outbox.explain(tx, edition, "john@reader.example")
    assert story is not None
    assert story.reason == "nothing in this language"


async def test_a_grace_period_keeps_copies_back(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db, due_at=at(8))
    assert await take(db, minute=7.9) == []
    assert len(await take(db, minute=8)) == 1


# ── Taking ───────────────────────────────────────────────────────────────────


async def test_a_claim_belongs_to_one_worker(db: Database) -> None:
    await add_readers(db, *(f"r{n}@reader.example" for n in range(5)))
    await release(db)
    first, second = await take(db, 3, worker="w1"), await take(db, 3, worker="w2")
    assert (len(first), len(second)) == (3, 2)
    assert not {copy.delivery_id for copy in first} & {copy.delivery_id for copy in second}
    assert await take(db) == []


async def test_what_a_worker_has_in_hand_is_counted_until_it_is_settled(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "byul@reader.example")
    await release(db)
    async with db.read() as tx:
        assert await outbox.in_hand(tx) == 0
    one, _ = await take(db)
    async with db.read() as tx:
        assert await outbox.in_hand(tx) == 2
    await write_down(db, one, DeliveryStatus.SENT)
    async with db.read() as tx:
        assert await outbox.in_hand(tx) == 1


async def test_a_message_id_is_given_at_the_first_claim_and_kept(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [copy] = await take(db)
    assert copy.message_id == f"<edition-{edition}-1@hanbit-peace.example>"
    await put_back(db, copy)
    [again] = await take(db)
    assert (again.message_id, again.claim_no) == (copy.message_id, copy.claim_no + 1)


@pytest.mark.parametrize(
    ("happening", "reason"),
    [
        ("refused", "unsubscribed"),
        ("ended", "unsubscribed"),
        ("suppressed", "suppressed"),
        ("expired", "no consent"),
        ("erased", "erased"),
        ("stopped", "stopped"),
    ],
)
async def test_refusal_after_release_wins(db: Database, happening: str, reason: str) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    await happen(db, happening, edition)
    assert await take(db) == []
    assert await account(db, edition) == Account(withheld=1)
    async with db.read() as tx:
        assert (await tx.execute(select(deliveries.c.reason))).scalar_one() == reason


@pytest.mark.parametrize("happening", ["refused", "suppressed", "stopped"])
async def test_refusal_after_the_claim_is_an_objection(db: Database, happening: str) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [copy] = await take(db)
    assert await objection(db, copy) is None
    await happen(db, happening, edition)
    objected = await objection(db, copy)
    assert objected is not None
    assert not objected.is_passing


async def test_readers_who_left_do_not_hide_those_behind_them(db: Database) -> None:
    gone = [f"gone{n}@reader.example" for n in range(5)]
    await add_readers(db, *gone, "hana@reader.example")
    await release(db)
    for address in gone:
        await refuse(db, address)
    assert [copy.address for copy in await take(db, 2)] == ["hana@reader.example"]


async def test_a_paused_edition_waits_and_goes_on(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "duri@reader.example")
    edition = await release(db)
    [copy] = await take(db, 1)
    async with db.begin() as tx:
        await editions.pause(tx, edition)
    assert await take(db) == []
    objected = await objection(db, copy)
    assert objected is not None
    assert objected.is_passing
    async with db.begin() as tx:
        await editions.resume(tx, edition)
    assert len(await take(db)) == 1


async def test_a_test_goes_although_its_edition_is_a_draft_and_is_not_counted(db: Database) -> None:
    edition = await draft(db)
    async with db.begin() as tx:
        await outbox.enqueue_test(
            tx,
            edition,
            cause="1",
            address="editor@hanbit-peace.example",
            address_hash="e",
            language_key="ko",
            now=at(2),
        )
    [copy] = await take(db)
    assert (copy.kind, copy.token_id) == (DeliveryKind.TEST, None)
    assert await account(db, edition) == Account()


async def test_the_claim_reads_the_index_of_what_waits(db: Database) -> None:
    """Otherwise a claim gets slower with every letter ever sent (the planner likes the primary key)."""
    seen: list[tuple[str, tuple[Any, ...]]] = []

    def remember(_c: object, _cursor: object, statement: str, parameters: tuple[Any, ...], *_rest: object) -> None:
        seen.append((statement, parameters))

    engine = db._engine.sync_engine
    event.listen(engine, "before_cursor_execute", remember)
    await take(db)
    event.remove(engine, "before_cursor_execute", remember)
    [(statement, parameters)] = [one for one in seen if "deliveries.due_at <=" in one[0]]
    async with db.read() as tx:
        plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        said = [row.detail for row in plan]
    # Each kind from its own index, each edition from its own stretch of it: a paused one costs nothing.
    assert any("ix_deliveries_waiting_edition (edition_id=? AND due_at<?)" in line for line in said)
    assert any("ix_deliveries_waiting_other (due_at<?)" in line for line in said)
    assert not any("SCAN deliveries" in line for line in said)


async def test_the_account_of_an_edition_is_read_from_an_index_alone(db: Database) -> None:
    async with db.read() as tx:
        plan = await tx.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT status, count(*) FROM deliveries "
            "WHERE edition_id = 1 AND kind = 'edition' GROUP BY status"
        )
        assert any("COVERING INDEX ix_deliveries_account" in row.detail for row in plan)


# ── Ending ───────────────────────────────────────────────────────────────────


async def test_a_sent_copy_ends_its_edition(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [copy] = await take(db)
    assert await finish(db) == []
    assert await write_down(db, copy, DeliveryStatus.SENT, code=250, reply="ok") == 1
    assert await account(db, edition) == Account(sent=1)
    assert await finish(db) == [edition]
    async with db.read() as tx:
        assert (await editions.get(tx, edition)).status is EditionStatus.SENT


async def test_an_uncertain_copy_does_not_keep_an_edition_open(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [copy] = await take(db)
    await write_down(db, copy, DeliveryStatus.UNCERTAIN, tried="uncertain")
    assert await finish(db) == [edition]
    assert await account(db, edition) == Account(uncertain=1)


async def test_a_late_worker_does_not_overwrite_its_successor(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [late] = await take(db)
    await put_back(db, late)
    [_successor] = await take(db, worker="w2")
    assert await write_down(db, late, DeliveryStatus.SENT) == 0
    assert await write_down(db, late, DeliveryStatus.FAILED, tried="failed") == 0
    assert await account(db, edition) == Account(sending=1)


async def test_a_deferred_copy_comes_due_later_and_remembers_the_try(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    [copy] = await take(db)
    await write_down(
        db,
        copy,
        DeliveryStatus.WAITING,
        due_at=at(11),
        tried="deferred",
        code=451,
        enhanced="4.7.1",
        reply="later",
    )
    assert await take(db, minute=10) == []
    async with db.read() as tx:
        story = await outbox.explain(tx, edition, "hana@reader.example")
        assert await outbox.next_due(tx) == at(11)
    assert story is not None
    [first] = story.tries
    assert (first.number, first.outcome, first.code, first.enhanced) == (1, "deferred", 451, "4.7.1")
    [again] = await take(db, minute=11)
    assert again.attempts == 1


async def test_an_outage_is_remembered_but_not_counted(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db)
    [copy] = await take(db)
    await write_down(db, copy, DeliveryStatus.WAITING, tried="unreachable", counts=False)
    [again] = await take(db)
    assert again.attempts == 0


async def test_doubts_are_counted(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db)
    [copy] = await take(db)
    await write_down(db, copy, DeliveryStatus.WAITING, tried="uncertain")
    [again] = await take(db)
    assert (copy.doubts, again.doubts) == (0, 1)


async def test_an_expired_claim_is_told_and_stays_claimed(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db)
    [copy] = await take(db)
    async with db.read() as tx:
        assert await claims.expired(tx, LEASE) == []
        assert await claims.expired(tx, LEASE + timedelta(seconds=1)) == [copy]
    assert await take(db, minute=60) == []


async def test_stopping_withholds_what_waits_and_leaves_what_is_under_way(db: Database) -> None:
    await add_readers(db, "hana@reader.example", "duri@reader.example")
    edition = await release(db)
    await take(db, 1)
    async with db.begin() as tx:
        assert await outbox.withhold_waiting(tx, edition, reason="stopped", now=at(6)) == 1
    assert await account(db, edition) == Account(sending=1, withheld=1)


# ── Those who missed it ──────────────────────────────────────────────────────


async def test_missing_takes_new_readers_and_failed_copies_only(db: Database) -> None:
    await add_readers(db, *(f"{name}@reader.example" for name in ("hana", "duri", "sena", "neda")))
    edition = await release(db)
    ends = [DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN, DeliveryStatus.FAILED]
    for copy, status in zip(await take(db), ends, strict=True):
        await write_down(db, copy, status)
    await refuse(db, "neda@reader.example")
    await add_readers(db, "newcomer@reader.example")
    async with db.begin() as tx:
        assert await outbox.enqueue_missing(tx, edition, WEEKLY.name, now=at(30)) == 2
    assert sorted(copy.address for copy in await take(db, minute=30)) == [
        "duri@reader.example",
        "newcomer@reader.example",
    ]


async def test_nobody_without_a_row_has_a_story(db: Database) -> None:
    edition = await release(db)
    async with db.read() as tx:
        assert await outbox.explain(tx, edition, "hana@reader.example") is None


async def test_times_keep_their_meaning_whatever_zone_they_come_in(db: Database) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db)
    [copy] = await take(db)
    seoul = at(6).astimezone(KST)
    async with db.begin() as tx:
        settlement = Settlement(delivery_id=copy.delivery_id, claim_no=copy.claim_no, status=DeliveryStatus.SENT)
        await claims.settle(tx, [settlement], seoul)
        assert (await tx.execute(select(deliveries.c.first_attempt_at))).scalar_one() == at(6)


# ── What happens to readers ──────────────────────────────────────────────────


async def happen(db: Database, what: str, edition_id: int) -> None:
    match what:
        case "refused":
            await refuse(db, "hana@reader.example")
        case "suppressed":
            await suppress(db, "hana@reader.example")
        case "ended":
            async with db.begin() as tx:
                await audience.end(tx, 1, why=EndedWhy.UNSUBSCRIBED, now=at(2))
        case "expired":
            async with db.begin() as tx:
                await tx.execute(update(subscriptions).values(status=SubscriptionStatus.EXPIRED))
        case "erased":
            async with db.begin() as tx:
                await tx.execute(update(subscribers).values(address=None, address_key=None))
                await tx.execute(update(deliveries).values(address=None))
        case "stopped":
            async with db.begin() as tx:
                await editions.stop(tx, edition_id, now=at(2))


async def suppress(db: Database, address: str) -> None:
    async with db.begin() as tx:
        secret = (await all_keys(tx))[0].secret
        row = {"address_hash": hash_of(address, secret), "reason": "complained", "at": at(2), "means": "complaint"}
        await tx.execute(insert(suppressions), row)


async def draft(db: Database) -> int:
    async with db.begin() as tx:
        await editions.start_list(tx, WEEKLY.name, at())
        return await editions.draft(
            tx, WEEKLY.name, [], window_end=at(1), classification=WEEKLY.classification, by="test", now=at(1)
        )


async def put_back(db: Database, copy: Claimed) -> None:
    async with db.begin() as tx:
        await claims.release_claims(tx, [(copy.delivery_id, copy.claim_no)])


async def objection(db: Database, copy: Claimed) -> claims.Objection | None:
    async with db.read() as tx:
        this = (copy.delivery_id, copy.claim_no)
        return (await looks.objections(tx, [this])).get(this)


async def finish(db: Database) -> list[int]:
    async with db.begin() as tx:
        return await outbox.finish_editions(tx, at(7))
