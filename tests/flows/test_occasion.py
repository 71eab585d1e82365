"""The clock: every occurrence fires once, and leaves a row that says what came of it and why."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher.errors import TemplateError
from publisher.flows import release as release_flow
from publisher.flows.compose import compose
from publisher.flows.occasion import Decision, keep
from publisher.model import Account, EditionStatus, MailingList, Mode, Verdict
from publisher.store import editions, outbox, runs
from publisher.store.database import Database, open_database
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, item

# Noon UTC of the sample day is 21:00 in Seoul.
HOURLY = replace(WEEKLY, cadence="0 * * * *")


async def started(db: Database, *, minute: float = -30) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(minute))


async def kept(db: Database, minute: float, mailing_list: MailingList = HOURLY) -> Decision | None:
    return await keep(db, mailing_list, HOUSE, now=at(minute))


async def told(db: Database) -> list[tuple[str, str, str]]:
    async with db.read() as tx:
        return [(run.occurrence, run.verdict.value, run.reason) for run in await runs.listed(tx)]


async def accounted(db: Database, decision: Decision) -> Account:
    assert decision.edition is not None
    async with db.read() as tx:
        return await outbox.account(tx, decision.edition.id)


async def test_before_its_hour_nothing_happens(db: Database) -> None:
    await started(db)
    assert await kept(db, -1) is None
    assert await told(db) == []


async def test_what_is_new_is_sent_at_its_hour(db: Database) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    decision = await kept(db, 0)
    assert decision is not None
    assert decision.verdict is Verdict.SENT
    assert await accounted(db, decision) == Account(waiting=1)
    assert await told(db) == [("2026-03-02T21:00", "sent", "No. 1 to 1 reader")]


async def test_an_occurrence_fires_once_however_often_the_clock_looks(db: Database) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    await kept(db, 0)
    await fill(db, item(2), minute=0)
    for minute in (0, 1, 30, 59):
        assert await kept(db, minute) is None
    assert len(await told(db)) == 1


async def test_any_number_of_processes_release_one_edition(db: Database, tmp_path: Path) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    others = [await open_database(f"sqlite:///{tmp_path}/publisher.db") for _ in range(4)]
    decisions = await asyncio.gather(*(kept(one, 0) for one in others))
    for one in others:
        await one.close()
    assert sum(decision is not None for decision in decisions) == 1
    assert len(await told(db)) == 1


async def test_nothing_new_is_a_verdict_too_and_consumes_nothing(db: Database) -> None:
    await started(db)
    await kept(db, 0)
    assert await told(db) == [("2026-03-02T21:00", "skipped", "nothing new")]
    async with db.read() as tx:
        assert await editions.listed(tx) == []


async def test_fewer_than_the_minimum_wait_for_the_next_hour(db: Database) -> None:
    patient = replace(HOURLY, minimum=2)
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    await kept(db, 0, patient)
    async with db.read() as tx:
        assert await editions.listed(tx) == []
    await fill(db, item(2), minute=30)
    decision = await kept(db, 60, patient)
    assert decision is not None
    assert decision.edition is not None
    assert len(decision.edition.entries) == 2
    assert await told(db) == [
        ("2026-03-02T22:00", "sent", "No. 1 to 1 reader"),
        ("2026-03-02T21:00", "skipped", "1 new, at least 2 are wanted"),
    ]


async def test_without_readers_nothing_is_used_up(db: Database) -> None:
    await started(db)
    await fill(db, item(1), minute=-5)
    await kept(db, 0)
    assert await told(db) == [("2026-03-02T21:00", "skipped", "no readers")]
    await enlist(db, "reader@mail.example")
    decision = await kept(db, 60)
    assert decision is not None
    assert decision.verdict is Verdict.SENT


async def test_a_list_that_wants_approval_gets_a_draft(db: Database) -> None:
    careful = replace(HOURLY, mode=Mode.APPROVE)
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    decision = await kept(db, 0, careful)
    assert decision is not None
    assert decision.edition is not None
    assert (decision.verdict, decision.edition.status) == (Verdict.DRAFTED, EditionStatus.DRAFT)
    assert await accounted(db, decision) == Account()


async def test_what_was_approved_before_the_hour_goes_at_the_hour(db: Database) -> None:
    careful = replace(HOURLY, mode=Mode.APPROVE)
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-20)
    async with db.begin() as tx:
        edition = (await compose(tx, careful, by="kim", now=at(-10))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(-10))
    decision = await kept(db, 0, careful)
    assert decision is not None
    assert decision.verdict is Verdict.SENT
    assert decision.edition is not None
    assert decision.edition.approved_by == "kim"


async def test_a_missed_hour_is_made_up_and_older_ones_are_superseded(db: Database) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    await kept(db, 150)
    assert await told(db) == [
        ("2026-03-02T23:00", "sent", "No. 1 to 1 reader"),
        ("2026-03-02T22:00", "skipped", "superseded by a newer one"),
        ("2026-03-02T21:00", "skipped", "superseded by a newer one"),
    ]


async def test_an_hour_missed_for_too_long_is_held_with_its_draft(db: Database) -> None:
    daily = replace(WEEKLY, cadence="0 21 * * *")
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)
    decision = await kept(db, 7 * 60, daily)
    assert decision is not None
    assert decision.edition is not None
    assert (decision.verdict, decision.edition.status) == (Verdict.HELD, EditionStatus.DRAFT)


async def test_a_broken_template_is_a_verdict_and_the_next_hour_tries_anew(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)

    def broken(*_: object) -> object:
        raise TemplateError("templates/email/digest/body.txt, line 3: broken")

    with monkeypatch.context() as patched:
        patched.setattr(release_flow, "compose_letters", broken)
        await kept(db, 0)
    assert await told(db) == [("2026-03-02T21:00", "failed", "templates/email/digest/body.txt, line 3: broken")]
    decision = await kept(db, 60)
    assert decision is not None
    assert decision.verdict is Verdict.SENT


async def test_a_failure_leaves_no_older_occurrence_without_its_verdict(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)

    def broken(*_: object) -> object:
        raise TemplateError("broken")

    monkeypatch.setattr(release_flow, "compose_letters", broken)
    await kept(db, 60)
    assert [(occurrence, verdict) for occurrence, verdict, _ in await told(db)] == [
        ("2026-03-02T22:00", "failed"),
        ("2026-03-02T21:00", "skipped"),
    ]


async def test_a_broken_template_seen_by_two_processes_is_one_verdict(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(db)
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), minute=-5)

    def broken(*_: object) -> object:
        raise TemplateError("broken")

    monkeypatch.setattr(release_flow, "compose_letters", broken)
    others = [await open_database(f"sqlite:///{tmp_path}/publisher.db") for _ in range(3)]
    await asyncio.gather(*(kept(one, 0) for one in others))
    for one in others:
        await one.close()
    assert await told(db) == [("2026-03-02T21:00", "failed", "broken")]
    async with db.read() as tx:
        assert await editions.listed(tx) == []


async def test_an_hour_that_comes_twice_in_autumn_fires_once(db: Database) -> None:
    """In New York, 01:30 of 1 November 2026 comes at 05:30 and again at 06:30 UTC."""
    nightly = replace(WEEKLY, cadence="30 1 * * *", timezone="America/New_York")
    first = datetime.fromisoformat("2026-11-01T05:30:00+00:00")
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", first - timedelta(hours=1))
    for minutes in (0, 30, 60, 61, 90):
        await keep(db, nightly, HOUSE, now=first + timedelta(minutes=minutes))
    assert [occurrence for occurrence, _, _ in await told(db)] == ["2026-11-01T01:30"]


async def test_a_list_without_a_cadence_is_left_to_people(db: Database) -> None:
    await started(db)
    await fill(db, item(1), minute=-5)
    assert await kept(db, 600, WEEKLY) is None
