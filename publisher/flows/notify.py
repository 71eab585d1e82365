"""
Tell readers what the law wants told about their consent to advertising.

    consents ─book▶ notices ─queue▶ deliveries          a day that passed ─▶ alarm
                        └─held (import, undated, old)─ the operator's yes ─▶

What is to be told is read off the record of consents, so it does not matter by
which road a line came into it. Information letters have no part in this. Whoever
leaves has a goodbye already, which says it all: it is booked as what told them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from publisher.flows.operators import tell_operators
from publisher.i18n import noted
from publisher.model import DeliveryKind, Facts, Site
from publisher.store import audience, notices, outbox
from publisher.store.database import Database, Tx
from publisher.store.keys import Key
from publisher.store.notices import Notice, Word
from subscribers.notices import (
    AHEAD,
    HeldWhy,
    NoticeKind,
    NoticePolicy,
    Silence,
    held_why,
    kind_of,
    question_due_on,
    result_due_on,
)

log = structlog.get_logger()

_EXAMPLE: Facts = {"lists": ["weekly"], "at": "2026-01-12T00:00:00+00:00", "token_id": "00" * 16}
EXAMPLES: Mapping[DeliveryKind, Facts] = {
    DeliveryKind.NOTICE: {**_EXAMPLE, "what": NoticeKind.CONSENT},
    DeliveryKind.RECONFIRM: {**_EXAMPLE, "due_on": "2028-01-12", "silence": Silence.END},
}
"""The facts of an invented letter of each kind, for trying out templates."""


_BATCH = 500  # rows per transaction: short enough that letters go on leaving meanwhile


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What telling needs: the same for every notice."""

    db: Database
    site: Site
    policy: NoticePolicy
    key: Key

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)


async def tell_results(desk: Desk, *, now: datetime, all_of_them: bool = False) -> int:
    """
    Book what consents and withdrawals ask for, and queue what may leave by itself; gives how many were queued.

    Any number of processes may do it at once: of one line of the record there is one notice.
    """
    while await _book_results(desk, now, all_of_them=all_of_them) == _BATCH:
        pass
    queued = 0
    while sent := await _queue_ready(desk, now):
        queued += sent
    return queued


async def ask_again(desk: Desk, *, now: datetime) -> int:
    """Book the two-yearly question for whom it is time, and carry out what silence means; gives how many of both."""
    today, after, done = now.astimezone(desk.zone).date(), 0, 0
    before = now - timedelta(days=2 * 365) + AHEAD + timedelta(days=1)  # the nearer look goes by the calendar
    while True:
        async with desk.db.begin() as tx:
            found = await notices.long_ago(tx, before=before, after=after, limit=_BATCH)
            for word in found:
                done += await _book_question(tx, word, desk, now)
        if len(found) < _BATCH:
            break
        after = found[-1].consent_id
    if desk.policy.silence is Silence.END:
        async with desk.db.begin() as tx:
            for word in await notices.unanswered(tx, today, asked_before=now - AHEAD, limit=-1):
                await audience.record_consent(
                    tx, word.subscription_id, scope="advertising", event="withdrawn", means="silence", now=now
                )
                done += 1
    return done


async def release_held(desk: Desk, *, by: str, per_hour: int, now: datetime) -> int:
    """
    Queue what waited for the operator's yes, so many an hour; gives how many.

    What is undated stays: nobody can say a date that is not known.
    """
    async with desk.db.begin() as tx:
        free = [one for one in await notices.held(tx) if one.held_why is not HeldWhy.UNDATED]
        for place, one in enumerate(free):
            await _queue(tx, one, desk, now=now, due_at=now + timedelta(hours=place / per_hour), by=by)
    log.info("notices released", count=len(free), by=by)
    return len(free)


async def alarm_of_overdue(desk: Desk, *, now: datetime) -> int:
    """Tell the operators once of notices whose last day has passed untold; gives how many letters were queued."""
    async with desk.db.begin() as tx:
        count, oldest = await notices.overdue(tx, now.astimezone(desk.zone).date())
        if oldest is None:
            return 0
        log.error("notices overdue", count=count, oldest=oldest.isoformat())
        facts = _overdue(count, oldest)
        return await tell_operators(tx, desk.site, desk.key, cause=f"notices {facts['since']}", facts=facts, now=now)


def _overdue(count: int, oldest: date) -> Facts:
    """In the shape of an archive's alarm, whose letter it shares."""
    since = datetime(oldest.year, oldest.month, oldest.day, 12, tzinfo=UTC).isoformat()
    cure = noted("Look at `publisher notices`; `publisher notices --release` sends those that wait for your yes.")
    return {"trouble": "overdue", "names": {}, "since": since, "failures": count, "detail": "", "cure": cure, "url": ""}


async def _book_results(desk: Desk, now: datetime, *, all_of_them: bool) -> int:
    async with desk.db.read() as tx:
        if not await notices.untold(tx, all_of_them=all_of_them, limit=1):
            return 0
    today = now.astimezone(desk.zone).date()
    async with desk.db.begin() as tx:
        found = await notices.untold(tx, all_of_them=all_of_them, limit=_BATCH)
        for word in found:
            due_on = result_due_on(word.at, desk.zone)
            why = held_why(means=word.means, is_dated=word.is_dated, due_on=due_on, today=today)
            await notices.book(tx, word, kind=kind_of(word.event, word.status), due_on=due_on, held_why=why, now=now)
        await notices.settle_by_goodbyes(tx, now=now)
    return len(found)


async def _book_question(tx: Tx, word: Word, desk: Desk, now: datetime) -> bool:
    today = now.astimezone(desk.zone).date()
    due_on = question_due_on(word.at.astimezone(desk.zone).date(), today)
    if due_on is None:
        return False
    why = held_why(means=word.means, is_dated=word.is_dated, due_on=due_on, today=today)
    return await notices.book(tx, word, kind=NoticeKind.QUESTION, due_on=due_on, held_why=why, now=now)


async def _queue_ready(desk: Desk, now: datetime) -> int:
    async with desk.db.read() as tx:
        if not await notices.ready(tx, limit=1):
            return 0
    async with desk.db.begin() as tx:
        found: Sequence[Notice] = await notices.ready(tx, limit=_BATCH)
        for one in found:
            await _queue(tx, one, desk, now=now, due_at=now)
    return len(found)


async def _queue(tx: Tx, one: Notice, desk: Desk, *, now: datetime, due_at: datetime, by: str | None = None) -> None:
    delivery_id = None
    if one.address is not None:
        kind, facts = _letter(one, desk)
        delivery_id = await outbox.enqueue_letter(
            tx,
            kind,
            cause=f"notice:{one.id}",
            facts={"lists": [one.list], "at": one.at.isoformat(), **facts},
            address=one.address,
            address_hash=one.address_hash,
            language_key=one.languages,
            subscriber_id=one.subscriber_id,
            subscription_id=one.subscription_id,
            due_at=due_at,
            now=now,
        )
    await notices.mark_queued(tx, one.id, delivery_id, now=now, by=by)


def _letter(one: Notice, desk: Desk) -> tuple[DeliveryKind, Facts]:
    match one.kind:
        case NoticeKind.REFUSAL:
            return DeliveryKind.GOODBYE, {"why": "left"}
        case NoticeKind.QUESTION:
            asked = {"due_on": one.due_on.isoformat(), "silence": desk.policy.silence}
            return DeliveryKind.RECONFIRM, {"token_id": one.token_id.hex(), **asked}
    return DeliveryKind.NOTICE, {"what": one.kind, "token_id": one.token_id.hex()}
