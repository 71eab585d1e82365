"""
The owner of an address answers a request by the link that was mailed there.

Only this lifts a refusal, and only one that is older than the request: whoever
leaves again has to ask again.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.flows.ask import put_on
from publisher.model import DeliveryKind, Facts, LanguageKey
from publisher.store import audience, outbox, reports, requests
from publisher.store.audience import Suppression
from publisher.store.database import Tx
from publisher.store.requests import Purpose, Request
from subscribers.asking import Refusal, Standing, lifts, standing
from subscribers.model import EndedWhy, Subscription, SubscriptionStatus

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What a link opened: its standing before, and the lists on which the person is now."""

    standing: Standing
    lists: tuple[str, ...] = ()


async def confirm(
    tx: Tx, token_id: bytes, *, known: Iterable[str], now: datetime, means: str = "page"
) -> Confirmed | None:
    """
    Carry out what was asked for, in the caller's transaction; `known` are the house's lists.

    Pressing twice is as good as once. Lists that were refused after the request
    are left alone; when that is all of them, the request is void. Who had stopped
    everything comes back to what they confirm, and to nothing else. None when the
    link belongs to no request.
    """
    request = await requests.by_token(tx, token_id)
    if request is None or request.purpose is Purpose.LINK or request.subscriber_id is None:
        return None
    found = standing(outcome=request.outcome, expires_at=request.expires_at, now=now)
    if found is not Standing.OPEN:
        return Confirmed(standing=found, lists=await _running(tx, request))
    suppression = await audience.suppression_of(tx, request.address_hash)
    done: tuple[str, ...] = ()
    if suppression is None or lifts(request.asked_at, Refusal(at=suppression.at, reason=suppression.reason)):
        done = await (_move(tx, request, now) if request.purpose is Purpose.ADDRESS else _come(tx, request, means, now))
    if done and suppression:
        await _narrow(tx, request, suppression, set(known) - set(done))
    await requests.close(tx, request.id, outcome="confirmed" if done else "void", now=now)
    log.info("request confirmed" if done else "request void", request=request.id, purpose=request.purpose.value)
    return Confirmed(standing=Standing.OPEN if done else Standing.VOID, lists=done)


async def _running(tx: Tx, request: Request) -> tuple[str, ...]:
    """What of a request that was answered before still runs: who left since is not told the contrary."""
    assert request.subscriber_id is not None, "asked by the caller"
    theirs = await audience.subscriptions_of(tx, request.subscriber_id)
    return tuple(
        one.subscription.list
        for one in theirs
        if one.subscription.status is SubscriptionStatus.ACTIVE
        and (request.purpose is Purpose.ADDRESS or one.subscription.list in request.lists)
    )


async def _narrow(tx: Tx, request: Request, suppression: Suppression, others: Iterable[str]) -> None:
    """Who wanted nothing at all, and now wants something, still wants none of the others."""
    await audience.lift_suppression(tx, request.address_hash)
    for name in sorted(others):
        if await audience.refused_at(tx, request.address_hash, name) is None:
            await audience.refuse(tx, request.address_hash, name, means=suppression.means, now=suppression.at)


# ── Coming onto lists ────────────────────────────────────────────────────────


async def _come(tx: Tx, request: Request, means: str, now: datetime) -> tuple[str, ...]:
    come = [name for name in request.lists if await _lift(tx, request, name)]
    for name in come:
        await _activate(tx, request, name, means, now)
    if come:
        await _welcome(tx, request, come, now)
    return tuple(come)


async def _lift(tx: Tx, request: Request, list_name: str) -> bool:
    at = await audience.refused_at(tx, request.address_hash, list_name)
    if not lifts(request.asked_at, None if at is None else Refusal(at=at)):
        return False
    await audience.lift(tx, request.address_hash, list_name)
    return True


async def _activate(tx: Tx, request: Request, list_name: str, means: str, now: datetime) -> None:
    assert request.subscriber_id is not None, "asked by the caller"
    active = SubscriptionStatus.ACTIVE
    subscription_id, scopes = await put_on(tx, request, request.subscriber_id, list_name, active, now)
    for scope in scopes:
        await audience.record_consent(
            tx,
            subscription_id,
            event="confirmed",
            means=means,
            text_version=request.text_version,
            evidence=f"request {request.id} of {request.asked_at.isoformat()}, by the link mailed to the address",
            scope=scope,
            now=now,
        )


async def _welcome(tx: Tx, request: Request, lists: list[str], now: datetime) -> None:
    assert request.subscriber_id is not None, "asked by the caller"
    theirs = await audience.subscriptions_of(tx, request.subscriber_id)
    by_list = {one.subscription.list: one.subscription for one in theirs}
    told = [by_list[name] for name in lists]  # in the order in which they were asked for, as in every letter before
    await outbox.enqueue_letter(
        tx,
        DeliveryKind.WELCOME,
        cause=f"{request.id}:{request.token_id.hex()[:8]}",
        facts={"lists": [await _told(tx, one) for one in told]},
        address=request.address,
        address_hash=request.address_hash,
        language_key=request.language_key,
        subscriber_id=request.subscriber_id,
        subscription_id=told[0].id,
        now=now,
    )


