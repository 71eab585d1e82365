"""Until when the copies of an edition will be on their way."""

from collections.abc import Mapping
from datetime import datetime

from publisher.delivery.foretell import ends_at
from publisher.delivery.policy import DeliveryPolicy
from publisher.flows.shares import road_of
from publisher.model import Account, Edition, MailingList
from publisher.store import audience, pace
from publisher.store.database import Tx


async def end_of_release(
    tx: Tx, edition: Edition, mailing_list: MailingList, policy: DeliveryPolicy, *, now: datetime
) -> datetime | None:
    """When an edition will have gone if it is released now; None where nothing but the server's speed holds it up."""
    domains = await audience.reachable_at(tx, edition.list, edition.classification, policy.limits, now=now)
    letters = sum((await audience.reachable(tx, edition.list, edition.classification, now=now)).values())
    return await _end(tx, letters, domains, mailing_list, policy, now)


async def end_of_rest(
    tx: Tx, account: Account, mailing_list: MailingList, policy: DeliveryPolicy, *, now: datetime
) -> datetime | None:
    """When what is still open of a released edition will have gone; None likewise, and when nothing is open."""
    if not account.open:
        return None
    name = road_of(mailing_list, policy.roads)
    by_pace = await _end(tx, account.open, {}, mailing_list, policy, now)
    spread = await pace.paced_until(tx, name)
    return max((one for one in (by_pace, spread) if one and one > now), default=None)


async def _end(
    tx: Tx, letters: int, domains: Mapping[str, int], mailing_list: MailingList, policy: DeliveryPolicy, now: datetime
) -> datetime | None:
    name = road_of(mailing_list, policy.roads)
    if name not in policy.roads:  # the mailbox folder
        return None
    lately = await pace.sent_lately(tx, name, now)
    return ends_at(
        letters,
        domains,
        profile=policy.roads[name],
        limits=policy.limits,
        lately={pace.expiry(quarter): count for quarter, count in lately.items()},
        now=now,
    )
