"""What is taken out of the store for good: a person who asked for it, and what nobody needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, or_, select, update

from publisher.model import DeliveryKind, DeliveryStatus
from publisher.store import audience, readmissions, requests
from publisher.store.database import Tx
from publisher.store.tables import (
    accesses,
    attempts,
    consents,
    deliveries,
    feedback,
    notices,
    subscribers,
    subscriptions,
)
from subscribers.model import EndedWhy, SubscriptionStatus
from subscribers.notices import GIVES

ERASED = "erased"

# A reason that was made of a server's reply repeats it, and with it often the address.
_WITHOUT_REPLY = case(
    (deliveries.c.reply.is_not(None), func.replace(deliveries.c.reason, deliveries.c.reply, "(reply dropped)")),
    else_=deliveries.c.reason,
)
_UNDER_WAY = (DeliveryStatus.WAITING, DeliveryStatus.SENDING)


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Somebody who is to be erased. `languages` are those of what they have with us, or None."""

    id: int
    address: str | None
    address_hash: str
    languages: str | None


async def begin(tx: Tx, subscriber_id: int, *, means: str, now: datetime) -> Leaving | None:
    """
    End everything a person has, and write the suppression that outlives them.

    None when this was done before. What waits for them is withheld, but for notices.
    """
    started = await tx.execute(
        update(subscribers)
        .where(
            subscribers.c.id == subscriber_id,
            subscribers.c.erasing_since.is_(None),
            subscribers.c.address.is_not(None),
        )
        .values(erasing_since=now)
        .returning(subscribers.c.address, subscribers.c.address_hash)
    )
    row = started.one_or_none()
    if row is None:
        return None
    theirs = subscriptions.c.subscriber_id == subscriber_id
    languages = select(subscriptions.c.languages).where(theirs).order_by(subscriptions.c.id.desc()).limit(1)
    spoken: str | None = (await tx.execute(languages)).scalar_one_or_none()
    await tx.execute(
        update(subscriptions)
        .where(theirs, subscriptions.c.status != SubscriptionStatus.ENDED)
        .values(status=SubscriptionStatus.ENDED, ended_at=now, ended_why=EndedWhy.ERASED)
    )
    await audience.suppress(tx, row.address_hash, reason=ERASED, means=means, now=now)
    is_other = (deliveries.c.subscriber_id == subscriber_id) & (deliveries.c.kind != DeliveryKind.NOTICE)
    await _withhold(tx, is_other, now)
    return Leaving(id=subscriber_id, address=row.address, address_hash=row.address_hash, languages=spoken)


async def due(tx: Tx, *, begun_before: datetime) -> list[tuple[int, str]]:
    """
    Who is erased now (id and hash): the last letter is out of the house, or they have waited since `begun_before`.

    A copy in a worker's hands is waited for, since its end would be written
    down with a reply that may name them.
    """
    open_letters = exists().where(deliveries.c.subscriber_id == subscribers.c.id, deliveries.c.status.in_(_UNDER_WAY))
    rows = await tx.execute(
        select(subscribers.c.id, subscribers.c.address_hash).where(
            subscribers.c.erasing_since.is_not(None),
            or_(~open_letters, subscribers.c.erasing_since <= begun_before),
        )
    )
    return [(row.id, row.address_hash) for row in rows]


async def erase(tx: Tx, subscriber_id: int, address_hash: str, *, now: datetime) -> None:
    """
    Take out address, name, consents, notices, requests, letters' words and servers' replies. Cannot be undone.

    What stays: the suppression, and for the accounts of editions the ids and hashes of their rows.
    """
    theirs = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    await tx.execute(delete(notices).where(notices.c.subscription_id.in_(theirs)))
    await tx.execute(delete(consents).where(consents.c.subscription_id.in_(theirs)))
    await requests.forget_person(tx, subscriber_id, address_hash)
    # Tests and alarms know no subscriber; there are few of them.
    for letters in (
        deliveries.c.subscriber_id == subscriber_id,
        deliveries.c.subscriber_id.is_(None) & (deliveries.c.address_hash == address_hash),
    ):
        await _withhold(tx, letters, now)
        ids = select(deliveries.c.id).where(letters)
        await tx.execute(update(attempts).where(attempts.c.delivery_id.in_(ids)).values(reply=None))
        await tx.execute(
            update(deliveries).where(letters).values(address=None, facts=None, reason=_WITHOUT_REPLY, reply=None)
        )
    await tx.execute(update(feedback).where(feedback.c.address_hash == address_hash).values(said=None))
    await readmissions.forget_words(tx, address_hash)
    await tx.execute(
        update(subscriptions).where(subscriptions.c.id.in_(theirs)).values(missing=None, paused_until=None)
    )
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(address=None, address_key=None, name=None, erasing_since=None, erased_at=now)
    )


async def _withhold(tx: Tx, which: ColumnElement[bool], now: datetime) -> None:
    await tx.execute(
        update(deliveries)
        .where(which, deliveries.c.status == DeliveryStatus.WAITING)
        .values(status=DeliveryStatus.WITHHELD, reason=ERASED, settled_at=now)
    )


