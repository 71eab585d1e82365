"""What comes back, and what follows from it: for the right person, once, and for nobody by a forgery."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from publisher.delivery.bounces.reading import read
from publisher.delivery.bounces.traces import ReturnAddress
from publisher.delivery.policy import DeliveryPolicy, ReturnPolicy
from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused
from publisher.flows.deliver import deliver
from publisher.flows.feedback import Effect, Heard, Reception, hear, hear_refusals
from publisher.model import DeliveryKind, EditionStatus
from publisher.store import audience, editions, evidence, feedback, outbox
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import consents, deliveries, refusals, subscriptions, suppressions
from subscribers import tokens
from subscribers.bounces import BouncePolicy, Weight
from tests.delivery.bounces.mails import arf, dsn, plain
from tests.delivery.post import Road, add_readers, post_office, release
from tests.samples import SITE, at

KIM, LEE = "kim@reader.example", "lee@reader.example"
BOUNCES = DeliveryPolicy(bounces=ReturnPolicy(address="bounces@hanbit-peace.example"))
OPERATED = replace(SITE, operators=("desk@hanbit-peace.example",))


async def reception(db: Database, **changes: object) -> Reception:
    async with db.read() as tx:
        keys = await all_keys(tx)
    return replace(Reception(db=db, site=OPERATED, keys=keys, policy=BouncePolicy()), **changes)  # type: ignore[arg-type]


async def sent(db: Database, journals: Path, *addresses: str, policy: DeliveryPolicy = BOUNCES) -> dict[str, Envelope]:
    """An edition that went out to new readers; the copies by their address."""
    await add_readers(db, *addresses)
    await release(db)
    road = Road()
    await deliver(await post_office(db, journals, road, policy))
    return {envelope.recipient: envelope for envelope in road.carried}


async def heard(db: Database, mail: bytes, *, minute: float = 60, means: str = "imap", **changes: object) -> Heard:
    house = await reception(db, **changes)
    async with db.begin() as tx:
        return await hear(tx, read(mail), house, means=means, now=at(minute))


async def state(db: Database, address: str) -> tuple[str, str | None]:
    async with db.read() as tx:
        secret = (await all_keys(tx))[0].secret
        found = await audience.subscription_of(tx, tokens.hash_of(address, secret), "weekly")
    assert found is not None
    return found.status.value, found.ended_why.value if found.ended_why else None


async def suppressed(db: Database) -> list[tuple[str, str]]:
    async with db.read() as tx:
        rows = await tx.execute(select(suppressions.c.reason, suppressions.c.means))
        return [(row.reason, row.means) for row in rows]


def returned(envelope: Envelope) -> str:
    """The head of a copy, as a report returns it."""
    return envelope.content.partition(b"\r\n\r\n")[0].decode()


# ── Bounces ──────────────────────────────────────────────────────────────────


async def test_a_hard_bounce_to_the_return_path_ends_its_person_and_nobody_else(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE)
    outcome = await heard(db, dsn(to=copies[KIM].sender, returned="", recipient="forwarded@elsewhere.example"))
    assert outcome.effect is Effect.SUPPRESSED
    assert await state(db, KIM) == ("ended", "bounced")
    assert await state(db, LEE) == ("active", None)
    assert await suppressed(db) == [("bounced", "imap")]


async def test_without_a_return_path_of_its_own_the_returned_message_id_tells(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE, policy=DeliveryPolicy())
    assert copies[KIM].sender == copies[LEE].sender == SITE.sender.email
    assert (await heard(db, dsn(returned=returned(copies[KIM])))).effect is Effect.SUPPRESSED
    assert await state(db, KIM) == ("ended", "bounced")
    assert await state(db, LEE) == ("active", None)


@pytest.mark.parametrize("where", ["unsigned", "forged", "another purpose", "no trace"])
async def test_a_forged_bounce_changes_nothing(db: Database, tmp_path: Path, where: str) -> None:
    copies = await sent(db, tmp_path, KIM)
    name, _, domain = copies[KIM].sender.partition("@")
    addresses = {
        "unsigned": "bounces@hanbit-peace.example",
        "forged": f"{name[:-4]}{'aaaa' if not name.endswith('aaaa') else 'bbbb'}@{domain}",
        "another purpose": copies[KIM].sender.replace("+b", "+l"),
        "no trace": "letters@hanbit-peace.example",
    }
    outcome = await heard(db, dsn(to=addresses[where], returned="Subject: none of ours\r\n", recipient=KIM))
    assert (outcome.letter, outcome.effect) == (None, Effect.NONE)
    assert await state(db, KIM) == ("active", None)
    assert await suppressed(db) == []


async def test_a_report_to_the_address_for_leaving_is_no_bounce(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    house = await reception(db)
    leave = ReturnAddress(address="bounces@hanbit-peace.example", secret=house.keys[-1].secret).leave(
        copies[KIM].delivery_id
    )
    assert (await heard(db, dsn(to=str(leave), returned=""))).letter is None
    assert await state(db, KIM) == ("active", None)


async def test_the_same_bounce_counts_once_by_whatever_way_it_comes(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    mail = dsn("5.2.2", said="smtp; 552 5.2.2 mailbox full", to=copies[KIM].sender)
    assert (await heard(db, mail)).effect is Effect.NOTED
    assert (await heard(db, mail, means="file", minute=3000)).effect is Effect.KNOWN
    async with db.read() as tx:
        assert len(await feedback.history(tx, await hash_of(db, KIM))) == 1


async def test_a_full_mailbox_that_turns_out_to_be_none_is_news(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    await heard(db, dsn("5.2.2", said="mailbox full", to=copies[KIM].sender))
    assert (await heard(db, dsn(to=copies[KIM].sender), minute=90)).effect is Effect.SUPPRESSED


async def test_soft_bounces_of_several_editions_end_an_address(db: Database, tmp_path: Path) -> None:
    await sent(db, tmp_path, KIM)
    effects = []
    async with db.read() as tx:
        (first,) = (await tx.execute(select(deliveries.c.id))).scalars()
    for day in range(3):
        async with db.begin() as tx:
            letter = await feedback.letter(tx, first)
            assert letter
            # Further copies of the same person, of letters of their own.
            copy = await outbox.enqueue_letter(
                tx, DeliveryKind.NOTICE, cause=str(day), facts={}, address=KIM, address_hash=letter.address_hash,
                language_key="ko", now=at(), subscriber_id=letter.subscriber_id,
            )  # fmt: skip
            await tx.execute(
                update(deliveries).where(deliveries.c.id == copy).values(claim_no=1, message_id=message(day))
            )
        mail = dsn("4.4.7", said="expired", returned=f"Message-ID: {message(day)}\r\n").replace(
            b"2 Mar 2026", f"{day + 3} Mar 2026".encode()
        )
        outcome = await heard(db, mail, minute=60 * 24 * 9, policy=BouncePolicy(soft=3))
        effects.append(outcome.effect)
    assert effects == [Effect.NOTED, Effect.NOTED, Effect.SUPPRESSED]


def message(day: int) -> str:
    return f"<{'abc'[day] * 26}@hanbit-peace.example>"


async def test_what_bounced_before_a_confirmation_is_forgotten(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    async with db.begin() as tx:
        letter = await feedback.letter(tx, copies[KIM].delivery_id)
        assert letter
        await feedback.record(tx, letter, kind=feedback.BOUNCE, weight=Weight.HARD, at=at(20), now=at(20), means="imap")
        copy = await outbox.enqueue_letter(
            tx, DeliveryKind.NOTICE, cause="later", facts={}, address=KIM, address_hash=letter.address_hash,
            language_key="ko", now=at(35), subscriber_id=letter.subscriber_id,
        )  # fmt: skip
        await tx.execute(update(deliveries).where(deliveries.c.id == copy).values(claim_no=1, message_id=message(0)))
        await tx.execute(update(subscriptions).values(confirmed_at=at(30)))
    full = dsn("5.2.2", said="mailbox full", returned=f"Message-ID: {message(0)}\r\n")
    assert (await heard(db, full)).effect is Effect.NOTED
    assert await state(db, KIM) == ("active", None)


async def test_what_is_refused_because_of_us_ends_nobody(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    outcome = await heard(db, dsn("5.7.1", said="smtp; 550 5.7.1 looks like spam", to=copies[KIM].sender))
    assert (outcome.effect, outcome.weight) == (Effect.NOTED, Weight.BLOCKED)
    assert await state(db, KIM) == ("active", None)


@pytest.mark.parametrize(
    "mail",
    [
        dsn("4.4.1", "delayed"),
        plain("I am away.", subject="Out of Office", Auto_Submitted="auto-replied"),
        plain("Click here.", subject="Please verify your email"),
        plain("고맙습니다."),
    ],
)
async def test_delays_and_answers_of_programs_change_nothing(db: Database, tmp_path: Path, mail: bytes) -> None:
    copies = await sent(db, tmp_path, KIM)
    mail = mail.replace(b"To: letters@hanbit-peace.example", f"To: {copies[KIM].sender}".encode())
    outcome = await heard(db, mail)
    assert outcome.letter is not None
    assert outcome.effect is Effect.NONE
    assert await state(db, KIM) == ("active", None)


async def test_a_bounce_of_who_has_left_is_written_down_and_ends_nothing(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    async with db.begin() as tx:
        await tx.execute(update(subscriptions).values(status="ended", ended_why="unsubscribed", ended_at=at(30)))
    assert (await heard(db, dsn(to=copies[KIM].sender))).effect is Effect.NOTED
    assert await state(db, KIM) == ("ended", "unsubscribed")
    assert await suppressed(db) == []


async def test_a_copy_that_never_left_cannot_come_back(db: Database, tmp_path: Path) -> None:
    await add_readers(db, KIM)
    await release(db)
    house = await reception(db)
    async with db.read() as tx:
        (only,) = (await tx.execute(select(deliveries.c.id))).scalars()
    address = ReturnAddress(address="bounces@hanbit-peace.example", secret=house.keys[-1].secret).bounce(only)
    assert (await heard(db, dsn(to=address))).letter is None


async def test_what_a_server_said_is_kept_without_the_address(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    await heard(db, dsn(said="smtp; 550 <KIM@Reader.example>: unknown, kim@reader.example", to=copies[KIM].sender))
    async with db.read() as tx:
        (row,) = await feedback.of_delivery(tx, copies[KIM].delivery_id)
    assert row["said"] == "550 <(recipient)>: unknown, (recipient)"


# ── At the door ──────────────────────────────────────────────────────────────


async def test_a_reader_who_is_refused_at_the_door_is_learned_of_once(db: Database, tmp_path: Path) -> None:
    await add_readers(db, KIM, LEE)
    await release(db)

    def answer(envelope: Envelope) -> Outcome:
        return Refused(code=550, enhanced="5.1.1", reply="unknown") if envelope.recipient == KIM else Accepted()

    await deliver(await post_office(db, tmp_path, Road(answer=answer), BOUNCES))
    house = await reception(db)
    assert await hear_refusals(house, now=at(60)) == 1
    assert await hear_refusals(house, now=at(61)) == 0
    assert await state(db, KIM) == ("ended", "bounced")
    assert await state(db, LEE) == ("active", None)
    assert await suppressed(db) == [("bounced", "smtp")]


async def test_attempts_that_are_no_refusals_are_passed_over(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.feedback._AT_ONCE", 2)
    await add_readers(db, KIM, LEE)
    await release(db)
    later = Road(answer=lambda envelope: Refused(code=450, enhanced="4.2.0", reply="later"))
    await deliver(await post_office(db, tmp_path, later, BOUNCES))
    assert await hear_refusals(await reception(db), now=at(60)) == 0
    async with db.read() as tx:
        assert (await feedback.source(tx, "smtp")).cursor == {"attempt": await feedback.last_attempt(tx)}


# ── Complaints and refusals ──────────────────────────────────────────────────


async def test_a_complaint_ends_everything_at_once(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE)
    async with db.begin() as tx:
        person = (
            await tx.execute(select(subscriptions.c.subscriber_id).order_by(subscriptions.c.id).limit(1))
        ).scalar_one()
        await tx.execute(
            subscriptions.insert().values(
                subscriber_id=person,
                list="monthly",
                languages="ko",
                status="active",
                token_id=b"m" * 16,
                created_at=at(),
            )
        )
    assert (await heard(db, arf(returned=returned(copies[KIM])))).effect is Effect.SUPPRESSED
    async with db.read() as tx:
        rows = await evidence.subscriptions_of(tx, person)
        events = list((await tx.execute(select(consents.c.event, consents.c.evidence))).all())
    assert {(row["status"], row["ended_why"]) for row in rows} == {("ended", "complained")}
    assert ("withdrawn", "complaint") in [tuple(event) for event in events]
    assert await suppressed(db) == [("complained", "imap")]
    assert await state(db, LEE) == ("active", None)


async def test_a_complaint_says_more_than_a_bounce(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    await heard(db, dsn(to=copies[KIM].sender))
    await heard(db, arf(returned=returned(copies[KIM])))
    assert await suppressed(db) == [("complained", "imap")]


async def test_an_answer_that_says_no_ends_that_list_and_is_a_refusal(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE)
    answer = plain("수신거부 부탁드립니다.", In_Reply_To=copies[KIM].message_id)
    assert (await heard(db, answer)).effect is Effect.UNSUBSCRIBED
    assert await state(db, KIM) == ("ended", "unsubscribed")
    assert await state(db, LEE) == ("active", None)
    async with db.read() as tx:
        assert list((await tx.execute(select(refusals.c.list, refusals.c.means))).all()) == [("weekly", "mail")]
    assert await suppressed(db) == []


async def test_the_letter_offers_an_address_for_leaving_and_it_works(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM)
    line = next(line for line in copies[KIM].content.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    link, _, by_mail = line.decode().removeprefix("List-Unsubscribe: ").partition(", ")
    assert link.startswith("<https://letters.hanbit-peace.example/unsubscribe/")
    address = by_mail.removeprefix("<mailto:").partition("?")[0]
    assert (await heard(db, plain("", subject="unsubscribe", to=address))).effect is Effect.UNSUBSCRIBED
    assert await state(db, KIM) == ("ended", "unsubscribed")


# ── An edition of which too much comes back ──────────────────────────────────


async def complain(db: Database, copies: Sequence[Envelope]) -> None:
    for copy in copies:
        await heard(db, arf(returned=returned(copy)))


async def alarms(db: Database) -> list[dict[str, object]]:
    async with db.read() as tx:
        wanted = select(deliveries.c.facts).where(deliveries.c.kind == DeliveryKind.ALARM).order_by(deliveries.c.id)
        return list((await tx.execute(wanted)).scalars())


async def on_its_way(db: Database, journals: Path, out: int) -> list[Envelope]:
    """An edition of which so many copies are out, and one waits."""
    await add_readers(db, *(f"r{number:03}@reader.example" for number in range(out)), KIM)
    await release(db)

    def answer(envelope: Envelope) -> Outcome:
        return Refused(code=450, enhanced="4.2.0", reply="later") if envelope.recipient == KIM else Accepted()

    road = Road(answer=answer)
    await deliver(await post_office(db, journals, road, BOUNCES))
    return [envelope for envelope in road.carried if envelope.recipient != KIM]


async def edition_state(db: Database) -> EditionStatus:
    async with db.read() as tx:
        (edition,) = await editions.listed(tx, list_name="weekly")
        return edition.status


async def test_too_many_complaints_pause_the_edition_and_tell_the_operators_once(db: Database, tmp_path: Path) -> None:
    copies = await on_its_way(db, tmp_path, 20)
    await complain(db, copies[:2])
    assert await edition_state(db) is EditionStatus.RELEASED
    await complain(db, copies[2:5])
    assert await edition_state(db) is EditionStatus.PAUSED
    (facts,) = await alarms(db)
    assert (facts["trouble"], facts["count"], facts["failures"], facts["paused"]) == ("complaints", 3, 20, True)


async def test_who_resumes_it_has_decided(db: Database, tmp_path: Path) -> None:
    copies = await on_its_way(db, tmp_path, 20)
    await complain(db, copies[:3])
    async with db.begin() as tx:
        (edition,) = await editions.listed(tx, list_name="weekly")
        await editions.resume(tx, edition.id)
    await complain(db, copies[3:8])
    assert await edition_state(db) is EditionStatus.RELEASED
    assert len(await alarms(db)) == 1


async def test_too_many_hard_bounces_pause_it_as_well(db: Database, tmp_path: Path) -> None:
    copies = await on_its_way(db, tmp_path, 20)
    for copy in copies[:3]:
        await heard(db, dsn(to=copy.sender))
    assert await edition_state(db) is EditionStatus.PAUSED
    assert [facts["trouble"] for facts in await alarms(db)] == ["bounces"]


async def test_soft_bounces_and_refusals_pause_nothing(db: Database, tmp_path: Path) -> None:
    copies = await on_its_way(db, tmp_path, 20)
    for copy in copies[:5]:
        await heard(db, dsn("5.2.2", said="mailbox full", to=copy.sender))
    for copy in copies[5:9]:
        await heard(db, plain("unsubscribe", In_Reply_To=copy.message_id))
    assert await edition_state(db) is EditionStatus.RELEASED
    assert await alarms(db) == []
    async with db.read() as tx:
        (edition,) = await editions.listed(tx, list_name="weekly")
        counted = await feedback.counts(tx, edition.id)
    assert counted == feedback.Counts(soft=5, refusals=4)


async def hash_of(db: Database, address: str) -> str:
    async with db.read() as tx:
        wanted = select(deliveries.c.address_hash).where(deliveries.c.address == address).limit(1)
        return str((await tx.execute(wanted)).scalar_one())
