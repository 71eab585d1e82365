"""A person is erased: told so first, ended at once, and taken out of every table within 24 hours."""

from datetime import datetime

import structlog

from publisher.model import DeliveryKind
from publisher.store import erasure, outbox
from publisher.store.database import Database, Tx
from subscribers.retention import ERASE_WITHIN

log = structlog.get_logger()


async def erase_person(tx: Tx, subscriber_id: int, *, means: str, now: datetime) -> None:
    """
    Begin to erase a person, in the caller's transaction. Asking twice is as good as once.

    From now on nothing is sent to them, on any list, but the notice of this;
    `finish_erasures` takes the data out once it is gone, or after 24 hours. With
    them goes what is left of them at addresses that they moved away from.
    """
    person = await erasure.begin(tx, subscriber_id, means=means, now=now)
    if person is None or person.address is None:
        return
    await outbox.enqueue_letter(
        tx,
        DeliveryKind.NOTICE,
        cause=f"erased:{subscriber_id}:{now.isoformat()}",
        facts={"what": "erased", "lists": [], "at": now.isoformat()},
        address=person.address,
        address_hash=person.address_hash,
        language_key=person.languages or "ko+en",
        subscriber_id=subscriber_id,
        now=now,
    )
    log.info("erasure begun", subscriber=subscriber_id, means=means)
    for before in await erasure.moved_from(tx, subscriber_id):
        await erase_person(tx, before, means=means, now=now)


async def finish_erasures(db: Database, *, now: datetime) -> int:
    """Take out whoever has been told, or has waited 24 hours; gives how many. Safe in any number of processes."""
    begun_before = now - ERASE_WITHIN
    async with db.read() as tx:
        if not await erasure.due(tx, begun_before=begun_before):
            return 0
    async with db.begin() as tx:
        people = await erasure.due(tx, begun_before=begun_before)
        for subscriber_id, address_hash in people:
            await erasure.erase(tx, subscriber_id, address_hash, now=now)
            log.info("erased", subscriber=subscriber_id)
    return len(people)
