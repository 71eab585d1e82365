"""K7 and K8: results told within 14 days, and asking again every two years."""

import email
import email.policy
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from publisher.digest.single import Postscript, write_letter
from publisher.flows import notify
from publisher.flows.deliver import deliver
from publisher.flows.notify import Desk
from publisher.flows.unsubscribe import stop_everything, unsubscribe
from publisher.model import Letter
from publisher.store import audience, notices
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx
from publisher.store.keys import all_keys
from publisher.store.tables import consents, deliveries, subscriptions, suppressions
from publisher.store.tables import notices as notices_table
from subscribers.notices import (
    HeldWhy,
    NoticeKind,
    NoticePolicy,
    Silence,
    held_why,
    question_due_on,
    result_due_on,
    years_after,
)
from subscribers.tokens import hash_of
from tests.delivery.post import Road, post_office
from tests.law.people import reader, say, written_to
from tests.samples import SITE, WEEKLY, at, enlist

SEOUL = ZoneInfo("Asia/Seoul")
DAY = timedelta(days=1)

Sent: TypeAlias = Callable[[], Coroutine[Any, Any, Sequence[EmailMessage]]]


async def desk(db: Database, silence: Silence = Silence.KEEP) -> Desk:
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    site = replace(SITE, operators=("operator@hanbit-peace.example",))
    return Desk(db=db, site=site, policy=NoticePolicy(silence=silence), key=key)


@pytest.fixture
def send(db: Database, tmp_path: Path) -> Sent:
    """Empties the outbox, far in the future; gives the letters."""

    async def letter_of(_tx: Tx, copy: Claimed) -> Letter:
        lists = Postscript(lists={WEEKLY.name: WEEKLY.titles})
        return write_letter(copy.kind, copy.facts, copy.language_key, SITE, None, lists)

    async def go() -> Sequence[EmailMessage]:
        road = Road()
        office = await post_office(db, tmp_path / "journal", road, minute=60 * 24 * 4000)
        await deliver(replace(office, letter_of=letter_of))
        return [email.message_from_bytes(one.content, policy=email.policy.default) for one in road.carried]

    return go


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


# ── K7: results ──────────────────────────────────────────────────────────────

TOLD = [
    (
        "given",
        "광고성 정보 수신동의 처리 결과 안내",
        "2026년 3월 2일, 전자우편으로 광고성 정보를 받는 데 동의하셨습니다.",
    ),
    ("withdrawn", "광고성 정보 수신동의 철회 처리 결과 안내", "2026년 3월 2일, 광고성 정보 수신동의를 철회하셨습니다."),
]


@pytest.mark.parametrize(("event", "subject", "fact"), TOLD)
async def test_k7_consent_and_withdrawal_are_told_at_once(
    db: Database, send: Sent, event: str, subject: str, fact: str
) -> None:
    await enlist(db, "kim@reader.example", "ko+en")
    await say(db, "kim@reader.example", event)
    assert await notify.tell_results(await desk(db), now=at(1)) == 1
    [letter] = await send()
    assert letter["Subject"] == subject
    told = text_of(letter)
    assert fact in told
    assert "처리 결과: " in told
    assert "Result: " in told
    assert "보낸 곳: 한빛평화연구소" in told
    assert "Sender: Hanbit Peace Institute" in told


async def test_k7_a_refusal_is_told_once_though_the_address_is_refused(db: Database, send: Sent) -> None:
    token_id = await enlist(db, "kim@reader.example", "ko+en")
    await say(db, "kim@reader.example", "given")
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="one-click", now=at(5))
        await unsubscribe(tx, token_id, means="one-click", now=at(6))
    await suppress(db, "kim@reader.example", "stopped")
    for _ in range(3):
        await notify.tell_results(await desk(db), now=at(7), all_of_them=True)
    letters = await send()
    subjects = [letter["Subject"] for letter in letters]
    assert sorted(subjects) == ["광고성 정보 수신동의 처리 결과 안내", "수신거부가 처리되었습니다: 한빛평화연구소"]
    told = text_of(next(one for one in letters if "수신거부" in one["Subject"]))
    assert "접수한 때: 2026년 3월 2일" in told
    assert "처리 결과: 광고성 정보를 포함하여 다음 편지를 더 보내지 않습니다: 주간 브리핑." in told
    assert "Result: you will no longer receive these letters, advertising or other: Weekly Briefing." in told
    assert "보낸 곳: 한빛평화연구소" in told
    assert "Sender: Hanbit Peace Institute" in told


