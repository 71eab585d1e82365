"""What editions told of their entries, and the lines about what was corrected since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, insert, or_, select, update

from publisher.model import Correction, EntryStatus, Told
from publisher.store import entries as entry_store
from publisher.store.database import Tx
from publisher.store.tables import corrections, edition_entries, editions, entries, source_items


@dataclass(frozen=True, kw_only=True)
class Touched:
    """An entry that its archive changed after readers were told of it; `before` is what they were told last."""

    entry_id: int
    archive: str
    updated_at: datetime
    before: Told


async def touched(tx: Tx, list_name: str, archives: Collection[str]) -> list[Touched]:
    """
    The entries of these archives that a released edition of the list holds and that changed since, the oldest first.

    Whether the change is worth a word is not asked here. An entry changes with
    what is joined to it. What is retracted, or told gone and not yet found to
    be, is none of them.
    """
    unclear = select(source_items.c.entry_id).where(
        source_items.c.missing_since.is_not(None), source_items.c.gone_at.is_(None)
    )
    part = entries.alias()
    rows = await tx.execute(
        select(
            entries.c.id,
            entries.c.archive,
            entries.c.updated_at,
            part.c.archive.label("part_archive"),
            part.c.updated_at.label("part_updated_at"),
            edition_entries.c.told,
            editions.c.released_at,
        )
        .join(edition_entries, edition_entries.c.entry_id == entries.c.id)
        .join(editions, editions.c.id == edition_entries.c.edition_id)
        .outerjoin(part, and_(part.c.joined_to == entries.c.id, part.c.status == EntryStatus.LIVE))
        .where(
            edition_entries.c.list == list_name,
            edition_entries.c.left_out.is_(False),
            edition_entries.c.told.is_not(None),
            editions.c.released_at.is_not(None),
            entries.c.status == EntryStatus.LIVE,
            entries.c.joined_to.is_(None),
            entries.c.id.not_in(unclear),
            or_(entries.c.updated_at > editions.c.released_at, part.c.updated_at > editions.c.released_at),
        )
    )
    later = await _told_later(tx, list_name)
    found = []
    for row in rows:
        told, at = later.get(row.id, (row.told, row.released_at))
        changes = ((row.updated_at, row.archive), (row.part_updated_at, row.part_archive))
        news = [(changed, archive) for changed, archive in changes if archive in archives and changed > at]
        if news:
            changed, archive = max(news)
            found.append(Touched(entry_id=row.id, archive=archive, updated_at=changed, before=_told(told)))
    return sorted(found, key=lambda one: (one.updated_at, one.entry_id))


async def _told_later(tx: Tx, list_name: str) -> dict[int, tuple[Mapping[str, Any], datetime]]:
    """Per entry, what the last released correction in this list told of it, and when."""
    rows = await tx.execute(
        select(corrections.c.entry_id, corrections.c.after, editions.c.released_at)
        .join(editions, editions.c.id == corrections.c.edition_id)
        .where(editions.c.list == list_name, editions.c.released_at.is_not(None))
        .order_by(editions.c.id)
    )
    return {row.entry_id: (row.after, row.released_at) for row in rows}


async def write(tx: Tx, edition_id: int, lines: Sequence[Touched]) -> None:
    """Let these stand in a draft."""
    rows = [
        {"edition_id": edition_id, "entry_id": line.entry_id, "position": position, "before": asdict(line.before)}
        for position, line in enumerate(lines)
    ]
    if rows:
        await tx.execute(insert(corrections), rows)


def holding(entry_id: int) -> Select[tuple[int]]:
    """The ids of the editions that correct an entry, to be asked for in another statement."""
    return select(corrections.c.edition_id).where(corrections.c.entry_id == entry_id)


async def give_back(tx: Tx, edition_id: int) -> None:
    """Forget the lines of an edition that is not sent: they come again."""
    await tx.execute(delete(corrections).where(corrections.c.edition_id == edition_id))


async def drop(tx: Tx, entry_id: int, edition_ids: Collection[int]) -> None:
    """Take an entry out of the lines of these editions."""
    await tx.execute(
        delete(corrections).where(corrections.c.entry_id == entry_id, corrections.c.edition_id.in_(list(edition_ids)))
    )


async def mark_told(tx: Tx, edition_id: int, told: Mapping[int, Told]) -> None:
    """Keep what an edition told of its entries, and of those that it corrected, in the moment of release."""
    for entry_id, says in told.items():
        for table, values in (
            (edition_entries, {"told": asdict(says)}),
            (corrections, {"after": asdict(says)}),
        ):
            await tx.execute(
                update(table).where(table.c.edition_id == edition_id, table.c.entry_id == entry_id).values(values)
            )


async def of_edition(tx: Tx, edition_id: int, list_name: str) -> tuple[Correction, ...]:
    """The lines of an edition, with the number and the day of the edition that held each entry."""
    rows = (
        await tx.execute(
            select(corrections, editions.c.number, editions.c.window_end)
            .join(
                edition_entries,
                and_(edition_entries.c.entry_id == corrections.c.entry_id, edition_entries.c.list == list_name),
            )
            .join(editions, editions.c.id == edition_entries.c.edition_id)
            .where(corrections.c.edition_id == edition_id)
            .order_by(corrections.c.position)
        )
    ).all()
    found = {entry.id: entry for entry in await entry_store.find(tx, ids=[row.entry_id for row in rows])}
    return tuple(
        Correction(
            entry=found[row.entry_id],
            number=row.number,
            dated=row.window_end,
            before=_told(row.before),
            after=_told(row.after) if row.after else None,
        )
        for row in rows
        if row.entry_id in found
    )


def _told(plain: Mapping[str, Any]) -> Told:
    return Told(titles=plain["titles"], texts=plain["texts"], source=plain["source"])
