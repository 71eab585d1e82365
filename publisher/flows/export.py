"""
Readers to a file: as an import takes them back, or all that they agreed to and refused.

An export is full addresses. Who took it, and how many, is written down.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, tzinfo

from publisher.store import exports
from publisher.store.database import Database
from publisher.store.exports import Event, Line

COLUMNS: Sequence[str] = (
    "email",
    "name",
    "languages",
    "lists",
    "consented_at",
    "consent_source",
    "status",
    "ended_at",
    "missing",
)
HISTORY: Sequence[str] = ("email", "list", "at", "event", "scope", "means", "text_version", "evidence")


async def readers(
    db: Database, *, list_name: str | None, status: str | None, zone: tzinfo
) -> AsyncIterator[Sequence[str]]:
    """
    One row per person and list, as `COLUMNS`; importing it again changes nothing.

    Whoever refused is in it with that word, so that the refusal goes along.
    Erased people are not: nothing is left of them but a hash.
    """
    after = 0
    while True:
        async with db.read() as tx:  # one look per page: a long one would hold the database's log
            lines = await exports.page(tx, list_name=list_name, status=status, after=after)
        for line in lines:
            if line.address:
                yield _row(line, line.address, zone)
        if not lines:
            return
        after = lines[-1].id


def _row(line: Line, address: str, zone: tzinfo) -> Sequence[str]:
    return (
        address,
        line.name or "",
        line.languages.replace("+", ","),
        line.list,
        _time(line.consented_at, zone),
        line.evidence or "",
        _status(line),
        _time(line.ended_at, zone),
        line.missing or "",
    )


def _status(line: Line) -> str:
    """What an import takes it for: a refusal stands above the state of the subscription."""
    if line.suppression:
        return line.suppression if line.suppression in ("bounced", "complained") else "stopped"
    if line.has_refused:
        return "unsubscribed"
    return line.ended_why or line.status


def _time(moment: datetime | None, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat() if moment else ""


async def history(db: Database, *, list_name: str | None, zone: tzinfo) -> AsyncIterator[Sequence[str]]:
    """One row per consent, withdrawal and refusal, as `HISTORY`."""
    for ask in (exports.consents_after, exports.refusals_after):
        after = 0
        while True:
            async with db.read() as tx:
                events = await ask(tx, list_name, after=after)
            for event in events:
                yield _told(event, zone)
            if not events:
                break
            after = events[-1].id


def _told(event: Event, zone: tzinfo) -> Sequence[str]:
    return (
        event.address,
        event.list or "",
        _time(event.at, zone),
        event.event,
        event.scope or "",
        event.means,
        event.text_version or "",
        event.evidence or "",
    )
