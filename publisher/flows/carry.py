"""
Copies in hand, from the claim to the verdict.

    queue ─▶ still wanted? ─▶ seal ─▶ send ─▶ judge ─▶ ended, or given back

As many senders as the road has use for carry one copy each at a time. Nothing
is written to the store here: what has ended lies ready for `flows.road`.
"""

import asyncio
import errno
import random
from dataclasses import dataclass
from datetime import datetime

import structlog

from publisher.delivery.journal import DID_NOT_GO, Journal
from publisher.delivery.policy import DeliveryPolicy
from publisher.delivery.retry import Fault, PauseProfile, Settle, Verdict, judge
from publisher.delivery.standing import Standing, standing_after
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
from publisher.flows.conclude import conclude
from publisher.flows.patience import boottime
from publisher.flows.seal import Clock, Sealer
from publisher.store.claims import Claimed, Objection, Settlement
from publisher.store.database import OUTAGES
from publisher.store.pace import AHEAD

log = structlog.get_logger()

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class _CalledBackError(Exception):
    """Raised by our `start`: the copy must not go after all, and why if it is for the reader's sake."""

    def __init__(self, objection: Objection | None = None) -> None:
        super().__init__()
        self.objection = objection


@dataclass(kw_only=True, eq=False)
class Held:
    """A claimed copy. From `has_started` on it is uncertain until its answer comes; then it `is_over`."""

    copy: Claimed
    lease_ends: float
    wanted_at: object = None  # the moment of the store before nothing spoke against it
    sender: "asyncio.Task[None] | None" = None
    has_started: bool = False
    is_over: bool = False


