"""Drop a draft, or take back an edition before its first copy has left."""

from datetime import datetime

import structlog

from publisher.model import Edition
from publisher.store import editions, outbox
from publisher.store.database import Tx

log = structlog.get_logger()


async def cancel(tx: Tx, edition: Edition, *, now: datetime) -> bool:
    """
    Give back the edition's entries and its number, in the caller's transaction.

    A released edition can be taken back while no copy was taken in hand: that
    is what the grace period is for. False when it is too late, or over.
    """
    if edition.status in editions.OPEN:
        return await editions.cancel(tx, edition.id, now=now)
    if edition.status not in editions.ON_ITS_WAY or not await outbox.take_back(tx, edition.id):
        return False
    log.info("edition taken back", list=edition.list, number=edition.number)
    return await editions.take_back(tx, edition.id, now=now)
