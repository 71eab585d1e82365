"""
A reader leaves a list, or all of them for good: effective at once, for queued letters too, and remembered.

One letter says that it was done, when, and how to come back; a mail program
that pressed the button for somebody is found out by it. It is the result of a
refusal, too, which has to be told (Network Act art. 50⑦): `flows.notify` books
it and sends no second one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from publisher.model import DeliveryKind
from publisher.store import audience, consents, outbox
from publisher.store.audience import Reader
from publisher.store.database import Tx
from subscribers.model import EndedWhy, SubscriptionStatus

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Left:
    """The list that was left, and whether the subscription was still running."""

    list: str
    languages: str
    was_active: bool


async def unsubscribe(tx: Tx, token_id: bytes, *, means: str, now: datetime) -> Left | None:
    """
    End the subscription that a link belongs to and write the refusal, in the caller's transaction.

    Asking twice is as good as once. None only when the token belongs to no
    subscription of this instance.
    """
    reader = await audience.by_token(tx, token_id)
    return None if reader is None else await leave(tx, reader, means=means, now=now)


async def leave(tx: Tx, reader: Reader, *, means: str, now: datetime) -> Left:
    """
    The same for a subscription that was found otherwise, as when a reader asked the operator.

    Where another address took it over, that leaves too: the letters go there.
    """
    left = await _leave(tx, reader, means=means, now=now)
    if left.was_active and reader.subscription.status is SubscriptionStatus.ACTIVE:
        await _say_goodbye(tx, reader, [left.list], cause=f"{reader.subscription.id}", why="left", now=now)
    successor = await audience.successor_of(tx, reader.subscription.id)
    if successor is None:
        return left
    further = await leave(tx, successor, means=means, now=now)
    return replace(left, was_active=left.was_active or further.was_active)


async def stop_everything(tx: Tx, readers: Sequence[Reader], *, means: str, now: datetime) -> None:
    """
    End all that a person has, and never write to the address again unless its owner asks and confirms anew.

    The same at each address that took over a subscription of theirs.
    """
    if not readers:
        return
    running = [one for one in readers if one.subscription.status is SubscriptionStatus.ACTIVE]
    for one in readers:
        await _leave(tx, one, means=means, now=now)
    await audience.suppress(tx, readers[0].address_hash, reason="stopped", means=means, now=now)
    if running:
        lists = [one.subscription.list for one in running]
        cause = f"all:{running[0].subscription.subscriber_id}"
        await _say_goodbye(tx, running[0], lists, cause=cause, why="stopped", now=now)
    taken_over = [await audience.successor_of(tx, one.subscription.id) for one in readers]
    for person_id in sorted({one.subscription.subscriber_id for one in taken_over if one}):
        await stop_everything(tx, await audience.subscriptions_of(tx, person_id), means=means, now=now)


async def _leave(tx: Tx, reader: Reader, *, means: str, now: datetime) -> Left:
    subscription = reader.subscription
    ended = await audience.end(tx, subscription.id, why=EndedWhy.UNSUBSCRIBED, now=now)
    agreed = await consents.has_agreed_to_advertising(tx, subscription.id)
    # Also by the old letter of one that ended otherwise, lest an import bring it back.
    await audience.refuse(tx, reader.address_hash, subscription.list, means=means, now=now)
    if ended:
        await audience.record_consent(tx, subscription.id, event="withdrawn", means=means, now=now)
        if agreed:  # withdrawn with it: the goodbye tells the result
            await audience.record_consent(
                tx, subscription.id, event="withdrawn", means=means, now=now, scope="advertising"
            )
        log.info("reader left", subscription=subscription.id, list=subscription.list, means=means)
    return Left(list=subscription.list, languages=subscription.languages, was_active=ended)


async def _say_goodbye(tx: Tx, reader: Reader, lists: Sequence[str], *, cause: str, why: str, now: datetime) -> None:
    """Once for each time that somebody leaves; to an address that was not erased."""
    if reader.address is None:
        return
    await outbox.enqueue_letter(
        tx,
        DeliveryKind.GOODBYE,
        cause=f"{cause}:{now.isoformat()}",
        facts={"why": why, "lists": list(lists), "at": now.isoformat()},
        address=reader.address,
        address_hash=reader.address_hash,
        language_key=reader.subscription.languages,
        subscriber_id=reader.subscription.subscriber_id,
        now=now,
    )
