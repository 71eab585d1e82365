"""
What to believe when an archive says that pieces are gone, and what follows.

What became secret is taken away at once, however much it is: the archive says so
of each piece, and showing a secret harms more than hiding a piece that comes
back. A deletion is believed when it is told the second time. More than a few at
once are rather a broken archive than a clean-up: no deletion is believed then
until it is told otherwise, or the operator says that it is so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.archive.source import Gone, Remark, Why, few
from publisher.store import editions, standing
from publisher.store.database import Tx
from publisher.store.standing import Item

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Which of the items that are told gone to take away, and which to look out for a second time."""

    away: tuple[Item, ...] = ()
    missing: tuple[Item, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """What came of it: how many entries were retracted, why nothing was, what the operator should know."""

    retracted: int = 0
    doubt: str | None = None
    remarks: tuple[Remark, ...] = ()


def judge(items: Sequence[Item], why: Mapping[str, Why], *, standing: int, believed: bool) -> Judgement:
    """
    Decide over the items that are told gone (`why`, by source key), of so many that stood.

    What only moved, so that its entry stands elsewhere, is no loss and makes no doubt.
    """
    secret = [item for item in items if why[item.source_key] is Why.SECRET]
    deleted = [item for item in items if why[item.source_key] is Why.DELETED]
    first = [item for item in deleted if item.missing_since is None]
    lost = [item for item in first if item.is_only]
    if believed:
        return Judgement(away=(*secret, *deleted))
    if len(lost) > few(standing):
        return Judgement(
            away=tuple(secret), doubt=f"{len(lost)} of {standing} posts are gone at once; none of them was taken away"
        )
    again = [item for item in deleted if item.missing_since is not None]
    return Judgement(away=(*secret, *again), missing=tuple(first))


async def withdraw(tx: Tx, archive: str, gone: Sequence[Gone], *, believed: bool, now: datetime) -> Withdrawn:
    """Take over what a whole read told to be gone, in the caller's transaction."""
    why = {told.source_key: told.reason for told in gone}
    items = await standing.items(tx, archive, list(why))
    judged = judge(items, why, standing=await standing.standing(tx, archive), believed=believed)
    await standing.miss(tx, judged.missing, now=now)
    retracted, remarks = 0, []
    for item in judged.away:
        reason = why[item.source_key]
        if await standing.take_away(tx, item, reason.value, copies_count=reason is Why.DELETED, now=now):
            retracted += 1
            remarks += await _recall(tx, item.entry_id, reason)
            log.info("entry retracted", archive=archive, source_key=item.source_key, why=reason.value)
    return Withdrawn(retracted=retracted, doubt=judged.doubt, remarks=tuple(remarks))


async def _recall(tx: Tx, entry_id: int, why: Why) -> list[Remark]:
    """Take a retracted entry out of open editions; those in flight are paused if it is secret now."""
    for edition in await editions.drop(tx, entry_id):
        log.warning("edition lost an entry", edition=edition)
    remarks = []
    for edition_id, name, number in await editions.in_flight_with(tx, entry_id) if why is Why.SECRET else []:
        if await editions.pause(tx, edition_id):
            cure = f"`publisher resume {name} {number}` or `publisher stop {name} {number}`"
            detail = f"{name} No. {number} is paused: it holds an entry that became secret; {cure}"
            remarks.append(Remark(code="edition paused", detail=detail))
            log.warning("edition paused", list=name, number=number)
    return remarks
