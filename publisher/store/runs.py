"""Runs: one row per scheduled occurrence, with its verdict and the reason for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from publisher.model import Verdict
from publisher.store.database import Tx
from publisher.store.tables import runs


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One occurrence of a cadence: its local wall time, and what came of it and why."""

    list: str
    occurrence: str
    due_at: datetime
    decided_at: datetime
    verdict: Verdict
    reason: str
    edition_id: int | None


async def last_occurrence(tx: Tx, list_name: str) -> str | None:
    """The newest occurrence that was decided; local wall times sort as text."""
    newest = select(func.max(runs.c.occurrence)).where(runs.c.list == list_name)
    occurrence: str | None = (await tx.execute(newest)).scalar()
    return occurrence


async def record(
    tx: Tx,
    list_name: str,
    occurrence: str,
    *,
    due_at: datetime,
    now: datetime,
    verdict: Verdict,
    reason: str,
    edition_id: int | None = None,
) -> bool:
    """
    Decide an occurrence. False when another process did so first: then do nothing.

    The unique (list, local wall time) is what makes an occurrence fire once,
    whatever clocks, restarts and daylight saving do.
    """
    statement = insert(runs).values(
        list=list_name,
        occurrence=occurrence,
        due_at=due_at,
        decided_at=now,
        verdict=verdict,
        reason=reason,
        edition_id=edition_id,
    )
    return (await tx.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def listed(tx: Tx, *, list_name: str | None = None, limit: int = 20) -> Sequence[RunRecord]:
    """Newest first."""
    statement = select(runs).order_by(runs.c.due_at.desc()).limit(limit)
    if list_name:
        statement = statement.where(runs.c.list == list_name)
    rows = (await tx.execute(statement)).mappings()
    return [RunRecord(**{**row, "verdict": Verdict(row["verdict"])}) for row in rows]
