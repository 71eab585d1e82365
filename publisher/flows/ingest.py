"""Read an archive once: what is new becomes an entry, what changed is taken over, what is gone is retracted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from publisher.archive.source import (
    SUSPICIOUS,
    ArchivePolicy,
    Event,
    Expecting,
    Finished,
    Found,
    Gone,
    Reached,
    Remark,
    Skipped,
    Source,
)
from publisher.errors import SourceError
from publisher.flows.identity import find_same
from publisher.flows.pairing import join_told
from publisher.flows.withdraw import withdraw
from publisher.model import Held, SourceItem
from publisher.store import archives, arrivals, counterparts
from publisher.store.database import Database, Tx

log = structlog.get_logger()

_REMEMBERED = 200  # skipped posts that `status` can name

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with how many pieces were looked at, and of how many if that is known."""


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What one read came to. `failure` is set when it ended early; what was read before counts."""

    archive: str
    new: int = 0
    held: int = 0
    changed: int = 0
    retracted: int = 0
    joined: int = 0
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[Remark, ...] = ()
    failure: SourceError | None = None


async def ingest(
    db: Database,
    source: Source,
    policy: ArchivePolicy,
    *,
    host: str,
    now: datetime,
    progress: Progress | None = None,
) -> Ingested:
    """
    Read an archive once and store what it says.

    `host` goes into the Atom ids of new entries. An archive that cannot be read
    is an expected outcome: it is remembered with its reason and told in
    `failure`, and nothing stored is harmed.
    """
    async with db.read() as tx:
        state = await archives.state_of(tx, policy.name)
        known = await arrivals.digests(tx, policy.name)
        names_versions = await counterparts.anything_said(tx)
    shelf = _Shelf(
        db,
        policy,
        host=host,
        now=now,
        first_read_at=state.first_read_at,
        known=set(known),
        names_versions=names_versions,
    )
    failure = None
    try:
        async for event in source.read(known, state.cursor):
            await shelf.hear(event)
            if progress:
                progress(shelf.seen, shelf.expected)
    except SourceError as error:
        failure = error
    await shelf.empty()
    async with db.begin() as tx:
        if failure:
            await archives.mark_failed(tx, policy.name, reason=failure.reason, detail=str(failure), now=now)
            log.warning("archive not read", archive=policy.name, reason=failure.reason)
        else:
            await _remember(tx, policy.name, shelf, now)
    return shelf.result(failure)


async def _remember(tx: Tx, name: str, shelf: "_Shelf", now: datetime) -> None:
    """Take over what is gone, and keep where the read came to, in one transaction: both or neither."""
    state = await archives.state_of(tx, name)
    finished = shelf.finished or Finished(cursor=state.cursor)
    withdrawn = await withdraw(tx, name, shelf.gone, believed=state.believed, now=now)
    shelf.retracted = withdrawn.retracted
    shelf.remarks += withdrawn.remarks
    contradictions = [remark.detail for remark in shelf.remarks if remark.code == SUSPICIOUS]
    doubt = withdrawn.doubt or next(iter(contradictions), None if finished.is_sweep else state.doubt)
    await archives.mark_read(
        tx,
        name,
        cursor=dict(finished.cursor),
        remarks=[{"code": remark.code, "detail": remark.detail} for remark in shelf.remarks],
        skipped=[
            {"source_key": piece.source_key, "url": piece.url, "reason": piece.reason}
            for piece in shelf.skipped[:_REMEMBERED]
        ],
        doubt=doubt,
        believed=state.believed and not finished.is_sweep,
        now=now,
    )
    if doubt and doubt != state.doubt:
        log.error("archive suspicious", archive=name, doubt=doubt)
    log.info(
        "archive read",
        archive=name,
        new=shelf.new,
        held=shelf.held,
        changed=shelf.changed,
        retracted=shelf.retracted,
        joined=shelf.joined,
    )


def held_at_arrival(item: SourceItem, policy: ArchivePolicy, first_read_at: datetime | None) -> Held | None:
    """
    Is an unknown piece kept out of letters, and why (flood apart)?

    What stood in the archive when it was first read is no news; nor is what is
    dated before, such as a post moved in from another board. Pages give times
    to the minute, hence the minute's grace.
    """
    if policy.first_read == "mail":
        return None
    if first_read_at is None:
        return Held.FIRST
    if item.published_at and item.published_at + timedelta(minutes=1) <= first_read_at:
        return Held.OLD
    return None


@dataclass
class _Shelf:
    """
    Where pieces wait until it is clear what they are.

    After the first read, news is stored only once it is known not to be a
    flood: at most `policy.flood` pieces are waiting here.
    """

    db: Database
    policy: ArchivePolicy
    host: str = field(kw_only=True)
    now: datetime = field(kw_only=True)
    first_read_at: datetime | None = field(kw_only=True)
    known: set[str] = field(kw_only=True)
    names_versions: bool = field(kw_only=True)  # whether any source ever named an item's other version

    new: int = 0
    held: int = 0
    changed: int = 0
    retracted: int = 0
    joined: int = 0
    expected: int | None = None
    finished: Finished | None = None
    gone: list[Gone] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    _waiting: list[SourceItem] = field(default_factory=list)
    _fresh: int = 0
    _flooded: bool = False

    @property
    def seen(self) -> int:
        return self.new + self.changed + len(self._waiting) + len(self.skipped)

    async def hear(self, event: Event) -> None:
        match event:
            case Found(item=item):
                await self.take(item)
            case Skipped():
                self.skipped.append(event)
            case Gone():
                self.gone.append(event)
            case Remark():
                self.remarks.append(event)
            case Expecting(total=total):
                self.expected = total
            case Reached(cursor=cursor):
                async with self.db.begin() as tx:
                    await archives.keep(tx, self.policy.name, dict(cursor))
            case Finished():
                self.finished = event

    async def take(self, item: SourceItem) -> None:
        if item.source_key in self.known:
            async with self.db.begin() as tx:
                self.changed += await arrivals.change(tx, self.policy.name, item, now=self.now)
                await self._join_told(tx, item)
            return
        self.known.add(item.source_key)
        if self.first_read_at is not None and await self._is_known_elsewhere(item):
            return
        self._waiting.append(item)
        if self.first_read_at is not None and self._why_held(item) is None:
            self._fresh += 1
            self._flooded = self._flooded or self._fresh > self.policy.flood
        # A first read of years is stored as it comes: what was read survives an interruption.
        if self._flooded or self.first_read_at is None:
            await self.empty()

    async def empty(self) -> None:
        """Store what waits."""
        if not self._waiting:
            return
        async with self.db.begin() as tx:
            for item in self._waiting:
                if await self._attach(tx, item):
                    continue
                held = self._why_held(item) or (Held.FLOOD if self._flooded else None)
                due_at = self.now + self.policy.settle
                is_new = await arrivals.add(
                    tx, self.policy.name, item, host=self.host, now=self.now, due_at=due_at, held=held
                )
                self.new += is_new
                self.held += is_new and held is not None
            await self._join_told(tx, *self._waiting)
        self._waiting.clear()

    async def _is_known_elsewhere(self, item: SourceItem) -> bool:
        """Asked before floods are counted: what only moved is no news."""
        async with self.db.begin() as tx:
            is_known = await self._attach(tx, item)
            if is_known:
                await self._join_told(tx, item)
            return is_known

    async def _attach(self, tx: Tx, item: SourceItem) -> bool:
        """Give the item to the entry that it is, if the house has it already under another key."""
        entry_id = await find_same(tx, self.policy.name, item, front=self.policy.url)
        if entry_id is None:
            return False
        await arrivals.attach(tx, self.policy.name, item, entry_id, now=self.now)
        log.info("known elsewhere", archive=self.policy.name, source_key=item.source_key, entry=entry_id)
        return True

    async def _join_told(self, tx: Tx, *items: SourceItem) -> None:
        """What was just stored may be the other version of an entry, if sources say such things at all."""
        self.names_versions = self.names_versions or any(item.counterparts for item in items)
        if self.names_versions:
            self.joined += await join_told(tx, self.policy.name, items, now=self.now)

    def _why_held(self, item: SourceItem) -> Held | None:
        return held_at_arrival(item, self.policy, self.first_read_at)

    def result(self, failure: SourceError | None) -> Ingested:
        return Ingested(
            archive=self.policy.name,
            new=self.new,
            held=self.held,
            changed=self.changed,
            retracted=self.retracted,
            joined=self.joined,
            skipped=tuple(self.skipped),
            remarks=tuple(self.remarks),
            failure=failure,
        )