async def _told(tx: Tx, one: Subscription) -> Facts:
    latest = await reports.published_editions(tx, one.list, limit=1)
    return {"name": one.list, "token": one.token_id.hex(), "latest": latest[0].number if latest else None}


# ── Another address ──────────────────────────────────────────────────────────


async def _move(tx: Tx, request: Request, now: datetime) -> tuple[str, ...]:
    """
    The person's letters go to the new address; the old one is told.

    The subscriptions keep their rows, so links in old letters still let them
    leave. Where the new address is known already, its own rows stay and those
    that it lacks are confirmed there; the old rows point to them, for the same
    reason, and the person at the old address is forgotten after a month.
    """
    assert request.subscriber_id is not None, "asked by the caller"
    person = await audience.person(tx, request.subscriber_id)
    running = await _running(tx, request)
    other = await audience.person_by_hash(tx, request.address_hash)
    if person.address is None or not running or (other and other.is_being_erased):
        return ()
    if other is not None and other.id == person.id:
        return running
    languages = await _languages(tx, person.id)
    if other is None:
        await audience.copy_refusals(tx, person.address_hash, request.address_hash)
        await audience.readdress(
            tx,
            person.id,
            address=request.address,
            address_key=request.address_key,
            address_hash=request.address_hash,
        )
        await outbox.readdress(
            tx,
            person.id,
            address=request.address,
            address_hash=request.address_hash,
            domain=request.address_key.rpartition("@")[2],
        )
        for list_name in running:
            await _lift(tx, request, list_name)  # one that is newer than the request stays, and stands above
        await _record_move(tx, person.id, now)
    else:
        running = tuple([name for name in running if await _hand_over(tx, request, person.id, name, now)])
    for list_name in running:  # or an older file would bring them back at the address that they gave up
        await audience.refuse(tx, person.address_hash, list_name, means="another address", now=now)
    await _tell_old(tx, person, request, languages, now)
    return running


async def _languages(tx: Tx, subscriber_id: int) -> LanguageKey:
    theirs = await audience.subscriptions_of(tx, subscriber_id)
    return next(one for one in theirs if one.subscription.status is SubscriptionStatus.ACTIVE).subscription.languages


async def _record_move(tx: Tx, subscriber_id: int, now: datetime) -> None:
    for one in await audience.subscriptions_of(tx, subscriber_id):
        if one.subscription.status is SubscriptionStatus.ACTIVE:
            await audience.record_consent(
                tx, one.subscription.id, event="changed", means="page", evidence="another address", now=now
            )


async def _hand_over(tx: Tx, request: Request, old_id: int, list_name: str, now: datetime) -> bool:
    """The person at the known address takes the list over; what they refused since the request stays refused."""
    if not await _lift(tx, request, list_name):
        return False
    other_id = await audience.add_subscriber(
        tx,
        address=request.address,
        address_key=request.address_key,
        address_hash=request.address_hash,
        name=None,
        now=now,
    )
    old = next(one for one in await audience.subscriptions_of(tx, old_id) if one.subscription.list == list_name)
    current = await audience.subscription_of(tx, request.address_hash, list_name)
    if current is not None and current.status is SubscriptionStatus.ACTIVE:
        subscription_id = current.id
    else:
        subscription_id = await audience.subscribe(
            tx,
            other_id,
            list_name,
            languages=old.subscription.languages,
            status=SubscriptionStatus.ACTIVE,
            token_id=secrets.token_bytes(16),
            now=now,
        )
        await audience.record_consent(
            tx, subscription_id, event="confirmed", means="page", evidence="another address", now=now
        )
    await audience.record_consent(
        tx, old.subscription.id, event="withdrawn", means="page", evidence="another address", now=now
    )
    await audience.end(tx, old.subscription.id, why=EndedWhy.REPLACED, now=now)
    await audience.hand_over(tx, old.subscription.id, subscription_id)
    return True


async def _tell_old(tx: Tx, old: audience.Person, request: Request, languages: LanguageKey, now: datetime) -> None:
    assert old.address is not None, "asked before"
    await outbox.enqueue_letter(
        tx,
        DeliveryKind.GOODBYE,
        cause=f"moved:{request.id}:{request.token_id.hex()[:8]}",
        facts={"why": "moved", "lists": [], "at": now.isoformat()},
        address=old.address,
        address_hash=old.address_hash,
        language_key=languages,
        subscriber_id=old.id,
        now=now,
    )
