"""
The outbox: one row per letter and recipient, from release to the last answer.

Here rows come in, are stopped, and are counted; how workers take them and what
becomes of that is in `claims`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import (
    Account,
    DeliveryKind,
    DeliveryStatus,
    EditionStatus,
    Facts,
    LanguageKey,
    LetterKey,
    Missing,
)
from publisher.store.claims import WHY_NOT
from publisher.store.database import Tx
from publisher.store.due import OF_NONE, SENDING, WAITING
from publisher.store.recipients import (
    NOTHING_IN_THIS_LANGUAGE,
    late_key,
    letter_in,
    letter_key,
    made_keys,
    readers_of,
)
from publisher.store.tables import (
    accounts,
    attempts,
    deliveries,
    editions,
    subscribers,
)

# ── Queueing ─────────────────────────────────────────────────────────────────


async def enqueue_edition(
    tx: Tx,
    edition_id: int,
    list_name: str,
    *,
    now: datetime,
    due_at: datetime,
    missing: Missing = Missing.SHOW,
    profile: str = "default",
) -> int:
    """
    One delivery for each reader who may be written to; gives how many will be sent.

    Its letters are frozen before, those of readers' own wishes among them, where
    they differ from the list's setting (`missing`). Readers for whom there is
    none get a row too, withheld, so that the account names everybody.
    Who has a row keeps it: doing this twice queues nobody twice.
    """
    readers = readers_of(edition_id, list_name, profile, letter_key(missing), now=now, due_at=due_at)
    return await _enqueue_all(tx, readers, edition_id, now)


async def enqueue_missing(
    tx: Tx,
    edition_id: int,
    list_name: str,
    *,
    now: datetime,
    profile: str = "default",
) -> int:
    """
    Queue those who did not get the edition and may: new readers, failed copies, and withheld ones.

    Uncertain copies are left alone: they may have arrived. Whoever refused in
    the meantime is withheld again at the claim.
    """
    again = (
        update(deliveries)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.kind == DeliveryKind.EDITION,
            deliveries.c.status.in_([DeliveryStatus.FAILED, DeliveryStatus.WITHHELD]),
            letter_in(edition_id, deliveries.c.language_key),
            WHY_NOT.is_(None),
        )
        .values(
            status=DeliveryStatus.WAITING, reason=None, due_at=now, settled_at=None, attempts=0, first_attempt_at=None
        )
    )
    revived = (await tx.execute(again)).rowcount
    key = late_key(await made_keys(tx, edition_id))
    readers = readers_of(edition_id, list_name, profile, key, now=now, due_at=now)
    return revived + await _enqueue_all(tx, readers, edition_id, now)


async def enqueue_test(
    tx: Tx,
    edition_id: int,
    *,
    cause: str,
    address: str,
    address_hash: str,
    language_key: LanguageKey,
    now: datetime,
    profile: str = "default",
) -> int:
    """Queue one copy for one address, marked as a test; gives the delivery's id. `cause` tells two tests apart."""
    row = _row(DeliveryKind.TEST, cause, address, address_hash, language_key, now, profile)
    statement = insert(deliveries).values(row | {"edition_id": edition_id})
    return int((await tx.execute(statement.returning(deliveries.c.id))).scalar_one())


async def enqueue_letter(
    tx: Tx,
    kind: DeliveryKind,
    *,
    cause: str,
    facts: Facts,
    address: str,
    address_hash: str,
    language_key: LanguageKey,
    now: datetime,
    subscriber_id: int | None = None,
    subscription_id: int | None = None,
    due_at: datetime | None = None,
    profile: str = "default",
) -> int | None:
    """
    Queue one letter that belongs to no edition; gives the delivery's id.

    `cause` says what it is for: of one kind and cause there is one letter, and
    asking for it again gives None. It is written from `facts` (JSON) and the
    templates of its kind when it is sent, not before `due_at`. With a subscription it may carry that
    one's links.
    """
    row = _row(kind, cause, address, address_hash, language_key, now, profile)
    row |= {"facts": dict(facts), "subscriber_id": subscriber_id, "subscription_id": subscription_id}
    row |= {"due_at": due_at or now}
    statement = upsert(deliveries).values(row).on_conflict_do_nothing().returning(deliveries.c.id)
    delivery_id: int | None = (await tx.execute(statement)).scalar_one_or_none()
    return delivery_id


