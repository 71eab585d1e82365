"""
How claims ended, written down in groups, off the sending path.

On SQLite by prepared statements on a bare connection. The same is said with
SQLAlchemy in `claims` and `outbox`, for any other database and for recovering;
a test holds the two together.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from publisher.model import DeliveryStatus
from publisher.store import claims, outbox
from publisher.store.bare import BareConnection, writing
from publisher.store.claims import Settlement
from publisher.store.database import Database
from publisher.store.pace import quarter_of

_PATIENCE = 1.0  # seconds for a lock; then whoever waits may look whether the house is to stop, and try again


class Marks(Protocol):
    """Made by `open_marks`, for one worker."""

    async def write(self, ended: Sequence[Settlement], returned: Sequence[tuple[int, int]], now: datetime) -> int:
        """
        Settle these claims, put back those (delivery, claim number), and finish editions: all or nothing.

        Gives how many were settled; a claim that somebody else has resolved
        stays as it is. Raises one of `database.OUTAGES`; then it may be tried again.
        """
        ...

    async def close(self) -> None: ...


def open_marks(db: Database) -> Marks:
    """The quickest way of marking that the database has."""
    return _BySqlite(db.sqlite_file) if db.sqlite_file else _BySqlalchemy(db)


class _BySqlalchemy:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def write(self, ended: Sequence[Settlement], returned: Sequence[tuple[int, int]], now: datetime) -> int:
        async with self._db.begin() as tx:
            settled = await claims.settle(tx, ended, now)
            await claims.release_claims(tx, returned)
            await outbox.finish_editions(tx, now)
        return settled

    async def close(self) -> None:
        """Nothing is held open."""


class _BySqlite:
    def __init__(self, file: Path) -> None:
        self._connection = BareConnection(file, patience=_PATIENCE)

    async def write(self, ended: Sequence[Settlement], returned: Sequence[tuple[int, int]], now: datetime) -> int:
        work = partial(_write, ended=ended, returned=returned, moment=_moment(now), quarter=quarter_of(now))
        return await self._connection.call(work)

    async def close(self) -> None:
        await self._connection.close()


def _write(
    connection: sqlite3.Connection,
    *,
    ended: Sequence[Settlement],
    returned: Sequence[tuple[int, int]],
    moment: str,
    quarter: int,
) -> int:
    sent = [(one.delivery_id, one.claim_no, one.code, one.reply) for one in ended if one.status is DeliveryStatus.SENT]
    with writing(connection):
        settled = connection.execute(_SENT, (moment, moment, json.dumps(sent))).rowcount if sent else 0
        for one in ended:
            if one.status is not DeliveryStatus.SENT:
                settled += _settle_one(connection, one, moment)
        connection.executemany(_RELEASE, returned)
        for profile, letters in Counter(one.profile for one in ended if one.has_gone).items():
            connection.execute(_COUNT, (profile, quarter, letters))
        connection.execute(_FINISH, (moment,))
    return settled


def _settle_one(connection: sqlite3.Connection, one: Settlement, moment: str) -> int:
    values = {
        "id": one.delivery_id,
        "claim": one.claim_no,
        "now": moment,
        "status": one.status.value,
        "reason": one.reason,
        "due_at": one.due_at and _moment(one.due_at),
        "settled_at": None if one.status is DeliveryStatus.WAITING else moment,
        "counted": 1 if one.tried and one.counts else 0,
        "tried_at": moment if one.tried else None,
        "tried": one.tried,
        "code": one.code,
        "enhanced": one.enhanced,
        "reply": one.reply,
        "bounce": one.bounce,
    }
    rows = connection.execute(_OTHERWISE, values).fetchall()
    if rows and one.tried:
        connection.execute(_TRY, {**values, "number": rows[0][0]})
    return len(rows)


def _moment(when: datetime) -> str:
    """As SQLAlchemy writes a time."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


# All of a group in one statement: as one for each they would take turns with the loop, a thread switch every time.
_SENT = """
UPDATE deliveries
SET status = 'sent', reason = NULL, settled_at = ?, attempts = attempts + 1,
    first_attempt_at = coalesce(first_attempt_at, ?), code = given.code, reply = given.reply,
    worker_id = NULL, lease_until = NULL
FROM (
    SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS claim_no,
           json_extract(value, '$[2]') AS code, json_extract(value, '$[3]') AS reply
    FROM json_each(?)
) AS given
WHERE deliveries.id = given.id AND deliveries.claim_no = given.claim_no AND status = 'sending'
"""
_OTHERWISE = """
UPDATE deliveries
SET status = :status, reason = :reason, due_at = coalesce(:due_at, due_at), settled_at = :settled_at,
    attempts = attempts + :counted, first_attempt_at = coalesce(first_attempt_at, :tried_at),
    code = :code, reply = :reply, worker_id = NULL, lease_until = NULL
WHERE id = :id AND claim_no = :claim AND status = 'sending'
RETURNING attempts
"""
_TRY = """
INSERT INTO attempts (delivery_id, number, at, outcome, code, enhanced, reply, bounce)
VALUES (:id, :number, :now, :tried, :code, :enhanced, :reply, :bounce)
"""
_COUNT = """
INSERT INTO sent_counts (profile, quarter, letters) VALUES (?, ?, ?)
ON CONFLICT (profile, quarter) DO UPDATE SET letters = letters + excluded.letters
"""
_RELEASE = """
UPDATE deliveries SET status = 'waiting', worker_id = NULL, lease_until = NULL
WHERE id = ? AND claim_no = ? AND status = 'sending'
"""
_FINISH = """
UPDATE editions SET status = 'sent', sent_at = ?
WHERE status = 'released'
  AND EXISTS (SELECT 1 FROM accounts WHERE edition_id = editions.id AND waiting = 0 AND sending = 0)
"""
