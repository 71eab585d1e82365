"""The crawl: what is asked of a board, and what is made of its answers. Read from a board on paper."""

import pytest

from publisher.errors import FetchError, SourceError
from tests.archive.boardroom import read_paper
from tests.boards.paper import PaperBoard, post

LIST = "/bbs/board.php?bo_table=director"
BY_DATE = f"{LIST}&sst=wr_datetime&sod=desc"
RSS = "/bbs/rss.php?bo_table=director"


def view(number: int) -> str:
    return f"{LIST}&wr_id={number}"


@pytest.fixture
def board() -> PaperBoard:
    """Forty posts on three pages."""
    return PaperBoard(post(number) for number in range(1, 41))


async def test_a_first_read_walks_all_pages_and_looks_at_every_post_once(board: PaperBoard) -> None:
    reading = await read_paper(board)
    assert set(reading.items) == {str(number) for number in range(1, 41)}
    assert reading.expected == 40
    assert board.asked[:5] == [f"{LIST}&device=pc", RSS, *(f"{LIST}&page={page}" for page in (2, 3, 4))]
    assert len(board.asked) == len(set(board.asked)) == 45


async def test_the_newest_post_comes_first_and_notices_last(board: PaperBoard) -> None:
    board.change(2, is_notice=True)
    keys = list((await read_paper(board)).items)
    assert (keys[0], keys[-1]) == ("40", "2")


async def test_an_unchanged_board_costs_three_requests_and_yields_nothing(board: PaperBoard) -> None:
    before = await read_paper(board)
    reading = await read_paper(board, before)
    assert board.asked == [f"{LIST}&device=pc", RSS, BY_DATE]
    assert (reading.items, reading.skipped, reading.expected) == ({}, {}, 0)


