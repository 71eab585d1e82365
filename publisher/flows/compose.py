"""Make the next edition of a list: what arrived and no edition of it has taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from publisher.digest.select import in_order
from publisher.model import Edition, Entry, MailingList, Site
from publisher.store import editions, entries
from publisher.store.database import Tx

Sign: TypeAlias = Callable[[Sequence[Entry]], list[Entry]]
"""Gives entries the authors' names as they are printed (archive/authors.py)."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What editions of this house are made with; the same for every list."""

    site: Site
    sign: Sign
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


async def compose(tx: Tx, mailing_list: MailingList, *, by: str, now: datetime) -> Composed:
    """
    Compose the next edition up to now, in the caller's transaction.

    A list has one open edition at most. An untouched draft is composed anew;
    one that a person touched or approved stays as it is.
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
        await editions.refill(tx, current, entry_ids, window_end=now, now=now)
        return Composed(edition=await editions.get(tx, current.id))
    edition_id = await editions.draft(
        tx, mailing_list.name, entry_ids, window_end=now, classification=mailing_list.classification, by=by, now=now
    )
    return Composed(edition=await editions.get(tx, edition_id), is_new=True)
