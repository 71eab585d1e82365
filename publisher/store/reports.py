"""Reads for people's eyes: what pages show and no flow needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from publisher.model import DeliveryKind, DeliveryStatus, Facts, LetterKey
from publisher.store.database import Database, Tx
from publisher.store.editions import IN_PUBLIC
from publisher.store.tables import deliveries, editions, keys, letters
from publisher.store.texts import withdrawn_from


@dataclass(frozen=True, kw_only=True)
class PublishedEdition:
    """
    An edition as a line in a list; `subjects` are those of its frozen letters.

    They may name what the public is not to see any more, if it `is_covered`.
    """

    list: str
    number: int
    window_end: datetime
    subjects: Mapping[LetterKey, str]
    is_covered: bool = False


async def published_editions(tx: Tx, list_name: str, *, limit: int, offset: int = 0) -> list[PublishedEdition]:
    """What the public may look up of a list, newest first. Their entries are not loaded."""
    rows = await tx.execute(
        select(editions.c.id, editions.c.number, editions.c.window_end)
        .where(editions.c.list == list_name, editions.c.status.in_(IN_PUBLIC))
        .order_by(editions.c.window_end.desc())
        .limit(limit)
        .offset(offset)
    )
    shown = rows.all()
    subjects = await _subjects(tx, [row.id for row in shown])
    withdrawn = await withdrawn_from(tx, [row.id for row in shown])
    return [
        PublishedEdition(
            list=list_name,
            number=row.number,
            window_end=row.window_end,
            subjects=subjects.get(row.id, {}),
            is_covered=row.id in withdrawn,
        )
        for row in shown
    ]


async def letter_hashes(tx: Tx, edition_id: int) -> Mapping[LetterKey, str]:
    """The hash of each frozen letter of an edition."""
    found = select(letters.c.language_key, letters.c.hash).where(letters.c.edition_id == edition_id)
    return {row.language_key: row.hash for row in await tx.execute(found.order_by(letters.c.language_key))}


@dataclass(frozen=True, kw_only=True)
class SentLetter:
    """A letter of no edition: what it tells, and what became of it."""

    facts: Facts
    queued_at: datetime
    status: DeliveryStatus
    reason: str | None


async def last_letters(tx: Tx, kind: DeliveryKind, *, limit: int) -> list[SentLetter]:
    """The newest letters of a kind that belongs to no edition."""
    rows = await tx.execute(
        select(deliveries.c.facts, deliveries.c.queued_at, deliveries.c.status, deliveries.c.reason)
        # By the range of their keys, which has an index: among millions of copies these are a handful.
        .where(deliveries.c.dedupe_key >= f"{kind}:", deliveries.c.dedupe_key < f"{kind};")
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    return [
        SentLetter(facts=row.facts or {}, queued_at=row.queued_at, status=DeliveryStatus(row.status), reason=row.reason)
        for row in rows
    ]


async def count_published(tx: Tx, list_name: str) -> int:
    """How many editions of a list the public may look up."""
    wanted = (editions.c.list == list_name) & editions.c.status.in_(IN_PUBLIC)
    return int((await tx.execute(select(func.count()).select_from(editions).where(wanted))).scalar_one())


async def is_answering(database: Database) -> bool:
    """Whether the store can be read at this moment."""
    try:
        async with database.read() as tx:
            await tx.execute(select(func.count()).select_from(keys))
    except (SQLAlchemyError, OSError):
        return False
    return True


async def _subjects(tx: Tx, edition_ids: list[int]) -> dict[int, dict[LetterKey, str]]:
    rows = await tx.execute(
        select(letters.c.edition_id, letters.c.language_key, letters.c.subject).where(
            letters.c.edition_id.in_(edition_ids)
        )
    )
    subjects: dict[int, dict[LetterKey, str]] = {}
    for row in rows:
        subjects.setdefault(row.edition_id, {})[row.language_key] = row.subject
    return subjects
