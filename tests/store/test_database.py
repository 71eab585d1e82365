"""What the store promises whatever is in it."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from publisher.errors import PublisherError
from publisher.store import migrations, shelves
from publisher.store.database import Database, in_one_line, open_database
from publisher.store.keys import all_keys
from publisher.store.shelves import Selection
from publisher.store.tables import lists, metadata, subscribers


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite shows none; there is a test of its own below
async def test_the_migrations_make_exactly_the_tables_that_the_code_knows(db: Database) -> None:
    def differences(connection: object) -> list[object]:
        # FTS5 keeps its index in tables of its own making.
        ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("search_index")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), metadata))  # type: ignore[arg-type]

    async with db.read() as tx:
        assert await tx.run_sync(differences) == []


async def test_a_new_store_is_at_the_newest_version_that_alembic_knows(db: Database) -> None:
    async with db.read() as tx:
        revision = await tx.run_sync(lambda connection: MigrationContext.configure(connection).get_current_revision())
        assert revision == ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()
        assert await tx.run_sync(migrations.is_current)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(archives=("director",)),
        Selection(language="ko"),
        Selection(archives=("director", "press"), language="en", categories=('["Peace"]',)),
    ],
)
async def test_the_newest_of_a_feed_are_found_in_the_order_of_their_dates_without_sorting(
    db: Database, selection: Selection
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        asked.append((statement, parameters))

    async with db.read() as tx:
        connection = tx.sync_connection
        event.listen(connection, "before_cursor_execute", note)
        await shelves.newest(tx, selection, 200)
        event.remove(connection, "before_cursor_execute", note)
        [(statement, parameters)] = asked
        rows = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = " ".join(row.detail for row in rows)
    assert "SCAN entries USING INDEX ix_entries_dated" in plan
    assert "TEMP B-TREE" not in plan


async def test_a_new_store_has_a_key_and_keeps_it(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        db = await open_database(f"sqlite:///{tmp_path}/publisher.db")
        async with db.read() as tx:
            seen.append(await all_keys(tx))
        await db.close()
    assert seen[0] == seen[1]
    assert len(seen[0][0].secret) == 32
    assert seen[0][0].secret.hex() not in repr(seen[0])


async def test_a_store_of_a_newer_version_is_refused_and_left_alone(db: Database, tmp_path: Path) -> None:
    async with db.begin() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PublisherError, match="newer Publisher"):
        await open_database(f"sqlite:///{tmp_path}/publisher.db")


async def test_two_writers_who_read_first_lose_nothing(tmp_path: Path) -> None:
    """With the driver's own deferred BEGIN this loses updates or fails as locked."""
    databases = [await open_database(f"sqlite:///{tmp_path}/publisher.db") for _ in range(2)]
    async with databases[0].begin() as tx:
        await tx.execute(text("CREATE TABLE counter (n INTEGER)"))
        await tx.execute(text("INSERT INTO counter VALUES (0)"))

    async def add(db: Database) -> None:
        for _ in range(20):
            async with db.begin() as tx:
                n = (await tx.execute(text("SELECT n FROM counter"))).scalar_one()
                await asyncio.sleep(0)
                await tx.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(add(db) for db in databases))
    async with databases[0].read() as tx:
        assert (await tx.execute(text("SELECT n FROM counter"))).scalar_one() == 40
    for db in databases:
        await db.close()


async def test_times_come_back_as_the_same_moment_in_utc(db: Database) -> None:
    seoul = datetime(2026, 3, 2, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    async with db.begin() as tx:
        await tx.execute(insert(lists).values(name="weekly", started_at=seoul))
        stored = (await tx.execute(select(lists.c.started_at))).scalar_one()
    assert stored == seoul
    assert stored.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with db.begin() as tx:
            await tx.execute(insert(lists).values(name="weekly", started_at=datetime(2026, 3, 2)))  # noqa: DTZ001 - the point


async def test_consents_cannot_be_rewritten(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute(
            text("INSERT INTO subscribers (id, address_hash, created_at) VALUES (1, 'h', '2026-03-02 12:00:00.000000')")
        )
        await tx.execute(
            text(
                "INSERT INTO subscriptions (id, subscriber_id, list, languages, status, token_id, created_at)"
                " VALUES (1, 1, 'weekly', 'ko', 'active', x'00', '2026-03-02 12:00:00.000000')"
            )
        )
        await tx.execute(
            text(
                "INSERT INTO consents (subscription_id, scope, event, at, means)"
                " VALUES (1, 'information', 'given', '2026-03-02 12:00:00.000000', 'page')"
            )
        )
    with pytest.raises(Exception, match="append-only"):
        async with db.begin() as tx:
            await tx.execute(text("UPDATE consents SET event = 'withdrawn'"))


@pytest.mark.parametrize(
    ("place", "said"),
    [("torn.db", "no store, or a damaged one"), ("folder", "cannot be used"), ("torn.db/publisher.db", "rights of")],
)
async def test_a_store_that_cannot_be_opened_is_one_line_with_a_cure(tmp_path: Path, place: str, said: str) -> None:
    (tmp_path / "torn.db").write_bytes(b"no database " * 100)
    (tmp_path / "folder").mkdir()
    with pytest.raises(PublisherError, match=said) as caught:
        await open_database(f"sqlite:///{tmp_path}/{place}")
    assert "\n" not in str(caught.value)
    assert str(tmp_path / place) in str(caught.value)


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("database is locked", "another process has been writing for long"),
        ("database or disk is full", r"make room on it, or name another place in store\.url"),
        ("disk I/O error", "the space there"),
    ],
)
def test_what_keeps_the_store_from_being_written_is_one_line_with_a_cure(said: str, cure: str) -> None:
    assert re.search(cure, in_one_line(OperationalError("UPDATE", None, sqlite3.OperationalError(said))))


async def test_an_error_of_the_store_holds_no_address(db: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with db.begin() as tx:
            await tx.execute(insert(subscribers).values(address="hana@reader.example", address_hash="h"))
    assert "reader.example" not in str(caught.value)


async def test_another_kind_of_store_is_refused_with_what_is_possible() -> None:
    with pytest.raises(PublisherError, match=r"store\.url"):
        await open_database("mysql://localhost/publisher")
