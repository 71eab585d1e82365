"""
A MariaDB of our own: a process with an empty data folder that listens on a socket only.

It takes about a second to make. As root it runs as the server's own user, since
MariaDB refuses root; it is ended by its process, and its folder goes with it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from publisher.archive.source import DatabasePolicy

_WHERE = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
SERVER = shutil.which("mariadbd", path=_WHERE)
INSTALLER = shutil.which("mariadb-install-db", path=_WHERE)
_PATIENCE = 30.0
_SMALL = (
    "--innodb-buffer-pool-size=8M",
    "--innodb-log-file-size=4M",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--sql-mode=",  # as the software sets it for itself
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--default-storage-engine=MyISAM",  # as many an old board still has; quick to make
)


@dataclass
class MariaDB:
    """The server; every database in it is one test's own."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def database(self, *dumps: str, charset: str = "utf8mb4") -> str:
        """A new database with these dumps in it; returns its name."""
        name = f"board_{next(self._numbers)}"
        self.run("", f"CREATE DATABASE {name} CHARACTER SET {charset}")
        for dump in dumps:
            self.run(name, dump)
        return name

    def run(self, database: str, sql: str) -> None:
        """Statements, as the server's master."""
        with self._connection(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            while cursor.nextset():
                pass

    def ask(self, sql: str) -> list[Any]:
        """The rows of a question to the server itself."""
        with self._connection("") as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def wait_until_left(self, database: str) -> None:
        """Until nobody is signed in to a database any more; the server notices a moment after its client has gone."""
        deadline = time.monotonic() + _PATIENCE
        while self.ask(f"SELECT id FROM information_schema.processlist WHERE db = '{database}'"):
            assert time.monotonic() < deadline, "somebody is still signed in"
            time.sleep(0.01)

    def _connection(self, database: str) -> Any:
        import pymysql  # here, so that tests which need no server need no driver either
        from pymysql.constants import CLIENT

        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=database or None,
            charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS,
            autocommit=True,
        )

    def policy(self, database: str, **changes: Any) -> DatabasePolicy:
        """How an archive would be told of a database."""
        return DatabasePolicy(**{"name": database, "user": "root", "socket": str(self.socket), **changes})


@contextmanager
def serving() -> Iterator[MariaDB]:
    """The running server."""
    assert SERVER, "whoever asks for a server has looked whether there is one"
    assert INSTALLER, "the server comes with its installer"
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    common = ["--no-defaults", f"--datadir={folder / 'data'}", *([f"--user={user}"] if user else []), *_SMALL]
    try:
        subprocess.run(
            [INSTALLER, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True,
            capture_output=True,
        )
        socket = folder / "socket"
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [SERVER, *common, f"--socket={socket}", f"--pid-file={folder / 'pid'}", "--skip-networking"],
                stdout=log,
                stderr=log,
            )
        try:
            _wait_for(socket, process, folder / "log")
            yield MariaDB(socket)
        finally:
            _end(process)
    finally:
        shutil.rmtree(folder)


def _user() -> str | None:
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"


def _wait_for(socket: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"MariaDB did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
