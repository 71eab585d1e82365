"""
The questions to a board's database, and what its errors mean.

Four tables are read and nothing is ever written: the board's settings, its
group, its files, its posts. Columns are named one by one, so that an account
with a right to these columns alone is enough; members, passwords, addresses of
readers and their mail are in none of them. PyMySQL blocks, so each method is
for a thread; one connection serves one of them at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from publisher.archive.gnuboard.ledger import Glance
from publisher.archive.gnuboard.rows import BoardRow, StoredFile, StoredPost
from publisher.archive.gnuboard.stored import stored_text
from publisher.archive.source import DatabasePolicy
from publisher.errors import SourceError
from publisher.markup import fold

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import SSDictCursor

_CONNECT_WITHIN = 10  # seconds
_ANSWER_WITHIN = 60
_LONGEST_SAID = 300
_DRIVER = "needs PyMySQL, which is not installed: pip install archive-publisher[gnuboard-db]"

REASONS = {
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1251, 1698), "access denied"),
    1049: "database missing",
    1054: "column missing",
    1146: "table missing",
    **dict.fromkeys((144, 145, 1034, 1194, 1195), "table crashed"),
    **dict.fromkeys((1040, 1129, 1130, 1203, 1226), "database refuses"),
}
_CURES = {
    "access denied": "check user and password, and that the account may SELECT the columns the guide names",
    "database missing": "check `name`",
    "column missing": "the site's release is older than those that can be read, or the table was altered",
    "table missing": "check `prefix` and the board's address; if both are right, the site has lost a table",
    "table crashed": "the site's owner must repair it",
    "database refuses": "the server takes no further connection from here; try later or ask its keeper",
    "database down": "check host, port or socket, and that the server runs",
}


def _bytes_of(*columns: str) -> str:
    """
    Text columns as UTF-8 bytes. As text, one row whose bytes are broken would
    end the whole answer; as bytes, it is ours to read.
    """
    return ", ".join(f"CONVERT(CONVERT({column} USING utf8mb4) USING binary) AS {column}" for column in columns)


_BOARD = """
    SELECT bo_table, gr_id, bo_count_write, bo_notice, bo_list_level, bo_read_level, bo_use_cert
    FROM {board} WHERE bo_table = %s
"""
_GROUP = "SELECT gr_use_access FROM {group} WHERE gr_id = %s"  # no join: the tables' collations may not go together
_FILES = " ".join(
    (
        "SELECT wr_id, bf_no, bf_filesize, bf_width,",
        _bytes_of("bf_source", "bf_file"),
        "FROM {files} WHERE bo_table = %s ORDER BY wr_id, bf_no",
    )
)
_GLANCES = """
    SELECT wr_id, wr_option,
      MD5(CONCAT_WS(0x1f, wr_subject, wr_content, wr_option, ca_name, wr_link1, wr_link2, wr_file)) AS mark
    FROM {posts} WHERE wr_is_comment = 0 ORDER BY wr_id DESC
