"""Whatever an archive sends, the readers answer; and what they answer keeps its promises."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.citation import read_citation, without_citation
from publisher.archive.folder.dump import read_dump
from publisher.archive.gnuboard.addresses import Board, board_of
from publisher.archive.gnuboard.body import tidy
from publisher.archive.gnuboard.listing import read_listing
from publisher.archive.gnuboard.memory import Memory
from publisher.archive.gnuboard.pages import decoded, recognise
from publisher.archive.gnuboard.rss import read_feed
from publisher.archive.gnuboard.view import read_view
from publisher.archive.language import language_of
from publisher.archive.piece import Parts, make_item
from publisher.archive.tree import tree_of
from publisher.archive.weblinks import find_addresses, host_of, split_tail, without_addresses
from publisher.archive.wording import KST, feed_date, file_name, media_type, size_in, whole_title, written_at
from publisher.errors import SourceError
from publisher.net import Page

FOLDER = Path(__file__).parent.parent / "fixtures" / "board"
BOARD = Board(root="https://board.hanbit-peace.example", table="director")
NOW = datetime(2025, 12, 1, tzinfo=UTC)

# Pieces that real pages are made of, so that chance finds their edges.
SHARDS = st.sampled_from(
    """<article id='bo_v'>|<div id='bo_v_con'>|<h2 id='bo_v_title'>|<section id='bo_v_info'>|</div>|<div id='bo_list'>
    <tr><td>|<a href='|board.php?bo_table=director&wr_id=|https://|www.a.example/|<img src='|thumb-a_1x1.png|javascript:
    작성일 |작성자|25-05-07 20:35|-1-11-30|2052.04.18|(나루신문, 2025.04.18)|[이 게시물은 |에서|&#03|&|…|"|'|>|(|[|//
    <![CDATA[|]]>|<item>|<rss>|페이지 정보|본문|댓글목록|첨부파일|\\""".replace("\n    ", "|").split("|")
)
CONTROLS = st.sampled_from(["\x00", "\u202e", "\ud800", "\r\n", "\n"])
TEXT = st.lists(st.one_of(SHARDS, CONTROLS, st.text(max_size=12)), max_size=30).map("".join)
PAGES = st.sampled_from(sorted(path.name for path in FOLDER.glob("*.html")))


def against(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`given`, without a time limit for each example: the machine may be busy with other tests."""
    return lambda test: settings(deadline=None)(given(*strategies)(test))


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def torn_pages(draw: st.DrawFn) -> bytes:
    """A page of a skin with something knocked out and something put in."""
    content = (FOLDER / draw(PAGES)).read_bytes()
    start = draw(st.integers(0, len(content)))
    return content[:start] + encoded(draw(TEXT)) + content[start + draw(st.integers(0, 3000)) :]


@against(st.one_of(torn_pages(), TEXT.map(encoded), st.binary(max_size=200)))
def test_any_answer_is_recognised_and_read(content: bytes) -> None:
    answer = recognise(Page(url=BOARD.list_page(), status=200, headers={}, content=content))
    assert "\n" not in answer.said
    read_listing(answer.tree, BOARD)
    if answer.tree.css_first("#bo_v"):
        view = read_view(answer.tree, BOARD)
        assert all("\n" not in title for title in (view.shown_title, *view.titles))
        assert all(file.url.startswith(("http://", "https://")) for file in view.attachments if not file.needs_session)


@against(st.one_of(torn_pages(), TEXT.map(encoded), st.binary(max_size=200)), st.integers(0, 900))
def test_any_feed_is_read(junk: bytes, start: int) -> None:
    content = (FOLDER / "rss.xml").read_bytes()
    for each in (junk, content[:start] + junk + content[start:]):
        for item in read_feed(Page(url=BOARD.rss, status=200, headers={}, content=each), BOARD, NOW).items:
            assert "\n" not in item.title


@against(TEXT, st.lists(TEXT, max_size=3), TEXT)
def test_a_title_is_one_line_without_anything_invisible(shown: str, candidates: list[str], line: str) -> None:
    title = whole_title(shown, candidates, line)
    assert title == title.strip()
    assert not set(title) & set("\r\n\x00\u200b\u202e")


@against(TEXT)
def test_a_believed_date_is_of_seoul_and_not_in_the_future(text: str) -> None:
    for moment in (written_at(text, NOW), feed_date(text, NOW)):
        if moment is not None:
            assert moment.utcoffset() == timedelta(hours=9)
            assert moment.year >= 1990
            assert moment <= NOW + timedelta(days=1)


@against(st.integers(0, 30 * 365 * 24 * 3600))
def test_a_true_date_is_read_as_it_was_written(seconds_ago: int) -> None:
    moment = (NOW - timedelta(seconds=seconds_ago)).astimezone(KST)
    assert feed_date(moment.isoformat(), NOW) == moment
    if moment.year >= 2000:
        assert written_at(f"{moment:%y-%m-%d %H:%M:%S}", NOW) == moment


@against(st.lists(TEXT, max_size=6), TEXT, st.lists(TEXT, max_size=2))
def test_a_citation_is_never_dated_beyond_belief_and_never_leads_home(
    lines: list[str], title: str, links: list[str]
) -> None:
    posted = date(2025, 4, 21)
    citation, place = read_citation(lines, title, links, posted=posted, own_hosts={host_of(BOARD.root)})
    assert citation.date is None or citation.date <= posted + timedelta(days=45)
    assert citation.url is None or host_of(citation.url) not in {"", host_of(BOARD.root)}
    assert place is None or 0 <= place < len(lines)
    without_citation(title)


@against(TEXT)
def test_an_address_and_its_tail_are_the_whole_of_what_was_typed(text: str) -> None:
    address, tail = split_tail(text)
    assert address + tail == text
    found = find_addresses(text)
    assert all(each.start < each.end <= len(text) for each in found)
    assert len(without_addresses(text)) == len(text) - sum(each.end - each.start for each in found)


@against(TEXT)
def test_a_key_leads_back_to_itself(href: str) -> None:
    key = BOARD.key_of(href)
    if key is not None:
        assert BOARD.key_of(BOARD.address_of(key)) == key
    BOARD.key_in_feed(href)


@against(TEXT)
def test_an_address_is_a_board_or_refused(url: str) -> None:
    try:
        board = board_of(url)
    except SourceError:
        return
    assert board_of(board.list_page()) == board


@against(TEXT, TEXT, st.lists(TEXT, max_size=2))
def test_any_piece_becomes_an_item_or_nothing(html: str, shown: str, titles: list[str]) -> None:
    parts = Parts(
        source_key="1",
        url=BOARD.address_of("1"),
        shown_title=shown,
        titles=titles,
        html=tidy(html, BOARD),
        base_url=BOARD.bbs,
    )
    item = make_item(parts, NOW)
    if item is not None:
        assert item.title
        assert set(item.faces) <= {"ko", "en"}
        assert all(len(face.summary) <= 200 for face in item.faces.values())
        assert make_item(parts, NOW) == item


@against(TEXT)
def test_small_readers_never_raise(text: str) -> None:
    assert language_of(text) in {"ko", "en", "mixed"}
    size_in(text)
    media_type(text)
    assert file_name(text).isprintable()
    read_dump(text)
    read_listing(tree_of(text), BOARD)


def test_a_page_built_to_be_dear_is_read_without_what_makes_it_dear() -> None:
    deep = tree_of("<div>" * 50_000 + "글")
    assert (deep.css("div"), deep.text().strip()) == ([], "글")
    copied = tree_of("".join(f"<b id={number}><p>" for number in range(5000)))
    assert len(copied.css("b")) < 50_000
    real = (FOLDER / "list.html").read_text(encoding="utf-8")
    assert len(tree_of(real * 200).css("i.fa-lock")) == 200


@against(st.binary(max_size=200))
def test_any_bytes_are_text(content: bytes) -> None:
    assert isinstance(decoded(content), str)


@against(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["total", "posts", "skipped", "notices", "aliases"]),
)
def test_any_cursor_is_a_memory_or_none(value: object, place: str) -> None:
    memory = Memory.of({"version": 1, place: value})
    assert Memory.of(memory.cursor()) == memory
