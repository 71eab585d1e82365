"""Editions: their states, what stands in them, and their letters once frozen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.errors import NotFound
from publisher.model import (
    FIRST_DAY,
    Classification,
    Edition,
    EditionStatus,
    Letter,
    LetterKey,
    Run,
    Slot,
    Texts,
)
from publisher.store import corrections, texts
from publisher.store import entries as entry_store
from publisher.store.database import Tx
from publisher.store.tables import edition_entries, editions, letters, lists

OPEN = (EditionStatus.DRAFT, EditionStatus.APPROVED)
ON_ITS_WAY = (EditionStatus.RELEASED, EditionStatus.PAUSED)
IN_PUBLIC = (EditionStatus.RELEASED, EditionStatus.PAUSED, EditionStatus.SENT, EditionStatus.STOPPED)

# ── Lists ────────────────────────────────────────────────────────────────────


async def start_list(tx: Tx, name: str, now: datetime) -> datetime:
    """When the list began: entries due before that are not news to it. The first call says now."""
    await tx.execute(upsert(lists).values(name=name, started_at=now).on_conflict_do_nothing())
    return await started_at(tx, name)


async def started_at(tx: Tx, name: str) -> datetime:
    moment: datetime = (await tx.execute(select(lists.c.started_at).where(lists.c.name == name))).scalar_one()
    return moment


async def started_lists(tx: Tx) -> set[str]:
    """The names of the lists that have begun."""
    return set((await tx.execute(select(lists.c.name))).scalars())


# ── Looking ──────────────────────────────────────────────────────────────────


async def get(tx: Tx, edition_id: int) -> Edition:
    """An edition that is known to exist."""
    found = await _first(tx, editions.c.id == edition_id)
    assert found is not None, f"edition {edition_id} was read before and is never deleted"
    return found


async def by_number(tx: Tx, list_name: str, number: int) -> Edition | None:
    """The edition that carries this number; a cancelled one has given it back."""
    return await _first(
        tx, editions.c.list == list_name, editions.c.number == number, editions.c.status != EditionStatus.CANCELLED
    )


async def numbered(tx: Tx, list_name: str, number: int) -> Edition:
    """The same for a person who named it. Raises NotFound, saying where those that there are stand."""
    edition = await by_number(tx, list_name, number)
    if edition is None:
        raise NotFound(f"{list_name} has no edition No. {number}: `publisher editions` lists them")
    return edition


async def open_one(tx: Tx, list_name: str) -> Edition | None:
    """The list's draft or approved edition; there is at most one."""
    return await _first(tx, editions.c.list == list_name, editions.c.status.in_(OPEN))


async def unfinished(tx: Tx, list_name: str) -> Edition | None:
    """The oldest edition of the list that is released or paused and not sent to its end."""
    return await _first(tx, editions.c.list == list_name, editions.c.status.in_(ON_ITS_WAY))


async def listed(
    tx: Tx, *, list_name: str | None = None, statuses: Sequence[str] = (), limit: int = 100
) -> list[Edition]:
    """Editions, newest first."""
    wanted: list[ColumnElement[bool]] = []
    if list_name:
        wanted.append(editions.c.list == list_name)
    if statuses:
        wanted.append(editions.c.status.in_(list(statuses)))
    rows = await tx.execute(select(editions).where(*wanted).order_by(editions.c.id.desc()).limit(limit))
    return [await _edition(tx, row) for row in rows.all()]


async def letter(tx: Tx, edition_id: int, language_key: LetterKey) -> Letter | None:
    """The frozen letter of a released edition, or None when it has none in this key."""
    row = (
        await tx.execute(
            select(letters).where(letters.c.edition_id == edition_id, letters.c.language_key == language_key)
        )
    ).one_or_none()
    if row is None:
        return None
    return Letter(
        language_key=row.language_key,
        subject=row.subject,
        html=_run(row.html),
        text=_run(row.text),
        covers={public_id: tuple(pieces) for public_id, pieces in row.covers.items()},
    )


async def frozen_keys(tx: Tx, edition_id: int) -> list[LetterKey]:
    """Under which keys a released edition has letters."""
    keys = await tx.execute(
        select(letters.c.language_key).where(letters.c.edition_id == edition_id).order_by(letters.c.language_key)
    )
    return list(keys.scalars())


# ── Changing ─────────────────────────────────────────────────────────────────


