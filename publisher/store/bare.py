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
    """Opened at the first call. Raises one of `database.OUTAGES`; then the call may be made again."""

    def __init__(self, file: Path) -> None:
        self._file = file
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
                self._connection = _open(self._file)
            return work(self._connection)
        except (sqlite3.OperationalError, sqlite3.InterfaceError) as error:
            raise OperationalError("on a bare connection", None, error) from error

    def _close(self) -> None:
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


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        for pragma in pragmas():
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection
