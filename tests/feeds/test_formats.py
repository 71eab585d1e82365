"""RSS and Atom, read back by another's parser: what we wrote is what a reader sees."""

import json
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import feedparser
import pytest
import time_machine
from lxml import etree

from publisher.feeds import FORMATS
from publisher.feeds.format import LARGEST_DOCUMENT, NOTHING_YET
from publisher.feeds.plan import chosen
from publisher.feeds.publish import render
from publisher.model import MIXED, Attachment, Citation, Entry, Face, Joined, JoinedBy, Origin
from tests.feeds.example import FEEDS, RIGHTS, SITE, entry, face, feed, house

XML = ("rss", "atom")
HOSTILE = (
    "<script>alert(1)</script> & co",
    "{{ 7 * 7 }}{% raw %}${x}%(y)s",
    "one\r\ntwo\r\nBcc: x@example.org",
    "bell\x07 null\x00 half\ud800 end\uffff",
    "]]><!-- --><![CDATA[",
    "&amp;amp; &#x0; &lt;",
)


def read(slug: str, extension: str, entries: list[Entry], rights: dict[str, str] | None = None) -> Any:
    document = render(feed(slug), extension, entries, SITE, RIGHTS if rights is None else rights)
    parsed = feedparser.parse(document.content, response_headers={"content-type": document.media_type})
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def title_and_text(document: bytes, extension: str) -> tuple[str, str]:
    """Of the first entry, by a strict parser that repairs nothing."""
    if extension == "json":
        item = json.loads(document)["items"][0]
        return item["title"], item["content_html"]
    root = etree.fromstring(document)
    title = root.findtext(".//{*}item/{*}title") or root.findtext(".//{*}entry/{*}title")
    text = root.findtext(".//{*}item/{*}description") or root.findtext(".//{*}entry/{*}summary")
    assert title is not None
    assert text is not None
    return title, text


def seconds(parsed: Any) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


@pytest.mark.parametrize("extension", XML)
@pytest.mark.parametrize("slug", [each.slug for each in FEEDS])
def test_every_feed_reads_back(slug: str, extension: str) -> None:
    shown = chosen(feed(slug), house())
    parsed = read(slug, extension, house())
    assert [item.id for item in parsed.entries] == [each.atom_id for each in shown]
    assert [seconds(item.published_parsed) for item in parsed.entries if "published" in item] == [
        each.published_at for each in shown if each.published_at
    ]
    assert parsed.feed.title == feed(slug).title
    assert parsed.feed.subtitle == feed(slug).description
    assert seconds(parsed.feed.updated_parsed) == (
        max((each.updated_at for each in shown), default=NOTHING_YET).replace(microsecond=0)
    )


@pytest.mark.parametrize("extension", XML)
def test_links_lead_to_our_page_in_the_language_of_the_feed(extension: str) -> None:
    by_language = {slug: read(slug, extension, house()[:1]).entries[0].link for slug in ("all", "all-ko", "all-en")}
    assert by_language == {
        "all": "https://gaon.example/news/ko/entries/entry0000001",
        "all-ko": "https://gaon.example/news/ko/entries/entry0000001",
        "all-en": "https://gaon.example/news/en/entries/entry0000001",
    }


@pytest.mark.parametrize("extension", XML)
def test_a_feed_names_itself_its_page_and_its_other_forms(extension: str) -> None:
    links = read("all-ko", extension, house()).feed.links
    told = {(link.rel, link.type): link.href for link in links}
    types = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
    assert told[("alternate", "text/html")] == "https://gaon.example/news/ko/"
    for other, media_type in types.items():
        rel = "self" if other == extension else "alternate"
        assert told[(rel, media_type)] == f"https://gaon.example/news/feeds/all-ko.{other}"


@pytest.mark.parametrize("extension", XML)
def test_each_entry_speaks_its_language(extension: str) -> None:
    parsed = read("all", extension, house())
    assert [item.title_detail.language for item in parsed.entries] == ["ko", "ko", "en", "ko"]
    assert read("all-en", extension, house()).feed.language == "en"
    assert "language" not in parsed.feed


@pytest.mark.parametrize("extension", XML)
def test_authors_are_printed_names_only(extension: str) -> None:
    by_id = {item.id[-1]: item.get("author") for item in read("all", extension, house()).entries}
    assert by_id["1"] == "한가온"
    assert by_id["2"] == "Han Gaon"
    nameless = entry(1, author="최고관리자", printed_author={})
    content = render(feed("all"), extension, [nameless], SITE, {}).content.decode()
    assert "최고관리자" not in content
    assert "creator" not in content.split("<item")[-1]
    assert "<name>" not in content.split("<entry")[-1]