async def draft(
    tx: Tx,
    list_name: str,
    entry_ids: Sequence[int],
    *,
    window_end: datetime,
    classification: Classification,
    by: str,
    now: datetime,
    notes: Texts | None = None,
    day: date | None = None,
) -> int:
    """
    Make the next edition of a list with these entries, in this order; gives its id.

    With `notes` it is a person's and not composed anew. With a `day` it has no
    number of its own and is known by the day.
    """
    number = await _next_number(tx, list_name) if day is None else await _day_number(tx, list_name, day)
    key = (
        await tx.execute(
            insert(editions).values(
                list=list_name,
                number=number,
                status=EditionStatus.DRAFT,
                window_end=window_end,
                composed_at=now,
                classification=classification,
                classified_by=by,
                notes=notes or {},
                touched=bool(notes),
            )
        )
    ).inserted_primary_key
    assert key is not None, "a single-row insert tells its key"
    edition_id = int(key[0])
    await _take(tx, list_name, edition_id, entry_ids)
    return edition_id


def _counting(list_name: str) -> ColumnElement[bool]:
    """The editions of a list that hold their numbers."""
    return (editions.c.list == list_name) & (editions.c.status != EditionStatus.CANCELLED)


async def _next_number(tx: Tx, list_name: str) -> int:
    last = select(func.max(editions.c.number)).where(_counting(list_name), editions.c.number < FIRST_DAY)
    return ((await tx.execute(last)).scalar() or 0) + 1


async def _day_number(tx: Tx, list_name: str, day: date) -> int:
    """20261124 for the first edition of a day that has no number, 2026112402 for the second."""
    number = int(f"{day:%Y%m%d}")
    later = (number * 100 + 2, number * 100 + 99)
    taken = select(func.max(editions.c.number)).where(
        _counting(list_name), (editions.c.number == number) | editions.c.number.between(*later)
    )
    last: int | None = (await tx.execute(taken)).scalar()
    if last is None:
        return number
    return later[0] if last == number else last + 1


async def clear(tx: Tx, edition_id: int) -> bool:
    """
    Empty a draft that nobody touched, so that it can be composed anew.

    False when it is no such draft any more.
    """
    free = update(editions).where(
        editions.c.id == edition_id, editions.c.status == EditionStatus.DRAFT, editions.c.touched.is_(False)
    )
    if (await tx.execute(free.values(touched=False))).rowcount != 1:
        return False
    await _give_back(tx, edition_id)
    return True


async def drop(tx: Tx, entry_id: int, *, why: str, now: datetime) -> list[tuple[str, int, bool]]:
    """
    Take an entry out of every draft or approved edition; gives those that lost it:
    list, number, and whether they were approved.

    With it they lose their approval, for this reason: what was approved held
    something else.
    """
    losing = await _open_with(tx, entry_id)
    for edition_id, _, _ in losing:
        await tx.execute(delete(edition_entries).where(_place_of(edition_id, entry_id)))
    await corrections.drop(tx, entry_id, [edition_id for edition_id, _, _ in losing])
    return await _lose_approval(tx, losing, why=why, now=now)


async def hand_place(tx: Tx, entry_id: int, heir: int, *, why: str, now: datetime) -> list[tuple[str, int, bool]]:
    """
    Let another entry stand where one stands in drafts and approved editions; gives those as `drop` does.

    A list that has or had the heir loses the place. All lose their approval.
    """
    losing = await _open_with(tx, entry_id)
    for edition_id, list_name, _ in losing:
        had = select(edition_entries.c.entry_id).where(
            edition_entries.c.list == list_name, edition_entries.c.entry_id == heir
        )
        if (await tx.execute(had)).first() is None:
            await tx.execute(update(edition_entries).where(_place_of(edition_id, entry_id)).values(entry_id=heir))
        else:
            await tx.execute(delete(edition_entries).where(_place_of(edition_id, entry_id)))
    await corrections.drop(tx, entry_id, [edition_id for edition_id, _, _ in losing])
    return await _lose_approval(tx, losing, why=why, now=now)


async def doubt(tx: Tx, entry_id: int, *, why: str, now: datetime) -> list[tuple[str, int, bool]]:
    """Take the approval from every open edition with this entry, which looks different now; gives those as `drop`."""
    return await _lose_approval(tx, await _open_with(tx, entry_id), why=why, now=now)


