"""A reader leaves a list: effective at once, for queued letters too, and remembered."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.store import audience, consents
from publisher.store.audience import Reader
from publisher.store.database import Tx
from subscribers.model import EndedWhy

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
    """The same for a subscription that was found otherwise, as when a reader asked the operator."""
    subscription = reader.subscription
    ended = await audience.end(tx, subscription.id, why=EndedWhy.UNSUBSCRIBED, now=now)
    agreed = await consents.has_agreed_to_advertising(tx, subscription.id)
    # Also by the old letter of one that ended otherwise, lest an import bring it back.
    await audience.refuse(tx, reader.address_hash, subscription.list, means=means, now=now)
    if ended:
        await audience.record_consent(tx, subscription.id, event="withdrawn", means=means, now=now)
        if agreed:  # a refusal of advertising, whose result must be told (Network Act art. 50⑦)
            await audience.record_consent(
                tx, subscription.id, event="withdrawn", means=means, now=now, scope="advertising"
            )
        log.info("reader left", subscription=subscription.id, list=subscription.list, means=means)
    return Left(list=subscription.list, languages=subscription.languages, was_active=ended)
