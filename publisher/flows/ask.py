"""
Somebody asks on a page: to come onto lists, for a link to their own page, to have their letters elsewhere.

    ask ─▶ (a row, nothing else) ─▶ sort ─▶ a letter to the address ─▶ confirm: a POST by its link

What the page does is the same for every address, known or not: it writes one
row and answers. Which letter it is, and whether there is one, is decided
afterwards and told to nobody but the address itself.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from publisher.address import EmailAddress
from publisher.model import DeliveryKind, Facts, LanguageKey
from publisher.store import audience, consents, outbox, requests
from publisher.store.audience import Person
from publisher.store.database import Database, Tx
from publisher.store.keys import Key
from publisher.store.requests import NewRequest, Purpose, Request
from subscribers.asking import CONFIRM_LIVES, LINK_LIVES, NOT_THEIR_OWN_WORD, may_be_mailed
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of

log = structlog.get_logger()

_DAY = timedelta(days=1)
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants: these lists in these languages, having read this text."""

    address: EmailAddress
    lists: tuple[str, ...]
    languages: LanguageKey
    advertising: bool
    text_version: str
    means: str = "page"


async def ask(tx: Tx, wish: Wish, key: Key, now: datetime) -> None:
    """Write down that somebody wants to come onto lists, in the caller's transaction."""
    new = _new(Purpose.CONFIRM, wish.address, wish.languages, key, now, now + CONFIRM_LIVES, means=wish.means)
    await requests.add(
        tx,
        NewRequest(
            **{
                **vars(new),
                "lists": wish.lists,
                "advertising": wish.advertising,
                "text_version": wish.text_version,
            }
        ),
    )


async def ask_for_link(tx: Tx, address: EmailAddress, languages: LanguageKey, key: Key, now: datetime) -> None:
    """Write down that somebody wants a link to their own page, in the caller's transaction."""
    await requests.add(tx, _new(Purpose.LINK, address, languages, key, now, now + LINK_LIVES))


async def ask_to_move(
    tx: Tx, person: Person, address: EmailAddress, languages: LanguageKey, key: Key, now: datetime
) -> None:
    """Write down that a person wants their letters at another address, which has to confirm it."""
    new = _new(Purpose.ADDRESS, address, languages, key, now, now + CONFIRM_LIVES)
    await requests.add(tx, NewRequest(**{**vars(new), "subscriber_id": person.id}))


def _new(
    purpose: Purpose,
    address: EmailAddress,
    languages: LanguageKey,
    key: Key,
    now: datetime,
    until: datetime,
    *,
    means: str = "page",
) -> NewRequest:
    return NewRequest(
        purpose=purpose,
        token_id=secrets.token_bytes(16),
        address=address.address,
        address_key=address.key,
        address_hash=hash_of(address.key, key.secret),
        language_key=languages,
        means=means,
        asked_at=now,
        expires_at=until,
    )


_SOME_DAY = "2026-01-12T00:00:00+00:00"
_EXAMPLE: Facts = {"lists": ["weekly"], "token": "00" * 16, "until": _SOME_DAY}
EXAMPLES: Mapping[DeliveryKind, Facts] = {
    DeliveryKind.CONFIRM: _EXAMPLE,
    DeliveryKind.REMINDER: _EXAMPLE,
    DeliveryKind.LINK: {**_EXAMPLE, "why": "asked"},
    DeliveryKind.WELCOME: {"lists": [{"name": "weekly", "token": "00" * 16, "latest": 1}]},
    DeliveryKind.GOODBYE: {"why": "left", "lists": ["weekly"], "at": _SOME_DAY},
}
"""The facts of an invented letter of each kind, for trying out templates."""

# ── Which letter it is ───────────────────────────────────────────────────────


async def sort_requests(db: Database, *, now: datetime) -> int:
    """
    Decide about every request that waits, and queue its letter; gives how many letters.

    Safe beside itself: a request is decided in one transaction, once.
    """
    async with db.read() as tx:
        if not await requests.unsorted(tx, limit=1):
            return 0
    queued = 0
    async with db.begin() as tx:
        for request in await requests.unsorted(tx, limit=_BATCH):
            queued += await _sort(tx, request, now)
    return queued


async def _sort(tx: Tx, request: Request, now: datetime) -> bool:
    if not await _may_be_mailed(tx, request):
        await requests.close(tx, request.id, outcome="too many", now=now)
        log.info("request not answered", request=request.id, purpose=request.purpose.value)
        return False
    match request.purpose:
        case Purpose.CONFIRM:
            return await _sort_wish(tx, request, now)
        case Purpose.LINK:
            return await _sort_link(tx, request, now)
        case Purpose.ADDRESS:
            return await _sort_move(tx, request, now)


async def _may_be_mailed(tx: Tx, request: Request) -> bool:
    suppression = await audience.suppression_of(tx, request.address_hash)
    if suppression and suppression.reason in NOT_THEIR_OWN_WORD:
        return False
    refusals = [await audience.refused_at(tx, request.address_hash, name) for name in request.lists]
    times = [at for at in (*refusals, suppression.at if suppression else None) if at is not None]
    day_ago = request.asked_at - _DAY
    today = await requests.mailed_since(tx, request.address_hash, day_ago)
    if request.purpose is Purpose.ADDRESS and request.subscriber_id is not None:
        # A reader's link shall not write to the whole world: their letters to others count as those to one address.
        today = max(today, await requests.moves_since(tx, request.subscriber_id, day_ago))
    since = await requests.mailed_since(tx, request.address_hash, max(day_ago, *times)) if times else None
    return may_be_mailed(letters_today=today, since_refusal=since)


