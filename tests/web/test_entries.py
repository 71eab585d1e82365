"""What is new, one archive, one entry."""

from dataclasses import replace
from datetime import date

import pytest

from publisher.app import App
from publisher.flows.pairing import pair, part
from publisher.model import Attachment, Citation, Face, Held, JoinedBy, Origin, SourceItem
from publisher.store import entries
from publisher.web.pictures import as_links
from tests.samples import at, item
from tests.web.house import PUBLIC, Page, compose, publish, release, visitor

PICTURE = '<a class="picture" rel="nofollow ugc" href="https://a.example/1.png">'


def with_face(one: SourceItem, **changes: object) -> SourceItem:
    """The piece with something changed in its only face."""
    [face] = one.faces.values()
    return replace(one, faces={face.language: replace(face, **changes)})  # type: ignore[arg-type]  # fields of Face


async def test_home_shows_the_newest_first_in_the_pages_language(app: App) -> None:
    ids = await publish(app, item(1), item(2, language="mixed"), item(3))
    async with visitor(app) as client:
        korean, english = Page((await client.get("/ko/")).text), Page((await client.get("/en/")).text)
    shown = [link.rpartition("/")[2] for link in korean.links() if link.startswith("../ko/entries/")]
    assert shown == [ids[2], ids[1], ids[0]]
    assert "비무장지대의 봄 2" in korean.text
    assert "Spring in the Demilitarized Zone 2" in english.text


async def test_home_is_told_in_pages_that_lead_to_each_other(app: App) -> None:
    await publish(app, *(item(key) for key in range(1, 46)))
    async with visitor(app) as client:
        first, second, third = [Page((await client.get(f"/ko/?page={page}")).text) for page in (1, 2, 3)]
        assert (await client.get("/ko/?page=4")).status_code == 404
    assert [len(page.all("article")) for page in (first, second, third)] == [20, 20, 5]
    assert not first.all("a", rel="prev")
    assert [one["href"] for one in second.all("a", rel="prev") + second.all("a", rel="next")] == [
        "../ko/",
        "../ko/?page=3",
    ]
    assert not third.all("a", rel="next")
    assert second.all("link", rel="canonical") == [{"rel": "canonical", "href": f"{PUBLIC}/ko/?page=2"}]


async def test_an_archive_shows_its_own_entries_only(app: App) -> None:
    await publish(app, item(1, title="칼럼입니다"))
    await publish(app, item(2, title="자료입니다"), archive="papers")
    async with visitor(app) as client:
        page = Page((await client.get("/ko/archives/papers")).text)
    assert "자료입니다" in page.text
    assert "칼럼입니다" not in page.text


async def test_a_flood_is_kept_from_the_public(app: App) -> None:
    [hidden] = await publish(app, item(1, title="밀려온 글"), held=Held.FLOOD)
    async with visitor(app) as client:
        assert "밀려온 글" not in (await client.get("/ko/")).text
        assert (await client.get(f"/ko/entries/{hidden}")).status_code == 404


async def test_an_empty_archive_says_so(app: App) -> None:
    async with visitor(app) as client:
        assert "아직 올라온 글이 없습니다." in (await client.get("/ko/")).text
        assert "Nothing has been published here yet." in (await client.get("/en/archives/papers")).text


async def test_an_entry_shows_where_it_comes_from(app: App) -> None:
    citation = Citation(outlet="The Riverside Courier", date=date(2026, 3, 1), url="https://courier.example/a?id=7&p=1")
    [public_id] = await publish(app, item(1, language="en", author="문가람", citation=citation, categories=("Column",)))
    async with visitor(app) as client:
        page = Page((await client.get(f"/en/entries/{public_id}")).text)
    for fact in ("Mun Garam", "The Riverside Courier", "1 March 2026", "Column", "From the Director"):
        assert fact in page.text
    assert "https://courier.example/a?id=7&p=1" in page.links()
    assert "https://www.hanbit-peace.example/bbs/board.php?bo_table=director&wr_id=1" in page.links()


async def test_a_nameless_administrator_is_not_printed(app: App) -> None:
    [public_id] = await publish(app, item(1, author="관리자"))
    async with visitor(app) as client:
        assert "관리자" not in Page((await client.get(f"/ko/entries/{public_id}")).text).text


async def test_a_file_that_needs_the_archives_session_is_linked_to_the_post(app: App) -> None:
    files = (
        Attachment(
            name="보고서.hwp", url="https://www.hanbit-peace.example/d?no=0", size=1_258_291, needs_session=True
        ),
        Attachment(name="data.xlsx", url="https://www.hanbit-peace.example/data.xlsx", size=48_210),
    )
    [public_id] = await publish(app, item(1, attachments=files))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert "HWP 보고서.hwp 1.2 MB" in page.text
    assert "https://www.hanbit-peace.example/d?no=0" not in page.links()
    assert "https://www.hanbit-peace.example/data.xlsx" in page.links()
    assert page.links().count("https://www.hanbit-peace.example/bbs/board.php?bo_table=director&wr_id=1") == 2


