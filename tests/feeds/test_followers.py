"""What programs say of those they read for, and what is made of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.feeds.followers import MOST, told_by


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers; like FeedFetcher-Google)", ("Feedly", 42)),
        ("Feedly/1.0 (poller; 1 subscriber; feed-id=1)", ("Feedly", 1)),
        ("NewsBlur Feed Fetcher - 7 subscribers - https://www.newsblur.com/site/1", ("NewsBlur", 7)),
        ("Feedbin feed-id:1 - 28 subscribers", ("Feedbin", 28)),
        ("Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 13 subscribers; )", ("Inoreader", 13)),
        ("Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 5 subscribers)", ("BazQux", 5)),
        ("theoldreader.com (feed-id=a; 3 subscribers)", ("theoldreader.com", 3)),
        ("Some Planet 12 readers", ("Some", 12)),
        ("(9 subscribers)", ("unnamed", 9)),
        ("Evil/1 99999999999 subscribers", ("Evil", MOST)),
        ("Evil/1 -5 subscribers", ("Evil", 5)),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", None),
        ("Liferea/1.15", None),
        ("12 apples", None),
        ("subscribers", None),
        ("", None),
        ("x" * 10_000 + " 5 subscribers", None),
        ("9" * 400 + " subscribers", None),
    ],
)
def test_what_a_program_says_of_its_readers(user_agent: str, told: tuple[str, int] | None) -> None:
    assert told_by(user_agent) == told


@settings(deadline=None)
@given(st.text() | st.text().map(lambda text: f"{text} 7 subscribers"))
def test_whatever_it_says_stays_small(user_agent: str) -> None:
    told = told_by(user_agent)
    if told is not None:
        assert 0 < len(told[0]) <= 32
        assert told[0].isascii()
        assert 0 <= told[1] <= MOST
