from unicodedata import normalize

import pytest

from publisher.feeds.plan import belongs, category_slug, chosen, generated_feed, plan, slug_of
from publisher.feeds.policy import FeedPolicy
from publisher.model import MIXED, Entry, EntryStatus, Held, Origin, Site
from tests.feeds.example import ARCHIVES, FEEDS, SITE, entry, face, feed, house, moment

KOREAN = face("ko", "강")
ENGLISH = face("en", "River", origin=Origin.HUMAN)
MACHINE = face("en", "Stream", origin=Origin.MACHINE)


def test_every_archive_and_language_has_a_feed() -> None:
    assert [each.slug for each in plan(SITE, ARCHIVES)] == [
        *("all", "all-ko", "all-en"),
        *("columns", "columns-ko", "columns-en"),
        *("papers", "papers-ko", "papers-en"),
    ]


def test_configured_feeds_come_last_and_replace_none() -> None:
    configured = {"rivers": FeedPolicy(archives=("papers",), language="en"), "all-ko": FeedPolicy(title="Hijacked")}
    feeds = plan(SITE, ARCHIVES, configured)
    assert [each.slug for each in feeds][9:] == ["rivers"]
    assert "Hijacked" not in [each.title for each in feeds]
    assert feeds[-1].archives == ("papers",)


def test_a_third_language_is_a_matter_of_configuration() -> None:
    site = Site(name={"en": "Gaon"}, url="https://gaon.example", languages=("en",))
    assert [each.slug for each in plan(site, {})] == ["all", "all-en"]


@pytest.mark.parametrize(
    ("slug", "title"),
    [
        ("all", "가온연구소 새 글 / Gaon Institute: new entries"),
        ("all-ko", "가온연구소 새 글 (한국어)"),
        ("all-en", "Gaon Institute: new entries (English)"),
        ("columns-ko", "칼럼 – 가온연구소 (한국어)"),
        ("papers-en", "Papers – Gaon Institute (English)"),
        ("rivers", "강과 습지 – 가온연구소 (한국어)"),
    ],
)
def test_a_feed_is_named_in_its_own_language(slug: str, title: str) -> None:
    assert feed(slug).title == title


def test_every_feed_says_what_it_holds_in_other_words_than_the_next() -> None:
    generated = FEEDS[:9]
    assert len({each.description for each in generated}) == len(generated)
    assert (
        feed("papers-ko").description
        == "가온연구소 ‘연구 자료’에 새로 올라온 글 가운데 한국어로 읽을 수 있는 글을 전합니다."
    )


def test_a_configured_title_stands_as_it_is() -> None:
    assert plan(SITE, ARCHIVES, {"x": FeedPolicy(title="강 이야기")})[-1].title == "강 이야기"


@pytest.mark.parametrize(
    ("slug", "shown", "stands"),
    [
        ("all", entry(1, KOREAN), True),
        ("all-ko", entry(1, KOREAN), True),
        ("all-en", entry(1, KOREAN), False),
        ("all-en", entry(1, KOREAN, ENGLISH), True),
        ("all-en", entry(1, KOREAN, MACHINE), False),
        ("all-ko", entry(1, KOREAN, ENGLISH, language=MIXED, original_language=None), True),
        ("all-en", entry(1, KOREAN, ENGLISH, language=MIXED, original_language=None), True),
        ("columns", entry(1, KOREAN, archive="papers"), False),
        ("papers-ko", entry(1, KOREAN, archive="papers"), True),
        ("rivers", entry(1, KOREAN), False),
        ("rivers", entry(1, KOREAN, categories=("소식", "강과  습지 ")), True),
        ("all", entry(1, KOREAN, status=EntryStatus.RETRACTED), False),
        ("all", entry(1, KOREAN, held=Held.FLOOD), False),
        ("all", entry(1, KOREAN, held=Held.FIRST), True),
        ("all", entry(1, KOREAN, held=Held.OLD), True),
    ],
)
def test_what_belongs_in_a_feed(slug: str, shown: Entry, stands: bool) -> None:
    assert belongs(feed(slug), shown) is stands


def test_entries_come_newest_first_however_they_are_given() -> None:
    expected = [4, 3, 2, 1]
    assert [each.id for each in chosen(feed("all"), house())] == expected
    assert [each.id for each in chosen(feed("all"), reversed(house()))] == expected


def test_an_old_piece_read_late_does_not_push_out_what_is_new() -> None:
    late = entry(9, KOREAN, published_at=moment("2019-05-01T10:00+09:00"))
    assert [each.id for each in chosen(feed("all"), [late, *house()])][-1] == 9


def test_an_entry_without_a_date_stands_where_it_arrived() -> None:
    undated = entry(9, KOREAN, published_at=None, arrived_at=moment("2026-03-04T12:00+09:00"))
    assert [each.id for each in chosen(feed("all"), [*house(), undated])] == [4, 3, 9, 2, 1]


def test_a_category_keeps_its_slug_for_ever() -> None:
    assert category_slug("강과 습지") == "fivllhxq"
    assert category_slug(normalize("NFD", " 강과  습지 ")) == "fivllhxq"  # as some systems write it
    assert slug_of("columns", "강과 습지", "ko") == "columns-c-fivllhxq-ko"
    assert slug_of() == "all"


def test_a_category_feed_holds_its_category_only() -> None:
    rivers = generated_feed(SITE, ARCHIVES, archive="papers", category="강과 습지")
    assert [each.id for each in chosen(rivers, house())] == [2]
    assert rivers.title == "연구 자료 · 강과 습지 – 가온연구소 / Papers · 강과 습지 – Gaon Institute"
