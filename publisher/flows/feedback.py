"""
What came back, and what follows from it.

    read ─▶ whose letter? ─▶ write it down ─▶ judge ─▶ suppress, or unsubscribe ─▶ watch the edition

Everything that was learned about an address after its letter left comes by this
door, whoever brought it. Only what proves to be about a letter of ours changes
anything, and the same twice counts once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import structlog

from publisher.delivery.bounces.codes import weigh
from publisher.delivery.bounces.returned import Failure, Kind, Returned
from publisher.delivery.bounces.traces import bounced_delivery, left_delivery
from publisher.flows.unsubscribe import leave
from publisher.flows.watch import watch
from publisher.markup import fold
from publisher.model import Site
from publisher.store import audience, consents, readmissions
from publisher.store import feedback as store
from publisher.store.database import Database, Tx
from publisher.store.feedback import Letter
from publisher.store.keys import Key
from subscribers.bounces import BouncePolicy, Weight, judge
from subscribers.model import EndedWhy

log = structlog.get_logger()

SMTP = "smtp"
"""Our own attempts, as a source of bounces."""

_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Reception:
    """What hearing needs of the house."""

    db: Database
    site: Site
    keys: Sequence[Key] = field(repr=False)
    policy: BouncePolicy

    @property
    def secrets(self) -> list[bytes]:
        return [key.secret for key in self.keys]


class Effect(StrEnum):
    """What came of it."""

    NONE = "none"  # about no letter of ours, or nothing that says something about an address
    KNOWN = "known already"
    NOTED = "noted"  # written down
    UNSUBSCRIBED = "unsubscribed"  # from the list of the letter
    SUPPRESSED = "suppressed"  # never written to again, on any list


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Which letter it was about, None for none of ours, and what came of it."""

    letter: Letter | None
    effect: Effect
    weight: Weight | None = None


async def hear(tx: Tx, returned: Returned, reception: Reception, *, means: str, now: datetime) -> Heard:
    """
    Do what follows from what came back, in the caller's transaction.

    A bounce of a letter whose reader has nothing with us any more is only
    written down. A complaint ends everything at once.
    """
    letter = await _letter_of(tx, returned, reception)
    if letter is None:
        return Heard(letter=None, effect=Effect.NONE, weight=returned.weight)
    at = _when(returned, letter, now)
    match returned.kind:
        case Kind.BOUNCE:
            return await _bounce(tx, letter, _telling(returned, letter), reception, at=at, means=means, now=now)
        case Kind.COMPLAINT:
            return await _complaint(tx, letter, reception, at=at, means=means, now=now)
        case Kind.REFUSAL:
            return await _refusal(tx, letter, at=at, means=means, now=now)
        case _:
            return Heard(letter=letter, effect=Effect.NONE)


async def hear_refusals(reception: Reception, *, now: datetime) -> int:
    """Take in what servers refused at the door since the last time; gives how many letters that were."""
    heard = 0
    while True:
        async with reception.db.read() as tx:
            after, last = await _heard_until(tx), await store.last_attempt(tx)
            has_news = bool(await store.refused(tx, after=after, limit=1))
        if not has_news and last < after + _AT_ONCE:
            return heard
        async with reception.db.begin() as tx:
            found = await store.refused(tx, after=await _heard_until(tx), limit=_AT_ONCE)
            for one in found:
                await _refused(tx, one, reception, now)
                await store.advance(tx, SMTP, {"attempt": one.attempt_id}, known=True)
            if not has_news:  # so that the same attempts, none of which is a refusal, are not looked at for ever
                await store.advance(tx, SMTP, {"attempt": last})
        heard += len(found)


async def _heard_until(tx: Tx) -> int:
    return int((await store.source(tx, SMTP)).cursor.get("attempt", 0))


# ── Whose ────────────────────────────────────────────────────────────────────


async def _letter_of(tx: Tx, returned: Returned, reception: Reception) -> Letter | None:
    delivery_id = _signed(returned, reception.secrets)
    if delivery_id is None:
        delivery_id = await store.named(tx, returned.traces.message_ids)
    return None if delivery_id is None else await store.letter(tx, delivery_id)


def _signed(returned: Returned, secrets: Sequence[bytes]) -> int | None:
    """The delivery of the first address of ours whose signature holds; the one for leaving says only that."""
    leaving = returned.traces.leaving if returned.kind is Kind.REFUSAL else ()
    left = [left_delivery(token, secrets) for token in leaving]
    bounced = [bounced_delivery(token, secrets) for token in returned.traces.tokens]
    return next((found for found in (*left, *bounced) if found is not None), None)


def _when(returned: Returned, letter: Letter, now: datetime) -> datetime:
    """When it happened: as the other side says, but never before the letter was there, nor ahead of us."""
    return min(max(returned.dated or now, letter.queued_at), now)


def _telling(returned: Returned, letter: Letter) -> Failure:
    """What a report says of the letter's own recipient; of a forwarded one, the heaviest that it says."""
    failed = [one for one in returned.failures if one.weight]
    own = [one for one in failed if letter.address and one.recipient.lower() == letter.address.lower()]
    heaviest = [one for one in failed if one.weight is returned.weight]
    return next(iter((*own, *heaviest)), Failure(recipient="", weight=Weight.SOFT))


