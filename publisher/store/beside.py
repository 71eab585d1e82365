"""
What was refused is kept beside the store as well, so that it outlives a backup that is put back.

A file of its own (`publisher-refusals.db`) holds a second copy of `refusals` and
`suppressions`, and who was erased when: keyed hashes, no addresses. Triggers of every connection write it
in the transaction that changes the first. When the store is opened, what the
file knows and the store does not is refused again, and who was erased is erased
again; what the store alone knows goes into the file.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, TextualSelect, insert, select, text, true, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.ext.asyncio import AsyncConnection

from publisher.store.tables import UTCDateTime, consents, refusals, subscribers, subscriptions, suppressions
from subscribers.model import EndedWhy, SubscriptionStatus

log = structlog.get_logger()

_MEANS = "restore"

# A trigger may not say in which file a table is: so the copies have names of their own.
_TABLES = """
CREATE TABLE IF NOT EXISTS kept_refusals
    (address_hash TEXT, list TEXT, at TEXT, means TEXT, PRIMARY KEY (address_hash, list)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_suppressions
    (address_hash TEXT PRIMARY KEY, reason TEXT, at TEXT, means TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_erasures (address_hash TEXT PRIMARY KEY, at TEXT) WITHOUT ROWID;
INSERT OR IGNORE INTO kept_erasures SELECT address_hash, at FROM kept_suppressions WHERE reason = 'erased';
"""

_PUT_REFUSAL = """
    INSERT INTO kept_refusals VALUES (NEW.address_hash, NEW.list, NEW.at, NEW.means)
    ON CONFLICT (address_hash, list) DO UPDATE SET at = excluded.at, means = excluded.means"""
_PUT_SUPPRESSION = """
    INSERT INTO kept_suppressions VALUES (NEW.address_hash, NEW.reason, NEW.at, NEW.means)
    ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, at = excluded.at, means = excluded.means"""
# Apart from the suppression, which becomes another one when who was erased stops everything, or bounces.
_PUT_ERASURE = """
    INSERT INTO kept_erasures VALUES (NEW.address_hash, NEW.erasing_since)
    ON CONFLICT (address_hash) DO UPDATE SET at = excluded.at"""
_DROP_REFUSAL = "DELETE FROM kept_refusals WHERE address_hash = OLD.address_hash AND list = OLD.list"
_DROP_SUPPRESSION = "DELETE FROM kept_suppressions WHERE address_hash = OLD.address_hash"

_TRIGGERS = (
    f"CREATE TEMP TRIGGER put_refusal AFTER INSERT ON main.refusals BEGIN {_PUT_REFUSAL}; END",
    f"CREATE TEMP TRIGGER move_refusal AFTER UPDATE ON main.refusals BEGIN {_PUT_REFUSAL}; END",
    f"CREATE TEMP TRIGGER drop_refusal AFTER DELETE ON main.refusals BEGIN {_DROP_REFUSAL}; END",
    f"CREATE TEMP TRIGGER put_suppression AFTER INSERT ON main.suppressions BEGIN {_PUT_SUPPRESSION}; END",
    f"CREATE TEMP TRIGGER move_suppression AFTER UPDATE ON main.suppressions BEGIN {_PUT_SUPPRESSION}; END",
    f"CREATE TEMP TRIGGER drop_suppression AFTER DELETE ON main.suppressions BEGIN {_DROP_SUPPRESSION}; END",
    "CREATE TEMP TRIGGER put_erasure AFTER UPDATE OF erasing_since ON main.subscribers"
    f" WHEN NEW.erasing_since IS NOT NULL BEGIN {_PUT_ERASURE}; END",
)


def file_beside(store: Path) -> Path:
    """`var/publisher.db` → `var/publisher-refusals.db`"""
    return store.with_name(f"{store.stem}-refusals{store.suffix}")


def make_file(store: Path) -> None:
    """Make the file of a store where there is none. Raises sqlite3.Error."""
    with closing(sqlite3.connect(file_beside(store), timeout=10)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_TABLES)


def attach(cursor: DBAPICursor, store: Path) -> None:
    """Let a connection to the store write the copies, too."""
    cursor.execute("ATTACH DATABASE ? AS kept", (str(file_beside(store)),))
    cursor.execute("PRAGMA kept.synchronous=NORMAL")
    for trigger in _TRIGGERS:
        cursor.execute(trigger)


# ── Making both the same ─────────────────────────────────────────────────────

_LOST_REFUSALS = text("""
    SELECT address_hash, list, at FROM kept_refusals AS kept WHERE NOT EXISTS (
        SELECT 1 FROM refusals AS own
        WHERE own.address_hash = kept.address_hash AND own.list = kept.list AND own.at >= kept.at)
""").columns(at=UTCDateTime())

_LOST_SUPPRESSIONS = text("""
    SELECT address_hash, reason, at FROM kept_suppressions AS kept WHERE NOT EXISTS (
        SELECT 1 FROM suppressions AS own WHERE own.address_hash = kept.address_hash AND own.at >= kept.at)
""").columns(at=UTCDateTime())

# Whoever came anew has agreed to something, or asked, since.
_UNDONE_ERASURES = text("""
    SELECT own.id, kept.at FROM kept_erasures AS kept JOIN subscribers AS own ON own.address_hash = kept.address_hash
    WHERE own.address IS NOT NULL AND own.erasing_since IS NULL AND NOT EXISTS (
        SELECT 1 FROM consents JOIN subscriptions AS theirs ON theirs.id = consents.subscription_id
        WHERE theirs.subscriber_id = own.id AND consents.at > kept.at AND consents.means <> 'restore')
""").columns(at=UTCDateTime())

_KEEP_REFUSALS = text("""
    INSERT INTO kept_refusals SELECT address_hash, list, at, means FROM refusals AS own WHERE NOT EXISTS (
        SELECT 1 FROM kept_refusals AS kept WHERE own.address_hash = kept.address_hash AND own.list = kept.list)
""")

_KEEP_SUPPRESSIONS = text("""
    INSERT INTO kept_suppressions SELECT address_hash, reason, at, means FROM suppressions AS own WHERE NOT EXISTS (
        SELECT 1 FROM kept_suppressions AS kept WHERE own.address_hash = kept.address_hash)
""")


async def recall(tx: AsyncConnection) -> int:
    """Refuse again what only the file knows, and keep what only the store knows; gives how many were refused again."""
    left = await _all(tx, _LOST_REFUSALS)
    stopped = await _all(tx, _LOST_SUPPRESSIONS)
    for one in left:
        await _refuse(tx, one.address_hash, one.list, one.at)
    for one in stopped:
        await _suppress(tx, one.address_hash, one.reason, one.at)
    for one in await _all(tx, _UNDONE_ERASURES):  # `flows.erase` takes the data out; the notice went out long ago
        await tx.execute(update(subscribers).where(subscribers.c.id == one.id).values(erasing_since=one.at))
    await tx.execute(_KEEP_REFUSALS)
    await tx.execute(_KEEP_SUPPRESSIONS)
    if left or stopped:
        log.warning("refusals recalled after a restore", refusals=len(left), suppressions=len(stopped))
    return len(left) + len(stopped)


async def _all(tx: AsyncConnection, wanted: TextualSelect) -> Sequence[Row[Any]]:
    return (await tx.execute(wanted)).all()


async def _refuse(tx: AsyncConnection, address_hash: str, list_name: str, at: datetime) -> None:
    statement = upsert(refusals).values(address_hash=address_hash, list=list_name, at=at, means=_MEANS)
    keys = [refusals.c.address_hash, refusals.c.list]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"at": at}))
    await _end(tx, address_hash, at, subscriptions.c.list == list_name)


async def _suppress(tx: AsyncConnection, address_hash: str, reason: str, at: datetime) -> None:
    statement = upsert(suppressions).values(address_hash=address_hash, reason=reason, at=at, means=_MEANS)
    keys = [suppressions.c.address_hash]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"reason": reason, "at": at}))
    await _end(tx, address_hash, at, true())


async def _end(tx: AsyncConnection, address_hash: str, at: datetime, which: ColumnElement[bool]) -> None:
    """What the restored store still holds for running ended then."""
    theirs = select(subscribers.c.id).where(subscribers.c.address_hash == address_hash).scalar_subquery()
    ended = await tx.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == theirs,
            subscriptions.c.status.in_([SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE]),
            which,
        )
        .values(status=SubscriptionStatus.ENDED, ended_at=at, ended_why=EndedWhy.UNSUBSCRIBED)
        .returning(subscriptions.c.id)
    )
    for subscription_id in ended.scalars().all():
        line = {"subscription_id": subscription_id, "scope": "information", "event": "withdrawn"}
        await tx.execute(insert(consents).values(**line, at=at, means=_MEANS))