async def _lose_approval(
    tx: Tx, losing: Sequence[tuple[int, str, int]], *, why: str, now: datetime
) -> list[tuple[str, int, bool]]:
    lost = {"approved_by": None, "approved_at": None, "approval_lost_at": now, "approval_lost_why": why}
    return [
        (name, number, await _move(tx, edition_id, (EditionStatus.APPROVED,), status=EditionStatus.DRAFT, **lost))
        for edition_id, name, number in losing
    ]


def _place_of(edition_id: int, entry_id: int) -> ColumnElement[bool]:
    return (edition_entries.c.edition_id == edition_id) & (edition_entries.c.entry_id == entry_id)


async def _open_with(tx: Tx, entry_id: int) -> list[tuple[int, str, int]]:
    """The drafts and approved editions that hold an entry or correct it: id, list and number."""
    held = select(edition_entries.c.edition_id).where(
        edition_entries.c.entry_id == entry_id, edition_entries.c.left_out.is_(False)
    )
    told = held.union(corrections.holding(entry_id))
    holding = select(editions.c.id, editions.c.list, editions.c.number).where(
        editions.c.id.in_(told), editions.c.status.in_(OPEN)
    )
    return [(row.id, row.list, row.number) for row in await tx.execute(holding)]


async def refill(tx: Tx, edition: Edition, entry_ids: Sequence[int], *, window_end: datetime, now: datetime) -> None:
    """Put entries into a draft that was just cleared, and move its window up to another moment."""
    await tx.execute(update(editions).where(editions.c.id == edition.id).values(window_end=window_end, composed_at=now))
    await _take(tx, edition.list, edition.id, entry_ids)


async def approve(tx: Tx, edition_id: int, *, by: str, now: datetime) -> bool:
    """draft → approved."""
    return await _move(
        tx,
        edition_id,
        (EditionStatus.DRAFT,),
        status=EditionStatus.APPROVED,
        approved_by=by,
        approved_at=now,
        approval_lost_at=None,
        approval_lost_why=None,
    )


async def classify(
    tx: Tx, edition_id: int, classification: Classification, *, by: str, why: str | None, now: datetime
) -> bool:
    """Say what a draft or approved edition is. It is a draft after that, and not composed anew: it was looked at."""
    return await _move(
        tx,
        edition_id,
        OPEN,
        status=EditionStatus.DRAFT,
        touched=True,
        approved_by=None,
        approved_at=None,
        classification=classification,
        classified_by=by,
        classified_at=now,
        classified_why=why,
    )


async def write(tx: Tx, edition: Edition, *, notes: Texts, subjects: Texts) -> bool:
    """Give an open edition the editor's words. It is a draft after that, and not composed anew: it was looked at."""
    return await _move(
        tx,
        edition.id,
        OPEN,
        status=EditionStatus.DRAFT,
        touched=True,
        approved_by=None,
        approved_at=None,
        notes=dict(notes),
        subjects=dict(subjects),
    )


async def note_not_agreed(tx: Tx, edition_id: int, count: int) -> None:
    """Remember how many readers an advertising edition left out because they had not agreed to it."""
    await tx.execute(update(editions).where(editions.c.id == edition_id).values(not_agreed=count))


async def mark_released(tx: Tx, edition_id: int, *, by: str, content_hash: str, now: datetime) -> bool:
    """approved → released, keeping which texts it shows. Two hands cannot both win: the second gets False."""
    released = await _move(
        tx,
        edition_id,
        (EditionStatus.APPROVED,),
        status=EditionStatus.RELEASED,
        released_by=by,
        released_at=now,
        content_hash=content_hash,
    )
    if released:
        await texts.keep(tx, edition_id)
    return released


async def cancel(tx: Tx, edition_id: int, *, now: datetime) -> bool:
    """draft or approved → cancelled; its entries and its number are free again."""
    moved = await _move(tx, edition_id, OPEN, status=EditionStatus.CANCELLED, ended_at=now)
    if moved:
        await _give_back(tx, edition_id)
    return moved


async def take_back(tx: Tx, edition_id: int, *, now: datetime) -> bool:
    """released or paused → cancelled, for an edition of which no copy has left: its letters were never seen."""
    moved = await _move(
        tx, edition_id, ON_ITS_WAY, status=EditionStatus.CANCELLED, ended_at=now, released_at=None, content_hash=None
    )
    if moved:
        await tx.execute(delete(letters).where(letters.c.edition_id == edition_id))
        await texts.forget(tx, edition_id)
        await _give_back(tx, edition_id)
    return moved