class Carrier:
    """
    The senders of one road. `news` is set when the queue runs low.

    `ended` and `returned` (delivery, claim number) are for the caller to write
    down; it then calls `forget`.
    """

    def __init__(
        self, transport: Transport, sealer: Sealer, journal: Journal, policy: DeliveryPolicy, now: Clock
    ) -> None:
        self.standing = Standing()
        self.ended: list[tuple[Settlement, Verdict]] = []
        self.returned: list[tuple[int, int]] = []
        self.in_hand: dict[int, Held] = {}
        self.news = asyncio.Event()
        self.failure: Exception | None = None
        self._transport = transport
        self._sealer = sealer
        self._journal = journal
        self._policy = policy
        self._now = now
        self._queue: asyncio.Queue[Held] = asyncio.Queue()
        self._is_stopping = False
        self._senders = [asyncio.create_task(self._send_on()) for _ in range(transport.connections)]

    @property
    def is_low(self) -> bool:
        """Will the senders soon have nothing to do?"""
        return self._queue.qsize() < self._transport.connections

    def take(self, copy: Claimed, lease_ends: float, at: datetime | None) -> None:
        """A copy to carry, not before a moment."""
        held = self.in_hand[copy.delivery_id] = Held(copy=copy, lease_ends=lease_ends)
        wait = (at - self._now()).total_seconds() if at else 0.0
        wait = min(wait, AHEAD.total_seconds())  # more it is only if the clock was set back in this moment
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._queue.put_nowait, held)
        else:
            self._queue.put_nowait(held)

    def forget(self, ended: int, returned: int) -> None:
        """The first so many are written down."""
        done = [one.delivery_id for one, _ in self.ended[:ended]] + [one for one, _ in self.returned[:returned]]
        del self.ended[:ended], self.returned[:returned]
        for delivery_id in done:
            self.in_hand.pop(delivery_id, None)

    async def stop(self, within: float) -> None:
        """Let end what is on its way, and put back the rest. Afterwards everything in hand is over."""
        self._is_stopping = True
        on_their_way = {held.sender for held in self.in_hand.values() if held.sender and held.has_started}
        try:
            for sender in self._senders:
                if sender not in on_their_way:
                    sender.cancel()
            await asyncio.wait(self._senders, timeout=within)
        finally:
            for sender in self._senders:
                sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        await self._sealer.close()
        for held in self.in_hand.values():
            self._let_go(held)

    def _let_go(self, held: Held) -> None:
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
            except Exception as error:  # not the copy's fault, so not the copy's end: the caller raises it
                self.failure = error
            held.sender = None
            if self.is_low:
                self.news.set()

    async def _carry(self, held: Held) -> None:
        if self.standing.is_resting(self._now()):
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

    async def _hand_over(self, held: Held, envelope: Envelope) -> None:
        try:
            outcome = await self._transport.send(envelope, self._start)
        except _CalledBackError as called_back:
            self._note(held, DID_NOT_GO)
            self._heed(held, called_back.objection)
        except OUTAGES:  # of the database, which was to say whether the copy is still wanted
            self._give_back(held)
        except TransportError as error:
            self._note(held, DID_NOT_GO)
            self._conclude(held, None, PauseProfile(reason=str(error), fault=Fault.REFUSED))
        except OSError as error:  # such as a full disk under the mailbox or the journal
            reason = _in_one_line(error)
            if not self.standing.is_resting(self._now()):  # the copies under way at once all say the same
                log.warning("letters wait", reason=reason)
            self._note(held, DID_NOT_GO)
            self._conclude(held, None, PauseProfile(reason=reason, fault=Fault.OUTAGE))
        else:
            match outcome:
                case Accepted(code=code) | Refused(code=code):
                    self._note(held, code)
                case Unreachable():
                    self._note(held, DID_NOT_GO)
            self._judge(held, outcome)

    async def _start(self, envelope: Envelope) -> None:
        """Right before the content goes out."""
        held = self.in_hand[envelope.delivery_id]
        has_news = self._sealer.moment() != held.wanted_at  # perhaps a refusal, while the server let us wait
        if has_news and (objection := await self._sealer.objection(held.copy)):
            raise _CalledBackError(objection)
        self._journal.start(envelope.delivery_id, envelope.claim_no)
        held.has_started = True
        # The journal first, then the lease: whoever resolves our claims after the
        # lease's end and finds no line may be sure that none will follow.
        if self._is_stopping or boottime() > held.lease_ends:
            raise _CalledBackError

    def _note(self, held: Held, code: int) -> None:
        if not held.has_started:
            return
        try:
            self._journal.done(held.copy.delivery_id, held.copy.claim_no, code)
        except OSError as error:  # the answer is in memory, and will be settled from there
            log.warning("journal not written", reason=str(error))

    # ── Ends ─────────────────────────────────────────────────────────────────

    def _heed(self, held: Held, objection: Objection | None) -> None:
        """A copy that must not go waits again, or is withheld where its reader or operator wants it so."""
        if objection is None or objection.is_passing:
            self._give_back(held)
        else:
            self._judge(held, Dropped(reason=objection.reason))

    def _give_back(self, held: Held) -> None:
        held.is_over = True
        self.returned.append((held.copy.delivery_id, held.copy.claim_no))

    def _judge(self, held: Held, outcome: Outcome) -> None:
        verdict = judge(
            outcome,
            attempts=held.copy.attempts + 1,
            doubts=held.copy.doubts,
            now=self._now(),
            policy=self._policy.retry,
            uncertain=self._policy.uncertain,
            jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        )
        self._conclude(held, outcome, verdict)

    def _conclude(self, held: Held, outcome: Outcome | None, verdict: Verdict) -> None:
        settlement = conclude(held.copy, outcome, verdict)
        held.is_over = True
        self.ended.append((settlement, verdict))
        if outcome or isinstance(verdict, PauseProfile):  # else the road was not asked
            self.standing = standing_after(self.standing, verdict, now=self._now(), policy=self._policy.retry)
        say = log.debug if isinstance(verdict, Settle) else log.info
        say(
            "delivery settled",
            delivery=settlement.delivery_id,
            attempt=held.copy.attempts + 1,
            outcome=settlement.tried or settlement.status.value,
            code=settlement.code,
        )


def _in_one_line(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    cure = "make room on that disk" if error.errno in _FULL else "let it be written"
    said = (error.strerror or str(error)).lower()
    return f"nothing can be written here{where}: {said}; letters wait: {cure}"