@pytest.mark.parametrize("whole", [False, True])
async def test_k7_the_goodbye_is_the_notice_of_a_refusal_with_one_day_and_one_row(db: Database, whole: bool) -> None:
    token_id = await enlist(db, "kim@reader.example")
    await say(db, "kim@reader.example", "given")
    await notify.tell_results(await desk(db), now=at(1))
    await say(db, "kim@reader.example", "withdrawn", when=at(4))
    async with db.begin() as tx:
        reader = await audience.by_token(tx, token_id)
        assert reader is not None
        if whole:
            await stop_everything(tx, [reader], means="page", now=at(5))
        else:
            await unsubscribe(tx, token_id, means="page", now=at(5))
    assert await notify.tell_results(await desk(db), now=at(6)) == 0
    async with db.read() as tx:
        [goodbye] = (await tx.execute(select(deliveries.c.id).where(deliveries.c.kind == "goodbye"))).scalars()
        [_, row] = (await tx.execute(select(notices_table).order_by(notices_table.c.id))).all()
    assert (row.kind, row.delivery_id, row.due_on) == ("refusal", goodbye, date(2026, 3, 16))
    assert await written_to(db, "notice") == {"kim@reader.example"}, "the one of the consent"


async def test_k7_a_refusal_without_a_goodbye_gets_one(db: Database, send: Sent) -> None:
    """As one that was written down before there were goodbyes, and waited for the operator's yes."""
    await reader(db, "kim@reader.example", agreed=True)
    await say(db, "kim@reader.example", "withdrawn", when=at(4))
    async with db.begin() as tx:
        await tx.execute(update(subscriptions).values(status="ended", ended_at=at(4), ended_why="unsubscribed"))
    office = await desk(db)
    await notify.tell_results(office, now=at() + 15 * DAY)
    assert await notify.release_held(office, by="kim", per_hour=60, now=at() + 15 * DAY) == 2
    assert "수신거부가 처리되었습니다: 한빛평화연구소" in [letter["Subject"] for letter in await send()]


@pytest.mark.parametrize("reason", ["bounced", "complained"])
async def test_k7_no_notice_goes_to_an_address_that_bounced_or_complained(
    db: Database, send: Sent, reason: str
) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    await suppress(db, "kim@reader.example", reason)
    await notify.tell_results(await desk(db), now=at(1))
    assert await send() == []


async def test_k7_information_alone_makes_no_notice(db: Database) -> None:
    token_id = await enlist(db, "kim@reader.example")
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(5))
    assert await notify.tell_results(await desk(db), now=at(6), all_of_them=True) == 0
    assert await written_to(db, "notice") == set()


async def test_k7_it_holds_no_promotion_and_no_list_headers(db: Database, send: Sent) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    await notify.tell_results(await desk(db), now=at(1))
    [letter] = await send()
    assert [name for name in letter if name.startswith("List-")] == []
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "(광고)" not in letter["Subject"]


@pytest.mark.parametrize(
    ("agreed", "due"),
    [
        (datetime(2026, 2, 25, 3, 0, tzinfo=UTC), date(2026, 3, 11)),
        (datetime(2026, 2, 25, 16, 0, tzinfo=UTC), date(2026, 3, 12)),  # the 26th in Seoul
        (datetime(2024, 2, 20, 3, 0, tzinfo=UTC), date(2024, 3, 5)),
    ],
)
def test_k7_fourteen_days_are_counted_on_the_sites_calendar(agreed: datetime, due: date) -> None:
    assert result_due_on(agreed, SEOUL) == due


