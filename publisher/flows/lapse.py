"""What becomes of requests that nobody answers: called to mind once, then over, then forgotten."""

from datetime import datetime

import structlog

from publisher.flows.ask import queue
from publisher.model import DeliveryKind, Facts
from publisher.store import audience, knocks, requests
from publisher.store.database import Database, Tx
from publisher.store.requests import Purpose, Request
from subscribers.asking import FORGOTTEN_AFTER, REMIND_AFTER
from subscribers.model import SubscriptionStatus

log = structlog.get_logger()

_BATCH = 200


async def look_after_requests(db: Database, *, now: datetime) -> int:
    """Remind, expire and forget what is due; gives how many letters were queued. Safe beside itself."""
    async with db.begin() as tx:
        reminded = 0
        for request in await requests.to_remind(tx, asked_before=now - REMIND_AFTER, now=now, limit=_BATCH):
            reminded += await _remind(tx, request, now)
        for request in await requests.run_out(tx, now=now, limit=_BATCH):
            await _expire(tx, request, now)
        await requests.forget(tx, ended_before=now - FORGOTTEN_AFTER)
        await knocks.forget(tx, now)
    return reminded


async def _remind(tx: Tx, request: Request, now: datetime) -> bool:
    """Once, of what they do not get yet, and nobody who refused anything that was asked for."""
    await requests.mark_reminded(tx, request.id, now)
    assert request.subscriber_id is not None, "it was sorted"
    if any([await audience.has_refused(tx, request.address_hash, name) for name in request.lists]):
        return False
    having = {name: await audience.subscription_of(tx, request.address_hash, name) for name in request.lists}
    missing = [name for name, one in having.items() if one is None or one.status is not SubscriptionStatus.ACTIVE]
    if not missing:  # they asked twice, and confirmed the other one
        return False
    facts: Facts = {"lists": missing}
    return await queue(tx, DeliveryKind.REMINDER, request, facts, subscriber_id=request.subscriber_id, now=now)


async def _expire(tx: Tx, request: Request, now: datetime) -> None:
    """pending → expired, for lists that no other request of this person still asks for."""
    await requests.close(tx, request.id, outcome="expired", now=now)
    if request.purpose is not Purpose.CONFIRM or request.subscriber_id is None:
        return
    for list_name in request.lists:
        if not await requests.has_open(tx, request.subscriber_id, list_name, now=now):
            await audience.expire(tx, request.subscriber_id, list_name)
