"""What stood in a file before: a million names, kept on disk and not in memory."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager


class Seen:
    """Which line named a person first, kept in a file of its own that goes away: a million keys are not held."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def first_line(self, name: str, line: int) -> int:
        """The line that had this name first: this one, when it is new."""
        key = hashlib.blake2b(name.encode(), digest_size=16).digest()
        if self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount:
            return line
        return self._line_of(key) or line

    def line_of(self, name: str) -> int | None:
        """The line that had this name, if one had."""
        return self._line_of(hashlib.blake2b(name.encode(), digest_size=16).digest())

    def _line_of(self, key: bytes) -> int | None:
        row = self._connection.execute("SELECT line FROM seen WHERE name = ?", (key,)).fetchone()
        return None if row is None else int(row[0])


@contextmanager
def seen() -> Iterator[Seen]:
    """An empty one."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-4000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE seen (name BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID")
        connection.execute("BEGIN")
        yield Seen(connection)
