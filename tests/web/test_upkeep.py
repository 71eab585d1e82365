from dataclasses import replace
from pathlib import Path

from publisher.app import App, open_app
from tests.samples import item
from tests.web.house import PUBLIC, Page, configured, publish, visitor


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
    for closed in ("unsubscribe/", "ko/search", "en/search"):
        assert f"Disallow: /letters/{closed}\n" in answer.text
    assert f"Sitemap: {PUBLIC}/letters/sitemap.xml\n" in answer.text


async def test_a_page_brings_its_stylesheet_and_asks_nobody_else(app: App) -> None:
    async with visitor(app) as client:
        page = Page((await client.get("/ko/")).text)
        assert page.all("script") == [{"type": "application/ld+json"}]
        assert page.all("style") == page.all("img") == []
        [sheet] = page.all("link", rel="stylesheet")
        [icon] = page.all("link", rel="icon")
        for one in (sheet, icon):
            answer = await client.get(one["href"].removeprefix(".."))
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace('[href^="http"]', "")


async def test_the_home_page_is_light(app: App) -> None:
    long = "접경지역의 일곱 개 시·군과 함께한 공동 기록 사업의 첫해 보고서를 올립니다. " * 8
    pieces = [item(key, title=long[:60] + str(key)) for key in range(1, 25)]
    await publish(app, *(replace(one, faces={"ko": replace(one.faces["ko"], summary=long)}) for one in pieces))
    async with visitor(app) as client:
        page = await client.get("/ko/")
        links = Page(page.text).all("link", rel="stylesheet") + Page(page.text).all("link", rel="icon")
        parts = [page, *[await client.get(one["href"].removeprefix("..")) for one in links]]
    assert sum(len(part.content) for part in parts) < 60_000
