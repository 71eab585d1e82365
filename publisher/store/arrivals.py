"""Entries as they come in: an item becomes a new entry, one more place of a known one, or changes what it told."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, case, insert, or_, select, update

from publisher.model import (
    MISSED,
    MIXED,
    RETRACTED,
    Citation,
    EntryStatus,
    Face,
    Held,
    Language,
    Origin,
    SourceItem,
)
from publisher.store.database import Tx
from publisher.store.indexing import refresh
from publisher.store.tables import entries, faces, source_items
from publisher.store.translations import follow


def public_id_of(archive: str, source_key: str) -> str:
    """The id that stands in addresses: 12 base32 characters of a hash, the same on every machine."""
    digest = hashlib.sha256(f"{archive}\n{source_key}".encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:12]


def atom_id_of(host: str, public_id: str, seen: date) -> str:
    """A tag URI (RFC 4151). Made once at first sight and stored: it never changes afterwards."""
    return f"tag:{host},{seen.year}:{public_id}"


async def digests(tx: Tx, archive: str) -> dict[str, str]:
    """Every source key that is known of an archive, with the digest last seen, or MISSED, or RETRACTED."""
    digest = case(
        (source_items.c.gone_at.is_not(None), RETRACTED),
        (source_items.c.missing_since.is_not(None), MISSED),
        else_=source_items.c.digest,
    ).label("digest")
    rows = await tx.execute(select(source_items.c.source_key, digest).where(source_items.c.archive == archive))
    return {row.source_key: row.digest for row in rows}


async def add(
    tx: Tx, archive: str, item: SourceItem, *, host: str, now: datetime, due_at: datetime, held: Held | None
) -> bool:
    """
    Make a new entry of an item. False when its source key is known after all.

    Another process may have read the archive at the same time; what it stored
    is as good as ours.
    """
    if await _item(tx, archive, item.source_key) is not None:
        return False
    public_id = public_id_of(archive, item.source_key)
    entry_id = await _inserted(
        tx,
        insert(entries).values(
            public_id=public_id,
            atom_id=atom_id_of(host, public_id, now.date()),
            archive=archive,
            status=EntryStatus.LIVE,
            arrived_at=now,
            updated_at=now,
            due_at=due_at,
            held=held,
            **_told_by(item),
        ),
    )
    item_id = await _add_item(tx, archive, item, entry_id, now)
    await _write_faces(tx, entry_id, item_id, item.faces.values())
    return True


async def attach(tx: Tx, archive: str, item: SourceItem, entry_id: int, *, now: datetime) -> None:
    """
    Make an unknown item one more place of an entry that is known; the entry is not new again.

    It goes on telling what its first item says. One that was retracted stands
    again, as this item has it.
    """
    if await _item(tx, archive, item.source_key) is not None:
        return  # by another process, meanwhile
    item_id = await _add_item(tx, archive, item, entry_id, now)
    if await _is_retracted(tx, entry_id):
        await _revive(tx, entry_id, item_id, item, now)


async def change(tx: Tx, archive: str, item: SourceItem, *, now: datetime) -> bool:
    """
    Take over what the archive says now of a known item. It keeps its ids, and is not new again.

    Gives whether its text changed: with the digest that is known it is only
    looked at differently, as when a board marks a post as a notice. What was
    taken away stands again; what another item of the entry tells is left to that.
    """
    known = await _item(tx, archive, item.source_key)
    assert known is not None, "only known items change"
    item_id, entry_id = known["id"], known["entry_id"]
    is_changed = bool(
        await _tells_otherwise(tx, entry_id, item) if known["digest"] == MISSED else known["digest"] != item.digest
    )
    await tx.execute(
        update(source_items)
        .where(source_items.c.id == item_id)
        .values(
            url=item.url,
            language=item.language,
            digest=item.digest,
            last_seen_at=now,
            missing_since=None,
            gone_at=None,
            gone_why=None,
        )
    )
    if await _is_retracted(tx, entry_id):
        await _revive(tx, entry_id, item_id, item, now)
        return is_changed
    told_by_others = await _languages_told(tx, entry_id, besides=item_id)
    own = [face for face in item.faces.values() if face.language not in told_by_others]
    if not own:
        return False
    told = {**_told_by(item), **({"updated_at": now} if is_changed else {})}
    await tx.execute(update(entries).where(entries.c.id == entry_id).values(told))
    await tx.execute(faces.delete().where(faces.c.item_id == item_id))
    await _write_faces(tx, entry_id, item_id, own)
    return is_changed


async def admit(tx: Tx, entry_ids: Iterable[int], *, now: datetime) -> None:
    """Let held entries into letters, with what is joined to them: they are due from now on."""
    let_in = list(entry_ids)
    both = or_(entries.c.id.in_(let_in), entries.c.joined_to.in_(let_in))
    await tx.execute(update(entries).where(both).values(held=None, due_at=now))


async def _revive(tx: Tx, entry_id: int, item_id: int, item: SourceItem, now: datetime) -> None:
    """retracted → live, with all its ids and with what this item says."""
    await tx.execute(
        update(entries)
        .where(entries.c.id == entry_id)
        .values(status=EntryStatus.LIVE, retracted_at=None, retracted_why=None, updated_at=now, **_told_by(item))
    )
    await tx.execute(faces.delete().where(faces.c.entry_id == entry_id, faces.c.origin == Origin.ORIGINAL))
    await _write_faces(tx, entry_id, item_id, item.faces.values())


async def _is_retracted(tx: Tx, entry_id: int) -> bool:
    status = await tx.execute(select(entries.c.status).where(entries.c.id == entry_id))
    return bool(status.scalar_one() == EntryStatus.RETRACTED)


async def _tells_otherwise(tx: Tx, entry_id: int, item: SourceItem) -> bool:
    """Whether an item that is read anew says what its entry does not: a mere move is no edit."""
    rows = await tx.execute(
        select(faces.c.language, faces.c.title, faces.c.html).where(
            faces.c.entry_id == entry_id, faces.c.origin == Origin.ORIGINAL
        )
    )
    told = {tuple(row) for row in rows}
    return not {(face.language, face.title, face.html) for face in item.faces.values()} <= told


async def _languages_told(tx: Tx, entry_id: int, *, besides: int) -> set[Language]:
    """The languages in which other items of an entry tell it."""
    rows = await tx.execute(
        select(faces.c.language).where(
            faces.c.entry_id == entry_id, faces.c.item_id != besides, faces.c.origin == Origin.ORIGINAL
        )
    )
    return set(rows.scalars())


def _told_by(item: SourceItem) -> dict[str, Any]:
    offset = item.published_at.utcoffset() if item.published_at else None
    return {
        "url": item.url,
        "author": item.author,
        "published_at": item.published_at,
        "published_offset": None if offset is None else int(offset.total_seconds() // 60),
        "language": item.language,
        "original_language": None if item.language == MIXED else item.language,
        "categories": list(item.categories),
        "attachments": [asdict(attachment) for attachment in item.attachments],
        "links": list(item.links),
        "outlet": item.citation.outlet,
        "outlet_date": item.citation.date,
        "original_url": item.citation.url,
        "is_notice": item.is_notice,
    }


async def _item(tx: Tx, archive: str, source_key: str) -> RowMapping | None:
    statement = select(source_items.c.id, source_items.c.entry_id, source_items.c.digest).where(
        source_items.c.archive == archive, source_items.c.source_key == source_key
    )
    return (await tx.execute(statement)).mappings().one_or_none()


async def _add_item(tx: Tx, archive: str, item: SourceItem, entry_id: int, now: datetime) -> int:
    return await _inserted(
        tx,
        insert(source_items).values(
            archive=archive,
            source_key=item.source_key,
            entry_id=entry_id,
            url=item.url,
            language=item.language,
            digest=item.digest,
            first_seen_at=now,
            last_seen_at=now,
        ),
    )


async def _write_faces(tx: Tx, entry_id: int, item_id: int, shown: Iterable[Face]) -> None:
    rows = [{"entry_id": entry_id, "item_id": item_id, **_columns(face)} for face in shown]
    if rows:
        await tx.execute(insert(faces), rows)
    await follow(tx, entry_id)
    await refresh(tx)


def _columns(face: Face) -> dict[str, Any]:
    citation = face.citation or Citation()
    return {
        "language": face.language,
        "origin": face.origin,
        "title": face.title,
        "summary": face.summary,
        "html": face.html,
        "url": face.url,
        "outlet": citation.outlet,
        "outlet_date": citation.date,
        "original_url": citation.url,
    }


async def _inserted(tx: Tx, statement: Any) -> int:
    key = (await tx.execute(statement)).inserted_primary_key
    assert key is not None, "a single-row insert tells its key"
    return int(key[0])