def _row(
    kind: DeliveryKind,
    cause: str,
    address: str,
    address_hash: str,
    language_key: LanguageKey,
    now: datetime,
    profile: str,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "address": address,
        "address_hash": address_hash,
        "language_key": language_key,
        "dedupe_key": f"{kind}:{cause}",
        "domain": address.rpartition("@")[2].lower(),
        "profile": profile,
        "status": DeliveryStatus.WAITING,
        "queued_at": now,
        "due_at": now,
    }


async def _enqueue_all(tx: Tx, readers: Select[Any], edition_id: int, now: datetime) -> int:
    has_letter = letter_in(edition_id, readers.selected_columns.language_key)
    queued = await _enqueue(tx, readers, has_letter, DeliveryStatus.WAITING, reason=None, settled_at=None)
    await _enqueue(tx, readers, ~has_letter, DeliveryStatus.WITHHELD, reason=NOTHING_IN_THIS_LANGUAGE, settled_at=now)
    return queued


async def _enqueue(
    tx: Tx,
    readers: Select[Any],
    who: ColumnElement[bool],
    status: DeliveryStatus,
    *,
    reason: str | None,
    settled_at: datetime | None,
) -> int:
    chosen = readers.where(who).add_columns(
        literal(status.value).label("status"),
        literal(reason, deliveries.c.reason.type).label("reason"),
        literal(settled_at, deliveries.c.settled_at.type).label("settled_at"),
    )
    columns = [column.name for column in chosen.selected_columns]
    statement = upsert(deliveries).from_select(columns, chosen).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount


# ── Stopping and finishing ───────────────────────────────────────────────────


async def withhold_waiting(tx: Tx, edition_id: int, *, reason: str, now: datetime) -> int:
    """Stop what has not gone yet; gives how many copies that were. Copies in hand are left to their workers."""
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.kind == DeliveryKind.EDITION, WAITING)
        .values(status=DeliveryStatus.WITHHELD, reason=reason, settled_at=now)
    )
    return result.rowcount


async def readdress(tx: Tx, subscriber_id: int, *, address: str, address_hash: str, domain: str) -> int:
    """Let the copies of editions that wait for a person go to their new address; gives how many."""
    theirs = (deliveries.c.subscriber_id == subscriber_id) & (deliveries.c.kind == DeliveryKind.EDITION)
    moved = update(deliveries).where(theirs, deliveries.c.status == DeliveryStatus.WAITING)
    return (await tx.execute(moved.values(address=address, address_hash=address_hash, domain=domain))).rowcount


async def take_back(tx: Tx, edition_id: int) -> bool:
    """Drop the queued copies of an edition. False, and nothing is dropped, when one was taken in hand already."""
    ours = (deliveries.c.edition_id == edition_id) & (deliveries.c.kind == DeliveryKind.EDITION)
    touched = select(func.count()).select_from(deliveries).where(ours, deliveries.c.claim_no > 0)
    if (await tx.execute(touched)).scalar_one():
        return False
    await tx.execute(delete(deliveries).where(ours))
    return True


async def hurry(tx: Tx, edition_id: int, now: datetime) -> int:
    """End the grace period: what waits for it is due now. Gives how many copies that are."""
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.edition_id == edition_id, WAITING, deliveries.c.claim_no == 0, deliveries.c.due_at > now)
        .values(due_at=now)
    )
    return result.rowcount


