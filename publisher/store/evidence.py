"""Reads for proof: everything that is kept of one person, and what became of one edition."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, func, or_, select

from publisher.model import DeliveryKind
from publisher.store.database import Tx
from publisher.store.tables import (
    attempts,
    consent_texts,
    deliveries,
    edition_entries,
    editions,
    refusals,
    subscribers,
    subscriptions,
    suppressions,
)

Row: TypeAlias = Mapping[str, Any]
"""A row by the names of its columns, for documents that show it as it is."""


async def person(tx: Tx, *, subscriber_id: int | None = None, address_hash: str | None = None) -> Row | None:
    """The person of this id or hash, erased or not."""
    which = subscribers.c.id == subscriber_id if address_hash is None else subscribers.c.address_hash == address_hash
    return await _row(tx, select(subscribers).where(which))


async def subscriptions_of(tx: Tx, subscriber_id: int) -> Sequence[Row]:
    wanted = select(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id).order_by(subscriptions.c.id)
    return await _rows(tx, wanted)


async def texts(tx: Tx, versions: Collection[str | None]) -> Mapping[str, str]:
    """What was shown to those who consented (JSON), by its version."""
    wanted = select(consent_texts.c.version, consent_texts.c.text).where(consent_texts.c.version.in_(versions))
    return {row.version: row.text for row in await tx.execute(wanted.order_by(consent_texts.c.since))}


async def letters_to(tx: Tx, subscriber_id: int) -> Sequence[Row]:
    """Every letter that was queued for a person, with the edition it was a copy of."""
    return await _rows(
        tx,
        select(deliveries, editions.c.list, editions.c.number, editions.c.classification)
        .select_from(deliveries.outerjoin(editions))
        .where(deliveries.c.subscriber_id == subscriber_id)
        .order_by(deliveries.c.id),
    )


async def tries_of(tx: Tx, subscriber_id: int) -> Sequence[Row]:
    wanted = select(attempts).join(deliveries).where(deliveries.c.subscriber_id == subscriber_id)
    return await _rows(tx, wanted.order_by(attempts.c.id))


async def refusals_of(tx: Tx, address_hash: str) -> Sequence[Row]:
    return await _rows(tx, select(refusals).where(refusals.c.address_hash == address_hash).order_by(refusals.c.list))


async def suppression_of(tx: Tx, address_hash: str) -> Row | None:
    wanted = select(suppressions).where(suppressions.c.address_hash == address_hash)
    return await _row(tx, wanted)


async def edition(tx: Tx, edition_id: int) -> Row:
    """The edition's own row, with who did what."""
    return dict((await tx.execute(select(editions).where(editions.c.id == edition_id))).mappings().one())


async def affected(tx: Tx, *, since: datetime, until: datetime) -> Sequence[Row]:
    """
    Who could be hurt by a breach between two moments: whose address was in the store then.

    That is everybody who was there before its end and is not erased, or was erased after its beginning.
    """
    is_there_still = or_(subscribers.c.erased_at.is_(None), subscribers.c.erased_at >= since)
    wanted = select(subscribers).where(subscribers.c.created_at <= until, is_there_still).order_by(subscribers.c.id)
    return await _rows(tx, wanted)


async def copies_by_reason(tx: Tx, edition_id: int) -> dict[str, int]:
    """How many copies ended for which reason, of those that did not simply go."""
    ours = (deliveries.c.edition_id == edition_id) & (deliveries.c.kind == DeliveryKind.EDITION)
    rows = await tx.execute(
        select(deliveries.c.reason, func.count())
        .where(ours, deliveries.c.reason.is_not(None))
        .group_by(deliveries.c.reason)
        .order_by(deliveries.c.reason)
    )
    return {row[0]: row[1] for row in rows}


async def editions_with(tx: Tx, entry_id: int) -> Sequence[Row]:
    """The editions that hold an entry, or leave it out for good: list, number, status, released_at, left_out."""
    return await _rows(
        tx,
        select(
            editions.c.list,
            editions.c.number,
            editions.c.status,
            editions.c.released_at,
            edition_entries.c.left_out,
        )
        .join(edition_entries, edition_entries.c.edition_id == editions.c.id)
        .where(edition_entries.c.entry_id == entry_id)
        .order_by(editions.c.list),
    )


async def subscription(tx: Tx, address_hash: str, list_name: str) -> Row | None:
    """What a person has with a list."""
    wanted = (
        select(subscriptions)
        .join(subscribers)
        .where(subscribers.c.address_hash == address_hash, subscriptions.c.list == list_name)
    )
    return await _row(tx, wanted)


async def _rows(tx: Tx, wanted: Select[Any]) -> Sequence[Row]:
    return [dict(row) for row in (await tx.execute(wanted)).mappings()]


async def _row(tx: Tx, wanted: Select[Any]) -> Row | None:
    row = (await tx.execute(wanted)).mappings().one_or_none()
    return None if row is None else dict(row)
