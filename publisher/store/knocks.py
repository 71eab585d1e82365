"""How often somebody pressed a button of a page that mails, per hour and keyed hash. It names nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.database import Tx
from publisher.store.tables import knocks

_KEPT = timedelta(days=2)


async def count(tx: Tx, scope: str, key: str, now: datetime) -> int:
    """How often within this hour so far, this time not counted."""
    wanted = select(knocks.c.count).where(knocks.c.scope == scope, knocks.c.key == key, knocks.c.hour == _hour(now))
    return (await tx.execute(wanted)).scalar_one_or_none() or 0


async def note(tx: Tx, keys: Mapping[str, str], now: datetime) -> None:
    """Once more, for each of these (scope → key)."""
    for scope, key in keys.items():
        statement = upsert(knocks).values(scope=scope, key=key, hour=_hour(now), count=1)
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[knocks.c.scope, knocks.c.key, knocks.c.hour], set_={"count": knocks.c.count + 1}
            )
        )


async def use_once(tx: Tx, key: str, now: datetime) -> bool:
    """Take a proof that is good once. False when it was taken before."""
    wanted = select(knocks.c.count).where(knocks.c.scope == "proof", knocks.c.key == key)
    if (await tx.execute(wanted)).first() is not None:
        return False
    await note(tx, {"proof": key}, now)
    return True


async def forget(tx: Tx, now: datetime) -> int:
    """Drop the hours of days ago."""
    return (await tx.execute(delete(knocks).where(knocks.c.hour < now - _KEPT))).rowcount


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
