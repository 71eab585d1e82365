"""Entries as they are read: with their faces, and who may see them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select

from publisher.model import (
    Attachment,
    Citation,
    Entry,
    EntryStatus,
    Face,
    Held,
    Joined,
    JoinedBy,
    Language,
    Origin,
)
from publisher.store.database import Tx
from publisher.store.joining import PRECEDENCE, as_one
from publisher.store.tables import edition_entries, entries, faces, source_items

_AT_ONCE = 500  # SQLite's limit on values in one statement


# What was joined to another entry (`store.pairs`) has its row, its items and its faces still; it is shown as part of
# the one that was kept, and stands for it where that one was taken away.
_JOINED = entries.alias("joined")
_JOINED_LIVE = select(_JOINED.c.id).where(
    _JOINED.c.joined_to == entries.c.id, _JOINED.c.status == EntryStatus.LIVE.value
)
_STANDS = or_(entries.c.status == EntryStatus.LIVE, _JOINED_LIVE.exists())
_KEPT = entries.c.joined_to.is_(None)
_LIVE = and_(_KEPT, _STANDS)
IN_PUBLIC = and_(_LIVE, or_(entries.c.held.is_(None), entries.c.held != Held.FLOOD))
NEWEST_FIRST = (func.coalesce(entries.c.published_at, entries.c.arrived_at).desc(), entries.c.id.desc())


async def by_public_id(tx: Tx, public_id: str, *, in_public: bool = True) -> Entry | None:
    """The entry with this id, if the public may see it; the operator may see every one."""
    wanted = entries.c.public_id == public_id
    return _first(await _load(tx, and_(wanted, IN_PUBLIC) if in_public else wanted))


async def find(tx: Tx, *, ids: Sequence[int], alone: bool = False) -> list[Entry]:
    """These entries, in this order, whatever their state; `alone`: without what is joined to them."""
    found = {entry.id: entry for entry in await _load(tx, entries.c.id.in_(list(ids)), alone=alone)}
    return [found[entry_id] for entry_id in ids if entry_id in found]


async def with_original(
    tx: Tx, addresses: Collection[str], titles: Collection[str], day: date | None, *, limit: int = 20
) -> list[Entry]:
    """
    Entries of the house, in any state and each for itself, that appeared first at
    one of these addresses, in a named outlet, with one of these titles or on this day.
    """
    agrees = _titled(titles) if day is None else or_(_titled(titles), entries.c.outlet_date == day)
    named = and_(entries.c.original_url.in_(list(addresses)), entries.c.outlet.is_not(None))
    return await _load(tx, and_(named, agrees), limit=limit, alone=True)


async def titled_at(tx: Tx, titles: Collection[str], moment: datetime, *, limit: int = 20) -> list[Entry]:
    """Entries of the house, in any state and each for itself, with one of these titles and published in this minute."""
    minute = moment.replace(second=0, microsecond=0)
    of_minute = and_(entries.c.published_at >= minute, entries.c.published_at < minute + timedelta(minutes=1))
    return await _load(tx, and_(of_minute, _titled(titles)), limit=limit, alone=True)


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
    wanted: list[ColumnElement[bool]] = [_KEPT]
    if archive:
        wanted.append(_of_archive(archive))
    if status:
        wanted.append(_STANDS if status == EntryStatus.LIVE else not_(_STANDS))
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
        .where(_LIVE, entries.c.held.is_not(None), standing_in(*archives))
        .group_by(entries.c.held)
    )
    return {row[0]: row[1] for row in rows}


async def due_for(tx: Tx, list_name: str, archives: Sequence[str], *, after: datetime, until: datetime) -> list[Entry]:
    """
    What an edition of this list takes: live, not held entries with `after < due_at <= until`
    that no edition of the list has, or left out for good. One that was told gone
    waits until it is clear whether it is.

    There is no lower bound from the edition before, so nothing falls between two.
    Two that were joined go by the kept one; what the list had of either does not come again.
    """
    taken = select(edition_entries.c.entry_id).where(edition_entries.c.list == list_name)
    taken_of = select(_JOINED.c.id).where(_JOINED.c.joined_to == entries.c.id, _JOINED.c.id.in_(taken))
    unclear = select(source_items.c.entry_id).where(
        source_items.c.missing_since.is_not(None), source_items.c.gone_at.is_(None)
    )
    wanted = and_(
        _LIVE,
        entries.c.id.not_in(unclear),
        entries.c.held.is_(None),
        standing_in(*archives),
        entries.c.due_at > after,
        entries.c.due_at <= until,
        entries.c.id.not_in(taken),
        ~taken_of.exists(),
    )
    return await _load(tx, wanted)


def _public(archives: Sequence[str], language: Language | None) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [IN_PUBLIC]
    if archives:
        wanted.append(standing_in(*archives))
    if language:
        wanted.append(speaking(language))
    return and_(*wanted)


def speaking(language: Language, *, machine: bool = True) -> ColumnElement[bool]:
    """With a face in this language, of its own or of what is joined to it; without `machine`, one by people."""
    told = [faces.c.language == language, *([] if machine else [faces.c.origin != Origin.MACHINE])]
    own = select(faces.c.entry_id).where(faces.c.entry_id == entries.c.id, *told)
    joined = select(faces.c.entry_id).where(faces.c.entry_id == _JOINED.c.id, *told)
    return or_(and_(entries.c.status == EntryStatus.LIVE, own.exists()), _JOINED_LIVE.where(joined.exists()).exists())


def standing_in(*archives: str) -> ColumnElement[bool]:
    """With a version in one of these archives that was not taken away there."""
    own = and_(entries.c.status == EntryStatus.LIVE, entries.c.archive.in_(archives))
    return or_(own, _JOINED_LIVE.where(_JOINED.c.archive.in_(archives)).exists())


def _of_archive(archive: str) -> ColumnElement[bool]:
    """With a version from this archive, taken away or not."""
    joined = select(_JOINED.c.id).where(_JOINED.c.joined_to == entries.c.id, _JOINED.c.archive == archive)
    return or_(entries.c.archive == archive, joined.exists())


# ── Rows and model ───────────────────────────────────────────────────────────


async def _load(
    tx: Tx, wanted: ColumnElement[bool], *, limit: int = -1, offset: int = 0, alone: bool = False
) -> list[Entry]:
    """The entries, each with what is joined to it, or every one for itself (`alone`)."""
    statement = _rows().where(wanted).order_by(*NEWEST_FIRST)
    if limit >= 0:
        statement = statement.limit(limit).offset(offset)
    rows = (await tx.execute(statement)).all()
    parts = [] if alone else await _joined_to(tx, [row.id for row in rows])
    shown = await _faces_of(tx, [row.id for row in (*rows, *parts)])
    of: dict[int, list[Row[Any]]] = {}
    for part in parts:
        of.setdefault(part.joined_to, []).append(part)
    found = [_whole(row, of.get(row.id, []), shown) for row in rows]
    return [entry for entry in found if entry.faces]


def _rows() -> Select[Any]:
    key = (
        select(source_items.c.source_key)
        .where(source_items.c.entry_id == entries.c.id)
        .order_by(source_items.c.id)
        .limit(1)
        .scalar_subquery()
    )
    kept = entries.alias("kept")
    kept_id = select(kept.c.public_id).where(kept.c.id == entries.c.joined_to).scalar_subquery()
    return select(entries, key.label("source_key"), kept_id.label("kept_public_id"))


async def _joined_to(tx: Tx, entry_ids: Sequence[int]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for start in range(0, len(entry_ids), _AT_ONCE):
        of_these = entries.c.joined_to.in_(list(entry_ids[start : start + _AT_ONCE]))
        found += (await tx.execute(_rows().where(of_these).order_by(entries.c.id))).all()
    return found


async def _faces_of(tx: Tx, entry_ids: Sequence[int]) -> dict[int, dict[Language, Face]]:
    shown: dict[int, dict[Language, Face]] = {}
    for start in range(0, len(entry_ids), _AT_ONCE):
        batch = list(entry_ids[start : start + _AT_ONCE])
        rows = (await tx.execute(select(faces).where(faces.c.entry_id.in_(batch)))).all()
        for row in sorted(rows, key=lambda row: (PRECEDENCE.index(Origin(row.origin)), row.item_id or 0)):
            face = Face(
                language=row.language,
                title=row.title,
                summary=row.summary,
                html=row.html,
                origin=Origin(row.origin),
                url=row.url,
                citation=_said(Citation(outlet=row.outlet, date=row.outlet_date, url=row.original_url)),
            )
            shown.setdefault(row.entry_id, {}).setdefault(row.language, face)
    return shown


def _said(citation: Citation) -> Citation | None:
    return None if citation == Citation() else citation


def _whole(row: Row[Any], parts: Sequence[Row[Any]], shown: Mapping[int, Mapping[Language, Face]]) -> Entry:
    entry = _entry(row, shown.get(row.id, {}))
    if not parts:
        return entry
    return as_one(entry, [_entry(part, shown.get(part.id, {})) for part in parts], tuple(map(_joined, parts)))


def _joined(row: Row[Any]) -> Joined:
    return Joined(
        public_id=row.public_id,
        archive=row.archive,
        source_key=row.source_key,
        url=row.url,
        language=row.language,
        at=row.joined_at,
        by=JoinedBy(row.joined_by),
    )


def _entry(row: Row[Any], shown: Mapping[Language, Face]) -> Entry:
    return Entry(
        id=row.id,
        public_id=row.public_id,
        atom_id=row.atom_id,
        archive=row.archive,
        source_key=row.source_key,
        url=row.url,
        author=row.author,
        published_at=in_offset(row.published_at, row.published_offset),
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
        joined_to=row.kept_public_id,
    )


def in_offset(moment: datetime | None, minutes: int | None) -> datetime | None:
    """A stored moment in the offset in which the source gave it."""
    if moment is None or minutes is None:
        return moment
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


def _first(found: Sequence[Entry]) -> Entry | None:
    return found[0] if found else None
