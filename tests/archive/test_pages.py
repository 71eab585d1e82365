"""Pages in the skins of 5.0 to 5.6, desktop, mobile and gallery, of a fictional institute."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.listing import Listing, read_listing
from publisher.archive.gnuboard.pages import Kind, decoded, recognise
from publisher.archive.gnuboard.rss import BoardFeed, read_feed
from publisher.archive.gnuboard.view import View, read_view
from publisher.net import Page

FOLDER = Path(__file__).parent.parent / "fixtures" / "board"
BOARD = Board(root="https://board.hanbit-peace.example", table="director")
NOW = datetime(2025, 12, 1, tzinfo=UTC)


def tree(name: str) -> LexborHTMLParser:
    return LexborHTMLParser((FOLDER / name).read_text(encoding="utf-8"))


def page(content: bytes | str, status: int = 200, url: str = BOARD.list_page()) -> Page:
    return Page(url=url, status=status, headers={}, content=content if isinstance(content, bytes) else content.encode())


def view(name: str) -> View:
    return read_view(tree(name), BOARD)


def listing(name: str) -> Listing:
    return read_listing(tree(name), BOARD)


def feed(content: bytes | str | None = None) -> BoardFeed:
    return read_feed(page((FOLDER / "rss.xml").read_bytes() if content is None else content), BOARD, NOW)


# ── What an answer is ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list.html", Kind.LIST),
        ("list_classic.html", Kind.LIST),
        ("list_mobile.html", Kind.LIST),
        ("list_gallery.html", Kind.LIST),
        ("view.html", Kind.VIEW),  # though the whole list stands below the post
        ("view_classic.html", Kind.VIEW),
        ("view_mobile.html", Kind.VIEW),
        ("alert.html", Kind.GONE),
        ("password.html", Kind.LOCKED),
    ],
)
def test_a_page_is_known_by_what_it_holds(name: str, kind: Kind) -> None:
    assert recognise(page((FOLDER / name).read_bytes())).kind is kind


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Kind.BLOCKED), (429, Kind.BLOCKED), (502, Kind.UNREACHABLE), (404, Kind.GONE)]
)
def test_an_error_status_is_believed(status: int, kind: Kind) -> None:
    assert recognise(page("<html><body>error</body></html>", status)).kind is kind


def test_words_inside_a_post_are_no_sentence_of_the_software() -> None:
    assert recognise(page("<article id='bo_v'><p>존재하지 않는 게시판입니다.</p></article>")).kind is Kind.VIEW


def test_an_old_charset_is_read_where_utf_8_plainly_does_not_fit() -> None:
    text = "<p>나루터의 아침과 저녁, 그리고 강 건너 마을</p>"
    assert decoded(text.encode("cp949")) == text
    assert decoded(text.encode() + b"\xff") == f"{text}\ufffd"


# ── Lists ────────────────────────────────────────────────────────────────────


def test_the_rows_of_a_list_are_read_and_nothing_beside_them() -> None:
    read = listing("list.html")
    assert [row.key for row in read.rows] == ["3", "42", "40"]
    assert (read.total, read.board_title) == (1204, "소장 자료실")


@pytest.mark.parametrize(
    ("name", "keys", "notices", "secrets"),
    [
        ("list.html", ["3", "42", "40"], ["3"], ["40"]),
        ("list_classic.html", ["3", "7", "6"], ["3"], ["6"]),
        ("list_mobile.html", ["3", "slug:다리를-놓는-사람들", "40"], ["3"], ["40"]),
        ("list_gallery.html", ["2", "5"], ["2"], []),
    ],
)
def test_every_skin_tells_keys_notices_and_locks(
    name: str, keys: list[str], notices: list[str], secrets: list[str]
) -> None:
    rows = listing(name).rows
    assert [row.key for row in rows] == keys
    assert [row.key for row in rows if row.is_notice] == notices
    assert [row.key for row in rows if row.is_secret] == secrets


@pytest.mark.parametrize("name", ["list.html", "list_classic.html", "list_mobile.html"])
def test_the_category_of_a_row_is_read(name: str) -> None:
    assert [row.category for row in listing(name).rows] == ["", "칼럼", ""]


def test_the_mark_of_a_row_changes_with_its_title_and_files_but_not_with_comments_or_views() -> None:
    html = (FOLDER / "list.html").read_text(encoding="utf-8")

    def mark(changed: str) -> str:
        return read_listing(LexborHTMLParser(changed), BOARD).rows[1].mark

    assert mark(html.replace('cnt_cmt">2', 'cnt_cmt">9').replace('td_num">12', 'td_num">99')) == mark(html)
    assert mark(html.replace("다리를 놓는", "다리를 짓는")) != mark(html)
    assert mark(html.replace('<i class="fa fa-download" aria-hidden="true"></i>', "")) != mark(html)


# ── Views ────────────────────────────────────────────────────────────────────


def test_a_view_gives_the_whole_title_and_its_own_parts_only() -> None:
    read = view("view.html")
    whole = '[칼럼] "다리를 놓는 사람들" & 강을 건너는 법 > 그리고 남은 이야기들에 대하여: 두 번째 기록'
    assert read.titles == (whole, whole)
    assert read.shown_title.endswith("…")
    assert (read.author, read.written, read.category, read.number) == ("자료실 담당", "25-11-03 09:15", "칼럼", "42")


def test_files_and_pictures_are_attachments() -> None:
    picture, unnamed, pdf, hwpx = view("view.html").attachments
    assert (picture.name, picture.url) == ("다리 전경", f"{BOARD.root}/data/file/director/a1_bridge.jpg")
    assert (unnamed.name, unnamed.type, unnamed.needs_session) == ("a2_river.png", "image/png", False)
    assert (pdf.name, pdf.size, pdf.type, pdf.needs_session) == ("강과 다리.pdf", 1572864, "application/pdf", True)
    assert pdf.url == f"{BOARD.bbs}download.php?bo_table=director&wr_id=42&no=1"
    assert (hwpx.name, hwpx.size, hwpx.type) == ("부록.hwpx", 812, "application/hwp+zip")


def test_the_link_fields_are_read_and_a_cut_one_is_known_as_cut() -> None:
    cut, whole = view("view.html").links
    assert (cut.is_whole, cut.href) == (False, f"{BOARD.bbs}link.php?bo_table=director&wr_id=42&no=1")
    assert (whole.is_whole, whole.shown) == (True, "http://naru.example/about")


def test_what_the_software_put_into_the_text_is_taken_out() -> None:
    html = view("view.html").html
    assert "이동 됨" not in html
    assert f'src="{BOARD.root}/data/editor/2511/map.png"' in html
    assert '<a href="https://map.example/2025" target="_blank" rel="nofollow">https://map.example/2025</a>에서' in html


def test_the_classic_skin_holds_category_and_title_in_one_heading() -> None:
    read = view("view_classic.html")
    assert (read.shown_title, read.category) == ("강 건너 마을의 봄", "칼럼")
    assert (read.author, read.written) == ("자료실 담당", "16-04-05 08:30")
    assert [(file.name, file.size) for file in read.attachments] == [("봄.hwp", 24576)]
    assert read.links == ()
    assert "복사 됨" not in read.html


def test_the_mobile_skin_is_read_by_its_label_words() -> None:
    read = view("view_mobile.html")
    assert (read.titles[0], read.author, read.written) == ("Bridges first", "Visiting Fellow of…", "25-11-05 18:40")
    assert read.number is None


def test_a_view_tells_what_the_site_calls_itself() -> None:
    html = '<script>var g5_url       = "https://www.naru.example/home";</script><article id="bo_v"></article>'
    assert read_view(LexborHTMLParser(html), BOARD).site_host == "naru.example"


def test_a_theme_without_marks_is_read_by_its_label_words() -> None:
    html = "<article id='bo_v'><div id='bo_v_info'>작성자 나루 작성일 2025-11-05 18:40:11 조회 3 댓글 0</div></article>"
    read = read_view(LexborHTMLParser(html), BOARD)
    assert (read.author, read.written) == ("나루", "2025-11-05 18:40:11")


# ── RSS ──────────────────────────────────────────────────────────────────────


def test_a_feed_gives_keys_titles_and_times_in_both_forms() -> None:
    read = feed()
    assert read.remarks == ()
    assert [item.key for item in read.items] == ["42", "7", "1"]
    assert read.items[0].title == '"다리를 놓는 사람들" & <강>'
    assert [item.at and item.at.isoformat() for item in read.items] == [
        "2025-11-03T09:15:27+09:00",
        "2016-04-05T08:30:11+09:00",
        None,
    ]


def test_control_characters_in_a_feed_are_a_remark_and_its_items_are_read() -> None:
    content = (FOLDER / "rss.xml").read_text(encoding="utf-8").replace("두 마을은", "두\x0b마을은\x00")
    read = feed(content)
    assert [remark.code for remark in read.remarks] == ["rss ill-formed"]
    assert [item.key for item in read.items] == ["42", "7", "1"]


def test_a_torn_feed_is_a_remark_and_its_whole_items_are_read() -> None:
    content = (FOLDER / "rss.xml").read_bytes()
    read = feed(content[: content.index(b"<title>", 900)])
    assert [remark.code for remark in read.remarks] == ["rss ill-formed"]
    assert read.items[0].key == "42"


def test_a_feed_in_another_charset_than_it_says_is_read() -> None:
    content = (FOLDER / "rss.xml").read_text(encoding="utf-8").encode("cp949")
    assert feed(content).items[1].title == "강 건너 마을의 봄"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("RSS 보기가 금지되어 있습니다.", "rss off"),
        ("비회원 읽기가 가능한 게시판만 RSS 지원합니다.", "rss closed"),
        ("존재하지 않는 게시판입니다.", "rss missing"),
        ("<html><body>404</body></html>", "rss unreadable"),
        ("", "rss unreadable"),
    ],
)
def test_a_refused_feed_is_a_remark(answer: str, code: str) -> None:
    assert [remark.code for remark in feed(answer).remarks] == [code]


def test_a_feed_expands_no_entities_and_loads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for you", encoding="utf-8")
    doctype = f'<!DOCTYPE rss [<!ENTITY leak SYSTEM "file://{secret}"><!ENTITY big "{"x" * 99}">]>'
    read = feed(f"{doctype}<rss><channel><item><title>&leak;&big;제목</title></item></channel></rss>")
    assert "not for you" not in str(read)
    assert "xxx" not in str(read.items)
