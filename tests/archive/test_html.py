"""
Lists read by CSS selectors, from a site on this machine.

The pages are invented, in the moulds of XE, KBoard and an institute's own table.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from publisher.archive.html.http import HtmlSource
from publisher.archive.source import Selectors
from publisher.errors import SourceError
from publisher.model import MISSED
from publisher.net import Fetcher, Page
from tests.archive.boardroom import Reading, read_source
from tests.archive.site import NOW, Answer, Site, policy_of, read, site

SELECT = Selectors(
    item="table.list tr",
    link="td.subject a",
    date="td.date",
    author="td.name",
    category="td.cate",
    page="page",
    body="div.text",
    attachments="ul.files",
)


@dataclass
class Told:
    """One post of the invented board."""

    number: int
    title: str = ""
    text: str = "두 마을이 다리를 놓았다."
    date: str = "2025-10-01 09:40"
    status: int = 200

    @property
    def row(self) -> str:
        title = self.title or f"다리 위의 겨울 {self.number}"
        return (
            f"<tr><td class='num'>{self.number}</td><td class='cate'>칼럼</td>"
            f"<td class='subject'><a href='view.php?no={self.number}&page=3'>{title}</a></td>"
            f"<td class='name'>한나루</td><td class='date'>{self.date}</td><td class='hit'>7</td></tr>"
        )

    @property
    def page(self) -> str:
        return (
            f"<html><body><h2>{self.title}</h2><div class='text'><p>{self.text}</p></div>"
            f"<ul class='files'><li><a href='/down.php?f={self.number}'>보고서.pdf</a> (12.5K)</li></ul></body></html>"
        )


@dataclass
class Board:
    """A board of ten posts to a page; `asked` is what was asked for in the read before."""

    place: Site
    posts: list[Told] = field(default_factory=list)
    charset: str = "utf-8"
    per_page: int = 10
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Answer | None:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/board/list.php":
            first = (int(query.get("page", "1")) - 1) * self.per_page
            rows = "".join(told.row for told in self.posts[first : first + self.per_page])
            return self._page(f"<table class='list'><tr><th>번호</th></tr>{rows}</table>")
        told = next(
            (told for told in self.posts if parts.path == "/board/view.php" and query["no"] == str(told.number)), None
        )
        if told is None:
            return None
        return Answer(b"sorry", told.status) if told.status != 200 else self._page(told.page)

    def _page(self, html: str) -> Answer:
        return Answer(html.encode(self.charset), headers={"Content-Type": f"text/html; charset={self.charset}"})

    async def read(
        self, before: Reading | None = None, *, days: float = 0, select: Selectors = SELECT, **more: object
    ) -> Reading:
        board = self

        class Pages(dict[str, Answer]):
            def get(self, path: str, default: object = None) -> object:  # type: ignore[override]  # as the site asks it
                return board.answer(path) or default

        self.place.pages = Pages()  # type: ignore[assignment]  # it answers like one
        policy = policy_of("html", self.place.url("/board/list.php"), select=select, **more)
        try:
            return await read(policy, self.place.place, before, NOW + timedelta(days=days))
        finally:
            self.asked = self.place.paths

    @property
    def asked_posts(self) -> list[str]:
        return [path for path in self.asked if "/view.php" in path]


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    async with site() as place:
        yield Board(place, [Told(number) for number in range(30, 0, -1)])


# ── Reading ──────────────────────────────────────────────────────────────────


async def test_a_post_is_read_whole(board: Board) -> None:
    board.posts = [Told(7, title="두 개의 시계", text="본문 <a href='/data/부록.hwp'>부록</a><script>x()</script>")]
    (item,) = (await board.read()).items.values()
    assert (item.source_key, item.title, item.author, item.categories) == ("7", "두 개의 시계", "한나루", ("칼럼",))
    assert item.url == board.place.url("/board/view.php?no=7")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-10-01T09:40:00+09:00"
    assert [(file.name, file.size, file.type) for file in item.attachments] == [
        ("보고서.pdf", 12800, "application/pdf"),
        ("부록.hwp", None, "application/x-hwp"),
    ]
    assert "script" not in item.faces["ko"].html


async def test_the_first_read_goes_to_the_end_and_a_second_asks_once(board: Board) -> None:
    first = await board.read()
    assert len(first.items) == 30
    assert first.is_sweep
    second = await board.read(first)
    assert second.items == {}
    assert board.asked == ["/board/list.php"]


async def test_a_list_that_grew_is_followed_as_far_as_it_brings_news(board: Board) -> None:
    first = await board.read()
    board.posts = [*(Told(number) for number in range(45, 30, -1)), *board.posts]
    second = await board.read(first)
    assert sorted(second.items, key=int) == [str(number) for number in range(31, 46)]
    assert [path for path in board.asked if "list.php" in path] == [
        "/board/list.php", "/board/list.php?page=2", "/board/list.php?page=3"
    ]  # fmt: skip


async def test_an_interrupted_first_read_fetches_no_post_twice(board: Board) -> None:
    broken = [replace(told, status=502) if told.number <= 12 else told for told in board.posts]
    whole, board.posts = board.posts, broken
    first = await board.read()
    assert len(first.items) == 18
    board.posts = whole
    resumed = await board.read(Reading(known=first.known))
    assert len(resumed.items) == 12
    assert len(board.asked_posts) == 12


async def test_a_page_counter_makes_no_new_post(board: Board) -> None:
    first = await board.read()
    board.posts = [Told(31), *board.posts]  # every other post moves down, some to another page
    assert list((await board.read(first)).items) == ["31"]


async def test_next_links_are_followed_and_never_in_a_circle(board: Board) -> None:
    pages = {1: (9, 7, 2), 2: (6, 4, 3), 3: (3, 1, 1)}

    def answer(path: str) -> Answer | None:
        query = parse_qs(urlsplit(path).query)
        if "list.php" not in path:
            return original(path)
        first, last, after = pages[int(query.get("at", ["1"])[0])]
        rows = "".join(Told(number).row for number in range(first, last - 1, -1))
        return Answer(f"<table class=list>{rows}</table><a class=go href='?at={after}'>다음</a>".encode())

    original = board.answer
    board.answer = answer  # type: ignore[method-assign]  # another list over the same posts
    reading = await board.read(select=replace(SELECT, page="", next="a.go"))
    assert len(reading.items) == 9
    assert [path for path in board.asked if "list.php" in path] == [
        "/board/list.php", "/board/list.php?at=2", "/board/list.php?at=3", "/board/list.php?at=1"
    ]  # fmt: skip


async def test_a_list_that_counts_on_for_ever_ends_where_it_brings_nothing(board: Board) -> None:
    original = board.answer
    board.answer = lambda path: original("/board/list.php" if "list.php" in path else path)  # type: ignore[method-assign]
    assert len((await board.read()).items) == 10
    assert len([path for path in board.asked if "list.php" in path]) == 2


async def test_a_list_that_goes_on_elsewhere_is_not_followed(board: Board) -> None:
    row = Told(1).row
    original = board.answer
    page = Answer(f"<table class=list>{row}</table><a rel=next href='http://other.example/list'>다음</a>".encode())
    board.answer = lambda path: page if "list.php" in path else original(path)  # type: ignore[method-assign]
    reading = await board.read(select=replace(SELECT, page=""))
    assert (list(reading.items), reading.remarks) == (["1"], ["next elsewhere"])


@pytest.mark.parametrize(("charset", "declared"), [("cp949", "euc-kr"), ("cp949", "x-nothing"), ("utf-8", "euc-kr")])
async def test_old_charsets_are_read_whatever_the_page_declares(board: Board, charset: str, declared: str) -> None:
    board.posts = [Told(1, title="똠방각하의 시계")]
    board.charset = charset
    original = board._page
    board._page = lambda html: replace(original(html), headers={"Content-Type": f"text/html; charset={declared}"})  # type: ignore[method-assign]
    (item,) = (await board.read()).items.values()
    assert item.title == "똠방각하의 시계"


async def test_a_cut_title_is_made_whole_by_the_posts_page(board: Board) -> None:
    whole = "두 마을이 함께 놓은 다리 위에서 겨울을 나는 법"
    board.posts = [Told(1, title="두 마을이 함께 놓은 다리…")]
    original = board.answer
    page = Told(1, title=whole).page
    board.answer = lambda path: Answer(page.encode()) if "view" in path else original(path)  # type: ignore[method-assign]
    (item,) = (await board.read()).items.values()
    assert item.title == whole


async def test_a_date_without_a_year_gives_way_to_the_posts_own(board: Board) -> None:
    board.posts = [Told(1, date="10-01", text="본문")]
    original = board.answer
    page = "<p class=when>작성일 2025.10.01 14:05</p><div class=text>본문</div>"
    board.answer = lambda path: Answer(page.encode()) if "view" in path else original(path)  # type: ignore[method-assign]
    (item,) = (await board.read(select=replace(SELECT, date="td.date, p.when"))).items.values()
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-10-01T14:05:00+09:00"


async def test_a_date_without_a_zone_is_read_by_the_archives_clock(board: Board) -> None:
    board.posts = [Told(1)]
    (item,) = (await board.read(timezone="Europe/Berlin")).items.values()
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-10-01T09:40:00+02:00"


# ── Edits ────────────────────────────────────────────────────────────────────


async def test_a_post_whose_row_changed_is_looked_at_again(board: Board) -> None:
    first = await board.read()
    board.posts[4] = Told(26, title="고친 제목")
    second = await board.read(first)
    assert [item.title for item in second.items.values()] == ["고친 제목"]
    assert board.asked_posts == ["/board/view.php?no=26"]


async def test_a_change_that_could_not_be_read_is_read_when_the_site_answers_again(board: Board) -> None:
    first = await board.read()
    board.posts[4] = Told(26, title="고친 제목", status=500)
    second = await board.read(first)
    assert (list(second.items), second.skipped) == ([], {"26": "unreachable"})
    board.posts[4] = Told(26, title="고친 제목")
    third = await board.read(second)
    assert [item.title for item in third.items.values()] == ["고친 제목"]


async def test_an_edit_that_leaves_no_mark_is_found_in_time(board: Board) -> None:
    for told in board.posts[:1]:
        told.date = "2025-11-30 09:40"
    first = await board.read()
    board.posts[0].text = "고친 본문."
    second = await board.read(first, days=0.6)
    assert list(second.items) == ["30"]
    assert board.asked_posts == ["/board/view.php?no=30"]


# ── What is gone ─────────────────────────────────────────────────────────────


async def test_a_deletion_is_told_with_proof_at_every_sweep(board: Board) -> None:
    first = await board.read()
    del board.posts[5]
    second = await board.read(first)
    assert second.gone == {}  # no whole list was seen
    third = await board.read(second, days=1.5)
    assert third.gone == {"25": "deleted"}
    fourth = await board.read(replace(third, known={**third.known, "25": MISSED}), days=3)
    assert fourth.gone == {"25": "deleted"}


async def test_a_post_that_only_left_the_list_is_not_gone(board: Board) -> None:
    first = await board.read()
    original = board.answer
    hidden = Told(25)
    board.posts = [told for told in board.posts if told.number != 25]
    board.answer = lambda path: Answer(hidden.page.encode()) if "no=25" in path else original(path)  # type: ignore[method-assign]
    third = await board.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, [])


async def test_a_list_that_shows_only_its_newest_posts_loses_none(board: Board) -> None:
    first = await board.read()
    board.posts = [Told(31), *board.posts[:20]]
    third = await board.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, [])


async def test_an_old_notice_on_top_makes_no_post_below_it_missing(board: Board) -> None:
    first = await board.read()
    notice = Told(1).row.replace("<td class='num'>1<", "<td class='num'>공지<")
    board.posts = board.posts[:9]
    answer = board.answer
    page = Answer(f"<table class=list>{notice}{''.join(told.row for told in board.posts)}</table>".encode())
    board.answer = lambda path: page if "list.php" in path else answer(path)  # type: ignore[method-assign]
    third = await board.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, [])


async def test_a_large_list_is_swept_over_several_reads(board: Board) -> None:
    board.posts, board.per_page = [Told(number) for number in range(75, 0, -1)], 1
    first = await board.read()
    del board.posts[70]
    begun = await board.read(first, days=1.5)
    assert (begun.is_sweep, begun.gone) == (False, {})
    ended = await board.read(begun, days=1.6)
    assert (ended.is_sweep, ended.gone) == (True, {"5": "deleted"})
    assert len([path for path in board.asked if "list.php" in path]) < 20


class Leading(Fetcher):
    """A visitor whom every address leads where `leads` says, and who meets `page` there."""

    def __init__(self, leads: Mapping[str, str], page: str) -> None:
        self._leads = leads
        self._page = page

    async def get(self, url: str, **_: object) -> Page:  # type: ignore[override]  # it needs no more
        return Page(url=self._leads.get(url, url), status=200, headers={}, content=self._page.encode())


async def test_a_list_that_leads_to_another_site_is_not_read() -> None:
    policy = policy_of("html", "https://naru.example/list.php", select=SELECT)
    visitor = Leading({policy.url: "https://other.example/list.php"}, f"<table class=list>{Told(1).row}</table>")
    with pytest.raises(SourceError) as caught:
        await read_source(HtmlSource(policy, visitor))
    assert caught.value.reason == "elsewhere"


async def test_a_post_that_leads_to_another_site_is_passed_over() -> None:
    policy = policy_of("html", "https://naru.example/list.php", select=SELECT)
    page = f"<table class=list>{Told(1).row}</table><div class=text>본문</div>"
    visitor = Leading({"https://naru.example/view.php?no=1": "https://other.example/"}, page)
    assert (await read_source(HtmlSource(policy, visitor))).skipped == {"1": "on another site"}


async def test_nothing_is_gone_when_no_post_can_be_read(board: Board) -> None:
    first = await board.read()
    del board.posts[5]
    for told in board.posts:
        told.status = 404
    third = await board.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, ["suspicious"])


async def test_a_list_that_shrank_without_proof_is_suspicious(board: Board) -> None:
    first = await board.read()
    original = board.answer
    everything = {told.number: told for told in board.posts}
    board.posts = [told for told in board.posts if told.number in {1, 29, 30}]

    def answer(path: str) -> Answer | None:
        if "view" in path:
            return Answer(everything[int(parse_qs(urlsplit(path).query)["no"][0])].page.encode())
        return original(path)

    board.answer = answer  # type: ignore[method-assign]
    third = await board.read(first, days=1.5)
    assert (third.gone, third.remarks) == ({}, ["suspicious"])


@pytest.mark.parametrize("page", [b"", b"<p>DB error</p>", b"<table class=list></table>"])
async def test_an_empty_list_is_not_believed(board: Board, page: bytes) -> None:
    first = await board.read()
    original = board.answer
    board.answer = lambda path: Answer(page) if "list" in path else original(path)  # type: ignore[method-assign]
    second = await board.read(first, days=1.5)
    assert (second.gone, second.remarks, second.cursor) == ({}, ["suspicious"], first.cursor)


async def test_an_error_page_ends_the_read(board: Board) -> None:
    first = await board.read()
    board.answer = lambda path: Answer(b"sorry", 500)  # type: ignore[method-assign]
    with pytest.raises(SourceError) as caught:
        await board.read(first)
    assert caught.value.reason == "unreachable"


# ── What is wrong ────────────────────────────────────────────────────────────


async def test_a_row_selector_that_matches_nothing_is_named(board: Board) -> None:
    with pytest.raises(
        SourceError,
        match=r"archives\.press\.select\.item \(ul\.x li\) matches nothing on http://127.*list\.php; open that",
    ):
        await board.read(select=replace(SELECT, item="ul.x li"))


async def test_a_row_selector_that_was_changed_for_the_worse_is_no_fault_of_the_site(board: Board) -> None:
    first = await board.read()
    with pytest.raises(SourceError) as caught:
        await board.read(first, select=replace(SELECT, item="ul.x li"))
    assert caught.value.reason == "nothing matches"


async def test_a_link_selector_that_matches_nothing_is_named(board: Board) -> None:
    with pytest.raises(SourceError, match=r"no link to a post at archives\.press\.select\.link \(a\.x\)"):
        await board.read(select=replace(SELECT, link="a.x"))


async def test_a_text_selector_that_matches_nothing_is_named(board: Board) -> None:
    with pytest.raises(
        SourceError, match=r"view\.php\?no=26: archives\.press\.select\.body \(#x\) matches nothing there"
    ):
        await board.read(select=replace(SELECT, body="#x"))
    assert len(board.asked_posts) == 5


async def test_posts_without_a_text_are_passed_over_until_the_selectors_change(board: Board) -> None:
    board.posts = [Told(2), Told(1)]
    original = board.answer
    other = Answer("<section>다른 본문</section>".encode())
    board.answer = lambda path: other if "no=1" in path else original(path)  # type: ignore[method-assign]
    first = await board.read()
    assert first.skipped == {"1": "no text"}
    assert (await board.read(first)).skipped == {}
    assert board.asked_posts == []
    again = await board.read(first, select=replace(SELECT, body="div.text, section"))
    assert list(again.items) == ["1"]


async def test_closed_and_broken_posts_are_passed_over(board: Board) -> None:
    board.posts = [Told(4), Told(3, status=403), Told(2, status=404), Told(1, status=500)]
    first = await board.read()
    assert first.skipped == {"3": "members only", "2": "missing", "1": "unreachable"}
    assert (await board.read(first)).skipped == {"1": "unreachable"}


async def test_a_post_on_another_site_is_not_asked_for(board: Board) -> None:
    rows = [
        Told(1).row,
        "<tr><td class=subject><a href='http://other.example/9'>다른 집</a></td></tr>",
        "<tr><td class=subject><a href='javascript:view(9)'>스크립트</a></td></tr>",
        "<tr><td class=subject><a href='mailto:x@other.example'>편지</a></td></tr>",
        "<tr><td class=subject><a href='#top'>위로</a></td></tr>",
        "<tr><td class=subject><a href='data:text/html,x'>자료</a></td></tr>",
    ]
    original = board.answer
    page = Answer(f"<table class=list>{''.join(rows)}</table>".encode())
    board.answer = lambda path: page if "list.php" in path else original(path)  # type: ignore[method-assign]
    reading = await board.read()
    assert list(reading.items) == ["1"]
    assert reading.skipped == {"url:other.example/9": "on another site"}
    assert reading.remarks == ["rows without address"]


async def test_a_post_that_leads_away_is_not_taken(board: Board) -> None:
    board.posts = [Told(2), Told(1)]
    original = board.answer
    away = Answer(b"", 302, {"Location": "http://169.254.0.1/secret"})
    board.answer = lambda path: away if "no=1" in path else original(path)  # type: ignore[method-assign]
    assert (await board.read()).skipped == {"1": "unreachable"}


@pytest.mark.parametrize(
    "title",
    [
        "{{ 7 * 7 }} {% raw %}",
        "a&#13;&#10;Bcc: x@other.example",
        "\u202eabc\u2066",
        "<b>굵게</b>&lt;script&gt;",
        "=1+1",
    ],
)
async def test_a_strangers_title_is_only_text(board: Board, title: str) -> None:
    board.posts = [Told(1, title=title)]
    (item,) = (await board.read()).items.values()
    assert not {"\r", "\n", "\u202e", "\u2066", "\x00"} & set(item.title)
    assert item.title


async def test_a_page_of_five_megabytes_is_read(board: Board) -> None:
    board.posts = [Told(1, text="강물이 흐른다. " * 250_000)]
    reading = await board.read()
    assert list(reading.items) == ["1"]


async def test_a_page_too_large_is_a_post_passed_over(board: Board) -> None:
    board.posts = [Told(2), Told(1, text="x" * 9_000_000)]
    assert (await board.read()).skipped == {"1": "unreachable"}


async def test_a_site_that_asks_to_wait_is_left_alone(board: Board) -> None:
    first = await board.read()
    busy = Answer(b"", 503, {"Retry-After": "600"})
    board.answer = lambda path: busy  # type: ignore[method-assign]
    second = await board.read(first)
    assert second.remarks == ["asked to wait"]
    assert (await board.read(second)).remarks == ["asked to wait"]
    assert board.asked == []
