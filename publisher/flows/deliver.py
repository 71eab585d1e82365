"""
Empty the outbox.

    claim ─▶ still wanted? ─▶ seal ─▶ send ─▶ judge ─▶ settle        (recover: what a dead worker had in hand)

Any number of these may run at once, in one process or in many. Each claims
copies in batches, sends as many at a time as its road has connections, and
settles in groups; in between no transaction is open. What happened since the
last group is in the worker's journal, so a kill leaves at most one uncertain
copy per connection.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import structlog

from publisher.delivery.journal import DID_NOT_GO, Journal, new_worker_id
from publisher.delivery.policy import DeliveryPolicy
from publisher.delivery.retry import PauseProfile, Settle, Standing, Verdict, judge, standing_after
from publisher.delivery.transport import (
    Accepted,
    Dropped,
    Envelope,
    Outcome,
    Refused,
    Transport,
    Unanswered,
    Unreachable,
)
from publisher.errors import TransportError
from publisher.flows.conclude import Tally, conclude
from publisher.flows.patience import boottime, patiently
from publisher.flows.recover import recover
from publisher.flows.seal import LetterSource, Sealer, frozen_letter
from publisher.model import MailingList, Site
from publisher.store import claims, outbox
from publisher.store.claims import Claimed, Objection, Settlement
from publisher.store.database import OUTAGES, Database
from publisher.store.keys import Key
from publisher.store.marks import open_marks

log = structlog.get_logger()

BATCH = 200  # copies claimed at once
_GROUP_WAIT = 0.2  # seconds between two groups of answers written down
_LEASE = timedelta(minutes=15)  # a batch over ten connections is done in seconds; this is for a slow server
_DRAIN = 8.0  # seconds that copies under way get to end after a stop; the rest of ten is for settling
_LOOK = 10.0  # seconds between two looks into the outbox when nobody wakes us


# ── What it takes, and what it tells ─────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class PostOffice:
    """
    What delivering needs of the house.

    `letter_of` is asked for letters that are not frozen: tests of a draft, and those of
    no edition; all others go out as they were released. `journals` is the folder
    `var/journal`. `now` is the clock of due dates.
    """

    db: Database
    transport: Transport
    policy: DeliveryPolicy
    site: Site
    lists: Mapping[str, MailingList]
    keys: Sequence[Key] = field(repr=False)
    journals: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    letter_of: LetterSource = frozen_letter


Progress: TypeAlias = Callable[[Tally], None]


async def deliver(
    office: PostOffice,
    *,
    until_empty: bool = True,
    wake: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Tally:
    """
    Send what is due; with `until_empty`, until nothing is left to do now, else until cancelled.

    Copies that must wait (an answer of 4xx, an outage) are not waited for with
    `until_empty`: they are due later. A database that is away is. `wake` ends a
    pause early, as when an edition was released. On cancellation the copies
    whose content is on its way may end, for ten seconds at most; all others go
    back into the outbox.
    """
    return await _Worker(office, progress).run(until_empty=until_empty, wake=wake or asyncio.Event())


# ── One worker ───────────────────────────────────────────────────────────────


class _CalledBackError(Exception):
    """Raised by our `start`: the copy must not go after all, and why if it is for the reader's sake."""

    def __init__(self, objection: Objection | None = None) -> None:
        super().__init__()
        self.objection = objection


@dataclass(kw_only=True, eq=False)
class _InHand:
    """A claimed copy. From `has_started` on it is uncertain until its answer comes; then it `is_over`."""

    copy: Claimed
    lease_ends: float
    wanted_at: object = None  # the moment of the store before nothing spoke against it
    sender: "asyncio.Task[None] | None" = None
    has_started: bool = False
    is_over: bool = False


