"""Readers: people, their subscriptions, what they agreed to and what they refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    RowMapping,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import Classification, LanguageKey
from publisher.store.consents import advertising_stands, is_not_paused
from publisher.store.database import Tx
from publisher.store.tables import (
    consent_texts,
    consents,
    refusals,
    subscribers,
    subscriptions,
    suppressions,
)
from subscribers.asking import no_graver_than
from subscribers.model import EndedWhy, Subscription, SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A subscription with its person, for lists of them."""

    subscription: Subscription
    address: str | None
    address_hash: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with an address; `address` and its key are None after erasure."""

    id: int
    address: str | None
    address_key: str | None
    address_hash: str
    is_being_erased: bool


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address is never written to (stopped · complained · bounced · erased), since when, and who told it."""

    reason: str
    at: datetime
    means: str


_READERS = select(subscriptions, subscribers.c.address, subscribers.c.address_hash, subscribers.c.name).join(
    subscribers
)

# ── Who is there ─────────────────────────────────────────────────────────────


async def add_subscriber(
    tx: Tx, *, address: str, address_key: str, address_hash: str, name: str | None, now: datetime
) -> int:
    """The person behind an address; made when there is none. A known name is not overwritten."""
    statement = upsert(subscribers).values(
        address=address, address_key=address_key, address_hash=address_hash, name=name, created_at=now
    )
    made = statement.on_conflict_do_update(
        index_elements=[subscribers.c.address_hash],
        set_={
            # An erased person who asks anew gets the address back on the same row.
            "address": func.coalesce(subscribers.c.address, statement.excluded.address),
            "address_key": func.coalesce(subscribers.c.address_key, statement.excluded.address_key),
            "name": func.coalesce(subscribers.c.name, statement.excluded.name),
            "erased_at": None,
        },
    ).returning(subscribers.c.id)
    return int((await tx.execute(made)).scalar_one())


