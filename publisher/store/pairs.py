"""
Entries that are one text: joined, parted, and which ones might be.

What is joined keeps its row, its items and its faces: it only names the older
entry that it is shown as a part of (`store.entries`), and is itself again when
they are parted.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from publisher.model import MIXED, EntryStatus, JoinedBy, Language, Origin
from publisher.store.database import Tx
from publisher.store.editions import IN_PUBLIC
from publisher.store.entries import in_offset
from publisher.store.tables import edition_entries, editions, entries, faces, parted


async def join(tx: Tx, kept: int, other: int, *, by: JoinedBy, now: datetime) -> bool:
    """Make the other entry a part of the kept one. False when either is part of a pair by now."""
    part = entries.alias()
    is_free = and_(
        entries.c.id == other,
        entries.c.joined_to.is_(None),
        ~select(part.c.id).where(part.c.joined_to.in_([kept, other])).exists(),
        ~select(part.c.id).where(part.c.id == kept, part.c.joined_to.is_not(None)).exists(),
    )
    joined = await tx.execute(update(entries).where(is_free).values(joined_to=kept, joined_at=now, joined_by=by))
    if joined.rowcount != 1:
        return False
    await tx.execute(update(entries).where(entries.c.id == kept).values(updated_at=now))
    await tx.execute(delete(parted).where(_are(kept, other)))
    return True


async def part(tx: Tx, kept: int, other: int, *, now: datetime) -> bool:
    """
    Make the other entry itself again. False when it is no part of the kept one.

    A list that had the kept one while they were joined has had both texts, and
    does not get the other's anew.
    """
    is_part = and_(entries.c.id == other, entries.c.joined_to == kept)
    since = (await tx.execute(select(entries.c.joined_at).where(is_part))).scalar_one_or_none()
    if since is None:
        return False
    await tx.execute(
        update(entries).where(is_part).values(joined_to=None, joined_at=None, joined_by=None, updated_at=now)
    )
    await tx.execute(update(entries).where(entries.c.id == kept).values(updated_at=now))
    await _count_as_had(tx, kept, other, since=since)
    await keep_apart(tx, kept, other, now=now)
    return True


async def keep_apart(tx: Tx, one: int, other: int, *, now: datetime) -> None:
    """Remember that the operator said of these two: not one text."""
    if not await are_kept_apart(tx, one, other):
        await tx.execute(insert(parted).values(entry_id=min(one, other), other_id=max(one, other), at=now))


async def are_kept_apart(tx: Tx, one: int, other: int) -> bool:
    return (await tx.execute(select(parted.c.at).where(_are(one, other)))).first() is not None


async def kept_apart(tx: Tx) -> set[frozenset[int]]:
    """Every two entries that the operator keeps apart."""
    rows = await tx.execute(select(parted.c.entry_id, parted.c.other_id))
    return {frozenset({row.entry_id, row.other_id}) for row in rows}


async def kept_for(tx: Tx, public_id: str) -> str | None:
    """The id of the entry that the one with this id became a part of; None where it is no part."""
    kept = entries.alias()
    found = select(kept.c.public_id).where(kept.c.id == entries.c.joined_to, entries.c.public_id == public_id)
    public: str | None = (await tx.execute(found)).scalar_one_or_none()
    return public


async def kept_id(tx: Tx, entry_id: int) -> int:
    """The entry that shows this one: the kept one of a pair, else itself."""
    shown = select(func.coalesce(entries.c.joined_to, entries.c.id)).where(entries.c.id == entry_id)
    return int((await tx.execute(shown)).scalar_one())


async def stands(tx: Tx, entry_id: int) -> bool:
    """Whether anything of an entry is still shown: itself, or what is joined to it."""
    both = or_(entries.c.id == entry_id, entries.c.joined_to == entry_id)
    live = select(entries.c.id).where(both, entries.c.status == EntryStatus.LIVE)
    return (await tx.execute(live.limit(1))).first() is not None


async def _count_as_had(tx: Tx, kept: int, other: int, *, since: datetime) -> None:
    had = select(edition_entries.c.list, edition_entries.c.edition_id, edition_entries.c.position).where(
        edition_entries.c.entry_id == kept,
        edition_entries.c.left_out.is_(False),
        editions.c.id == edition_entries.c.edition_id,
        editions.c.status.in_(IN_PUBLIC),
        editions.c.released_at >= since,
        edition_entries.c.list.not_in(select(edition_entries.c.list).where(edition_entries.c.entry_id == other)),
    )
    for row in (await tx.execute(had)).all():
        await tx.execute(
            insert(edition_entries).values(
                list=row.list, entry_id=other, edition_id=row.edition_id, position=row.position, left_out=True
            )
        )


# ── What might be one text ───────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An entry in one language with no part in a pair, as far as it matters for finding its other version."""

    id: int
    public_id: str
    language: Language
    title: str
    author: str | None
    dated: datetime
    outlet: str | None
    outlet_date: date | None
    original_url: str | None
    attachments: int
    length: int


async def candidates(tx: Tx) -> list[Candidate]:
    """Every live entry that its archive has in one language only, oldest first."""
    part = entries.alias()
    other = faces.alias()
    statement = (
        select(entries, faces.c.language.label("spoken"), faces.c.title, func.length(faces.c.html).label("length"))
        .where(faces.c.entry_id == entries.c.id, faces.c.origin == Origin.ORIGINAL)
        .where(entries.c.status == EntryStatus.LIVE, entries.c.language != MIXED, entries.c.joined_to.is_(None))
        .where(~select(part.c.id).where(part.c.joined_to == entries.c.id).exists())
        .where(
            ~select(other.c.language)
            .where(
                other.c.entry_id == entries.c.id,
                other.c.language != faces.c.language,
                other.c.origin == Origin.ORIGINAL,
            )
            .exists()
        )
        .order_by(entries.c.id)
    )
    return [
        Candidate(
            id=row.id,
            public_id=row.public_id,
            language=row.spoken,
            title=row.title,
            author=row.author,
            dated=in_offset(row.published_at, row.published_offset) or row.arrived_at,
            outlet=row.outlet,
            outlet_date=row.outlet_date,
            original_url=row.original_url,
            attachments=len(row.attachments),
            length=row.length or 0,
        )
        for row in (await tx.execute(statement)).all()
    ]


async def outlets_that_agree(tx: Tx) -> set[frozenset[str]]:
    """Names of outlets under which pairs cite their two versions: the same outlet in two languages."""
    kept = entries.alias()
    rows = await tx.execute(
        select(entries.c.outlet, kept.c.outlet.label("other")).where(
            kept.c.id == entries.c.joined_to, entries.c.outlet.is_not(None), kept.c.outlet.is_not(None)
        )
    )
    return {frozenset({row.outlet.casefold(), row.other.casefold()}) for row in rows}


def _are(one: int, other: int) -> ColumnElement[bool]:
    return and_(parted.c.entry_id == min(one, other), parted.c.other_id == max(one, other))
