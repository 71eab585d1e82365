"""Selectors for list pages of several makes, all of them invented in the moulds of real software."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.html.propose import propose
from publisher.archive.html.rows import Listing, read_listing
from publisher.archive.wording import KST
from tests.archive.site import NOW

TITLES = ("다리 위의 겨울", "두 개의 시계", "강을 건너는 법", "A Winter on the Bridge", "느린 편지")
MENU = (
    "<nav><ul class=menu>"
    + "".join(f"<li><a href='/about/{n}'>연구소 소개 {n}</a></li>" for n in range(9))
    + "</ul></nav>"
)

XE = (
    MENU
    + "<div class='bd'><table class='bd_lst bd_tb_lst'><thead><tr><th>번호</th><th>제목</th></tr></thead><tbody>"
    + "".join(
        f"<tr class='{'notice' if n == 4 else ''}'><td class='no'>{n}</td>"
        f"<td class='cate'><a href='/notice?category=7'>칼럼</a></td>"
        f"<td class='title'><a href='/notice/{1000 + n}' class='hx'>{title}</a>"
        f"<a href='/notice/{1000 + n}#comment' class='replyNum'>3</a></td>"
        f"<td class='author'><span><a href='/member/{n}'>한나루</a></span></td>"
        f"<td class='time'>2025.10.0{n + 1}</td><td class='m_no'>12</td></tr>"
        for n, title in enumerate(TITLES)
    )
    + "</tbody></table><form class='bd_pg'><a href='/notice?page=2'>2</a><a href='/notice?page=3'>3</a></form></div>"
)
KBOARD = (
    MENU
    + "<div id='kboard-default-list'><div class='kboard-list'><table><tbody>"
    + "".join(
        f"<tr><td class='kboard-list-uid'>{n}</td><td class='kboard-list-title'>"
        f"<a href='/news/?pageid=1&mod=document&uid={70 + n}'><div class='cut-strings'>{title}</div></a></td>"
        f"<td class='kboard-list-user'>한나루</td><td class='kboard-list-date'>2025.10.0{n + 1}</td></tr>"
        for n, title in enumerate(TITLES)
    )
    + "</tbody></table></div><div class='kboard-pagination'><a href='?pageid=2&mod=list'>2</a></div></div>"
)
TABLE = (
    "<table><tr><td>"
    + MENU
    + "</td><td><table width=600><tr><td>번호</td><td>제목</td><td>날짜</td></tr>"
    + "".join(
        f"<tr><td>{n}</td><td><a href=view.asp?idx={n}&p=1>{title}</a></td><td>2025-10-0{n}</td></tr>"
        for n, title in enumerate(TITLES, start=1)
    )
    + "</table><a href=list.asp?p=2>2</a></td></tr></table>"
)
CARDS = (
    MENU
    + "<main><ul class='cards'>"
    + "".join(
        f"<li class='card'><a href='/ko/columns/{slug}'><h3>{title}</h3><p>두 마을 이야기.</p>"
        f"<time datetime='2025-10-0{n + 1}'>10월 {n + 1}일</time></a></li>"
        for n, (slug, title) in enumerate(zip("abcde", TITLES, strict=True))
    )
    + "</ul><a class='pager-next' href='/ko/columns/page/2'>다음</a></main>"
    + "<footer><ul><li><a href='/privacy'>개인정보처리방침 안내입니다</a></li></ul></footer>"
)
UNDATED = (
    MENU
    + "<main><div class='list'>"
    + "".join(f"<div class='row'><a href='/essay/{n}'>{title} 그리고 봄</a></div>" for n, title in enumerate(TITLES, 1))
    + "</div></main>"
)
MOULDS = [
    pytest.param(XE, "https://naru.example/notice", ["1000", "1001", "1002", "1003", "1004"], id="xe"),
    pytest.param(KBOARD, "https://naru.example/news/", ["70", "71", "72", "73", "74"], id="kboard"),
    pytest.param(TABLE, "https://naru.example/board/list.asp", ["1", "2", "3", "4", "5"], id="table"),
    pytest.param(
        CARDS, "https://naru.example/ko/columns", [f"url:naru.example/ko/columns/{at}" for at in "abcde"], id="cards"
    ),
    pytest.param(UNDATED, "https://naru.example/essay", ["1", "2", "3", "4", "5"], id="undated"),
]  # fmt: skip


def read(page: str, url: str) -> Listing:
    select = propose(page, url)
    assert select is not None
    return read_listing(page, url, select, NOW, KST)


@pytest.mark.parametrize(("page", "url", "keys"), MOULDS)
def test_the_rows_of_a_list_are_found_whatever_made_it(page: str, url: str, keys: list[str]) -> None:
    listing = read(page, url)
    assert sorted(row.key for row in listing.rows) == keys
    assert [row.title.removesuffix(" 그리고 봄").removesuffix(" 두 마을 이야기.")[:5] for row in listing.rows] == [
        title[:5] for title in TITLES
    ]


@pytest.mark.parametrize(("page", "url", "keys"), MOULDS[:4])
def test_the_rows_have_their_dates(page: str, url: str, keys: list[str]) -> None:
    assert [row.dated.replace(".", "-")[:10] for row in read(page, url).rows] == [f"2025-10-0{n}" for n in range(1, 6)]


def test_who_and_what_and_where_the_list_goes_on_are_found() -> None:
    xe = propose(XE, "https://naru.example/notice")
    assert xe is not None
    assert (xe.author, xe.category, xe.page, xe.next) == (".author", ".cate", "page", "")
    kboard = propose(KBOARD, "https://naru.example/news/")
    assert kboard is not None
    assert (kboard.author, kboard.page) == (".kboard-list-user", "pageid")
    cards = propose(CARDS, "https://naru.example/ko/columns")
    assert cards is not None
    assert (cards.page, cards.next) == ("", "a.pager-next")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>안녕하십니까</p>",
        MENU,
        "<ul>" + "<li><a href='http://other.example/1'>다른 집 소식입니다</a>" * 5 + "</ul>",
        "\x00<",
    ],
)
def test_where_there_is_no_list_none_is_proposed(page: str) -> None:
    assert propose(page, "https://naru.example/") is None


@settings(max_examples=50)
@given(st.text(alphabet="<>/atrdliv hef='=1.2025-\"ul", max_size=300))
def test_no_page_breaks_it(page: str) -> None:
    propose(page, "https://naru.example/list")
