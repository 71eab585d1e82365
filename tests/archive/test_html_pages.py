"""What a list page and a post's page say, as pure functions of the page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.html.post import Post, read_post
from publisher.archive.html.rows import Listing, read_listing
from publisher.archive.source import Selectors
from publisher.archive.wording import KST
from tests.archive.site import NOW

URL = "https://naru.example/board/list.php?page=2"


def listing(page: str, **select: str) -> Listing:
    return read_listing(page, URL, Selectors(**{"item": "li", **select}), NOW, KST)


def post(page: str, **select: str) -> Post:
    read = read_post(page, "https://naru.example/board/view.php?no=1", Selectors(item="li", **select))
    assert read is not None
    return read


# ── Rows ─────────────────────────────────────────────────────────────────────


def test_without_a_word_the_link_with_most_words_is_the_posts() -> None:
    page = "<li><a href='/c/9'>칼럼</a><a href='view?no=1'>다리 위의 겨울</a><a href='/m/3'>한나루</a></li>"
    (row,) = listing(page).rows
    assert (row.url, row.title) == ("https://naru.example/board/view?no=1", "다리 위의 겨울")


def test_a_row_may_be_the_link_itself() -> None:
    (row,) = listing("<a class=x href='v?no=1'>다리<time datetime='2025-10-01'>어제</time></a>", item="a.x").rows
    assert (row.key, row.dated) == ("url:naru.example/board/v?no=1", "2025-10-01")


def test_of_rows_in_rows_the_outermost_counts() -> None:
    menu = "<ul><li><a href='view.php?no=8'>한나루</a></li></ul>"
    page = f"<ul><li><a href='view.php?no=1'>다리 위의 겨울</a>{menu}</li></ul>"
    assert [row.key for row in listing(page).rows] == ["1"]


def test_a_post_that_stands_twice_is_one_row() -> None:
    page = (
        "<li class=notice><a href='view.php?no=1'>공지</a></li>"
        + "<li><a href='view.php?no=1&page=2'>공지</a></li>" * 2
    )
    (row,) = listing(page).rows
    assert row.is_notice


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("/news/", "https://naru.example/news/view.php?no=1"),
        ("https://naru.example/x/", "https://naru.example/x/view.php?no=1"),
        ("http://other.example/", "http://other.example/view.php?no=1"),
        ("javascript:x", "https://naru.example/board/view.php?no=1"),
    ],
)
def test_addresses_are_relative_to_the_pages_base(base: str, url: str) -> None:
    (row,) = listing(f"<base href='{base}'><li><a href='view.php?no=1'>다리</a></li>").rows
    assert row.url == url


def test_counters_in_a_row_do_not_change_its_mark() -> None:
    marks = {
        listing(f"<li><a href='view.php?no=1'>다리</a><i>{hits}</i></li>").rows[0].mark for hits in ("7", "1,234", "9")
    }
    assert len(marks) == 1


def test_the_next_page_is_where_the_list_says() -> None:
    assert (
        listing("<a rel='nofollow next' href='?page=3#top'>3</a>").next == "https://naru.example/board/list.php?page=3"
    )
    assert listing("<span class=go><a href='?page=4'>다음</a></span>", next=".go").next.endswith("?page=4")
    assert listing("<a class=go href='javascript:go(3)'>다음</a>", next=".go").next == ""


# ── A post ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "page",
    [
        "<div class='rd_body'><article><div class='document_1_0 xe_content'><p>본문</p></div></article></div>",
        "<article><div class='rhymix_content xe_content'><p>본문</p></div></article>",
        "<div class='kboard-content'><div class='content-view'><p>본문</p></div></div>",
        "<article><header><h1>제목</h1></header><div class='entry-content'><p>본문</p></div></article>",
        "<nav>메뉴</nav><article><p>본문</p></article>",
    ],
)
def test_the_text_is_found_in_the_usual_places(page: str) -> None:
    assert post(page).html.strip() == "<p>본문</p>"


@pytest.mark.parametrize(
    "page", ["", "<div>본문</div>", "<article> </article>", "<article><script>x</script></article>"]
)
def test_a_page_without_a_text_says_so(page: str) -> None:
    assert read_post(page, URL, Selectors(item="li")) is None


def test_files_are_those_beside_the_text_and_the_sites_documents_in_it() -> None:
    page = (
        "<article>본문 <a href='/data/a.pdf'>보기</a> <a href='https://other.example/b.pdf'>남의 것</a></article>"
        "<ul class='fileList'><li><a href='/?act=procFileDownload&srl=3'>보고서.hwp</a> (1.5MB)</li>"
        "<li><a href='/?act=procFileDownload&srl=3'>보고서.hwp</a></li><li><a href='javascript:x'>x.pdf</a></li></ul>"
    )
    assert [(file.name, file.size) for file in post(page).attachments] == [("보고서.hwp", 1572864), ("a.pdf", None)]


def test_nothing_in_the_text_passes_for_a_part_of_the_page() -> None:
    text = "<article><b class=who>남</b><time>2020-01-01</time>본문</article>"
    page = f"{text}<b class=who>한나루</b><time>2025-10-01</time>"
    read = post(page, author=".who", date="time")
    assert (read.author, read.dated) == ("한나루", "2025-10-01")


def test_what_stands_above_an_articles_text_is_no_part_of_it() -> None:
    read = post("<article><header><h1>다리 위의 겨울</h1><time>2025-10-01</time></header><p>본문</p></article>")
    assert (read.html, read.titles, read.dated) == ("<p>본문</p>", ("다리 위의 겨울",), "2025-10-01")


@settings(max_examples=60)
@given(st.text(alphabet="<>/alitdrbvhef='#.20-\"& \u202e\x00", max_size=400))
def test_no_page_breaks_it(page: str) -> None:
    listing(page)
    read_post(page, URL, Selectors(item="li", body="div, li"))
