"""
Which entries stand in which document of a feed.

Only ids and revisions are looked up here: what was written of an entry before
is good as long as its revision is the same. The pages of an archive are counted
from the first entry that ever arrived, by ids, so no later entry moves another
to a page where it was not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select

from publisher.model import EntryStatus, Held, Language
from publisher.store.database import Tx
from publisher.store.entries import IN_PUBLIC, of_archives, speaking
from publisher.store.tables import entries, entry_changes

PAGE = 25
"""Ids of a page. Fewer entries stand in it where other feeds have theirs in between."""

Mark: TypeAlias = tuple[int, int]
"""Id and revision of an entry."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """
    What belongs in a feed. Without archives or language: all of them.

    `categories` are values of the column as text, None for all: see `categories`.
    """

    archives: tuple[str, ...] = ()
    language: Language | None = None
    categories: tuple[str, ...] | None = None


async def changes(tx: Tx) -> int:
    """A number that grows with every change of what can be seen of any entry."""
    return int((await tx.execute(select(entry_changes.c.number))).scalar_one())


async def newest(tx: Tx, selection: Selection, limit: int) -> list[Mark]:
    """By the source's date, the newest first; those of one moment by arrival, the last first."""
    return await _marks(tx, _wanted(selection), limit)


async def page(tx: Tx, selection: Selection, number: int) -> list[Mark]:
    """Those of a page, the newest first."""
    return await _marks(tx, and_(_wanted(selection), entries.c.id.between(first_of(number), last_of(number))))


async def everything(tx: Tx, selection: Selection) -> Mapping[int, list[Mark]]:
    """All of them, by the number of their page."""
    pages: dict[int, list[Mark]] = defaultdict(list)
    for mark in await _marks(tx, _wanted(selection)):
        pages[page_of(mark[0])].append(mark)
    return dict(sorted(pages.items()))


async def last_arrived(tx: Tx) -> int:
    """The id of the last entry that came into the house, seen or not; 0 before the first."""
    return int((await tx.execute(select(func.coalesce(func.max(entries.c.id), 0)))).scalar_one())


async def page_before(tx: Tx, selection: Selection, number: int) -> int | None:
    """The next older page that holds anything."""
    older = select(entries.c.id).where(_wanted(selection), entries.c.id < first_of(number))
    found = (await tx.execute(older.order_by(entries.c.id.desc()).limit(1))).scalar()
    return None if found is None else page_of(found)


async def page_after(tx: Tx, selection: Selection, number: int) -> int | None:
    """The next newer page that holds anything."""
    newer = select(entries.c.id).where(_wanted(selection), entries.c.id > last_of(number))
    found = (await tx.execute(newer.order_by(entries.c.id).limit(1))).scalar()
    return None if found is None else page_of(found)


async def categories(tx: Tx) -> Mapping[str, tuple[str, ...]]:
    """The lists of categories that the entries of each archive have or had, as JSON."""
    shown = or_(entries.c.held.is_(None), entries.c.held != Held.FLOOD)
    rows = await tx.execute(select(entries.c.archive, _CATEGORIES).where(shown).distinct().order_by(_CATEGORIES))
    found: dict[str, tuple[str, ...]] = {}
    for archive, text in rows:
        found[archive] = (*found.get(archive, ()), text)
    return found


def page_of(entry_id: int) -> int:
    return (entry_id - 1) // PAGE + 1


def first_of(number: int) -> int:
    return (number - 1) * PAGE + 1


def last_of(number: int) -> int:
    return number * PAGE


_DATED = func.coalesce(entries.c.published_at, entries.c.arrived_at)  # ix_entries_dated, ix_entries_archive_dated
_CATEGORIES = cast(entries.c.categories, Text)
_PART = entries.alias()  # what is joined to an entry is shown with it


async def _marks(tx: Tx, wanted: ColumnElement[bool], limit: int | None = None) -> list[Mark]:
    statement = select(entries.c.id, entries.c.revision).where(wanted).order_by(_DATED.desc(), entries.c.id.desc())
    return [(row[0], row[1]) for row in await tx.execute(statement.limit(limit))]


def _wanted(selection: Selection) -> ColumnElement[bool]:
    """A machine's face does not count: feeds have no translations that nobody looked at."""
    wanted = [IN_PUBLIC]
    if selection.archives:
        wanted.append(of_archives(*selection.archives))
    if selection.language:
        wanted.append(speaking(selection.language, machine=False))
    if selection.categories is not None:
        wanted.append(_filed_under(selection.categories))
    return and_(*wanted)


def _filed_under(categories: Sequence[str]) -> ColumnElement[bool]:
    part = select(_PART.c.id).where(
        _PART.c.joined_to == entries.c.id,
        _PART.c.status == EntryStatus.LIVE,
        cast(_PART.c.categories, Text).in_(categories),
    )
    return or_(_CATEGORIES.in_(categories), part.exists())
