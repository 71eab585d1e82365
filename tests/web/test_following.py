from publisher.app import App
from tests.samples import item
from tests.web.house import PUBLIC, Page, publish, visitor


async def test_all_feeds_can_be_copied_from_one_page_in_both_languages(app: App) -> None:
    async with visitor(app) as client:
        page = Page((await client.get("/feeds")).text)
    for slug in ("all", "all-ko", "all-en", "director", "director-ko", "papers-en"):
        for extension in ("rss", "atom", "json"):
            assert f"{PUBLIC}/feeds/{slug}.{extension}" in page.text
            assert f"./feeds/{slug}.{extension}" in page.links()
    assert "./feeds.opml" in page.links()
    assert "아래 목록에서 피드를 고르십시오." in page.text
    assert "Choose a feed from the list below." in page.text


async def test_the_visitors_language_comes_first(app: App) -> None:
    async with visitor(app) as client:
        page = (await client.get("/feeds", headers={"Accept-Language": "en"})).text
    assert page.index("Choose a feed") < page.index("아래 목록에서")


async def test_feeds_are_served_beside_the_pages(app: App) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        for extension in ("rss", "atom", "json"):
            answer = await client.get(f"/feeds/all-ko.{extension}")
            assert answer.status_code == 200
            assert "비무장지대의 봄 1" in answer.text
        assert (await client.get("/feeds/unknown.rss")).status_code == 404


async def test_a_feed_opened_in_a_browser_is_the_same_bytes_under_a_type_that_it_shows(app: App) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        for extension in ("rss", "atom"):
            read = await client.get(f"/feeds/all-ko.{extension}")
            seen = await client.get(f"/feeds/all-ko.{extension}", headers={"Sec-Fetch-Dest": "document"})
            again = await client.get(
                f"/feeds/all-ko.{extension}",
                headers={"Sec-Fetch-Dest": "document", "If-None-Match": read.headers["etag"]},
            )
            assert read.headers["content-type"].startswith(f"application/{extension}+xml")
            assert seen.headers["content-type"] == "application/xml; charset=utf-8"
            assert seen.content == read.content
            assert "Sec-Fetch-Dest" in read.headers["vary"]
            assert "Accept-Encoding" in read.headers["vary"]
            assert again.status_code == 304


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
