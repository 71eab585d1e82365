"""
Feeds of other makes, from a server on this machine.

The documents imitate what WordPress, Naver blogs, Tistory and hand-made Korean
sites write, made from their formats' descriptions: not tried against the real
ones.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.rss.document import well_formed
from publisher.archive.rss.jsonfeed import read_json_feed
from publisher.archive.rss.xmlfeed import read_xml_feed
from publisher.errors import SourceError
from tests.archive.boardroom import Reading
from tests.archive.site import NOW, Answer, Site, policy_of, read, site

HEAD = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>나루 연구소</title>'
    "<link>https://naru.example/</link>"
)
ITEM = (
    "<item><title>다리 위의 겨울</title><link>https://naru.example/posts/12?utm_source=rss#top</link>"
    "<guid isPermaLink='false'>naru-12</guid><pubDate>Wed, 05 Nov 2025 18:40:00 +0900</pubDate>"
    "<dc:creator>한나루</dc:creator><category>칼럼</category><category>칼럼</category><category>다리</category>"
    "<description>짧은 소개</description>"
    "<content:encoded><![CDATA[<p>두 마을이 다리를 놓았다.</p>]]></content:encoded>"
    '<enclosure url="/files/%EB%B3%B4%EA%B3%A0%EC%84%9C.pdf" length="1536" type="application/pdf"/></item>'
)


def rss(*items: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{HEAD}{"".join(items)}</channel></rss>'.encode()


@pytest.fixture
async def naru() -> AsyncIterator[Site]:
    async with site() as made:
        yield made


async def read_feed(naru: Site, content: bytes = b"", before: Reading | None = None, **headers: str) -> Reading:
    """What one read of the feed gives; without content the pages stay as they are."""
    if content:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        naru.pages["/feed"] = Answer(content, headers=named)
    return await read(policy_of("rss", naru.url("/feed")), naru.place, before)


# ── What an entry says ───────────────────────────────────────────────────────


async def test_an_rss_entry_is_read_whole(naru: Site) -> None:
    reading = await read_feed(naru, rss(ITEM))
    (item,) = reading.items.values()
    assert (item.source_key, item.title, item.author, item.language) == ("naru-12", "다리 위의 겨울", "한나루", "ko")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-05T18:40:00+09:00"
    assert item.categories == ("칼럼", "다리")
    assert "두 마을이 다리를 놓았다" in item.faces["ko"].html
    assert "짧은 소개" not in item.faces["ko"].html
    (file,) = item.attachments
    assert (file.name, file.size, file.type) == ("보고서.pdf", 1536, "application/pdf")
    assert file.url == naru.url("/files/%EB%B3%B4%EA%B3%A0%EC%84%9C.pdf")
    assert (reading.expected, reading.remarks) == (1, [])


async def test_an_atom_entry_is_read_whole(naru: Site) -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://naru.example/blog/"><title>N</title>
      <entry><id>tag:naru.example,2025:7</id><title type="html">Bridges &amp;amp; &lt;b&gt;rivers&lt;/b&gt;</title>
      <link rel="alternate" href="posts/7"/><link rel="enclosure" href="a.mp3" length="9" title="Reading"/>
      <author><name>Hana Kim</name><email>hana@naru.example</email></author>
      <published>2025-11-04T01:00:00Z</published><updated>2025-11-09T01:00:00Z</updated>
      <category term="b" label="Bridges"/>
      <content type="html">&lt;p&gt;Two villages. &lt;img src="p.jpg" width="400"&gt;&lt;/p&gt;</content>
      </entry></feed>"""
    (item,) = (await read_feed(naru, atom.encode())).items.values()
    assert (item.source_key, item.title, item.author) == ("tag:naru.example,2025:7", "Bridges & rivers", "Hana Kim")
    assert item.url == "https://naru.example/blog/posts/7"
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-04T10:00:00+09:00"
    assert 'src="https://naru.example/blog/p.jpg"' in item.faces["en"].html
    assert [(file.name, file.url, file.size) for file in item.attachments] == [
        ("Reading", "https://naru.example/blog/a.mp3", 9)
    ]
    assert item.categories == ("Bridges",)