async def test_a_missing_face_falls_back_under_a_mark_in_both_languages(app: App) -> None:
    [public_id] = await publish(app, item(1, language="en"))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert "영어 원문만 있습니다" in page.text
    assert "English only" in page.text
    assert page.all("h1", lang="en")
    assert page.all("html", lang="ko")
    assert page.all("link", rel="canonical")[0]["href"] == f"{PUBLIC}/en/entries/{public_id}"
    assert {one["hreflang"] for one in page.all("link") if "hreflang" in one} == {"en"}


async def test_the_other_face_is_one_link_away(app: App) -> None:
    [public_id] = await publish(app, item(1, language="mixed"))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert page.all("a", lang="en", href=f"../../en/entries/{public_id}")
    assert "only" not in page.text
    assert {one["hreflang"]: one["href"] for one in page.all("link") if "hreflang" in one} == {
        "ko": f"{PUBLIC}/ko/entries/{public_id}",
        "en": f"{PUBLIC}/en/entries/{public_id}",
        "x-default": f"{PUBLIC}/ko/entries/{public_id}",
    }


async def test_a_machine_translation_is_marked(app: App) -> None:
    [public_id] = await publish(app, with_face(item(1), origin=Origin.MACHINE))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert "기계 번역" in page.text
    assert "Machine translation" in page.text


async def test_a_page_of_a_translated_summary_says_where_the_rest_is(app: App) -> None:
    both = item(1, language="mixed")
    machine = replace(both.faces["en"], origin=Origin.MACHINE, html="")
    [public_id] = await publish(app, replace(both, faces={**both.faces, "en": machine}))
    async with visitor(app) as client:
        translated = (await client.get(f"/en/entries/{public_id}")).text
        original = (await client.get(f"/ko/entries/{public_id}")).text
    assert "The whole text has not been translated" in translated
    assert "글 전체를 번역하지는 않았습니다" not in original


async def test_search_engines_are_not_sent_to_a_machines_words(app: App) -> None:
    both = item(1, language="mixed")
    machine = replace(both.faces["en"], origin=Origin.MACHINE)
    [public_id] = await publish(app, replace(both, faces={**both.faces, "en": machine}))
    async with visitor(app) as client:
        translated = await client.get(f"/en/entries/{public_id}")
        original = await client.get(f"/ko/entries/{public_id}")
        sitemap = (await client.get("/sitemap.xml")).text
    assert translated.headers["x-robots-tag"] == "noindex"
    assert "x-robots-tag" not in original.headers
    assert f"/ko/entries/{public_id}" in sitemap
    assert f"/en/entries/{public_id}" not in sitemap
    page = Page(original.text)
    assert [one["hreflang"] for one in page.all("link") if "hreflang" in one] == ["ko"]
    assert page.all("a", lang="en", href=f"../../en/entries/{public_id}")  # readers are


async def test_every_page_announces_feeds_and_itself_at_the_public_address(app: App) -> None:
    [public_id] = await publish(app, item(1))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    announced = [(one["type"], one["href"]) for one in page.all("link", rel="alternate") if "type" in one]
    assert ("application/rss+xml", f"{PUBLIC}/feeds/director-ko.rss") in announced
    assert ("application/atom+xml", f"{PUBLIC}/feeds/all-ko.atom") in announced
    assert ("application/feed+json", f"{PUBLIC}/feeds/all.json") in announced
    graph = {one["property"]: one["content"] for one in page.all("meta") if "property" in one}
    assert graph["og:title"] == "비무장지대의 봄 1"
    assert graph["og:url"] == f"{PUBLIC}/ko/entries/{public_id}"
    assert graph["og:locale"] == "ko_KR"
    assert graph["og:description"] == "산새가 먼저 돌아왔다."


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "{{ 7*7 }}{% raw %}", '" onmouseover="x', "a\x00b\u202ec"]
)
async def test_a_hostile_title_is_only_text(app: App, title: str) -> None:
    [public_id] = await publish(app, with_face(item(1), title=title, summary=title))
    async with visitor(app) as client:
        for path in ("/ko/", f"/ko/entries/{public_id}"):
            html = (await client.get(path)).text
            scripts = [one for one in Page(html).all("script") if "src" not in one]
            assert scripts == [{"type": "application/ld+json"}]
            assert html.count("<script") == len(Page(html).all("script"))
            assert "49" not in Page(html).text.replace("2026", "")
            assert not [one for _, one in Page(html).elements if "onmouseover" in one]
            assert "\x00" not in html
            assert "\u202e" not in html


async def test_a_link_that_is_no_web_address_is_not_made(app: App) -> None:
    citation = Citation(outlet="Nobody", url="javascript:alert(1)")
    files = (Attachment(name="x", url="data:text/html,x"),)
    [public_id] = await publish(app, with_face(item(1, citation=citation, attachments=files), url="file:///etc/passwd"))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert not [link for link in page.links() if link.startswith(("javascript:", "data:", "file:"))]


