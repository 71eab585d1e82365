"""The name of an archive, wherever it is stored."""

from sqlalchemy import delete, exists, or_, select, update

from publisher.store.database import Tx
from publisher.store.tables import archives, entries, source_items


async def is_known(tx: Tx, name: str) -> bool:
    """Whether anything is stored under this archive's name."""
    known = or_(exists().where(archives.c.name == name), exists().where(source_items.c.archive == name))
    return bool((await tx.execute(select(or_(known, exists().where(entries.c.archive == name))))).scalar_one())


async def has_entries(tx: Tx, name: str) -> bool:
    """Whether pieces are stored under this archive's name, retracted ones among them."""
    found = or_(exists().where(source_items.c.archive == name), exists().where(entries.c.archive == name))
    return bool((await tx.execute(select(found))).scalar_one())


async def rename(tx: Tx, old: str, new: str) -> None:
    """Entries, their items, cursor and health go over to the new name; public ids and Atom ids stay as they are."""
    if await has_entries(tx, old):
        # Under the new name there can only be reads that brought nothing; their cursor is worth nothing either.
        await tx.execute(delete(archives).where(archives.c.name == new))
    elif (await tx.execute(select(archives.c.name).where(archives.c.name == new))).first():
        await tx.execute(delete(archives).where(archives.c.name == old))
    await tx.execute(update(archives).where(archives.c.name == old).values(name=new, alarm=None))
    await tx.execute(update(source_items).where(source_items.c.archive == old).values(archive=new))
    await tx.execute(update(entries).where(entries.c.archive == old).values(archive=new))
