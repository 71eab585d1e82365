"""What readers agreed to: the append-only record, and whether their consent to advertising stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from publisher.store.database import Tx
from publisher.store.tables import consents, refusals, subscribers, subscriptions, suppressions
from subscribers.model import SubscriptionStatus
from subscribers.notices import BY_OTHERS, GIVES, TAKES


def advertising_stands(subscription_id: ColumnElement[int]) -> ColumnElement[bool]:
    """
    In SQL: the reader of this subscription agreed to advertising, and has not taken it back.

    Whoever leaves takes everything back, so a withdrawal of either kind ends it.
    What a file or an operator says was agreed never stands against a withdrawal,
    whatever date it bears: only the reader can agree anew.
    """
    given, taken = consents.alias(), consents.alias()
    is_newer = or_(taken.c.at > given.c.at, and_(taken.c.at == given.c.at, taken.c.id > given.c.id))
    took_it_back = exists().where(
        taken.c.subscription_id == given.c.subscription_id,
        taken.c.event == TAKES,
        or_(is_newer, given.c.means.in_(BY_OTHERS)),
    )
    return exists().where(
        given.c.subscription_id == subscription_id,
        given.c.scope == "advertising",
        given.c.event.in_(GIVES),
        ~took_it_back,
    )


def is_not_paused(now: datetime) -> ColumnElement[bool]:
    """In SQL: letters of this subscription are wanted now."""
    return or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= now)


async def has_agreed_to_advertising(tx: Tx, subscription_id: int) -> bool:
    """Whether the consent of this subscription to advertising stands now."""
    known = subscriptions.c.id == subscription_id
    return bool((await tx.execute(select(exists().where(known, advertising_stands(subscriptions.c.id))))).scalar_one())


async def not_agreed(tx: Tx, list_name: str, *, now: datetime) -> int:
    """How many readers of a list would get its letters now if they were information, and get no advertising."""
    hashed = subscribers.c.address_hash
    counted = (
        select(func.count())
        .select_from(subscriptions.join(subscribers))
        .where(
            subscriptions.c.list == list_name,
            subscriptions.c.status == SubscriptionStatus.ACTIVE,
            ~exists().where(refusals.c.address_hash == hashed, refusals.c.list == list_name),
            ~exists().where(suppressions.c.address_hash == hashed),
            ~advertising_stands(subscriptions.c.id),
            is_not_paused(now),
        )
    )
    return int((await tx.execute(counted)).scalar_one())


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One line of the record. `at` is only when it was written down where `is_dated` is false."""

    id: int
    subscription_id: int
    list: str
    scope: str
    event: str
    at: datetime
    means: str
    text_version: str | None
    evidence: str | None
    is_dated: bool


async def of_person(tx: Tx, subscriber_id: int) -> Sequence[Consent]:
    """Everything a person agreed to and took back, in the order in which it was written down."""
    return await _record(tx, subscriptions.c.subscriber_id == subscriber_id)


async def of_subscription(tx: Tx, subscription_id: int) -> Sequence[Consent]:
    """The same of one list."""
    return await _record(tx, subscriptions.c.id == subscription_id)


async def _record(tx: Tx, which: ColumnElement[bool]) -> Sequence[Consent]:
    wanted = select(consents, subscriptions.c.list).join(subscriptions).where(which).order_by(consents.c.id)
    return [Consent(**row) for row in (await tx.execute(wanted)).mappings()]
