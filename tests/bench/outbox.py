"""The outbox on SQLite, beside the bare driver doing the same to the same tables."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.model import DeliveryStatus
from publisher.store import claims, outbox
from publisher.store.claims import Batch, Settlement
from publisher.store.database import Database, open_database
from publisher.store.marks import Marks, open_marks
from tests.bench.house import EDITION, connect, copy_of, folder, make_outbox, url_of
from tests.bench.measure import COSTLIER, Sizes, Work, at_most, check
from tests.samples import WEEKLY, at

BATCH = 200
_NOW = "2026-03-02 12:05:00.000000"
_REPLY = "2.0.0 taken"

# ── Marks ────────────────────────────────────────────────────────────────────


@contextmanager
def marks(sizes: Sizes) -> Iterator[Work]:
    """Writing down that copies went, in groups of 200."""
    with folder() as place:
        store = make_outbox(place / "outbox.db", sizes.marks)
        with closing(connect(store)) as connection:
            connection.execute(_TAKE_ALL)
        yield Work(
            name="mark a delivered copy",
            peer="sqlite3, batches of 200",
            ours=lambda: _mark(copy_of(store), sizes.marks),
            theirs=lambda: _mark_bare(copy_of(store), sizes.marks),
            target=at_most(1.5),
        )


def _mark(store: Path, count: int) -> float:
    async def work(db: Database) -> None:
        marks = open_marks(db)
        for ids in _groups(count):
            await _settle(marks, ids)
        await marks.close()

    return _timed(store, work, count)


def _mark_bare(store: Path, count: int) -> float:
    with closing(connect(store)) as connection:
        began = time.perf_counter()
        for ids in _groups(count):
            _mark_group(connection, ids)
        took = time.perf_counter() - began
    return _per_copy(store, took, count)


async def _settle(marks: Marks, ids: Sequence[int]) -> None:
    """A group of answers as `flows.deliver` writes it down."""
    sent = [Settlement(delivery_id=one, claim_no=1, status=DeliveryStatus.SENT, code=250, reply=_REPLY) for one in ids]
    await marks.write(sent, [], at(5))


def _mark_group(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_MARK, [(_NOW, _NOW, _REPLY, one) for one in ids])
    connection.execute("COMMIT")


# ── Taking and marking ───────────────────────────────────────────────────────


@contextmanager
def taking(sizes: Sizes) -> Iterator[Work]:
    """The whole way of a row through the database: claimed in batches of 200, then marked."""
    with folder() as place:
        store = make_outbox(place / "outbox.db", sizes.marks)
        yield Work(
            name="claim and mark a copy",
            peer="sqlite3, batches of 200",
            ours=lambda: _take_and_mark(copy_of(store), sizes.marks),
            theirs=lambda: _take_and_mark_bare(copy_of(store), sizes.marks),
            target=COSTLIER,
        )


def _take_and_mark(store: Path, count: int) -> float:
    async def work(db: Database) -> None:
        marks = open_marks(db)
        while batch := (await _claim(db)).copies:
            await _settle(marks, [copy.delivery_id for copy in batch])
        await marks.close()

    return _timed(store, work, count)


def _take_and_mark_bare(store: Path, count: int) -> float:
    with closing(connect(store)) as connection:
        began = time.perf_counter()
        while ids := _take_group(connection):
            _mark_group(connection, ids)
        took = time.perf_counter() - began
    return _per_copy(store, took, count)


async def _claim(db: Database, limit: int = BATCH) -> Batch:
    async with db.begin() as tx:
        return await claims.claim(
            tx,
            worker_id="bench",
            limit=limit,
            lease_until=datetime.now(UTC) + timedelta(minutes=15),
            now=at(5),
            name_message=lambda key: f"<{key}@bench.example>",
        )


def _take_group(connection: sqlite3.Connection) -> list[int]:
    connection.execute("BEGIN IMMEDIATE")
    ids = [one for (one,) in connection.execute(_DUE, (_NOW, BATCH))]
    connection.executemany(_TAKE, [(_NOW, f"<{one}@bench.example>", one) for one in ids])
    connection.execute("COMMIT")
    return ids


# ── Fan-out ──────────────────────────────────────────────────────────────────


@contextmanager
def fan_out(sizes: Sizes) -> Iterator[Work]:
    """A row for each reader of a released edition."""
    with folder() as place:
        store = make_outbox(place / "outbox.db", sizes.readers, is_queued=False)
        yield Work(
            name=f"fan-out to {sizes.readers:,} readers, per row",
            peer="bare INSERT ... SELECT",
            ours=lambda: _fan_out(copy_of(store), sizes.readers),
            theirs=lambda: _fan_out_bare(copy_of(store), sizes.readers),
            target=at_most(1.5),
        )


def _fan_out(store: Path, count: int) -> float:
    async def work(db: Database) -> None:
        async with db.begin() as tx:
            await outbox.enqueue_edition(tx, EDITION, WEEKLY.name, now=at(1), due_at=at(1))

    return _timed(store, work, count, status="waiting")


def _fan_out_bare(store: Path, count: int) -> float:
    with closing(connect(store)) as connection:
        began = time.perf_counter()
        connection.execute(_FAN_OUT)
        took = time.perf_counter() - began
    return _per_copy(store, took, count, status="waiting")


# ── The claim late in a mailing ──────────────────────────────────────────────


@contextmanager
def late_claim(sizes: Sizes) -> Iterator[Work]:
    """Finding the next copies when nine of ten are done."""
    limit = min(BATCH, sizes.readers // 100)
    with folder() as place:
        early = make_outbox(place / "early.db", sizes.readers)
        late = copy_of(early).rename(place / "late.db")
        with closing(connect(late)) as connection:
            connection.execute(_NINE_OF_TEN_DONE)
        yield Work(
            name=f"claim {limit} of {sizes.readers:,} copies at 90 % done",
            peer="the same at 0 % done",
            ours=lambda: asyncio.run(_claims(late, sizes.claims, limit)),
            theirs=lambda: asyncio.run(_claims(early, sizes.claims, limit)),
            target=at_most(2),
        )


async def _claims(store: Path, count: int, limit: int) -> float:
    db = await open_database(url_of(store))
    await _claim(db, limit)  # a first one compiles the statements and warms the file
    began = time.perf_counter()
    batches = [await _claim(db, limit) for _ in range(count)]
    took = time.perf_counter() - began
    await db.close()
    taken = {copy.delivery_id for batch in batches for copy in batch.copies}
    check(len(taken) == count * limit, f"{len(taken)} copies were claimed instead of {count * limit}")
    return took / count


# ── What the rows share ──────────────────────────────────────────────────────


def _timed(store: Path, work: Callable[[Database], Awaitable[None]], count: int, status: str = "sent") -> float:
    """Seconds per copy that the house takes, opening the store apart."""

    async def run() -> float:
        db = await open_database(url_of(store))
        began = time.perf_counter()
        await work(db)
        took = time.perf_counter() - began
        await db.close()
        return took

    return _per_copy(store, asyncio.run(run()), count, status)


def _per_copy(store: Path, took: float, count: int, status: str = "sent") -> float:
    with closing(connect(store)) as connection:
        found = connection.execute(_COUNT, (status,)).fetchone()[0]
    check(found == count, f"{found} of {count} copies are {status}")
    return took / count


def _groups(count: int) -> list[range]:
    return [range(first, min(first + BATCH, count + 1)) for first in range(1, count + 1, BATCH)]


_COUNT = "SELECT count(DISTINCT dedupe_key) FROM deliveries WHERE status = ?"
_DUE = "SELECT id FROM deliveries WHERE status = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
_TAKE = """
UPDATE deliveries SET status = 'sending', worker_id = 'bench', claim_no = claim_no + 1, lease_until = ?, message_id = ?
WHERE id = ? AND status = 'waiting'
"""
_TAKE_ALL = """
UPDATE deliveries SET status = 'sending', worker_id = 'bench', claim_no = 1,
       lease_until = '2026-03-02 12:20:00.000000', message_id = '<' || id || '@bench.example>'
