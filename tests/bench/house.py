"""Stores that hold what a row needs, made once and copied for each repeat, and a house to run."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.digest.render import letter_hash
from publisher.model import Classification
from publisher.store import arrivals, editions, outbox
from publisher.store.database import Database, open_database
from tests.bench.invented import letters, piece, saved_page
from tests.samples import SITE, WEEKLY, at
from tests.serving import free_port

EDITION = 1  # the id of the only edition in these stores


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="publisher-bench-") as name:
        yield Path(name)


def url_of(store: Path) -> str:
    return f"sqlite:///{store}"


def copy_of(store: Path) -> Path:
    """A fresh copy beside the store; the one before is overwritten."""
    copy = store.with_suffix(".copy")
    for rest in ("-wal", "-shm"):
        copy.with_name(copy.name + rest).unlink(missing_ok=True)
    shutil.copy(store, copy)
    return copy


def connect(store: Path) -> sqlite3.Connection:
    """The bare driver with the settings that the house uses."""
    connection = sqlite3.connect(store, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


# ── Readers, and an edition for them ─────────────────────────────────────────


def make_outbox(store: Path, readers: int, *, is_queued: bool = True) -> Path:
    """A released edition and its readers, every second of them English; with `is_queued` a copy waits for each."""
    asyncio.run(_make_outbox(store, readers, is_queued))
    return store


async def _make_outbox(store: Path, readers: int, is_queued: bool) -> None:
    db = await open_database(url_of(store))
    with closing(connect(store)) as connection:
        connection.execute(_SUBSCRIBERS, (readers,))
        connection.execute(_SUBSCRIPTIONS)
    await _release(db)
    if is_queued:
        async with db.begin() as tx:
            await outbox.enqueue_edition(tx, EDITION, WEEKLY.name, now=at(1), due_at=at(1))
    await db.close()


async def _release(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, WEEKLY.name, at())
        edition = await editions.draft(
            tx, WEEKLY.name, [], window_end=at(1), classification=Classification.INFORMATION, by="bench", now=at(1)
        )
        assert edition == EDITION
        await editions.approve(tx, edition, by="bench", now=at(1))
        await editions.mark_released(tx, edition, by="bench", content_hash="0" * 64, now=at(1))
        await editions.freeze(tx, edition, [(letter, letter_hash(letter)) for letter in letters().values()])


_SUBSCRIBERS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO subscribers (address, address_key, address_hash, created_at)
SELECT 'r' || n || '@reader.example', 'r' || n || '@reader.example', lower(hex(randomblob(32))),
       '2026-03-02 12:00:00.000000'
FROM number
"""
_SUBSCRIPTIONS = """
INSERT INTO subscriptions (subscriber_id, list, languages, status, token_id, created_at)
SELECT id, 'weekly', CASE id % 2 WHEN 0 THEN 'ko' ELSE 'en' END, 'active', randomblob(16), created_at
FROM subscribers
"""


# ── An archive ───────────────────────────────────────────────────────────────


def make_archive(store: Path, size: int) -> Path:
    """An archive of so many entries, an hour between two of them; only the first is written by the house itself."""
    asyncio.run(_first_entry(store))
    with closing(connect(store)) as connection:
        hour = f"strftime('%Y-%m-%d %H:%M:%S.000000', '2026-03-01', '-{size} hours', '+' || n || ' hours')"
        named = {"public_id": "printf('e%011d', n)", "atom_id": "printf('tag:bench.example,2026:e%011d', n)"}
        _multiply(connection, "entries", size, {"id": "n", **named, "published_at": hour, "updated_at": hour})
        _multiply(connection, "source_items", size, {"id": "n", "source_key": "n", "entry_id": "n"})
        _multiply(connection, "faces", size, {"entry_id": "n", "item_id": "n", "title": "one.title || ' ' || n"})
    return store


async def _first_entry(store: Path) -> None:
    db = await open_database(url_of(store))
    await add_entry(db, 1, minute=0)
    await db.close()


async def add_entry(db: Database, number: int, *, minute: float) -> None:
    """One more entry in the archive `director`, written by the house."""
    async with db.begin() as tx:
        item = piece(number)
        await arrivals.add(tx, "director", item, host=SITE.host, now=at(minute), due_at=at(minute), held=None)


def _multiply(connection: sqlite3.Connection, table: str, size: int, changed: dict[str, str]) -> None:
    """The rows that are there, numbered from 2 to `size`, with some columns changed."""
    columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    values = [changed.get(name, f"one.{name}") for name in columns]
    connection.execute(
        f"WITH RECURSIVE number(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < {size}) "
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} AS one, number"
    )


# ── A whole house ────────────────────────────────────────────────────────────

_CONFIGURATION = """
site:
  name: {ko: 한빛평화연구소, en: Hanbit Peace Institute}
  url: https://letters.hanbit-peace.example
  sender: {email: letters@hanbit-peace.example}
archives:
  director: {kind: folder, path: saved, name: {ko: 소장 칼럼, en: From the Director}}
lists:
  weekly: {name: {ko: 주간 브리핑, en: Weekly Briefing}, archives: [director]}
web: {listen: "127.0.0.1:PORT"}
"""


def make_house(place: Path) -> Path:
    """A configured house with a small archive of saved pages; gives its configuration file."""
    save_pages(place / "saved", 20)
    path = place / "config.yaml"
    path.write_text(_CONFIGURATION.replace("PORT", str(free_port())), encoding="utf-8")
    return path


def save_pages(place: Path, count: int) -> None:
    """A folder of saved board pages."""
    place.mkdir()
    for number in range(1, count + 1):
        (place / f"wr_id_{number}.txt").write_text(saved_page(number), encoding="utf-8")
