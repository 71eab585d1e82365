"""Read the mailboxes that bounces come to, and tell the operators when one cannot be read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from publisher.delivery.bounces.mailbox import Mailbox
from publisher.delivery.bounces.reading import read
from publisher.delivery.bounces.returned import Kind
from publisher.errors import MailboxError
from publisher.flows.feedback import Effect, Heard, Reception, hear
from publisher.flows.operators import tell_operators
from publisher.i18n import noted
from publisher.model import Facts
from publisher.store import feedback
from publisher.store.database import Tx
from publisher.store.feedback import Source

log = structlog.get_logger()

T = TypeVar("T")

_CURE = noted(
    "What was noted names the setting to check. Nothing is lost: what gathers in the mailbox is read when it can be "
    "opened."
)


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one look into a mailbox brought. `failure` says why it could not be read, None if it could."""

    mails: int = 0
    known: int = 0  # about letters of ours
    ended: int = 0  # readers that are not written to any more
    failure: str | None = None

    def plus(self, heard: Heard) -> "Collected":
        has_ended = heard.effect in (Effect.SUPPRESSED, Effect.UNSUBSCRIBED)
        return Collected(
            mails=self.mails + 1, known=self.known + (heard.letter is not None), ended=self.ended + has_ended
        )


async def collect(
    reception: Reception, name: str, open_mailbox: Callable[[], Mailbox], *, alarm_after: int, now: datetime
) -> Collected:
    """
    Read what is new in a mailbox, each mail in a transaction of its own with the step beyond it.

    Killed at any moment it goes on there; what it had read twice counts once. A
    mailbox that cannot be read is no error: it is written down, and told to the
    operators at the `alarm_after`th time in a row.
    """
    try:
        found = await _read_all(reception, name, open_mailbox, now)
    except MailboxError as error:
        found = Collected(failure=str(error))
        log.warning("bounces not read", source=name, detail=found.failure)
    async with reception.db.begin() as tx:
        await feedback.mark_read(tx, name, now=now, failure=found.failure)
        await _tell(tx, await feedback.source(tx, name), reception, alarm_after, now)
    return found


async def _read_all(reception: Reception, name: str, open_mailbox: Callable[[], Mailbox], now: datetime) -> Collected:
    mailbox = await asyncio.to_thread(open_mailbox)
    found = Collected()
    try:
        while True:
            async with reception.db.read() as tx:
                cursor = (await feedback.source(tx, name)).cursor
            waiting = await _in_thread(mailbox, partial(mailbox.waiting, cursor))
            if not waiting:
                return found
            for key in waiting:
                found = found.plus(await _read_one(reception, name, mailbox, key, now))
    finally:
        await asyncio.to_thread(mailbox.close)


async def _read_one(reception: Reception, name: str, mailbox: Mailbox, key: str, now: datetime) -> Heard:
    content = await _in_thread(mailbox, partial(mailbox.read, key))
    returned = await asyncio.to_thread(read, content)  # a mail that was built to be slow shall not stop the house
    async with reception.db.begin() as tx:
        heard = await hear(tx, returned, reception, means=name, now=now)
        await feedback.advance(tx, name, mailbox.past(key), known=heard.letter is not None)
    if heard.letter and returned.kind is not Kind.OTHER:  # else a person wrote it, for a person to read
        await _in_thread(mailbox, partial(mailbox.dispose, key))
    return heard


async def _in_thread(mailbox: Mailbox, call: Callable[[], T]) -> T:
    """A call that blocks; when we are to stop, it is not waited for."""
    try:
        return await asyncio.to_thread(call)
    except asyncio.CancelledError:
        mailbox.abort()
        raise


# ── Telling ──────────────────────────────────────────────────────────────────


async def _tell(tx: Tx, source: Source, reception: Reception, alarm_after: int, now: datetime) -> None:
    """One letter when a mailbox has failed so often in a row, and one when it is over."""
    trouble = f"failing {source.failing_since.isoformat()}" if source.failing_since else None
    if trouble and trouble != source.alarm and source.failures >= alarm_after:
        cause, facts = f"{source.name} {trouble}", _facts(source, "mailbox", source.failing_since or now)
    elif trouble is None and source.alarm:
        since = datetime.fromisoformat(source.alarm.rpartition(" ")[2])
        cause, facts = f"{source.name} {source.alarm} over", _facts(source, "mailbox over", since)
    else:
        return
    await feedback.mark_alarm(tx, source.name, trouble)
    log.error("mailbox alarm", source=source.name, trouble=facts["trouble"], operators=len(reception.site.operators))
    await tell_operators(tx, reception.site, reception.keys[0], cause=f"mailbox {cause}", facts=facts, now=now)


def _facts(source: Source, trouble: str, since: datetime) -> Facts:
    return {
        "trouble": trouble,
        "names": {},
        "since": since.isoformat(),
        "failures": source.failures,
        "detail": source.detail or "",
        "cure": _CURE if trouble == "mailbox" else "",
        "url": "",
    }
