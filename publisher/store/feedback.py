"""What came back of our letters: bounces, complaints, refusals by mail; and how far they were looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import DeliveryKind
from publisher.store.database import Tx
from publisher.store.tables import (
    UTCDateTime,
    attempts,
    deliveries,
    edition_alarms,
    editions,
    feedback,
    feedback_sources,
    subscriptions,
)
from subscribers.bounces import Bounce, Weight
from subscribers.model import SubscriptionStatus

BOUNCE, COMPLAINT, REFUSAL = "bounce", "complaint", "refusal"
"""The kinds of feedback that are kept."""

_OPEN = (SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE)

# ── Whose it is ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of ours that something came back of. `address` is None after erasure."""

    delivery_id: int
    kind: DeliveryKind
    edition_id: int | None
    list: str | None
    number: int | None
    subscriber_id: int | None
    subscription_id: int | None
    address: str | None
    address_hash: str
    queued_at: datetime


_LETTERS = select(
    deliveries.c.id.label("delivery_id"),
    deliveries.c.kind,
    deliveries.c.edition_id,
    editions.c.list,
    editions.c.number,
    deliveries.c.subscriber_id,
    deliveries.c.subscription_id,
    deliveries.c.address,
    deliveries.c.address_hash,
    deliveries.c.queued_at,
).select_from(deliveries.outerjoin(editions))


async def letter(tx: Tx, delivery_id: int) -> Letter | None:
    """The letter of this number, if it was ever in a worker's hands: one that was not cannot come back."""
    wanted = _LETTERS.where(deliveries.c.id == delivery_id, deliveries.c.claim_no > 0)
    row = (await tx.execute(wanted)).mappings().one_or_none()
    return None if row is None else Letter(**{**row, "kind": DeliveryKind(row["kind"])})


async def named(tx: Tx, message_ids: Sequence[str]) -> int | None:
    """The delivery of the first of these Message-IDs that is one of ours."""
    rows = await tx.execute(
        select(deliveries.c.message_id, deliveries.c.id).where(deliveries.c.message_id.in_(message_ids))
    )
    found: dict[str, int] = {row.message_id: row.id for row in rows}
    return next((found[one] for one in message_ids if one in found), None)


async def running(tx: Tx, subscriber_id: int) -> dict[int, datetime | None]:
    """What a person still has with us: the ids of the subscriptions, and when each was confirmed."""
    rows = await tx.execute(
        select(subscriptions.c.id, subscriptions.c.confirmed_at)
        .where(subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.status.in_(_OPEN))
        .order_by(subscriptions.c.id)
    )
    return {row.id: row.confirmed_at for row in rows}


# ── Writing it down ──────────────────────────────────────────────────────────


async def record(
    tx: Tx,
    about: Letter,
    *,
    kind: str,
    weight: Weight | None = None,
    at: datetime,
    now: datetime,
    means: str,
    status: str = "",
    said: str = "",
) -> bool:
    """
    Keep what came back; False when it is known already.

    A bounce that turns out to be a hard one (first a full mailbox, then none) is news again.
    """
    row = {
        "delivery_id": about.delivery_id,
        "kind": kind,
        "weight": weight,
        "edition_id": about.edition_id if about.kind is DeliveryKind.EDITION else None,
        "address_hash": about.address_hash,
        "at": at,
        "heard_at": now,
        "means": means,
        "status": status,
        "said": said,
        "effect": "noted",
    }
    statement = upsert(feedback).values(row)
    newer = statement.excluded
    kept = statement.on_conflict_do_update(
        index_elements=[feedback.c.delivery_id, feedback.c.kind],
        set_={name: newer[name] for name in ("weight", "at", "heard_at", "means", "status", "said")},
        where=(newer.weight == Weight.HARD) & (feedback.c.weight != Weight.HARD),
    ).returning(feedback.c.id)
    return (await tx.execute(kept)).scalar_one_or_none() is not None


async def mark_effect(tx: Tx, delivery_id: int, kind: str, effect: str) -> None:
    await tx.execute(
        update(feedback).where(feedback.c.delivery_id == delivery_id, feedback.c.kind == kind).values(effect=effect)
    )


async def history(tx: Tx, address_hash: str, since: datetime | None = None) -> list[Bounce]:
    """Everything that bounced from an address, or what did since a moment."""
    wanted = select(feedback.c.at, feedback.c.weight).where(
        feedback.c.address_hash == address_hash, feedback.c.kind == BOUNCE
    )
    if since is not None:
        wanted = wanted.where(feedback.c.at >= since)
    rows = await tx.execute(wanted.order_by(feedback.c.at))
    return [Bounce(at=row.at, weight=Weight(row.weight)) for row in rows]


# ── Looking ──────────────────────────────────────────────────────────────────


async def of_delivery(tx: Tx, delivery_id: int) -> Sequence[Mapping[str, Any]]:
    """What came back of one letter, in the order in which it was heard."""
    wanted = select(feedback).where(feedback.c.delivery_id == delivery_id).order_by(feedback.c.id)
    return [dict(row) for row in (await tx.execute(wanted)).mappings()]


