"""
Which texts a released edition shows, and which of them became secret since.

Written down in the moment of release: what was joined then may be parted now,
and the other way round, but the letter goes on saying what it said.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, delete, func, insert, or_, select, union

from publisher.model import MIXED, EditionStatus, EntryStatus
from publisher.store.database import Tx
from publisher.store.tables import (
    UTCDateTime,
    corrections,
    edition_entries,
    edition_texts,
    editions,
    entries,
    source_items,
)

_HIDDEN = "secret"  # of `retracted_why` and `gone_why`


async def keep(tx: Tx, edition_id: int) -> None:
    """Write down what an edition shows now: its entries and those that it corrects, each with what is joined to it."""
    held = select(edition_entries.c.entry_id).where(
        edition_entries.c.edition_id == edition_id, edition_entries.c.left_out.is_(False)
    )
    told = union(held, select(corrections.c.entry_id).where(corrections.c.edition_id == edition_id)).subquery()
    shown = (
        select(told.c.entry_id, entries.c.id)
        .join(entries, or_(entries.c.id == told.c.entry_id, entries.c.joined_to == told.c.entry_id))
        .where(entries.c.status == EntryStatus.LIVE)
    )
    rows = [
        {"edition_id": edition_id, "entry_id": entry_id, "text_id": text_id}
        for entry_id, text_id in await tx.execute(shown)
    ]
    if rows:
        await tx.execute(insert(edition_texts), rows)


async def forget(tx: Tx, edition_id: int) -> None:
    """For an edition that was taken back before anybody saw it."""
    await tx.execute(delete(edition_texts).where(edition_texts.c.edition_id == edition_id))


async def in_flight_with(tx: Tx, entry_id: int) -> list[tuple[int, str, int]]:
    """The released editions not sent to their end that show the text of an entry: id, list and number."""
    showing = select(edition_texts.c.edition_id).where(edition_texts.c.text_id == entry_id)
    holding = select(editions.c.id, editions.c.list, editions.c.number).where(
        editions.c.id.in_(showing), editions.c.status == EditionStatus.RELEASED
    )
    return [(row.id, row.list, row.number) for row in await tx.execute(holding.order_by(editions.c.id))]


async def withdrawn_from(tx: Tx, edition_ids: Sequence[int]) -> dict[int, dict[str, datetime]]:
    """
    Of these editions: the public ids under which they show what became secret
    since, with the moment. An entry of which only the face in one language
    became secret is among them; one that stands again is not.
    """
    text = entries.alias()
    is_secret = and_(text.c.status == EntryStatus.RETRACTED, text.c.retracted_why == _HIDDEN)
    since = func.coalesce(case((is_secret, text.c.retracted_at)), _language_lost_at(text.c.id), type_=UTCDateTime)
    statement = (
        select(edition_texts.c.edition_id, entries.c.public_id, since.label("since"))
        .join(entries, entries.c.id == edition_texts.c.entry_id)
        .join(text, text.c.id == edition_texts.c.text_id)
        .where(edition_texts.c.edition_id.in_(list(edition_ids)), since.is_not(None))
        .order_by(since)
    )
    found: dict[int, dict[str, datetime]] = {}
    for row in await tx.execute(statement):
        found.setdefault(row.edition_id, {}).setdefault(row.public_id, row.since)
    return found


def _language_lost_at(entry_id: ColumnElement[int]) -> ScalarSelect[datetime]:
    """When an item of an entry became secret of which no other one tells the language."""
    other = source_items.alias()
    told_elsewhere = select(other.c.id).where(
        other.c.entry_id == source_items.c.entry_id,
        other.c.gone_at.is_(None),
        other.c.language.in_((source_items.c.language, MIXED)),
    )
    lost = select(func.max(source_items.c.gone_at)).where(
        source_items.c.entry_id == entry_id, source_items.c.gone_why == _HIDDEN, ~told_elsewhere.exists()
    )
    return lost.scalar_subquery()
