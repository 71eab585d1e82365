"""When each document of a feed changed, and whether the WebSub hub has heard of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from publisher.store.database import Tx
from publisher.store.tables import feed_documents

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Untold:
    """A document that the hub is to hear of. `tellings`: how often that was tried in vain."""

    name: str
    etag: str
    tellings: int


async def changed_at(tx: Tx, name: str, etag: str) -> datetime | None:
    """When the document was first seen with this tag; None when it was last seen with another, or never."""
    known = select(feed_documents.c.changed_at).where(feed_documents.c.name == name, feed_documents.c.etag == etag)
    found: datetime | None = (await tx.execute(known)).scalar()
    return found


async def date(tx: Tx, name: str, etag: str, *, first: datetime | None, now: datetime) -> datetime:
    """
    Write down that the document is seen with this tag; gives its date, in whole seconds.

    The date of a document seen for the first time is `first`, if that is known.
    Later ones move forward with each change, also when an entry was taken out
    or let in that is not its newest: readers may go by the date alone.
    """
    row = (await tx.execute(select(feed_documents).where(feed_documents.c.name == name))).one_or_none()
    if row is not None and row.etag == etag:
        dated: datetime = row.changed_at
        return dated
    whole = now.replace(microsecond=0)
    when = (first or whole).replace(microsecond=0) if row is None else max(whole, row.changed_at + _SECOND)
    values = {"etag": etag, "changed_at": when, "tellings": 0, "tell_at": None}
    statement = insert(feed_documents).values(name=name, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[feed_documents.c.name], set_=values))
    return when


async def untold(tx: Tx, names: Collection[str], *, now: datetime) -> list[Untold]:
    """Which of these documents changed since the hub was told, and may be told now."""
    rows = await tx.execute(
        select(feed_documents).where(
            feed_documents.c.name.in_(list(names)),
            func.coalesce(feed_documents.c.told_etag, "") != feed_documents.c.etag,
            or_(feed_documents.c.tell_at.is_(None), feed_documents.c.tell_at <= now),
        )
    )
    return [Untold(name=row.name, etag=row.etag, tellings=row.tellings) for row in rows]


async def mark_told(tx: Tx, document: Untold) -> None:
    """The hub has heard of the document as it was then; a later change is told anew."""
    told = update(feed_documents).where(feed_documents.c.name == document.name)
    await tx.execute(told.values(told_etag=document.etag))
    await tx.execute(told.where(feed_documents.c.etag == document.etag).values(tellings=0, tell_at=None))


async def tell_later(tx: Tx, document: Untold, *, at: datetime) -> None:
    """The hub did not hear: once more, but not before `at`."""
    same = update(feed_documents).where(feed_documents.c.name == document.name, feed_documents.c.etag == document.etag)
    await tx.execute(same.values(tellings=document.tellings + 1, tell_at=at))
