"""Who looked at addresses in full, or took them out of the house (PIPA art. 29)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from publisher.store.database import Tx
from publisher.store.tables import accesses


async def record(tx: Tx, *, who: str, what: str, detail: str, people: int, now: datetime) -> None:
    """
    Write an access down. `detail` says of whom: a list, a span of time, a subscriber's number; never an address.
    """
    await tx.execute(insert(accesses).values(at=now, who=who, what=what, detail=detail, people=people))


async def listed(tx: Tx, *, limit: int = 100) -> Sequence[Mapping[str, Any]]:
    """Newest first."""
    rows = await tx.execute(select(accesses).order_by(accesses.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]