"""
_MARK = """
UPDATE deliveries SET status = 'sent', reason = NULL, settled_at = ?, attempts = attempts + 1, first_attempt_at = ?,
       code = 250, reply = ?, worker_id = NULL, lease_until = NULL
WHERE id = ? AND claim_no = 1 AND status = 'sending'
"""
_FAN_OUT = f"""
INSERT INTO deliveries (kind, edition_id, subscription_id, subscriber_id, address, address_hash, language_key,
                        dedupe_key, domain, profile, status, queued_at, due_at)
SELECT 'edition', {EDITION}, subscriptions.id, subscriber_id, address, address_hash, languages,
       'edition:{EDITION}:' || subscriber_id, substr(address, instr(address, '@') + 1), 'default', 'waiting',
       '2026-03-02 12:01:00.000000', '2026-03-02 12:01:00.000000'
FROM subscriptions JOIN subscribers ON subscribers.id = subscriber_id
WHERE list = 'weekly' AND status = 'active'
"""
_NINE_OF_TEN_DONE = """
UPDATE deliveries SET status = 'sent', claim_no = 1, attempts = 1, settled_at = '2026-03-02 12:04:00.000000',
       message_id = '<' || id || '@bench.example>'
WHERE id <= (SELECT max(id) * 9 / 10 FROM deliveries)
"""