async def test_a_json_feed_is_read_whole(naru: Site) -> None:
    document = """{"version": "https://jsonfeed.org/version/1.1", "title": "N", "language": "en-US",
      "home_page_url": "https://naru.example/", "items": [
      {"id": 7, "url": "https://naru.example/7", "title": "다리", "content_html": "<p>놓았다.</p>",
       "date_published": "2025-11-04T10:00:00", "authors": [{"name": "한나루"}, {"name": "a@naru.example"}],
       "tags": ["칼럼", 3, null], "language": "ko-KR",
       "attachments": [{"url": "https://naru.example/a.pdf", "mime_type": "application/pdf", "size_in_bytes": 12}]},
      {"id": "8", "title": "Text only", "content_text": "1 < 2\\n\\nand <b> is a tag"}, "not an object"]}"""
    reading = await read_feed(naru, document.encode(), Content_Type="text/html")
    item = reading.items["7"]
    assert (item.title, item.author, item.language, item.categories) == ("다리", "한나루", "ko", ("칼럼", "3"))
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-04T10:00:00+09:00"
    assert [(file.name, file.size) for file in item.attachments] == [("a.pdf", 12)]
    assert reading.items["8"].faces["en"].html == "<p>1 &lt; 2</p>\n<p>and &lt;b&gt; is a tag</p>"


@pytest.mark.parametrize(
    ("author", "printed"),
    [
        ("<author>han@naru.example (한나루)</author>", "한나루"),
        ("<author>han@naru.example</author>", None),
        ("<dc:creator>han@naru.example</dc:creator>", None),
        ("<author>한나루</author>", "한나루"),
        ("", None),
    ],
)
async def test_an_authors_address_is_never_taken_for_a_name(naru: Site, author: str, printed: str | None) -> None:
    (item,) = (await read_feed(naru, rss(f"<item><title>t</title>{author}</item>"))).items.values()
    assert item.author == printed


@pytest.mark.parametrize(
    "written", ["2025년 11월 5일 오후 6시 40분", "2025.11.05 18:40", "Wed, 05 Nov 2025 18:40:00 KST"]
)
async def test_a_date_without_a_zone_is_seouls(naru: Site, written: str) -> None:
    (item,) = (await read_feed(naru, rss(f"<item><title>t</title><pubDate>{written}</pubDate></item>"))).items.values()
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-05T18:40:00+09:00"


async def test_an_entry_without_a_date_has_none(naru: Site) -> None:
    (item,) = (await read_feed(naru, rss("<item><title>t</title><pubDate>soon</pubDate></item>"))).items.values()
    assert item.published_at is None


async def test_an_entry_with_neither_title_nor_text_is_passed_over(naru: Site) -> None:
    reading = await read_feed(naru, rss("<item><guid>x</guid><title> </title></item>", ITEM))
    assert reading.skipped == {"x": "empty"}
    assert list(reading.items) == ["naru-12"]


# ── How an entry is known ────────────────────────────────────────────────────


async def test_without_a_guid_the_address_is_the_key_whatever_leads_there(naru: Site) -> None:
    item = "<item><title>t</title><link>HTTPS://Naru.example:443/p?id=1&amp;utm_source=x#top</link></item>"
    assert list((await read_feed(naru, rss(item))).items) == ["https://naru.example/p?id=1"]


async def test_without_guid_and_address_title_and_date_are_the_key(naru: Site) -> None:
    item = "<item><title>겨울 다리</title><pubDate>{}</pubDate><description>{}</description></item>"
    before = await read_feed(naru, rss(item.format("2025-11-05", "one"), item.format("2025-11-06", "one")))
    assert len(before.items) == 2
    assert all(key.startswith("hash:") for key in before.items)
    after = await read_feed(naru, rss(item.format("2025-11-05", "two"), item.format("2025-11-06", "one")), before)
    assert set(after.items) < set(before.items)


