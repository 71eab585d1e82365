"""
A first read of a large board, over HTTP and in its database, beside nothing but taking the same pages or rows.

The peer has the same modules in memory, so what it holds is what we start from.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


def _speed(road: Road, way: str, peer: str) -> Row:
    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        with road(sizes) as (ours, theirs):
            yield Work(
                name=f"first read of a board, {way}",
                peer=peer,
                ours=lambda: ours()["took"] / 1e6 / sizes.posts,
                theirs=lambda: theirs()["took"] / 1e6 / sizes.posts,
                target=COSTLIER,
                repeats=1,
            )

    return row


def _peak(road: Road, way: str, peer: str) -> Row:
    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        with road(sizes) as (ours, theirs):
            yield Work(
                name=f"peak memory, {sizes.posts:,} posts {way}",
                peer=peer,
                ours=lambda: ours()["peak"],
                theirs=lambda: theirs()["peak"],
                target=COSTLIER,
                unit=Unit.MEMORY,
                repeats=1,
            )

    return row


_PAGES, _ROWS = "httpx2 and selectolax, same pages", "PyMySQL cursor, same rows"
http = _speed(_over_http, "over HTTP", _PAGES)
tables = _speed(_in_its_database, "in its database", _ROWS)
http_memory = _peak(_over_http, "over HTTP", _PAGES)
tables_memory = _peak(_in_its_database, "in its database", _ROWS)
