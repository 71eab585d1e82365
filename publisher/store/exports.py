"""Readers on their way out of the house, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, RowMapping, Select, exists, literal, null, select, union_all

from publisher.model import LanguageKey
from publisher.store.database import Tx
from publisher.store.tables import consents, refusals, subscribers, subscriptions, suppressions
from subscribers.notices import BY_OTHERS


@dataclass(frozen=True, kw_only=True)
class Line:
    """
    One person on one list, with what proves it and what ended it.

    `suppression` is the reason why nothing is sent to this address at all, and
    `has_refused` says that it refused this list; both stand above `status`.
    """

    id: int
    address: str | None  # None after erasure
    name: str | None
    list: str
    languages: LanguageKey
    missing: str | None
    status: str
    created_at: datetime
    ended_at: datetime | None
    ended_why: str | None
    consented_at: datetime | None
    evidence: str | None
    has_refused: bool
    suppression: str | None


_CONSENT = consents.alias("consent")
_LAST_CONSENT = (
    select(_CONSENT.c.id)
    .where(
        _CONSENT.c.subscription_id == subscriptions.c.id,
        _CONSENT.c.scope == "information",
        _CONSENT.c.event.in_(["given", "confirmed"]),
    )
    .order_by(_CONSENT.c.id.desc())
    .limit(1)
    .correlate(subscriptions)
    .scalar_subquery()
)
_REFUSED = exists().where(
    refusals.c.address_hash == subscribers.c.address_hash, refusals.c.list == subscriptions.c.list
)
_LINES = (
    select(
        subscriptions.c.id,
        subscribers.c.address,
        subscribers.c.name,
        subscriptions.c.list,
        subscriptions.c.languages,
        subscriptions.c.missing,
        subscriptions.c.status,
        subscriptions.c.created_at,
        subscriptions.c.ended_at,
        subscriptions.c.ended_why,
        consents.c.at.label("consented_at"),
        consents.c.evidence,
        _REFUSED.label("has_refused"),
        suppressions.c.reason.label("suppression"),
    )
    .select_from(subscriptions)
    .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
    .outerjoin(consents, consents.c.id == _LAST_CONSENT)
    .outerjoin(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
)


async def page(
    tx: Tx,
    *,
    list_name: str | None = None,
    status: str | None = None,
    only_review: bool = False,
    after: int = 0,
    limit: int = 1_000,
) -> Sequence[Line]:
    """
    The next lines after an id, in the order in which people came.

    `only_review`: whom a file or an operator brought in without the date of a consent, and who still wait.
    """
    statement = _LINES.where(subscriptions.c.id > after).order_by(subscriptions.c.id).limit(limit)
    if list_name:
        statement = statement.where(subscriptions.c.list == list_name)
    if status:
        statement = statement.where(subscriptions.c.status == status)
    if only_review:
        statement = statement.where(subscriptions.c.status == "pending", _asked_by_others())
    return [Line(**row) for row in (await tx.execute(statement)).mappings()]


def _asked_by_others() -> Any:
    asked = consents.alias("asked")
    return exists().where(
        asked.c.subscription_id == subscriptions.c.id, asked.c.event == "asked", asked.c.means.in_(BY_OTHERS)
    )


# ── What happened ────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that a person agreed to, withdrew or refused."""

    id: int
    address: str
    list: str | None  # None: all lists
    at: datetime
    event: str
    scope: str | None
    means: str
    text_version: str | None
    evidence: str | None


async def consents_after(tx: Tx, list_name: str | None, *, after: int = 0, limit: int = 1_000) -> Sequence[Event]:
    """The record of consents in its order, of people whose address is still here."""
    statement = (
        select(
            consents.c.id,
            subscribers.c.address,
            subscriptions.c.list,
            consents.c.at,
            consents.c.event,
            consents.c.scope,
            consents.c.means,
            consents.c.text_version,
            consents.c.evidence,
        )
        .join(subscriptions, subscriptions.c.id == consents.c.subscription_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(consents.c.id > after, subscribers.c.address.is_not(None))
        .order_by(consents.c.id)
        .limit(limit)
    )
    if list_name:
        statement = statement.where(subscriptions.c.list == list_name)
    return [Event(**row) for row in (await tx.execute(statement)).mappings()]


async def refusals_after(tx: Tx, list_name: str | None, *, after: int = 0, limit: int = 1_000) -> Sequence[Event]:
    """What people refused, by person, of those whose address is still here; `after` is a person's id."""
    people = (
        select(subscribers.c.id)
        .where(subscribers.c.id > after, subscribers.c.address.is_not(None), _refuses(list_name))
        .order_by(subscribers.c.id)
        .limit(limit)
    )
    ids = (await tx.execute(people)).scalars().all()
    rows = (await tx.execute(_refused_by(ids, list_name))).mappings()
    return [_event(row) for row in rows]


def _refuses(list_name: str | None) -> Any:
    refused = exists().where(refusals.c.address_hash == subscribers.c.address_hash)
    if list_name:
        refused = refused.where(refusals.c.list == list_name)
    return refused | exists().where(suppressions.c.address_hash == subscribers.c.address_hash)


def _refused_by(ids: Sequence[int], list_name: str | None) -> CompoundSelect[Any]:
    one: Select[Any] = select(
        subscribers.c.id,
        subscribers.c.address,
        refusals.c.list,
        refusals.c.at,
        literal("refused").label("event"),
        refusals.c.means,
        null().label("evidence"),
    ).join(refusals, refusals.c.address_hash == subscribers.c.address_hash)
    all_lists: Select[Any] = select(
        subscribers.c.id,
        subscribers.c.address,
        null().label("list"),
        suppressions.c.at,
        literal("suppressed").label("event"),
        suppressions.c.means,
        suppressions.c.reason.label("evidence"),
    ).join(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
    if list_name:
        one = one.where(refusals.c.list == list_name)
    return union_all(one.where(subscribers.c.id.in_(ids)), all_lists.where(subscribers.c.id.in_(ids))).order_by("id")


def _event(row: RowMapping) -> Event:
    return Event(**row, scope=None, text_version=None)
