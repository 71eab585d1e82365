"""Entries: their source items, their faces, and who may see them."""

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, and_, case, func, insert, or_, select, update

from publisher.model import (
    MISSED,
    MIXED,
    RETRACTED,
    Attachment,
    Citation,
    Entry,
    EntryStatus,
    Face,
    Held,
    Language,
    Origin,
    SourceItem,
)
from publisher.store.database import Tx
from publisher.store.tables import edition_entries, entries, faces, source_items

# When a human and a machine face exist in one language, the human one is shown.
_PRECEDENCE = (Origin.ORIGINAL, Origin.HUMAN, Origin.MACHINE)


def public_id_of(archive: str, source_key: str) -> str:
    """The id that stands in addresses: 12 base32 characters of a hash, the same on every machine."""
    digest = hashlib.sha256(f"{archive}\n{source_key}".encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:12]


def atom_id_of(host: str, public_id: str, seen: date) -> str:
    """A tag URI (RFC 4151). Made once at first sight and stored: it never changes afterwards."""
    return f"tag:{host},{seen.year}:{public_id}"


# ── Writing ──────────────────────────────────────────────────────────────────


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
    is_changed = bool(known["digest"] != item.digest)
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
    """Let held entries into letters: they are due from now on."""
    await tx.execute(update(entries).where(entries.c.id.in_(list(entry_ids))).values(held=None, due_at=now))


async def _revive(tx: Tx, entry_id: int, item_id: int, item: SourceItem, now: datetime) -> None:
    """retracted → live, with all its ids and with what this item says."""
    await tx.execute(
        update(entries)
        .where(entries.c.id == entry_id)
        .values(status=EntryStatus.LIVE, retracted_at=None, retracted_why=None, updated_at=now, **_told_by(item))
    )
    await tx.execute(faces.delete().where(faces.c.entry_id == entry_id, faces.c.origin != Origin.MACHINE))
    await _write_faces(tx, entry_id, item_id, item.faces.values())


async def _is_retracted(tx: Tx, entry_id: int) -> bool:
    status = await tx.execute(select(entries.c.status).where(entries.c.id == entry_id))
    return bool(status.scalar_one() == EntryStatus.RETRACTED)


