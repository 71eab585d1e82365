"""Send an edition by hand: see what would go out and to how many, then let it go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.errors import NotAllowed, StaleEdition
from publisher.flows.compose import NOTHING_NOTED, House, Noting, compose
from publisher.flows.release import Released, release
from publisher.flows.watch import too_much
from publisher.flows.withdraw import what_now
from publisher.model import Account, Classification, Edition, EditionStatus, LanguageKey, MailingList
from publisher.store import audience, consents, editions, feedback, outbox, texts
from publisher.store.database import Tx

NO_GRACE = timedelta(0)

_CURES = {
    EditionStatus.PAUSED: "`publisher resume` lets it go on",
    EditionStatus.STOPPED: "what has not gone is not sent any more",
    EditionStatus.SENT: "--missing sends it to those who did not get it",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    What `send` would do, for a person to look at first.

    `is_under_way`: the edition is released already, and only what still waits
    goes on. `newer`: entries that came after an edition which is left as it is.
    `not_agreed`: readers who are left out because they have not agreed to advertising.
    """

    edition: Edition
    readers: Mapping[LanguageKey, int]
    account: Account
    newer: int = 0
    not_agreed: int = 0

    @property
    def is_under_way(self) -> bool:
        return self.edition.status is EditionStatus.RELEASED


async def plan(
    tx: Tx, mailing_list: MailingList, *, by: str, now: datetime, noting: Noting = NOTHING_NOTED
) -> Plan | None:
    """
    What sending this list now means; None when nothing is new.

    An unfinished edition comes before a new one. The draft that this may
    compose stays, whatever the answer to the question is.
    """
    unfinished = await editions.unfinished(tx, mailing_list.name)
    if unfinished is not None:
        if unfinished.status is EditionStatus.PAUSED:
            raise NotAllowed(await _why_paused(tx, unfinished))
        return await _plan(tx, unfinished, now)
    composed = await compose(tx, mailing_list, by=by, now=now, noting=noting)
    return None if composed.edition is None else await _plan(tx, composed.edition, now, newer=composed.newer)


async def plan_for(tx: Tx, mailing_list: MailingList, number: int, *, now: datetime) -> Plan:
    """The same for one edition by its number."""
    edition = await editions.numbered(tx, mailing_list.name, number)
    if edition.status in _CURES:
        raise NotAllowed(f"{mailing_list.name} No. {number} is {edition.status}; {_CURES[edition.status]}")
    return await _plan(tx, edition, now)


async def carry_out(
    tx: Tx,
    edition: Edition,
    mailing_list: MailingList,
    house: House,
    *,
    by: str,
    now: datetime,
    inspected: str | None = None,
) -> Released:
    """
    Approve (as the person at the terminal) and release, in the caller's transaction.

    Without a grace period: whoever was asked and said yes is not kept waiting.
    Raises StaleEdition when another hand released it first, or composed it anew
    since `edition` was looked at: what was not seen is not approved.
    """
    current = await editions.get(tx, edition.id)
    if _seen(current) != _seen(edition):
        raise StaleEdition(
            f"{edition.list} No. {edition.number} was composed anew or classified meanwhile:"
            " look at it and send it again"
        )
    if current.status is EditionStatus.DRAFT:
        await editions.approve(tx, current.id, by=by, now=now)
    return await release(tx, current, mailing_list, house, by=by, now=now, grace=NO_GRACE, inspected=inspected)


def _seen(edition: Edition) -> object:
    """What a person looks at before the yes."""
    return edition.entries, edition.corrections, edition.classification, edition.notes, edition.subjects


async def send_missing(tx: Tx, mailing_list: MailingList, number: int, *, now: datetime) -> tuple[Plan, int]:
    """
    Queue a released edition for those only who did not get it and may; gives how many.

    Raises NotFound and NotAllowed: there is no such edition, or it has not been released.
    """
    edition = await editions.numbered(tx, mailing_list.name, number)
    if edition.status not in (EditionStatus.RELEASED, EditionStatus.SENT):
        why = _CURES.get(edition.status, "only what was released can be missing")
        raise NotAllowed(f"{mailing_list.name} No. {number} is {edition.status}; {why}")
    if await texts.withdrawn_from(tx, [edition.id]):
        raise NotAllowed(
            f"{mailing_list.name} No. {number} holds an entry that became secret since: it is sent to nobody else"
        )
    queued = await outbox.enqueue_missing(tx, edition.id, mailing_list.name, now=now)
    if queued:
        await editions.reopen(tx, edition.id)
    return await _plan(tx, await editions.get(tx, edition.id), now), queued


async def _why_paused(tx: Tx, edition: Edition) -> str:
    name = f"{edition.list} No. {edition.number}"
    if await texts.withdrawn_from(tx, [edition.id]):
        return f"{name} is paused: it holds an entry that became secret; {what_now(edition.list, edition.number)}"
    causes = [f"{too_much(alarm)}; " for alarm in await feedback.alarms(tx, edition.id) if alarm["paused"]]
    cause = causes[-1] if causes else ""
    return f"{name} is paused: {cause}`publisher resume {edition.list} {edition.number}` lets it go on"


async def _plan(tx: Tx, edition: Edition, now: datetime, *, newer: int = 0) -> Plan:
    is_advertising = edition.classification is Classification.ADVERTISING
    return Plan(
        edition=edition,
        readers=await audience.reachable(tx, edition.list, edition.classification, now=now),
        not_agreed=await consents.not_agreed(tx, edition.list, now=now) if is_advertising else 0,
        account=await outbox.account(tx, edition.id),
        newer=newer,
    )
