"""What sources say of their items: that it is the same text as another one, in another language."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, delete, insert, or_, select

from publisher.store.database import Tx
from publisher.store.tables import counterparts, source_items


@dataclass(frozen=True, kw_only=True)
class Told:
    """A source says that the text of the one entry is the other's too. `within`: both are of one archive."""

    entry_id: int
    other_id: int
    within: bool


async def remember(tx: Tx, archive: str, source_key: str, named: Sequence[str]) -> None:
    """Keep what an archive says now about the counterparts of one of its items."""
    item_id = select(source_items.c.id).where(
        source_items.c.archive == archive, source_items.c.source_key == source_key
    )
    found = (await tx.execute(item_id)).scalar_one_or_none()
    if found is None:
        return
    await tx.execute(delete(counterparts).where(counterparts.c.item_id == found))
    said = [{"item_id": found, "said": name} for name in dict.fromkeys(named)]
    if said:
        await tx.execute(insert(counterparts), said)


async def anything_said(tx: Tx) -> bool:
    """Whether any source has ever named a counterpart."""
    return (await tx.execute(select(counterparts.c.item_id).limit(1))).first() is not None


async def told_by(tx: Tx, archive: str, source_key: str, addresses: Sequence[str]) -> list[Told]:
    """Whom an item names that the house has. `addresses` are the spellings of those that it names by address."""
    item, other = source_items.alias(), source_items.alias()
    statement = (
        select(item.c.entry_id, other.c.entry_id.label("other_id"), (other.c.archive == archive).label("within"))
        .where(item.c.archive == archive, item.c.source_key == source_key)
        .where(counterparts.c.item_id == item.c.id)
        .where(
            or_(
                and_(other.c.archive == archive, other.c.source_key == counterparts.c.said),
                and_(other.c.url.in_(addresses), _is_of_one(other)),
            )
        )
        .where(other.c.entry_id != item.c.entry_id)
        .distinct()
    )
    return [_told(row.entry_id, row.other_id, row.within) for row in await tx.execute(statement)]


async def told_of(tx: Tx, archive: str, source_key: str, addresses: Sequence[str]) -> list[Told]:
    """Which items name this one, by its key or by one of the spellings of its address."""
    item, other = source_items.alias(), source_items.alias()
    statement = (
        select(other.c.entry_id, item.c.entry_id.label("other_id"), (other.c.archive == archive).label("within"))
        .where(item.c.archive == archive, item.c.source_key == source_key)
        .where(
            or_(
                and_(counterparts.c.said == source_key, other.c.archive == archive),
                and_(counterparts.c.said.in_(addresses), _is_of_one(item)),
            )
        )
        .where(other.c.id == counterparts.c.item_id, other.c.entry_id != item.c.entry_id)
        .distinct()
    )
    return [_told(row.entry_id, row.other_id, row.within) for row in await tx.execute(statement)]


def _is_of_one(item: FromClause) -> ColumnElement[bool]:
    """Some archives give one address to every piece: it says nothing about any of them."""
    third = source_items.alias()
    return ~select(third.c.id).where(third.c.url == item.c.url, third.c.entry_id != item.c.entry_id).exists()


def _told(entry_id: int, other_id: int, within: bool) -> Told:
    return Told(entry_id=entry_id, other_id=other_id, within=bool(within))


async def every_told(tx: Tx) -> list[Told]:
    """All that is said between two items that the house has; an address counts as it is written."""
    item, other = source_items.alias(), source_items.alias()
    of_archive = select(item.c.entry_id, other.c.entry_id.label("other_id")).where(
        item.c.id == counterparts.c.item_id,
        other.c.archive == item.c.archive,
        other.c.source_key == counterparts.c.said,
    )
    by_address = select(item.c.entry_id, other.c.entry_id.label("other_id")).where(
        item.c.id == counterparts.c.item_id, other.c.url == counterparts.c.said
    )
    rows = [*await tx.execute(of_archive), *await tx.execute(by_address)]
    return [_told(row.entry_id, row.other_id, True) for row in rows if row.entry_id != row.other_id]