async def test_k7_an_overdue_notice_raises_an_alarm_once(db: Database, send: Sent) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    office = await desk(db)
    await notify.tell_results(office, now=at())
    assert await notify.alarm_of_overdue(office, now=at() + 14 * DAY) == 0
    assert await notify.alarm_of_overdue(office, now=at() + 15 * DAY) == 1, "it is still waiting in the outbox"
    assert await notify.alarm_of_overdue(office, now=at() + 16 * DAY) == 0
    letters = await send()
    [alarm] = [letter for letter in letters if letter["To"] == "operator@hanbit-peace.example"]
    assert alarm["Subject"] == "법에 따른 통지가 늦어지고 있습니다: 1건"
    assert "가장 오래된 통지의 기한: 2026년 3월 16일." in text_of(alarm)
    assert "publisher notices --release" in text_of(alarm)


# ── Nothing mails by itself because of a file, a restore or an upgrade ───────


@pytest.mark.parametrize(
    ("means", "is_dated", "days", "verdict"),
    [
        ("page", True, 0, None),
        ("operator", True, 0, None),
        ("import", True, 0, HeldWhy.IMPORT),
        ("import", False, 0, HeldWhy.UNDATED),
        ("page", True, 15, HeldWhy.OLD),
    ],
)
def test_k7_what_leaves_by_itself(means: str, is_dated: bool, days: int, verdict: HeldWhy | None) -> None:
    today = at().date()
    due_on = today - days * DAY
    assert held_why(means=means, is_dated=is_dated, due_on=due_on, today=today) is verdict


async def test_k7_notices_of_imported_consents_wait_for_the_operator_and_leave_at_a_set_pace(
    db: Database, send: Sent
) -> None:
    for name in ("kim", "lee", "park", "choi"):
        await enlist(db, f"{name}@reader.example")
        await say(db, f"{name}@reader.example", "given", means="import", is_dated=name != "choi")
    office = await desk(db)
    assert await notify.tell_results(office, now=at(1)) == 0
    assert await send() == []
    async with db.read() as tx:
        assert [one.held_why for one in await notices.held(tx)] == ["import", "import", "import", "undated"]
    assert await notify.release_held(office, by="kim", per_hour=60, now=at(10)) == 3
    async with db.read() as tx:
        due = (await tx.execute(select(deliveries.c.due_at).order_by(deliveries.c.id))).scalars().all()
        assert due == [at(10), at(11), at(12)]
        assert [one.held_why for one in await notices.held(tx)] == ["undated"], (
            "nobody can say a date that is not known"
        )


# ── K8: the two-yearly question ──────────────────────────────────────────────


@pytest.mark.parametrize(
    ("agreed", "years", "day"),
    [
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 8, 31), 2, date(2026, 8, 31)),
        (date(2023, 1, 1), 2, date(2025, 1, 1)),  # 731 days
    ],
)
def test_k8_two_years_are_counted_by_the_calendar(agreed: date, years: int, day: date) -> None:
    assert years_after(agreed, years) == day


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(0, 5000))
def test_k8_the_question_comes_before_its_day_and_only_on_two_yearly_days(agreed: date, days: int) -> None:
    today = agreed + days * DAY
    due = question_due_on(agreed, today)
    if due is None:
        assert today < years_after(agreed, 2) - 30 * DAY
        return
    assert due - 30 * DAY <= today
    assert (due.year - agreed.year) % 2 == 0
    assert due == years_after(agreed, due.year - agreed.year)
    following = years_after(agreed, due.year - agreed.year + 2)
    assert today < following - 30 * DAY, "a later day has not come yet"


async def test_k8_the_question_is_asked_once_before_the_day_and_again_two_years_later(db: Database, send: Sent) -> None:
    await reader(db, "kim@reader.example", agreed=True)  # on 2 March 2026
    office = await desk(db)
    await notify.tell_results(office, now=at())
    await send()
    asked = []
    day = datetime(2028, 1, 20, 3, 0, tzinfo=UTC)
    while day < datetime(2030, 3, 10, tzinfo=UTC):
        await notify.ask_again(office, now=day)
        asked += [day.date()] * await notify.tell_results(office, now=day)
        day += 5 * DAY
    assert len(asked) == 2
    assert date(2028, 2, 1) <= asked[0] <= date(2028, 2, 6)
    assert date(2030, 1, 31) <= asked[1] <= date(2030, 2, 6)
    letters = await send()
    assert [letter["Subject"] for letter in letters] == ["광고성 정보 수신동의를 유지하시겠습니까?"] * 2
    told = text_of(letters[0])
    assert "2026년 3월 2일, 전자우편으로 광고성 정보를 받는 데 동의하셨습니다." in told
    assert "응답이 없으면 동의가 그대로 유지됩니다." in told
    assert "https://letters.example/keep/test" in told
    assert "보낸 곳: 한빛평화연구소" in told


