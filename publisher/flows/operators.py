"""Tell those who run the house that something needs them."""

from datetime import datetime

from publisher import address
from publisher.model import DeliveryKind, Facts, Site
from publisher.store import outbox
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers.tokens import hash_of


async def tell_operators(tx: Tx, site: Site, key: Key, *, cause: str, facts: Facts, now: datetime) -> int:
    """Queue one alarm for each operator; gives how many letters. Of one cause there is one letter each, ever."""
    queued = 0
    for one in site.operators:
        address_hash = hash_of(address.parse(one).key, key.secret)
        delivery_id = await outbox.enqueue_letter(
            tx,
            DeliveryKind.ALARM,
            cause=f"{cause} {address_hash[:16]}",
            facts=facts,
            address=one,
            address_hash=address_hash,
            language_key="+".join(site.languages[:2]),
            now=now,
        )
        queued += delivery_id is not None
    return queued