async def _sort_wish(tx: Tx, request: Request, now: datetime) -> bool:
    wanted = [name for name in request.lists if not await _has_all(tx, request, name)]
    if not wanted:
        return await _tell_already(tx, request, now)
    person_id = await audience.add_subscriber(
        tx,
        address=request.address,
        address_key=request.address_key,
        address_hash=request.address_hash,
        name=None,
        now=now,
    )
    for name in wanted:
        await _put_down(tx, request, person_id, name, now)
    await requests.mark_sorted(tx, request.id, subscriber_id=person_id, now=now)
    return await queue(tx, DeliveryKind.CONFIRM, request, {"lists": wanted}, subscriber_id=person_id, now=now)


async def _has_all(tx: Tx, request: Request, list_name: str) -> bool:
    """Whether they get this list already, and have agreed to advertising there if they wish it."""
    one = await audience.subscription_of(tx, request.address_hash, list_name)
    if one is None or one.status is not SubscriptionStatus.ACTIVE:
        return False
    return not request.advertising or await consents.has_agreed_to_advertising(tx, one.id)


async def _put_down(tx: Tx, request: Request, person_id: int, list_name: str, now: datetime) -> None:
    subscription_id, scopes = await put_on(tx, request, person_id, list_name, SubscriptionStatus.PENDING, now)
    for scope in scopes:
        await audience.record_consent(
            tx,
            subscription_id,
            event="asked",
            means=request.means,
            at=request.asked_at,
            text_version=request.text_version,
            scope=scope,
            now=now,
        )


async def put_on(
    tx: Tx, request: Request, person_id: int, list_name: str, status: SubscriptionStatus, now: datetime
) -> tuple[int, list[str]]:
    """
    Put somebody on a list as they asked, on the row that they have; gives its id, and what they agree to by it.

    Who gets the list goes on getting it as they chose; all that can be new is advertising.
    """
    scopes = ["advertising"] if request.advertising else []
    current = await audience.subscription_of(tx, request.address_hash, list_name)
    if current is not None and current.status is SubscriptionStatus.ACTIVE:
        return current.id, scopes
    subscription_id = await audience.subscribe(
        tx,
        person_id,
        list_name,
        languages=request.language_key,
        status=status,
        token_id=secrets.token_bytes(16),
        now=now,
    )
    return subscription_id, ["information", *scopes]


async def _tell_already(tx: Tx, request: Request, now: datetime) -> bool:
    """All that was asked for is there: once a day a letter says so, with the way to their own page."""
    person = await audience.person_by_hash(tx, request.address_hash)
    assert person is not None, "they have a subscription"
    first = await audience.subscription_of(tx, request.address_hash, request.lists[0])
    assert first is not None, "it was found active"
    await requests.close(tx, request.id, outcome="already", now=now)
    delivery_id = await outbox.enqueue_letter(
        tx,
        DeliveryKind.LINK,
        cause=f"already:{person.id}:{request.asked_at:%Y-%m-%d}",
        facts={"why": "already", "lists": list(request.lists), "token": first.token_id.hex(), "until": None},
        address=request.address,
        address_hash=request.address_hash,
        language_key=first.languages,
        subscriber_id=person.id,
        subscription_id=first.id,
        now=now,
    )
    return delivery_id is not None


async def _sort_link(tx: Tx, request: Request, now: datetime) -> bool:
    person = await audience.person_by_hash(tx, request.address_hash)
    theirs = await audience.subscriptions_of(tx, person.id) if person and person.address else []
    if person is None or not theirs:
        return not await requests.close(tx, request.id, outcome="void", now=now)
    await requests.mark_sorted(tx, request.id, subscriber_id=person.id, now=now)
    languages = next((one for one in theirs if one.subscription.status is SubscriptionStatus.ACTIVE), theirs[0])
    return await queue(
        tx,
        DeliveryKind.LINK,
        request,
        {"why": "asked"},
        subscriber_id=person.id,
        languages=languages.subscription.languages,
        now=now,
    )


async def _sort_move(tx: Tx, request: Request, now: datetime) -> bool:
    assert request.subscriber_id is not None, "only a known person can ask for it"
    theirs = await audience.subscriptions_of(tx, request.subscriber_id)
    running = [one.subscription.list for one in theirs if one.subscription.status is SubscriptionStatus.ACTIVE]
    await requests.mark_sorted(tx, request.id, subscriber_id=request.subscriber_id, now=now)
    facts: Facts = {"moves": True, "lists": running}
    return await queue(tx, DeliveryKind.CONFIRM, request, facts, subscriber_id=request.subscriber_id, now=now)


async def queue(
    tx: Tx,
    kind: DeliveryKind,
    request: Request,
    facts: Facts,
    *,
    subscriber_id: int,
    now: datetime,
    languages: LanguageKey | None = None,
) -> bool:
    """One letter of this kind about a request, with its link and until when that works."""
    delivery_id = await outbox.enqueue_letter(
        tx,
        kind,
        cause=f"{request.id}:{request.token_id.hex()[:8]}",  # an id may come again once its row was dropped
        facts={**facts, "token": request.token_id.hex(), "until": request.expires_at.isoformat()},
        address=request.address,
        address_hash=request.address_hash,
        language_key=languages or request.language_key,
        subscriber_id=subscriber_id,
        now=now,
    )
    return delivery_id is not None
