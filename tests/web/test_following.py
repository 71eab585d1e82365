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
