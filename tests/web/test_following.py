import pytest

from publisher.app import App
from publisher.feeds.plan import slug_of
from tests.samples import item
from tests.web.house import PUBLIC, Page, publish, visitor

OPENING = {"Sec-Fetch-Dest": "document"}


async def test_all_feeds_can_be_copied_from_one_page_in_both_languages(app: App) -> None:
    async with visitor(app) as client:
        page = Page((await client.get("/feeds")).text)
    for slug in ("all", "all-ko", "all-en", "director", "director-ko", "papers-en"):
        for extension in ("rss", "atom", "json"):
            assert f"{PUBLIC}/feeds/{slug}.{extension}" in page.text
            assert f"./feeds/{slug}.{extension}" in page.links()
    assert "./feeds.opml" in page.links()
    assert "이 페이지의 목록에서 피드를 고르십시오." in page.text
    assert "Choose a feed from the list on this page." in page.text


async def test_the_visitors_language_comes_first(app: App) -> None:
    async with visitor(app) as client:
        page = (await client.get("/feeds", headers={"Accept-Language": "en"})).text
    assert page.index("Choose a feed") < page.index("이 페이지의 목록에서")


async def test_feeds_in_the_visitors_language_stand_first(app: App) -> None:
    async with visitor(app) as client:
        links = Page((await client.get("/feeds?language=en")).text).links()
    named = [link for link in links if link.endswith(".rss")]
    assert named[0] == "./feeds/all-en.rss"
    assert named.index("./feeds/papers-en.rss") < named.index("./feeds/all.rss") < named.index("./feeds/all-ko.rss")


async def test_feeds_are_served_beside_the_pages(app: App) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        for extension in ("rss", "atom", "json"):
            answer = await client.get(f"/feeds/all-ko.{extension}")
            assert answer.status_code == 200
            assert "비무장지대의 봄 1" in answer.text
        assert (await client.get("/feeds/unknown.rss")).status_code == 404


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
async def test_a_feed_opened_in_a_browser_is_a_page_of_what_is_in_it(app: App, extension: str) -> None:
    [found] = await publish(app, item(1))
    async with visitor(app) as client:
        read = await client.get(f"/feeds/all-ko.{extension}")
        seen = await client.get(f"/feeds/all-ko.{extension}", headers=OPENING)
    assert "Sec-Fetch-Dest" in read.headers["vary"]
    assert "Accept-Encoding" in read.headers["vary"]
    assert "Sec-Fetch-Dest" in seen.headers["vary"]
    assert seen.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(seen.text)
    assert page.all("html")[0]["lang"] == "ko"
    assert page.text.index("이 페이지는 피드입니다.") < page.text.index("This is a feed")
    assert f"{PUBLIC}/feeds/all-ko.{extension}" in page.text
    assert f"../ko/entries/{found}" in page.links()
    assert "2026. 3. 2." in page.text
    assert "+00:00" not in page.text


async def test_an_opened_feed_speaks_its_own_language_unless_another_is_asked_for(app: App) -> None:
    async with visitor(app) as client:
        own = Page((await client.get("/feeds/all-en.rss", headers={**OPENING, "Accept-Language": "ko"})).text)
        asked = Page((await client.get("/feeds/all-en.rss?language=ko", headers=OPENING)).text)
        of_all = Page((await client.get("/feeds/all.rss", headers={**OPENING, "Accept-Language": "en"})).text)
    assert [page.all("html")[0]["lang"] for page in (own, asked, of_all)] == ["en", "ko", "en"]
    assert "../feeds/all-en.rss?language=ko" in own.links()


async def test_a_page_of_a_feeds_archive_is_opened_too_and_an_unknown_feed_is_not_found(app: App) -> None:
    [found] = await publish(app, item(1, categories=("칼럼",)))
    slug = slug_of("director", "칼럼", "ko")
    async with visitor(app) as client:
        older = Page((await client.get("/feeds/all-ko/1.atom", headers=OPENING)).text)
        of_category = Page((await client.get(f"/feeds/{slug}.rss", headers=OPENING)).text)
        missing = [await client.get(f"/feeds/{name}", headers=OPENING) for name in ("x.rss", "all/9.rss", "all/0.rss")]
        catalogue = await client.get("/feeds.opml", headers=OPENING)
    assert f"../../ko/entries/{found}" in older.links()
    assert f"{PUBLIC}/feeds/all-ko.atom" in older.text
    assert f"../ko/entries/{found}" in of_category.links()
    assert [answer.status_code for answer in missing] == [404, 404, 404]
    assert "찾으시는 페이지가 없습니다" in missing[0].text
    assert "opml" in catalogue.text


async def test_the_looks_of_a_feed_speak_both_languages(app: App) -> None:
    async with visitor(app) as client:
        style = await client.get("/feeds.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "이 페이지는 피드입니다." in style.text
    assert "This is a feed" in style.text
    assert "$" not in style.text.partition("*/")[2]


async def test_the_feeds_name_their_looks_by_the_public_address(app: App) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        for extension in ("rss", "atom"):
            second_line = (await client.get(f"/feeds/all.{extension}")).text.splitlines()[1]
            assert second_line == f'<?xml-stylesheet type="text/css" href="{PUBLIC}/feeds.css"?>'
