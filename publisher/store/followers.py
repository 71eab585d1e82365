"""How many follow each feed, per day: numbers only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.sqlite import insert

from publisher.store.database import Tx
from publisher.store.tables import feed_followers

Day: TypeAlias = date


@dataclass(frozen=True, kw_only=True)
class Count:
    """So many on a day. `family` is the service that told it; '' for readers that came themselves."""

    day: Day
    slug: str
    family: str
    count: int


async def write(tx: Tx, counts: Iterable[Count]) -> None:
    """Take over what was counted; of two numbers of one day the larger stands."""
    for one in counts:
        statement = insert(feed_followers).values(day=one.day, slug=one.slug, family=one.family, count=one.count)
        more = statement.excluded.count
        known = feed_followers.c.count
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[feed_followers.c.day, feed_followers.c.slug, feed_followers.c.family],
                set_={"count": case((more > known, more), else_=known)},
            )
        )


async def since(tx: Tx, day: Day) -> list[Count]:
    """What was counted from this day on, by day and feed."""
    rows = await tx.execute(
        select(feed_followers)
        .where(feed_followers.c.day >= day)
        .order_by(feed_followers.c.day, feed_followers.c.slug, feed_followers.c.family)
    )
    return [Count(day=row.day, slug=row.slug, family=row.family, count=row[3]) for row in rows]


async def forget(tx: Tx, before: Day) -> None:
    """Drop what is older."""
    await tx.execute(delete(feed_followers).where(feed_followers.c.day < before))