async def test_a_piece_without_title_or_body_has_a_page(app: App) -> None:
    [public_id] = await publish(app, with_face(item(1), title="", html="", summary=""))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert "제목 없음" in page.text


async def test_a_picture_is_a_link_so_that_no_other_host_is_asked(app: App) -> None:
    html = '<p><img src="https://www.hanbit-peace.example/wells.jpg" alt="우물"></p>'
    [public_id] = await publish(app, with_face(item(1), html=html))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert not page.all("img")
    assert "https://www.hanbit-peace.example/wells.jpg" in page.links()
    assert "이미지: 우물" in page.text


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<img src="https://a.example/1.png">', f"{PICTURE}P</a>"),
        ('<img src="https://a.example/1.png" alt="a > b">', f"{PICTURE}P: a > b</a>"),
        (
            '<a href="https://a.example/"><img src="https://a.example/1.png" alt="Well &gt; &quot;Pond&quot;"></a>',
            '<a href="https://a.example/"><span class="picture">P: Well &gt; &quot;Pond&quot;</span></a>',
        ),
        ('<abbr>img</abbr> &lt;img src="x"&gt;', '<abbr>img</abbr> &lt;img src="x"&gt;'),
    ],
)
def test_pictures_become_links_and_nothing_else_changes(html: str, shown: str) -> None:
    assert as_links(html, "P") == shown


async def test_a_link_whose_words_are_its_address_is_told_apart_for_paper(app: App) -> None:
    html = '<p><a href="https://a.example/?x=1&amp;y=2" rel="nofollow">https://a.example/?x=1&amp;y=2</a> '
    [public_id] = await publish(app, with_face(item(1), html=html + '<a href="https://b.example/">표</a></p>'))
    async with visitor(app) as client:
        page = Page((await client.get(f"/ko/entries/{public_id}")).text)
    assert [one["href"] for one in page.all("a") if one.get("class") == "bare"] == ["https://a.example/?x=1&y=2"]


async def test_home_shows_the_last_letter_of_each_list(app: App) -> None:
    ids = await publish(app, item(1), item(2))
    await release(app, await compose(app, ids[0]))
    await release(app, await compose(app, ids[1]))
    async with visitor(app) as client:
        page = Page((await client.get("/ko/")).text)
    assert "../ko/editions/weekly/2" in page.links()
    assert "../ko/editions/weekly/1" not in page.links()


def test_a_face_knows_every_field_that_pages_show() -> None:
    # `with_face` above names fields of Face: this fails first when one is renamed.
    assert {"title", "summary", "html", "origin", "url"} <= set(Face.__dataclass_fields__)


# ── Joined ───────────────────────────────────────────────────────────────────


async def joined(app: App) -> tuple[str, str]:
    """A Korean and an English entry made one; the id that is kept and the one that leads to it."""
    cited = [
        Citation(outlet=name, date=date(2026, 3, 1), url=f"https://{name}.example/1") for name in ("ilbo", "daily")
    ]
    files = [Attachment(name=f"{name}.pdf", url="", needs_session=True) for name in ("kr", "en")]
    kept, other = await publish(
        app,
        item(1, citation=cited[0], attachments=(files[0],)),
        item(2, language="en", citation=cited[1], attachments=(files[1],), author="Kim Haneul"),
    )
    async with app.db.begin() as tx:
        both = [await entries.by_public_id(tx, public_id) for public_id in (kept, other)]
        await pair(tx, *filter(None, both), by=JoinedBy.OPERATOR, now=at(1))
    return kept, other


async def test_a_joined_entry_leads_to_the_kept_one_for_good(app: App) -> None:
    kept, other = await joined(app)
    async with visitor(app) as client:
        for ask in (client.get, client.head):
            answer = await ask(f"/en/entries/{other}")
            assert (answer.status_code, answer.headers["location"]) == (301, f"../../en/entries/{kept}")
            assert (await ask(f"/en/entries/{kept}")).status_code == 200
        feed = (await client.get("/feeds/all.atom")).text
    assert other not in feed
    assert feed.count("<entry") == 1


async def test_each_face_names_its_own_outlet_author_and_post(app: App) -> None:
    kept, _ = await joined(app)
    async with visitor(app) as client:
        korean, english = [Page((await client.get(f"/{name}/entries/{kept}")).text) for name in ("ko", "en")]
    assert ("ilbo" in korean.text, "daily" in korean.text) == (True, False)
    assert ("ilbo" in english.text, "daily" in english.text) == (False, True)
    assert "Kim Haneul" in english.text
    for page in (korean, english):
        assert {link for link in page.links() if link in {item(1).url, item(2).url}} == {item(1).url, item(2).url}


async def test_a_parted_entry_has_its_page_back(app: App) -> None:
    kept, other = await joined(app)
    async with app.db.begin() as tx:
        found = await entries.by_public_id(tx, kept)
        assert found is not None
        await part(tx, found, None, now=at(2))
    async with visitor(app) as client:
        assert (await client.get(f"/en/entries/{other}")).status_code == 200