async def test_a_guid_or_address_shared_by_all_names_none_of_them(naru: Site) -> None:
    items = [
        f"<item><title>{title}</title><guid>https://naru.example/</guid><link>https://naru.example/</link></item>"
        for title in ("a", "b")
    ]
    assert [key[:5] for key in (await read_feed(naru, rss(*items))).items] == ["hash:", "hash:"]


async def test_a_piece_that_gets_a_guid_later_is_not_new(naru: Site) -> None:
    bare = ITEM.replace("<guid isPermaLink='false'>naru-12</guid>", "")
    before = await read_feed(naru, rss(bare))
    assert (await read_feed(naru, rss(ITEM), before)).items == {}


async def test_the_same_piece_twice_in_a_feed_is_read_once(naru: Site) -> None:
    assert list((await read_feed(naru, rss(ITEM, ITEM))).items) == ["naru-12"]


async def test_a_known_piece_comes_again_only_when_it_changed(naru: Site) -> None:
    before = await read_feed(naru, rss(ITEM))
    assert (await read_feed(naru, rss(ITEM), before)).items == {}
    assert list((await read_feed(naru, rss(ITEM.replace("놓았다", "허물었다")), before)).items) == ["naru-12"]


# ── Asking politely ──────────────────────────────────────────────────────────


async def test_an_unchanged_feed_is_not_sent_again(naru: Site) -> None:
    def answer(headers: Mapping[str, str]) -> Answer:
        is_known = headers.get("if-none-match") == '"v1"' and "if-modified-since" in headers
        validators = {"ETag": '"v1"', "Last-Modified": "Wed, 05 Nov 2025 09:40:00 GMT"}
        return (
            Answer(status=304)
            if is_known
            else Answer(rss("<item/>", ITEM.replace("두 마을", "\x01두 마을")), headers=validators)
        )

    naru.pages["/feed"] = answer
    before = await read_feed(naru)
    after = await read_feed(naru, before=before)
    assert (after.items, after.cursor) == ({}, before.cursor)
    assert (after.skipped, after.remarks) == (before.skipped, before.remarks)
    assert after.remarks == ["feed ill-formed"]


async def test_what_is_not_stored_any_more_is_asked_for_in_full(naru: Site) -> None:
    before = await read_feed(naru, rss(ITEM), ETag='"v1"')
    before.known.clear()
    assert list((await read_feed(naru, before=before)).items) == ["naru-12"]
    assert "if-none-match" not in naru.asked[-1][1]


async def test_a_validator_that_is_no_header_line_is_not_sent_back(naru: Site) -> None:
    before = await read_feed(naru, rss(ITEM), ETag="x" * 4000)
    assert before.cursor["etag"] == ""


async def test_a_site_that_asks_to_wait_is_left_alone_for_so_long(naru: Site) -> None:
    policy = policy_of("rss", naru.url("/feed"))
    before = await read_feed(naru, rss(ITEM))
    naru.pages["/feed"] = Answer(status=429, headers={"Retry-After": "600"})
    asked = await read(policy, naru.place, before)
    assert (asked.remarks, asked.items) == (["asked to wait"], {})
    naru.asked.clear()
    asked.known = before.known
    meanwhile = await read(policy, naru.place, asked, NOW + timedelta(minutes=9))
    assert (naru.asked, meanwhile.remarks) == ([], ["asked to wait"])
    naru.pages["/feed"] = Answer(rss(ITEM.replace("놓았다", "허물었다")))
    after = await read(policy, naru.place, asked, NOW + timedelta(minutes=11))
    assert list(after.items) == ["naru-12"]
    assert "wait" not in after.cursor


