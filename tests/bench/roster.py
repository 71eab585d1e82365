"""Readers from a file, beside reading it with the csv module and writing it with SQLite's own import."""

import asyncio
import csv
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.flows.enrol import Defaults, enrol, table_of
from publisher.spreadsheet import opened
from publisher.store.database import open_database
from publisher.store.keys import all_keys
from tests.bench.house import connect, copy_of, folder, url_of
from tests.bench.measure import COSTLIER, Sizes, Unit, Work, at_most, check
from tests.bench.process import told_by
from tests.samples import WEEKLY, at

_SQLITE = shutil.which("sqlite3")
_DOMAINS = 997


@contextmanager
def importing(sizes: Sizes) -> Iterator[Work]:
    """Everything that an import does for a row; the peer looks nothing up, judges no address, keeps no consent."""
    count = sizes.imported[0]
    with folder() as place:
        store, file = make_house_of_nobody(place), make_file(place, count)
        yield Work(
            name="import a reader from a file",
            peer=f"csv module, then {'sqlite3 .import' if _SQLITE else 'sqlite3 executemany'}",
            ours=lambda: _imported(copy_of(store), file, count),
            theirs=lambda: _read_and_copied(place / "bare.db", file, count),
            target=COSTLIER,
        )


@contextmanager
def memory(sizes: Sizes) -> Iterator[Work]:
    """The peak must not follow the number of rows."""
    few, many = sizes.imported
    with folder() as place:
        store = make_house_of_nobody(place)
        files = {count: make_file(place, count) for count in sizes.imported}

        def imported(count: int) -> float:
            told = told_by("import", url_of(copy_of(store)), str(files[count]))
            check(told["done"] == count, f"{told['done']} of {count} readers came in")
            return told["peak"]

        yield Work(
            name=f"peak memory, import of {many:,} readers",
            peer=f"{few:,} readers",
            ours=lambda: imported(many),
            theirs=lambda: imported(few),
            target=at_most(1.05),
            unit=Unit.MEMORY,
            repeats=1,
        )


def make_house_of_nobody(place: Path) -> Path:
    """A store without readers."""
    store = place / "empty.db"

    async def make() -> None:
        await (await open_database(url_of(store))).close()

    asyncio.run(make())
    return store


def make_file(place: Path, count: int) -> Path:
    """As many readers as CSV, each with a consent of its own day."""
    file = place / f"{count}.csv"
    with file.open("w", encoding="utf-8") as target:
        target.write("email,name,languages,lists,consented_at,consent_source\n")
        target.writelines(
            f"reader{one}@host{one % _DOMAINS}.mail.example,독자 {one},{('ko', 'en', 'ko+en')[one % 3]},weekly,"
            f"2026-02-{one % 28 + 1:02},seminar\n"
            for one in range(count)
        )
    return file


async def import_file(store_url: str, file: Path) -> int:
    """Bring the file in; gives how many were accepted."""
    db = await open_database(store_url)
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    defaults = Defaults(lists=(), languages=None, consent=None, zone=ZoneInfo("Asia/Seoul"))
    with file.open("rb") as content, opened(content) as sheets:
        result = await enrol(db, table_of(sheets), {WEEKLY.name: WEEKLY}, key, defaults, now=at())
    await db.close()
    return result.accepted


def _imported(store: Path, file: Path, count: int) -> float:
    began = time.perf_counter()
    accepted = asyncio.run(import_file(url_of(store), file))
    took = time.perf_counter() - began
    check(accepted == count, f"{accepted} of {count} readers came in")
    with closing(connect(store)) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM consents WHERE event = 'given'").fetchone()
    check(stored == count, f"{stored} of {count} consents are recorded")
    return took / count


def _read_and_copied(store: Path, file: Path, count: int) -> float:
    store.unlink(missing_ok=True)
    began = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as text:
        read = sum(1 for _ in csv.reader(text))
    _copy(store, file)
    took = time.perf_counter() - began
    with closing(sqlite3.connect(store)) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM readers").fetchone()
    check(read == count + 1 and stored == count, f"{read} rows were read and {stored} stored, not {count}")
    return took / count


def _copy(store: Path, file: Path) -> None:
    if _SQLITE:
        subprocess.run([_SQLITE, "-csv", str(store), f".import '{file}' readers"], check=True)
        return
    with closing(sqlite3.connect(store)) as connection, file.open(encoding="utf-8", newline="") as text, connection:
        rows = csv.reader(text)
        columns = next(rows)
        connection.execute(f"CREATE TABLE readers ({', '.join(columns)})")
        connection.executemany(f"INSERT INTO readers VALUES ({', '.join('?' * len(columns))})", rows)