# ── What follows ─────────────────────────────────────────────────────────────


async def _bounce(
    tx: Tx, letter: Letter, failure: Failure, reception: Reception, *, at: datetime, means: str, now: datetime
) -> Heard:
    weight = failure.weight or Weight.SOFT
    said = _without_address(failure.said, letter)
    is_news = await store.record(
        tx, letter, kind=store.BOUNCE, weight=weight, at=at, now=now, means=means, status=failure.status, said=said
    )
    if not is_news:
        return Heard(letter=letter, effect=Effect.KNOWN, weight=weight)
    log.info("letter bounced", delivery=letter.delivery_id, weight=weight.value, status=failure.status, means=means)
    effect = await _end_dead(tx, letter, reception.policy, means=means, now=now)
    await watch(tx, letter.edition_id, reception.policy, reception.site, reception.keys[0], now=now)
    return Heard(letter=letter, effect=effect, weight=weight)


async def _end_dead(tx: Tx, letter: Letter, policy: BouncePolicy, *, means: str, now: datetime) -> Effect:
    running = await store.running(tx, letter.subscriber_id) if letter.subscriber_id else {}
    # Who confirmed has shown that the mailbox is there, and an operator may know that it is there again: what
    # bounced before is forgotten. Mails tell whole seconds.
    known = (*running.values(), await readmissions.last_at(tx, letter.address_hash))
    since = max((at.replace(microsecond=0) for at in known if at), default=None)
    dead = judge(await store.history(tx, letter.address_hash, since=since), now, policy)
    if dead is None or not running:
        return Effect.NOTED
    await audience.suppress(tx, letter.address_hash, reason=EndedWhy.BOUNCED, means=means, now=now)
    for subscription_id in running:
        await audience.end(tx, subscription_id, why=EndedWhy.BOUNCED, now=now)
    await store.mark_effect(tx, letter.delivery_id, store.BOUNCE, Effect.SUPPRESSED)
    log.info("address given up", delivery=letter.delivery_id, reason=dead.reason)
    return Effect.SUPPRESSED


async def _complaint(tx: Tx, letter: Letter, reception: Reception, *, at: datetime, means: str, now: datetime) -> Heard:
    if not await store.record(tx, letter, kind=store.COMPLAINT, at=at, now=now, means=means):
        return Heard(letter=letter, effect=Effect.KNOWN)
    log.warning("reader complained", delivery=letter.delivery_id, means=means)
    effect = Effect.NOTED
    if letter.subscriber_id is not None:  # else a test, or a letter to an operator
        await audience.suppress(tx, letter.address_hash, reason=EndedWhy.COMPLAINED, means=means, now=now)
        for subscription_id in await store.running(tx, letter.subscriber_id):
            await _end_complained(tx, subscription_id, means, now)
        await store.mark_effect(tx, letter.delivery_id, store.COMPLAINT, Effect.SUPPRESSED)
        effect = Effect.SUPPRESSED
    await watch(tx, letter.edition_id, reception.policy, reception.site, reception.keys[0], now=now)
    return Heard(letter=letter, effect=effect)


async def _end_complained(tx: Tx, subscription_id: int, means: str, now: datetime) -> None:
    """A complaint takes back what was agreed to; nothing is written about that, to this address least of all."""
    agreed = await consents.has_agreed_to_advertising(tx, subscription_id)
    await audience.end(tx, subscription_id, why=EndedWhy.COMPLAINED, now=now)
    for scope in ("information", *(("advertising",) if agreed else ())):
        await audience.record_consent(
            tx, subscription_id, event="withdrawn", means=means, evidence="complaint", scope=scope, now=now
        )


async def _refusal(tx: Tx, letter: Letter, *, at: datetime, means: str, now: datetime) -> Heard:
    reader = await audience.by_id(tx, letter.subscription_id) if letter.subscription_id else None
    if reader is None:  # a test
        return Heard(letter=letter, effect=Effect.NONE)
    if not await store.record(tx, letter, kind=store.REFUSAL, at=at, now=now, means=means):
        return Heard(letter=letter, effect=Effect.KNOWN)
    await leave(tx, reader, means="mail", now=now)
    await store.mark_effect(tx, letter.delivery_id, store.REFUSAL, Effect.UNSUBSCRIBED)
    return Heard(letter=letter, effect=Effect.UNSUBSCRIBED)


async def _refused(tx: Tx, one: store.Refusal, reception: Reception, now: datetime) -> None:
    letter = await store.letter(tx, one.delivery_id)
    if letter is not None:
        said = f"{one.code} {one.enhanced} {one.reply}"
        failure = Failure(recipient="", weight=weigh(one.enhanced, said), status=one.enhanced, said=one.reply)
        await _bounce(tx, letter, failure, reception, at=one.at, means=SMTP, now=now)


def _without_address(said: str, letter: Letter) -> str:
    """A server's words for the record, which must not outlive the address's erasure."""
    if letter.address is None:  # erased: nobody could tell it apart in there
        return ""
    return re.sub(re.escape(letter.address), "(recipient)", fold(said)[:400], flags=re.IGNORECASE)
