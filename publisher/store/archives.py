"""What we know of each archive between two reads: cursor, health, what was passed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from publisher.store.database import Tx
from publisher.store.tables import archives


@dataclass(frozen=True, kw_only=True)
class ArchiveState:
    """
    An archive as the last reads left it.

    `first_read_at` is the end of the first complete read. `reason` and
    `detail` tell the last failure while `failing_since` is set; `remarks` and
    `skipped` tell what the last read noticed and passed over. `doubt` is why the
    archive is suspicious; `believed`: the operator said that what it tells is so.
    `alarm` is the trouble that the operators were told of.
    """

    name: str
    cursor: dict[str, Any]
    first_read_at: datetime | None
    read_at: datetime | None
    succeeded_at: datetime | None
    failing_since: datetime | None
    failures: int
    reason: str | None
    detail: str | None
    remarks: list[dict[str, str]]
    skipped: list[dict[str, str]]
    doubt: str | None
    doubt_since: datetime | None
    believed: bool
    alarm: str | None


async def state_of(tx: Tx, name: str) -> ArchiveState:
    """The archive's state; a row is made when it is seen for the first time."""
    row = (await tx.execute(select(archives).where(archives.c.name == name))).mappings().one_or_none()
    if row is None:
        return ArchiveState(
            name=name,
            cursor={},
            first_read_at=None,
            read_at=None,
            succeeded_at=None,
            failing_since=None,
            failures=0,
            reason=None,
            detail=None,
            remarks=[],
            skipped=[],
            doubt=None,
            doubt_since=None,
            believed=False,
            alarm=None,
        )
    return ArchiveState(**row)


async def mark_read(
    tx: Tx,
    name: str,
    *,
    cursor: dict[str, Any],
    remarks: Sequence[dict[str, str]],
    skipped: Sequence[dict[str, str]],
    doubt: str | None = None,
    believed: bool = False,
    now: datetime,
) -> None:
    """A read came to its end: keep the cursor, forget earlier failures."""
    before = await state_of(tx, name)
    values = {
        "cursor": cursor,
        "remarks": list(remarks),
        "skipped": list(skipped),
        "read_at": now,
        "succeeded_at": now,
        "failing_since": None,
        "failures": 0,
        "reason": None,
        "detail": None,
        "doubt": doubt,
        "doubt_since": (before.doubt_since or now) if doubt else None,
        "believed": believed,
    }
    await _upsert(tx, name, values)
    await tx.execute(
        update(archives).where(archives.c.name == name, archives.c.first_read_at.is_(None)).values(first_read_at=now)
    )


async def keep(tx: Tx, name: str, cursor: dict[str, Any]) -> None:
    """How far a read has come that is not at its end."""
    await _upsert(tx, name, {"cursor": cursor})


async def believe(tx: Tx, name: str) -> bool:
    """Take the archive at its word when it is next swept. False when it is not suspicious."""
    doubted = update(archives).where(archives.c.name == name, archives.c.doubt.is_not(None))
    return (await tx.execute(doubted.values(believed=True))).rowcount == 1


async def mark_alarm(tx: Tx, name: str, trouble: str | None) -> None:
    """Remember what the operators were told of; None once they were told that it is over."""
    await tx.execute(update(archives).where(archives.c.name == name).values(alarm=trouble))


async def mark_failed(tx: Tx, name: str, *, reason: str, detail: str, now: datetime) -> None:
    """A read failed: the cursor stays, and since when it fails is remembered."""
    state = await state_of(tx, name)
    await _upsert(
        tx,
        name,
        {
            "read_at": now,
            "failing_since": state.failing_since or now,
            "failures": state.failures + 1,
            "reason": reason,
            "detail": detail,
        },
    )


async def _upsert(tx: Tx, name: str, values: dict[str, Any]) -> None:
    statement = insert(archives).values(name=name, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[archives.c.name], set_=values))
