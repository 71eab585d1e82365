from pathlib import Path

from publisher.app import App, open_app
from tests.web.house import PUBLIC, Page, configured, visitor


async def test_the_house_says_that_it_is_alive_and_ready(app: App) -> None:
    async with visitor(app) as client:
        for path in ("/healthz", "/readyz"):
            answer = await client.get(path)
            assert (path, answer.status_code, answer.headers["cache-control"]) == (path, 200, "no-store")


async def test_without_its_store_the_house_is_alive_and_not_ready(app: App) -> None:
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE keys")
    async with visitor(app) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_robots_keep_away_from_readers_own_links(tmp_path: Path) -> None:
    async with open_app(configured(tmp_path, f"{PUBLIC}/letters"), {}) as app, visitor(app) as client:
        answer = await client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Disallow: /letters/unsubscribe/\n" in answer.text


async def test_a_page_brings_its_stylesheet_and_asks_nobody_else(app: App) -> None:
    async with visitor(app) as client:
        page = Page((await client.get("/ko/")).text)
        assert page.all("script") == page.all("style") == page.all("img") == []
        [sheet] = page.all("link", rel="stylesheet")
        [icon] = page.all("link", rel="icon")
        for one in (sheet, icon):
            answer = await client.get(one["href"].removeprefix(".."))
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace('[href^="http"]', "")


async def test_the_home_page_is_light(app: App) -> None:
    async with visitor(app) as client:
        page = await client.get("/ko/")
        [sheet] = Page(page.text).all("link", rel="stylesheet")
        style = await client.get(sheet["href"].removeprefix(".."))
    assert len(page.content) + len(style.content) < 60_000
