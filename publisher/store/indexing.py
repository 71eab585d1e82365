"""
The index that search reads, kept in the transaction that changes a text.

`search_terms` has a row per entry with the terms of all its faces. Whatever
touches a face empties the row (by triggers in the database, so that nothing
stale is ever found); `refresh` fills what is empty.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from publisher.store.bigrams import terms_of
from publisher.store.database import Tx
from publisher.store.tables import faces, search_terms

_AT_ONCE = 100


async def refresh(tx: Tx) -> None:
    """Let what this transaction wrote be found. Cheap when nothing is to be done."""
    while stale := await _stale(tx):
        for entry_id in stale:
            rows = await tx.execute(select(faces.c.title, faces.c.html).where(faces.c.entry_id == entry_id))
            told = update(search_terms).where(search_terms.c.entry_id == entry_id)
            await tx.execute(told.values(terms_of([(row.title, row.html) for row in rows])))


async def _stale(tx: Tx) -> Sequence[int]:
    empty = select(search_terms.c.entry_id).where(search_terms.c.title.is_(None)).limit(_AT_ONCE)
    return (await tx.execute(empty)).scalars().all()