async def test_a_site_that_only_ever_asks_to_wait_has_failed(naru: Site) -> None:
    before = await read_feed(naru, rss(ITEM))
    naru.pages["/feed"] = Answer(status=503, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"})
    policy = policy_of("rss", naru.url("/feed"))
    asked = await read(policy, naru.place, before)
    with pytest.raises(SourceError) as caught:
        await read(policy, naru.place, asked, NOW + timedelta(days=1, minutes=1))
    assert caught.value.reason == "asked to wait"


async def test_a_first_read_that_is_put_off_is_no_read(naru: Site) -> None:
    naru.pages["/feed"] = Answer(status=503, headers={"Retry-After": "60"})
    with pytest.raises(SourceError, match="asks to come back"):
        await read_feed(naru)


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "blocked"), (404, "missing"), (500, "unreachable"), (304, "unreachable")]
)
async def test_an_answer_of_another_kind_is_a_reason(naru: Site, status: int, reason: str) -> None:
    naru.pages["/feed"] = Answer(rss(ITEM), status)
    with pytest.raises(SourceError) as caught:
        await read_feed(naru)
    assert caught.value.reason == reason


# ── Ill-formed and hostile ───────────────────────────────────────────────────


@pytest.mark.parametrize("header", ["text/xml; charset=euc-kr", "text/xml", "text/xml; charset=utf-8"])
async def test_an_old_charset_is_read_whatever_the_header_says(naru: Site, header: str) -> None:
    content = rss(ITEM).decode().replace('encoding="utf-8"', 'encoding="euc-kr"').encode("cp949")
    assert (await read_feed(naru, content, Content_Type=header)).items["naru-12"].title == "다리 위의 겨울"


@pytest.mark.parametrize(
    "broken",
    [
        ITEM.replace("?utm_source", "?a=1&b=2&utm_source"),
        ITEM.replace("다리 위의", "다리\x0b 위의"),
        ITEM + "<item><title>unended",
        ITEM.replace("<category>칼럼</category>", "<yt:video>x</yt:video>", 1),
        "<media:thumbnail url='x'/>" + ITEM,
    ],
)
async def test_an_ill_formed_feed_is_read_with_a_remark(naru: Site, broken: str) -> None:
    reading = await read_feed(naru, rss(broken))
    assert reading.remarks == ["feed ill-formed"]
    assert reading.items["naru-12"].title == "다리 위의 겨울"
    assert "놓았다" in reading.items["naru-12"].faces["ko"].html


async def test_a_bare_ampersand_leaves_addresses_and_cdata_as_they_are(naru: Site) -> None:
    item = "<item><title>A & B</title><link>https://naru.example/p?a=1&wr_id=7</link><description><![CDATA[R&D]]></description></item>"
    (item_,) = (await read_feed(naru, rss(item))).items.values()
    assert (item_.title, item_.url) == ("A & B", "https://naru.example/p?a=1&wr_id=7")
    assert "R&amp;D" in item_.faces["en"].html


async def test_names_of_signs_that_html_knows_need_no_mending(naru: Site) -> None:
    reading = await read_feed(naru, rss(ITEM.replace("다리 위의 겨울", "다리&nbsp;위의&hellip; &lt;겨울&gt;")))
    assert (reading.items["naru-12"].title, reading.remarks) == ("다리 위의… <겨울>", [])


async def test_no_entity_is_expanded_and_nothing_is_loaded(naru: Site) -> None:
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">'
        f'<!ENTITY n SYSTEM "{naru.url("/spy")}"> ]>'
    )
    content = bomb + rss(ITEM.replace("다리 위의 겨울", "t&b;&f;&n;u")).decode().partition("?>")[2]
    reading = await read_feed(naru, content.encode())
    title = reading.items["naru-12"].title
    assert "ha" not in title
    assert title.startswith("t")
    assert naru.paths == ["/feed"]


async def test_hostile_markup_is_cleaned(naru: Site) -> None:
    bad = "<script>x()</script><p onclick='x()'>text <a href='javascript:x()'>link</a></p><iframe src='//e.example'>"
    title = "&lt;script&gt;x()&lt;/script&gt;Title\r\nBcc: all"
    item = f"<item><title>{title}</title><description><![CDATA[{bad}]]></description></item>"
    (item_,) = (await read_feed(naru, rss(item))).items.values()
    face = item_.faces["en"]
    assert face.title == "Title Bcc: all"
    assert all(word not in face.html for word in ("script", "onclick", "javascript", "iframe"))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://[::1", ""])
