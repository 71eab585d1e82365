"""How it stands with an archive: a pure judgement over what its last reads left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from publisher.archive import cures
from publisher.archive.source import SUSPICIOUS, ArchivePolicy
from publisher.store.archives import ArchiveState

_READS_MISSED = 4  # this many in a row are late…
_NEVER_LATE = timedelta(hours=1)  # …but not within the hour: a read of a slow board takes its time

# The archive answers, but not as the one that was read before: a lost table, a board that is closed.
_ANSWERS_OTHERWISE = frozenset(
    {SUSPICIOUS, "blocked", "board missing", "closed", "database down", "missing", "not a board", "not a feed"}
    | {"not wordpress", "database error", "folder missing", "api off", "elsewhere", "nothing matches"}
    | {"access denied", "database missing", "table missing", "column missing", "table crashed", "database refuses"}
)


class State(StrEnum):
    OK = "ok"
    LATE = "late"  # nothing failed, and yet it was not read for a while
    FAILING = "failing"
    SUSPICIOUS = "suspicious"  # it answers, and contradicts what was read before
    NOT_READ = "not read yet"


@dataclass(frozen=True, kw_only=True)
class Health:
    """
    How it stands with an archive, since when, and what to do (a message id, '' when all is well).

    `trouble` tells two troubles apart: while it stays the same it is the same
    one. It is None while there is nothing that the operators need to be told.
    """

    state: State
    since: datetime | None = None
    detail: str = ""
    cure: str = ""
    trouble: str | None = None


def judge(archive: ArchiveState, policy: ArchivePolicy, now: datetime) -> Health:
    """The health of an archive at this moment."""
    if archive.failing_since:
        return _failing(archive, archive.failing_since, policy)
    if archive.succeeded_at is None:
        return Health(state=State.NOT_READ)
    if archive.doubt:
        since = archive.doubt_since or archive.succeeded_at
        return Health(
            state=State.SUSPICIOUS,
            since=since,
            detail=archive.doubt,
            cure=cures.CONTRADICTION,
            trouble=f"doubt {since.isoformat()}",
        )
    if archive.succeeded_at + max(_READS_MISSED * policy.every, _NEVER_LATE) < now:
        since = archive.succeeded_at
        return Health(state=State.LATE, since=since, cure=cures.LATE, trouble=f"late {since.isoformat()}")
    return Health(state=State.OK)


def _failing(archive: ArchiveState, since: datetime, policy: ArchivePolicy) -> Health:
    """An archive that never was read cannot contradict itself: then only its address may be wrong."""
    is_known = archive.succeeded_at is not None
    is_certain = archive.failures >= policy.alarm_after or (is_known and archive.reason == SUSPICIOUS)
    return Health(
        state=State.SUSPICIOUS if is_known and archive.reason in _ANSWERS_OTHERWISE else State.FAILING,
        since=since,
        detail=archive.detail or "",
        cure=cures.cure_of(archive.reason),
        trouble=f"failing {since.isoformat()}" if is_certain else None,
    )
