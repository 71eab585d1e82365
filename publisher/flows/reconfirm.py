"""A reader answers the two-yearly question: the consent to advertising stands, or it is taken back."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.store import audience, consents
from publisher.store.audience import Reader
from publisher.store.database import Tx

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Whether the consent stands now, and whether the answer changed the record."""

    stands: bool
    is_recorded: bool


async def answer(tx: Tx, reader: Reader, *, keep: bool, means: str, now: datetime) -> Answered:
    """
    Write an answer into the record, in the caller's transaction.

    A consent that ended is not brought back by an old letter: agreeing anew
    needs the form, with what the law wants read before.
    """
    subscription_id = reader.subscription.id
    if not await consents.has_agreed_to_advertising(tx, subscription_id):
        return Answered(stands=False, is_recorded=False)
    event = "confirmed" if keep else "withdrawn"
    await audience.record_consent(tx, subscription_id, scope="advertising", event=event, means=means, now=now)
    log.info("two-yearly question answered", subscription=subscription_id, stands=keep)
    return Answered(stands=keep, is_recorded=True)