@pytest.mark.parametrize("change", ["left", "withdrawn", "information only", "refused meanwhile"])
async def test_k8_nobody_is_asked_whose_consent_does_not_stand(db: Database, send: Sent, change: str) -> None:
    token_id = await enlist(db, "kim@reader.example")
    if change != "information only":
        await say(db, "kim@reader.example", "given")
    if change == "left":
        async with db.begin() as tx:
            await unsubscribe(tx, token_id, means="page", now=at(1))
    if change == "withdrawn":
        await say(db, "kim@reader.example", "withdrawn", when=at(1))
    office = await desk(db)
    before = datetime(2028, 2, 20, tzinfo=UTC)
    await notify.tell_results(office, now=at(2))
    await send()
    await notify.ask_again(office, now=before)
    await notify.tell_results(office, now=before)
    if change == "refused meanwhile":
        await say(db, "kim@reader.example", "withdrawn", when=before)
    assert [one["Subject"] for one in await send() if "유지" in one["Subject"]] == []


@pytest.mark.parametrize(("silence", "stands"), [(Silence.KEEP, True), (Silence.END, False)])
async def test_k8_what_silence_means_is_a_setting(db: Database, send: Sent, silence: Silence, stands: bool) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    office = await desk(db, silence)
    await notify.tell_results(office, now=at())
    before, after = datetime(2028, 2, 20, tzinfo=UTC), datetime(2028, 3, 3, tzinfo=UTC)
    await notify.ask_again(office, now=before)
    await notify.tell_results(office, now=before)
    question = (await send())[-1]
    assert ("응답이 없으면 동의는 종료됩니다." in text_of(question)) is not stands
    await notify.ask_again(office, now=before)
    assert await events(db) == ["given"], "the day is not over"
    for _ in range(2):
        await notify.ask_again(office, now=after)
    assert await events(db) == (["given"] if stands else ["given", "withdrawn"])


async def test_k8_a_question_that_never_left_ends_nothing(db: Database) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    office = await desk(db, Silence.END)
    await notify.ask_again(office, now=datetime(2028, 2, 20, tzinfo=UTC))
    await notify.ask_again(office, now=datetime(2028, 3, 3, tzinfo=UTC))
    assert await events(db) == ["given"]


async def test_k8_a_question_that_left_late_leaves_a_month_to_answer(db: Database, send: Sent) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    office = await desk(db, Silence.END)
    late = datetime(2028, 6, 1, tzinfo=UTC)
    await notify.ask_again(office, now=late)
    await notify.release_held(office, by="kim", per_hour=500, now=late)
    await send()
    await notify.ask_again(office, now=late + DAY)
    assert await events(db) == ["given"]
    await notify.ask_again(office, now=late + 30 * DAY)
    assert await events(db) == ["given", "withdrawn"]


async def test_k8_a_day_that_passed_unasked_waits_for_the_operator(db: Database) -> None:
    await reader(db, "kim@reader.example", agreed=True)
    office = await desk(db)
    await notify.ask_again(office, now=datetime(2028, 6, 1, tzinfo=UTC))
    async with db.read() as tx:
        [one] = await notices.held(tx)
    assert (one.kind, one.due_on, one.held_why) == (NoticeKind.QUESTION, date(2028, 3, 2), HeldWhy.OLD)


async def events(db: Database) -> list[str]:
    async with db.read() as tx:
        wanted = select(consents.c.event).where(consents.c.scope == "advertising").order_by(consents.c.id)
        return list((await tx.execute(wanted)).scalars())


async def suppress(db: Database, address: str, reason: str) -> None:
    async with db.begin() as tx:
        address_hash = hash_of(address, (await all_keys(tx))[0].secret)
        row = {"address_hash": address_hash, "reason": reason, "at": at(), "means": "page"}
        await tx.execute(insert(suppressions).values(row))
