"""A MySQL dump with one row per INSERT, read into posts, files and boards."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_INSERT = re.compile(r"^INSERT INTO `(?P<table>\w+)` \((?P<columns>[^)]*)\) VALUES \((?P<values>.*)\);$")
_VALUE = re.compile(r"'((?:[^'\\]|\\.|'')*)'|([^,]+)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}

Record = Mapping[str, str]


@dataclass(frozen=True)
class Post:
    """A row of a board's table that is no comment."""

    table: str
    row: Record

    @property
    def number(self) -> int:
        return int(self.row["wr_id"])

    @property
    def is_secret(self) -> bool:
        return "secret" in self.row["wr_option"]

    @property
    def written(self) -> str:
        return self.row["wr_datetime"]


@dataclass(frozen=True)
class Dump:
    boards: Mapping[str, Record]
    posts: Mapping[str, tuple[Post, ...]]  # in the board's own order
    parents: Mapping[tuple[str, int], int]  # comment → post
    files: Mapping[tuple[str, int], tuple[Record, ...]]

    def post(self, table: str, number: int) -> Post | None:
        return next((post for post in self.posts.get(table, ()) if post.number == number), None)

    def by_slug(self, table: str, slug: str) -> Post | None:
        return next((post for post in self.posts.get(table, ()) if post.row["wr_seo_title"] == slug), None)

    def notices(self, table: str) -> list[Post]:
        numbers = [int(number) for number in self.boards[table]["bo_notice"].split(",") if number.strip()]
        return [post for number in numbers if (post := self.post(table, number))]


@cache
def read_dump(file: Path) -> Dump:
    boards: dict[str, Record] = {}
    posts: dict[str, list[Post]] = {}
    parents: dict[tuple[str, int], int] = {}
    files: dict[tuple[str, int], list[Record]] = {}
    for table, row in _records(file.read_text(encoding="utf-8")):
        board = table.removeprefix("g5_write_")
        if table == "g5_board":
            boards[row["bo_table"]] = row
        elif table == "g5_board_file":
            files.setdefault((row["bo_table"], int(row["wr_id"])), []).append(row)
        elif board != table and row["wr_is_comment"] == "0":
            posts.setdefault(board, []).append(Post(board, row))
        elif board != table:
            parents[board, int(row["wr_id"])] = int(row["wr_parent"])
    ordered = {
        board: tuple(sorted(rows, key=lambda post: (int(post.row["wr_num"]), post.row["wr_reply"])))
        for board, rows in posts.items()
    }
    return Dump(boards, ordered, parents, {key: tuple(rows) for key, rows in files.items()})


def _records(text: str) -> Iterator[tuple[str, Record]]:
    for line in text.split("\n"):
        if match := _INSERT.match(line):
            columns = [column.strip(" `") for column in match["columns"].split(",")]
            yield match["table"], dict(zip(columns, _values(match["values"]), strict=True))


def _values(text: str) -> list[str]:
    return [_unescape(match[1]) if match[1] is not None else match[2].strip() for match in _VALUE.finditer(text)]


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda sign: _ESCAPES.get(sign[1], sign[1]), text.replace("''", "'"), flags=re.DOTALL)