async def of_person(tx: Tx, subscriber_id: int) -> Sequence[Mapping[str, Any]]:
    """What came back of a person's letters, with the edition of each."""
    wanted = (
        select(feedback, editions.c.list, editions.c.number)
        .select_from(feedback.join(deliveries).outerjoin(editions, editions.c.id == feedback.c.edition_id))
        .where(deliveries.c.subscriber_id == subscriber_id)
        .order_by(feedback.c.id)
    )
    return [dict(row) for row in (await tx.execute(wanted)).mappings()]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What came back of an edition. `bounces` are the hard ones."""

    bounces: int = 0
    soft: int = 0
    blocked: int = 0
    complaints: int = 0
    refusals: int = 0


async def counts(tx: Tx, edition_id: int) -> Counts:
    weight = case((feedback.c.kind == BOUNCE, feedback.c.weight), else_=feedback.c.kind)
    rows = await tx.execute(
        select(weight.label("what"), func.count().label("many"))
        .where(feedback.c.edition_id == edition_id)
        .group_by("what")
    )
    found = {row.what: row.many for row in rows}
    return Counts(
        bounces=found.get(Weight.HARD, 0),
        soft=found.get(Weight.SOFT, 0),
        blocked=found.get(Weight.BLOCKED, 0),
        complaints=found.get(COMPLAINT, 0),
        refusals=found.get(REFUSAL, 0),
    )


async def raise_alarm(
    tx: Tx, edition_id: int, *, about: str, step: str, count: int, out: int, paused: bool, now: datetime
) -> None:
    """Remember that this step was taken."""
    row = {"edition_id": edition_id, "about": about, "step": step, "at": now, "count": count, "out": out}
    await tx.execute(insert(edition_alarms).values({**row, "paused": paused}))


async def alarms(tx: Tx, edition_id: int) -> Sequence[Mapping[str, Any]]:
    """The steps that were taken about an edition, in their order."""
    wanted = select(edition_alarms).where(edition_alarms.c.edition_id == edition_id).order_by(edition_alarms.c.at)
    return [dict(row) for row in (await tx.execute(wanted)).mappings()]


# ── What our own attempts heard ──────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A server's no to a letter of ours, at the door."""

    attempt_id: int
    delivery_id: int
    at: datetime
    code: int
    enhanced: str
    reply: str


async def refused(tx: Tx, *, after: int, limit: int) -> list[Refusal]:
    """Copies that were given up because of what a server said, behind an attempt."""
    rows = await tx.execute(
        select(attempts)
        .where(attempts.c.id > after, attempts.c.outcome == "failed", attempts.c.code.is_not(None))
        .order_by(attempts.c.id)
        .limit(limit)
    )
    return [
        Refusal(
            attempt_id=row.id,
            delivery_id=row.delivery_id,
            at=row.at,
            code=row.code,
            enhanced=row.enhanced or "",
            reply=row.reply or "",
        )
        for row in rows
    ]


async def last_attempt(tx: Tx) -> int:
    return int((await tx.execute(select(func.coalesce(func.max(attempts.c.id), 0)))).scalar_one())


# ── How far mailboxes are read ───────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Source:
    """How it went with a mailbox lately, and how far it is read."""

    name: str
    cursor: Mapping[str, Any] = field(default_factory=dict)
    read_at: datetime | None = None
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    detail: str | None = None
    alarm: str | None = None
    mails: int = 0
    known: int = 0


async def source(tx: Tx, name: str) -> Source:
    row = (await tx.execute(select(feedback_sources).where(feedback_sources.c.name == name))).mappings().one_or_none()
    return Source(name=name) if row is None else Source(**row)


async def advance(tx: Tx, name: str, cursor: Mapping[str, Any], *, known: bool | None = None) -> None:
    """One step on; `known` says of a mail whether it was about a letter of ours."""
    mails, ours = int(known is not None), int(known is True)
    statement = upsert(feedback_sources).values(name=name, cursor=dict(cursor), mails=mails, known=ours)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[feedback_sources.c.name],
            set_={
                "cursor": statement.excluded.cursor,
                "mails": feedback_sources.c.mails + mails,
                "known": feedback_sources.c.known + ours,
            },
        )
    )


async def mark_read(tx: Tx, name: str, *, now: datetime, failure: str | None = None) -> None:
    """A look has ended: well, or with this failure."""
    values: dict[str, Any] = {"read_at": now}
    if failure is None:
        values |= {"succeeded_at": now, "failing_since": None, "failures": 0, "detail": None}
        first = values
    else:
        since = func.coalesce(feedback_sources.c.failing_since, literal(now, UTCDateTime()))
        first = values | {"failing_since": now, "failures": 1, "detail": failure}
        values |= {"failing_since": since, "failures": feedback_sources.c.failures + 1, "detail": failure}
    statement = upsert(feedback_sources).values(name=name, **first)
    await tx.execute(statement.on_conflict_do_update(index_elements=[feedback_sources.c.name], set_=values))


async def mark_alarm(tx: Tx, name: str, alarm: str | None) -> None:
    await tx.execute(update(feedback_sources).where(feedback_sources.c.name == name).values(alarm=alarm))
