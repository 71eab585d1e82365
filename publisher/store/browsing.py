"""What pages about many entries need: which there are and where they belong, without loading their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from publisher.model import Entry, EntryStatus, Language
from publisher.store.database import Tx
from publisher.store.entries import IN_PUBLIC, NEWEST_FIRST, of_archives
from publisher.store.tables import entries, faces

_PART = entries.alias()  # what is joined to an entry is shown with it


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry in public: its id, the languages it can be read in, and when it was last seen to change."""

    public_id: str
    languages: frozenset[Language]
    updated_at: datetime


async def count(tx: Tx, archives: Sequence[str] = ()) -> int:
    """How many entries of these archives (none named: of all) are in public."""
    wanted = and_(IN_PUBLIC, of_archives(*archives)) if archives else IN_PUBLIC
    return int((await tx.execute(select(func.count()).select_from(entries).where(wanted))).scalar_one())


async def categories(tx: Tx, archive: str) -> Mapping[str, Sequence[int]]:
    """The categories of an archive as they are written there, each with the ids of its entries, newest first."""
    rows = await tx.execute(
        select(entries.c.id, entries.c.categories, _PART.c.categories.label("joined"))
        .outerjoin(_PART, and_(_PART.c.joined_to == entries.c.id, _PART.c.status == EntryStatus.LIVE))
        .where(IN_PUBLIC, of_archives(archive))
        .order_by(*NEWEST_FIRST)
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        for name in dict.fromkeys([*row.categories, *(row.joined or ())]):
            found.setdefault(name, []).append(row.id)
    return found


async def neighbours(tx: Tx, entry: Entry) -> tuple[int | None, int | None]:
    """The ids of the next newer and the next older entry of the same archive."""
    dated = func.coalesce(entries.c.published_at, entries.c.arrived_at)
    here = and_(IN_PUBLIC, of_archives(entry.archive))
    newer = or_(dated > entry.dated, and_(dated == entry.dated, entries.c.id > entry.id))
    older = or_(dated < entry.dated, and_(dated == entry.dated, entries.c.id < entry.id))
    after = select(entries.c.id).where(here, newer).order_by(dated, entries.c.id).limit(1)
    before = select(entries.c.id).where(here, older).order_by(*NEWEST_FIRST).limit(1)
    return (await tx.execute(after)).scalar(), (await tx.execute(before)).scalar()


async def places(tx: Tx, *, limit: int, offset: int = 0) -> list[Place]:
    """Entries in public in the order in which they came, so that a part that is full stays as it is."""
    asked = select(entries.c.id, entries.c.public_id, entries.c.updated_at).where(IN_PUBLIC)
    rows = (await tx.execute(asked.order_by(entries.c.id).limit(limit).offset(offset))).all()
    if not rows:
        return []
    shown_by = func.coalesce(entries.c.joined_to, entries.c.id)
    told = (
        select(shown_by.label("entry_id"), faces.c.language)
        .join(entries, entries.c.id == faces.c.entry_id)
        .where(entries.c.status == EntryStatus.LIVE, shown_by.between(rows[0].id, rows[-1].id))
    )
    spoken: dict[int, set[Language]] = {}
    for face in await tx.execute(told):
        spoken.setdefault(face.entry_id, set()).add(face.language)
    return [
        Place(public_id=row.public_id, languages=frozenset(spoken.get(row.id, ())), updated_at=row.updated_at)
        for row in rows
    ]


async def newest_change(tx: Tx) -> Mapping[str, datetime]:
    """Per archive: when anything that its pages show was last seen to change."""
    rows = await tx.execute(
        select(entries.c.archive, func.max(entries.c.updated_at)).where(IN_PUBLIC).group_by(entries.c.archive)
    )
    return {row[0]: row[1] for row in rows}