# ── What nobody needs any more ───────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """A subscription that waits, or waited in vain, for its confirmation. `was_reader`: there was one before."""

    id: int
    subscriber_id: int
    status: SubscriptionStatus
    asked_at: datetime
    was_reader: bool


async def unconfirmed(tx: Tx, *, before: datetime, after: int, limit: int) -> Sequence[Unconfirmed]:
    """Those that were asked for before a moment, in the order of their ids after one."""
    asked_at = func.coalesce(
        select(func.max(consents.c.at))
        .where(consents.c.subscription_id == subscriptions.c.id, consents.c.event == "asked")
        .scalar_subquery(),
        subscriptions.c.created_at,
        type_=subscriptions.c.created_at.type,
    )
    was_reader = exists().where(consents.c.subscription_id == subscriptions.c.id, consents.c.event.in_(GIVES))
    rows = await tx.execute(
        select(
            subscriptions.c.id,
            subscriptions.c.subscriber_id,
            subscriptions.c.status,
            asked_at.label("asked_at"),
            was_reader.label("was_reader"),
        )
        .where(
            subscriptions.c.status.in_([SubscriptionStatus.PENDING, SubscriptionStatus.EXPIRED]),
            subscriptions.c.id > after,
            asked_at <= before,
        )
        .order_by(subscriptions.c.id)
        .limit(limit)
    )
    return [Unconfirmed(**{**row, "status": SubscriptionStatus(row["status"])}) for row in rows.mappings()]


async def expire(tx: Tx, subscription_id: int) -> None:
    """pending → expired."""
    await tx.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.status == SubscriptionStatus.PENDING)
        .values(status=SubscriptionStatus.EXPIRED)
    )


async def forget(tx: Tx, one: Unconfirmed, *, now: datetime) -> None:
    """Drop what was never confirmed; a person with nothing else is erased, and may ask anew at any time."""
    await tx.execute(delete(notices).where(notices.c.subscription_id == one.id))
    await tx.execute(delete(consents).where(consents.c.subscription_id == one.id))
    await tx.execute(
        update(subscriptions)
        .where(subscriptions.c.id == one.id)
        .values(status=SubscriptionStatus.ENDED, ended_why=EndedWhy.ERASED, ended_at=now)
    )
    others = exists().where(
        subscriptions.c.subscriber_id == one.subscriber_id,
        or_(subscriptions.c.status != SubscriptionStatus.ENDED, subscriptions.c.ended_why != EndedWhy.ERASED),
    )
    alone = select(subscribers.c.address_hash).where(subscribers.c.id == one.subscriber_id, ~others)
    address_hash = (await tx.execute(alone)).scalar_one_or_none()
    if address_hash is not None:
        await erase(tx, one.subscriber_id, address_hash, now=now)


async def moved_from(tx: Tx, subscriber_id: int) -> Sequence[int]:
    """Who a person was before, at other addresses at which nothing of theirs is left."""
    theirs = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    before = select(subscriptions.c.subscriber_id).where(subscriptions.c.successor_id.in_(theirs))
    return (await tx.execute(_moved().where(subscribers.c.id.in_(before)))).scalars().all()


async def forget_moved(tx: Tx, *, before: datetime, now: datetime) -> int:
    """
    Erase who has had all their letters at another address since then; gives how many.

    Links in their old letters still let them leave.
    """
    late = exists().where(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.ended_at > before)
    people = (await tx.execute(_moved().add_columns(subscribers.c.address_hash).where(~late))).all()
    for person in people:
        await erase(tx, person.id, person.address_hash, now=now)
    return len(people)


def _moved() -> Select[int]:
    theirs = subscriptions.c.subscriber_id == subscribers.c.id
    stays = or_(
        subscriptions.c.status != SubscriptionStatus.ENDED,
        subscriptions.c.ended_why == EndedWhy.UNSUBSCRIBED,
    )
    return select(subscribers.c.id).where(
        subscribers.c.address.is_not(None),
        subscribers.c.erasing_since.is_(None),
        exists().where(theirs, subscriptions.c.successor_id.is_not(None)),
        ~exists().where(theirs, stays),
    )


async def drop_replies(tx: Tx, *, before: datetime) -> int:
    """Forget what mail servers said long ago; gives of how many copies."""
    old = deliveries.c.settled_at < before
    ids = select(deliveries.c.id).where(old)
    stale = (attempts.c.reply.is_not(None)) & (attempts.c.at < before) & attempts.c.delivery_id.in_(ids)
    await tx.execute(update(attempts).where(stale).values(reply=None))
    await tx.execute(
        update(feedback).where(feedback.c.heard_at < before, feedback.c.said.is_not(None)).values(said=None)
    )
    replied = update(deliveries).where(old, deliveries.c.reply.is_not(None))
    told = await tx.execute(replied.values(reason=_WITHOUT_REPLY, reply=None))
    return told.rowcount


async def drop_accesses(tx: Tx, *, before: datetime) -> int:
    return (await tx.execute(delete(accesses).where(accesses.c.at < before))).rowcount
