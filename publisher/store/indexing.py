"""
The index that search reads, kept in the transaction that changes a text.

`search_terms` has a row per entry with the terms of all its faces. Whatever
touches a face empties the row (by triggers in the database, so that nothing
stale is ever found); `refresh` fills what is empty.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from publisher.markup import text_of
from publisher.store.bigrams import terms
from publisher.store.database import Tx
from publisher.store.tables import faces, search_terms

_AT_ONCE = 100
_LONGEST_BODY = 300_000  # characters: a book; what stands behind it is not found


async def refresh(tx: Tx) -> None:
    """Let what this transaction wrote be found. Cheap when nothing is to be done."""
    while stale := await _stale(tx):
        for entry_id in stale:
            rows = (await tx.execute(select(faces).where(faces.c.entry_id == entry_id))).all()
            told = update(search_terms).where(search_terms.c.entry_id == entry_id)
            await tx.execute(told.values(of_faces(rows)))


def of_faces(rows: Iterable[Row[Any]]) -> dict[str, str]:
    """The terms of an entry as `search_terms` keeps them: parted by blanks."""
    shown = list(rows)
    return {
        "title": " ".join(terms("\n".join(row.title for row in shown))),
        "body": " ".join(terms("\n".join(text_of(row.html)[:_LONGEST_BODY] for row in shown))),
    }


async def _stale(tx: Tx) -> Sequence[int]:
    empty = select(search_terms.c.entry_id).where(search_terms.c.title.is_(None)).limit(_AT_ONCE)
    return (await tx.execute(empty)).scalars().all()
