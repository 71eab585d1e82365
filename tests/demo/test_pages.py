"""Pages in the structure of a Gnuboard 5.6, read as a stranger's reader would."""

import html
import json
import re
from datetime import datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from publisher.demo import pages
from publisher.demo.board import Board
from publisher.demo.posts import KOREA, content
from publisher.demo.server import Request, Response, answer, is_host

from . import BOARD, ORIGIN, SESSION

ALERT = re.compile(r'alert\((".*?")\);')


def tree(response: Response) -> LexborHTMLParser:
    assert response.status == 200
    return LexborHTMLParser(response.body.decode())


def texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def text(page: LexborHTMLParser, selector: str) -> str:
    (found,) = texts(page, selector)
    return found


def alert(response: Response) -> str:
    """The sentence of an alert page, which comes as HTTP 200 and is neither a list nor a post."""
    page = tree(response)
    assert not page.css("#bo_v, #bo_list")
    assert text(page, "title").startswith("오류안내 페이지 | ")
    return json.loads(ALERT.search(response.body.decode())[1])


# ── Lists ────────────────────────────────────────────────────────────────────


def test_a_list_has_fifteen_rows_and_says_how_many_posts_there_are(visit):
    page = tree(visit(BOARD))
    assert len(page.css("#bo_list tbody tr")) == 15
    assert texts(page, "#bo_list_total") == ["Total 25건 1 페이지"]
    assert text(page, "tr.bo_notice .notice_icon") == "공지"
    assert page.css_first("a[title=RSS]").attributes["href"] == f"{ORIGIN}/bbs/rss.php?bo_table=director"


def test_a_page_past_the_end_is_empty_and_keeps_the_total(visit):
    page = tree(visit(f"{BOARD}&page=3"))
    assert text(page, "#bo_list tbody .empty_table") == "게시물이 없습니다."
    assert "Total 25건" in text(page, "#bo_list_total")


def test_titles_in_lists_are_cut_after_sixty_characters(visit):
    shown = texts(tree(visit(f"{BOARD}&page=2")), ".bo_tit > a")
    assert "Energy Interdependence Without Illusions: Why a Northeast As…" in shown
    assert max(map(len, shown)) == 61


def test_todays_post_shows_the_hour_and_older_ones_no_year(visit):
    dates = texts(tree(visit(BOARD)), "td.td_datetime")
    assert dates[1] == "08:30"
    assert all(re.fullmatch(r"\d\d-\d\d", date) for date in dates[2:])


def test_links_on_page_two_carry_the_page(visit):
    first, second = tree(visit(BOARD)), tree(visit(f"{BOARD}&page=2"))
    assert all("page=" not in link.attributes["href"] for link in first.css(".bo_tit > a"))
    assert all("&page=2" in link.attributes["href"] for link in second.css(".bo_tit > a"))


def test_the_secret_post_wears_its_lock_and_the_reply_is_set_in(visit):
    page = tree(visit(BOARD))
    assert [link.text(strip=True) for link in page.css(".bo_tit > a") if link.css("i.fa-lock")] == [
        "[비공개] 자문회의 발언 요지 초안"
    ]
    page = tree(visit(f"{BOARD}&page=2"))
    indented = [cell for cell in page.css("td.td_subject") if cell.attributes["style"] == "padding-left:10px"]
    assert [cell.css_first("a").text(strip=True) for cell in indented] == ["[보론] 나무를 심는 일: 양묘장에서 온 편지"]


# ── Posts ────────────────────────────────────────────────────────────────────


def test_a_post_shows_its_title_author_and_minute(visit, board):
    page = tree(visit(f"{BOARD}&wr_id=79"))
    post = board.post(79)
    assert text(page, "#bo_v .bo_v_tit") == "The Map on the Classroom Wall"
    assert text(page, "#bo_v_info .sv_member") == "관리자"
    assert text(page, "#bo_v_info .if_date") == f"작성일 {post.written_at:%y-%m-%d} 08:30"
    assert page.css_first("#bo_v_con p").text().startswith('"The Map on the Classroom Wall" (The Hanbit Times, ')


