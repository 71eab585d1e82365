"""A reader changes what they get: languages, what is missing in theirs, a pause, fewer letters."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.model import LanguageKey, Missing
from publisher.store import audience, consents
from publisher.store.audience import Reader
from publisher.store.database import Tx
from subscribers.model import EndedWhy, SubscriptionStatus

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    What a reader wants of one list. While `paused_until` lies ahead they are no recipient of its editions.

    `missing` is what they want of an entry that is not in their language; None: what the list does.
    """

    languages: LanguageKey
    missing: Missing | None = None
    paused_until: datetime | None = None


async def choose(tx: Tx, reader: Reader, choice: Choice, *, means: str, now: datetime) -> bool:
    """Write down a reader's choice, in the caller's transaction. False when nothing is another than before."""
    subscription = reader.subscription
    changed = await audience.choose(
        tx,
        subscription.id,
        languages=choice.languages,
        missing=choice.missing,
        paused_until=choice.paused_until,
    )
    if changed:
        wish = f", missing {choice.missing}" if choice.missing else ""
        until = f", paused until {choice.paused_until.isoformat()}" if choice.paused_until else ""
        evidence = f"languages {choice.languages}{wish}{until}"
        await audience.record_consent(tx, subscription.id, event="changed", means=means, evidence=evidence, now=now)
        log.info("reader chose", subscription=subscription.id, list=subscription.list)
    return changed


async def take_back_advertising(tx: Tx, reader: Reader, *, means: str, now: datetime) -> bool:
    """A reader wants no advertising any more; the letters go on. False when they had not agreed to any."""
    if not await consents.has_agreed_to_advertising(tx, reader.subscription.id):
        return False
    await audience.record_consent(
        tx, reader.subscription.id, event="withdrawn", means=means, scope="advertising", now=now
    )
    return True


async def get_less_often(
    tx: Tx, reader: Reader, list_name: str, languages: LanguageKey, *, means: str, now: datetime
) -> bool:
    """
    Move a running subscription to another list, which the old one's configuration names.

    False when it does not run, or when the other list was refused: that is only
    lifted by asking for it and confirming.
    """
    subscription = reader.subscription
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return False
    if await audience.has_refused(tx, reader.address_hash, list_name):
        return False
    current = await audience.subscription_of(tx, reader.address_hash, list_name)
    if current is None or current.status is not SubscriptionStatus.ACTIVE:
        await _begin(tx, reader, list_name, languages, means, now)
    # With it ends what they agreed to here: should they come back, an old consent to advertising does not.
    await audience.record_consent(
        tx, subscription.id, event="withdrawn", means=means, evidence=f"moved to {list_name}", now=now
    )
    return await audience.end(tx, subscription.id, why=EndedWhy.REPLACED, now=now)


async def _begin(tx: Tx, reader: Reader, list_name: str, languages: LanguageKey, means: str, now: datetime) -> None:
    old = reader.subscription
    subscription_id = await audience.subscribe(
        tx,
        old.subscriber_id,
        list_name,
        languages=languages,
        status=SubscriptionStatus.ACTIVE,
        token_id=secrets.token_bytes(16),
        now=now,
    )
    await audience.choose(tx, subscription_id, languages=languages, missing=old.missing, paused_until=old.paused_until)
    agreed = await consents.has_agreed_to_advertising(tx, old.id)
    for scope in ("information", *(["advertising"] if agreed else [])):
        await audience.record_consent(
            tx, subscription_id, event="given", means=means, scope=scope, evidence=f"moved from {old.list}", now=now
        )