async def subscription_of(tx: Tx, address_hash: str, list_name: str) -> Subscription | None:
    """What this person has with this list, whatever its state."""
    statement = (
        select(subscriptions)
        .join(subscribers)
        .where(subscribers.c.address_hash == address_hash, subscriptions.c.list == list_name)
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else _subscription(row)


async def by_token(tx: Tx, token_id: bytes) -> Reader | None:
    """The subscription that a link belongs to."""
    row = (await tx.execute(_READERS.where(subscriptions.c.token_id == token_id))).mappings().one_or_none()
    return None if row is None else _reader(row)


async def by_id(tx: Tx, subscription_id: int) -> Reader | None:
    """A subscription with its person."""
    row = (await tx.execute(_READERS.where(subscriptions.c.id == subscription_id))).mappings().one_or_none()
    return None if row is None else _reader(row)


async def on_list(tx: Tx, address_hash: str, list_name: str) -> Reader | None:
    """What this person has with this list, with the person."""
    wanted = _READERS.where(subscribers.c.address_hash == address_hash, subscriptions.c.list == list_name)
    row = (await tx.execute(wanted)).mappings().one_or_none()
    return None if row is None else _reader(row)


async def listed(
    tx: Tx, *, list_name: str | None = None, status: str | None = None, limit: int = 1000, after: int = 0
) -> list[Reader]:
    """Subscriptions in the order in which they were made, those after an id."""
    statement = _READERS.where(subscriptions.c.id > after).order_by(subscriptions.c.id).limit(limit)
    if list_name:
        statement = statement.where(subscriptions.c.list == list_name)
    if status:
        statement = statement.where(subscriptions.c.status == status)
    return [_reader(row) for row in (await tx.execute(statement)).mappings()]


async def reachable(
    tx: Tx, list_name: str, classification: Classification = Classification.INFORMATION, *, now: datetime | None = None
) -> Mapping[LanguageKey, int]:
    """
    How many would get an edition of this list, per language key; of advertising, who agreed to it.

    With `now` those are left out who pause the list then.
    """
    rows = await tx.execute(
        _reachable(subscriptions.c.languages, list_name, classification, now).order_by(subscriptions.c.languages)
    )
    return {row[0]: row[1] for row in rows}


async def reachable_at(
    tx: Tx, list_name: str, classification: Classification, domains: Iterable[str], *, now: datetime
) -> Mapping[str, int]:
    """How many of them have their address at one of these domains."""
    domain = func.substr(subscribers.c.address_key, func.instr(subscribers.c.address_key, "@") + 1)
    rows = await tx.execute(_reachable(domain, list_name, classification, now).having(domain.in_(list(domains))))
    return {row[0]: row[1] for row in rows}


def _reachable(
    by: ColumnElement[str], list_name: str, classification: Classification, now: datetime | None
) -> Select[str, int]:
    return (
        select(by, func.count())
        .select_from(subscriptions.join(subscribers))
        .where(
            subscriptions.c.list == list_name,
            subscriptions.c.status == SubscriptionStatus.ACTIVE,
            ~exists().where(refusals.c.address_hash == subscribers.c.address_hash, refusals.c.list == list_name),
            ~exists().where(suppressions.c.address_hash == subscribers.c.address_hash),
            advertising_stands(subscriptions.c.id) if classification is Classification.ADVERTISING else true(),
            true() if now is None else is_not_paused(now),
        )
        .group_by(by)
    )


async def has_refused(tx: Tx, address_hash: str, list_name: str) -> bool:
    """Did this person leave this list, or ask never to be written to at all?"""
    refused = exists().where(refusals.c.address_hash == address_hash, refusals.c.list == list_name)
    suppressed = exists().where(suppressions.c.address_hash == address_hash)
    return bool((await tx.execute(select(refused | suppressed))).scalar_one())


async def refusal_of(tx: Tx, address_hash: str, list_name: str) -> str | None:
    """Why nothing of this list is sent to an address: the reason of a suppression, `moved` or `unsubscribed`."""
    suppression = await suppression_of(tx, address_hash)
    if suppression is not None:
        return suppression.reason
    wanted = select(refusals.c.means).where(refusals.c.address_hash == address_hash, refusals.c.list == list_name)
    return refusal_word((await tx.execute(wanted)).scalar_one_or_none())


def refusal_word(means: str | None) -> str | None:
    """What a refusal of a list that came by these means is called."""
    return None if means is None else "moved" if means == "moved" else "unsubscribed"


# ── Asking and leaving ───────────────────────────────────────────────────────


async def subscribe(
    tx: Tx,
    subscriber_id: int,
    list_name: str,
    *,
    languages: LanguageKey,
    status: SubscriptionStatus,
    token_id: bytes,
    now: datetime,
) -> int:
    """Put a person on a list, or take up the row that they had; gives the subscription's id."""
    confirmed_at = now if status is SubscriptionStatus.ACTIVE else None
    values = {
        "languages": languages,
        "status": status,
        "confirmed_at": confirmed_at,
        "paused_until": None,  # a pause of long ago is none of who comes back
        "ended_at": None,
        "ended_why": None,
        "successor_id": None,
    }
    statement = upsert(subscriptions).values(
        subscriber_id=subscriber_id, list=list_name, token_id=token_id, created_at=now, **values
    )
    made = statement.on_conflict_do_update(
        index_elements=[subscriptions.c.subscriber_id, subscriptions.c.list], set_=values
    ).returning(subscriptions.c.id)
    return int((await tx.execute(made)).scalar_one())


async def end(tx: Tx, subscription_id: int, *, why: EndedWhy, now: datetime) -> bool:
    """pending or active → ended. False when it had ended before."""
    result = await tx.execute(
        update(subscriptions)
        .where(
            subscriptions.c.id == subscription_id,
            subscriptions.c.status.in_([SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE]),
        )
        .values(status=SubscriptionStatus.ENDED, ended_at=now, ended_why=why)
    )
    return result.rowcount == 1


async def refuse(tx: Tx, address_hash: str, list_name: str, *, means: str, now: datetime) -> None:
    """
    Remember that this address wants nothing from this list.

    The latest refusal's time stands: whoever asks anew must have asked after it.
    """
    statement = upsert(refusals).values(address_hash=address_hash, list=list_name, at=now, means=means)
    keys = [refusals.c.address_hash, refusals.c.list]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"at": statement.excluded.at}))


async def suppress(tx: Tx, address_hash: str, *, reason: str, means: str, now: datetime) -> None:
    """
    Remember that this address is never written to, on any list.

    What stands there for a graver reason stays; otherwise the latest word does.
    """
    statement = upsert(suppressions).values(address_hash=address_hash, reason=reason, at=now, means=means)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[suppressions.c.address_hash],
            set_={name: statement.excluded[name] for name in ("reason", "at", "means")},
            where=suppressions.c.reason.in_(no_graver_than(reason)),
        )
    )


async def refused_at(tx: Tx, address_hash: str, list_name: str) -> datetime | None:
    """When this person left this list last and did not come back."""
    wanted = select(refusals.c.at).where(refusals.c.address_hash == address_hash, refusals.c.list == list_name)
    return (await tx.execute(wanted)).scalar_one_or_none()


async def suppression_of(tx: Tx, address_hash: str) -> Suppression | None:
    """Why this address is never written to, and since when."""
    wanted = select(suppressions).where(suppressions.c.address_hash == address_hash)
    row = (await tx.execute(wanted)).one_or_none()
    return None if row is None else Suppression(reason=row.reason, at=row.at, means=row.means)


async def lift(tx: Tx, address_hash: str, list_name: str) -> None:
    """Forget the refusal of a list. Only for a confirmation that is newer (`subscribers.asking.lifts`)."""
    await tx.execute(delete(refusals).where(refusals.c.address_hash == address_hash, refusals.c.list == list_name))


async def lift_suppression(tx: Tx, address_hash: str) -> None:
    """The same for an address that was never to be written to."""
    await tx.execute(delete(suppressions).where(suppressions.c.address_hash == address_hash))


