"""What checks before release say, and a named person takes for good: who, why, for what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from publisher.store.database import Tx
from publisher.store.tables import acceptances


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A person's word on one check of one subject: a domain or an address, or what is said of certain letters."""

    check: str
    subject: str
    who: str
    why: str
    at: datetime


async def record(tx: Tx, acceptance: Acceptance) -> None:
    """Write it down; a newer word on the same replaces the older one."""
    values = {
        "check": acceptance.check,
        "subject": acceptance.subject,
        "who": acceptance.who,
        "why": acceptance.why,
        "at": acceptance.at,
    }
    statement = insert(acceptances).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["check", "subject"], set_=values))


async def about(tx: Tx, subjects: Iterable[str]) -> Mapping[tuple[str, str], Acceptance]:
    """What was said about any of these subjects, by check and subject."""
    rows = await tx.execute(select(acceptances).where(acceptances.c.subject.in_([*subjects])))
    return {(row["check"], row["subject"]): Acceptance(**row) for row in rows.mappings()}
