"""How claims ended, written down by the quick way and by the general one: the same rows."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.model import Account, DeliveryStatus, EditionStatus
from publisher.store import claims, editions, marks
from publisher.store.claims import Settlement
from publisher.store.database import OUTAGES, Database, open_database
from publisher.store.marks import Marks, open_marks
from publisher.store.tables import attempts, deliveries
from tests.delivery.post import account, add_readers, release
from tests.samples import at

END = Settlement(delivery_id=1, claim_no=1, status=DeliveryStatus.SENT, code=250, reply="2.0.0 taken")
ENDS = [
    END,
    replace(
        END, delivery_id=2, status=DeliveryStatus.FAILED, reason="gone", code=550, enhanced="5.1.1", tried="failed"
    ),
    replace(
        END, delivery_id=3, status=DeliveryStatus.WAITING, due_at=at(60), reason="busy", code=451, tried="deferred"
    ),
    replace(END, delivery_id=4, status=DeliveryStatus.WAITING, reason="down", tried="unreachable", counts=False),
    replace(END, delivery_id=5, status=DeliveryStatus.WITHHELD, reason="unsubscribed", code=None, reply=None),
    replace(END, delivery_id=6, status=DeliveryStatus.UNCERTAIN, reason="no answer", code=None, tried="uncertain"),
    replace(END, delivery_id=7, claim_no=2),  # somebody else's by now
]
RETURNED = [(8, 1), (9, 3)]


async def claimed(db: Database, readers: int = 10) -> int:
    """A released edition, all of its copies in one worker's hand."""
    await add_readers(db, *(f"r{number}@reader.example" for number in range(readers)))
    edition = await release(db)
    async with db.begin() as tx:
        await claims.claim(
            tx,
            worker_id="w",
            limit=readers,
            lease_until=datetime.now(UTC) + timedelta(minutes=15),
            now=at(5),
            name_message=lambda key: f"<{key}@x.example>",
        )
    return edition


async def rows(db: Database) -> tuple[Sequence[Any], Sequence[Any]]:
    told = [column for column in deliveries.c if column.name not in {"address_hash", "lease_until"}]
    async with db.read() as tx:
        return (
            (await tx.execute(select(*told, deliveries.c.lease_until.is_(None)).order_by(deliveries.c.id))).all(),
            (await tx.execute(select(attempts).order_by(attempts.c.id))).all(),
        )


async def test_both_ways_write_the_same(tmp_path: Path) -> None:
    written = []
    for name, way in (("quick", open_marks), ("general", marks._BySqlalchemy)):
        db = await open_database(f"sqlite:///{tmp_path}/{name}.db")
        await claimed(db)
        ways: Marks = way(db)
        assert await ways.write(ENDS, RETURNED, at(6)) == 6
        assert await ways.write([END], [], at(7)) == 0  # ended already
        await ways.close()
        written.append(await rows(db))
        await db.close()
    assert written[0] == written[1]
    assert len(written[0][1]) == 4


async def test_the_last_copy_ends_its_edition(db: Database) -> None:
    edition = await claimed(db, readers=2)
    quick = open_marks(db)
    await quick.write([END], [], at(6))
    async with db.read() as tx:
        assert (await editions.get(tx, edition)).status is EditionStatus.RELEASED
    await quick.write([replace(END, delivery_id=2)], [], at(6))
    await quick.close()
    async with db.read() as tx:
        assert (await editions.get(tx, edition)).status is EditionStatus.SENT


async def test_marks_wait_for_whoever_is_writing(db: Database, tmp_path: Path) -> None:
    edition = await claimed(db, readers=2)
    quick = open_marks(db)
    async with db.begin():
        writing = asyncio.create_task(quick.write([END], [], at(6)))
        await asyncio.sleep(0.05)
        assert not writing.done()
    assert await writing == 1
    await quick.close()
    assert await account(db, edition) == Account(sent=1, sending=1)


async def test_a_group_that_cannot_be_written_is_an_outage_and_can_be_tried_again(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "_PATIENCE", 0.01)
    edition = await claimed(db, readers=3)
    quick = open_marks(db)
    with closing(sqlite3.connect(tmp_path / "publisher.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OUTAGES, match="locked"):
            await quick.write([END], [(2, 1)], at(6))
        other.execute("ROLLBACK")
    assert await account(db, edition) == Account(sending=3)
    assert await quick.write([END], [(2, 1)], at(6)) == 1
    await quick.close()
    assert await account(db, edition) == Account(sent=1, waiting=1, sending=1)


async def test_without_a_file_the_general_way_is_taken() -> None:
    db = await open_database("sqlite://")
    assert isinstance(open_marks(db), marks._BySqlalchemy)
    await db.close()
