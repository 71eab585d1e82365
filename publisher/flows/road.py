"""
One road's share of the outbox: claim, have it carried, settle, and rest until something is due.

Any number of these may work at once, in one process or in many. What happened
since the last group was written down is in the journal, so a kill leaves at
most one uncertain copy per connection. How the road stands, and its pace, are
kept in the store: all processes agree on them.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from publisher.delivery.journal import Journal, new_worker_id
from publisher.delivery.retry import Fault
from publisher.delivery.standing import Standing
from publisher.delivery.transport import Transport
from publisher.flows.carry import Carrier
from publisher.flows.conclude import Tally
from publisher.flows.patience import A_MOMENT, boottime, patiently
from publisher.flows.recover import recover
from publisher.flows.seal import Sealer
from publisher.flows.shares import PostOffice, Progress, pace_of, share_of, standing_of
from publisher.store import claims, outbox, pace, roads
from publisher.store.claims import Batch
from publisher.store.due import Share, next_due
from publisher.store.marks import open_marks
from publisher.store.roads import Rest

log = structlog.get_logger()

BATCH = 200  # copies claimed at once
_GROUP_WAIT = 0.2  # seconds between two groups of answers written down
_LEASE = timedelta(minutes=15)  # a batch over ten connections is done in seconds; this is for a slow server
_DRAIN = 6.0  # seconds that copies under way get to end after a stop
_SETTLE = 1.5  # seconds for settling after that: with a moment for what was under way it makes less than ten
_LOOK = 10.0  # seconds between two looks into the outbox when nobody wakes us
_GLANCE = 1.0  # seconds between two glances whether anything was written to the store


class Road:
    """
    Works off what one road is to carry. `run` is to be called once.

    With `is_new` a road that rests because nobody was there is tried at once:
    whoever starts anew wants to know whether the server is back.
    """

    def __init__(
        self, office: PostOffice, name: str, transport: Transport, progress: Progress | None, *, is_new: bool = True
    ) -> None:
        self._office = office
        self._name = name
        self._progress = progress
        self._pace = pace_of(office.policy, name)
        self._journal = Journal(office.journals, new_worker_id())
        self._sealer = Sealer(
            office.db,
            site=office.site,
            lists=office.lists,
            keys=office.keys,
            letter_of=office.letter_of,
            bounces=office.policy.bounces,
            signer=office.signer,
        )
        self._carrier = Carrier(transport, self._sealer, self._journal, office.policy, office.now)
        self._marks = open_marks(office.db)
        self._resting: Mapping[str, Rest] = {}
        self._agreed: tuple[int, datetime | None] = (0, None)  # what the store says of us
        self._is_new = is_new
        self._looked_at: object = None  # the moment of the store at which there was nothing to claim
        self._opens_at: datetime | None = None  # the day's letters are used up until then
        self._tally = Tally()

    async def run(self, *, until_empty: bool, wake: asyncio.Event) -> Tally:
        """As `flows.deliver.deliver`."""
        try:
            while True:
                await patiently(self._recover)
                await self._work_off()
                if until_empty and not await patiently(self._is_paced):
                    return self._tally
                await self._rest(wake)
        finally:
            await self._wind_up()

    async def _recover(self) -> None:
        office = self._office
        await recover(office.db, office.journals, office.policy, now=office.now())

    async def _work_off(self) -> None:
        """Claim, have it sent, settle, until nothing is due and nothing is in hand."""
        carrier, found = self._carrier, Batch(copies=[], has_more=True)
        while found.has_more or carrier.in_hand:
            if not carrier.in_hand:
                self._journal.clear()
            if found.has_more and carrier.is_low and not self._journal.is_long:
                found = await patiently(self._claim)
            pause = _GROUP_WAIT if carrier.in_hand else min(found.free_in, _GLANCE)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await carrier.news.wait()
            carrier.news.clear()
            await patiently(self._settle)
            if carrier.failure:
                raise carrier.failure
        self._journal.clear()
        self._sealer.forget()

    # ── Claiming ─────────────────────────────────────────────────────────────

    async def _claim(self) -> Batch:
        """Take the next copies, as far as the road stands well."""
        now, carrier = self._office.now(), self._carrier
        self._looked_at = self._sealer.moment()
        await self._agree(now)
        if carrier.standing.is_resting(now):
            return Batch(copies=[])
        if carrier.standing.is_doubtful and carrier.in_hand:
            return Batch(copies=[], has_more=True)  # one copy goes ahead after a rest; it is on its way
        lease_ends = boottime() + _LEASE.total_seconds()
        async with self._office.db.begin(patience=A_MOMENT) as tx:
            batch = await claims.claim(
                tx,
                worker_id=self._journal.worker_id,
                limit=1 if carrier.standing.is_doubtful else BATCH,
                lease_until=datetime.now(UTC) + _LEASE,
                now=now,
                name_message=self._sealer.message_id,
                share=self._share(),
                pace=self._pace,
            )
            if not batch.copies:
                await outbox.finish_editions(tx, now)
        self._opens_at = batch.opens_at
        self._sealer.foresee(batch.copies)
        self._tell(replace(self._tally, withheld=self._tally.withheld + batch.withheld))
        for copy in batch.copies:
            carrier.take(copy, lease_ends, batch.at.get(copy.delivery_id))
        self._give_way(batch)
        return batch

    def _give_way(self, batch: Batch) -> None:
        """Where another road can stand in, one whose letters of the day are used up rests like any other."""
        if batch.opens_at and not batch.copies and len(self._office.roads) > 1:
            reason = f"the {self._pace.per_day} letters of a day are used up"
            self._carrier.standing = Standing(rests=1, until=batch.opens_at, reason=reason, fault=Fault.LIMIT)

    def _share(self) -> Share:
        return share_of(self._name, self._office, self._resting, self._office.now())

    # ── Standing ─────────────────────────────────────────────────────────────

    async def _agree(self, now: datetime) -> None:
        """Tell the other processes how the road stands with us, and hear how it stands with them."""
        await self._write_standing()
        async with self._office.db.read() as tx:
            self._resting = await roads.resting(tx)
        told = self._resting.get(self._name)
        stored = (told.rests, told.until) if told else (0, None)
        if stored != self._agreed:
            self._agreed = stored
            self._carrier.standing = standing_of(told)
        if self._is_new and told and told.fault == Fault.OUTAGE:
            self._carrier.standing = replace(self._carrier.standing, until=now)
        self._is_new = False

    async def _write_standing(self) -> None:
        standing = self._carrier.standing
        ours = (standing.rests, standing.until)
        if ours == self._agreed:
            return
        now = self._office.now()
        async with self._office.db.begin(patience=A_MOMENT) as tx:
            if standing.until and standing.fault:
                rest = Rest(
                    rests=standing.rests,
                    since=now,
                    until=standing.until,
                    fault=standing.fault,
                    reason=standing.reason,
                )
                await roads.rest(tx, self._name, rest)
                log.warning("road rests", profile=self._name, fault=standing.fault.value, until=standing.until)
            else:
                await roads.recovered(tx, self._name)
                log.info("road goes on", profile=self._name)
        self._agreed = ours

    # ── Settling ─────────────────────────────────────────────────────────────

    async def _settle(self) -> None:
        """Write down what has ended. What ends meanwhile is left for the next time."""
        ended, returned = list(self._carrier.ended), list(self._carrier.returned)
        if ended or returned:
            await self._marks.write([settlement for settlement, _ in ended], returned, self._office.now())
            self._carrier.forget(len(ended), len(returned))
        await self._write_standing()
        tally = self._tally
        for _, verdict in ended:
            tally = tally.plus(verdict)
        self._tell(tally)

    def _tell(self, tally: Tally) -> None:
        standing = self._carrier.standing
        if standing.is_resting(self._office.now()):
            tally = replace(tally, held_up=standing.reason, held_until=standing.until)
        elif self._opens_at and not self._carrier.in_hand:
            reason = f"the {self._pace.per_day} letters of a day by the profile {self._name} are used up"
            tally = replace(tally, held_up=reason, held_until=self._opens_at)
        else:
            tally = replace(tally, held_up=None, held_until=None)
        if tally != self._tally and self._progress:
            self._progress(tally)
        self._tally = tally

    # ── Resting ──────────────────────────────────────────────────────────────

    async def _is_paced(self) -> bool:
        """Do copies wait only because a domain's pace gave them a later time?"""
        if self._opens_at or self._carrier.standing.is_resting(self._office.now()):
            return False
        async with self._office.db.read() as tx:
            due = await next_due(tx, self._share())
            until = await pace.paced_until(tx, self._name)
        return due is not None and until is not None and due <= until

    async def _rest(self, wake: asyncio.Event) -> None:
        """Until something is due, the road may be tried again, the store was written to, or somebody wakes us."""
        loop = asyncio.get_running_loop()
        end = loop.time() + await patiently(self._seconds_to_wait)
        while not wake.is_set() and (left := end - loop.time()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, _GLANCE)):  # wait_for may swallow a cancellation (Python 3.11)
                    await wake.wait()
            if self._sealer.moment() != self._looked_at:  # perhaps a release, or an operator who lets the road go on
                break
        wake.clear()

    async def _seconds_to_wait(self) -> float:
        now = self._office.now()
        async with self._office.db.read() as tx:
            due = await next_due(tx, self._share())
        if self._carrier.standing.is_resting(now):
            due = self._carrier.standing.until
        elif due and self._opens_at:
            due = max(due, self._opens_at)
        return _LOOK if due is None else min(max((due - now).total_seconds(), 0.1), _LOOK)

    # ── Stopping ─────────────────────────────────────────────────────────────

    async def _wind_up(self) -> None:
        """Let end what is on its way, put back the rest, and leave nothing in the journal."""
        is_settled = False
        try:
            await self._carrier.stop(_DRAIN)
            async with asyncio.timeout(_SETTLE):
                await patiently(self._settle)
            is_settled = True
        except TimeoutError:
            log.warning("the database is away; the journal is kept", worker=self._journal.worker_id)
        finally:
            self._journal.close(keep=not is_settled)
            await self._marks.close()
