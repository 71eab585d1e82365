"""
Which copies are due, in which order, and when each of them may go.

Letters of no edition come first: a confirmation is not to wait behind ten
thousand copies. Then the oldest, as far as the pace has time for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from publisher.model import EditionStatus
from publisher.store import pace as paces
from publisher.store.database import Tx
from publisher.store.pace import Pace, Room
from publisher.store.tables import UTCDateTime, deliveries, editions

# Written out, not bound: SQLite uses a partial index only when it can see its condition.
WAITING = deliveries.c.status == literal_column("'waiting'")
SENDING = deliveries.c.status == literal_column("'sending'")

# Likewise: one index has the editions' copies, another all others.
OF_EDITION = deliveries.c.kind == literal_column("'edition'")
OF_NONE = deliveries.c.kind != literal_column("'edition'")

# A stopped one's stragglers are taken so that the objection can withhold them.
_IS_MOVING = editions.c.status.in_([EditionStatus.RELEASED, EditionStatus.STOPPED])
CAN_MOVE = or_(OF_NONE, _IS_MOVING)
"""Not held up by a paused edition. For statements that join `editions`."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """
    Which copies a road takes: those of these lists, or (None) of all but some others.

    `letters`: those of no list as well.
    """

    lists: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    letters: bool = True


EVERYTHING = Share()

_WEEK = timedelta(days=7)


# ── Which ────────────────────────────────────────────────────────────────────


async def due_now(tx: Tx, room: Room, share: Share, now: datetime) -> list[Row[Any]]:
    """The next copies that may be taken. Letters of no edition come first, also to the day's last letters."""
    if not room.letters:
        return []
    found = (await tx.execute(free_to_move(room.letters, deliveries.c.due_at <= now, share=share))).all()
    others = [row for row in found if not row.of_edition]
    return [*others, *[row for row in found if row.of_edition][: max(0, room.of_editions - len(others))]]


def free_to_move(
    limit: int, *which: ColumnElement[bool], share: Share = EVERYTHING
) -> CompoundSelect[Any] | Select[Any]:
    """
    The first `limit` copies that wait and are not held up by a paused edition: letters of no edition, then the oldest.

    Each edition's are read from its own stretch of the index, and the others'
    from theirs, so that a paused edition costs nothing however much waits in it.
    """
    first = (
        select(deliveries.c.id)
        .where(deliveries.c.edition_id == editions.c.id, WAITING, OF_EDITION, *which)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
        .correlate(editions)
    )
    columns = ("id", "due_at", "dedupe_key", "domain")
    found = deliveries.alias("found")
    of_editions = (
        select(*(found.c[name] for name in columns), literal_column("1").label("of_edition"))
        .select_from(editions.join(found, found.c.id.in_(first)))
        .where(_IS_MOVING, *_of_lists(share))
    )
    of_none = (
        select(*(deliveries.c[name] for name in columns), literal_column("0").label("of_edition"))
        .where(WAITING, OF_NONE, *which)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
        .subquery()
    )
    order = ("of_edition", "due_at", "id")
    if not share.letters:
        return of_editions.order_by(*order).limit(limit)
    return union_all(of_editions, select(of_none)).order_by(*order).limit(limit)


def _of_lists(share: Share) -> list[ColumnElement[bool]]:
    if share.lists is not None:
        return [editions.c.list.in_(sorted(share.lists))]
    return [editions.c.list.not_in(sorted(share.but))] if share.but else []


async def next_due(tx: Tx, share: Share = EVERYTHING) -> datetime | None:
    """When the next copy that is free to move comes due; None when none waits."""
    first = [(await tx.execute(free_to_move(1, share=one))).first() for one in _kinds_of(share)]
    return min((row.due_at for row in first if row), default=None)


def _kinds_of(share: Share) -> list[Share]:
    """Copies of editions and letters of none apart: the latter come first, whenever they are due."""
    of_none = Share(lists=frozenset())
    return [replace(share, letters=False), *([of_none] if share.letters else [])]


# ── When ─────────────────────────────────────────────────────────────────────


async def in_time(tx: Tx, due: Sequence[Row[Any]], pace: Pace, now: datetime) -> tuple[Mapping[int, datetime], bool]:
    """When each copy may go, as far as there is time for it soon, and whether some were made due later."""
    times: dict[int, datetime] = {}
    later: dict[int, datetime] = {}
    slow = {row.domain for row in due} & pace.limits.keys()
    for domain in sorted(slow):
        ours = [row.id for row in due if row.domain == domain and row.of_edition]
        others = sum(row.domain == domain and not row.of_edition for row in due)
        if others:  # a confirmation is not to wait behind an edition
            await paces.note(tx, pace, domain, others, now)
        for row_id, at in zip(ours, await paces.take_for(tx, pace, domain, len(ours), now), strict=True):
            (times if at <= now + paces.AHEAD else later)[row_id] = at
    if later:
        await tx.execute(_POSTPONE, [{"row": row_id, "at": at} for row_id, at in later.items()])
    free = [row.id for row in due if row.id not in later]
    for row_id, at in zip(free, await paces.take(tx, pace, len(free), now), strict=True):
        times[row_id] = max(at, times.get(row_id, at))
    return times, bool(later)


_POSTPONE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row"), WAITING)
    .values(due_at=bindparam("at", type_=UTCDateTime()), reason="letters to this domain go at a pace")
)


async def bring_forward(tx: Tx, now: datetime) -> int:
    """
    Make due what was put off, or queued, before the clock was set back by a day or more; gives how many copies.

    Nothing that was tried is put off for a week, so what seems to be was put off by a clock that was ahead.
    """
    put_off = deliveries.c.first_attempt_at.is_not(None) & (deliveries.c.due_at > now + _WEEK)
    queued = (deliveries.c.queued_at > now + paces.DAY) & (deliveries.c.due_at > now)
    return (await tx.execute(update(deliveries).where(WAITING, or_(put_off, queued)).values(due_at=now))).rowcount
