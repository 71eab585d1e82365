"""P5, P6, P9, K2: erasing a person, what stays, what anybody may read, what is kept how long."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from publisher.address import parse
from publisher.delivery.policy import DeliveryPolicy, Provider, SmtpProfile
from publisher.delivery.transport import Refused
from publisher.digest.single import write_letter
from publisher.flows.ask import Wish, sort_requests
from publisher.flows.ask import ask as ask_at_page
from publisher.flows.deliver import deliver
from publisher.flows.erase import erase_person, finish_erasures
from publisher.flows.evidence import data_of, evidence_of, evidence_of_edition
from publisher.flows.housekeep import forget_unconfirmed
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import leave
from publisher.model import Classification, Letter
from publisher.store import accesses, audience, erasure, evidence
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx
from publisher.store.keys import all_keys
from publisher.store.tables import consents, deliveries, metadata, refusals, subscribers, subscriptions, suppressions
from subscribers.lifecycle import Refuse
from subscribers.model import SubscriptionStatus
from subscribers.retention import CONFIRM_WITHIN, FORGET_AFTER, Expire, Forget, retention
from subscribers.tokens import hash_of
from tests.delivery.post import Road, post_office
from tests.law.people import person_of, reader, released, say
from tests.samples import SITE, at

KIM = "kim@reader.example"


async def everything(db: Database) -> str:
    """All that stands in the store, as one text."""
    found: list[Any] = []
    async with db.read() as tx:
        for table in metadata.sorted_tables:
            found += [str(tuple(row)) for row in await tx.execute(select(table))]
    return "\n".join(found)


async def post(db: Database, folder: Path, road: Road, minute: float = 5) -> None:
    async def letter_of(_tx: Tx, copy: Claimed) -> Letter:
        return write_letter(copy.kind, copy.facts, copy.language_key, SITE)

    await deliver(replace(await post_office(db, folder / "journal", road, minute=minute), letter_of=letter_of))


async def erase(db: Database, minute: float = 20) -> int:
    person = await person_of(db, KIM)
    async with db.begin() as tx:
        await erase_person(tx, person, means="page", now=at(minute))
    return person


async def named_reader(db: Database) -> None:
    await reader(db, KIM, agreed=True)
    async with db.begin() as tx:
        await tx.execute(text("UPDATE subscribers SET name = '김한결'"))


async def test_p5_the_notice_goes_first_and_then_nothing_names_the_person(db: Database, tmp_path: Path) -> None:
    await named_reader(db)
    await released(db)
    refusing = Road(answer=lambda one: Refused(code=450, reply=f"4.2.1 <{KIM}> try later"))
    await post(db, tmp_path, refusing)
    await erase(db)
    assert await finish_erasures(db, now=at(21)) == 0, "the notice has not gone yet"
    road = Road()
    await post(db, tmp_path, road, minute=25)
    assert road.recipients == [KIM], "the notice, and not the edition that waited for them"
    assert await finish_erasures(db, now=at(26)) == 1
    left = await everything(db)
    assert KIM not in left
    assert "김한결" not in left
    assert "asked in person" not in left, "the evidence of the consent"
    assert "4.2.1" not in left, "a server's reply may name them"


async def test_p5_the_reason_of_a_failed_copy_names_the_person_no_longer(db: Database, tmp_path: Path) -> None:
    await named_reader(db)
    await released(db)
    await post(db, tmp_path, Road(answer=lambda one: Refused(code=550, reply=f"5.1.1 <{KIM}> unknown")))
    await erase(db)
    await finish_erasures(db, now=at(60 * 48))
    assert KIM not in await everything(db)


async def test_p5_only_a_keyed_hash_and_the_account_of_the_edition_stay(db: Database, tmp_path: Path) -> None:
    await named_reader(db)
    done = await released(db)
    await post(db, tmp_path, Road())
    person = await erase(db)
    await post(db, tmp_path, Road(), minute=25)
    await finish_erasures(db, now=at(26))
    async with db.read() as tx:
        address_hash = hash_of(KIM, (await all_keys(tx))[0].secret)
        row = (await tx.execute(select(suppressions))).one()
        assert (row.address_hash, row.reason, row.means) == (address_hash, "erased", "page")
        copy = (await tx.execute(select(deliveries).where(deliveries.c.edition_id == done.edition.id))).one()
        assert (copy.status, copy.subscriber_id, copy.address_hash, copy.address) == (
            "sent",
            person,
            address_hash,
            None,
        )


async def test_p5_an_erasure_waits_for_its_notice_no_longer_than_a_day(db: Database) -> None:
    await named_reader(db)
    await erase(db)
    day = 24 * 60
    assert await finish_erasures(db, now=at(20 + day - 1)) == 0
    assert await finish_erasures(db, now=at(20 + day)) == 1
    assert KIM not in await everything(db)


async def test_p5_asking_twice_is_as_good_as_once(db: Database, tmp_path: Path) -> None:
    await named_reader(db)
    await erase(db)
    await erase(db, 21)
    road = Road()
    await post(db, tmp_path, road, minute=25)
    assert len(road.carried) == 1
    await finish_erasures(db, now=at(26))
    await erase(db, 30)
    assert await finish_erasures(db, now=at(31)) == 0


@pytest.mark.parametrize("reason", ["bounced", "complained"])
async def test_p5_what_speaks_louder_than_the_erasure_stays(db: Database, tmp_path: Path, reason: str) -> None:
    await named_reader(db)
    async with db.begin() as tx:
        address_hash = hash_of(KIM, (await all_keys(tx))[0].secret)
        row = {"address_hash": address_hash, "reason": reason, "at": at(), "means": "dsn"}
        await tx.execute(insert(suppressions).values(row))
    await erase(db)
    road = Road()
    await post(db, tmp_path, road, minute=25)
    assert road.carried == [], "no letter goes to such an address, not even this one"
    assert await finish_erasures(db, now=at(26)) == 1
    async with db.read() as tx:
        assert (await tx.execute(select(suppressions.c.reason))).scalar_one() == reason


async def test_k2_after_an_erasure_no_file_and_no_operator_brings_the_address_back(db: Database) -> None:
    await named_reader(db)
    await erase(db)
    await finish_erasures(db, now=at(60 * 48))
    async with db.begin() as tx:
        key = (await all_keys(tx))[0]
        for means in ("import", "operator"):
            asked = Application(address=parse(KIM), list="weekly", languages="ko", consent="a form", means=means)
            assert isinstance(await sign_up(tx, asked, key, now=at(60 * 49)), Refuse)


# ── P6, K10: reading ─────────────────────────────────────────────────────────

HANGANG = Provider(name="Hangang Mail", contract=date(2026, 1, 5), country="IE")


async def test_p6_a_person_may_read_everything_that_is_kept_of_them(db: Database) -> None:
    await named_reader(db)
    await released(db)
    async with db.read() as tx:
        found = await data_of(tx, (await tx.execute(select(subscribers.c.id))).scalar_one())
    assert (found["address"], found["name"]) == (KIM, "김한결")
    assert [(one["list"], one["status"]) for one in found["subscriptions"]] == [("weekly", "active")]
    assert [(one["scope"], one["event"]) for one in found["consents"]] == [
        ("information", "given"),
        ("advertising", "given"),
    ]
    assert [(one["kind"], one["number"], one["status"]) for one in found["letters"]] == [("edition", 1, "waiting")]


async def test_k10_evidence_of_a_person_is_one_document(db: Database, tmp_path: Path) -> None:
    await named_reader(db)
    await say(db, KIM, "withdrawn", when=at(2))
    await released(db)
    async with db.begin() as tx:
        key = (await all_keys(tx))[0]
        found = await evidence_of(tx, parse(KIM), key, [HANGANG])
        assert found["person"]["consents"][-1] == {
            "list": "weekly",
            "scope": "advertising",
            "event": "withdrawn",
            "at": "2026-03-02T12:02:00+00:00",
            "means": "page",
            "text_version": None,
            "evidence": None,
        }
        assert found["providers"] == [{"name": "Hangang Mail", "contract": "2026-01-05", "country": "IE"}]


async def test_k10_after_an_erasure_it_proves_the_refusal_only(db: Database) -> None:
    await named_reader(db)
    await erase(db)
    await finish_erasures(db, now=at(60 * 48))
    async with db.read() as tx:
        found = await evidence_of(tx, parse(KIM), (await all_keys(tx))[0], [])
    assert found["suppression"]["reason"] == "erased"
    assert (found["person"]["address"], found["person"]["consents"]) == (None, [])


async def test_k10_evidence_of_an_edition_says_who_did_what(db: Database) -> None:
    await named_reader(db)
    await reader(db, "no@reader.example")
    done = await released(db)
    async with db.read() as tx:
        found = await evidence_of_edition(tx, done.edition, [HANGANG])
    wanted = {"classified_by": "kim", "classified_why": "a paid seminar", "approved_by": "lee", "released_by": "lee"}
    assert wanted.items() <= found.items()
    assert (found["recipients"], found["open"], found["not_agreed"]) == (1, 1, 1)
    assert found["content_hash"] == done.edition.content_hash


def test_k9_p7_every_road_names_the_firm_that_carries_and_whether_it_is_abroad() -> None:
    road = SmtpProfile(host="smtp.example", provider=HANGANG)
    policy = DeliveryPolicy(smtp=road, profiles={"other": road, "own": SmtpProfile(host="mail.example")})
    assert policy.providers == (HANGANG,)
    assert HANGANG.is_abroad("KR")
    assert not HANGANG.is_abroad("IE")


# ── P8, P9: who looked, and who was hurt ─────────────────────────────────────


async def test_p9_the_people_affected_by_a_breach_are_those_who_were_there_then(db: Database) -> None:
    await reader(db, "early@reader.example")
    await reader(db, KIM)
    await erase(db, 10)
    await finish_erasures(db, now=at(60 * 48))
    async with db.begin() as tx:
        await tx.execute(text("UPDATE subscribers SET created_at = '2026-03-05 00:00:00.000000' WHERE id = 1"))

    async def affected(since: datetime, until: datetime) -> Iterable[int]:
        async with db.read() as tx:
            return [row["id"] for row in await evidence.affected(tx, since=since, until=until)]

    assert await affected(at(0), at(60)) == [2], "erased only later; the other one was not there yet"
    assert await affected(at(60 * 49), at(60 * 24 * 9)) == [1]


async def test_p8_an_access_is_written_down_without_an_address(db: Database) -> None:
    async with db.begin() as tx:
        await accesses.record(tx, who="kim", what="show", detail="subscriber 1", people=1, now=at())
    async with db.read() as tx:
        [row] = await accesses.listed(tx)
    assert (row["who"], row["what"], row["people"], row["at"]) == ("kim", "show", 1, at())


# ── P5: what nobody needs any more ───────────────────────────────────────────

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "age", "verdict"),
    [
        (SubscriptionStatus.PENDING, CONFIRM_WITHIN - DAY, None),
        (SubscriptionStatus.PENDING, CONFIRM_WITHIN, Expire()),
        (SubscriptionStatus.EXPIRED, FORGET_AFTER - DAY, None),
        (SubscriptionStatus.EXPIRED, FORGET_AFTER, Forget()),
        (SubscriptionStatus.PENDING, FORGET_AFTER, Forget()),
        (SubscriptionStatus.ACTIVE, 99 * FORGET_AFTER, None),
        (SubscriptionStatus.ENDED, 99 * FORGET_AFTER, None),
    ],
)
def test_p5_what_was_never_confirmed_is_expired_and_then_forgotten(
    status: SubscriptionStatus, age: timedelta, verdict: Expire | Forget | None
) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert retention(status, now - age, now) == verdict


async def test_p5_who_never_confirmed_is_forgotten_without_a_trace_and_may_ask_anew(db: Database) -> None:
    await ask(db)
    assert await forget_unconfirmed(db, now=at() + 8 * DAY) == (1, 0)
    assert await forget_unconfirmed(db, now=at() + 9 * DAY) == (0, 0)
    assert await forget_unconfirmed(db, now=at() + 31 * DAY) == (0, 1)
    assert KIM not in await everything(db)
    async with db.read() as tx:
        assert (await tx.execute(select(suppressions))).all() == []
        assert (await tx.execute(select(refusals))).all() == []
    await ask(db)
    async with db.read() as tx:
        assert (await tx.execute(select(subscriptions.c.status))).scalars().all() == ["pending"]


async def test_p5_a_reader_of_one_list_stays_when_another_was_never_confirmed(db: Database) -> None:
    await reader(db, KIM)
    async with db.begin() as tx:
        asked = Application(address=parse(KIM), list="monthly", languages="ko")
        await sign_up(tx, asked, (await all_keys(tx))[0], now=at())
    assert await forget_unconfirmed(db, now=at() + 31 * DAY) == (0, 1)
    async with db.read() as tx:
        assert (await tx.execute(select(subscribers.c.address))).scalar_one() == KIM


async def test_k10_whoever_types_an_address_does_not_drop_the_proof_that_its_owner_once_agreed(db: Database) -> None:
    await reader(db, KIM)
    async with db.begin() as tx:
        [theirs] = await audience.listed(tx)
        await leave(tx, theirs, means="page", now=at(1))
    async with db.begin() as tx:
        wish = Wish(address=parse(KIM), lists=("weekly",), languages="ko", advertising=False, text_version="v")
        await ask_at_page(tx, wish, (await all_keys(tx))[0], at(2))
    await sort_requests(db, now=at(2))
    assert await forget_unconfirmed(db, now=at() + 8 * DAY) == (1, 0)
    assert await forget_unconfirmed(db, now=at() + 31 * DAY) == (0, 0)
    async with db.read() as tx:
        events = (await tx.execute(select(consents.c.event).order_by(consents.c.id))).scalars().all()
    assert events == ["given", "withdrawn", "asked"]


async def test_p5_servers_replies_are_dropped_and_how_it_ended_stays(db: Database, tmp_path: Path) -> None:
    await reader(db, KIM)
    await released(db, Classification.INFORMATION)
    await post(db, tmp_path, Road(answer=lambda one: Refused(code=550, reply=f"5.1.1 <{KIM}> unknown")))
    async with db.begin() as tx:
        assert await erasure.drop_replies(tx, before=at(60)) == 1
        row = (await tx.execute(select(deliveries))).one()
    assert (row.status, row.code, row.reply) == ("failed", 550, None)
    assert KIM not in row.reason


async def ask(db: Database) -> None:
    async with db.begin() as tx:
        await sign_up(
            tx, Application(address=parse(KIM), list="weekly", languages="ko"), (await all_keys(tx))[0], now=at()
        )
