"""A person is forgotten: what names them goes, what proves the refusal stays."""

from datetime import datetime

from publisher.store import audience, requests
from publisher.store.database import Tx
from subscribers.model import EndedWhy


async def erase_person(tx: Tx, subscriber_id: int, *, means: str, now: datetime) -> None:
    """End everything, never write again, and remove the address from every row, in the caller's transaction."""
    person = await audience.person(tx, subscriber_id)
    for one in await audience.subscriptions_of(tx, subscriber_id):
        if await audience.end(tx, one.subscription.id, why=EndedWhy.ERASED, now=now):
            await audience.record_consent(tx, one.subscription.id, event="withdrawn", means=means, now=now)
    await audience.suppress(tx, person.address_hash, reason="erased", means=means, now=now)
    await requests.forget_person(tx, person.address_hash, subscriber_id)
    await audience.erase(tx, subscriber_id, now=now)
