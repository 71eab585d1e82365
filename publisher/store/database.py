"""
One database, opened once: SQLite by default.

Two ways in, both short: `begin()` to change something, `read()` to look. A
writing transaction on SQLite starts with BEGIN IMMEDIATE; with the driver's
own deferred BEGIN, two processes that read and then write lose updates or end
in "database is locked" half-way.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from publisher.errors import PublisherError
from publisher.store import beside
from publisher.store.migrations import is_current, upgrade

_WORKER = "(_connection_worker_thread)"  # how aiosqlite 0.22 calls them
_PATIENCE = 20  # hundredths of a second

Tx: TypeAlias = AsyncConnection
"""A transaction. Functions that take one never commit: the caller's `async with` does."""

OUTAGES: tuple[type[OperationalError], type[InterfaceError]] = (OperationalError, InterfaceError)
"""What a database raises that is away, locked or full: wait, and try again."""


class Database:
    """Where everything is kept. Make it with `open_database`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def begin(self, *, patience: float | None = None) -> AsyncIterator[Tx]:
        """
        A transaction that may write; committed at the end, undone by an exception.

        `patience`: seconds to wait for another writer, for whoever rather tries
        again than cannot stop meanwhile.
        """
        async with self._engine.connect() as connection:
            await connection.execution_options(publisher_patience=patience)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent look at one moment; holds up no writer."""
        async with self._engine.connect() as connection:
            await connection.execution_options(publisher_read_only=True)
            async with connection.begin():
                yield connection

    @property
    def sqlite_file(self) -> Path | None:
        """The store's file, where it is one (`marks` has a way of its own into it)."""
        url = self._engine.url
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    async def close(self) -> None:
        await self._engine.dispose()
        # A connection that was cut short by a cancellation is closed by its own thread, which then
        # looks for the loop: it shall find it. Others' threads are not waited for long.
        for _ in range(_PATIENCE):
            if not any(thread.name.endswith(_WORKER) for thread in threading.enumerate()):
                break
            await asyncio.sleep(0.01)


async def open_database(url: str) -> Database:
    """
    Open the store at a URL such as `sqlite:////absolute/publisher.db`.

    A new file is made, and an older one brought to this version's tables, so
    that whoever runs the house never has to think of it. Raises PublisherError
    when it cannot be opened, written or read.
    """
    # Without hide_parameters an error's text, which may be logged, would hold readers' addresses.
    engine = create_async_engine(_async_url(url), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    database = Database(engine)
    try:
        _make_room(engine)
        async with database.read() as tx:
            current = await tx.run_sync(is_current)
        if not current:
            async with database.begin() as tx:  # two processes at once: the second finds it done
                await tx.run_sync(upgrade)
        if database.sqlite_file is not None:
            await _keep_refusals_beside(database, database.sqlite_file, engine)
    except BaseException as error:
        await database.close()
        if isinstance(error, sqlite3.Error):
            file = beside.file_beside(Path(engine.url.database or ""))
            raise PublisherError(
                f"{file}: {error}: what readers refused is kept there; put its own backup back,"
                " or move it to another place, and the store writes it anew"
            ) from error
        if isinstance(error, DBAPIError | OSError):
            raise PublisherError(f"{engine.url.database}: {in_one_line(error)}") from error
        raise
    return database


async def _keep_refusals_beside(database: Database, store: Path, engine: AsyncEngine) -> None:
    """From here on every connection writes refusals into the file beside the store, too."""
    beside.make_file(store)
    await engine.dispose()

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: Any) -> None:
        cursor = connection.cursor()
        try:
            beside.attach(cursor, store)
        except BaseException:
            connection.close()
            raise
        cursor.close()

    async with database.begin() as tx:
        await beside.recall(tx)


def pragmas(patience: float = 10.0) -> tuple[str, ...]:
    """What every connection to a SQLite file is told first; `patience`: seconds to wait for a lock."""
    settings = ("journal_mode=WAL", "synchronous=NORMAL", _busy_timeout(patience), "foreign_keys=ON")
    return tuple(f"PRAGMA {setting}" for setting in settings)


def _busy_timeout(patience: float) -> str:
    return f"busy_timeout={int(patience * 1000)}"


def in_one_line(error: DBAPIError | OSError) -> str:
    """What is wrong with the store, and what to do, for the person at the terminal."""
    if isinstance(error, OSError):
        return f"the store cannot be kept there ({error.strerror}): check store.url and the rights of its folder"
    said = str(error.orig)
    match error:
        case OperationalError() if "locked" in said:
            return "the store is busy: another process has been writing for long; try again when it is done"
        case OperationalError() if "full" in said:
            return f"the disk of the store is full ({said}): make room on it, or name another place in store.url"
        case OperationalError() | InterfaceError():
            return f"the store cannot be used ({said}): check store.url, the rights of its folder and the space there"
        case _:
            return f"is no store, or a damaged one ({said}): name another file in store.url, or restore a backup"


def _async_url(url: str) -> str:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise PublisherError(
            f"store.url: this version keeps its store in SQLite (sqlite:///…), got '{parsed.drivername}'"
        )
    return parsed.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False)


def _make_room(engine: AsyncEngine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say, below
        cursor = connection.cursor()
        try:
            for pragma in pragmas():
                cursor.execute(pragma)
        except BaseException:
            connection.close()  # the pool forgets one that fails here, and its thread would outlive the loop
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("publisher_read_only", False):
            connection.exec_driver_sql("BEGIN")
        elif patience := options.get("publisher_patience"):
            _begin_impatiently(connection, patience)
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_impatiently(connection: Any, patience: float) -> None:
    connection.exec_driver_sql(f"PRAGMA {_busy_timeout(patience)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA {_busy_timeout(10.0)}")