def test_atom_links_to_files_translations_and_origin_with_all_they_need() -> None:
    items = read("all", "atom", house()).entries
    by_id = {item.id[-1]: [{**link} for link in item.links] for item in items}
    assert by_id["1"][1:] == [
        {
            "rel": "related",
            "type": "text/html",
            "hreflang": "en",
            "href": "https://gaon.example/news/en/entries/entry0000001",
        },
        {
            "rel": "via",
            "type": "text/html",
            "href": "https://board.example/bbs/board.php?bo_table=columns&wr_id=1&lang=ko",
        },
        {"rel": "related", "type": "text/html", "href": "https://hanbit.example/view?id=7&sec=2"},
    ]
    assert [link for link in by_id["2"] if link["rel"] == "enclosure"] == [
        {
            "rel": "enclosure",
            "type": "application/pdf",
            "length": "482113",
            "title": "물때표.pdf",
            "href": "https://board.example/data/%EB%AC%BC%EB%95%8C%20%ED%91%9C.pdf",
        },
        {
            "rel": "enclosure",
            "type": "text/csv",
            "length": "0",
            "title": "tables.csv",
            "href": "https://board.example/data/t.csv",
        },
    ]


def test_rss_has_the_first_file_that_anybody_may_fetch() -> None:
    locked_first = tuple(reversed(house()[1].attachments))
    item = read("papers", "rss", [replace(house()[1], attachments=locked_first)]).entries[0]
    assert [(each.href, each.length, each.type) for each in item.enclosures] == [
        ("https://board.example/data/t.csv", "0", "text/csv")
    ]


@pytest.mark.parametrize("extension", XML)
def test_files_that_need_a_session_are_named_and_not_linked(extension: str) -> None:
    item = read("papers", extension, house()).entries[0]
    text = item.content[0].value
    assert "원고.hwp (89 KB)" in text
    assert "download.php" not in text
    assert '<a href="https://board.example/data/u.zip">unmeasured.zip</a>' in text


@pytest.mark.parametrize("extension", XML)
def test_a_summary_goes_out_unless_the_archive_gives_the_whole(extension: str) -> None:
    given = read("all-en", extension, house(), {"papers": "full"}).entries
    by_id = {item.id[-1]: item for item in given}
    assert "<p>Tables &amp; tides.</p>" in by_id["2"].content[0].value
    assert "A day." not in str(by_id["1"])
    assert "<p>A day at the estuary, and what came after.</p>" in by_id["1"].summary
    assert ">Read on at Gaon Institute</a>" in by_id["1"].summary


@pytest.mark.parametrize("extension", XML)
def test_the_origin_of_a_piece_stands_below_it(extension: str) -> None:
    by_id = {item.id[-1]: item.summary for item in read("all", extension, house()).entries}
    assert (
        '처음 실린 곳: 한빛일보, 2026년 2월 27일<br />원문: <a href="https://hanbit.example/view?id=7&amp;sec=2">'
        in by_id["1"]
    )
    assert "처음 실린 곳: Field Notes<br />자료실: " in by_id["4"]
    only_dated = entry(1, face("en", "x"), citation=Citation(date=house()[0].citation.date))
    assert (
        "First published: 27 February 2026<br />In the archive: "
        in read("all", extension, [only_dated]).entries[0].summary
    )


@pytest.mark.parametrize("extension", XML)
def test_an_entry_without_a_date_has_none(extension: str) -> None:
    undated = next(item for item in read("all", extension, house()).entries if item.id[-1] == "4")
    assert "published" not in undated


@pytest.mark.parametrize("extension", XML)
def test_categories_stand_once_each(extension: str) -> None:
    shown = entry(1, categories=("강", "강", " 습지\r\n", "\x00", "물 & 불"))
    assert [tag.term for tag in read("all", extension, [shown]).entries[0].tags] == ["강", "습지", "물 & 불"]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(extension: str, words: str) -> None:
    hostile = entry(
        1,
        replace(face("ko", words, words, f"<p>{words}</p>"), url="javascript:alert(1)"),
        author=words,
        printed_author={"ko": words},
        categories=(words,),
        citation=Citation(outlet=words, url=words),
        attachments=(Attachment(name=words, url=words, size=1, type=words),),
    )
    document = render(feed("all"), extension, [hostile], SITE, {}).content
    plain = " ".join(words.translate({0: None, 7: None, 0xD800: None, 0xFFFF: None}).split())
    title, text = title_and_text(document, extension)
    assert title == plain
    assert escape(plain) in text
    assert "<script" not in text
    assert "javascript:" not in document.decode()
    assert "\r" not in document.decode()


@pytest.mark.parametrize("extension", XML)
def test_an_entry_without_a_title_is_called_by_its_first_words(extension: str) -> None:
    bare = [entry(2, face("ko", " \x00 ", "강가에서 보낸 하루.")), entry(1, face("en", "", ""))]
    assert [item.title for item in read("all", extension, bare).entries] == ["강가에서 보낸 하루.", "Untitled"]


