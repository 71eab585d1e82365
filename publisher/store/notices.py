"""Notices about consents to advertising: what is to be told, by when, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, exists, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import DeliveryKind, DeliveryStatus
from publisher.store.consents import advertising_stands
from publisher.store.database import Tx
from publisher.store.tables import consents, deliveries, notices, subscribers, subscriptions
from subscribers.model import SubscriptionStatus
from subscribers.notices import GIVES, TAKES, HeldWhy, NoticeKind

_ADVERTISING = consents.c.scope == "advertising"


@dataclass(frozen=True, kw_only=True)
class Word:
    """A line of the record by which something is to be told; `status` is that of its subscription now."""

    consent_id: int
    subscription_id: int
    event: str
    at: datetime
    means: str
    is_dated: bool
    status: SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to be told to one reader. `at` is the event's time, `due_on` the last day for telling it."""

    id: int
    subscription_id: int
    subscriber_id: int
    kind: NoticeKind
    at: datetime
    due_on: date
    held_why: HeldWhy | None
    list: str
    languages: str
    token_id: bytes
    address: str | None
    address_hash: str


_WORDS = (
    select(
        consents.c.id.label("consent_id"),
        consents.c.subscription_id,
        consents.c.event,
        consents.c.at,
        consents.c.means,
        consents.c.is_dated,
        subscriptions.c.status,
    )
    .join(subscriptions)
    .where(_ADVERTISING)
    .order_by(consents.c.id)
)

_NOTICES = (
    select(
        notices,
        subscriptions.c.subscriber_id,
        subscriptions.c.list,
        subscriptions.c.languages,
        subscriptions.c.token_id,
        subscribers.c.address,
        subscribers.c.address_hash,
    )
    .select_from(notices.join(subscriptions).join(subscribers))
    .order_by(notices.c.id)
)

# ── What is to be told ───────────────────────────────────────────────────────


async def untold(tx: Tx, *, all_of_them: bool, limit: int) -> list[Word]:
    """
    Consents and withdrawals of which no result is booked yet, oldest first.

    The quick look takes what was written after the last one booked; `all_of_them`
    looks through the whole record.
    """
    results = notices.alias()
    last = select(func.coalesce(func.max(results.c.consent_id), 0)).where(results.c.kind != NoticeKind.QUESTION)
    is_booked = exists().where(results.c.consent_id == consents.c.id, results.c.kind != NoticeKind.QUESTION)
    is_new = ~is_booked if all_of_them else consents.c.id > last.scalar_subquery()
    rows = await tx.execute(_WORDS.where(consents.c.event.in_((*GIVES, TAKES)), is_new).limit(limit))
    return [_word(row) for row in rows.mappings()]


async def long_ago(tx: Tx, *, before: datetime, after: int, limit: int) -> list[Word]:
    """The standing consents of active readers that are older than `before`, in the order of their ids after one."""
    newer = consents.alias()
    is_latest = ~exists().where(
        newer.c.subscription_id == consents.c.subscription_id,
        newer.c.scope == "advertising",
        newer.c.event.in_(GIVES),
        newer.c.id > consents.c.id,
    )
    wanted = _WORDS.where(
        consents.c.event.in_(GIVES),
        consents.c.at < before,
        consents.c.id > after,
        subscriptions.c.status == SubscriptionStatus.ACTIVE,
        is_latest,
        advertising_stands(subscriptions.c.id),
    )
    return [_word(row) for row in (await tx.execute(wanted.limit(limit))).mappings()]


async def book(tx: Tx, word: Word, *, kind: NoticeKind, due_on: date, held_why: HeldWhy | None, now: datetime) -> bool:
    """Write down that something is to be told by a day. False when it was before."""
    row = {"subscription_id": word.subscription_id, "consent_id": word.consent_id, "kind": kind, "at": word.at}
    row |= {"due_on": due_on, "booked_at": now, "held_why": held_why}
    return (await tx.execute(upsert(notices).values(row).on_conflict_do_nothing())).rowcount == 1


