"""What the invented institute has written."""

import re
from datetime import datetime, timedelta

import pytest

from publisher.demo.house import ARCHIVE, LIST, READERS
from publisher.demo.posts import KOREA, Content, Post, content, read

HANGUL = re.compile(r"[가-힣]")
ENGLISH = re.compile(r"[a-z]{3}", re.IGNORECASE)
ADDRESS = re.compile(r"https?://([^/\s\"<]+)")


def all_posts(found: Content, start: datetime) -> list[Post]:
    return [*found.standing, *(draft.written(start) for draft in found.arriving)]


def test_24_posts_can_be_read_at_first_and_one_is_secret(start):
    standing = content(start).standing
    assert [post.is_secret for post in standing].count(False) == 24
    assert [post.is_secret for post in standing].count(True) == 1
    assert [post.is_notice for post in standing].count(True) == 1


def test_four_more_arrive_korean_english_both_and_one_with_files(start):
    korean, english, both, with_files = (draft.written(start) for draft in content(start).arriving)
    assert HANGUL.search(korean.title)
    assert not HANGUL.search(english.title)
    assert HANGUL.search(both.title)
    assert ENGLISH.search(both.title)
    assert "[English version]" in both.html
    assert {file.name.rpartition(".")[2] for file in with_files.enclosed} == {"hwp", "pdf"}


def test_the_same_start_gives_the_same_posts(start):
    assert content(start) == content(start)


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_no_post_is_dated_in_the_future_or_older_than_200_days(start, hour):
    start = start.replace(hour=hour, minute=1)
    ages = [start - post.written_at for post in content(start).standing]
    assert min(ages) > timedelta(0)
    assert max(ages) < timedelta(days=200)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_higher_number_was_written_later_but_for_the_reply(start, hour):
    standing = content(start.replace(hour=hour, minute=1)).standing
    moments = [post.written_at for post in standing if not post.reply_to]
    assert moments == sorted(moments)


def test_every_readable_post_has_substance(start):
    for post in all_posts(content(start), start):
        if not post.is_secret:
            paragraphs = [text for text in re.split(r"</?p>", post.html) if len(text) > 90]
            assert len(paragraphs) >= 3, post.title


def test_numbers_are_unique_and_replies_have_their_parents(start):
    posts = all_posts(content(start), start)
    numbers = {post.wr_id for post in posts}
    assert len(numbers) == len(posts)
    assert {post.reply_to for post in posts if post.reply_to} <= numbers


def test_the_board_has_the_titles_that_boards_get_wrong(start):
    titles = [post.title for post in content(start).standing]
    assert any(len(title) > 70 for title in titles)
    assert any('"' in title for title in titles)
    assert any("&" in title for title in titles)


def test_all_addresses_are_invented(start):
    for post in all_posts(content(start), start):
        hosts = ADDRESS.findall(post.html + " ".join(post.links))
        assert all(host.endswith(".example") for host in hosts), post.title


def test_the_citation_carries_the_outlets_day(start):
    cranes = next(post for post in content(start).standing if post.title == "Cranes Do Not Read Maps")
    day = cranes.written_at - timedelta(days=2)
    assert f'"Cranes Do Not Read Maps" (The Hanbit Times, {day:%Y.%m.%d})' in cranes.html
    assert f"/opinion/{day:%Y/%m/%d}/" in cranes.html


def test_a_file_becomes_a_post():
    source = (
        'title: "A & B"\nauthor: 관리자\nwritten: 2 days before, 09:30\ncited: 1 day before\nfile: 글.pdf | 전문\n\n'
        "R&D of {cited:%m/%d}\n\nhttps://a.example/?x=1&y=2\n\n- one\n- two\n"
    )
    post = read("007-a.md", source).before(datetime(2026, 3, 10, 8, 0, tzinfo=KOREA))
    assert (post.wr_id, post.title) == (7, '"A & B"')
    assert post.written_at == datetime(2026, 3, 8, 9, 30, tzinfo=KOREA)
    assert "<p>R&amp;D of 03/07</p>" in post.html
    assert 'href="https://a.example/?x=1&amp;y=2"' in post.html
    assert "<li>one</li>\n<li>two</li>" in post.html
    assert [(file.name, file.note) for file in post.enclosed] == [("글.pdf", "전문")]


@pytest.mark.parametrize("written", ["yesterday", "", "9 days ago"])
def test_a_day_that_cannot_be_read_is_refused_with_an_example(start, written):
    draft = read("001-a.md", f"title: a\nauthor: b\nwritten: {written}\n\ntext")
    with pytest.raises(ValueError, match="12 days before, 09:30"):
        draft.before(start)


def test_three_readers_want_korean_english_and_both():
    assert [reader.languages for reader in READERS] == ["ko", "en", "ko+en"]
    assert all(reader.address.endswith(".example") for reader in READERS)


def test_the_demo_names_its_archive_and_its_list():
    assert (ARCHIVE, LIST) == ("director", "weekly")
