"""Which source items still stand in their archive, and what becomes of an entry when one does not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from publisher.model import MISSED, EntryStatus
from publisher.store.database import Tx
from publisher.store.indexing import refresh
from publisher.store.tables import entries, faces, source_items
from publisher.store.translations import follow

_AT_ONCE = 500  # SQLite's limit on values in one statement


@dataclass(frozen=True, kw_only=True)
class Item:
    """A source item that has not been taken away. `is_only`: its entry stands nowhere else."""

    id: int
    entry_id: int
    source_key: str
    missing_since: datetime | None
    is_only: bool


async def standing(tx: Tx, archive: str) -> int:
    """How many items of an archive have not been taken away."""
    counted = select(func.count()).select_from(source_items)
    found = await tx.execute(counted.where(source_items.c.archive == archive, source_items.c.gone_at.is_(None)))
    return int(found.scalar_one())


async def items(tx: Tx, archive: str, source_keys: Sequence[str]) -> list[Item]:
    """Those of these items that have not been taken away yet."""
    other = source_items.alias()
    elsewhere = select(other.c.id).where(
        other.c.entry_id == source_items.c.entry_id,
        other.c.id != source_items.c.id,
        other.c.gone_at.is_(None),
        other.c.missing_since.is_(None),
    )
    found = []
    for start in range(0, len(source_keys), _AT_ONCE):
        rows = await tx.execute(
            select(source_items, elsewhere.exists().label("elsewhere")).where(
                source_items.c.archive == archive,
                source_items.c.source_key.in_(source_keys[start : start + _AT_ONCE]),
                source_items.c.gone_at.is_(None),
            )
        )
        found += [
            Item(
                id=row.id,
                entry_id=row.entry_id,
                source_key=row.source_key,
                missing_since=row.missing_since,
                is_only=not row.elsewhere,
            )
            for row in rows
        ]
    return found


async def miss(tx: Tx, missing: Collection[Item], *, now: datetime) -> None:
    """Remember that these were told gone; a second time will tell."""
    for item in missing:
        await tx.execute(update(source_items).where(source_items.c.id == item.id).values(missing_since=now))


async def take_away(tx: Tx, item: Item, why: str, *, copies_count: bool, now: datetime) -> bool:
    """
    Take an item away; gives whether its entry is retracted with it.

    Where the same text stands at another place, and copies count, that one tells
    the entry from now on. What stands elsewhere is read anew, so that an entry
    retracted in spite of it comes back if that is to be seen.
    """
    await tx.execute(update(source_items).where(source_items.c.id == item.id).values(gone_at=now, gone_why=why))
    if not await _has_faces(tx, item.id):
        return False
    others = await _others(tx, item)
    if others:
        await tx.execute(update(source_items).where(_others_of(item)).values(digest=MISSED))
    telling = [other for other in others if await _has_faces(tx, other)]
    if telling:  # the other language of a pair
        await tx.execute(faces.delete().where(faces.c.item_id == item.id))
        await follow(tx, item.entry_id)
        await refresh(tx)
    elif others and copies_count:
        await _hand_over(tx, item, others[0], now)
    else:
        await tx.execute(
            update(entries)
            .where(entries.c.id == item.entry_id)
            .values(status=EntryStatus.RETRACTED, retracted_at=now, retracted_why=why)
        )
        return True
    return False


async def _hand_over(tx: Tx, item: Item, heir: int, now: datetime) -> None:
    url = (await tx.execute(select(source_items.c.url).where(source_items.c.id == heir))).scalar_one()
    await tx.execute(update(faces).where(faces.c.item_id == item.id).values(item_id=heir, url=url))
    await tx.execute(update(entries).where(entries.c.id == item.entry_id).values(url=url, updated_at=now))
    await follow(tx, item.entry_id)


async def _has_faces(tx: Tx, item_id: int) -> bool:
    counted = select(func.count()).select_from(faces).where(faces.c.item_id == item_id)
    return bool((await tx.execute(counted)).scalar_one())


async def _others(tx: Tx, item: Item) -> list[int]:
    rows = await tx.execute(select(source_items.c.id).where(_others_of(item)).order_by(source_items.c.id))
    return list(rows.scalars())


def _others_of(item: Item) -> ColumnElement[bool]:
    return (
        (source_items.c.entry_id == item.entry_id) & (source_items.c.id != item.id) & source_items.c.gone_at.is_(None)
    )