@pytest.mark.parametrize("extension", FORMATS)
def test_an_empty_feed_has_a_date_that_stays(extension: str) -> None:
    with time_machine.travel("2031-01-01"):
        first = render(feed("all"), extension, [], SITE, {})
    assert render(feed("all"), extension, [], SITE, {}).content == first.content
    assert first.last_modified is None
    if extension != "json":
        assert read("all", extension, []).feed.updated_parsed[:3] == (2000, 1, 1)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_document_has_a_largest_size_and_keeps_the_newest(extension: str) -> None:
    body = "<p>" + "강물은 흐른다 &amp; " * 2500 + "</p>"
    many = [entry(number, face("ko", f"{number}", "짧다.", body)) for number in range(1, 31)]
    content = render(feed("all"), extension, many, SITE, {"columns": "full"}).content
    assert LARGEST_DOCUMENT * 0.6 < len(content) <= LARGEST_DOCUMENT
    assert b"entry0000030" in content
    assert b"entry0000001" not in content


@pytest.mark.parametrize("extension", FORMATS)
def test_a_body_of_two_megabytes_goes_out_as_its_summary(extension: str) -> None:
    huge = entry(2, face("ko", "긴 글", "요약이다. " * 100_000, "<p>" + "가" * 700_000 + "</p>"))
    content = render(feed("all"), extension, [huge, entry(1)], SITE, {"columns": "full"}).content
    assert len(content) < 64 * 1024
    assert b"entry0000002" in content
    assert b"entry0000001" in content


@pytest.mark.parametrize("extension", FORMATS)
def test_a_crowd_of_files_does_not_swell_the_feed(extension: str) -> None:
    files = tuple(
        Attachment(name="이름" * 5000, url=f"https://board.example/{number}", size=1) for number in range(2000)
    )
    content = render(feed("all"), extension, [entry(1, attachments=files, categories=("강",) * 5000)], SITE, {}).content
    assert b"entry0000001" in content
    assert len(content) < 128 * 1024


@pytest.mark.parametrize("extension", FORMATS)
def test_the_same_instant_in_another_zone_is_the_same_feed(extension: str) -> None:
    def elsewhere(each: Entry) -> Entry:
        return replace(each, published_at=each.published_at and each.published_at.astimezone(UTC))

    here = render(feed("all"), extension, house(), SITE, {}).content
    assert render(feed("all"), extension, map(elsewhere, house()), SITE, {}).content == here


@pytest.mark.parametrize("extension", FORMATS)
def test_an_edit_changes_the_feed_and_keeps_the_id(extension: str) -> None:
    before, after = entry(1), entry(1, updated_at=entry(1).updated_at + timedelta(hours=3))
    shown = [render(feed("all"), extension, [each], SITE, {}) for each in (before, after)]
    assert shown[0].etag != shown[1].etag
    assert all(before.atom_id.encode() in each.content for each in shown)
    assert shown[1].last_modified == after.updated_at.replace(microsecond=0)


def test_a_mixed_entry_shows_in_each_feed_the_face_of_that_language() -> None:
    titles = {slug: read(slug, "atom", [house()[2]]).entries[0].title for slug in ("all", "all-ko", "all-en")}
    assert house()[2].language == MIXED
    assert titles == {"all": "봄 강연 안내", "all-ko": "봄 강연 안내", "all-en": "Spring lectures"}


def test_a_machine_translation_is_not_offered() -> None:
    faces: dict[str, Face] = {"ko": face("ko", "강"), "en": replace(house()[0].faces["en"], origin=Origin.MACHINE)}
    links = read("all", "atom", [replace(house()[0], faces=faces)]).entries[0].links
    assert "en" not in [link.get("hreflang") for link in links]


# ── Two versions that were joined ────────────────────────────────────────────


def joined(archive: str) -> Entry:
    """An entry of `papers` with its English version from this archive."""
    at = datetime(2026, 3, 3, tzinfo=UTC)
    part = Joined(public_id="x", archive=archive, source_key="2", url="", language="en", at=at, by=JoinedBy.OPERATOR)
    cited = Citation(outlet="The River Post", url="https://post.example/1")
    faces = (face("ko", "강", html="<p>강가</p>"), replace(face("en", "River", html="<p>banks</p>"), citation=cited))
    return replace(entry(1, *faces, archive="papers", citation=Citation(outlet="강변일보")), joined=(part,))


@pytest.mark.parametrize(("archive", "is_whole"), [("papers", True), ("columns", False)])
def test_of_two_archives_only_what_both_give_away_goes_out(archive: str, is_whole: bool) -> None:
    document = render(feed("all-en"), "atom", [joined(archive)], SITE, {"papers": "full", "columns": "summary"})
    assert (b"banks" in document.content) is is_whole


@pytest.mark.parametrize(
    ("slug", "outlet", "other"), [("all-en", "The River Post", "강변"), ("all-ko", "강변일보", "Post")]
)
def test_each_face_names_its_own_outlet(slug: str, outlet: str, other: str) -> None:
    (shown,) = read(slug, "atom", [joined("papers")]).entries
    assert outlet in shown.content[0].value
    assert other not in shown.content[0].value
