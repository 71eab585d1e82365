"""
A first read of a large board, over HTTP and in its database, beside nothing but taking the same pages or rows.

The peer has the same modules in memory, so what it holds is what we start from.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TypeAlias

from tests.archive.tablesroom import INVENTED
from tests.bench.house import folder, url_of
from tests.bench.measure import COSTLIER, Row, Sizes, Unit, Work, check
from tests.bench.process import running_board, told_by
from tests.boards.large import EMPTY
from tests.mariadb import serving

Ask: TypeAlias = Callable[[], dict[str, int]]
Road: TypeAlias = Callable[[Sizes], AbstractContextManager[tuple[Ask, Ask]]]
"""Gives the two sides of a road: each does its work in a process of its own and tells what it took."""

_POSTS = """
    INSERT INTO g5_write_director (wr_subject, wr_content, wr_name, wr_datetime, wr_option, wr_link1, wr_link2)
    SELECT CONCAT(seq, '번째 글'), CONCAT('<p>', seq, '</p>', REPEAT('<p>강을 사이에 둔 두 마을의 이야기.</p>', 40)),
      '자료실 담당', DATE_ADD('2004-01-01 09:00:00', INTERVAL seq * 7 HOUR), 'html1', '', ''
    FROM seq_1_to_{count}
"""


@contextmanager
def _over_http(sizes: Sizes) -> Iterator[tuple[Ask, Ask]]:
    with folder() as place, running_board(sizes.posts) as board:
        stored = sizes.posts - sizes.posts // EMPTY
        yield (
            lambda: _done(told_by("board", _fresh(place), board), stored),
            lambda: _done(told_by("pages", board, str(sizes.posts)), sizes.posts),
        )


@contextmanager
def _in_its_database(sizes: Sizes) -> Iterator[tuple[Ask, Ask]]:
    with folder() as place, serving() as server:
        database = server.database(INVENTED)
        server.run(database, "DELETE FROM g5_write_director; DELETE FROM g5_board_file")
        server.run(database, _POSTS.format(count=sizes.posts))
        socket = str(server.socket)
        yield (
            lambda: _done(told_by("tables", _fresh(place), socket, database), sizes.posts),
            lambda: _done(told_by("rows", socket, database), sizes.posts),
        )


def _fresh(place: Path) -> str:
    store = place / "publisher.db"
    for file in place.glob("publisher.db*"):
        file.unlink()
    return url_of(store)


def _done(told: dict[str, int], count: int) -> dict[str, int]:
    check(told["done"] == count, f"{told['done']} of {count} posts came")
    return told


@cache
def _measured(road: Road, sizes: Sizes) -> tuple[dict[str, int], dict[str, int]]:
    """Both sides once: their rows of time and of memory come from one run, for it is a long one."""
    with road(sizes) as (ours, theirs):
        return ours(), theirs()


def _row(road: Road, name: str, peer: str, told: str, unit: Unit) -> Row:
    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        ours, theirs = _measured(road, sizes)
        share = 1 if unit is Unit.MEMORY else 1e6 * sizes.posts
        yield Work(
            name=name.format(count=sizes.posts),
            peer=peer,
            ours=lambda: ours[told] / share,
            theirs=lambda: theirs[told] / share,
            target=COSTLIER,
            unit=unit,
            repeats=1,
        )

    return row


_PAGES, _ROWS = "httpx2 and selectolax, same pages", "PyMySQL cursor, same rows"
http = _row(_over_http, "first read of a board over HTTP", _PAGES, "took", Unit.TIME)
tables = _row(_in_its_database, "first read of a board in its database", _ROWS, "took", Unit.TIME)
http_memory = _row(_over_http, "peak memory, {count:,} posts over HTTP", _PAGES, "peak", Unit.MEMORY)
tables_memory = _row(_in_its_database, "peak memory, {count:,} posts in tables", _ROWS, "peak", Unit.MEMORY)
