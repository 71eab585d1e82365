"""Addresses that bounced or complained, and that an operator lets ask anew. The lines are only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from publisher.store.database import Tx
from publisher.store.tables import readmissions, suppressions
from subscribers.asking import NOT_THEIR_OWN_WORD, READMITTED


@dataclass(frozen=True, kw_only=True)
class Readmission:
    """What had stood there since when, and who let the address ask anew; `why` is None after erasure."""

    reason: str
    since: datetime
    at: datetime
    who: str
    why: str | None


async def readmit(tx: Tx, address_hash: str, *, who: str, why: str, now: datetime) -> str | None:
    """Let an address ask anew that bounced or complained; gives which of them, None when neither stands there."""
    stands = (suppressions.c.address_hash == address_hash) & suppressions.c.reason.in_(NOT_THEIR_OWN_WORD)
    row = (await tx.execute(select(suppressions).where(stands))).one_or_none()
    if row is None:
        return None
    await tx.execute(update(suppressions).where(stands).values(reason=READMITTED, at=now))
    line = {"address_hash": address_hash, "reason": row.reason, "since": row.at, "at": now, "who": who, "why": why}
    await tx.execute(insert(readmissions).values(line))
    return str(row.reason)


async def of_address(tx: Tx, address_hash: str) -> Sequence[Readmission]:
    """Each time that it was let ask anew, the oldest first."""
    names = [readmissions.c[name] for name in ("reason", "since", "at", "who", "why")]
    rows = await tx.execute(
        select(*names).where(readmissions.c.address_hash == address_hash).order_by(readmissions.c.id)
    )
    return [Readmission(**row) for row in rows.mappings()]


async def last_at(tx: Tx, address_hash: str) -> datetime | None:
    """When that was last."""
    wanted = select(func.max(readmissions.c.at)).where(readmissions.c.address_hash == address_hash)
    found: datetime | None = (await tx.execute(wanted)).scalar_one()
    return found


async def forget_words(tx: Tx, address_hash: str) -> None:
    """Take out what was written about a person who is erased."""
    await tx.execute(update(readmissions).where(readmissions.c.address_hash == address_hash).values(why=None))
