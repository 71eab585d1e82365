"""
Readers by the hundred: looked up, admitted and refused with one statement for a batch.

The same rows as `audience` writes one by one. A batch stands in one short
transaction of the caller's, so letters go on leaving while a million come in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import LanguageKey, Missing
from publisher.store.database import Tx
from publisher.store.tables import consents, refusals, subscribers, subscriptions, suppressions
from subscribers.model import EndedWhy, Subscription, SubscriptionStatus

# ── What is known of them ────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What one address has with one list. `confirmed_at`: the person's own last answer to a confirmation."""

    current: Subscription | None = None
    has_refused: bool = False
    confirmed_at: datetime | None = None


NOBODY = Standing()
Standings: TypeAlias = Mapping[str, Mapping[str, Standing]]
"""By address hash, then by list; a suppression stands under the list "", since it holds for all of them."""


_SUBSCRIPTIONS = select(
    subscriptions,
    subscribers.c.address_hash,
    select(func.max(consents.c.at))
    .where(consents.c.subscription_id == subscriptions.c.id, consents.c.event == "confirmed")
    .scalar_subquery()
    .label("own_answer"),
).join(subscribers)


async def standings(tx: Tx, hashes: Collection[str]) -> Standings:
    """What these addresses have with any list; who has nothing is left out. Read it with `standing_in`."""
    found: dict[str, dict[str, Standing]] = {}
    if not hashes:
        return found
    refused = await tx.execute(
        select(refusals.c.address_hash, refusals.c.list).where(refusals.c.address_hash.in_(hashes))
    )
    for address_hash, list_name in refused:
        found.setdefault(address_hash, {})[list_name] = Standing(has_refused=True)
    for row in (await tx.execute(_SUBSCRIPTIONS.where(subscribers.c.address_hash.in_(hashes)))).mappings():
        theirs = found.setdefault(row["address_hash"], {})
        theirs[row["list"]] = Standing(
            current=_subscription(row), has_refused=row["list"] in theirs, confirmed_at=row["own_answer"]
        )
    suppressed = await tx.execute(select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(hashes)))
    for address_hash in suppressed.scalars():
        found.setdefault(address_hash, {})[""] = Standing(has_refused=True)
    return found


def standing_in(found: Standings, address_hash: str, list_name: str) -> Standing:
    """What one of them has with one list."""
    theirs = found.get(address_hash, {})
    own = theirs.get(list_name, NOBODY)
    return replace(own, has_refused=own.has_refused or "" in theirs)


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        id=row["id"],
        subscriber_id=row["subscriber_id"],
        list=row["list"],
        languages=row["languages"],
        status=SubscriptionStatus(row["status"]),
        token_id=row["token_id"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        ended_why=EndedWhy(row["ended_why"]) if row["ended_why"] else None,
    )


# ── Coming in ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """One person who comes onto one list. `event` and the rest are what the consents' record says of it."""

    address: str
    address_key: str
    address_hash: str
    name: str | None
    list: str
    languages: LanguageKey
    missing: Missing | None
    status: SubscriptionStatus
    token_id: bytes
    event: str
    at: datetime
    evidence: str | None


async def admit(tx: Tx, newcomers: Sequence[Newcomer], *, means: str, now: datetime) -> None:
    """Put them on their lists, as `audience.add_subscriber`, `subscribe` and `record_consent` would."""
    if not newcomers:
        return
    await _add_people(tx, newcomers, now)
    people = await _ids_of(tx, {one.address_hash for one in newcomers})
    await _subscribe(tx, newcomers, people, now)
    taken = await tx.execute(
        select(subscriptions.c.id, subscriptions.c.subscriber_id, subscriptions.c.list).where(
            subscriptions.c.subscriber_id.in_(people.values())
        )
    )
    ids = {(row.subscriber_id, row.list): row.id for row in taken}
    await tx.execute(
        insert(consents),
        [
            {
                "subscription_id": ids[people[one.address_hash], one.list],
                "scope": "information",
                "event": one.event,
                "at": one.at,
                "is_dated": one.event != "asked",  # without the date of a consent it only asks
                "means": means,
                "evidence": one.evidence,
            }
            for one in newcomers
        ],
    )


