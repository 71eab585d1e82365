"""
Faces that the house had made by a service: what each was made of, who confirmed it, and why one was not taken.

Such a face stands beside those of the archive (its `faces.item_id` is null) and
is shown where no other one exists in its language. It is good as long as the
text that it was made of: whatever writes or takes away an archive's face calls
`follow`, and what is old is gone in the same transaction.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import EditionStatus, EntryStatus, Face, Language, Origin
from publisher.store.database import Tx
from publisher.store.entries import IN_PUBLIC, NEWEST_FIRST, speaking
from publisher.store.indexing import refresh
from publisher.store.tables import edition_entries, editions, entries, faces, translations

_OURS = faces.c.item_id.is_(None) & faces.c.origin.in_((Origin.HUMAN, Origin.MACHINE))


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a face came to be: of which text, how much of it, by which service, for how many characters."""

    entry_id: int
    language: Language
    source_language: Language
    source_digest: str
    extent: str
    by: str
    characters: int


def digest_of(extent: str, title: str, summary: str, html: str) -> str:
    """Of what is translated of a face. What is not, may change without making the translation old."""
    told = {"title": (title,), "summary": (title, summary)}.get(extent, (title, summary, html))
    return hashlib.sha256("\0".join((extent, *told)).encode("utf-8", "replace")).hexdigest()


async def missing(
    tx: Tx, language: Language, *, archives: Collection[str], only: int | None = None, by_itself: bool = False
) -> list[int]:
    """
    Ids of the entries in public that have no face in this language, the newest first.

    With `by_itself` only what the clock may have translated: news, as long as it
    stands in no letter that was approved as it is.
    """
    wanted = [
        IN_PUBLIC,
        entries.c.status == EntryStatus.LIVE,
        entries.c.archive.in_(list(archives)),
        ~speaking(language),
    ]
    if only is not None:
        wanted.append(entries.c.id == only)
    if by_itself:
        wanted += [entries.c.held.is_(None), ~_approved()]
    return list((await tx.execute(select(entries.c.id).where(*wanted).order_by(*NEWEST_FIRST))).scalars())


def _approved() -> ColumnElement[bool]:
    holding = (
        select(edition_entries.c.entry_id)
        .join(editions, editions.c.id == edition_entries.c.edition_id)
        .where(edition_entries.c.entry_id == entries.c.id, editions.c.status == EditionStatus.APPROVED)
    )
    return holding.exists()


async def write(tx: Tx, made: Made, face: Face, *, now: datetime) -> bool:
    """Put a new face beside its source; False when the source is another by now, or has a face in that language."""
    there = await tx.execute(select(faces.c.language).where(_face_of(made.entry_id, made.language)))
    if there.first() is not None:
        return False
    await tx.execute(delete(translations).where(_of(made.entry_id, made.language)))
    await tx.execute(insert(translations).values(**_row(made), made_at=now))
    row = {
        "entry_id": made.entry_id,
        "language": made.language,
        "origin": Origin.MACHINE,
        "title": face.title,
        "summary": face.summary,
        "html": face.html,
        "url": face.url,
    }
    await tx.execute(insert(faces).values(row))
    await follow(tx, made.entry_id)
    await refresh(tx)
    kept = await tx.execute(select(translations.c.entry_id).where(_of(made.entry_id, made.language)))
    return kept.first() is not None


async def refuse(tx: Tx, made: Made, why: str, *, now: datetime) -> None:
    """Remember that no usable face came, so that nobody asks for it again and again."""
    values = {**_row(made), "made_at": now, "refused_why": why}
    await tx.execute(
        upsert(translations)
        .values(values)
        .on_conflict_do_update(index_elements=[translations.c.entry_id, translations.c.language], set_=values)
    )
    await follow(tx, made.entry_id)  # another text by now: nothing was refused of that one


async def refused(tx: Tx, language: Language) -> Mapping[int, str]:
    """Why entries have no face in this language though one was made, by their ids."""
    asked = select(translations.c.entry_id, translations.c.refused_why).where(
        translations.c.language == language, translations.c.refused_why.is_not(None)
    )
    return {row.entry_id: row.refused_why for row in await tx.execute(asked)}


async def confirm(tx: Tx, entry_id: int, language: Language, *, by: str, now: datetime) -> bool:
    """machine → human: an editor answers for it. False when there is no face to be confirmed."""
    family = _family(entry_id)
    confirmed = await tx.execute(
        update(faces)
        .where(faces.c.entry_id.in_(family), faces.c.language == language, faces.c.origin == Origin.MACHINE)
        .values(origin=Origin.HUMAN)
    )
    await tx.execute(
        update(translations)
        .where(translations.c.entry_id.in_(family), translations.c.language == language)
        .values(confirmed_by=by, confirmed_at=now)
    )
    return bool(confirmed.rowcount)


async def reject(tx: Tx, entry_id: int, language: Language, *, by: str) -> bool:
    """Take a face away that the house had made, confirmed or not, and remember that it was not taken."""
    family = _family(entry_id)
    taken = await tx.execute(delete(faces).where(faces.c.entry_id.in_(family), faces.c.language == language, _OURS))
    await tx.execute(
        update(translations)
        .where(translations.c.entry_id.in_(family), translations.c.language == language)
        .values(refused_why=f"taken away by {by}", confirmed_by=None, confirmed_at=None)
    )
    await refresh(tx)
    return bool(taken.rowcount)


async def follow(tx: Tx, entry_id: int) -> None:
    """
    Take away what was made of a text that is no more as it was, or that the archive tells in that language itself.

    What is still good takes over where its source stands now. The index that
    search reads is the caller's to refresh.
    """
    rows = (await tx.execute(select(translations).where(translations.c.entry_id == entry_id))).all()
    if not rows:
        return
    told = await tx.execute(select(faces).where(faces.c.entry_id == entry_id, faces.c.origin == Origin.ORIGINAL))
    originals = {face.language: face for face in told}
    for row in rows:
        source = originals.get(row.source_language)
        ours = and_(_face_of(entry_id, row.language), _OURS)
        if source is None or row.language in originals or row.source_digest != _digest(row.extent, source):
            await tx.execute(delete(faces).where(ours))
            await tx.execute(delete(translations).where(_of(entry_id, row.language)))
        else:
            place = {name: getattr(source, name) for name in ("url", "outlet", "outlet_date", "original_url")}
            moved = or_(*(faces.c[name].is_distinct_from(value) for name, value in place.items()))
            await tx.execute(update(faces).where(ours, moved).values(place))


def _digest(extent: str, face: Row[Any]) -> str:
    return digest_of(extent, face.title, face.summary, face.html)


def _of(entry_id: int, language: Language) -> ColumnElement[bool]:
    return and_(translations.c.entry_id == entry_id, translations.c.language == language)


def _face_of(entry_id: int, language: Language) -> ColumnElement[bool]:
    return and_(faces.c.entry_id == entry_id, faces.c.language == language)


def _family(entry_id: int) -> Select[tuple[int]]:
    """An entry and what is joined to it: either may have the face that is shown."""
    return select(entries.c.id).where(or_(entries.c.id == entry_id, entries.c.joined_to == entry_id))


def _row(made: Made) -> dict[str, object]:
    return {
        "entry_id": made.entry_id,
        "language": made.language,
        "source_language": made.source_language,
        "source_digest": made.source_digest,
        "extent": made.extent,
        "made_by": made.by,
        "characters": made.characters,
    }
