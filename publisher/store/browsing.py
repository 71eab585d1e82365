"""What pages about many entries need: which there are and where they belong, without loading their texts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, and_, cast, func, or_, select

from publisher.model import Entry, EntryStatus, Language, Origin
from publisher.store.database import Tx
from publisher.store.entries import IN_PUBLIC, NEWEST_FIRST, standing_in
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
    wanted = and_(IN_PUBLIC, standing_in(*archives)) if archives else IN_PUBLIC
    return int((await tx.execute(select(func.count()).select_from(entries).where(wanted))).scalar_one())


async def categories(tx: Tx, archive: str) -> Mapping[str, Sequence[int]]:
    """The categories of an archive as they are written there, each with the ids of its entries, newest first."""
    rows = await tx.execute(
        select(entries.c.id, entries.c.status, entries.c.categories, _PART.c.categories.label("joined"))
        .outerjoin(_PART, and_(_PART.c.joined_to == entries.c.id, _PART.c.status == EntryStatus.LIVE))
        .where(IN_PUBLIC, standing_in(archive))
        .order_by(*NEWEST_FIRST)
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        own = row.categories if row.status == EntryStatus.LIVE else ()  # else only what is joined to it is shown
        for name in dict.fromkeys([*own, *(row.joined or ())]):
            found.setdefault(name, []).append(row.id)
    return found


async def category_names(tx: Tx, archive: str) -> set[str]:
    """The same without the entries: every page of the archive names them, whatever its size."""
    version = entries.alias()  # each of an entry: its own, and what is joined to it
    rows = await tx.execute(
        select(cast(version.c.categories, Text))
        .join(version, or_(version.c.id == entries.c.id, version.c.joined_to == entries.c.id))
        .where(IN_PUBLIC, standing_in(archive), version.c.status == EntryStatus.LIVE)
        .distinct()
    )
    return {name for text in rows.scalars() for name in json.loads(text)}


async def neighbours(tx: Tx, entry: Entry) -> tuple[int | None, int | None]:
    """The ids of the next newer and the next older entry of the same archive."""
    dated = func.coalesce(entries.c.published_at, entries.c.arrived_at)
    # Lists go by the kept version, also where it was taken away and another one tells the date.
    at = (await tx.execute(select(dated).where(entries.c.id == entry.id))).scalar_one()
    here = and_(IN_PUBLIC, standing_in(entry.archive))
    newer = or_(dated > at, and_(dated == at, entries.c.id > entry.id))
    older = or_(dated < at, and_(dated == at, entries.c.id < entry.id))
    after = select(entries.c.id).where(here, newer).order_by(dated, entries.c.id).limit(1)
    before = select(entries.c.id).where(here, older).order_by(*NEWEST_FIRST).limit(1)
    return (await tx.execute(after)).scalar(), (await tx.execute(before)).scalar()


async def places(tx: Tx, *, limit: int, offset: int = 0) -> list[Place]:
    """
    Entries in public in the order in which they came, so that a part that is full stays as it is.

    A machine's face that nobody has confirmed is nothing to be found by.
    """
    asked = select(entries.c.id, entries.c.public_id, entries.c.updated_at).where(IN_PUBLIC)
    rows = (await tx.execute(asked.order_by(entries.c.id).limit(limit).offset(offset))).all()
    if not rows:
        return []
    shown_by = func.coalesce(entries.c.joined_to, entries.c.id)
    told = (
        select(shown_by.label("entry_id"), faces.c.language, entries.c.updated_at)
        .join(entries, entries.c.id == faces.c.entry_id)
        .where(faces.c.origin != Origin.MACHINE, entries.c.status == EntryStatus.LIVE)
        .where(shown_by.between(rows[0].id, rows[-1].id))
    )
    spoken: dict[int, set[Language]] = {}
    changed = {row.id: row.updated_at for row in rows}
    for face in await tx.execute(told):
        spoken.setdefault(face.entry_id, set()).add(face.language)
        if face.entry_id in changed:  # others stand between them, hidden
            changed[face.entry_id] = max(changed[face.entry_id], face.updated_at)
    return [
        Place(public_id=row.public_id, languages=frozenset(spoken.get(row.id, ())), updated_at=changed[row.id])
        for row in rows
    ]


async def newest_change(tx: Tx) -> Mapping[str, datetime]:
    """Per archive: when anything that its pages show was last seen to change."""
    # Each version of an entry (its own, and what is joined to it) is shown wherever another one stands.
    standing, shown = entries.alias(), entries.alias()
    rows = await tx.execute(
        select(standing.c.archive, func.max(shown.c.updated_at))
        .select_from(entries)
        .join(standing, or_(standing.c.id == entries.c.id, standing.c.joined_to == entries.c.id))
        .join(shown, or_(shown.c.id == entries.c.id, shown.c.joined_to == entries.c.id))
        .where(IN_PUBLIC)
        .group_by(standing.c.archive)
    )
    return {row[0]: row[1] for row in rows}
