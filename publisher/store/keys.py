"""The instance's own secrets: what tokens, Message-IDs and address hashes are made with."""

from dataclasses import dataclass, field

from sqlalchemy import select

from publisher.store.database import Tx
from publisher.store.tables import keys


@dataclass(frozen=True, kw_only=True)
class Key:
    """One secret of 32 bytes; `id` stands in what was made with it."""

    id: int
    secret: bytes = field(repr=False)


async def all_keys(tx: Tx) -> tuple[Key, ...]:
    """Every key this instance ever had, oldest first; new tokens use the last."""
    rows = await tx.execute(select(keys.c.id, keys.c.secret).order_by(keys.c.id))
    return tuple(Key(id=row.id, secret=row.secret) for row in rows)
