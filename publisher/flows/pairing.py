"""
Make one entry of two that are the Korean and the English version of one text, and two of one again.

The entry that arrived first is kept: its ids stand, and letters go by it. The
other one is shown as a part of it and is itself again when they are parted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag

import structlog

from publisher.errors import NotAllowed
from publisher.flows.identity import is_place, spellings
from publisher.flows.withdraw import JOINED, PARTED
from publisher.i18n import language_name
from publisher.model import Entry, EntryStatus, Held, JoinedBy, Language, Origin, SourceItem
from publisher.store import counterparts, editions, entries, pairs
from publisher.store.database import Tx

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Parted:
    """Two entries that are two again, or that nobody may make one; `were_one` says which."""

    kept: Entry
    other: Entry
    were_one: bool


def why_not(one: Entry, other: Entry) -> str | None:
    """Why these two cannot be made one, in a line that says what to do; None when they can."""
    if one.id == other.id:
        return f"{one.public_id} is one entry: name the two versions of the text"
    for entry in (one, other):
        if entry.joined or entry.joined_to:
            partner = entry.joined_to or entry.joined[0].public_id
            return f"{entry.public_id} is joined with {partner}: `publisher entries unpair {entry.public_id}` first"
        if entry.status is EntryStatus.RETRACTED:
            return f"{entry.public_id} is retracted: only what is shown can be joined"
        if len(_spoken(entry)) > 1:
            return f"{entry.public_id} holds both languages already: it needs no other version"
    if shared := _spoken(one) & _spoken(other):
        language = language_name(min(shared), "en")
        return f"{one.public_id} and {other.public_id} are both in {language}: a pair is one text in two languages"
    floods = [entry for entry in (one, other) if entry.held is Held.FLOOD]
    if len(floods) == 1:
        return f"{floods[0].public_id} is kept out as a flood: `publisher entries admit {floods[0].public_id}` first"
    return None


async def pair(tx: Tx, one: Entry, other: Entry, *, by: JoinedBy, now: datetime) -> Entry:
    """
    Make one entry of two, in the caller's transaction; gives it as it is now.

    Raises NotAllowed with the reason. An open edition that shows either loses
    its approval; a released one keeps what it held.
    """
    if reason := why_not(one, other):
        raise NotAllowed(reason)
    kept, joined = sorted((one, other), key=lambda entry: (entry.arrived_at, entry.id))
    if not await pairs.join(tx, kept.id, joined.id, by=by, now=now):
        raise NotAllowed(f"{one.public_id} or {other.public_id} was joined by somebody else just now; look again")
    await editions.doubt(tx, kept.id, why=JOINED, now=now)
    if kept.held is None:
        await editions.hand_place(tx, joined.id, kept.id, why=JOINED, now=now)
    else:
        await editions.drop(tx, joined.id, why=JOINED, now=now)
    log.info("entries joined", entry=kept.id, joined=joined.id, by=by.value)
    return await _now(tx, kept)


async def part(tx: Tx, one: Entry, other: Entry | None, *, now: datetime) -> Parted:
    """
    Make two entries of one again, and remember that they are two; `other` may be left open.

    Two that are not one are only kept apart: nobody suggests them any more, and
    no source joins them. Raises NotAllowed when there is nothing to part.
    """
    if other is None or _are_one(one, other):
        kept, joined = await _halves(tx, one)
        if not await pairs.part(tx, kept.id, joined.id, now=now):
            raise NotAllowed(f"{one.public_id} was parted by somebody else just now; look again")
        await editions.doubt(tx, kept.id, why=PARTED, now=now)
        log.info("entries parted", entry=kept.id, other=joined.id)
        return Parted(kept=await _now(tx, kept), other=await _now(tx, joined), were_one=True)
    if one.id == other.id:
        raise NotAllowed(f"{one.public_id} is one entry: name the two that are not one text")
    await pairs.keep_apart(tx, one.id, other.id, now=now)
    return Parted(kept=one, other=other, were_one=False)


async def join_told(tx: Tx, archive: str, items: Iterable[SourceItem], *, now: datetime) -> int:
    """
    Take over what a source says of its items' other versions, and join those that the house has.

    Gives how many were joined. Within an archive its word is enough; across
    two, both must say so, or a stranger's feed could put its text under ours.
    What the operator parted stays parted, and what cannot be one stays two.
    """
    joined = 0
    for item in items:
        named = [urldefrag(said).url if is_place(said) else said for said in item.counterparts]
        await counterparts.remember(tx, archive, item.source_key, named)
        addresses = [spelling for said in named if is_place(said) for spelling in spellings(said)]
        own = sorted(spellings(item.url)) if is_place(item.url) else []
        told = {
            *await counterparts.told_by(tx, archive, item.source_key, addresses),
            *await counterparts.told_of(tx, archive, item.source_key, own),
        }
        for entry_id, other_id in _believed(told):
            joined += await _join_quietly(tx, entry_id, other_id, now)
    return joined


def _believed(told: Iterable[counterparts.Told]) -> list[tuple[int, int]]:
    directions = {(one.entry_id, one.other_id) for one in told}
    sure = {
        frozenset({one.entry_id, one.other_id})
        for one in told
        if one.within or (one.other_id, one.entry_id) in directions
    }
    return sorted((min(two), max(two)) for two in sure)


async def _join_quietly(tx: Tx, entry_id: int, other_id: int, now: datetime) -> bool:
    if await pairs.are_kept_apart(tx, entry_id, other_id):
        return False
    two = await entries.find(tx, ids=[entry_id, other_id])
    if len(two) != 2 or why_not(*two):
        return False
    await pair(tx, *two, by=JoinedBy.SOURCE, now=now)
    return True


async def _halves(tx: Tx, one: Entry) -> tuple[Entry, Entry]:
    """The kept entry and the joined one of the pair that this is a half of."""
    partner = one.joined_to or next((joined.public_id for joined in one.joined), None)
    if partner is None:
        raise NotAllowed(f"{one.public_id} is not joined with another entry")
    other = await entries.by_public_id(tx, partner, in_public=False)
    assert other is not None, "entries are never deleted"
    return (other, one) if one.joined_to else (one, other)


async def _now(tx: Tx, entry: Entry) -> Entry:
    [found] = await entries.find(tx, ids=[entry.id])
    return found


def _are_one(one: Entry, other: Entry) -> bool:
    return one.joined_to == other.public_id or other.joined_to == one.public_id


def _spoken(entry: Entry) -> set[Language]:
    """The languages that archives tell it in. What the house had translated gives way to a version of the archive's."""
    return {face.language for face in entry.faces.values() if face.origin is Origin.ORIGINAL}
