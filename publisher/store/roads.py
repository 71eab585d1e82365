"""How the roads of letters stand, for all processes of the house and for whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.database import Tx
from publisher.store.tables import roads


@dataclass(frozen=True, kw_only=True)
class Rest:
    """
    A road that rests, or has carried nothing since it did.

    `rests` counts them in a row, since the first began at `since`; `fault` says
    in a word, and `reason` in the server's, why.
    """

    rests: int
    since: datetime
    until: datetime
    fault: str
    reason: str


async def resting(tx: Tx) -> Mapping[str, Rest]:
    """By the name of the road; the others are well."""
    rows = await tx.execute(select(roads))
    return {
        row.name: Rest(rests=row.rests, since=row.since, until=row.until, fault=row.fault, reason=row.reason)
        for row in rows
    }


async def rest(tx: Tx, name: str, how: Rest) -> None:
    """A road rests. Since when it does, if it had not recovered from the rest before, stays."""
    values = {"rests": how.rests, "until": how.until, "fault": how.fault, "reason": how.reason}
    statement = upsert(roads).values(name=name, since=how.since, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def recovered(tx: Tx, name: str) -> bool:
    """A road is well again. False when it was all the time."""
    return (await tx.execute(delete(roads).where(roads.c.name == name))).rowcount > 0
