"""Copies of which nobody can know whether they arrived, and what an operator decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, select, update

from publisher.model import DeliveryKind, DeliveryStatus, LetterKey
from publisher.store.database import Tx
from publisher.store.tables import deliveries, editions

_UNCERTAIN = deliveries.c.status == literal_column("'uncertain'")


@dataclass(frozen=True, kw_only=True)
class Uncertain:
    """One copy; `list` and `number` are None for a letter of no edition, `address` after erasure."""

    delivery_id: int
    kind: DeliveryKind
    list: str | None
    number: int | None
    address: str | None
    language_key: LetterKey
    since: datetime | None
    reason: str | None


async def listed(tx: Tx, edition_id: int | None = None) -> list[Uncertain]:
    """All of them, or those of one edition; the oldest first."""
    rows = await tx.execute(
        select(
            deliveries.c.id.label("delivery_id"),
            deliveries.c.kind,
            editions.c.list,
            editions.c.number,
            deliveries.c.address,
            deliveries.c.language_key,
            deliveries.c.settled_at.label("since"),
            deliveries.c.reason,
        )
        .select_from(deliveries.outerjoin(editions))
        .where(*_which(edition_id))
        .order_by(deliveries.c.id)
    )
    return [Uncertain(**{**row, "kind": DeliveryKind(row["kind"])}) for row in rows.mappings()]


async def send_again(tx: Tx, edition_id: int | None, *, now: datetime) -> tuple[int, Sequence[int]]:
    """They wait once more, with the same Message-ID; gives how many, and the editions that they are of."""
    changed = await tx.execute(
        update(deliveries)
        .where(*_which(edition_id))
        .values(status=DeliveryStatus.WAITING, due_at=now, reason=None, settled_at=None)
        .returning(deliveries.c.edition_id)
    )
    found = list(changed.scalars())
    return len(found), sorted({one for one in found if one is not None})


async def take_for_sent(tx: Tx, edition_id: int | None, *, by: str) -> int:
    """They count as sent from now on; gives how many."""
    result = await tx.execute(
        update(deliveries)
        .where(*_which(edition_id))
        .values(status=DeliveryStatus.SENT, reason=f"its answer was lost; taken for sent by {by}")
    )
    return result.rowcount


def _which(edition_id: int | None) -> list[ColumnElement[bool]]:
    return [_UNCERTAIN, *([deliveries.c.edition_id == edition_id] if edition_id is not None else [])]
