"""Emptying the outbox: each copy once, whatever happens in between."""

import asyncio
import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope as Taken
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from publisher.delivery.mailbox import MailboxTransport
from publisher.delivery.policy import DeliveryPolicy, RetryPolicy, Security, SmtpProfile, WhenUncertain
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import (
    Accepted,
    Envelope,
    Outcome,
    Refused,
    StartOfContent,
    Unanswered,
    Unreachable,
)
from publisher.errors import TemplateError, TransportError
from publisher.flows.conclude import Tally
from publisher.flows.deliver import deliver
from publisher.model import Account, EditionStatus, Letter
from publisher.store import editions, outbox
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx
from publisher.store.tables import deliveries
from tests.delivery.post import LETTERS, Road, account, add_readers, post_office, refuse, release
from tests.delivery.smtp_server import HANG_UP, Sink, honest, scripted
from tests.samples import WEEKLY, at


def readers(count: int) -> list[str]:
    return [f"r{number:03}@reader.example" for number in range(count)]


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def story(db: Database, edition: int, address: str) -> outbox.Story:
    async with db.read() as tx:
        found = await outbox.explain(tx, edition, address)
    assert found is not None
    return found


# ── Each copy once ───────────────────────────────────────────────────────────


async def test_everybody_gets_one_copy_and_the_edition_is_sent(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(25))
    edition = await release(db)
    road = Road()
    tally = await deliver(await post_office(db, journals, road))
    assert road.recipients == readers(25)
    assert tally == Tally(sent=25)
    assert await account(db, edition) == Account(sent=25)
    async with db.read() as tx:
        assert (await editions.get(tx, edition)).status is EditionStatus.SENT
    assert list_of(journals) == []


