"""
What a process that died had in hand.

Its journal tells: a copy whose content never went out waits again, one whose
answer came is sent, and what lies between is uncertain. At most one copy per
connection does. Nothing here has to wait for a lease, since a journal without
its lock is a dead worker's; the lease is for hosts whose journals are not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from publisher.delivery import journal
from publisher.delivery.policy import DeliveryPolicy, WhenUncertain
from publisher.delivery.retry import Doubt, Settle
from publisher.delivery.transport import Accepted, Outcome, Unanswered
from publisher.flows.conclude import conclude
from publisher.flows.patience import A_MOMENT
from publisher.store import claims
from publisher.store.claims import Claimed, Settlement
from publisher.store.database import Database, Tx

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """How many copies of dead workers were found sent, put back to wait, or left uncertain."""

    sent: int = 0
    waiting: int = 0
    uncertain: int = 0


async def recover(db: Database, journals: Path, policy: DeliveryPolicy, *, now: datetime) -> Recovered:
    """
    Resolve the claims of workers that died, in one transaction.

    Safe beside any number of others doing the same. A living worker's claims
    are never touched, however late it is: it checks its lease itself before
    each copy. `now` dates what is written; leases are judged by the real clock.
    """
    with journal.remains(journals) as dead:
        lost_before = datetime.now(UTC) - policy.lost_after
        by_worker = {one.worker_id: one for one in dead}
        async with db.read() as tx:
            is_needed = bool(await claims.claims_of(tx, by_worker) or await _lost(tx, journals, lost_before))
        found = Recovered()
        if is_needed:
            async with db.begin(patience=A_MOMENT) as tx:
                ours = [
                    (copy, by_worker[copy.worker_id].outcome(copy.delivery_id, copy.claim_no))
                    for copy in await claims.claims_of(tx, by_worker)
                ]
                lost = [(copy, _NOBODY_KNOWS) for copy in await _lost(tx, journals, lost_before)]
                found = await _resolve(tx, [*ours, *lost], policy, now)
        for one in dead:
            one.discard()
    if found != Recovered():
        log.warning("copies recovered", sent=found.sent, waiting=found.waiting, uncertain=found.uncertain)
    return found


_NOBODY_KNOWS = Unanswered(reason="the worker's host was lost, and its journal with it")


async def _lost(tx: Tx, journals: Path, before: datetime) -> list[Claimed]:
    """Claims that ran out long ago and whose journal is not here to read."""
    expired = await claims.expired(tx, before)
    known = journal.known_workers(journals) if expired else frozenset()
    return [copy for copy in expired if copy.worker_id not in known]


async def _resolve(
    tx: Tx, found: Sequence[tuple[Claimed, Outcome]], policy: DeliveryPolicy, now: datetime
) -> Recovered:
    settled: list[Settlement] = []
    released: list[tuple[int, int]] = []
    sent = 0
    for copy, outcome in found:
        match outcome:
            case Accepted():
                settled.append(conclude(copy, outcome, Settle()))
                sent += 1
            case Unanswered(reason=reason):
                may_go_again = policy.uncertain is WhenUncertain.RESEND and copy.doubts == 0
                settled.append(conclude(copy, outcome, Doubt(reason=reason, at=now if may_go_again else None)))
            case _:
                released.append((copy.delivery_id, copy.claim_no))
    await claims.settle(tx, settled, now)
    await claims.release_claims(tx, released)
    return Recovered(sent=sent, waiting=len(released), uncertain=len(settled) - sent)
