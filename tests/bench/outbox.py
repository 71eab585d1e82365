"""The outbox on SQLite, beside the bare driver doing the same to the same tables."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.model import DeliveryStatus
from publisher.store import claims, outbox
from publisher.store.claims import Batch, Settlement
from publisher.store.database import Database, open_database
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
        for ids in _groups(count):
            await _settle(db, ids)

    return _timed(store, work, count)


def _mark_bare(store: Path, count: int) -> float:
    with closing(connect(store)) as connection:
        began = time.perf_counter()
        for ids in _groups(count):
            _mark_group(connection, ids)
        took = time.perf_counter() - began
    return _per_copy(store, took, count)


async def _settle(db: Database, ids: Sequence[int]) -> None:
    """A group of answers as `flows.deliver` writes it down."""
    sent = [Settlement(delivery_id=one, claim_no=1, status=DeliveryStatus.SENT, code=250, reply=_REPLY) for one in ids]
    async with db.begin() as tx:
        await claims.settle(tx, sent, at(5))
        await outbox.finish_editions(tx, at(5))


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
        while batch := (await _claim(db)).copies:
            await _settle(db, [copy.delivery_id for copy in batch])

    return _timed(store, work, count)


def _take_and_mark_bare(store: Path, count: int) -> float:
    with closing(connect(store)) as connection:
        began = time.perf_counter()
        while ids := _take_group(connection):
            _mark_group(connection, ids)
        took = time.perf_counter() - began
    return _per_copy(store, took, count)


async def _claim(db: Database) -> Batch:
    async with db.begin() as tx:
        return await claims.claim(
            tx,
            worker_id="bench",
            limit=BATCH,
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
    """Finding the next 200 copies when nine of ten are done."""
    with folder() as place:
        early = make_outbox(place / "early.db", sizes.readers)
        late = copy_of(early).rename(place / "late.db")
        with closing(connect(late)) as connection:
            connection.execute(_NINE_OF_TEN_DONE)
        yield Work(
            name=f"claim 200 of {sizes.readers:,} copies at 90 % done",
            peer="the same at 0 % done",
            ours=lambda: asyncio.run(_claims(late, sizes.claims)),
            theirs=lambda: asyncio.run(_claims(early, sizes.claims)),
            target=at_most(2),
        )


async def _claims(store: Path, count: int) -> float:
    db = await open_database(url_of(store))
    async with db.begin() as tx:  # so that the statements are compiled and the file is warm
        await claims.objections(tx, [(1, 1)])
        await tx.rollback()
    began = time.perf_counter()
    batches = [await _claim(db) for _ in range(count)]
    took = time.perf_counter() - began
    await db.close()
    taken = {copy.delivery_id for batch in batches for copy in batch.copies}
    check(0 < len(taken) <= count * BATCH, f"{len(taken)} copies were claimed")
    return took / count


# ── What both sides share ────────────────────────────────────────────────────
