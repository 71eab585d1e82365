"""
A bare connection to the SQLite file, in a thread of its own: for what is asked or written for every single copy.

Everything else goes by SQLAlchemy and `database`; docs/decisions/0005 says why
this does not. One call is one step of the thread, where aiosqlite takes a step
for every begin, execute, fetch and commit.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from publisher.store.database import pragmas

T = TypeVar("T")


class BareConnection:
    """
    Opened at the first call. Raises one of `database.OUTAGES`; then the call may be made again.

    `patience`: seconds to wait for a lock.
    """

    def __init__(self, file: Path, *, patience: float = 10.0) -> None:
        self._file = file
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bare")
        self._connection: sqlite3.Connection | None = None

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in the thread; the calls come one after another."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._call, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = _open(self._file, self._patience)
            return work(self._connection)
        except (sqlite3.OperationalError, sqlite3.InterfaceError) as error:
            raise OperationalError("on a bare connection", None, error) from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class Witness:
    """Sees whether the file was written to. Its one question takes microseconds, so it needs no thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def moment(self) -> object:
        """Equal to an earlier one only if nothing has been committed in between, by whomever."""
        try:
            if self._connection is None:
                self._connection = _connect(self._file, patience=0)
            return self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return object()  # it cannot be told now

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction, as `Database.begin` makes one."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _open(file: Path, patience: float) -> sqlite3.Connection:
    connection = _connect(file, patience=patience)
    try:
        for pragma in pragmas(patience):
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(file: Path, *, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=patience)
