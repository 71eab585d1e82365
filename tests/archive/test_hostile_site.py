"""A board on a real socket of which one post, or the feed, is made to do harm: the others are read all the same."""

import gzip
import unicodedata
from collections.abc import AsyncIterator, Mapping

import pytest

from tests.archive.boardroom import Reading
from tests.archive.site import Answer, Site, policy_of, read, site
from tests.archive.test_crawl import LIST, RSS, view
from tests.boards.paper import ROOT, PaperBoard, post

HTML = {"Content-Type": "text/html; charset=utf-8"}
BOMB = gzip.compress(b"<html>" + bytes(100_000_000))
LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {name} '{f'&{of};' * 10}'>" for of, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><rss version='2.0'><channel><item><title>&i;</title></item></channel></rss>"
)


@pytest.fixture
async def board() -> AsyncIterator[tuple[Site, PaperBoard]]:
    """Four posts; post 3 is the one that does harm."""
    async with site() as served:
        yield served, PaperBoard(post(number) for number in range(1, 5))


async def look(served: Site, board: PaperBoard, instead: Mapping[str, Answer]) -> Reading:
    """A first read of the board, with some of its answers replaced."""
    targets = [f"{LIST}&device=pc", f"{LIST}&page=2", RSS, *(view(number) for number in board.posts)]
    root = served.url("")
    pages = {target: Answer(board._answer(target).replace(ROOT, root).encode(), 200, HTML) for target in targets}
    served.pages = {**pages, **instead}
    return await read(policy_of("gnuboard", served.url(LIST), allow=(served.place,)), served.place)


def page_of(title: str, board: PaperBoard) -> str:
    board.change(3, title=title)
    return board._answer(view(3))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(BOMB, 200, {**HTML, "Content-Encoding": "gzip"}), "too large"),
        (Answer(b"<title>" + b"A" * 100_000_000, 200, HTML), "too large"),
        (Answer(b"", 302, {"Location": view(3)}), "too many redirects"),
        (Answer(b"", 302, {"Location": "http://169.254.169.254/latest/meta-data"}), "not allowed"),
        (Answer(b"", 302, {"Location": "file:///etc/passwd"}), "not allowed"),
        (Answer(b"\x89PNG\r\n\x1a\n" + bytes(500), 200, {"Content-Type": "image/png"}), "unreadable"),
    ],
    ids=["gzip bomb", "huge title", "endless redirect", "redirect inside", "redirect to a file", "picture"],
)
async def test_a_hostile_answer_is_passed_over_with_its_reason(
    board: tuple[Site, PaperBoard], answer: Answer, reason: str
) -> None:
    reading = await look(*board, {view(3): answer})
    assert (set(reading.items), reading.skipped) == ({"1", "2", "4"}, {"3": reason})


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        (Answer(LAUGHS.encode(), 200, {"Content-Type": "text/xml"}), "rss ill-formed"),
        (Answer(BOMB, 200, {"Content-Encoding": "gzip"}), "rss unreadable"),
        (Answer(b"", 302, {"Location": RSS}), "rss unreadable"),
        (Answer(b"<html>no feed", 200, {"Content-Type": "text/xml"}), "rss unreadable"),
    ],
    ids=["billion laughs", "gzip bomb", "endless redirect", "no feed"],
)
async def test_a_hostile_feed_is_a_remark(board: tuple[Site, PaperBoard], answer: Answer, remark: str) -> None:
    reading = await look(*board, {RSS: answer})
    assert set(reading.items) == {"1", "2", "3", "4"}
    assert remark in reading.remarks
    assert not any("haha" in item.title for item in reading.items.values())


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "image/png", "nonsense; charset=x"])
async def test_a_page_is_known_by_what_it_holds_whatever_it_is_called(
    board: tuple[Site, PaperBoard], kind: str
) -> None:
    served, paper = board
    page = Answer(paper._answer(view(3)).encode(), 200, {"Content-Type": kind})
    assert set((await look(served, paper, {view(3): page})).items) == {"1", "2", "3", "4"}


async def test_a_page_in_euc_kr_is_read(board: tuple[Site, PaperBoard]) -> None:
    served, paper = board
    title = "옛 글자로 쓴 글, 똠방각하의 다리"
    page = Answer(page_of(title, paper).encode("cp949"), 200, {"Content-Type": "text/html; charset=euc-kr"})
    assert (await look(served, paper, {view(3): page})).items["3"].title == title


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        (unicodedata.normalize("NFD", "다리를 놓는 사람들"), "다리를 놓는 사람들"),
        ("강\u202e을 \u2066건너\u2069는\u200b 법\ufeff", "강을 건너는 법"),
        ("강을\x00\x07 건너는\x1b[31m 법", "강을 건너는[31m 법"),
        ("안내\r\nBcc: everyone@example.com\r\n\r\n본문", "안내 Bcc: everyone@example.com 본문"),
        ("{{ 7*7 }}{% raw %}${7*7}<%= 7 %>", "{{ 7*7 }}{% raw %}${7*7}<%= 7 %>"),
    ],
    ids=["decomposed", "bidi and invisible", "controls", "header lines", "template marks"],
)
async def test_a_hostile_title_is_one_plain_line(board: tuple[Site, PaperBoard], typed: str, read_as: str) -> None:
    served, paper = board
    paper.change(3, title=typed)
    item = (await look(served, paper, {})).items["3"]
    assert item.title == read_as


async def test_a_title_and_a_name_without_end_are_cut(board: tuple[Site, PaperBoard]) -> None:
    served, paper = board
    paper.change(3, title="가나 " * 50_000, author="나루 " * 50_000)
    item = (await look(served, paper, {})).items["3"]
    assert len(item.title) <= 500
    assert len(item.author or "") <= 200
    assert item.title.endswith("…")
    assert item.title.startswith("가나 가나")
