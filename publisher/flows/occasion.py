"""
What happens when the clock finds that a list is due.

The clock only asks; the database answers. The run row, the edition and its
deliveries are one transaction: an occurrence fires once, and a process that
dies half-way has done nothing. What would go is looked at before that
(`flows.preflight`), since the network may not be waited for inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from publisher import cadence
from publisher.cadence import Due, Occurrence
from publisher.errors import PublisherError, StaleEdition
from publisher.flows.compose import House, compose
from publisher.flows.hold import tell_held
from publisher.flows.preflight import Report, inspect
from publisher.flows.release import letters_for, release
from publisher.flows.sender import Inspector
from publisher.model import Classification, Edition, EditionStatus, MailingList, Mode, Verdict
from publisher.preflight import Colour, Finding
from publisher.store import audience, editions, runs
from publisher.store.database import Database, Tx

log = structlog.get_logger()

CLOCK = "clock"
"""Who approved what no person did."""

_LOOKS = 3  # at what would go; between looking and releasing an entry may have come

_NOBODY = {
    Classification.INFORMATION: "no readers",
    Classification.ADVERTISING: "no readers who agreed to advertising",
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """
    What came of an occurrence, and why; the reason is a short sentence that `status` shows.

    `red` is what preflight holds the edition for.
    """

    verdict: Verdict
    reason: str
    edition: Edition | None = None
    red: Sequence[Finding] = ()


async def keep(
    db: Database, mailing_list: MailingList, house: House, *, now: datetime, inspector: Inspector | None = None
) -> Decision | None:
    """
    Decide the newest occurrence of a list that is due now; None when none is.

    Safe in any number of processes at once. A failure (a broken template) is a
    verdict too, and the next occurrence tries anew. With an `inspector` what is
    red is held, and the operators are told; what is yellow goes and is written down.
    """
    async with db.read() as tx:
        if (await _due(tx, mailing_list, now)).newest is None:
            return None
    try:
        return await _looked_at(db, mailing_list, house, inspector, now)
    except PublisherError as error:
        failed = Decision(verdict=Verdict.FAILED, reason=str(error))
        async with db.begin() as tx:
            due = await _due(tx, mailing_list, now)
            if due.newest is not None:
                await _skip(tx, mailing_list, due.superseded, now)
                await _record(tx, mailing_list, due.newest, failed, now)
                _tell(mailing_list, due.newest, failed)
        return failed


async def _looked_at(
    db: Database, mailing_list: MailingList, house: House, inspector: Inspector | None, now: datetime
) -> Decision | None:
    for look in range(1, _LOOKS + 1):
        report = await _look(db, mailing_list, house, inspector, now) if inspector else None
        try:
            async with db.begin() as tx:
                return await _keep(tx, mailing_list, house, report, now)
        except StaleEdition:
            if look == _LOOKS:
                raise
    return None


async def _look(
    db: Database, mailing_list: MailingList, house: House, inspector: Inspector, now: datetime
) -> Report | None:
    """What would go now, looked at; None when nothing would. It is composed for this, and that is undone."""
    async with db.begin() as tx:
        attempt = await tx.begin_nested()
        ready = await _ready(tx, mailing_list, house, await _due(tx, mailing_list, now), now)
        letters = await letters_for(tx, ready, mailing_list, house) if isinstance(ready, Edition) else {}
        await attempt.rollback()
    if not isinstance(ready, Edition):
        return None
    return await inspect(db, letters, ready, mailing_list, inspector, now=now)


async def _due(tx: Tx, mailing_list: MailingList, now: datetime) -> Due:
    if mailing_list.cadence is None:
        return Due(newest=None, is_late=False, superseded=())
    return cadence.due(
        cadence.parse(mailing_list.cadence),
        ZoneInfo(mailing_list.timezone),
        last=await runs.last_occurrence(tx, mailing_list.name),
        since=await editions.started_at(tx, mailing_list.name),
        now=now,
        late=mailing_list.late,
    )


async def _keep(
    tx: Tx, mailing_list: MailingList, house: House, report: Report | None, now: datetime
) -> Decision | None:
    due = await _due(tx, mailing_list, now)  # again, now that nobody else can write
    if due.newest is None:
        return None
    await _skip(tx, mailing_list, due.superseded, now)
    attempt = await tx.begin_nested()
    ready = await _ready(tx, mailing_list, house, due, now)
    decision = await _send(tx, ready, mailing_list, house, report, now) if isinstance(ready, Edition) else ready
    # A skipped occurrence consumes nothing: whatever was composed is undone.
    await (attempt.rollback() if decision.verdict is Verdict.SKIPPED else attempt.commit())
    await _record(tx, mailing_list, due.newest, decision, now)
    if decision.edition and decision.red:
        await tell_held(tx, decision.edition, decision.red, house.site, occurrence=due.newest.nominal, now=now)
    _tell(mailing_list, due.newest, decision)
    return decision


async def _ready(tx: Tx, mailing_list: MailingList, house: House, due: Due, now: datetime) -> Edition | Decision:
    """The edition that may go out now, or why none does."""
    composed = await compose(tx, mailing_list, by=CLOCK, now=now, noting=house.noting)
    edition = composed.edition
    if edition is None:
        return Decision(verdict=Verdict.SKIPPED, reason="nothing new")
    if len(edition.entries) < mailing_list.minimum and not edition.notes:
        return Decision(
            verdict=Verdict.SKIPPED, reason=f"{len(edition.entries)} new, at least {mailing_list.minimum} are wanted"
        )
    if due.is_late:
        return Decision(verdict=Verdict.HELD, reason="noticed too late; the draft waits for you", edition=edition)
    if edition.status is EditionStatus.DRAFT and mailing_list.mode is Mode.APPROVE:
        return Decision(verdict=Verdict.DRAFTED, reason=f"No. {edition.number} waits for approval", edition=edition)
    if not await audience.reachable(tx, mailing_list.name, edition.classification, now=now):
        return Decision(verdict=Verdict.SKIPPED, reason=_NOBODY[edition.classification])
    return edition


async def _send(
    tx: Tx, edition: Edition, mailing_list: MailingList, house: House, report: Report | None, now: datetime
) -> Decision:
    told = _told(report)
    if report and report.colour is Colour.RED:
        reason = f"No. {edition.number} waits for you (`publisher preflight {edition.list} {edition.number}`){told}"
        return Decision(verdict=Verdict.HELD, reason=reason, edition=edition, red=report.of(Colour.RED))
    if edition.status is EditionStatus.DRAFT:
        await editions.approve(tx, edition.id, by=CLOCK, now=now)
    released = await release(
        tx,
        edition,
        mailing_list,
        house,
        by=CLOCK,
        now=now,
        grace=mailing_list.grace,
        inspected=report.content_hash if report else None,
    )
    readers = "1 reader" if released.queued == 1 else f"{released.queued} readers"
    return Decision(verdict=Verdict.SENT, reason=f"No. {edition.number} to {readers}{told}", edition=released.edition)


def _told(report: Report | None) -> str:
    """What preflight found, the gravest first; nothing where all is green."""
    if report is None or report.colour is Colour.GREEN:
        return ""
    first, *others = dict.fromkeys(finding.said("en") for finding in report.of(report.colour))
    more = f" (and {len(others)} more)" if others else ""
    return f"; preflight: {first}{more}"


async def _skip(tx: Tx, mailing_list: MailingList, superseded: Sequence[Occurrence], now: datetime) -> None:
    decision = Decision(verdict=Verdict.SKIPPED, reason="superseded by a newer one")
    for occurrence in superseded:
        await _record(tx, mailing_list, occurrence, decision, now)
    if superseded:
        log.warning("occurrences missed", list=mailing_list.name, count=len(superseded))


async def _record(tx: Tx, mailing_list: MailingList, occurrence: Occurrence, decision: Decision, now: datetime) -> None:
    await runs.record(
        tx,
        mailing_list.name,
        occurrence.nominal,
        due_at=occurrence.at,
        now=now,
        verdict=decision.verdict,
        reason=decision.reason,
        edition_id=decision.edition.id if decision.edition else None,
    )


def _tell(mailing_list: MailingList, occurrence: Occurrence, decision: Decision) -> None:
    log.info(
        "occurrence decided",
        list=mailing_list.name,
        occurrence=occurrence.nominal,
        verdict=decision.verdict.value,
        reason=decision.reason,
    )
