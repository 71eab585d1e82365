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
from publisher.markup import images_in
from publisher.store import editions, entries, media, pairs, standing, texts
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
            remarks += await _drop(tx, item.entry_id, reason, now)
            log.info("entry retracted", archive=archive, source_key=item.source_key, why=reason.value)
        if reason is Why.SECRET:
            remarks += await _hold(tx, item.entry_id)
            await _forget_images(tx, item.entry_id)
    return Withdrawn(retracted=retracted, doubt=judged.doubt, remarks=tuple(remarks))


async def _drop(tx: Tx, entry_id: int, why: Why, now: datetime) -> list[Remark]:
    """
    Take a retracted entry out of open editions, without their approval.

    Of two that were joined the other still stands, and they keep that one.
    """
    shown_by = await pairs.kept_id(tx, entry_id)
    lose = editions.doubt if await pairs.stands(tx, shown_by) else editions.drop
    remarks = []
    for name, number, was_approved in await lose(tx, shown_by, why=why.value, now=now):
        log.warning("edition lost an entry", list=name, number=number)
        if was_approved:
            detail = f"{name} No. {number}: {lost_approval(why)}; look at it, then `publisher approve {name} {number}`"
            remarks.append(Remark(code="approval lost", detail=detail))
    return remarks


async def _hold(tx: Tx, entry_id: int) -> list[Remark]:
    """Pause the editions in flight that show what became secret, be it in one of two languages only."""
    remarks = []
    for edition_id, name, number in await texts.in_flight_with(tx, entry_id):
        if await texts.withdrawn_from(tx, [edition_id]) and await editions.pause(tx, edition_id):
            detail = f"{name} No. {number} is paused: it holds an entry that became secret; {what_now(name, number)}"
            remarks.append(Remark(code="edition paused", detail=detail))
            log.warning("edition paused", list=name, number=number)
    return remarks


async def _forget_images(tx: Tx, entry_id: int) -> None:
    """Serve our copies of a secret entry's images no longer, though letters that are out name them."""
    faces = [face for entry in await entries.find(tx, ids=[entry_id]) for face in entry.faces.values()]
    await media.drop(tx, {url for face in faces for url, _ in images_in(face.html)})


JOINED, PARTED = "joined", "parted"
"""Why an edition loses its approval when two entries become one, or two again."""

TRANSLATED = "translated"
"""Why it does when a translation in it is made, confirmed or taken away."""

_LOST = {
    Why.SECRET.value: "an entry became secret and was taken out of it",
    Why.DELETED.value: "an entry was deleted in its archive and was taken out of it",
    JOINED: "an entry in it was joined with its other version",
    PARTED: "an entry in it was parted from its other version",
    TRANSLATED: "a translation of an entry in it was made, confirmed or taken away",
}


def lost_approval(why: str) -> str:
    """Why an approved edition is a draft again, for the operator."""
    return f"it lost its approval, because {_LOST[why]}"


def what_now(name: str, number: int) -> str:
    """What the operator may do with a paused edition that holds an entry which became secret."""
    return (
        f"`publisher resume {name} {number}` sends the letter as it is, with that entry in it, to those who do not "
        f"have it yet; `publisher stop {name} {number}` leaves them without the letter"
    )