"""
_POSTS = " ".join(
    (
        "SELECT wr_id, wr_option,",
        "CAST(wr_datetime AS CHAR) AS wr_datetime,",  # a date of noughts is none that Python could hold
        _bytes_of("wr_subject", "wr_content", "ca_name", "wr_link1", "wr_link2", "wr_name"),
        "FROM {posts} WHERE wr_is_comment = 0 AND wr_id IN %s ORDER BY wr_id DESC",
    )
)


class Tables:
    """The tables of one board. Every method may raise SourceError with a stable reason."""

    def __init__(self, connection: "Connection[SSDictCursor]", policy: DatabasePolicy, table: str) -> None:
        self._connection = connection
        self._policy = policy
        self._table = table
        self._lock = Lock()

    @classmethod
    def open(cls, policy: DatabasePolicy, table: str) -> Self:
        """Sign in. `table` is a board's name of letters, digits and underscores."""
        try:
            import pymysql
            from pymysql.cursors import SSDictCursor
        except ImportError:
            raise SourceError("driver missing", f"reading a board's database {_DRIVER}") from None
        with _told(policy):
            if policy.socket and not Path(policy.socket).is_socket():  # PyMySQL would leave its own end open
                raise FileNotFoundError(f"there is no socket at {policy.socket}")
            connection = pymysql.connect(
                host=policy.host,
                port=policy.port,
                unix_socket=policy.socket or None,
                user=policy.user,
                password=policy.password,
                database=policy.name,
                charset="utf8mb4",  # anything less turns an emoji into a question mark
                cursorclass=SSDictCursor,
                autocommit=True,
                local_infile=False,
                connect_timeout=_CONNECT_WITHIN,
                read_timeout=_ANSWER_WITHIN,
                write_timeout=_ANSWER_WITHIN,
            )
        return cls(connection, policy, table)

    def close(self) -> None:
        """Sign out, after the question that is being answered; never raises."""
        with self._lock, suppress(SourceError), _told(self._policy):
            self._connection.close()

    # ── Questions ────────────────────────────────────────────────────────────

    def board(self) -> BoardRow:
        """The board's settings. Raises SourceError (`board missing`) where there are none."""
        rows = list(self._ask(_BOARD, self._table))
        row = next((row for row in rows if _plain(row["bo_table"]) == self._table), None)
        if row is None:  # the server may find `NOTICE` for `notice`; the posts' table it will not find
            there = f"{self._policy.prefix}board"
            raise SourceError("board missing", f"{self._policy.name}: {there} has no board called {self._table!r}")
        groups = list(self._ask(_GROUP, _plain(row["gr_id"])))
        needs_more = bool(_plain(row["bo_use_cert"])) or any(_whole(group["gr_use_access"]) > 0 for group in groups)
        return BoardRow(
            counted=_whole(row["bo_count_write"]),
            notices=tuple(part.strip() for part in _plain(row["bo_notice"]).split(",") if part.strip().isdecimal()),
            shows_list=_whole(row["bo_list_level"]) <= 1,
            shows_posts=_whole(row["bo_read_level"]) <= 1 and not needs_more,
        )

    def files(self) -> dict[int, list[StoredFile]]:
        """The files of all posts, in their order."""
        found: dict[int, list[StoredFile]] = {}
        for row in self._ask(_FILES, self._table):
            file = StoredFile(
                number=_whole(row["bf_no"]),
                shown=self._text(row["bf_source"]),
                stored=self._text(row["bf_file"]),
                size=_whole(row["bf_filesize"]),
                is_image=_whole(row["bf_width"]) > 0,
            )
            found.setdefault(_whole(row["wr_id"]), []).append(file)
        return found

    def glances(self, files: Mapping[int, Sequence[StoredFile]]) -> list[Glance]:
        """Every post at a glance, newest first; an edit of its files changes the mark as well."""
        return [
            Glance(
                number=_whole(row["wr_id"]),
                mark=f"{_plain(row['mark'])}{[file.shown for file in files.get(_whole(row['wr_id']), ())] or ''}",
                is_secret="secret" in _plain(row["wr_option"]),
            )
            for row in self._ask(_GLANCES)
        ]

    def posts(self, numbers: Sequence[int]) -> list[StoredPost]:
        """Some posts, newest first; one that has gone meanwhile is not among them."""
        return [
            StoredPost(
                number=_whole(row["wr_id"]),
                subject=self._text(row["wr_subject"]),
                content=self._text(row["wr_content"]),
                option=_plain(row["wr_option"]),
                category=self._text(row["ca_name"]),
                links=tuple(link for name in ("wr_link1", "wr_link2") if (link := self._text(row[name]).strip())),
                author=self._text(row["wr_name"]),
                written=_plain(row["wr_datetime"]),
            )
            for row in self._ask(_POSTS, tuple(numbers))
        ]

    # ── Asking ───────────────────────────────────────────────────────────────

    def _text(self, value: object) -> str:
        return stored_text(value, self._policy.charset)

    def _ask(self, question: str, *values: object) -> Iterator[Mapping[str, Any]]:
        """
        The answer's rows, as the server hands them out; to be taken to the last one.

        What names tables in a question is made of letters, digits and underscores
        alone: the configuration and `Board` let nothing else through.
        """
        names = {
            "board": f"`{self._policy.prefix}board`",
            "group": f"`{self._policy.prefix}group`",
            "files": f"`{self._policy.prefix}board_file`",
            "posts": f"`{self._policy.prefix}write_{self._table}`",
        }
        with self._lock, _told(self._policy), self._connection.cursor() as cursor:
            cursor.execute(question.format_map(names), values or None)
            yield from cursor


def _plain(value: object) -> str:
    return stored_text(value, "utf-8")


def _whole(value: object) -> int:
    text = _plain(value).strip()
    return int(text) if text.removeprefix("-").isdecimal() else 0


@contextmanager
def _told(policy: DatabasePolicy) -> Iterator[None]:
    """The database's errors as ours: a stable reason, what the server said, what to do."""
    import pymysql

    try:
        yield
    except pymysql.MySQLError as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        reason = REASONS.get(number) or ("database down" if 2000 <= number < 3000 else "database error")
        said = fold(str(error.args[-1] if error.args else error))[:_LONGEST_SAID]
        raise SourceError(reason, _line(policy, f"{said} ({number})", _CURES.get(reason, ""))) from None
    except OSError as error:
        raise SourceError("database down", _line(policy, fold(str(error)), _CURES["database down"])) from None
    except RuntimeError as error:  # so PyMySQL says that a way of signing in needs a further package
        cure = "use the server's socket, or an account that signs in by mysql_native_password"
        raise SourceError("access denied", _line(policy, fold(str(error)), cure)) from None
    except Exception as error:  # what is no database at all can make the driver stumble in any way
        raise SourceError("database error", _line(policy, f"no sensible answer ({type(error).__name__})", "")) from None


def _line(policy: DatabasePolicy, said: str, cure: str) -> str:
    place = policy.socket or f"{policy.host}:{policy.port}"
    return f"database {policy.name} at {place}: {said}" + (f"; {cure}" if cure else "")