async def test_a_new_post_costs_one_look_more(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(post(41))
    reading = await read_paper(board, before)
    assert list(reading.items) == ["41"]
    assert board.asked[-1] == view(41)
    assert len(board.asked) <= 5


async def test_more_news_than_a_page_holds_is_followed_to_its_end(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(*(post(number, written=f"2025-11-29 {number % 24:02}:00:00") for number in range(41, 81)))
    assert len((await read_paper(board, before)).items) == 40


async def test_a_late_reply_deep_in_the_list_is_found_by_date(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(post(41, reply_to=3, written="2025-11-30 10:00:00"))
    reading = await read_paper(board, before)
    assert list(reading.items) == ["41"]


async def test_a_post_moved_in_under_an_old_date_is_found_on_top(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(post(41, written="2019-01-01 10:00:00"))
    assert list((await read_paper(board, before)).items) == ["41"]


async def test_what_neither_order_shows_in_front_is_found_when_the_total_has_grown(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(post(41, reply_to=3, written="2019-01-01 10:00:00"))
    reading = await read_paper(board, before)
    assert list(reading.items) == ["41"]
    assert f"{LIST}&page=3" in board.asked


async def test_a_wrong_total_does_not_end_the_first_walk_early(board: PaperBoard) -> None:
    board.total = 15
    assert len((await read_paper(board)).items) == 40


async def test_a_late_reply_older_than_a_page_of_news_is_found(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(*(post(number, written="2025-11-30 10:00:00") for number in range(42, 58)))
    board.put(post(41, reply_to=3, written="2025-11-29 10:00:00"))
    board.total = 40  # no help from there
    assert "41" in (await read_paper(board, before)).items


async def test_the_feed_gives_the_seconds_and_the_whole_name(board: PaperBoard) -> None:
    board.put(post(41, author="한빛평화연구소 자료실 담당 연구원"))
    item = (await read_paper(board)).items["41"]
    assert item.author == "한빛평화연구소 자료실 담당 연구원"
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-14T09:15:27+09:00"


async def test_without_the_feed_the_minute_and_the_digest_are_the_same(board: PaperBoard) -> None:
    with_feed = (await read_paper(board)).items["40"]
    board.rss = False
    reading = await read_paper(board)
    assert reading.remarks == ["rss off"]
    assert reading.items["40"].digest == with_feed.digest
    assert reading.items["40"].published_at == with_feed.published_at.replace(second=0)  # type: ignore[union-attr]  # it has a date


# ── Edits ────────────────────────────────────────────────────────────────────


async def test_an_edit_in_the_text_is_seen_in_the_feed(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(35, body="<p>고쳐 쓴 글.</p>")
    reading = await read_paper(board, before)
    assert list(reading.items) == ["35"]
    assert reading.items["35"].digest != before.items["35"].digest


async def test_an_edited_title_is_seen_in_the_list_when_there_is_no_feed(board: PaperBoard) -> None:
    board.rss = False
    before = await read_paper(board)
    board.change(35, title="고친 제목")
    assert (await read_paper(board, before)).items["35"].title == "고친 제목"


async def test_a_file_added_later_is_seen_by_its_sign_in_the_list(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(38, has_file=True)
    reading = await read_paper(board, before)
    assert [file.name for file in reading.items["38"].attachments] == ["발표문.pdf"]


async def test_an_edit_keeps_the_seconds_that_the_feed_gave_once(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.rss = False
    board.change(40, title="고친 제목")
    assert (await read_paper(board, before)).items["40"].published_at == before.items["40"].published_at


async def test_a_known_post_that_only_looks_changed_is_not_yielded(board: PaperBoard) -> None:
    board.change(38, body="<p>하나 둘</p>")
    before = await read_paper(board)
    board.change(38, body="<p>하나  둘</p>\n")
    assert (await read_paper(board, before)).items == {}


async def test_a_post_that_becomes_a_notice_comes_again_with_its_old_digest(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(5, is_notice=True)
    reading = await read_paper(board, before)
    assert reading.items["5"].is_notice
    assert reading.items["5"].digest == before.items["5"].digest


async def test_a_notice_that_is_one_no_more_comes_again(board: PaperBoard) -> None:
    board.change(5, is_notice=True)
    before = await read_paper(board)
    board.change(5, is_notice=False)
    reading = await read_paper(board, before)
    assert not reading.items["5"].is_notice
    assert (await read_paper(board, reading)).items == {}


async def test_notices_that_fill_more_than_a_page_stay_notices(board: PaperBoard) -> None:
    for number in range(1, 31):
        board.change(number, is_notice=True)
    before = await read_paper(board)
    reading = await read_paper(board, before)
    assert reading.items == {}
    assert (await read_paper(board, reading)).items == {}


async def test_a_former_notice_that_the_feed_shows_comes_again_as_well() -> None:
    board = PaperBoard((post(number) for number in range(1, 11)), page_rows=5)
    board.change(6, is_notice=True)
    before = await read_paper(board)
    board.change(6, is_notice=False, written="2019-01-01 10:00:00")
    assert not (await read_paper(board, before)).items["6"].is_notice


async def test_notices_that_were_deleted_do_not_end_the_read(board: PaperBoard) -> None:
    for number in range(1, 8):
        board.change(number, is_notice=True)
    before = await read_paper(board)
    for number in range(1, 8):
        del board.posts[number]
    reading = await read_paper(board, before)
    assert set(reading.skipped.values()) == {"gone"}
    assert (await read_paper(board, reading)).skipped == {}


# ── Closed, secret, empty, gone ──────────────────────────────────────────────


async def test_a_secret_post_is_never_asked_for_and_its_title_goes_nowhere(board: PaperBoard) -> None:
    board.put(post(41, is_secret=True, title="내부 검토용"))
    reading = await read_paper(board)
    assert reading.skipped == {"41": "secret"}
    assert view(41) not in board.asked
    assert "내부 검토용" not in str(reading)


async def test_a_post_that_became_secret_is_told_at_once(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(40, is_secret=True)
    reading = await read_paper(board, before)
    assert reading.skipped == {"40": "secret"}
    assert view(40) not in board.asked


async def test_a_post_whose_lock_is_taken_off_comes_again_though_it_is_known(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(40, is_secret=True)
    hidden = await read_paper(board, before)
    board.change(40, is_secret=False)
    assert list((await read_paper(board, hidden)).items) == ["40"]


async def test_skipped_posts_are_told_at_every_read_without_being_asked_for(board: PaperBoard) -> None:
    board.put(post(41, title="", body=""), post(1, is_secret=True))
    before = await read_paper(board)
    reading = await read_paper(board, before)
    assert before.skipped == reading.skipped == {"41": "empty", "1": "secret"}
    assert len(board.asked) == 3


async def test_a_post_without_a_title_takes_its_first_line(board: PaperBoard) -> None:
    board.put(post(41, title="", body="<p>첫 줄입니다.</p><p>둘째 줄</p>"))
    assert (await read_paper(board)).items["41"].title == "첫 줄입니다."


async def test_an_empty_post_that_is_filled_later_becomes_an_item(board: PaperBoard) -> None:
    board.put(post(41, title="", body=""))
    before = await read_paper(board)
    board.change(41, title="이제 제목이 있다")
    assert list((await read_paper(board, before)).items) == ["41"]


async def test_a_board_closed_to_guests_is_not_asked_for_every_post(board: PaperBoard) -> None:
    board.members_only = True
    reading = await read_paper(board)
    assert set(reading.skipped.values()) == {"members only"}
    assert len(reading.skipped) == 40
    assert sum("wr_id" in target for target in board.asked) == 3


async def test_a_closed_board_is_knocked_at_once_per_read_and_read_when_it_opens(board: PaperBoard) -> None:
    board.members_only = True
    before = await read_paper(board)
    still = await read_paper(board, before)
    assert sum("wr_id" in target for target in board.asked) == 1
    assert len(still.skipped) == 40
    board.members_only = False
    opened = await read_paper(board, still)
    assert len((await read_paper(board, opened)).items) == 40


async def test_a_listed_post_that_the_board_calls_deleted_is_asked_for_again_next_time(board: PaperBoard) -> None:
    board.pages[view(40)] = '<script>alert("글이 존재하지 않습니다.");</script>'
    before = await read_paper(board)
    assert before.skipped == {"40": "gone"}
    del board.pages[view(40)]
    assert list((await read_paper(board, before)).items) == ["40"]


async def test_a_post_that_is_too_large_is_passed_over(board: PaperBoard) -> None:
    board.pages[view(40)] = FetchError("too large", "more than 8 MiB")
    reading = await read_paper(board)
    assert reading.skipped == {"40": "too large"}
    assert len(reading.items) == 39


# ── A source that lies or fails ──────────────────────────────────────────────


async def failure_of(board: PaperBoard) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await read_paper(board)
    return caught.value


async def test_an_empty_list_with_a_total_is_suspicious(board: PaperBoard) -> None:
    board.posts, board.total = {}, 40
    assert (await failure_of(board)).reason == "suspicious"


async def test_an_empty_list_of_a_board_that_held_posts_is_suspicious(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.posts = {}
    with pytest.raises(SourceError) as caught:
        await read_paper(board, before)
    assert caught.value.reason == "suspicious"


async def test_an_empty_board_is_no_failure() -> None:
    reading = await read_paper(PaperBoard([]))
    assert (reading.items, reading.expected) == ({}, 0)


async def test_views_that_are_all_gone_though_listed_end_the_read(board: PaperBoard) -> None:
    for number in board.posts:
        board.pages[view(number)] = '<script>alert("글이 존재하지 않습니다.");</script>'
    assert (await failure_of(board)).reason == "suspicious"
    assert len(board.asked) == 10


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<meta charset=utf-8>접근 불가합니다.", "blocked"),
        ("<meta charset=utf-8>접근이 가능하지 않습니다.", "blocked"),
        ("MySQL Host, User, Password, DB 정보에 오류가 있습니다.", "database down"),
        ('<script>alert("존재하지 않는 게시판입니다.");</script>', "board missing"),
        ('<script>alert("목록을 볼 권한이 없습니다.");</script>', "closed"),
        ("<html><body><h1>Welcome</h1><p>to another site</p></body></html>", "not a board"),
        ("", "not a board"),
    ],
)
async def test_what_is_no_list_ends_the_read_with_a_reason(board: PaperBoard, answer: str, reason: str) -> None:
    board.pages[f"{LIST}&device=pc"] = answer
    assert (await failure_of(board)).reason == reason
    assert len(board.asked) == 1


async def test_a_database_that_goes_down_on_the_way_ends_the_read(board: PaperBoard) -> None:
    board.pages[view(38)] = "MySQL Host, User, Password, DB 정보에 오류가 있습니다."
    assert (await failure_of(board)).reason == "database down"
    assert board.asked[-1] == view(38)


async def test_a_bot_wall_before_the_posts_is_not_asked_on_and_on(board: PaperBoard) -> None:
    for number in board.posts:
        board.pages[view(number)] = "<html><body>Checking your browser…</body></html>"
    assert (await failure_of(board)).reason == "not a board"
    assert sum("wr_id" in target for target in board.asked) == 5


async def test_one_slow_post_is_passed_over_and_a_slow_site_ends_the_read(board: PaperBoard) -> None:
    board.pages[view(40)] = FetchError("timeout", "no answer")
    assert (await read_paper(board)).skipped == {"40": "timeout"}
    for number in board.posts:
        board.pages[view(number)] = FetchError("timeout", "no answer")
    assert (await failure_of(board)).reason == "timeout"


async def test_one_post_that_breaks_the_software_is_passed_over(board: PaperBoard) -> None:
    board.statuses[view(40)] = 500
    assert (await read_paper(board)).skipped == {"40": "unreachable"}


async def test_a_post_deep_in_the_list_that_could_not_be_read_is_asked_for_until_it_can(board: PaperBoard) -> None:
    board.pages[view(3)] = FetchError("timeout", "no answer")
    first = await read_paper(board)
    assert first.skipped == {"3": "timeout"}
    second = await read_paper(board, first)
    assert board.asked == [f"{LIST}&device=pc", RSS, BY_DATE, view(3)]
    assert second.skipped == {"3": "timeout"}
    del board.pages[view(3)]
    third = await read_paper(board, second)
    assert list(third.items) == ["3"]
    await read_paper(board, third)
    assert board.asked == [f"{LIST}&device=pc", RSS, BY_DATE]


async def test_of_many_posts_that_could_not_be_read_a_few_are_asked_for_at_each_read_in_turn(board: PaperBoard) -> None:
    for number in (2, 4, 6):
        board.pages[view(number)] = FetchError("too large", "more than 8 MiB")
    first = await read_paper(board)
    second = await read_paper(board, first)
    assert board.asked[3:] == [view(6), view(4)]
    await read_paper(board, second)
    assert board.asked[3:] == [view(2), view(6)]


async def test_a_post_that_is_gone_when_it_is_asked_for_again_is_forgotten(board: PaperBoard) -> None:
    board.pages[view(3)] = FetchError("timeout", "no answer")
    first = await read_paper(board)
    del board.posts[3], board.pages[view(3)]
    second = await read_paper(board, first)
    assert second.skipped == {"3": "gone"}
    assert (await read_paper(board, second)).skipped == {}


async def test_a_post_that_leads_to_the_login_is_for_members(board: PaperBoard) -> None:
    board.pages[view(40)] = "<div id='mb_login'><h1>로그인</h1></div>"
    assert (await read_paper(board)).skipped == {"40": "members only"}


async def test_a_feed_that_cannot_be_fetched_is_a_remark(board: PaperBoard) -> None:
    board.pages[RSS] = FetchError("timeout", "no answer")
    reading = await read_paper(board)
    assert reading.remarks == ["rss unreadable"]
    assert len(reading.items) == 40


async def test_a_memory_that_cannot_be_read_is_no_memory(board: PaperBoard) -> None:
    before = await read_paper(board)
    before.cursor = {"version": 99, "posts": "nonsense"}
    board.put(post(41))
    assert list((await read_paper(board, before)).items) == ["41"]


async def test_a_damaged_memory_does_no_harm(board: PaperBoard) -> None:
    before = await read_paper(board)
    before.cursor = {"version": 1, "total": "x", "posts": [1], "skipped": None, "notices": 3, "aliases": {"a": 1}}
    assert (await read_paper(board, before)).items == {}


# ── Addresses by title ───────────────────────────────────────────────────────


@pytest.fixture
def by_title() -> PaperBoard:
    board = PaperBoard(post(number, slug=f"post-{number}") for number in range(1, 6))
    board.by_title = True
    return board


async def test_without_a_number_the_address_by_title_is_the_key(by_title: PaperBoard) -> None:
    reading = await read_paper(by_title)
    assert set(reading.items) == {f"slug:post-{number}" for number in range(1, 6)}
    assert reading.items["slug:post-5"].url.endswith("/director/post-5/")
    await read_paper(by_title, reading)
    assert len(by_title.asked) == 3


async def test_a_number_in_the_page_is_the_key(by_title: PaperBoard) -> None:
    by_title.change(3, has_file=True)
    reading = await read_paper(by_title)
    assert "3" in reading.items
    assert reading.items["3"].url.endswith("bo_table=director&wr_id=3")
    assert (await read_paper(by_title, reading)).items == {}


async def test_a_renamed_post_keeps_its_key_and_gets_its_new_address(by_title: PaperBoard) -> None:
    before = await read_paper(by_title)
    by_title.change(4, title="새 제목", slug="a-new-title")
    reading = await read_paper(by_title, before)
    assert list(reading.items) == ["slug:post-4"]
    assert reading.items["slug:post-4"].url.endswith("/director/a-new-title/")
    assert (await read_paper(by_title, reading)).items == {}


async def test_a_second_post_of_the_same_minute_is_no_renaming(by_title: PaperBoard) -> None:
    before = await read_paper(by_title)
    by_title.put(post(6, slug="twin", written=by_title.posts[5].written))
    assert list((await read_paper(by_title, before)).items) == ["slug:twin"]


@pytest.mark.parametrize("to_title", [True, False])
async def test_a_site_that_changes_the_form_of_its_addresses_brings_no_doubles(
    by_title: PaperBoard, to_title: bool
) -> None:
    by_title.by_title = not to_title
    before = await read_paper(by_title)
    by_title.by_title = to_title
    assert (await read_paper(by_title, before)).items == {}


async def test_posts_without_a_date_are_known_again_by_their_titles(by_title: PaperBoard) -> None:
    for number in (2, 3):
        by_title.change(number, written="0000-00-00 00:00:00")
    by_title.by_title = False
    before = await read_paper(by_title)
    by_title.by_title = True
    by_title.put(post(6, slug="another", title="날짜 없는 새 글", written="0000-00-00 00:00:00"))
    assert list((await read_paper(by_title, before)).items) == ["slug:another"]


async def test_empty_paragraphs_between_the_others_are_not_taken_over() -> None:
    picture = "<p><img src='/data/file/director/a.png' alt='지도'></p>"
    spaced = f"<p>첫째 문단.</p><p>&nbsp;</p><p><br></p><p>둘째 문단.</p>{picture}"
    (item,) = (await read_paper(PaperBoard([post(1, title="사이가 벌어진 글", body=spaced)]))).items.values()
    html = item.faces["ko"].html
    assert html.count("<p>") == 3
    assert "a.png" in html
