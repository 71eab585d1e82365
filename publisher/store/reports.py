"""Reads for people's eyes: what pages show and no flow needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from publisher.model import LanguageKey
from publisher.store.database import Database, Tx
from publisher.store.editions import IN_PUBLIC
from publisher.store.tables import editions, keys, letters


@dataclass(frozen=True, kw_only=True)
class PublishedEdition:
    """An edition as a line in a list; `subjects` are those of its frozen letters."""

    list: str
    number: int
    window_end: datetime
    subjects: Mapping[LanguageKey, str]


async def published_editions(tx: Tx, list_name: str, *, limit: int, offset: int = 0) -> list[PublishedEdition]:
    """What the public may look up of a list, newest first. Their entries are not loaded."""
    rows = await tx.execute(
        select(editions.c.id, editions.c.number, editions.c.window_end)
        .where(editions.c.list == list_name, editions.c.status.in_(IN_PUBLIC))
        .order_by(editions.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    shown = rows.all()
    subjects = await _subjects(tx, [row.id for row in shown])
    return [
        PublishedEdition(
            list=list_name, number=row.number, window_end=row.window_end, subjects=subjects.get(row.id, {})
        )
        for row in shown
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


async def _subjects(tx: Tx, edition_ids: list[int]) -> dict[int, dict[LanguageKey, str]]:
    rows = await tx.execute(
        select(letters.c.edition_id, letters.c.language_key, letters.c.subject).where(
            letters.c.edition_id.in_(edition_ids)
        )
    )
    subjects: dict[int, dict[LanguageKey, str]] = {}
    for row in rows:
        subjects.setdefault(row.edition_id, {})[row.language_key] = row.subject
    return subjects