async def finish_editions(tx: Tx, now: datetime) -> list[int]:
    """released → sent for every edition of which nothing waits or is under way; gives their ids."""
    has_ended = exists().where(accounts.c.edition_id == editions.c.id, accounts.c.waiting == 0, accounts.c.sending == 0)
    finished = await tx.execute(
        update(editions)
        .where(editions.c.status == EditionStatus.RELEASED, has_ended)
        .values(status=EditionStatus.SENT, sent_at=now)
        .returning(editions.c.id)
    )
    return list(finished.scalars())


# ── Looking ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt that did not end in `sent`."""

    number: int
    at: datetime
    outcome: str
    code: int | None
    enhanced: str | None
    reply: str | None


@dataclass(frozen=True, kw_only=True)
class Story:
    """What became of one reader's copy, and why."""

    delivery_id: int
    status: DeliveryStatus
    reason: str | None
    language_key: LetterKey
    message_id: str | None
    queued_at: datetime
    due_at: datetime
    settled_at: datetime | None
    code: int | None
    reply: str | None
    tries: tuple[Try, ...]


async def account(tx: Tx, edition_id: int) -> Account:
    """The edition's copies by status; tests do not count. One row is read, however many copies there are."""
    row = (await tx.execute(select(accounts).where(accounts.c.edition_id == edition_id))).mappings().one_or_none()
    return Account(**{status: row[status] for status in DeliveryStatus}) if row else Account()


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One reader's copy of an edition, for the list of all of them. `address` is None after erasure."""

    address: str | None
    language_key: LetterKey
    status: DeliveryStatus
    reason: str | None


async def copies(tx: Tx, edition_id: int) -> list[Copy]:
    """Every copy of an edition, in the order in which they were queued; tests do not count."""
    rows = await tx.execute(
        select(deliveries.c.address, deliveries.c.language_key, deliveries.c.status, deliveries.c.reason)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.kind == DeliveryKind.EDITION)
        .order_by(deliveries.c.id)
    )
    return [Copy(**{**row, "status": DeliveryStatus(row["status"])}) for row in rows.mappings()]


async def waiting(tx: Tx) -> int:
    """How many copies wait in the whole outbox, tests among them."""
    of_editions = select(func.coalesce(func.sum(accounts.c.waiting), 0)).scalar_subquery()
    of_none = select(func.count()).where(WAITING, OF_NONE).scalar_subquery()
    return int((await tx.execute(select(of_editions + of_none))).scalar_one())


async def in_hand(tx: Tx) -> int:
    """How many copies a process has taken and not settled yet."""
    return int((await tx.execute(select(func.count()).select_from(deliveries).where(SENDING))).scalar_one())


async def outcome(tx: Tx, delivery_id: int) -> tuple[DeliveryStatus, str | None]:
    """How it stands with one copy, and why."""
    row = (
        await tx.execute(select(deliveries.c.status, deliveries.c.reason).where(deliveries.c.id == delivery_id))
    ).one()
    return DeliveryStatus(row.status), row.reason


async def explain(tx: Tx, edition_id: int, address_key: str) -> Story | None:
    """The story of one reader's copy of an edition; None when no copy was made for them."""
    row = (
        await tx.execute(
            select(deliveries)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(
                subscribers.c.address_key == address_key,
                deliveries.c.edition_id == edition_id,
                deliveries.c.kind == DeliveryKind.EDITION,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    tries = await tx.execute(select(attempts).where(attempts.c.delivery_id == row.id).order_by(attempts.c.id))
    return Story(
        delivery_id=row.id,
        status=DeliveryStatus(row.status),
        reason=row.reason,
        language_key=row.language_key,
        message_id=row.message_id,
        queued_at=row.queued_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        code=row.code,
        reply=row.reply,
        tries=tuple(
            Try(
                number=one.number,
                at=one.at,
                outcome=one.outcome,
                code=one.code,
                enhanced=one.enhanced,
                reply=one.reply,
            )
            for one in tries
        ),
    )