async def _add_people(tx: Tx, newcomers: Sequence[Newcomer], now: datetime) -> None:
    statement = upsert(subscribers)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[subscribers.c.address_hash],
            set_={
                "address": func.coalesce(subscribers.c.address, statement.excluded.address),
                "address_key": func.coalesce(subscribers.c.address_key, statement.excluded.address_key),
                "name": func.coalesce(subscribers.c.name, statement.excluded.name),
            },
        ),
        [
            {
                "address": one.address,
                "address_key": one.address_key,
                "address_hash": one.address_hash,
                "name": one.name,
                "created_at": now,
            }
            for one in newcomers
        ],
    )


async def _ids_of(tx: Tx, hashes: Collection[str]) -> dict[str, int]:
    rows = await tx.execute(
        select(subscribers.c.address_hash, subscribers.c.id).where(subscribers.c.address_hash.in_(hashes))
    )
    return {row.address_hash: row.id for row in rows}


async def _subscribe(tx: Tx, newcomers: Sequence[Newcomer], people: Mapping[str, int], now: datetime) -> None:
    statement = upsert(subscriptions)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[subscriptions.c.subscriber_id, subscriptions.c.list],
            set_={
                "languages": statement.excluded.languages,
                "missing": func.coalesce(statement.excluded.missing, subscriptions.c.missing),
                "status": statement.excluded.status,
                "confirmed_at": statement.excluded.confirmed_at,
                "paused_until": None,
                "ended_at": None,
                "ended_why": None,
            },
        ),
        [
            {
                "subscriber_id": people[one.address_hash],
                "list": one.list,
                "languages": one.languages,
                "missing": one.missing,
                "status": one.status,
                "token_id": one.token_id,
                "created_at": now,
                "confirmed_at": now if one.status is SubscriptionStatus.ACTIVE else None,
            }
            for one in newcomers
        ],
    )


# ── Refusals of another house ────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One address that is not to be written to: from one list, or (`reason` of a suppression) from any."""

    address_hash: str
    list: str
    at: datetime
    reason: str | None
    subscription_ids: Sequence[int]  # what ends with it
    why: EndedWhy


async def refuse(tx: Tx, refused: Sequence[Refused], *, means: str, now: datetime) -> None:
    """Write them down and end what they had. The first refusal's time stays."""
    suppressing = [one for one in refused if one.reason]
    leaving = [one for one in refused if not one.reason]
    if suppressing:
        await tx.execute(
            upsert(suppressions).on_conflict_do_nothing(),
            [
                {"address_hash": one.address_hash, "reason": one.reason, "at": one.at, "means": means}
                for one in suppressing
            ],
        )
    if leaving:
        await tx.execute(
            upsert(refusals).on_conflict_do_nothing(),
            [{"address_hash": one.address_hash, "list": one.list, "at": one.at, "means": means} for one in leaving],
        )
    await _end([(one, ending) for one in refused for ending in one.subscription_ids], tx, means, now)


async def _end(endings: Sequence[tuple[Refused, int]], tx: Tx, means: str, now: datetime) -> None:
    if not endings:
        return
    for one, subscription_id in endings:
        await tx.execute(
            update(subscriptions)
            .where(subscriptions.c.id == subscription_id)
            .values(status=SubscriptionStatus.ENDED, ended_at=now, ended_why=one.why)
        )
    await tx.execute(
        insert(consents),
        [
            {
                "subscription_id": subscription_id,
                "scope": "information",
                "event": "withdrawn",
                "at": one.at,
                "means": means,
                "evidence": f"{one.why}, told by a file",
            }
            for one, subscription_id in endings
        ],
    )