async def settle_by_goodbyes(tx: Tx, *, now: datetime) -> int:
    """Open notices of a refusal whose goodbye was queued when they left are told by it; gives how many."""
    goodbye = (
        select(deliveries.c.id)
        .select_from(subscriptions.join(deliveries, deliveries.c.subscriber_id == subscriptions.c.subscriber_id))
        .where(
            subscriptions.c.id == notices.c.subscription_id,
            deliveries.c.kind == DeliveryKind.GOODBYE,
            deliveries.c.queued_at == subscriptions.c.ended_at,
        )
        .limit(1)
        .correlate(notices)
        .scalar_subquery()
    )
    told = update(notices).where(_OPEN, notices.c.kind == NoticeKind.REFUSAL, goodbye.is_not(None))
    return (await tx.execute(told.values(delivery_id=goodbye, queued_at=now, held_why=None))).rowcount


# ── Telling it ───────────────────────────────────────────────────────────────


async def ready(tx: Tx, *, limit: int) -> list[Notice]:
    """What may be told now, oldest first."""
    return await _found(tx, _NOTICES.where(_OPEN, notices.c.held_why.is_(None)).limit(limit))


async def held(tx: Tx, *, limit: int = -1) -> list[Notice]:
    """What waits for the operator's yes, oldest first."""
    return await _found(tx, _NOTICES.where(_OPEN, notices.c.held_why.is_not(None)).limit(limit))


async def mark_queued(tx: Tx, notice_id: int, delivery_id: int | None, *, now: datetime, by: str | None = None) -> None:
    await tx.execute(
        update(notices)
        .where(notices.c.id == notice_id)
        .values(delivery_id=delivery_id, queued_at=now, released_by=by, held_why=None)
    )


async def overdue(tx: Tx, today: date) -> tuple[int, date | None]:
    """
    How many are not told though their last day has passed, and the oldest of those days.

    What a file brought is not among them: its results were told elsewhere, or the operator decides.
    """
    ours = or_(notices.c.held_why.is_(None), notices.c.held_why == HeldWhy.OLD)
    is_on_its_way = deliveries.c.status.in_([DeliveryStatus.WAITING, DeliveryStatus.SENDING])
    row = (
        await tx.execute(
            select(func.count(), func.min(notices.c.due_on))
            .select_from(notices.outerjoin(deliveries))
            .where(notices.c.due_on < today, ours, or_(_OPEN, is_on_its_way))
        )
    ).one()
    return row[0], row[1]


async def unanswered(tx: Tx, today: date, *, asked_before: datetime, limit: int) -> list[Word]:
    """
    Standing consents whose reader was asked whether they stand, and said nothing until the day was over.

    One that left after its day (the operator let it go late) only counts if that was before `asked_before`.
    """
    newer = consents.alias()
    answered = exists().where(
        newer.c.subscription_id == consents.c.subscription_id,
        newer.c.scope == "advertising",
        newer.c.id > consents.c.id,
    )
    asked = exists().where(
        notices.c.consent_id == consents.c.id,
        notices.c.kind == NoticeKind.QUESTION,
        notices.c.due_on < today,
        notices.c.delivery_id == deliveries.c.id,
        deliveries.c.status == DeliveryStatus.SENT,
        or_(func.date(notices.c.queued_at) <= notices.c.due_on, notices.c.queued_at <= asked_before),
    )
    wanted = _WORDS.where(asked, ~answered, advertising_stands(subscriptions.c.id)).limit(limit)
    return [_word(row) for row in (await tx.execute(wanted)).mappings()]


async def of_person(tx: Tx, subscriber_id: int) -> Sequence[Mapping[str, Any]]:
    """Everything that was to be told to a person, and what became of it."""
    rows = await tx.execute(
        select(notices, subscriptions.c.list, deliveries.c.status, deliveries.c.settled_at)
        .select_from(notices.join(subscriptions).outerjoin(deliveries))
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(notices.c.id)
    )
    return [dict(row) for row in rows.mappings()]


_OPEN: ColumnElement[bool] = notices.c.queued_at.is_(None)


async def _found(tx: Tx, wanted: Select[tuple[object, ...]]) -> list[Notice]:
    return [
        Notice(
            id=row["id"],
            subscription_id=row["subscription_id"],
            subscriber_id=row["subscriber_id"],
            kind=NoticeKind(row["kind"]),
            at=row["at"],
            due_on=row["due_on"],
            held_why=HeldWhy(row["held_why"]) if row["held_why"] else None,
            list=row["list"],
            languages=row["languages"],
            token_id=row["token_id"],
            address=row["address"],
            address_hash=row["address_hash"],
        )
        for row in (await tx.execute(wanted)).mappings()
    ]


def _word(row: RowMapping) -> Word:
    return Word(**{**row, "status": SubscriptionStatus(row["status"])})
