"""What a provider posts: believed once its signature holds, and then heard like anything else that comes back."""

from datetime import datetime

import structlog

from publisher.delivery.bounces.hooks import HOOKS
from publisher.delivery.bounces.posted import Fetch, Forged, Told, Unreadable
from publisher.delivery.policy import ReturnPolicy
from publisher.flows.feedback import Reception, hear

log = structlog.get_logger()


async def take(
    name: str, body: bytes, reception: Reception, policy: ReturnPolicy, fetch: Fetch, *, now: datetime
) -> Told | Forged | Unreadable | None:
    """
    Hear what a provider posted; None when there is no such hook, or it is not configured.

    All of it in one transaction, so that a message which is repeated after a
    fault is heard whole. Raises FetchError when a certificate cannot be had.
    """
    hook = HOOKS.get(name)
    if hook is None or not hook.is_open(policy):
        return None
    answer = await hook.read(body, policy, fetch, now)
    if isinstance(answer, Told):
        async with reception.db.begin() as tx:
            for returned in answer.returned:
                await hear(tx, returned, reception, means=name, now=now)
    else:
        log.warning("webhook refused", hook=name, reason=answer.reason)
    return answer
