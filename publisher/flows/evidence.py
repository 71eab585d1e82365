"""What the house knows of a person, for that person."""

from typing import Any

from publisher.store import audience
from publisher.store.database import Tx


async def data_of(tx: Tx, subscriber_id: int) -> dict[str, Any]:
    """Everything that is kept of a person, as JSON."""
    person = await audience.person(tx, subscriber_id)
    theirs = await audience.subscriptions_of(tx, subscriber_id)
    return {
        "address": person.address,
        "subscriptions": [
            {
                "list": one.subscription.list,
                "languages": one.subscription.languages,
                "status": one.subscription.status.value,
                "since": one.subscription.created_at.isoformat(),
                "consents": await audience.consents_of(tx, one.subscription.id),
            }
            for one in theirs
        ],
    }
