"""The habits of the board itself."""

from datetime import timedelta

from publisher.demo.board import ROWS, Board
from publisher.demo.posts import content

from . import SESSION


def numbers(posts):
    return [post.wr_id for post in posts]


def test_a_reply_stands_after_its_parent_whatever_its_date(board):
    order = numbers(board.posts())
    assert order.index(66) == order.index(21) + 1
    others = [number for number in order if number != 66]
    assert others == sorted(others, reverse=True)


def test_the_notice_tops_the_first_page_and_has_no_number(board):
    first, second = board.page(1), board.page(2)
    assert (first.rows[0].post.wr_id, first.rows[0].number) == (3, None)
    assert 3 not in numbers(row.post for row in second.rows)
    assert [row.number for row in (*first.rows[1:], *second.rows)] == list(range(24, 0, -1))


def test_two_pages_hold_every_post_and_a_third_none(board):
    pages = [board.page(number) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [ROWS, 10, 0]
    assert {page.total for page in pages} == {25}
    assert {page.pages for page in pages} == {2}


def test_sorted_by_date_a_late_reply_comes_forward(board):
    order = [row.post for row in board.page(1, "wr_datetime", "desc").rows[1:]]
    assert 66 in numbers(order)
    assert order == sorted(order, key=lambda post: post.written_at, reverse=True)


def test_an_unknown_order_is_the_usual_one(board):
    assert board.page(1, "wr_password", "desc") == board.page(1)


def test_the_feed_has_the_newest_fifteen_and_never_a_secret_post(board):
    assert len(board.syndicated()) == ROWS
    assert 73 not in numbers(board.syndicated())
    assert 73 in numbers(board.posts()[:ROWS])


def test_more_is_published_once_dated_now(board, start):
    assert (board.publish_more(), board.publish_more()) == (4, 0)
    newest = board.posts()[:4]
    assert [start - post.written_at for post in newest] == [timedelta(seconds=n) for n in range(4)]
    assert board.page(1).total == 29


def test_every_look_counts(board):
    post = board.post(79)
    before = board.hits(post)
    board.looked_at(post)
    assert board.hits(post) == before + 1


def test_a_file_is_for_the_session_that_opened_the_post_and_for_two_hours(start):
    clock = [start]
    board = Board(content(start), lambda: clock[0])
    report, other = board.post(30), board.post(58)
    nonce = board.nonce(SESSION, report)
    assert board.may_download(SESSION, report, nonce)
    assert not board.may_download("0" * 32, report, nonce)
    assert not board.may_download(SESSION, other, nonce)
    clock[0] = start + timedelta(hours=2, minutes=1)
    assert not board.may_download(SESSION, report, nonce)


def test_a_made_up_nonce_opens_nothing(board):
    far = 4_070_908_800  # the year 2099
    for nonce in ("", "-", f"{far}-", f"{far}-{'0' * 40}", "٣-x", f"{'9' * 400}-x", "-1-x", f"{far}-é"):
        assert not board.may_download(SESSION, board.post(30), nonce)