async def copy_refusals(tx: Tx, old_hash: str, new_hash: str) -> None:
    """What a person refused under one address stays refused under their next."""
    chosen = select(literal(new_hash), refusals.c.list, refusals.c.at, refusals.c.means).where(
        refusals.c.address_hash == old_hash
    )
    statement = upsert(refusals).from_select(["address_hash", "list", "at", "means"], chosen)
    await tx.execute(statement.on_conflict_do_nothing())


# ── Choosing ─────────────────────────────────────────────────────────────────


async def subscriptions_of(tx: Tx, subscriber_id: int) -> list[Reader]:
    """Everything this person has, whatever its state, by list."""
    wanted = _READERS.where(subscriptions.c.subscriber_id == subscriber_id).order_by(subscriptions.c.list)
    return [_reader(row) for row in (await tx.execute(wanted)).mappings()]


async def person(tx: Tx, subscriber_id: int) -> Person:
    """The person behind an id."""
    wanted = select(subscribers).where(subscribers.c.id == subscriber_id)
    return _person((await tx.execute(wanted)).one())


async def person_by_hash(tx: Tx, address_hash: str) -> Person | None:
    """The person behind an address."""
    row = (await tx.execute(select(subscribers).where(subscribers.c.address_hash == address_hash))).one_or_none()
    return None if row is None else _person(row)


async def choose(
    tx: Tx, subscription_id: int, *, languages: LanguageKey, missing: str | None, paused_until: datetime | None
) -> bool:
    """What a reader wants of a running subscription. False when it is not running, or was so already."""
    wanted = {"languages": languages, "missing": missing, "paused_until": paused_until}
    differs = or_(*(subscriptions.c[name].is_distinct_from(value) for name, value in wanted.items()))
    result = await tx.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.status == SubscriptionStatus.ACTIVE, differs)
        .values(**wanted)
    )
    return result.rowcount == 1


async def hand_over(tx: Tx, subscription_id: int, successor_id: int) -> None:
    """Another person's subscription goes on for this one: links in its letters still let them leave."""
    await tx.execute(
        update(subscriptions).where(subscriptions.c.id == subscription_id).values(successor_id=successor_id)
    )


async def successor_of(tx: Tx, subscription_id: int) -> Reader | None:
    """What goes on for a subscription that was handed over."""
    handed = select(subscriptions.c.successor_id).where(subscriptions.c.id == subscription_id).scalar_subquery()
    row = (await tx.execute(_READERS.where(subscriptions.c.id == handed))).mappings().one_or_none()
    return None if row is None else _reader(row)


async def expire(tx: Tx, subscriber_id: int, list_name: str) -> bool:
    """pending → expired: asked and never confirmed."""
    result = await tx.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.list == list_name,
            subscriptions.c.status == SubscriptionStatus.PENDING,
        )
        .values(status=SubscriptionStatus.EXPIRED)
    )
    return result.rowcount == 1


async def readdress(tx: Tx, subscriber_id: int, *, address: str, address_key: str, address_hash: str) -> None:
    """The person's letters go to this address from now on. No other person may have it."""
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(address=address, address_key=address_key, address_hash=address_hash)
    )


async def keep_text(tx: Tx, version: str, text: str, now: datetime) -> None:
    """Keep what was shown to those who consent, under its version."""
    await tx.execute(upsert(consent_texts).values(version=version, text=text, since=now).on_conflict_do_nothing())


async def record_consent(
    tx: Tx,
    subscription_id: int,
    *,
    event: str,
    means: str,
    now: datetime,
    at: datetime | None = None,
    evidence: str | None = None,
    scope: str = "information",
    text_version: str | None = None,
) -> None:
    """
    Append what was agreed to or withdrawn. `at` is when it happened, if that was earlier.

    What a file tells without a date is written down as undated: no notice is due by it.
    """
    await tx.execute(
        insert(consents).values(
            subscription_id=subscription_id,
            scope=scope,
            event=event,
            at=at or now,
            means=means,
            text_version=text_version,
            evidence=evidence,
            is_dated=at is not None or means != "import",
        )
    )


def _reader(row: RowMapping) -> Reader:
    return Reader(
        subscription=_subscription(row),
        address=row["address"],
        address_hash=row["address_hash"],
        name=row["name"],
    )


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        address=row.address,
        address_key=row.address_key,
        address_hash=row.address_hash,
        is_being_erased=row.erasing_since is not None,
    )


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        id=row["id"],
        subscriber_id=row["subscriber_id"],
        list=row["list"],
        languages=row["languages"],
        status=SubscriptionStatus(row["status"]),
        token_id=row["token_id"],
        created_at=row["created_at"],
        confirmed_at=row["confirmed_at"],
        paused_until=row["paused_until"],
        missing=row["missing"],
        ended_at=row["ended_at"],
        ended_why=EndedWhy(row["ended_why"]) if row["ended_why"] else None,
    )