def test_a_long_title_is_cut_on_the_page_and_whole_in_its_head(visit, board):
    page, title = tree(visit(f"{BOARD}&wr_id=26")), board.post(26).title
    assert text(page, ".bo_v_tit") == title[:70] + "…"
    assert text(page, "title") == f"{title} > 원장 자료실 | 한빛평화연구소"
    assert text(page, "#hd_h1") == f"{title} > 원장 자료실"
    assert text(page, "#container_title") == "원장 자료실"


def test_a_title_is_cut_after_it_was_escaped(visit, board):
    title = board.post(70).title
    assert title.count('"') == 2
    assert text(tree(visit(f"{BOARD}&wr_id=70")), ".bo_v_tit") == title[:60] + "…"


@given(st.text(max_size=120))
def test_an_escaped_and_cut_title_never_opens_a_tag(title):
    shown = pages.cut(pages.escaped(title), 70)
    assert not set("<>\"'") & set(shown)


def test_files_are_listed_and_pictures_stand_above_the_text(visit):
    listed = tree(visit(f"{BOARD}&wr_id=30"))
    assert texts(listed, "#bo_v_file a.view_file_download strong") == ["구술채록 안내서.pdf", "구술 동의서 양식.hwp"]
    pictured = tree(visit(f"{BOARD}&wr_id=47"))
    assert not pictured.css("#bo_v_file")
    sources = [image.attributes["src"] for image in pictured.css("#bo_v_img img, #bo_v_con img")]
    assert len(sources) == 3
    assert all(visit(source).type == "image/png" for source in sources)
    originals = [link.attributes["href"] for link in pictured.css("#bo_v_img a")]
    assert all(visit(original).body.startswith(b"\x89PNG") for original in originals)


def test_related_links_lead_to_the_address_through_the_counter(visit, board):
    links = tree(visit(f"{BOARD}&wr_id=44")).css("#bo_v_link li a")
    answers = [visit(link.attributes["href"]) for link in links]
    assert {answer.status for answer in answers} == {302}
    assert [dict(answer.headers)["location"] for answer in answers] == list(board.post(44).links)


def test_neighbours_are_named_with_their_dates(visit):
    page = tree(visit(f"{BOARD}&wr_id=76"))
    assert "The Map on the Classroom Wall" in text(page, ".btn_prv")
    assert "자문회의" in text(page, ".btn_next")
    assert not tree(visit(f"{BOARD}&wr_id=79")).css(".btn_prv")


def test_the_board_says_that_it_is_invented(visit):
    assert "지어낸 연구소" in text(tree(visit(BOARD)), "#ft")


# ── Refusals ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", ["4", "0", "", "abc", "-1", "999999999999999999999", "٣", "85"])
def test_what_is_not_there_is_an_alert_with_http_200(visit, number):
    assert alert(visit(f"{BOARD}&wr_id={number}")).startswith("글이 존재하지 않습니다.")


@pytest.mark.parametrize("address", ["/bbs/board.php", "/bbs/board.php?bo_table=DIRECTOR", "/bbs/board.php?bo_table=x"])
def test_an_unknown_board_is_an_alert(visit, address):
    assert alert(visit(address)) == "존재하지 않는 게시판입니다."


def test_a_secret_post_sends_to_the_password_page_and_keeps_its_text(visit, board):
    refused = visit(f"{BOARD}&wr_id=73")
    location = dict(refused.headers)["location"]
    assert (refused.status, location) == (302, f"{ORIGIN}/bbs/password.php?w=s&bo_table=director&wr_id=73")
    door = tree(visit(location))
    assert door.css_first("form input[type=password]")
    assert "확인을 마치기 전" not in door.html
    assert alert(visit("/bbs/password_check.php", method="POST")) == "비밀번호가 맞지 않습니다."


