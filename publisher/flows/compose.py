"""Make the next edition of a list: what arrived and no edition of it has taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from publisher.digest.corrections import is_worth_a_line
from publisher.digest.select import in_order
from publisher.model import Edition, Entry, MailingList, Site
from publisher.store import corrections, editions, entries
from publisher.store.database import Tx

Sign: TypeAlias = Callable[[Sequence[Entry]], list[Entry]]
"""Gives entries the authors' names as they are printed (archive/authors.py)."""


Noting: TypeAlias = Mapping[str, timedelta]
"""The archives of which letters note corrections, with how long a change must have stood for it."""

NOTHING_NOTED: Noting = MappingProxyType({})

_MOST_CORRECTIONS = 10  # in one edition; further ones wait for the next


@dataclass(frozen=True, kw_only=True)
class House:
    """What editions of this house are made with; the same for every list."""

    site: Site
    sign: Sign
    noting: Noting = field(default_factory=dict)
    templates: Path | None = None  # the operator's own, looked into first


@dataclass(frozen=True, kw_only=True)
class Composed:
    """
    The list's open edition, or None when there is nothing for one.

    `newer` counts entries that came after an edition which somebody touched or
    approved: it is left as it is, and they stand in the next one.
    """

    edition: Edition | None
    is_new: bool = False
    newer: int = 0


async def compose(
    tx: Tx, mailing_list: MailingList, *, by: str, now: datetime, noting: Noting = NOTHING_NOTED
) -> Composed:
    """
    Compose the next edition up to now, in the caller's transaction.

    A list has one open edition at most. An untouched draft is composed anew;
    one that a person touched or approved stays as it is. Corrections (of the
    archives in `noting`) go along; they alone are no news, and make no edition.
    """
    after = await editions.start_list(tx, mailing_list.name, now)
    current = await editions.open_one(tx, mailing_list.name)
    is_fixed = current is not None and not await editions.clear(tx, current.id)
    due = await entries.due_for(tx, mailing_list.name, mailing_list.archives, after=after, until=now)
    if current is not None and is_fixed:
        return Composed(edition=current, newer=len(due))
    if not due:
        if current is not None:  # what it held was retracted or held back meanwhile
            await editions.cancel(tx, current.id, now=now)
        return Composed(edition=None)
    entry_ids = [entry.id for entry in in_order(due)]
    if current is not None:
        edition_id = current.id
        await editions.refill(tx, current, entry_ids, window_end=now, now=now)
    else:
        edition_id = await editions.draft(
            tx, mailing_list.name, entry_ids, window_end=now, classification=mailing_list.classification, by=by, now=now
        )
    await _note_corrections(tx, mailing_list, edition_id, noting, now)
    return Composed(edition=await editions.get(tx, edition_id), is_new=current is None)


async def _note_corrections(tx: Tx, mailing_list: MailingList, edition_id: int, noting: Noting, now: datetime) -> None:
    """Let what was mailed and corrected since stand in a draft; a change that has not settled waits."""
    archives = [name for name in mailing_list.archives if name in noting]
    touched = await corrections.touched(tx, mailing_list.name, archives) if archives else []
    settled = [one for one in touched if one.updated_at + noting[one.archive] <= now]
    found = {entry.id: entry for entry in await entries.find(tx, ids=[one.entry_id for one in settled])}
    worthy = [one for one in settled if one.entry_id in found and is_worth_a_line(one.before, found[one.entry_id])]
    await corrections.write(tx, edition_id, worthy[:_MOST_CORRECTIONS])