async def pause(tx: Tx, edition_id: int) -> bool:
    return await _move(tx, edition_id, (EditionStatus.RELEASED,), status=EditionStatus.PAUSED)


async def resume(tx: Tx, edition_id: int) -> bool:
    return await _move(tx, edition_id, (EditionStatus.PAUSED,), status=EditionStatus.RELEASED)


async def stop(tx: Tx, edition_id: int, *, now: datetime) -> bool:
    return await _move(tx, edition_id, ON_ITS_WAY, status=EditionStatus.STOPPED, ended_at=now)


async def reopen(tx: Tx, edition_id: int) -> bool:
    """sent → released: further copies of it were queued."""
    return await _move(tx, edition_id, (EditionStatus.SENT,), status=EditionStatus.RELEASED, sent_at=None)


async def freeze(tx: Tx, edition_id: int, frozen: Iterable[tuple[Letter, str]]) -> None:
    """Keep the letters of an edition, each with its hash. They are never written again."""
    rows = [
        {
            "edition_id": edition_id,
            "language_key": one.language_key,
            "subject": one.subject,
            "html": _plain(one.html),
            "text": _plain(one.text),
            "hash": digest,
            "covers": {public_id: list(pieces) for public_id, pieces in one.covers.items()},
        }
        for one, digest in frozen
    ]
    if rows:  # none, where nothing is in any reader's language
        await tx.execute(insert(letters), rows)


async def _move(tx: Tx, edition_id: int, before: Sequence[EditionStatus], **values: Any) -> bool:
    result = await tx.execute(
        update(editions).where(editions.c.id == edition_id, editions.c.status.in_(before)).values(**values)
    )
    return result.rowcount == 1


async def _take(tx: Tx, list_name: str, edition_id: int, entry_ids: Sequence[int]) -> None:
    rows = [
        {"list": list_name, "entry_id": entry_id, "edition_id": edition_id, "position": position}
        for position, entry_id in enumerate(entry_ids)
    ]
    if rows:
        await tx.execute(insert(edition_entries), rows)


async def _give_back(tx: Tx, edition_id: int) -> None:
    await corrections.give_back(tx, edition_id)
    await tx.execute(
        delete(edition_entries).where(edition_entries.c.edition_id == edition_id, edition_entries.c.left_out.is_(False))
    )


# ── Rows and model ───────────────────────────────────────────────────────────


async def _first(tx: Tx, *wanted: ColumnElement[bool]) -> Edition | None:
    row = (await tx.execute(select(editions).where(*wanted).order_by(editions.c.id).limit(1))).one_or_none()
    return None if row is None else await _edition(tx, row)


async def _edition(tx: Tx, row: Row[Any]) -> Edition:
    taken = await tx.execute(
        select(edition_entries.c.entry_id)
        .where(edition_entries.c.edition_id == row.id, edition_entries.c.left_out.is_(False))
        .order_by(edition_entries.c.position)
    )
    return Edition(
        id=row.id,
        list=row.list,
        number=row.number,
        status=EditionStatus(row.status),
        window_end=row.window_end,
        composed_at=row.composed_at,
        touched=row.touched,
        notes=row.notes,
        classification=Classification(row.classification),
        classified_by=row.classified_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        released_at=row.released_at,
        sent_at=row.sent_at,
        content_hash=row.content_hash,
        approval_lost_at=row.approval_lost_at,
        approval_lost_why=row.approval_lost_why,
        classified_at=row.classified_at,
        classified_why=row.classified_why,
        not_agreed=row.not_agreed,
        subjects=row.subjects,
        corrections=await corrections.of_edition(tx, row.id, row.list),
        entries=tuple(await entry_store.find(tx, ids=[entry.entry_id for entry in taken])),
    )


def _plain(run: Run) -> list[str | dict[str, str]]:
    return [{"slot": piece.value} if isinstance(piece, Slot) else piece for piece in run]


def _run(plain: Sequence[str | Mapping[str, str]]) -> Run:
    return tuple(piece if isinstance(piece, str) else Slot(piece["slot"]) for piece in plain)