async def test_delivering_again_sends_nothing(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    await release(db)
    road = Road()
    for _ in range(2):
        await deliver(await post_office(db, journals, road))
    assert len(road.carried) == 3


async def test_two_at_once_send_each_copy_once(db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.flows.road.BATCH", 7)
    await add_readers(db, *readers(60))
    await release(db)
    first, second = Road(), Road()
    await asyncio.gather(*[deliver(await post_office(db, journals, road)) for road in (first, second)])
    assert sorted(first.recipients + second.recipients) == readers(60)
    assert first.carried
    assert second.carried


async def test_the_journal_stays_short_however_long_the_edition(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.road.BATCH", 5)
    monkeypatch.setattr("publisher.delivery.journal._LONG", 400)
    await add_readers(db, *readers(100))
    edition = await release(db)
    sizes: list[int] = []

    async def measure(_: Envelope) -> None:
        sizes.extend(file.stat().st_size for file in list_of(journals))

    await deliver(await post_office(db, journals, Always(Road(), measure)))
    assert await account(db, edition) == Account(sent=100)
    assert len(sizes) == 100
    assert max(sizes) < 1000  # all of them take more than 2,000 bytes


async def test_a_letter_goes_out_in_the_readers_language_with_a_link_of_its_own(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example", languages="ko")
    await add_readers(db, "john@reader.example", languages="en")
    await release(db)
    road = Road()
    await deliver(await post_office(db, journals, road))
    by_reader = {envelope.recipient: envelope.content for envelope in road.carried}
    assert b"Content-Language: ko\r\n" in by_reader["hana@reader.example"]
    assert b"Content-Language: en\r\n" in by_reader["john@reader.example"]
    links = {
        line for content in by_reader.values() for line in content.split(b"\r\n") if line.startswith(b"List-Unsub")
    }
    assert len(links) == 3  # two links, one List-Unsubscribe-Post


async def test_a_test_of_a_draft_goes_out_as_the_draft_is_now(db: Database, journals: Path) -> None:
    await queue_test(db)

    async def as_it_is_now(_tx: Tx, copy: Claimed) -> Letter:
        return replace(LETTERS["ko"], subject=f"{copy.language_key} draft")

    road = Road()
    office = replace(await post_office(db, journals, road), letter_of=as_it_is_now)
    assert await deliver(office) == Tally(sent=1)
    [envelope] = road.carried
    assert unfolded_subject(envelope.content) == "[시험·Test] ko draft"


async def test_a_test_that_cannot_be_made_says_why_and_stops_nothing(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db)
    await queue_test(db)

    async def broken(_tx: Tx, _copy: Claimed) -> Letter:
        raise TemplateError("body.html, line 3: unexpected '}'")

    road = Road()
    office = replace(await post_office(db, journals, road), letter_of=broken)
    assert await deliver(office) == Tally(sent=1, failed=1)
    assert road.recipients == ["hana@reader.example"]
    async with db.read() as tx:
        reasons = (await tx.execute(select(deliveries.c.reason).where(deliveries.c.kind == "test"))).scalars()
        assert list(reasons) == ["body.html, line 3: unexpected '}'"]


async def test_an_edition_without_readers_is_sent_at_once(db: Database, journals: Path) -> None:
    edition = await release(db)
    await deliver(await post_office(db, journals, Road()))
    async with db.read() as tx:
        assert (await editions.get(tx, edition)).status is EditionStatus.SENT


async def test_progress_is_told_as_it_is_made(db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.flows.road.BATCH", 5)
    await add_readers(db, *readers(20))
    await release(db)
    told: list[Tally] = []
    await deliver(await post_office(db, journals, Road()), progress=told.append)
    sent = [tally.sent for tally in told]
    assert sent == sorted(sent)
    assert sent[-1] == 20
    assert len(told) > 1


# ── Refusal wins ─────────────────────────────────────────────────────────────


async def test_a_refusal_between_claim_and_sending_stops_that_copy(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(2))
    edition = await release(db)
    road = Road(connections=1)

    async def leave_after_the_first(envelope: Envelope) -> None:
        [other] = set(readers(2)) - {envelope.recipient}
        await refuse(db, other)

    road_that_waits = Waiting(road, leave_after_the_first)
    tally = await deliver(await post_office(db, journals, road_that_waits))
    assert len(road.carried) == 1
    assert (tally.sent, tally.withheld) == (1, 1)
    assert await account(db, edition) == Account(sent=1, withheld=1)


@pytest.mark.usefixtures("each_road")
async def test_a_refusal_while_the_server_lets_us_wait_stops_that_copy(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(2))
    edition = await release(db)
    sink = Refusing(db)
    async with honest(sink) as port:
        road = smtp(port, connections=1)
        await deliver(await post_office(db, journals, road))
        await road.close()
    assert len(sink.taken) == 1
    assert await account(db, edition) == Account(sent=1, withheld=1)


async def test_a_pause_holds_copies_that_were_claimed(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(2))
    edition = await release(db)
    road = Road(connections=1)

    async def pause(_: Envelope) -> None:
        async with db.begin() as tx:
            await editions.pause(tx, edition)

    await deliver(await post_office(db, journals, Waiting(road, pause)))
    assert await account(db, edition) == Account(sent=1, waiting=1)


# ── Answers ──────────────────────────────────────────────────────────────────


async def test_a_refused_recipient_fails_and_the_others_go_on(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    edition = await release(db)
    gone = Refused(code=550, enhanced="5.1.1", reply="no such user")
    road = Road(answer=lambda envelope: gone if envelope.recipient == readers(3)[1] else Accepted())
    assert await deliver(await post_office(db, journals, road)) == Tally(sent=2, failed=1)
    told = await story(db, edition, readers(3)[1])
    assert told.reason == "no such mailbox (550 5.1.1): no such user"
    assert [(one.outcome, one.code, one.enhanced) for one in told.tries] == [("failed", 550, "5.1.1")]


async def test_a_deferred_copy_goes_when_its_time_has_come(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    busy = Road(answer=lambda _: Refused(code=451, enhanced="4.7.1", reply="greylisted"))
    assert await deliver(await post_office(db, journals, busy)) == Tally(deferred=1)
    road = Road()
    assert await deliver(await post_office(db, journals, road, minute=5)) == Tally()
    assert await deliver(await post_office(db, journals, road, minute=11)) == Tally(sent=1)
    assert busy.carried[0] == replace(road.carried[0], claim_no=1)  # the same bytes, the same Message-ID
    assert [one.outcome for one in (await story(db, edition, "hana@reader.example")).tries] == ["deferred"]


async def test_the_last_attempt_is_the_end(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    policy = DeliveryPolicy(retry=RetryPolicy(first_wait=timedelta(minutes=1), max_attempts=2))
    busy = Road(answer=lambda _: Refused(code=451))
    for minute in (5, 10, 15):
        await deliver(await post_office(db, journals, busy, policy, minute=minute))
    assert len(busy.carried) == 2
    assert await account(db, edition) == Account(failed=1)


@pytest.mark.parametrize(
    "answer",
    [
        Refused(code=535, enhanced="5.7.8"),
        Refused(code=550, enhanced="5.4.5", reply="daily limit"),
        Unreachable(reason="no connection"),
    ],
    ids=str,
)
async def test_what_is_about_us_pauses_the_road_and_fails_nobody(db: Database, journals: Path, answer: Outcome) -> None:
    await add_readers(db, *readers(30))
    edition = await release(db)
    down = Road(answer=lambda _: answer)
    tally = await deliver(await post_office(db, journals, down))
    assert tally.held_up
    assert len(down.carried) <= down.connections
    assert await account(db, edition) == Account(waiting=30)
    if not isinstance(answer, Unreachable):  # whether a server is there again is looked at by whoever starts anew
        assert (await deliver(await post_office(db, journals, Road()))).held_up == tally.held_up
    later = await post_office(db, journals, Road(), minute=5 + 61)
    assert await deliver(later) == Tally(sent=30)


async def test_a_fault_of_the_road_is_told_and_nothing_is_lost(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(5))
    edition = await release(db)

    def broken(_: Envelope) -> Outcome:
        raise TransportError("smtp.example:587 refused the sign-in of 'publisher' (535): check its password")

    tally = await deliver(await post_office(db, journals, Road(answer=broken)))
    assert tally.held_up == "smtp.example:587 refused the sign-in of 'publisher' (535): check its password"
    assert await account(db, edition) == Account(waiting=5)


async def test_after_a_rest_one_copy_goes_ahead(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(9))
    await release(db)
    minute = 5.0
    down = Road(answer=lambda _: Unreachable(reason="no connection"))
    office = replace(await post_office(db, journals, down), now=lambda: at(minute))
    told: list[Tally] = []
    wake = asyncio.Event()
    running = asyncio.create_task(deliver(office, until_empty=False, progress=told.append, wake=wake))
    await until(lambda: bool(told) and told[-1].held_up is not None)
    await asyncio.sleep(0.1)
    before = len(down.carried)
    minute = 6.0
    wake.set()
    await until(lambda: len(down.carried) > before)
    await asyncio.sleep(0.1)
    assert len(down.carried) == before + 1
    down.answer = lambda _: Accepted()
    minute = 10.0
    wake.set()
    await until(lambda: len(down.carried) == before + 1 + 9)
    await stop(running)


async def test_a_copy_without_an_answer_goes_once_more_with_the_same_message_id(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    silent = Road(answer=lambda _: Unanswered(reason="the server did not answer in time"))
    for minute in (5, 15, 25):
        await deliver(await post_office(db, journals, silent, minute=minute))
    assert len({envelope.message_id for envelope in silent.carried}) == 1
    assert len(silent.carried) == 2
    assert await account(db, edition) == Account(uncertain=1)


async def test_with_hold_a_copy_without_an_answer_waits_for_the_operator(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    silent = Road(answer=lambda _: Unanswered(reason="timeout"))
    policy = DeliveryPolicy(uncertain=WhenUncertain.HOLD)
    for minute in (5, 60):
        await deliver(await post_office(db, journals, silent, policy, minute=minute))
    assert len(silent.carried) == 1
    assert await account(db, edition) == Account(uncertain=1)


async def test_a_reader_without_a_usable_address_fails_alone(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example", '"a b"@reader.example')
    edition = await release(db)
    await deliver(await post_office(db, journals, Road()))
    assert await account(db, edition) == Account(sent=1, failed=1)


async def test_logs_hold_no_address(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(2))
    await release(db)
    road = Road(answer=lambda e: Refused(code=550, enhanced="5.1.1") if "000" in e.recipient else Accepted())
    with capture_logs() as lines:
        await deliver(await post_office(db, journals, road))
    assert any(line["event"] == "delivery settled" and line["code"] == 550 for line in lines)
    assert "reader.example" not in str(lines)


# ── Running on ───────────────────────────────────────────────────────────────


async def test_a_running_house_is_woken_by_a_release(db: Database, journals: Path) -> None:
    road, wake = Road(), asyncio.Event()
    running = asyncio.create_task(deliver(await post_office(db, journals, road), until_empty=False, wake=wake))
    await asyncio.sleep(0.2)
    await add_readers(db, *readers(4))
    await release(db)
    wake.set()
    await until(lambda: len(road.carried) == 4)
    await stop(running)


async def test_a_running_house_wakes_by_itself_when_a_copy_comes_due(db: Database, journals: Path) -> None:
    await add_readers(db, "hana@reader.example")
    await release(db, due_at=at(5) + timedelta(seconds=0.3))
    road, started = Road(), asyncio.get_running_loop().time()
    office = replace(
        await post_office(db, journals, road),
        now=lambda: at(5) + timedelta(seconds=asyncio.get_running_loop().time() - started),
    )
    running = asyncio.create_task(deliver(office, until_empty=False))
    await until(lambda: len(road.carried) == 1)
    await stop(running)


async def test_a_database_that_is_away_is_waited_for(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(3))
    edition = await release(db)
    office = await post_office(db, journals, Road())
    flaky = replace(office, db=Flaky(db, failures=3))
    assert await deliver(flaky) == Tally(sent=3)
    assert await account(db, edition) == Account(sent=3)


async def test_a_fault_of_ours_is_raised_and_puts_everything_back(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(5))
    edition = await release(db)

    def bug(_: Envelope) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deliver(await post_office(db, journals, Road(answer=bug)))
    standing = await account(db, edition)
    assert standing.sending == 0
    assert standing.waiting >= 2


# ── Stopping ─────────────────────────────────────────────────────────────────


async def test_a_stop_lets_copies_under_way_end_and_puts_back_the_rest(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(40))
    edition = await release(db)
    slow = Slow(seconds=0.3)
    running = asyncio.create_task(deliver(await post_office(db, journals, slow)))
    await until(lambda: slow.under_way == slow.connections)
    await stop(running)
    settled = await account(db, edition)
    assert settled == Account(sent=slow.connections, waiting=40 - slow.connections)
    assert list_of(journals) == []


@pytest.mark.usefixtures("each_road")
async def test_stopped_at_any_moment_each_copy_goes_once(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.road.BATCH", 5)
    await add_readers(db, *readers(60))
    edition = await release(db)
    sink = Sink(delay=0.001)
    async with honest(sink) as port:
        for round_ in range(8):
            road = smtp(port)
            running = asyncio.create_task(deliver(await post_office(db, journals, road)))
            await asyncio.sleep(0.015 * round_)
            running.cancel()
            await asyncio.wait([running])
            standing = await account(db, edition)
            assert (standing.sending, standing.uncertain) == (0, 0)
            assert list_of(journals) == []
            await road.close()
        road = smtp(port)
        await deliver(await post_office(db, journals, road))
        await road.close()
    assert sink.recipients == readers(60)


async def test_a_copy_that_will_not_end_is_uncertain_after_the_stop(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.road._DRAIN", 0.2)
    await add_readers(db, *readers(10))
    edition = await release(db)
    stuck = Slow(seconds=60)
    office = await post_office(db, journals, stuck, DeliveryPolicy(uncertain=WhenUncertain.HOLD))
    running = asyncio.create_task(deliver(office))
    await until(lambda: stuck.under_way == stuck.connections)
    await stop(running)
    assert await account(db, edition) == Account(uncertain=stuck.connections, waiting=10 - stuck.connections)


async def test_a_lease_that_ran_out_sends_nothing(
    db: Database, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.road._LEASE", timedelta(seconds=-1))
    await add_readers(db, "hana@reader.example")
    edition = await release(db)
    road = Road()
    running = asyncio.create_task(deliver(await post_office(db, journals, road)))
    await asyncio.sleep(0.3)
    await stop(running)
    assert road.carried == []
    assert await account(db, edition) == Account(waiting=1)


# ── Real servers ─────────────────────────────────────────────────────────────


def smtp(port: int, connections: int = 4) -> SmtpTransport:
    return SmtpTransport(SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE, connections=connections))


@pytest.mark.usefixtures("each_road")
async def test_an_edition_arrives_at_a_real_server(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(50))
    await release(db)
    sink = Sink()
    async with honest(sink) as port:
        road = smtp(port)
        assert await deliver(await post_office(db, journals, road)) == Tally(sent=50)
        await road.close()
    assert sink.recipients == readers(50)


@pytest.mark.usefixtures("each_road")
async def test_an_edition_survives_a_server_that_fails_now_and_then(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(20))
    edition = await release(db)
    faults: dict[str, str | list[str]] = {
        "MAIL": ["250 ok", HANG_UP, "421 4.3.2 restarting"],
        "RCPT": ["250 ok", "451 4.7.1 greylisted", "550 5.1.1 unknown"],
        "content": ["250 ok", "452 4.3.1 full"],
    }
    async with scripted(**faults) as (server, port):
        for minute in (5, 30):
            road = smtp(port)
            await deliver(await post_office(db, journals, road, minute=minute))
            await road.close()
    assert await account(db, edition) == Account(sent=19, failed=1)
    assert len(server.contents) == 20  # 19 taken, one refused for now


@pytest.mark.usefixtures("each_road")
async def test_a_server_that_comes_back_gets_what_waited(db: Database, journals: Path) -> None:
    await add_readers(db, *readers(10))
    edition = await release(db)
    async with scripted() as (_, port):
        pass
    tally = await deliver(await post_office(db, journals, smtp(port)))
    assert tally.held_up == f"no connection to 127.0.0.1:{port}"
    assert await account(db, edition) == Account(waiting=10)
    async with honest(Sink()) as port:
        road = smtp(port)
        assert await deliver(await post_office(db, journals, road, minute=6)) == Tally(sent=10)
        await road.close()


async def test_an_edition_lands_in_the_mailbox(db: Database, journals: Path, tmp_path: Path) -> None:
    await add_readers(db, *readers(12))
    await release(db)
    await deliver(await post_office(db, journals, MailboxTransport(tmp_path / "mailbox")))
    assert len(list_of(tmp_path / "mailbox")) == 12


# ── What the tests are made with ─────────────────────────────────────────────


class Waiting:
    """A road on which something happens after the first copy."""

    def __init__(self, road: Road, happens: Callable[[Envelope], object]) -> None:
        self.connections = road.connections
        self._road = road
        self._happens = happens

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        outcome = await self._road.send(envelope, start)
        if len(self._road.carried) == 1:
            await self._happens(envelope)  # type: ignore[misc]  # the callables of these tests are async
        return outcome

    async def close(self) -> None:
        """Nothing is held open."""


class Always(Waiting):
    """A road on which something happens after every copy."""

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        outcome = await self._road.send(envelope, start)
        await self._happens(envelope)  # type: ignore[misc]  # likewise
        return outcome


class Refusing(Sink):
    """A server whose first letter makes all other readers leave before it is answered."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    async def handle_DATA(self, server: Any, session: Any, envelope: Taken) -> str:  # noqa: N802 - aiosmtpd's name
        for address in set(readers(2)) - set(envelope.rcpt_tos):
            await refuse(self._db, address)
        return await super().handle_DATA(server, session, envelope)


class Slow:
    """A road whose server takes its time to answer."""

    connections = 3

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.under_way = 0

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        await start(envelope)
        self.under_way += 1
        await asyncio.sleep(self._seconds)
        return Accepted()

    async def close(self) -> None:
        """Nothing is held open."""


class Flaky(Database):
    """A database that is away for the first so many writing transactions."""

    def __init__(self, db: Database, failures: int) -> None:
        super().__init__(db._engine)
        self._failures = failures

    def begin(self, *, patience=None):  # type: ignore[no-untyped-def]  # as the parent
        if self._failures:
            self._failures -= 1
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))
        return super().begin(patience=patience)


async def queue_test(db: Database) -> None:
    """A test of a draft, which has no frozen letter."""
    async with db.begin() as tx:
        await editions.start_list(tx, WEEKLY.name, at())
        edition = await editions.draft(
            tx, WEEKLY.name, [], window_end=at(2), classification=WEEKLY.classification, by="test", now=at(2)
        )
        address, now = "editor@hanbit-peace.example", at(2)
        await outbox.enqueue_test(tx, edition, cause="1", address=address, address_hash="e", language_key="ko", now=now)


def unfolded_subject(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default)["Subject"])


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - whatever it is, it sets no event
            await asyncio.sleep(0.01)


async def stop(running: "asyncio.Task[Tally]") -> None:
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())
