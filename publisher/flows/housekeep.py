"""Keep the house: what the law wants told, who is to be erased, and what is kept no longer."""

from dataclasses import asdict, dataclass
from datetime import datetime

import structlog

from publisher.flows.erase import finish_erasures
from publisher.flows.notify import Desk, alarm_of_overdue, ask_again, tell_results
from publisher.store import erasure, pace
from publisher.store.database import Database
from publisher.store.due import bring_forward
from subscribers.retention import CONFIRM_WITHIN, FORGET_AFTER, KEEP_ACCESSES, KEEP_REPLIES, Expire, Forget, retention

log = structlog.get_logger()

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What one round did, for the person who asked for it."""

    questions: int  # asked again, or ended by silence
    notices: int  # letters queued
    alarms: int
    erased: int
    expired: int
    forgotten: int
    replies: int  # copies whose servers' replies were dropped


async def housekeep(desk: Desk, *, now: datetime) -> Kept:
    """One round of everything that is due by the calendar; safe beside itself, and harmless to repeat."""
    questions = await ask_again(desk, now=now)
    notices = await tell_results(desk, now=now, all_of_them=True)
    alarms = await alarm_of_overdue(desk, now=now)
    erased = await finish_erasures(desk.db, now=now)
    expired, forgotten = await forget_unconfirmed(desk.db, now=now)
    async with desk.db.begin() as tx:
        forgotten += await erasure.forget_moved(tx, before=now - FORGET_AFTER, now=now)
        replies = await erasure.drop_replies(tx, before=now - KEEP_REPLIES)
        await erasure.drop_accesses(tx, before=now - KEEP_ACCESSES)
        await pace.forget_old_counts(tx, now)
        if count := await bring_forward(tx, now):
            log.warning("copies brought forward, since the clock was set back", count=count)
    kept = Kept(
        questions=questions,
        notices=notices,
        alarms=alarms,
        erased=erased,
        expired=expired,
        forgotten=forgotten,
        replies=replies,
    )
    log.info("house kept", **asdict(kept))
    return kept


async def forget_unconfirmed(db: Database, *, now: datetime) -> tuple[int, int]:
    """Expire what nobody confirmed, and forget it later; gives how many of each."""
    expired = forgotten = after = 0
    while True:
        async with db.begin() as tx:
            found = await erasure.unconfirmed(tx, before=now - CONFIRM_WITHIN, after=after, limit=_BATCH)
            for one in found:
                match retention(one.status, one.asked_at, now, was_reader=one.was_reader):
                    case Expire():
                        await erasure.expire(tx, one.id)
                        expired += 1
                    case Forget():
                        await erasure.forget(tx, one, now=now)
                        forgotten += 1
        if len(found) < _BATCH:
            return expired, forgotten
        after = found[-1].id