def test_files_need_the_session_that_opened_the_post(visit):
    link = tree(visit(f"{BOARD}&wr_id=30")).css("#bo_v_file a")[1].attributes["href"]
    file = visit(link)
    assert file.body.startswith(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert file.type == "file/unknown"
    assert unquote(dict(file.headers)["content-disposition"]) == 'attachment; filename="구술 동의서 양식.hwp"'
    assert "지났습니다" in alert(visit(link, session="0" * 32))
    assert alert(visit("/bbs/download.php?bo_table=director&wr_id=30&no=1")) == "잘못된 접근입니다."


def test_writing_is_not_possible(visit):
    assert visit(BOARD, method="POST").status == 405
    assert visit(BOARD, method="DELETE").status == 405


@pytest.mark.parametrize(
    "path", ["/x", "/data/file/director/../../x", "/data/editor/nothing.png", "/data/file/director/"]
)
def test_what_the_software_does_not_serve_is_not_found(visit, path):
    assert visit(path).status == 404


# ── The feed ─────────────────────────────────────────────────────────────────


def test_the_feed_is_well_formed_with_whole_titles_and_texts(visit, board):
    response = visit("/bbs/rss.php?bo_table=director")
    assert response.type == "text/xml"
    channel = etree.fromstring(response.body).find("channel")
    assert channel.findtext("title") == "한빛평화연구소 > 자료실 > 원장 자료실"
    items = channel.findall("item")
    assert [item.findtext("title") for item in items] == [post.title for post in board.syndicated()]
    assert [item.findtext("description") for item in items] == [post.html for post in board.syndicated()]
    creator, date = (items[0].findtext(f"{{http://purl.org/dc/elements/1.1/}}{name}") for name in ("creator", "date"))
    assert (creator, date) == ("관리자", board.post(79).written_at.isoformat())


def test_the_feeds_addresses_are_escaped_twice(visit):
    body = visit("/bbs/rss.php?bo_table=director").body.decode()
    assert f"<link>{ORIGIN}{BOARD}&amp;amp;wr_id=79</link>" in body


# ── Strangers ────────────────────────────────────────────────────────────────

START = datetime(2026, 3, 2, 21, 0, tzinfo=KOREA)
ONE_BOARD = Board(content(START), lambda: START)  # shared by all examples of a property


@given(
    path=st.sampled_from(["/bbs/board.php", "/bbs/rss.php", "/bbs/password.php", "/bbs/download.php", "/bbs/link.php"]),
    query=st.dictionaries(
        st.sampled_from(["bo_table", "wr_id", "page", "sst", "sod", "no", "nonce", "w"]),
        st.text(max_size=40) | st.sampled_from(["director", "30", "73", "44", "1", "wr_datetime", "desc"]),
    ),
)
def test_no_query_breaks_the_board_or_comes_back_unescaped(path, query):
    marked = {name: value + "<i>" for name, value in query.items()} | {"bo_table": query.get("bo_table", "director")}
    for asked in (query, marked):
        response = answer(ONE_BOARD, Request(path=path, query=asked, origin=ORIGIN, session=SESSION))
        assert response.status in (200, 302)
        assert b"<i>" not in response.body
        assert all("\n" not in value for _, value in response.headers)


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("127.0.0.1:9201", True),
        ("hanbit-peace.example", True),
        ("[::1]:9201", True),
        ("", False),
        ("a b", False),
        ('x"><script>', False),
        ("evil.example/path", False),
        ("user@evil.example", False),
    ],
)
def test_only_a_host_is_written_into_links(host, good):
    assert is_host(host) is good


def test_an_alert_cannot_leave_its_script():
    page = pages.alert_page(ORIGIN, "</script><script>alert(1)</script>")
    assert page.count("<script>") == 1
    assert html.escape("</script>") in page