async def test_a_link_that_leads_nowhere_gives_way_to_the_site(naru: Site, link: str) -> None:
    (item,) = (await read_feed(naru, rss(f"<item><title>t</title><link>{link}</link></item>"))).items.values()
    assert item.url == "https://naru.example/"


async def test_a_feed_that_is_the_name_of_a_file_is_not_opened(naru: Site) -> None:
    with pytest.raises(SourceError, match="no RSS, Atom or JSON Feed"):
        await read_feed(naru, b"/etc/hostname")


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>We moved</body></html>", b"\x00\xff\xfe", b'{"items": []}', b"[" * 100_000, b'{"a":' * 9000],
)
async def test_what_is_no_feed_is_named(naru: Site, content: bytes) -> None:
    naru.pages["/feed"] = Answer(content)
    with pytest.raises(SourceError) as caught:
        await read_feed(naru)
    assert caught.value.reason == "not a feed"


@pytest.mark.parametrize(
    "body",
    [
        "<" * 500_000,
        "<a " * 200_000,
        "<x>" * 100_000,
        "<item " + " ".join(f'a{number}="b"' for number in range(50_000)) + "/>",
        "<![CDATA[" * 100_000,
        "&" * 500_000,
        f"<item><title>{'x' * 3_000_000}</title></item>",
        f"<item><description>{'&lt;b ' * 200_000}</description></item>",
        "<item><title>t</title></item>" * 5_000,
    ],
    ids=["less-than", "open tags", "deep", "attributes", "cdata", "ampersands", "title", "text", "items"],
)
async def test_a_feed_built_to_cost_time_does_not(naru: Site, body: str) -> None:
    began = time.monotonic()
    await read_feed(naru, rss(ITEM, body))
    assert time.monotonic() - began < 20


@settings(deadline=None)  # the first document loads the parser
@given(st.text(max_size=400))
def test_any_text_is_a_document_or_none(text: str) -> None:
    read_xml_feed(well_formed(f"<rss><channel><item>{text}</item></channel></rss>".encode("utf-8", "replace")))
    read_json_feed(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(["id", "url", "title", "content_html", "authors", "author", "tags", "attachments"]), _JSON
    )
)
def test_any_member_of_a_json_feed_may_be_of_the_wrong_shape(item: dict[str, object]) -> None:
    feed = read_json_feed(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [item]}))
    assert feed is not None
    assert len(feed.entries) == 1


async def test_a_feed_that_is_empty_all_at_once_is_suspicious(naru: Site) -> None:
    before = await read_feed(naru, rss(ITEM))
    with pytest.raises(SourceError) as caught:
        await read_feed(naru, rss(), before)
    assert caught.value.reason == "suspicious"


# ── Versions ─────────────────────────────────────────────────────────────────

_KO, _EN = "https://naru.example/ko/1", "https://naru.example/en/1"


def alternate(language: str, href: str) -> str:
    return f'<atom:link rel="alternate" hreflang="{language}" href="{href}"/>'


@pytest.mark.parametrize(
    "links",
    [
        alternate("ko", _KO) + alternate("en", _EN) + alternate("x-default", "https://naru.example/"),
        f"<link>{_KO}</link>" + alternate("en", "/en/1"),
        f"<link>{_KO}</link>" + alternate("ko", _KO) + alternate("en", _EN),
    ],
)
async def test_other_languages_are_counterparts_and_not_the_entrys_own_address(naru: Site, links: str) -> None:
    reading = await read_feed(naru, rss(f"<item><title>나루</title><guid>1</guid>{links}</item>"))
    (item,) = reading.items.values()
    assert item.url == _KO
    assert [named.replace(f"http://{naru.place}", "https://naru.example") for named in item.counterparts] == [_EN]