async def _languages_told(tx: Tx, entry_id: int, *, besides: int) -> set[Language]:
    """The languages in which other items of an entry tell it."""
    rows = await tx.execute(
        select(faces.c.language).where(
            faces.c.entry_id == entry_id, faces.c.item_id != besides, faces.c.origin != Origin.MACHINE
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
    rows = [{"entry_id": entry_id, "item_id": item_id, **asdict(face)} for face in shown]
    if rows:
        await tx.execute(insert(faces), rows)


async def _inserted(tx: Tx, statement: Any) -> int:
    key = (await tx.execute(statement)).inserted_primary_key
    assert key is not None, "a single-row insert tells its key"
    return int(key[0])


# ── Reading ──────────────────────────────────────────────────────────────────

_LIVE = and_(entries.c.status == EntryStatus.LIVE, entries.c.joined_to.is_(None))
_IN_PUBLIC = and_(_LIVE, or_(entries.c.held.is_(None), entries.c.held != Held.FLOOD))
_NEWEST_FIRST = (func.coalesce(entries.c.published_at, entries.c.arrived_at).desc(), entries.c.id.desc())


async def by_public_id(tx: Tx, public_id: str, *, in_public: bool = True) -> Entry | None:
    """The entry with this id, if the public may see it; the operator may see every one."""
    wanted = entries.c.public_id == public_id
    return _first(await _load(tx, and_(wanted, _IN_PUBLIC) if in_public else wanted))


async def find(tx: Tx, *, ids: Sequence[int]) -> list[Entry]:
    """These entries, in this order, whatever their state."""
    found = {entry.id: entry for entry in await _load(tx, entries.c.id.in_(list(ids)))}
    return [found[entry_id] for entry_id in ids if entry_id in found]


async def with_original(
    tx: Tx, addresses: Collection[str], titles: Collection[str], day: date | None, *, limit: int = 20
) -> list[Entry]:
    """
    Entries of the house, in any state, that appeared first at one of these
    addresses, in a named outlet, with one of these titles or on this day.
    """
    agrees = _titled(titles) if day is None else or_(_titled(titles), entries.c.outlet_date == day)
    named = and_(entries.c.original_url.in_(list(addresses)), entries.c.outlet.is_not(None))
    return await _load(tx, and_(named, agrees, entries.c.joined_to.is_(None)), limit=limit)


async def titled_at(tx: Tx, titles: Collection[str], moment: datetime, *, limit: int = 20) -> list[Entry]:
    """Entries of the house, in any state, with one of these titles and published in this minute."""
    minute = moment.replace(second=0, microsecond=0)
    of_minute = and_(entries.c.published_at >= minute, entries.c.published_at < minute + timedelta(minutes=1))
    return await _load(tx, and_(of_minute, _titled(titles), entries.c.joined_to.is_(None)), limit=limit)


def _titled(titles: Collection[str]) -> ColumnElement[bool]:
    face = select(faces.c.entry_id).where(faces.c.entry_id == entries.c.id, faces.c.title.in_(list(titles)))
    return face.exists()


async def at_address(tx: Tx, addresses: Collection[str], *, outside: str) -> int | None:
    """The entry that stands at one of these addresses in another archive than `outside`."""
    placed = select(source_items.c.entry_id).where(
        source_items.c.url.in_(list(addresses)), source_items.c.archive != outside
    )
    entry_id: int | None = (await tx.execute(placed.order_by(source_items.c.id).limit(1))).scalar()
    return entry_id


async def listed(
    tx: Tx, *, archive: str | None = None, status: str | None = None, since: datetime | None = None, limit: int = 1000
) -> list[Entry]:
    """Entries for the operator, newest first, held and retracted ones too."""
    wanted: list[ColumnElement[bool]] = [entries.c.joined_to.is_(None)]
    if archive:
        wanted.append(entries.c.archive == archive)
    if status:
        wanted.append(entries.c.status == status)
    if since:
        wanted.append(entries.c.arrived_at >= since)
    return await _load(tx, and_(*wanted), limit=limit)


async def in_public(
    tx: Tx, *, archives: Sequence[str] = (), language: Language | None = None, limit: int = 50, offset: int = 0
) -> list[Entry]:
    """What pages show: live entries, newest first; with `language`, those that have such a face."""
    return await _load(tx, _public(archives, language), limit=limit, offset=offset)


async def kept_out(tx: Tx, archives: Sequence[str]) -> Mapping[str, int]:
    """How many live entries of these archives are not for letters, per reason."""
    rows = await tx.execute(
        select(entries.c.held, func.count())
        .where(_LIVE, entries.c.held.is_not(None), entries.c.archive.in_(list(archives)))
        .group_by(entries.c.held)
    )
    return {row[0]: row[1] for row in rows}


async def due_for(tx: Tx, list_name: str, archives: Sequence[str], *, after: datetime, until: datetime) -> list[Entry]:
    """
    What an edition of this list takes: live, not held entries with `after < due_at <= until`
    that no edition of the list has, or left out for good. One that was told gone
    waits until it is clear whether it is.

    There is no lower bound from the edition before, so nothing falls between two.
    """
    taken = select(edition_entries.c.entry_id).where(edition_entries.c.list == list_name)
    unclear = select(source_items.c.entry_id).where(
        source_items.c.missing_since.is_not(None), source_items.c.gone_at.is_(None)
    )
    wanted = and_(
        _LIVE,
        entries.c.id.not_in(unclear),
        entries.c.held.is_(None),
        entries.c.archive.in_(list(archives)),
        entries.c.due_at > after,
        entries.c.due_at <= until,
        entries.c.id.not_in(taken),
    )
    return await _load(tx, wanted)


def _public(archives: Sequence[str], language: Language | None) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [_IN_PUBLIC]
    if archives:
        wanted.append(entries.c.archive.in_(list(archives)))
    if language:
        wanted.append(entries.c.id.in_(select(faces.c.entry_id).where(faces.c.language == language)))
    return and_(*wanted)


async def _load(tx: Tx, wanted: ColumnElement[bool], *, limit: int = -1, offset: int = 0) -> list[Entry]:
    key = (
        select(source_items.c.source_key)
        .where(source_items.c.entry_id == entries.c.id)
        .order_by(source_items.c.id)
        .limit(1)
        .scalar_subquery()
    )
    statement = select(entries, key.label("source_key")).where(wanted).order_by(*_NEWEST_FIRST)
    if limit >= 0:
        statement = statement.limit(limit).offset(offset)
    rows = (await tx.execute(statement)).all()
    shown = await _faces_of(tx, [row.id for row in rows])
    return [_entry(row, shown[row.id]) for row in rows if shown.get(row.id)]


async def _faces_of(tx: Tx, entry_ids: Sequence[int]) -> dict[int, dict[Language, Face]]:
    shown: dict[int, dict[Language, Face]] = {}
    for start in range(0, len(entry_ids), 500):  # SQLite's limit on values in one statement
        batch = list(entry_ids[start : start + 500])
        rows = (await tx.execute(select(faces).where(faces.c.entry_id.in_(batch)))).all()
        for row in sorted(rows, key=lambda row: (_PRECEDENCE.index(Origin(row.origin)), row.item_id or 0)):
            face = Face(
                language=row.language,
                title=row.title,
                summary=row.summary,
                html=row.html,
                origin=Origin(row.origin),
                url=row.url,
            )
            shown.setdefault(row.entry_id, {}).setdefault(row.language, face)
    return shown


def _entry(row: Row[Any], shown: Mapping[Language, Face]) -> Entry:
    return Entry(
        id=row.id,
        public_id=row.public_id,
        atom_id=row.atom_id,
        archive=row.archive,
        source_key=row.source_key,
        url=row.url,
        author=row.author,
        published_at=_in_offset(row.published_at, row.published_offset),
        arrived_at=row.arrived_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        held=Held(row.held) if row.held else None,
        status=EntryStatus(row.status),
        language=row.language,
        original_language=row.original_language,
        categories=tuple(row.categories),
        attachments=tuple(Attachment(**attachment) for attachment in row.attachments),
        links=tuple(row.links),
        citation=Citation(outlet=row.outlet, date=row.outlet_date, url=row.original_url),
        is_notice=row.is_notice,
        faces=shown,
    )


def _in_offset(moment: datetime | None, minutes: int | None) -> datetime | None:
    if moment is None or minutes is None:
        return moment
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


def _first(found: Sequence[Entry]) -> Entry | None:
    return found[0] if found else None
