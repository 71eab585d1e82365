"""The validator itself: it finds nothing in a good feed, and each of its rules is seen to be broken."""

import pytest

from publisher.feeds.format import NOTHING_YET
from publisher.feeds.head import Place
from publisher.feeds.publish import bind, write_entries
from tests.feeds.example import RIGHTS, SITE, feed, house
from tests.feeds.validator import faults

PAGE = Place(number=2, older=1, newer=3)


def good(extension: str, place: Place = PAGE) -> str:
    fragments = write_entries(house(), None, SITE, RIGHTS)
    return bind(feed("all"), extension, fragments, SITE, place=place, hub="https://hub.example/").content.decode()


@pytest.mark.parametrize("place", [PAGE, Place(), Place(older=4), Place(number=1)])
@pytest.mark.parametrize("extension", ["atom", "rss", "json"])
def test_a_good_feed_has_no_fault(extension: str, place: Place) -> None:
    assert faults(good(extension, place).encode(), extension) == []
    assert NOTHING_YET.isoformat() not in good(extension, place)


TAG = "tag:gaon.example,2026:entry0000001"

BROKEN = {
    "atom": [
        ("</feed>", "", "not well-formed"),
        ("강은", "강\x07은", "not well-formed"),
        ("<feed ", "<food ", "not well-formed"),
        ("<title>", "<title>a</title><title>", "feed: not exactly one title"),
        ("</updated>", "</updated><updated>2026-03-01T00:00:00Z</updated>", "feed: not exactly one updated"),
        ("<updated>2026-03-06T00:50:00+00:00", "<updated>2026-03-06 00:50", "feed: no RFC 3339 date"),
        ("<author>", "<contributor>", "not well-formed"),
        ("<name>가온연구소</name>", "", "feed: an author without a name"),
        ('rel="self"', 'rel="me"', "feed: not exactly one self link"),
        ('"application/feed+json"', '"application/rss+xml"', "twice: feed: alternate of one type and language"),
        (f"<id>{TAG}</id>", "<id>entry 1</id>", "entry: an id that is no IRI"),
        (f"<id>{TAG}</id>", "<id>tag:gaon.example,2026:entry0000002</id>", "twice: entry id"),
        ("<title>강은 기다린다</title>", "<title> </title>", "entry: an empty title"),
        ("<published>2026-03-05T", "<published>yesterday T", "entry: no RFC 3339 date"),
        (
            "<published>2026-03-05T",
            "<published>2026-03-05T00:30:00Z</published><published>2",
            "more than one published",
        ),
        ('term="Data"', 'term=""', "entry: a category without a term"),
        ('xml:lang="en"', 'xml:lang="in English"', "entry: no language tag"),
        ('length="482113"', 'length="many"', "entry: an enclosure without type or length"),
        ('type="application/pdf"', 'type="pdf"', "entry: a link with no media type"),
        (
            '<link rel="related" href="https://hanbit.example',
            '<link rel="related" href="',
            "entry: a link without an absolute address",
        ),
        ('<summary type="html">', '<summary type="CDATA">', "text of the type CDATA"),
        ("&lt;p&gt;Tables", "&lt;script&gt;Tables", "markup: <script>"),
        ("&lt;p&gt;Tables", "&lt;p onclick=x&gt;Tables", "markup: an event handler"),
        (
            '&lt;a href="https://hanbit',
            '&lt;a href="javascript:https://hanbit',
            "markup: a relative or harmful address",
        ),
        ('rel="current"', 'rel="related"', "archive: a page without a link to the current document"),
        ('rel="next-archive"', 'rel="prev-archive"', "archive: two links of one relation"),
        ("feeds/all/1.atom", "feeds/all/2.atom", "archive: two links of one relation, or one that leads here"),
        ("<fh:archive/>", "", "archive: the current document has no next one"),
    ],
    "rss": [
        ('version="2.0"', 'version="0.91"', "no rss 2.0 with one channel"),
        ("<title>", "<title>a</title><title>", "channel: not exactly one title"),
        ("<link>https://gaon.example/news/</link>", "<link>/news/</link>", "channel: no absolute link"),
        ("<lastBuildDate>Fri, ", "<lastBuildDate>", "channel: no RFC 822 date"),
        ("Fri, 06 Mar 2026", "Fri, 06 Mar 26", "channel: no RFC 822 date"),
        ("Thu, 05 Mar 2026", "Thu, 35 Mar 2026", "item: no RFC 822 date"),
        ('rel="self"', 'rel="me"', "channel: not exactly one atom:link to itself"),
        ("<guid ", "<guid>x</guid><guid ", "item: not exactly one guid"),
        (f">{TAG}<", ">tag:gaon.example,2026:entry0000002<", "twice: guid"),
        ('isPermaLink="false"', 'isPermaLink="true"', "item: a guid that is no address, and claims to be one"),
        ("<guid ", "<author>한가온</author><guid ", "item: an author without an e-mail address"),
        ("<title>강은 기다린다</title>", "<title></title>", "item: not exactly one title"),
        ("<link>https://gaon.example/news/ko/entries/", "<link>ko/entries/", "item: no absolute link"),
        (
            "<description>How &amp;lt;the&amp;gt; tables were made.</description>",
            "",
            "a whole text without a description",
        ),
        ("<pubDate>", "<pubDate>x</pubDate><pubDate>", "item: more than one pubDate"),
        ('length="482113"', 'length=""', "item: an enclosure without address, length or type"),
        ("<dcterms:modified>2026-", "<dcterms:modified>March 2026", "item: no W3C date"),
        ('xml:lang="en"', 'xml:lang=""', "item: no language tag"),
        ("&lt;p&gt;Tables", "&lt;iframe&gt;Tables", "markup: <iframe>"),
        ("<fh:archive/>", "", "archive: the current document has no next one"),
    ],
    "json": [
        ('"items": [', '"items": [,', "not well-formed"),
        ("version/1.1", "version/2", "feed: not version 1.1"),
        ('"title": "가온', '"name": "가온', "feed: title is missing"),
        ('"title": "가온', '"name": "가온', "feed: an unknown key"),
        ('"home_page_url": "https', '"home_page_url": "gopher', "feed: home_page_url is no absolute address"),
        ("all/1.json", "all/2.json", "feed: next_url leads here"),
        ('"authors": [{"name": "한가온"}]', '"authors": [{}]', "item: an author of whom nothing is told"),
        ('"authors": [{"name": "한가온"}]', '"authors": [{"name": 7}]', "item's author: name is of another type"),
        (f'"id": "{TAG}"', '"id": 1', "item: id is of another type"),
        (f'"id": "{TAG}"', '"id": "tag:gaon.example,2026:entry0000002"', "twice: item id"),
        ('"content_html": "<p>강가', '"_html": "<p>강가', "item: neither content_html nor content_text"),
        ('"date_modified": "2026', '"date_modified": "26', "item: no RFC 3339 date"),
        ('"tags": ["강과 습지"]', '"tags": [""]', "item: a tag that is no text"),
        ('"language": "en"', '"language": "english please"', "item: no language tag"),
        ('"mime_type": "application/pdf"', '"mime_type": "pdf"', "attachment: no media type, or no size"),
        ('"size_in_bytes": 482113', '"size_in_bytes": "482113"', "attachment: size_in_bytes is of another type"),
        ('"url": "https://board.example/data/t.csv"', '"url": "t.csv"', "attachment: url is no absolute address"),
        ("<p>Tables", "<p><base href='x'>Tables", "markup: <base>"),
    ],
}


@pytest.mark.parametrize(
    ("extension", "right", "wrong", "told"),
    [(extension, *each) for extension, cases in BROKEN.items() for each in cases],
)
def test_each_rule_is_seen_to_be_broken(extension: str, right: str, wrong: str, told: str) -> None:
    document = good(extension)
    assert right in document
    found = faults(document.replace(right, wrong, 1).encode(), extension)
    assert any(told in fault for fault in found), found


def test_a_hub_must_say_what_it_is() -> None:
    document = good("json", Place()).replace('"type": "WebSub"', '"kind": "WebSub"')
    assert "hub: type is missing" in faults(document.encode(), "json")