class _Worker:
    """Claims and settles; its senders carry the copies, one each at a time."""

    def __init__(self, office: PostOffice, progress: Progress | None) -> None:
        self._office = office
        self._progress = progress
        self._journal = Journal(office.journals, new_worker_id())
        self._queue: asyncio.Queue[_InHand] = asyncio.Queue()
        self._in_hand: dict[int, _InHand] = {}
        self._ended: list[tuple[Settlement, Verdict]] = []  # not written down yet
        self._returned: list[tuple[int, int]] = []  # likewise
        self._news = asyncio.Event()  # the queue runs low
        self._sealer = Sealer(
            office.db,
            site=office.site,
            lists=office.lists,
            keys=office.keys,
            letter_of=office.letter_of,
            bounces=office.policy.bounces,
        )
        self._marks = open_marks(office.db)
        self._standing = Standing()
        self._tally = Tally()
        self._is_stopping = False
        self._failure: Exception | None = None

    async def run(self, *, until_empty: bool, wake: asyncio.Event) -> Tally:
        senders = [asyncio.create_task(self._send_on()) for _ in range(self._office.transport.connections)]
        try:
            while True:
                await patiently(self._recover)
                await self._work_off()
                if until_empty:
                    return self._tally
                await self._rest(wake)
        finally:
            await self._wind_up(senders)

    async def _recover(self) -> None:
        office = self._office
        await recover(office.db, office.journals, office.policy, now=office.now())

    async def _work_off(self) -> None:
        """Claim, have it sent, settle, until nothing is due and nothing is in hand."""
        may_have_more = True
        while may_have_more or self._in_hand:
            if not self._in_hand:
                self._journal.clear()
            if may_have_more and self._is_low and not self._journal.is_long:
                may_have_more = await patiently(self._claim)
            with suppress(TimeoutError):
                async with asyncio.timeout(_GROUP_WAIT if self._in_hand else 0):
                    await self._news.wait()
            self._news.clear()
            await patiently(self._settle)
            if self._failure:
                raise self._failure
        self._journal.clear()
        self._sealer.forget()

    @property
    def _is_low(self) -> bool:
        return self._queue.qsize() < self._office.transport.connections

    async def _claim(self) -> bool:
        """Take the next copies; False when none may be taken now."""
        now = self._office.now()
        if self._standing.is_resting(now):
            return False
        if self._standing.is_doubtful and self._in_hand:
            return True  # one copy goes ahead after a rest; it is on its way
        lease_ends = boottime() + _LEASE.total_seconds()
        async with self._office.db.begin() as tx:
            batch = await claims.claim(
                tx,
                worker_id=self._journal.worker_id,
                limit=1 if self._standing.is_doubtful else BATCH,
                lease_until=datetime.now(UTC) + _LEASE,
                now=now,
                name_message=self._sealer.message_id,
            )
            if not batch.copies:
                await outbox.finish_editions(tx, now)
        self._tell(replace(self._tally, withheld=self._tally.withheld + batch.withheld))
        for copy in batch.copies:
            held = self._in_hand[copy.delivery_id] = _InHand(copy=copy, lease_ends=lease_ends)
            self._queue.put_nowait(held)
        return bool(batch.copies)

    async def _settle(self) -> None:
        """Write down what has ended. What ends meanwhile is left for the next time."""
        ended, returned = list(self._ended), list(self._returned)
        if not ended and not returned:
            return
        await self._marks.write([settlement for settlement, _ in ended], returned, self._office.now())
        del self._ended[: len(ended)], self._returned[: len(returned)]
        for delivery_id in [one.delivery_id for one, _ in ended] + [delivery_id for delivery_id, _ in returned]:
            self._in_hand.pop(delivery_id, None)
        tally = self._tally
        for _, verdict in ended:
            tally = tally.plus(verdict)
        self._tell(tally)

    def _tell(self, tally: Tally) -> None:
        is_resting = self._standing.is_resting(self._office.now())
        tally = replace(tally, held_up=self._standing.reason if is_resting else None)
        if tally != self._tally and self._progress:
            self._progress(tally)
        self._tally = tally

    async def _rest(self, wake: asyncio.Event) -> None:
        """Until something is due, the road may be tried again, or somebody wakes us."""
        seconds = await patiently(self._seconds_to_wait)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation (Python 3.11)
                await wake.wait()
        wake.clear()

    async def _seconds_to_wait(self) -> float:
        now = self._office.now()
        async with self._office.db.read() as tx:
            due = await outbox.next_due(tx)
        if self._standing.is_resting(now):
            due = self._standing.until
        return _LOOK if due is None else min(max((due - now).total_seconds(), 0.1), _LOOK)

    async def _wind_up(self, senders: "Sequence[asyncio.Task[None]]") -> None:
        """Let end what is on its way, put back the rest, and leave nothing in the journal."""
        self._is_stopping = True
        on_their_way = {held.sender for held in self._in_hand.values() if held.sender and held.has_started}
        is_settled = False
        try:
            for sender in senders:
                if sender not in on_their_way:
                    sender.cancel()
            await asyncio.wait(senders, timeout=_DRAIN)
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)
            await self._sealer.close()
            for held in self._in_hand.values():
                self._let_go(held)
            async with asyncio.timeout(10 - _DRAIN):
                await patiently(self._settle)
            is_settled = True
        except TimeoutError:
            log.warning("the database is away; the journal is kept", worker=self._journal.worker_id)
        finally:
            for sender in senders:
                sender.cancel()
            self._journal.close(keep=not is_settled)
            await self._marks.close()

    def _let_go(self, held: _InHand) -> None:
        if held.is_over:
            return
        if held.has_started:
            self._judge(held, Unanswered(reason="stopped before the answer came"))
        else:
            self._give_back(held)

    # ── A sender ─────────────────────────────────────────────────────────────

    async def _send_on(self) -> None:
        while not self._is_stopping:
            held = await self._queue.get()
            held.sender = asyncio.current_task()
            try:
                await self._carry(held)
            except Exception as error:  # not the copy's fault, so not the copy's end: `_work_off` raises it
                self._failure = error
            held.sender = None
            if self._is_low:
                self._news.set()

    async def _carry(self, held: _InHand) -> None:
        if self._standing.is_resting(self._office.now()):
            self._give_back(held)
            return
        moment = self._sealer.moment()
        try:
            sealed = await self._sealer.seal(held.copy)
        except OUTAGES:
            self._give_back(held)
            return
        match sealed:
            case Objection():
                self._heed(held, sealed)
            case Envelope():
                held.wanted_at = moment
                await self._hand_over(held, sealed)
            case verdict:
                self._conclude(held, None, verdict)

    async def _hand_over(self, held: _InHand, envelope: Envelope) -> None:
        try:
            outcome = await self._office.transport.send(envelope, self._start)
        except _CalledBackError as called_back:
            self._note(held, DID_NOT_GO)
            self._heed(held, called_back.objection)
        except OUTAGES:  # of the database, which was to say whether the copy is still wanted
            self._give_back(held)
        except (TransportError, OSError) as error:
            self._note(held, DID_NOT_GO)
            is_outage = isinstance(error, OSError)  # such as a full disk under the mailbox or the journal
            self._conclude(held, None, PauseProfile(reason=str(error), is_outage=is_outage))
        else:
            match outcome:
                case Accepted(code=code) | Refused(code=code):
                    self._note(held, code)
                case Unreachable():
                    self._note(held, DID_NOT_GO)
            self._judge(held, outcome)

    async def _start(self, envelope: Envelope) -> None:
        """Right before the content goes out."""
        held = self._in_hand[envelope.delivery_id]
        has_news = self._sealer.moment() != held.wanted_at  # perhaps a refusal, while the server let us wait
        if has_news and (objection := await self._sealer.objection(held.copy)):
            raise _CalledBackError(objection)
        self._journal.start(envelope.delivery_id, envelope.claim_no)
        held.has_started = True
        # The journal first, then the lease: whoever resolves our claims after the
        # lease's end and finds no line may be sure that none will follow.
        if self._is_stopping or boottime() > held.lease_ends:
            raise _CalledBackError

    def _note(self, held: _InHand, code: int) -> None:
        if not held.has_started:
            return
        try:
            self._journal.done(held.copy.delivery_id, held.copy.claim_no, code)
        except OSError as error:  # the answer is in memory, and will be settled from there
            log.error("journal not written", error=str(error))

    def _heed(self, held: _InHand, objection: Objection | None) -> None:
        """A copy that must not go waits again, or is withheld where its reader or operator wants it so."""
        if objection is None or objection.is_passing:
            self._give_back(held)
        else:
            self._judge(held, Dropped(reason=objection.reason))

    def _give_back(self, held: _InHand) -> None:
        held.is_over = True
        self._returned.append((held.copy.delivery_id, held.copy.claim_no))

    def _judge(self, held: _InHand, outcome: Outcome) -> None:
        policy = self._office.policy
        verdict = judge(
            outcome,
            attempts=held.copy.attempts + 1,
            doubts=held.copy.doubts,
            now=self._office.now(),
            policy=policy.retry,
            uncertain=policy.uncertain,
            jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        )
        self._conclude(held, outcome, verdict)

    def _conclude(self, held: _InHand, outcome: Outcome | None, verdict: Verdict) -> None:
        settlement = conclude(held.copy, outcome, verdict)
        held.is_over = True
        self._ended.append((settlement, verdict))
        if outcome or isinstance(verdict, PauseProfile):  # else the road was not asked
            self._standing = standing_after(
                self._standing, verdict, now=self._office.now(), policy=self._office.policy.retry
            )
        say = log.debug if isinstance(verdict, Settle) else log.info
        say(
            "delivery settled",
            delivery=settlement.delivery_id,
            attempt=held.copy.attempts + 1,
            outcome=settlement.tried or settlement.status.value,
            code=settlement.code,
        )
