"""Tell the operators once when an archive needs somebody, and once when it is well again."""

from datetime import datetime

import structlog

from publisher.archive.cures import cure_of
from publisher.archive.source import ArchivePolicy
from publisher.flows.health import Health, State, judge
from publisher.flows.operators import tell_operators
from publisher.model import Facts, Site
from publisher.store import archives
from publisher.store.archives import ArchiveState
from publisher.store.database import Database, Tx
from publisher.store.keys import Key

log = structlog.get_logger()

_OVER = "over"

EXAMPLE: Facts = {
    "trouble": State.FAILING,
    "archive": "example",
    "names": {"en": "Example"},
    "url": "https://archive.example",
    "since": "2026-01-01T00:00:00+00:00",
    "failures": 3,
    "reason": "timeout",
    "detail": "https://archive.example: no answer",
    "cure": cure_of("timeout"),
}
"""An alarm that never was, to see whether its letter can be made."""


async def look_after(db: Database, policy: ArchivePolicy, site: Site, key: Key, *, now: datetime) -> int:
    """
    Queue the letters that an archive's health asks for; gives how many.

    One alarm per trouble and operator, however often and by however many
    processes this is asked; and one letter when it is over, if there was an
    alarm. Without operators nothing is queued; then the log says it, once and loud.
    """
    async with db.read() as tx:
        before = await archives.state_of(tx, policy.name)
    if not _is_news(judge(before, policy, now), before):
        return 0
    async with db.begin() as tx:
        archive = await archives.state_of(tx, policy.name)  # again: another process may have been first
        health = judge(archive, policy, now)
        if not _is_news(health, archive):
            return 0
        await archives.mark_alarm(tx, policy.name, health.trouble)
        say = log.error if health.trouble and not site.operators else log.info
        say("archive alarm", archive=policy.name, state=health.state.value, operators=len(site.operators))
        return await _tell(tx, archive, health, policy, site, key, now)


def _is_news(health: Health, archive: ArchiveState) -> bool:
    """A trouble that was not told yet, or the end of one that was."""
    if health.trouble is None:
        return archive.alarm is not None and health.state is State.OK
    return health.trouble != archive.alarm


async def _tell(
    tx: Tx, archive: ArchiveState, health: Health, policy: ArchivePolicy, site: Site, key: Key, now: datetime
) -> int:
    trouble = health.trouble or f"{archive.alarm} {_OVER}"
    facts = _facts(archive, health, policy)
    return await tell_operators(tx, site, key, cause=f"{policy.name} {trouble}", facts=facts, now=now)


def _facts(archive: ArchiveState, health: Health, policy: ArchivePolicy) -> Facts:
    """What the letter says; `since` of a trouble that is over is that of the alarm."""
    begun = health.since.isoformat() if health.since else (archive.alarm or "").rpartition(" ")[2]
    return {
        "trouble": health.state if health.trouble else _OVER,
        "archive": policy.name,
        "names": dict(policy.titles) or {"": policy.name},
        "url": policy.url,
        "since": begun,
        "failures": archive.failures,
        "reason": archive.reason,
        "detail": health.detail,
        "cure": health.cure,
    }
